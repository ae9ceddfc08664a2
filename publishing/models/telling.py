"""What people are told of a publication's moves, in the transaction of the move itself."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.models import Kind
from accounts.notifications.about_accounts import tell_needs_reconnect
from accounts.notifications.telling import News, notify, settle
from composer.consents import choices_of
from publishing.explanations import LOOK_FIRST, explain
from publishing.naming import poster_url_of, title_of
from publishing.reasons import Reason
from publishing.states import State

if TYPE_CHECKING:
    from .publications import Publication

_KINDS: dict[State, Kind] = {
    State.PUBLISHED: Kind.PUBLISHED,
    State.IN_INBOX: Kind.DELIVERED,
    State.HELD: Kind.HELD,
    State.FAILED: Kind.FAILED,
    State.UNCONFIRMED: Kind.UNCONFIRMED,
}
_ACTIONS: dict[Kind, str] = {
    Kind.PUBLISHED: "See the post",
    Kind.DELIVERED: "See the draft",
    Kind.UNCONFIRMED: "Check it",
}
# Reasons that somebody mends at the account, not at the post.
_MENDED_AT_ACCOUNT = frozenset(
    {Reason.ACCOUNT_DISCONNECTED, Reason.MISSING_SCOPE, Reason.MISSING_UPLOAD_SCOPE, "scope_not_authorized"}
)


def is_told(from_: State, to: State) -> bool:
    """Whether anybody is told of such a move, or anything told before is settled by it."""
    return to in _KINDS or to == State.WAITING_RECONNECT or from_ in _KINDS


def tell_of_move(
    publication: "Publication", from_: State, *, event_id: int, by_person: bool, now: datetime
) -> None:
    """Tell the workspace's people where the publication has come to; what was told of it before is settled.

    What a person did by pressing a button is not told: it only settles.
    """
    about = f"publication:{publication.pk}"
    if from_ in _KINDS:
        settle(about, now=now)
    if by_person:
        return
    account, to = publication.account, State(publication.state)
    if to == State.WAITING_RECONNECT:
        # One thing to do for all the posts that wait: it is told about the account, once.
        tell_needs_reconnect(
            account, workspace_id=publication.workspace_id, reason=account.state_reason, now=now
        )
    elif kind := _KINDS.get(to):
        notify(
            publication.workspace_id, _news(publication, kind, about=about, key=f"move:{event_id}"), now=now
        )


def _news(publication: "Publication", kind: Kind, *, about: str, key: str) -> News:
    consent, reason = publication.consent, publication.reason
    happened, to_do = _words(publication, kind)
    is_at_account = reason in _MENDED_AT_ACCOUNT
    return News(
        kind=kind,
        key=key,
        about=about,
        account=publication.account,
        reason=reason,
        subject=title_of(choices_of(consent)),
        happened=happened,
        to_do=to_do,
        action="Open Accounts" if is_at_account else _ACTIONS.get(kind, "Open the post"),
        path=(
            reverse("accounts:account-list")
            if is_at_account
            else reverse("publishing:post-detail", args=[publication.post_id])
        ),
        picture_path=poster_url_of(consent.media),
    )


def _words(publication: "Publication", kind: Kind) -> tuple[str, str]:
    if kind == Kind.PUBLISHED:
        return "TikTok says that it is published.", ""
    if kind == Kind.DELIVERED:
        return (
            "TikTok has put the draft into the creator's inbox.",
            "The creator opens the notification in the TikTok app to finish and post it.",
        )
    why = explain(publication.reason, has_photos=publication.consent.media.is_photo)
    if kind == Kind.UNCONFIRMED:
        return why.what_happened, LOOK_FIRST
    if any(attempt.may_be_public for attempt in publication.attempts.all()):
        return why.what_happened, "Look at the profile on TikTok before you post it again."
    return why.what_happened, why.what_to_do
