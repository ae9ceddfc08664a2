"""Keeps permissions alive: refreshed shortly before a post needs them, and weekly; people are warned of an end.

Never oftener: under strict rotation each refresh is a small risk (accounts/tokens.py).
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.errors import NeedsReconnectError, RefreshBusyError
from accounts.models import KEEP_ALIVE_AFTER, TikTokAccount, TokenPair
from accounts.notifications.about_accounts import tell_ends_soon
from accounts.tokens import access_token_for
from tiktok.errors import TikTokError

logger = logging.getLogger(__name__)

# Days before the refresh token ends, the earliest first.
WARN_DAYS = (14, 7, 2)
BATCH = 200


def refresh_ahead(account_id: int, *, good_until: datetime, now: datetime) -> bool:
    """Refresh now what would have to be refreshed before `good_until`; returns whether there are such tokens.

    So a dead account is found, and its people are told, before its post is due.
    """
    return _refresh(account_id, now=now, good_until=good_until)


def keep_alive(account_id: int, *, now: datetime) -> bool:
    """Refresh an account unless that was done within the week; returns whether its tokens are that young."""
    return _refresh(account_id, now=now, fresh_since=now - KEEP_ALIVE_AFTER)


def warn_of_endings(*, now: datetime) -> int:
    """Have people told 14, 7 and 2 days before a permission ends; returns how many warnings were written.

    Each is told once for each end: the row remembers the last, in the transaction that tells them.
    """
    ending = TokenPair.objects.filter(
        account__in=TikTokAccount.objects.of_our_app(),
        refresh_expires_at__gt=now,
        refresh_expires_at__lte=now + timedelta(days=WARN_DAYS[0]),
    )
    return sum(
        _warn_once(pair, now=now)
        for pair in ending.select_related("account__workspace").order_by("refresh_expires_at", "pk")
    )


def _warn_once(pair: TokenPair, *, now: datetime) -> bool:
    if pair.refresh_expires_at is None:
        return False
    left = pair.refresh_expires_at - now
    days = min(days for days in WARN_DAYS if left <= timedelta(days=days))
    with transaction.atomic():
        is_first = (
            TokenPair.objects.filter(pk=pair.pk, refresh_expires_at=pair.refresh_expires_at)
            .filter(Q(end_warned_days__isnull=True) | Q(end_warned_days__gt=days))
            .update(end_warned_days=days)
        )
        if is_first:
            # The last hours count as a day.
            days_left = max(1, round(left / timedelta(days=1)))
            tell_ends_soon(pair.account, days_left=days_left, ends_at=pair.refresh_expires_at, now=now)
    return bool(is_first)


def _refresh(
    account_id: int,
    *,
    now: datetime,
    good_until: datetime | None = None,
    fresh_since: datetime | None = None,
) -> bool:
    account = TikTokAccount.objects.filter(pk=account_id, client_key=settings.TIKTOK_CLIENT_KEY).first()
    if account is None:
        return False
    try:
        access_token_for(account, now=now, good_until=good_until, fresh_since=fresh_since)
    except (NeedsReconnectError, RefreshBusyError, TikTokError) as error:
        # Whom it concerns has been told; everything else the next sweep tries again.
        logger.info("account %s could not be refreshed ahead (%s)", account_id, type(error).__name__)
        return False
    return True
