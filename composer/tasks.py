"""Celery's door into this app: find background work that is due, hand it out, do one piece, clear up."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db.models import Q

from accounts.clock import database_now
from composer.arriving import expected_names, look_after_uploads
from composer.checking import check_arrival
from composer.deleting import bury_what_is_left
from composer.fix_runs import run_fix
from composer.fixes import UNDER_WAY
from composer.importing import fetch_arrival
from composer.library import remove_old_leftovers
from composer.models import Arrival, ArrivalSource, ArrivalState, Fix
from composer.models.work import WorkQuerySet

# A message that has not become a claim by then counts as lost and is sent again.
HAND_OUT = timedelta(seconds=10)

_stopping = threading.Event()


@worker_shutting_down.connect
def hand_over(**_kwargs: object) -> None:
    """A worker asked to stop gives its work back at once instead of finishing it."""
    _stopping.set()


@dataclass(frozen=True, slots=True)
class _Line:
    """One kind of work: its rows, the task that does one of them, and how many may be under way at once.

    All lines together are as many as the worker has threads for them (config/lanes.py).
    """

    rows: "WorkQuerySet[Any]"
    task: "Task[Any, Any]"
    at_once: int


def _lines() -> Iterator[_Line]:
    yield _Line(Arrival.objects.filter(state=ArrivalState.CHECKING), check_one, at_once=2)
    links = Arrival.objects.filter(state=ArrivalState.RECEIVING, source=ArrivalSource.LINK)
    yield _Line(links, fetch_one, at_once=3)
    yield _Line(Fix.objects.filter(state__in=UNDER_WAY), fix_one, at_once=settings.MEDIA_FIXES_AT_ONCE)


@shared_task
def work_due() -> int:
    """Hand out the background work that is due, as much as may be under way; returns how many pieces.

    Two sweeps at once do no harm: at worst a limit is exceeded for a moment.
    """
    now = database_now()
    handed_out = 0
    for line in _lines():
        busy = line.rows.filter(Q(lease_until__gte=now) | Q(handed_out_until__gte=now)).count()
        for pk in list(line.rows.to_hand_out(now)[: max(0, line.at_once - busy)]):
            if line.rows.hand_out(pk, now=now, until=now + HAND_OUT):
                line.task.apply_async((str(pk),), expires=60)
                handed_out += 1
    return handed_out


@shared_task
def check_one(pk: str) -> None:
    """Look at one file that has arrived, then hand out what waited for its place."""
    if not _stopping.is_set() and check_arrival(UUID(pk), stopping=_stopping):
        work_due()


@shared_task
def fix_one(pk: str) -> None:
    """Make one derivative, then hand out what waited for its place."""
    if not _stopping.is_set() and run_fix(int(pk), stopping=_stopping):
        work_due()


@shared_task
def fetch_one(pk: str) -> None:
    """Fetch one link, then hand out its check and what waited for its place."""
    if not _stopping.is_set() and fetch_arrival(UUID(pk), stopping=_stopping):
        work_due()


@shared_task
def look_after_uploads_due() -> None:
    """Give up uploads that have not gone on for days, and let those be checked whose last word was lost."""
    look_after_uploads(now=database_now())


@shared_task
def remove_leftovers_due() -> None:
    """Remove what lay in the incoming folder for a day and is no upload; finish deletions that were cut short."""
    now = database_now()
    remove_old_leftovers(now=now, expected=expected_names())
    bury_what_is_left(now=now)
