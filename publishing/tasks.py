"""Celery's side of publishing: find what is due, hand it out, take steps until nothing is due."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from celery import Task, shared_task
from celery.signals import worker_shutting_down
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from accounts.tasks import refresh_ahead_one
from accounts.tokens import REFRESH_BEFORE_END
from publishing.engine import advance
from publishing.gates import tell_operators
from publishing.models import Publication, Pulse, PulseName
from publishing.services import hold_moved_away, resume_reconnected
from publishing.starting import leave_together
from publishing.webhooks import forget_old_deliveries, hear_due_deliveries

logger = logging.getLogger(__name__)

# A message that has not become a claim by then counts as lost and is sent again.
HAND_OUT = timedelta(seconds=3)
# How many messages may wait for a worker at a time: more would wait there in their order, and not by turns.
STEPS_ON_THEIR_WAY = 100
UPLOADS_ON_THEIR_WAY = 32
# How much of one account may be under way at a time, of each kind.
STEPS_PER_ACCOUNT = 4
UPLOADS_PER_ACCOUNT = 2
# So long before a post is due its account's tokens are looked after: time to tell people that it must be reconnected.
REFRESH_AHEAD = timedelta(minutes=10)
# At one sweep; within the ten minutes that makes 6,000 accounts.
REFRESHES = 50

_stopping = threading.Event()


@worker_shutting_down.connect
def hand_over(**_kwargs: object) -> None:
    """A worker asked to stop gives its uploads back at once instead of finishing them."""
    _stopping.set()


@shared_task
def publish_due() -> int:
    """Hand out every publication with a step to take; returns how many. Two sweeps at once do no harm."""
    now = database_now()
    Pulse.objects.beat(PulseName.SWEEP, now=now)
    hold_moved_away()
    resume_reconnected(now)
    # By one time for both: what becomes due in between leaves with the next sweep, and needs no message for that.
    now = database_now()
    leave_together(now)
    large = _hand_out(now, is_large=True, most=UPLOADS_ON_THEIR_WAY, per_account=UPLOADS_PER_ACCOUNT)
    return large + _hand_out(now, is_large=False, most=STEPS_ON_THEIR_WAY, per_account=STEPS_PER_ACCOUNT)


def _hand_out(now: datetime, *, is_large: bool, most: int, per_account: int) -> int:
    """Send messages for what is due of one kind, as many as there is room for; returns how many."""
    rows = Publication.objects.on_large_files(is_large=is_large)
    room = most - rows.handed_out(now).count()
    if room <= 0:
        return 0
    due = rows.to_hand_out(now, per_account=per_account, most=room)
    taken = Publication.objects.hand_out(due, now=now, until=now + HAND_OUT)
    task: Task[Any, Any] = advance_large_one if is_large else advance_one
    for number, pk in enumerate(taken):
        try:
            task.apply_async((pk,), expires=60)
        except OperationalError as error:
            logger.warning("the broker takes no message: %s", error)
            Publication.objects.take_back(taken[number:])
            return number
    return len(taken)


@shared_task
def tell_operators_due() -> int:
    """Mail the operators what they must know; returns how many mails went out."""
    return tell_operators(now=database_now())


@shared_task
def refresh_ahead_due() -> int:
    """Have tokens refreshed that end before the posts of the next ten minutes; returns for how many accounts."""
    accounts = list(Publication.objects.needing_tokens(database_now(), within=REFRESH_AHEAD)[:REFRESHES])
    for account_id, due_at in accounts:
        refresh_ahead_one.apply_async((account_id, (due_at + REFRESH_BEFORE_END).isoformat()), expires=5)
    return len(accounts)


@shared_task
def hear_webhooks_due() -> int:
    """Work on the events TikTok has sent; returns how many are done."""
    return hear_due_deliveries(now=database_now())


@shared_task
def forget_webhooks_due() -> int:
    """Forget the events of long ago; returns how many."""
    return forget_old_deliveries(now=database_now())


@shared_task
def beat_steps() -> None:
    """A message through the threads that take steps: pages say so when it no longer comes through."""
    Pulse.objects.beat(PulseName.STEPS, now=database_now())


@shared_task
def advance_one(pk: int) -> None:
    """Take this publication's steps until none is due; harmless when doubled, late or lost.

    What comes to a step that reads a large file is left to the threads for those.
    """
    _advance(pk, is_large=False)


@shared_task
def advance_large_one(pk: int) -> None:
    """The same for steps that read a large file."""
    _advance(pk, is_large=True)


def _advance(pk: int, *, is_large: bool) -> None:
    row = Publication.objects.on_large_files(is_large=is_large).filter(pk=pk)
    while not _stopping.is_set() and row.exists() and advance(pk, stopping=_stopping):
        pass
