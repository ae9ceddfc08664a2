"""What may be pressed on the page of a post, which of it first, and why the rest is no longer possible."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import AccountState
from publishing.kinds import Kind
from publishing.models import Publication
from publishing.presentation import is_account_ready, may_be_out
from publishing.reasons import Reason
from publishing.scheduling import has_missed, is_post_now_possible, is_reschedule_possible
from publishing.services import (
    is_cancel_askable,
    is_cancel_possible,
    is_reopen_possible,
    is_retry_possible,
)
from publishing.states import State

# A missing permission is given on TikTok's page, while the account itself is connected and well.
_PERMISSION_CODES = frozenset(
    {"missing_scope", "scope_not_authorized", "scope_permission_missed", "auth_removed"}
)
_UNDER_WAY = frozenset({State.STARTING, State.UPLOADING, State.PROCESSING})
_RESTS = frozenset({State.HELD, State.WAITING_RECONNECT, State.FAILED})


@dataclass(frozen=True)
class Actions:
    """What may be pressed now; `primary` names the one to press first.

    `reopen_label` says what going back to the composer is for; `no_longer` why something cannot be pressed any more.
    """

    can_try_again: bool
    can_reschedule: bool
    can_post_now: bool
    can_cancel: bool
    can_reopen: bool
    can_reconnect: bool
    reopen_label: str
    reschedule_label: str
    cancel_note: str
    no_longer: str
    primary: str


def actions_of(publication: Publication, kind: Kind, *, now: datetime) -> Actions:
    """Reads prefetched attempts."""
    is_ready = is_account_ready(publication)
    can_reopen = is_reopen_possible(publication)
    can_reschedule = is_reschedule_possible(publication)
    can_reconnect = _can_reconnect(publication)
    can_try_again = (
        is_ready
        and not can_reschedule  # then *Post now* says better what happens
        and publication.consent.voided_at is None
        and is_retry_possible(publication)
        and not may_be_out(publication)
    )
    can_ask = is_cancel_askable(publication)
    can_cancel = is_cancel_possible(publication) or can_ask
    ranking = (
        ("reconnect", can_reconnect),
        ("reschedule", can_reschedule),
        ("try-again", can_try_again),
        ("reopen", can_reopen),
    )
    rests = publication.state in _RESTS
    return Actions(
        can_try_again=can_try_again,
        can_reschedule=can_reschedule,
        can_post_now=is_post_now_possible(publication, now=now),
        can_cancel=can_cancel,
        can_reopen=can_reopen,
        can_reconnect=can_reconnect,
        reopen_label=_reopen_label(publication),
        reschedule_label="Choose a new time" if has_missed(publication) else "Reschedule",
        cancel_note=_cancel_note(publication, kind) if can_ask else "",
        no_longer=_no_longer(publication, can_cancel=can_cancel),
        primary=next((name for name, is_possible in ranking if is_possible), "") if rests else "",
    )


def _can_reconnect(publication: Publication) -> bool:
    account = publication.account
    lacks_permission = (
        publication.reason in _PERMISSION_CODES
        and account.state == AccountState.CONNECTED
        and account.connected_at <= publication.updated_at
    )
    return (
        publication.state in _RESTS
        and account.workspace_id == publication.workspace_id
        and (account.state == AccountState.NEEDS_RECONNECT or lacks_permission)
    )


def _reopen_label(publication: Publication) -> str:
    if publication.reason == Reason.RULES_CHANGED:
        return "Choose again"
    waits = publication.state == State.SCHEDULED or has_missed(publication)
    return "Back to draft" if waits else "Edit and post again"


def _cancel_note(publication: Publication, kind: Kind) -> str:
    """What pressing *Cancel* can still do once TikTok has everything in reach."""
    if kind.is_pulled:
        return "TikTok may be fetching it already: it is asked to stop, and decides whether it still can."
    has_everything = publication.state == State.PROCESSING
    what = "TikTok has the whole file" if has_everything else "The last part is on its way to TikTok"
    return f"{what}: TikTok is asked to stop, and decides whether it still can."


def _no_longer(publication: Publication, *, can_cancel: bool) -> str:
    """Why a post that has left the schedule cannot be moved or taken back; empty where nobody expects it."""
    state = State(publication.state)
    if state == State.UNCONFIRMED:
        return "Another time, Back to draft and Cancel are no longer possible: TikTok may have published it."
    if state not in _UNDER_WAY:
        return ""
    if not any(attempt.may_be_public for attempt in publication.attempts.all()):
        return (
            "Another time and Back to draft are no longer possible: it is on its way. "
            "Cancel it first, then edit it."
        )
    if can_cancel:
        return "Another time and Back to draft are no longer possible: TikTok may publish it at any moment."
    return (
        "Another time and Back to draft are no longer possible: TikTok may publish it at any moment. "
        "Cancel was pressed already."
    )
