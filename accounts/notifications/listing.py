"""Which notifications a person sees, under which filter, and each as the page shows it: a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Delivery, TikTokAccount, User
from accounts.notifications.kinds import MANNERS, headline_of, manner_of

# More than so many unread are shown as "99+": counting further costs and tells nothing.
COUNTED = 100
_NEEDS_YOU = Q(
    notification__kind__in=[kind for kind, manner in MANNERS.items() if manner.needs_you],
    notification__settled_at__isnull=True,
)
_UNREAD = Q(read_at__isnull=True)


class Shelf(StrEnum):
    """What a person filters by; the value stands in the address."""

    UNREAD = "unread"
    NEEDS_YOU = "needs-you"


@dataclass(frozen=True)
class ListFilter:
    """What the address asks for; words it does not know filter nothing."""

    account_pk: int | None = None
    shelf: Shelf | None = None

    @classmethod
    def from_query(cls, account: str, show: str) -> "ListFilter":
        """Read `?account=7&show=unread` as people and bookmarks write it."""
        # 18 digits: beyond them a database cannot hold the number.
        account_pk = int(account) if account.isascii() and account.isdigit() and len(account) <= 18 else None
        return cls(account_pk, Shelf(show) if show in set(Shelf) else None)

    def url(self, **changes: str) -> str:
        """The address of the same list with something changed; an empty word takes a filter away."""
        asked = {"account": str(self.account_pk or ""), "show": str(self.shelf or ""), **changes}
        query = urlencode({name: word for name, word in asked.items() if word})
        return reverse("notifications:notification-list") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class FilterLink:
    """One choice of a filter, as a link that can be bookmarked."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Card:
    """One notification on the page."""

    pk: int
    kind: str
    word: str
    icon: str
    tone: str
    headline: str
    happened: str
    to_do: str
    until: datetime | None
    action: str
    account_name: str
    avatar_url: str
    picture_path: str
    at: datetime
    is_read: bool
    is_settled: bool
    is_mail_in_doubt: bool


def unread_count(user: User) -> int:
    """How many this person has not read, up to COUNTED: one query over a small index, once a page."""
    return Delivery.objects.visible_to(user).unread()[:COUNTED].count()


def deliveries_of(user: User, wanted: ListFilter) -> QuerySet[Delivery]:
    """This person's copies, the newest first, each with all that its card shows."""
    rows = _of_account(user, wanted)
    if wanted.shelf is Shelf.UNREAD:
        rows = rows.filter(_UNREAD)
    elif wanted.shelf is Shelf.NEEDS_YOU:
        rows = rows.filter(_NEEDS_YOU)
    return rows.select_related("notification__account").order_by("-notification_id")


def shelf_links(user: User, wanted: ListFilter) -> list[FilterLink]:
    """All, the unread, and those that need somebody, with their numbers, in one query."""
    counts = _of_account(user, wanted).aggregate(
        all=Count("pk"), unread=Count("pk", filter=_UNREAD), needs_you=Count("pk", filter=_NEEDS_YOU)
    )
    return [
        FilterLink("All", wanted.url(show=""), wanted.shelf is None, counts["all"]),
        FilterLink("Unread", wanted.url(show="unread"), wanted.shelf is Shelf.UNREAD, counts["unread"]),
        FilterLink(
            "Need you", wanted.url(show="needs-you"), wanted.shelf is Shelf.NEEDS_YOU, counts["needs_you"]
        ),
    ]


def account_links(wanted: ListFilter, accounts: Iterable[TikTokAccount]) -> list[FilterLink]:
    """All accounts, then each."""
    return [
        FilterLink("All accounts", wanted.url(account=""), wanted.account_pk is None),
        *(
            FilterLink(
                account.display_name, wanted.url(account=str(account.pk)), wanted.account_pk == account.pk
            )
            for account in accounts
        ),
    ]


def card_of(delivery: Delivery) -> Card:
    """A copy as the page shows it; reads nothing that `deliveries_of` has not loaded."""
    notification, manner = delivery.notification, manner_of(delivery.notification)
    account = notification.account
    is_ours = account is not None and account.workspace_id == notification.workspace_id
    return Card(
        pk=delivery.pk,
        kind=notification.kind,
        word=manner.label,
        icon=manner.icon,
        tone=manner.tone,
        headline=headline_of(notification),
        happened=notification.happened,
        to_do=notification.to_do,
        until=notification.until,
        action=notification.action,
        account_name=notification.account_name,
        avatar_url=account.avatar_url if account is not None and is_ours else "",
        picture_path=notification.picture_path if notification.subject else "",
        at=notification.created_at,
        is_read=delivery.read_at is not None,
        is_settled=notification.settled_at is not None,
        is_mail_in_doubt=delivery.mail_in_doubt,
    )


def _of_account(user: User, wanted: ListFilter) -> QuerySet[Delivery]:
    rows = Delivery.objects.visible_to(user)
    if wanted.account_pk is not None:
        rows = rows.filter(notification__account_id=wanted.account_pk)
    return rows
