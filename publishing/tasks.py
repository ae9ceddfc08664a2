"""Celery's side of publishing: find what is due, hand it out, take steps until nothing is due."""

import threading
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_shutting_down

from accounts.clock import database_now
from publishing.engine import advance
from publishing.gates import tell_operators
from publishing.models import Publication
from publishing.services import hold_moved_away, resume_reconnected

# A message that has not become a claim by then counts as lost and is sent again.
HAND_OUT = timedelta(seconds=5)
BATCH = 200

_stopping = threading.Event()


@worker_shutting_down.connect
def hand_over(**_kwargs: object) -> None:
    """A worker asked to stop gives its uploads back at once instead of finishing them."""
    _stopping.set()


@shared_task
def publish_due() -> int:
    """Hand out every publication with a step to take; returns how many. Two sweeps at once do no harm."""
    now = database_now()
    hold_moved_away()
    resume_reconnected(now)
    handed_out = 0
    for pk in Publication.objects.to_hand_out(now)[:BATCH]:
        if Publication.objects.hand_out(pk, now=now, until=now + HAND_OUT):
            advance_one.apply_async((pk,), expires=60)
            handed_out += 1
    return handed_out


@shared_task
def tell_operators_due() -> int:
    """Mail the operators what they must know; returns how many mails went out."""
    return tell_operators(now=database_now())


@shared_task
def advance_one(pk: int) -> None:
    """Take this publication's steps until none is due; harmless when doubled, late or lost."""
    while not _stopping.is_set() and advance(pk, stopping=_stopping):
        pass
