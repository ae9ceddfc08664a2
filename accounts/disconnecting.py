"""Disconnecting an account: TikTok is told, our tokens are forgotten, the row stays as history."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.clients import oauth_client
from accounts.errors import NeedsReconnectError, RefreshBusyError
from accounts.models import AccountState, TikTokAccount
from accounts.notifications.about_accounts import settle_permission
from accounts.tokens import forget_tokens, wait_for_access_token
from tiktok.errors import TikTokError

logger = logging.getLogger(__name__)

# A refresh that is under way ends within this, nearly always; revoking needs the token it brings.
REFRESH_WAIT_SECONDS = 2.0


def disconnect(account: TikTokAccount, *, now: datetime) -> bool:
    """Disconnect, and return whether TikTok could be told.

    Our tokens are forgotten in any case, so nothing can be posted any more. Where TikTok could not be told it
    still lists the app until the person removes it there; there is no later try, because that would mean
    keeping the token that the person asked us to forget. Must be called with no transaction open.
    """
    is_told = _revoke(account, now=now)
    with transaction.atomic():
        forget_tokens(account)
        TikTokAccount.objects.filter(pk=account.pk).update(
            state=AccountState.DISCONNECTED, state_reason="", creator_block="", avatar_due_at=None
        )
        settle_permission(account, now=now)
    return is_told


def _revoke(account: TikTokAccount, *, now: datetime) -> bool:
    try:
        oauth_client().revoke(wait_for_access_token(account, now=now, wait_seconds=REFRESH_WAIT_SECONDS))
    except (NeedsReconnectError, RefreshBusyError, TikTokError) as error:
        logger.warning("TikTok could not be told about account %s (%s).", account.pk, type(error).__name__)
        return False
    return True
