"""TikTok's caps over 24 hours: posts per creator, creators per client; counted here, learned from its answers.

Nothing tells these caps beforehand. Creator info, asked before each post, refuses once one is reached; the posts of
that account then wait, with nothing tried, until there is likely room again. A cap that was only assumed or
learned holds nothing back by itself, because other apps share it: TikTok may take more today than it did yesterday.

https://developers.tiktok.com/doc/content-sharing-guidelines
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Max, QuerySet
from django.db.models.functions import Coalesce

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from accounts.notifications.about_accounts import settle_pause, tell_paused
from publishing.models import (
    INBOX_ROUTES,
    Attempt,
    AttemptOutcome,
    ClientPause,
    Event,
    EventKind,
    PostingCap,
    Publication,
)
from publishing.states import State
from publishing.steps import Stay, Step, seconds_until

TOO_MANY_POSTS = "spam_risk_too_many_posts"
TOO_MANY_CREATORS = "reached_active_user_cap"
CAP_CODES = frozenset({TOO_MANY_POSTS, TOO_MANY_CREATORS})
# "Typically around 15", says TikTok; all apps together.
USUAL_POSTS = 15
UNAUDITED_CREATORS = 5


@dataclass(frozen=True)
class Pause:
    """Posts wait until then; `code` is TikTok's word for why."""

    code: str
    until: datetime


@dataclass(frozen=True)
class Usage:
    """How much of an account's posts of 24 hours is used, as far as we can know it.

    `cap` is an assumption until it was learned; other apps' posts count with TikTok, and we do not see them.
    """

    count: int
    cap: int
    is_learned: bool
    room_at: datetime | None  # when the oldest of ours stops counting; None while there is room by our count
    pause: Pause | None

    @property
    def is_full(self) -> bool:
        return self.pause is not None or self.count >= self.cap

    @property
    def shown(self) -> int:
        """How far the bar goes: never beyond its end."""
        return min(self.count, self.cap)

    @property
    def is_own_pause(self) -> bool:
        """Whether the account itself rests; else the whole client takes nobody new."""
        return self.pause is not None and self.pause.code == TOO_MANY_POSTS


@dataclass(frozen=True)
class ClientUsage:
    """How many creators have posted through this client in 24 hours; `cap` is None where nobody has said."""

    count: int
    cap: int | None
    pause: Pause | None


def window() -> timedelta:
    """How long TikTok counts a post."""
    return timedelta(seconds=settings.TIKTOK_DAY_SECONDS)


def counted_posts(now: datetime) -> "QuerySet[Attempt, Any]":
    """Direct posts of the last 24 hours that TikTok has or is getting; `counted_at` is when each began to count.

    One that TikTok refused or failed does not count: which of them TikTok counts it does not say.
    """
    counted_at = Coalesce(
        "final_intent_at", "gate_opened_at", "init_started_at", output_field=DateTimeField()
    )
    rows = Attempt.objects.exclude(route__in=INBOX_ROUTES).filter(
        publish_id__isnull=False, outcome__in=[AttemptOutcome.OPEN, AttemptOutcome.PUBLISHED]
    )
    return rows.annotate(counted_at=counted_at).filter(
        init_started_at__gt=now - window() - timedelta(hours=2), counted_at__gt=now - window()
    )


def usage_of(account: TikTokAccount, *, now: datetime) -> Usage:
    """What the meter of one account shows."""
    moments = _moments(account.pk, now=now)
    row = PostingCap.objects.filter(account=account.pk).first()
    cap = row.cap if row and row.cap is not None else USUAL_POSTS
    room_at = moments[-cap] + window() if len(moments) >= cap else None
    return Usage(
        count=len(moments),
        cap=cap,
        is_learned=row is not None and row.cap is not None,
        room_at=room_at,
        pause=find_pause(account, now=now),
    )


def posts_per_day(accounts: Iterable[int]) -> dict[int, int]:
    """About how many posts TikTok takes of each of these accounts (by primary key) in 24 hours.

    Learned where TikTok has shown it, `USUAL_POSTS` for all others.
    """
    keys = list(accounts)
    learned = PostingCap.objects.filter(account__in=keys).values_list("account_id", "cap")
    return dict.fromkeys(keys, USUAL_POSTS) | {pk: cap for pk, cap in learned if cap is not None}


def client_usage(client_key: str, *, now: datetime) -> ClientUsage:
    """How many creators have posted through this client, of how many."""
    row = ClientPause.objects.filter(client_key=client_key, paused_until__gt=now).first()
    pause = Pause(TOO_MANY_CREATORS, row.paused_until) if row else None
    return ClientUsage(len(last_posts(client_key, now=now)), _creators_cap(), pause)


def find_pause(account: TikTokAccount, *, now: datetime) -> Pause | None:
    """Until when the direct posts of this account wait, or None while they may go."""
    row = PostingCap.objects.filter(account=account.pk, paused_until__gt=now).first()
    if row is not None and row.paused_until is not None:
        return Pause(row.paused_code, row.paused_until)
    return _find_client_pause(account, now=now)


def _find_client_pause(account: TikTokAccount, *, now: datetime) -> Pause | None:
    """The same for the cap on creators: an account that has posted in the window is no further one."""
    row = ClientPause.objects.filter(client_key=account.client_key, paused_until__gt=now).first()
    cap = _creators_cap()
    if row is None and cap is None:
        return None
    last = last_posts(account.client_key, now=now)
    if account.pk in last:
        return None
    if row is not None:
        return Pause(TOO_MANY_CREATORS, row.paused_until)
    if cap is not None and len(last) >= cap:
        # The place of whoever posted longest ago is the first to get free.
        return Pause(TOO_MANY_CREATORS, sorted(last.values())[len(last) - cap] + window())
    return None


def pause_for(account: TikTokAccount, code: str, *, now: datetime) -> Pause:
    """Until when posts should wait that TikTok has just refused with `code`; writes nothing.

    Until the oldest post of ours leaves the window. Where there is none, other apps have used the cap up and only
    trying tells: PUBLISHING_PAUSE_SECONDS. Never sooner than PUBLISHING_LEAST_PAUSE_SECONDS, never after a day.
    """
    if code == TOO_MANY_CREATORS:
        last = last_posts(account.client_key, now=now)
        moments = [] if account.pk in last else list(last.values())
    else:
        moments = _moments(account.pk, now=now)
    blind = timedelta(seconds=settings.PUBLISHING_PAUSE_SECONDS)
    wait = min(moments) + window() - now if moments else blind
    least = timedelta(seconds=settings.PUBLISHING_LEAST_PAUSE_SECONDS)
    return Pause(code, now + min(max(wait, least), window()))


def write_pause(account: TikTokAccount, pause: Pause, *, now: datetime, log_id: str = "") -> None:
    """Let the account rest, and learn from it; belongs into the transaction that settles the refused step."""
    if pause.code == TOO_MANY_CREATORS:
        last = last_posts(account.client_key, now=now)
        if account.pk not in last:
            fields = {
                "paused_at": now,
                "paused_until": pause.until,
                "creators": len(last),
                "tiktok_log_id": log_id,
            }
            ClientPause.objects.update_or_create(client_key=account.client_key, defaults=fields)
            return
    row, _is_new = PostingCap.objects.get_or_create(account=account)
    row.paused_at, row.paused_until, row.paused_code = now, pause.until, pause.code
    row.tiktok_log_id, row.ended_by, row.ended_at = log_id, None, None
    count = len(_moments(account.pk, now=now))
    known = row.cap if row.cap is not None else USUAL_POSTS
    # None of ours at all says nothing about the cap, only about other apps.
    if pause.code == TOO_MANY_POSTS and 0 < count < known:
        row.cap, row.learned_at, row.learned_from = count, now, pause.code
    row.save()
    tell_paused(account, reason=pause.code, until=pause.until, now=now)


def learn_from_published(account: TikTokAccount, *, now: datetime) -> None:
    """A post went through: TikTok takes at least as many as there are now, and no pause is in force."""
    settle_pause(account, now=now)
    count = len(_moments(account.pk, now=now))
    row = PostingCap.objects.filter(account=account).first()
    known = row.cap if row and row.cap is not None else USUAL_POSTS
    if count > known:
        fields = {"cap": count, "learned_at": now, "learned_from": "published"}
        PostingCap.objects.update_or_create(account=account, defaults=fields)


def end_pause(account: TikTokAccount, *, user: User) -> bool:
    """A person wants it tried now: the account's pause ends, and what waited is due. False when there was none.

    The pause of the whole client is everybody's, and ends by itself.
    """
    now = database_now()
    with transaction.atomic():
        own = PostingCap.objects.filter(account=account, paused_until__gt=now)
        ended = own.update(paused_until=None, paused_code="", ended_by=user, ended_at=now)
        if ended:
            settle_pause(account, now=now)
            waiting = Publication.objects.filter(
                account=account, state=State.STARTING, reason__in=CAP_CODES, lease_token__isnull=True
            )
            waiting.update(next_try_at=now, handed_out_until=None)
    return bool(ended)


def wait_for_room(step: Step, pause: Pause, *, write: Callable[[], None] | None = None) -> Stay:
    """Stay where it is until the pause is over, with the reason on the row and, once, in the history."""
    publication = step.publication
    is_news = publication.reason != pause.code

    def note() -> None:
        if write is not None:
            write()
        if is_news:
            Event.objects.create(
                publication=publication,
                kind=EventKind.CALL,
                name="waits_for_room",
                code=pause.code,
                detail={"room_at": pause.until.isoformat()},
            )

    return Stay(
        after=seconds_until(pause.until, step.now),
        is_progress=False,
        is_try=False,
        fields={"reason": pause.code},
        write=note,
    )


def rest(step: Step, code: str, log_id: str, *, write: Callable[[], None] | None = None) -> Stay:
    """TikTok has just refused a post because a cap is reached: the account rests, the post waits."""
    account = step.publication.account
    pause = pause_for(account, code, now=step.now)

    def settle() -> None:
        if write is not None:
            write()
        write_pause(account, pause, now=step.now, log_id=log_id)

    return wait_for_room(step, pause, write=settle)


def _moments(account_pk: int, *, now: datetime) -> list[datetime]:
    """Since when each counted post of the account counts, the oldest first."""
    rows = counted_posts(now).filter(publication__account=account_pk)
    moments: QuerySet[Attempt, datetime] = rows.values_list("counted_at", flat=True)  # type: ignore[misc]
    return sorted(moments)


def last_posts(client_key: str, *, now: datetime) -> dict[int, datetime]:
    """The accounts that have posted through this client in the window, each with its newest post."""
    rows = counted_posts(now).filter(publication__account__client_key=client_key)
    found = rows.values("publication__account").annotate(last=Max("counted_at")).order_by()
    return {row["publication__account"]: row["last"] for row in found}


def _creators_cap() -> int | None:
    if settings.TIKTOK_ACTIVE_CREATORS:
        return int(settings.TIKTOK_ACTIVE_CREATORS)
    return None if settings.TIKTOK_CLIENT_AUDITED else UNAUDITED_CREATORS
