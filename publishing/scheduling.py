"""What people do with a post's time: choose another, or send it now. The row in the database is the schedule."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from composer.consents import claim_media
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.services import FROM_THE_START, NotPossibleError, check_time, move_by_person, time_detail
from publishing.states import State


def is_reschedule_possible(publication: Publication) -> bool:
    """Whether it may get another time: it waits for its own, or is held because it missed it."""
    return publication.state == State.SCHEDULED or has_missed(publication)


def why_not_reschedule(publication: Publication) -> str:
    """Why it cannot get another time, for the person who looks for the button; empty when it can."""
    if is_reschedule_possible(publication):
        return ""
    match State(publication.state):
        case State.STARTING | State.UPLOADING | State.PROCESSING:
            return "It is on its way to TikTok, so its time cannot be changed any more."
        case State.PUBLISHED | State.IN_INBOX:
            return "It has gone out already."
        case State.UNCONFIRMED:
            return "TikTok may have published it already."
        case State.DRAFT:
            return "It is a draft again: schedule it in the composer."
        case State.WAITING_RECONNECT:
            return "Its time has come; it waits for the account to be reconnected."
        case _:
            return "It does not wait for its time any more."


def reschedule_publication(
    publication: Publication, *, user: User, at: datetime, time_zone: str, now: datetime
) -> None:
    """Give it another time, chosen by the clocks of `time_zone`; the consent stays as it was given.

    Pressed twice, the second press changes nothing. Raises NotPossibleError when the time is past, or the
    publication is under way or has moved on since it was read.
    """
    if not is_reschedule_possible(publication):
        raise NotPossibleError(why_not_reschedule(publication))
    check_time(at, time_zone, now=now)
    is_same = (publication.due_at, publication.time_zone) == (at, time_zone)
    if is_same and publication.state == State.SCHEDULED:
        return
    _set_time(publication, user=user, at=at, time_zone=time_zone)


def is_post_now_possible(publication: Publication, *, now: datetime) -> bool:
    """Whether it waits for a time that has not come, or is held because it missed it."""
    return has_missed(publication) or (publication.state == State.SCHEDULED and publication.due_at > now)


def post_now(publication: Publication, *, user: User, now: datetime) -> None:
    """Send it now instead of at its time. Pressed twice, the second press changes nothing.

    Raises NotPossibleError when it is under way or has moved on since it was read.
    """
    if publication.state == State.SCHEDULED and publication.due_at <= now:
        return
    if not is_post_now_possible(publication, now=now):
        raise NotPossibleError(why_not_reschedule(publication))
    _set_time(publication, user=user, at=now, time_zone=publication.time_zone, is_now=True)


def has_missed(publication: Publication) -> bool:
    """Whether it is held because its time passed while nothing could be sent."""
    return publication.state == State.HELD and publication.reason == Reason.MISSED


def _set_time(
    publication: Publication, *, user: User, at: datetime, time_zone: str, is_now: bool = False
) -> None:
    """One conditional move: a worker that has just begun wins, or loses its lease and touches nothing."""
    if publication.consent.voided_at is not None:
        raise NotPossibleError("The post was changed after it was agreed to: open it and post it anew.")
    detail: dict[str, Any] = {
        **time_detail(at, time_zone),
        "was": time_detail(publication.due_at, publication.time_zone),
        "is_now": is_now,
    }
    with transaction.atomic():
        move_by_person(
            publication,
            State.SCHEDULED,
            user,
            due_at=at,
            next_try_at=at,
            time_zone=time_zone,
            handed_out_until=None,
            detail=detail,
            attempts_before=publication.attempts.count(),
            **FROM_THE_START,
        )
        claim_media(publication.post)
