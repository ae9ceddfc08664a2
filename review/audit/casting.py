"""Finds who plays a part in the walk: an account of the workspace, or a simulated creator who is invited.

Real accounts are only ever found, by what TikTok last said about them. A simulated creator has no person behind them
who could be asked: there the invitation is answered on the simulated consent page, and comes back the usual way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
from django.conf import settings

from accounts.clock import database_now
from accounts.connecting import ConnectOutcome, Returned, finish_connect, start_connect
from accounts.models import AccountState, TikTokAccount, User, Workspace
from review.audit.steps import Part
from tiktok import CreatorInfo
from tiktok.types import PrivacyLevel, Scope

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)

# Who plays a part while TikTok is simulated.
CAST: dict[Part, str] = {
    Part.ANYBODY: "poppy.public",
    Part.AT_CAP: "lena.limit",
    Part.SHORT_VIDEOS: "miles.sixty",
    Part.PRIVATE: "priya.private",
    Part.ONLY_ME: "olly.onlyme",
    Part.DUET_OFF: "dana.noduet",
    Part.COMMENTS_OFF: "casey.nocomments",
}

# How a real account comes to be so, where its owner can bring it about.
_HOW_TO: dict[Part, str] = {
    Part.ANYBODY: "Connect a TikTok account that may post, on the Accounts page.",
    Part.AT_CAP: "TikTok alone decides when an account has posted enough for a day, so this cannot be brought about. "
    "It is shown with the simulated TikTok.",
    Part.SHORT_VIDEOS: "Connect a TikTok account that may post, on the Accounts page.",
    Part.PRIVATE: "In the TikTok app make the account private, then open its page here again.",
    Part.ONLY_ME: "TikTok alone decides what it offers an account, so this cannot be brought about. It is shown with "
    "the simulated TikTok.",
    Part.DUET_OFF: "In the TikTok app switch Duet and Stitch off for the account, or make it private, then open its "
    "page here again.",
    Part.COMMENTS_OFF: "In the TikTok app switch comments off for the account, then open its page here again.",
}


class CannotStageError(Exception):
    """The page cannot be put into this state now; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of inviting a simulated creator: an account of this workspace, or the key of an offer to move it."""

    account: TikTokAccount | None
    move_pk: int | None = None


def is_simulated() -> bool:
    """Whether parts are played by simulated creators."""
    return settings.TIKTOK_IS_SIMULATED and not settings.IS_PRODUCTION


def find_player(part: Part, workspace: Workspace) -> TikTokAccount | None:
    """An account of the workspace for this part; None where there is none. Nobody is asked for it."""
    accounts = TikTokAccount.objects.filter(workspace=workspace, state=AccountState.CONNECTED)
    if is_simulated():
        return accounts.filter(username=CAST[_needed(part)]).first()
    parts = dict.fromkeys((_needed(part), part))
    return next((account for each in parts for account in accounts if _FITS[each](account)), None)


def _needed(part: Part) -> Part:
    """Until the audit only private accounts may post: where anybody would do, a private one is wanted."""
    return Part.PRIVATE if part is Part.ANYBODY and not settings.TIKTOK_CLIENT_AUDITED else part


def invite(part: Part, *, user: User, workspace: Workspace, session_key: str, next_path: str) -> Invited:
    """Connect the simulated creator of this part, by TikTok's own way: consent page, code, tokens.

    Must be called with no transaction open. Raises CannotStageError where TikTok is not simulated or does not answer.
    """
    if not is_simulated():
        raise CannotStageError(f"This step needs {part.value}. {_HOW_TO[part]}")
    address = start_connect(
        user, workspace=workspace, session_key=session_key, now=database_now(), next_path=next_path
    )
    scopes = [scope for scope in settings.TIKTOK_SCOPES if scope in set(Scope)]
    try:
        answer = httpx.post(
            address,
            data={"creator": CAST[_needed(part)], "scopes": scopes, "decision": "continue"},
            timeout=_TIMEOUT,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise CannotStageError("The simulated TikTok does not answer. Start it, then try again.") from error
    back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    outcome = finish_connect(
        Returned(state=back.get("state", [""])[0], code=back.get("code", [""])[0]),
        user=user,
        session_key=session_key,
        now=database_now(),
    )
    return _invited(part, outcome)


def _invited(part: Part, outcome: ConnectOutcome) -> Invited:
    if outcome.move is not None:
        return Invited(None, outcome.move.pk)
    if outcome.account is None:
        raise CannotStageError(
            f"The simulated creator {CAST[_needed(part)]} could not be connected. Try again."
        )
    return Invited(outcome.account)


def _last_said(account: TikTokAccount) -> CreatorInfo | None:
    """What TikTok last said the creator may do, if it last said that they may post."""
    return None if account.creator_block else account.latest_creator_info


def _says(is_so: Callable[[CreatorInfo], bool]) -> Callable[[TikTokAccount], bool]:
    def fits(account: TikTokAccount) -> bool:
        info = _last_said(account)
        return info is not None and is_so(info)

    return fits


_FITS: dict[Part, Callable[[TikTokAccount], bool]] = {
    Part.ANYBODY: _says(lambda info: True),
    Part.AT_CAP: lambda account: bool(account.creator_block),
    Part.SHORT_VIDEOS: _says(lambda info: info.max_video_post_duration_sec > 0),
    Part.PRIVATE: _says(lambda info: PrivacyLevel.FOLLOWER_OF_CREATOR in info.privacy_level_options),
    Part.ONLY_ME: _says(lambda info: set(info.privacy_level_options) == {PrivacyLevel.SELF_ONLY}),
    Part.DUET_OFF: _says(lambda info: info.duet_disabled and info.stitch_disabled),
    Part.COMMENTS_OFF: _says(lambda info: info.comment_disabled),
}
