"""An event says that a permission was removed: TikTok is asked, and only its answer counts."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.errors import NeedsReconnectError, RefreshBusyError
from accounts.models import AccountState, TikTokAccount
from accounts.tokens import access_token_for, forget_dead_tokens
from tiktok.errors import AccessTokenInvalidError, ApiError, RateLimitError, ServerError, TikTokError
from tiktok.types import Scope

logger = logging.getLogger(__name__)

# TikTok cannot be asked at the moment: ask again after so long, until it answers.
RETRY = timedelta(seconds=60)
# TikTok's numbers (https://developers.tiktok.com/doc/webhooks-events) as the words of accounts/health.py.
_REASONS = {
    "2": "access_removed_deleted",
    "3": "access_removed_age",
    "4": "access_removed_banned",
}


def doubt_access(open_id: str, *, reason: str, now: datetime) -> bool:
    """Have an account's permission checked soon; returns whether there is such an account. Changes nothing else."""
    accounts = TikTokAccount.objects.filter(client_key=settings.TIKTOK_CLIENT_KEY, open_id=open_id)
    accounts.filter(state=AccountState.CONNECTED).update(
        access_check_at=now, access_check_reason=_REASONS.get(reason, "access_removed")
    )
    return accounts.exists()


def check_access(account_id: int, *, now: datetime) -> None:
    """Ask TikTok one harmless thing in the account's name, and go by how it answers.

    Only when TikTok calls the access token invalid and refuses to refresh it, the account needs reconnecting: its
    people are told, its tokens are forgotten and its posts wait. Whatever else it answers, the event was forged or
    old, and nothing changes. Must be called with no transaction open.
    """
    rows = TikTokAccount.objects.filter(pk=account_id)
    # Claimed and, should this process die, put off by the same statement.
    if not rows.filter(access_check_at__lte=now).update(access_check_at=now + RETRY):
        return
    account = rows.get()
    try:
        if account.state == AccountState.CONNECTED:
            _ask(account, now=now)
    except NeedsReconnectError as error:
        logger.warning("account %s: TikTok's event was right (%s)", account_id, error.reason)
        forget_dead_tokens(account)
    except (RefreshBusyError, TikTokError) as error:
        logger.info("account %s: its permission could not be checked (%s)", account_id, type(error).__name__)
        return
    rows.filter(access_check_at=now + RETRY).update(access_check_at=None, access_check_reason="")


def _ask(account: TikTokAccount, *, now: datetime) -> None:
    """Returns when the permission stands; raises NeedsReconnectError when not, else why TikTok did not say."""
    refused_as = account.access_check_reason
    token = access_token_for(account, now=now, refused_as=refused_as)
    try:
        _call_harmlessly(account, token)
    except AccessTokenInvalidError:
        # Where only the access token is dead, the refresh brings another; where the permission is, TikTok refuses.
        access_token_for(account, now=database_now(), stale=token, refused_as=refused_as)
    except ApiError as error:
        if isinstance(error, ServerError | RateLimitError):
            raise
        # Refused for what was asked, not for who asks: TikTok knows the token.


def _call_harmlessly(account: TikTokAccount, token: str) -> None:
    with tiktok_client(account, token) as client:
        if account.has_scope(Scope.USER_INFO_BASIC):
            client.fetch_user_info(("open_id",))
        elif account.has_scope(Scope.VIDEO_PUBLISH):
            client.query_creator_info()
