"""Which posts a person sees, in which order, under which filter: a fixed number of queries for any number."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import TikTokAccount, User
from composer.models import Post
from publishing.models import Attempt, Event
from publishing.states import State

ON_THE_WAY = frozenset({State.SCHEDULED, State.STARTING, State.UPLOADING, State.PROCESSING})


class Shelf(StrEnum):
    """The groups of states a person filters by; the value stands in the address."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    UNDER_WAY = "under-way"
    NEEDS_YOU = "needs-you"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"


SHELF_LABELS: dict[Shelf, str] = {
    Shelf.NEEDS_YOU: "Need you",
    Shelf.SCHEDULED: "Scheduled",
    Shelf.UNDER_WAY: "On their way",
    Shelf.PUBLISHED: "Published",
    Shelf.DRAFT: "Drafts",
    Shelf.FAILED: "Failed",
    Shelf.CANCELLED: "Cancelled",
}
_STATES: dict[Shelf, frozenset[State]] = {
    Shelf.DRAFT: frozenset({State.DRAFT}),
    Shelf.SCHEDULED: frozenset({State.SCHEDULED}),
    Shelf.UNDER_WAY: ON_THE_WAY - {State.SCHEDULED},
    Shelf.NEEDS_YOU: frozenset({State.HELD, State.WAITING_RECONNECT, State.UNCONFIRMED}),
    Shelf.PUBLISHED: frozenset({State.PUBLISHED, State.IN_INBOX}),
    Shelf.FAILED: frozenset({State.FAILED}),
    Shelf.CANCELLED: frozenset({State.CANCELLED}),
}


@dataclass(frozen=True)
class ListFilter:
    """What the address asks for; words it does not know filter nothing."""

    account_pk: int | None = None
    shelf: Shelf | None = None

    @classmethod
    def from_query(cls, account: str, state: str) -> "ListFilter":
        """Read `?account=7&state=published` as people and bookmarks write it."""
        # 18 digits: beyond them a database cannot hold the number.
        account_pk = int(account) if account.isascii() and account.isdigit() and len(account) <= 18 else None
        return cls(account_pk, Shelf(state) if state in SHELF_LABELS else None)

    def url(self, **changes: str) -> str:
        """The address of the same list with something changed; an empty word takes a filter away."""
        asked = {"account": str(self.account_pk or ""), "state": str(self.shelf or ""), **changes}
        query = urlencode({name: word for name, word in asked.items() if word})
        return reverse("publishing:post-list") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class FilterLink:
    """One choice of a filter, as a link that can be bookmarked."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


def account_links(wanted: ListFilter, accounts: Iterable[TikTokAccount]) -> list[FilterLink]:
    """All accounts, then each."""
    everybody = FilterLink("All accounts", wanted.url(account=""), is_current=wanted.account_pk is None)
    each = [
        FilterLink(
            account.display_name,
            wanted.url(account=str(account.pk)),
            is_current=wanted.account_pk == account.pk,
        )
        for account in accounts
    ]
    return [everybody, *each]


def shelf_links(wanted: ListFilter, counts: dict[Shelf, int]) -> list[FilterLink]:
    """All states, then each group with the number of posts in it."""
    everything = FilterLink(
        "All posts", wanted.url(state=""), is_current=wanted.shelf is None, count=sum(counts.values())
    )
    each = [
        FilterLink(label, wanted.url(state=shelf), is_current=wanted.shelf is shelf, count=counts[shelf])
        for shelf, label in SHELF_LABELS.items()
    ]
    return [everything, *each]


def shelf_of(state: str | None) -> Shelf:
    """The group a state belongs to; a post that was never sent is a draft."""
    return next((shelf for shelf, states in _STATES.items() if state in states), Shelf.DRAFT)


def posts_of(user: User, wanted: ListFilter) -> QuerySet[Post]:
    """This person's posts, newest first, each with all that its row shows; those that are scheduled by their time."""
    posts = _of_account(user, wanted)
    if wanted.shelf is not None:
        posts = posts.filter(_on_shelf(wanted.shelf))
    return (
        posts.select_related(
            "account",
            "media",
            "publication__account",
            "publication__consent__media",
        )
        .prefetch_related(
            _attempts(),
            "publication__consent__photos",
            "publication__visibility_changes",
            "post_photos__media",
        )
        .order_by(*(["publication__due_at", "pk"] if wanted.shelf is Shelf.SCHEDULED else ["-pk"]))
    )


def count_shelves(user: User, wanted: ListFilter) -> dict[Shelf, int]:
    """How many posts stand on each shelf for the chosen account, in one query."""
    counts = dict.fromkeys(Shelf, 0)
    rows = _of_account(user, wanted).order_by().values_list("publication__state").annotate(Count("pk"))
    for state, number in rows:
        counts[shelf_of(state)] += number
    return counts


def post_in_full(user: User, pk: int) -> QuerySet[Post]:
    """One post of this person with its whole history, for the post page."""
    events = Event.objects.select_related("person").order_by("pk")
    return (
        Post.objects.visible_to(user)
        .filter(pk=pk)
        .select_related(
            "account", "publication__account", "publication__consent__media", "publication__consent__given_by"
        )
        .prefetch_related(
            _attempts(),
            "publication__attempts__pull_files",
            "publication__consent__photos__media",
            Prefetch("publication__events", queryset=events),
            "publication__visibility_changes",
        )
    )


def _attempts() -> "Prefetch[str, QuerySet[Attempt], str]":
    # The sealed upload address is no business of a page.
    attempts = Attempt.objects.defer("payload", "upload_url_sealed").order_by("number")
    return Prefetch("publication__attempts", queryset=attempts)


def _of_account(user: User, wanted: ListFilter) -> QuerySet[Post]:
    posts = Post.objects.visible_to(user)
    if wanted.account_pk is not None:
        posts = posts.filter(account_id=wanted.account_pk)
    return posts


def _on_shelf(shelf: Shelf) -> Q:
    is_there = Q(publication__state__in=[state.value for state in _STATES[shelf]])
    return is_there | Q(publication__isnull=True) if shelf is Shelf.DRAFT else is_there
