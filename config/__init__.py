"""Wiring only: settings, URLs, Celery and the process runner. Nothing here knows what a post is."""
