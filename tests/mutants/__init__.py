"""Breaks the code on purpose, one way at a time, and shows that a test catches each: `make mutants`."""
