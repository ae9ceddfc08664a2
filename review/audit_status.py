"""How far the app is with TikTok's Direct Post audit: what the setting says, and what TikTok's answers say."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import TikTokAccount
from publishing.caps import ClientUsage, client_usage, last_posts, window
from publishing.models import INBOX_ROUTES, Attempt, AttemptOutcome, ClientPause, Event
from tiktok.types import PrivacyLevel

UNAUDITED_CODE = "unaudited_client_can_only_post_to_private_accounts"


@dataclass(frozen=True)
class PostingCreator:
    """Somebody who has posted in the last 24 hours, and when the place gets free again."""

    account: TikTokAccount
    last: datetime
    free_at: datetime


@dataclass(frozen=True)
class CapRefusal:
    """TikTok took posts of no further creator: when, how many had posted by our count, until when we wait."""

    at: datetime
    creators: int
    until: datetime


@dataclass(frozen=True)
class AuditStatus:
    """What an operator is told. `told_unaudited_at`: TikTok's last refusal that says the audit is still missing.

    `shown_audited_at`: the last post that others can see and TikTok published, which it does only after the audit.
    """

    is_audited: bool
    usage: ClientUsage
    creators: tuple[PostingCreator, ...]
    told_unaudited_at: datetime | None
    shown_audited_at: datetime | None
    cap_refusal: CapRefusal | None

    @property
    def room(self) -> int | None:
        """How many further creators may post now, by our count; None where no cap is known."""
        return None if self.usage.cap is None else max(self.usage.cap - self.usage.count, 0)

    @property
    def figure(self) -> str:
        """The count against the cap, in words."""
        return f"{self.usage.count} of {self.usage.cap}"

    @property
    def shown(self) -> int:
        """How far the bar goes: never beyond its end."""
        return min(self.usage.count, self.usage.cap or self.usage.count)

    @property
    def is_denied(self) -> bool:
        """The setting says audited, TikTok's last word says it is not."""
        return self.is_audited and self._last_word_is_unaudited

    @property
    def is_outdated(self) -> bool:
        """The setting says unaudited, but TikTok has published for others to see."""
        return not self.is_audited and self.shown_audited_at is not None and not self._last_word_is_unaudited

    @property
    def _last_word_is_unaudited(self) -> bool:
        told, shown = self.told_unaudited_at, self.shown_audited_at
        return told is not None and (shown is None or shown < told)


def read_audit_status(*, now: datetime) -> AuditStatus:
    """What stands in the settings and in the database for the client key in use; asks nobody."""
    key = settings.TIKTOK_CLIENT_KEY
    return AuditStatus(
        is_audited=settings.TIKTOK_CLIENT_AUDITED,
        usage=client_usage(key, now=now),
        creators=_creators(key, now=now),
        told_unaudited_at=_told_unaudited_at(key),
        shown_audited_at=_shown_audited_at(key),
        cap_refusal=_cap_refusal(key),
    )


def _creators(key: str, *, now: datetime) -> tuple[PostingCreator, ...]:
    moments = last_posts(key, now=now)
    accounts = TikTokAccount.objects.in_bulk(moments)
    found = [PostingCreator(accounts[pk], last, last + window()) for pk, last in moments.items()]
    return tuple(sorted(found, key=lambda creator: creator.last))


def _told_unaudited_at(key: str) -> datetime | None:
    events = Event.objects.filter(code=UNAUDITED_CODE, publication__account__client_key=key)
    newest = events.order_by("-pk").first()
    return newest.at if newest else None


def _shown_audited_at(key: str) -> datetime | None:
    published = Attempt.objects.exclude(route__in=INBOX_ROUTES).filter(
        outcome=AttemptOutcome.PUBLISHED,
        publication__account__client_key=key,
        payload__privacy_level__in=[level for level in PrivacyLevel if level != PrivacyLevel.SELF_ONLY],
    )
    newest = published.order_by("-init_started_at").first()
    return newest.init_started_at if newest else None


def _cap_refusal(key: str) -> CapRefusal | None:
    row = ClientPause.objects.filter(client_key=key).first()
    return CapRefusal(row.paused_at, row.creators, row.paused_until) if row else None
