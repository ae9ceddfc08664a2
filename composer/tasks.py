"""Celery's door into this app: sweeping up what a killed program left behind."""

import time
from datetime import timedelta

from celery import shared_task

from composer.library import incoming_folder
from composer.receiving import remove_leftovers

# Longer than any upload and its check can take.
LEFTOVER_AGE = timedelta(days=1)


@shared_task
def remove_leftovers_due() -> int:
    """Remove half-arrived files nobody is writing any more; returns how many there were."""
    return remove_leftovers(incoming_folder(), before=time.time() - LEFTOVER_AGE.total_seconds())
