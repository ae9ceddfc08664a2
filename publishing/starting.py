"""The first step: what earlier attempts left behind is settled, everything is asked anew, then TikTok is told."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.clock import database_now
from publishing.asking import Asked, ask_anew
from publishing.attempts import NOT_COUNTED, end_open_attempts
from publishing.caps import CAP_CODES, find_pause, wait_for_room
from publishing.heartbeats import Heartbeat
from publishing.init_file import init_by_file
from publishing.init_pull import init_by_pull
from publishing.lateness import ON_TIME, find_lateness, was_left_alone
from publishing.models import Attempt, AttemptOutcome, Gate, Publication, Route
from publishing.obstacles import find_obstacle
from publishing.pulls import settle_by_log
from publishing.reasons import Reason
from publishing.routes import route_of
from publishing.states import State
from publishing.steps import Go, Result, Step, seconds_until, wait_turn

logger = logging.getLogger(__name__)

# An `init` without an answer is not repeated without end: TikTok may count it.
MAX_UNANSWERED = 4
# New attempts after TikTok ended one for a reason of its own, or after its upload window ran out.
MAX_ATTEMPTS = 6
# TikTok takes five drafts in 24 hours, and each of these may be one: the first, and two more.
MAX_DRAFT_ATTEMPTS = 3
# A sweep four times a second lets a thousand leave, and its transaction keeps nobody waiting for long.
TOGETHER = 250
# Those that have to be held may stand before the others.
LOOKED_AT = 2 * TOGETHER


def leave_schedule(step: Step) -> Result:
    """Scheduled → starting, or held: too late by the workspace's own limit, or its account has gone elsewhere."""
    return _find_what_holds(step.publication, step.now) or Go(State.STARTING, after=0)


def leave_together(now: datetime) -> int:
    """Scheduled → starting for what is due by then, TOGETHER at most in one transaction; returns how many left.

    With a step for each, the last of ten thousand posts of one second would leave minutes late. What has to be held
    is left to a step of its own: people are told of it.
    """
    due = Publication.objects.due_on_schedule(now)
    turns = list(due.by_turns().values_list("pk", flat=True)[:LOOKED_AT])
    rows = due.select_related("account", "workspace", "consent__media").in_bulk(turns)
    free = [pk for pk in turns if pk in rows and _is_free(rows[pk], now)][:TOGETHER]
    if not free:
        return 0
    try:
        with transaction.atomic():
            if database_now() - now > ON_TIME:
                return 0  # this worker stood still meanwhile: what was in time may be late
            still_due = Publication.objects.due_on_schedule(now).filter(pk__in=free)
            locked = list(still_due.select_for_update(of=("self",), skip_locked=True))
            Publication.objects.move_together(
                locked, State.SCHEDULED, State.STARTING, next_try_at=now, tries=0
            )
    except IntegrityError:
        # Whichever of them it is, the others must not wait for it.
        logger.exception("posts that are due cannot leave together; each takes a step of its own")
        return 0
    return len(locked)


def _is_free(publication: Publication, now: datetime) -> bool:
    try:
        return _find_what_holds(publication, now) is None
    except ValueError:
        logger.exception("publication %s: what was agreed to cannot be read", publication.pk)
        return False


def _find_what_holds(publication: Publication, now: datetime) -> Go | None:
    return find_lateness(publication, now=now) or find_obstacle(publication)


def start(step: Step) -> Result:
    """Ask everything anew and `init`; ends where the route goes on, in *held* with the reason, or tries later."""
    publication = step.publication
    route = route_of(publication.consent)
    settled = _settle_earlier(step, route)
    if settled is not None:
        return settled
    if publication.cancel_asked_at is not None:
        return Go(
            State.CANCELLED,
            Reason.STOPPED_BY_PERSON,
            write=lambda: end_open_attempts(publication, step.now),
        )
    obstacle = find_obstacle(publication)
    if obstacle is not None:
        return obstacle
    if was_left_alone(publication, now=step.now) and not _attempts_of(publication):
        lateness = find_lateness(publication, now=step.now)
        if lateness is not None:
            return lateness
    waits = None if route.is_inbox else _wait_for_room(step)
    if waits is not None:
        return waits
    with Heartbeat(step.lease):
        asked = ask_anew(step, route)
        if not isinstance(asked, Asked):
            return asked
        return init_by_pull(step, asked) if route.is_pulled else init_by_file(step, asked)


def _wait_for_room(step: Step) -> Result | None:
    """Whether TikTok's caps let it go now.

    A post that had to wait for room goes out late within its workspace's limit, like one that waited for us; later
    than that a person decides.
    """
    publication = step.publication
    pause = find_pause(publication.account, now=step.now)
    if pause is not None:
        return wait_for_room(step, pause)
    return find_lateness(publication, now=step.now) if publication.reason in CAP_CODES else None


def _settle_earlier(step: Step, route: Route) -> Result | None:
    """What earlier attempts allow: nothing more, a wait, or (None) another one.

    An `init` without an answer has no last byte and never will, so another is safe, but not at once and not
    for ever. Without a gate only the log of its addresses tells.
    """
    publication = step.publication
    attempts = _attempts_of(publication)
    unanswered = [attempt for attempt in attempts if attempt.init_finished_at is None]
    for attempt in unanswered:
        if attempt.gate == Gate.OPEN and attempt.outcome == AttemptOutcome.OPEN:
            return settle_by_log(step, attempt)
    if publication.cancel_asked_at is not None:
        return None
    if len(unanswered) >= MAX_UNANSWERED:
        return _give_up(step, Reason.INIT_UNANSWERED)
    # Neither TikTok's rate limit nor a line that was down says anything about this post.
    taken = [attempt for attempt in attempts if attempt.fail_reason not in NOT_COUNTED]
    if len(taken) >= MAX_ATTEMPTS:
        return _give_up(step, Reason.TIKTOK_ERROR)
    if route.is_inbox and len(_possible_drafts(attempts)) >= MAX_DRAFT_ATTEMPTS:
        newest_is_lost = attempts[0].init_finished_at is None
        return _give_up(step, Reason.INIT_UNANSWERED if newest_is_lost else Reason.TIKTOK_ERROR)
    if unanswered and unanswered[0] is attempts[0]:
        gap = timedelta(seconds=settings.PUBLISHING_ORPHAN_GAP_SECONDS)
        wait = seconds_until(attempts[0].init_started_at + gap, step.now)
        if wait:
            return wait_turn(wait)
    return None


def _attempts_of(publication: Publication) -> list[Attempt]:
    """Those since a person last asked for one, the newest first."""
    return list(publication.attempts.filter(number__gt=publication.attempts_before).order_by("-number"))


def _possible_drafts(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those TikTok may count as drafts: announced, and neither refused nor taken away before it had the whole."""
    return [
        attempt
        for attempt in attempts
        if (attempt.publish_id is not None or attempt.init_finished_at is None)
        and attempt.fail_reason != Reason.FETCHED_UNANSWERED
    ]


def _give_up(step: Step, reason: Reason) -> Go:
    publication = step.publication
    return Go(State.FAILED, reason, write=lambda: end_open_attempts(publication, step.now))
