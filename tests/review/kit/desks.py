"""What a test needs to film: a display in memory and a pointer on it."""

import shutil

import pytest

needs_a_desk = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool (Debian: apt install xvfb xdotool)",
)
