"""Drafts in a creator's TikTok inbox: how many of the five in 24 hours are ours, and when there is room again.

https://developers.tiktok.com/doc/content-posting-api-reference-upload-video
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.clock import database_now
from publishing.models import INBOX_ROUTES, Attempt, AttemptOutcome, Publication
from publishing.states import State
from publishing.steps import Go

MAX_PENDING = 5
TOO_MANY_PENDING = "spam_risk_too_many_pending_share"


@dataclass(frozen=True)
class PendingDrafts:
    """How many drafts of ours wait in an inbox, and when the oldest of them stops counting."""

    count: int
    room_at: datetime | None

    @property
    def is_full(self) -> bool:
        return self.count >= MAX_PENDING

    @property
    def left(self) -> int:
        return max(0, MAX_PENDING - self.count)


def _day() -> timedelta:
    return timedelta(seconds=settings.TIKTOK_DAY_SECONDS)


def count_drafts(account_pk: int, *, now: datetime, without: int | None = None) -> PendingDrafts:
    """Our drafts of the last 24 hours that the creator has not posted yet, as far as TikTok has told us.

    One that is under way counts too, and so does an announcement whose answer was lost: TikTok may count it.
    `without` leaves out the draft of one publication.
    """
    attempts = Attempt.objects.filter(
        publication__account=account_pk,
        route__in=INBOX_ROUTES,
        init_started_at__gt=now - _day(),
        outcome__in=[AttemptOutcome.OPEN, AttemptOutcome.DELIVERED],
    ).exclude(publication__state=State.PUBLISHED)
    if without is not None:
        attempts = attempts.exclude(publication=without)
    began = sorted(attempts.values_list("init_started_at", flat=True))
    room_at = began[-MAX_PENDING] + _day() if len(began) >= MAX_PENDING else None
    return PendingDrafts(len(began), room_at)


def find_draft_cap(publication: Publication, *, now: datetime) -> Go | None:
    """Hold a draft that TikTok would refuse; what waits in the inbox is asked about at once, one may be posted."""
    pending = count_drafts(publication.account_id, now=now, without=publication.pk)
    if not pending.is_full:
        return None

    def ask_about_the_others() -> None:
        waiting = Publication.objects.filter(account=publication.account_id, state=State.IN_INBOX)
        waiting.filter(lease_token__isnull=True, next_try_at__isnull=False).update(next_try_at=database_now())

    detail = room_detail(pending)
    return Go(State.HELD, TOO_MANY_PENDING, detail=detail, write=ask_about_the_others)


def room_detail(pending: PendingDrafts) -> dict[str, str]:
    """What an event keeps of it: when there is room again, if that is known."""
    return {"room_at": pending.room_at.isoformat()} if pending.room_at else {}
