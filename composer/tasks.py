"""Celery's door into this app: clearing away what killed uploads left behind."""

from celery import shared_task

from accounts.clock import database_now
from composer.library import remove_old_leftovers


@shared_task
def remove_leftovers_due() -> None:
    """Remove what has lain in the incoming folder for a day: no upload is under way that long without a byte."""
    remove_old_leftovers(now=database_now())
