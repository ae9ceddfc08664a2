"""Asking TikTok what a creator may do now, and keeping the answer on the account's row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.clients import tiktok_client
from accounts.errors import NeedsReconnectError, RefreshBusyError
from accounts.models import AVATAR_SOURCE_LENGTH, TikTokAccount
from accounts.tokens import wait_for_access_token
from tiktok.errors import (
    AccessTokenInvalidError,
    ActiveUserCapError,
    ApiError,
    OAuthError,
    RateLimitError,
    ScopeNotAuthorizedError,
    ServerError,
    SpamRiskError,
    TikTokError,
)
from tiktok.types import CreatorInfo, Scope, UserInfo

# Words of ours for why there is no answer; every other refusal is TikTok's own code.
UNREACHABLE = "unreachable"
NEEDS_RECONNECT = "needs_reconnect"
MISSING_SCOPE = "missing_scope"
RATE_LIMITED = "rate_limited"


@dataclass(frozen=True)
class CreatorAnswer:
    """What came of asking: `info`, or else `refusal` says why not.

    `refusal` is "" with an answer; "unreachable", "needs_reconnect", "missing_scope" or "rate_limited" when
    TikTok could not be asked; else TikTok's code for why this creator cannot post now.
    """

    info: CreatorInfo | None
    refusal: str
    log_id: str = ""

    @property
    def may_post(self) -> bool:
        return self.info is not None


def ask_creator(account: TikTokAccount, *, now: datetime, wait_seconds: float = 2.0) -> CreatorAnswer:
    """Ask TikTok about this creator (20 calls a minute per creator) and keep what it says on the row.

    Never raises for TikTok's answers. `wait_seconds` is how long to wait while another process refreshes the
    tokens: a page waits, a worker passes 0. Must be called with no transaction open. Source:
    https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
    """
    if not account.has_scope(Scope.VIDEO_PUBLISH):
        return CreatorAnswer(None, MISSING_SCOPE)
    try:
        info = _query(account, now=now, wait_seconds=wait_seconds)
    except NeedsReconnectError:
        return CreatorAnswer(None, NEEDS_RECONNECT)
    except RefreshBusyError:
        return CreatorAnswer(None, UNREACHABLE)
    except TikTokError as error:
        answer = CreatorAnswer(None, _refusal_of(error), error.log_id)
        if _is_block(error):
            _keep(account, creator_block=answer.refusal)
        return answer
    keep_creator_info(account, info, now=now)
    return CreatorAnswer(info, "")


def keep_creator_info(account: TikTokAccount, info: CreatorInfo, *, now: datetime) -> None:
    """Write TikTok's answer on the row; the picture is copied later (accounts/avatars.py)."""
    _keep(
        account,
        creator_info=info.to_json(),
        creator_info_at=now,
        creator_block="",
        nickname=info.nickname[:200] or account.nickname,
        username=info.username[:100] or account.username,
        **_picture(account, info.avatar_url, now),
    )


def keep_user_info(account: TikTokAccount, info: UserInfo, *, now: datetime) -> None:
    """Write down who connected, for as long as creator info has not said it better."""
    _keep(
        account,
        nickname=info.display_name[:200] or account.nickname,
        **_picture(account, info.avatar_url, now),
    )


def _query(account: TikTokAccount, *, now: datetime, wait_seconds: float) -> CreatorInfo:
    token = wait_for_access_token(account, now=now, wait_seconds=wait_seconds)
    try:
        return _call(account, token)
    except AccessTokenInvalidError:
        return _call(account, wait_for_access_token(account, now=now, wait_seconds=wait_seconds, stale=token))


def _call(account: TikTokAccount, token: str) -> CreatorInfo:
    with tiktok_client(account, token) as client:
        return client.query_creator_info()


def _refusal_of(error: TikTokError) -> str:
    if isinstance(error, ScopeNotAuthorizedError):
        return MISSING_SCOPE
    if isinstance(error, RateLimitError):
        return RATE_LIMITED
    if isinstance(error, ServerError | OAuthError) or not isinstance(error, ApiError):
        return UNREACHABLE
    return error.code


def _is_block(error: TikTokError) -> bool:
    return isinstance(error, SpamRiskError | ActiveUserCapError)


def _picture(account: TikTokAccount, url: str, now: datetime) -> dict[str, Any]:
    """Have the picture copied, unless it is the one already here or its address is longer than we keep."""
    if not url or len(url) > AVATAR_SOURCE_LENGTH:
        return {}
    if url == account.avatar_source and account.avatar:
        return {}
    return {"avatar_source": url, "avatar_due_at": now}


def _keep(account: TikTokAccount, **fields: Any) -> None:
    TikTokAccount.objects.filter(pk=account.pk).update(**fields)
    for name, value in fields.items():
        setattr(account, name, value)
