"""Reads what stands on the calendar, in one query whatever the number of posts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount, User
from composer.models import Destination, MediaKind, PostPhoto
from composer.rules import Choices
from publishing.calendar import Entry
from publishing.kinds import Kind
from publishing.models import Publication
from publishing.naming import title_of
from publishing.scheduling import is_reschedule_possible
from publishing.states import State

# More than a page can mean: what lies beyond is not read, and the page says so.
MOST_ENTRIES = 20_000


@dataclass(frozen=True)
class Entries:
    """The posts of a time span; `is_whole` is false when there are more than anybody can read."""

    entries: tuple[Entry, ...]
    is_whole: bool


def read_entries(
    user: User,
    *,
    start: datetime,
    end: datetime,
    account_pk: int | None,
    accounts: Mapping[int, TikTokAccount],
) -> Entries:
    """This person's posts that go or went out from `start` up to `end`, drafts of the composer left out.

    `accounts` are the person's own, by key; one that has moved away keeps the name it was agreed to with.
    """
    rows = (
        Publication.objects.visible_to(user)
        .filter(due_at__gte=start, due_at__lt=end)
        .exclude(state=State.DRAFT)
        .order_by("due_at", "pk")
    )
    if account_pk is not None:
        rows = rows.filter(account_id=account_pk)
    photos = (
        PostPhoto.objects.filter(post=OuterRef("post_id"))
        .order_by()
        .values("post")
        .annotate(count=Count("pk"))
        .values("count")
    )
    values = rows.annotate(
        photo_count=Coalesce(Subquery(photos), 0),
        out_at=Coalesce("published_at", "delivered_at"),
        shown_name=KeyTextTransform("nickname", "consent__creator_shown"),
    ).values_list(
        "post_id",
        "due_at",
        "state",
        "account_id",
        "time_zone",
        "post__title",
        "post__caption",
        "post__kind",
        "post__destination",
        "consent__media_sha256",
        "photo_count",
        "out_at",
        "reason",
        "waiting_for",
        "shown_name",
        named=True,
    )[: MOST_ENTRIES + 1]
    entries = [_entry(row, accounts) for row in values]
    return Entries(tuple(entries[:MOST_ENTRIES]), is_whole=len(entries) <= MOST_ENTRIES)


def _entry(row: Any, accounts: Mapping[int, TikTokAccount]) -> Entry:
    account = accounts.get(row.account_id)
    is_inbox = row.post__destination == Destination.INBOX
    count = max(1, row.photo_count) if row.post__kind == MediaKind.PHOTO else 0
    return Entry(
        pk=row.post_id,
        at=row.due_at,
        state=State(row.state),
        account_pk=row.account_id,
        who=account.display_name if account else row.shown_name or "TikTok account",
        zone=row.time_zone,
        title=title_of(Choices(title=row.post__title, caption=row.post__caption)),
        kind=Kind(count=count, is_inbox=is_inbox, is_pulled=False).words,
        is_inbox=is_inbox,
        media=row.consent__media_sha256,
        caption=row.post__caption,
        is_movable=is_reschedule_possible(Publication(state=row.state, reason=row.reason)),
        out_at=row.out_at,
        reason=row.reason,
        waiting_for=row.waiting_for,
    )
