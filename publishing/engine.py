"""The one function that advances a publication by one persisted step; nothing else talks to TikTok about it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.db.models import Case, Value, When

from accounts.clock import database_now
from accounts.hosts import Turn, give_back, is_silent, take_turn
from accounts.tokens import NeedsReconnectError, RefreshBusyError
from composer.consents import release_media
from publishing.inbox import watch_inbox
from publishing.models import Lease, LeaseLostError, Publication
from publishing.obstacles import await_reconnect
from publishing.polling import poll
from publishing.post_ids import find_post_id
from publishing.reasons import Reason
from publishing.sending import hosts_of, send
from publishing.starting import leave_schedule, start
from publishing.states import State
from publishing.steps import Go, InsteadError, Result, Stay, Step, Wait, gap_seconds, retry_later, wait_turn
from tiktok.errors import TikTokError

logger = logging.getLogger(__name__)

_STEPS: dict[str, Callable[[Step], Result]] = {
    State.SCHEDULED: leave_schedule,
    State.STARTING: start,
    State.UPLOADING: send,
    State.PROCESSING: poll,
    State.UNCONFIRMED: poll,
    State.IN_INBOX: watch_inbox,
    State.PUBLISHED: find_post_id,
}
# Nothing more is sent from there, so that a dead account changes nothing: the question is only asked later.
_NO_WAY_BACK = frozenset({State.PUBLISHED, State.UNCONFIRMED, State.IN_INBOX})
# TikTok has everything for good: the library may let go of the files.
_BYTES_ARE_THERE = frozenset({State.PUBLISHED, State.IN_INBOX})

REFRESH_BUSY_SECONDS = 1.0
# A step that broke for a reason nobody foresaw is tried again, rarely: it may need a person to mend the code.
BROKEN_SECONDS = 60.0


def advance(pk: int, *, stopping: threading.Event | None = None) -> bool:
    """Claim a publication, take one step, write what came of it; False when there was nothing to do.

    Whatever happens in between, the row says what to do next: a crash leaves the lease to run out, and the
    next claim takes the same step again. So does a database that goes away: its error is raised, and the caller's
    connection is of no more use.
    """
    lease = Publication.objects.claim(pk, seconds=settings.PUBLISHING_LEASE_SECONDS)
    if lease is None:
        return False
    rows = Publication.objects.select_related("account", "consent__media", "post")
    publication = rows.filter(pk=pk, lease_token=lease.token).first()
    if publication is None:
        return False  # a person took it right after the claim
    step = Step(publication, lease, stopping or threading.Event())
    try:
        try:
            _settle(step, _take(step))
        except InsteadError as other:
            _settle(step, other.result)
    except LeaseLostError:
        logger.info("publication %s was taken away at epoch %s", pk, lease.epoch)
        return False
    return True


def _take(step: Step) -> Result:
    """The step, if the hosts it calls answer; what fails while one of them is silent uses up no try."""
    turns: list[Turn] = []
    try:
        for name in hosts_of(step.publication):
            turns.append(take_turn(name, now=step.now))
            if turns[-1].wait:
                return wait_turn(turns[-1].wait, waiting_for=Wait.TIKTOK)
        result = _take_step(step)
        if (
            isinstance(result, Stay)
            and not result.is_progress
            and any(is_silent(turn.name) for turn in turns)
        ):
            return replace(result, is_try=False, waiting_for=Wait.TIKTOK)
        return result
    finally:
        for turn in turns:
            give_back(turn, now=step.now)


def _take_step(step: Step) -> Result:
    publication = step.publication
    try:
        return _STEPS[publication.state](step)
    except NeedsReconnectError:
        if publication.state in _NO_WAY_BACK:
            return Stay(after=BROKEN_SECONDS * 10, is_progress=False)
        return await_reconnect(publication)
    except RefreshBusyError:
        return wait_turn(REFRESH_BUSY_SECONDS)
    except TikTokError as error:
        # Only the token's refresh gets here: the steps judge their own calls.
        logger.info("publication %s waits for TikTok: %s", publication.pk, error.code)
        if publication.state == State.STARTING:
            return retry_later(step, Go(State.FAILED, Reason.TIKTOK_UNREACHABLE))
        return Stay(after=gap_seconds(publication.tries), is_progress=False)
    except LeaseLostError:
        raise
    except Exception as error:
        if _is_cut_off(error):
            raise  # as if this worker had died: whether the last commit stands, only the row can tell
        logger.exception("publication %s: a step in state %s broke", publication.pk, publication.state)
        return Stay(after=BROKEN_SECONDS, is_progress=False)


def _is_cut_off(error: Exception) -> bool:
    """Whether the database went away, or let us wait too long.

    PostgreSQL's end of a transaction that stood still is an internal error; for sqlite3 a closed database is a
    programming error, which gets past Django as it is.
    """
    is_gone = isinstance(error, InterfaceError | InternalError | OperationalError)
    return is_gone or "closed database" in str(error)


def _settle(step: Step, result: Result) -> None:
    lease, publication = step.lease, step.publication
    with Publication.objects.fenced(lease):
        if result.write is not None:
            result.write()
        due_at = None if result.after is None else database_now() + timedelta(seconds=result.after)
        fields: dict[str, Any] = {"next_try_at": due_at, **result.fields}
        if isinstance(result, Go):
            if result.to in _BYTES_ARE_THERE:
                release_media(publication.post, now=step.now)
            settled = Publication.objects.move(
                publication.pk,
                State(publication.state),
                result.to,
                lease=lease,
                reason=str(result.reason),
                attempt=result.attempt,
                detail=result.detail,
                **{"tries": 0, **fields},
            )
        else:
            fields["waiting_for"] = result.waiting_for
            fields["tries"] = _count_tries(publication.tries, result)
            if fields["next_try_at"] is not None and publication.cancel_asked_at is None:
                # Pressed during this very step, which has not seen it: the next one sees to it at once.
                is_wished = When(cancel_asked_at__isnull=False, then=Value(database_now()))
                fields["next_try_at"] = Case(is_wished, default=Value(fields["next_try_at"]))
            settled = _stay(lease, fields)
        if not settled:
            raise LeaseLostError


def _count_tries(tries: int, result: Stay) -> int:
    if result.is_progress:
        return 0
    # Who waits shows as waiting, from the first time on; the page tells until when.
    before = 0 if result.is_first_try else tries
    return before + 1 if result.is_try else max(before, 1)


def _stay(lease: Lease, fields: dict[str, Any]) -> bool:
    next_try_at = fields.pop("next_try_at")
    return Publication.objects.settle(lease, next_try_at=next_try_at, **fields)
