"""Celery's door into this app: finish deletions, one at a time in the whole installation."""

import threading

from celery import shared_task
from celery.signals import worker_shutting_down

from accounts.clock import database_now
from leaving.models import Deletion
from leaving.removing import remove_one

_stopping = threading.Event()


@worker_shutting_down.connect
def hand_over(**_kwargs: object) -> None:
    """A worker asked to stop lets the next one go on."""
    _stopping.set()


@shared_task
def remove_due() -> bool:
    """Go on with the deletion that has waited longest, unless a worker is at one; whether anything was done."""
    now = database_now()
    if _stopping.is_set() or Deletion.objects.filter(lease_until__gte=now).exists():
        return False
    pk = Deletion.objects.due(now).values_list("pk", flat=True).first()
    return pk is not None and remove_one(pk, stopping=_stopping)
