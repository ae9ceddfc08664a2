"""Keeps all workers together within TikTok's rates per account: calls are counted in the database."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from accounts.models import TikTokAccount
from publishing.models import AccountCall


class Endpoint(StrEnum):
    """What TikTok counts apart from each other, per user access token and minute (sliding)."""

    CREATOR_INFO = "creator_info"
    INIT = "init"
    INBOX_INIT = "inbox_init"
    CONTENT_INIT = "content_init"
    STATUS = "status"
    CANCEL = "cancel"


# One or more below TikTok's 20, 6 and 30: pages ask for creator info too, and clocks differ. For cancelling TikTok
# documents no limit.
LIMITS = {
    Endpoint.CREATOR_INFO: 15,
    Endpoint.INIT: 5,
    Endpoint.INBOX_INIT: 5,
    Endpoint.CONTENT_INIT: 5,
    Endpoint.STATUS: 25,
    Endpoint.CANCEL: 5,
}


def _window() -> timedelta:
    return timedelta(seconds=settings.TIKTOK_RATE_WINDOW_SECONDS)


def take_call(account_id: int, endpoint: Endpoint, *, now: datetime) -> float:
    """Count one call; returns 0 when it may be made now, else the seconds until there is room (nothing counted).

    `now` is the moment right before the call: counted earlier, the calls of one minute could be made in another.
    """
    since = now - _window()
    with transaction.atomic():
        # One caller at a time per account; SQLite's write transactions already are.
        TikTokAccount.objects.select_for_update().only("pk").get(pk=account_id)
        AccountCall.objects.filter(account_id=account_id, endpoint=endpoint, at__lte=since).delete()
        wait = wait_for_call(account_id, endpoint, now=now)
        if not wait:
            AccountCall.objects.create(account_id=account_id, endpoint=endpoint, at=now)
        return wait


def wait_for_call(account_id: int, endpoint: Endpoint, *, now: datetime) -> float:
    """Seconds until there is room for a call, 0 when there is now; counts nothing and promises nothing."""
    calls = AccountCall.objects.filter(account_id=account_id, endpoint=endpoint, at__gt=now - _window())
    moments = list(calls.order_by("at").values_list("at", flat=True))
    if len(moments) < LIMITS[endpoint]:
        return 0.0
    return max(0.05, (moments[-LIMITS[endpoint]] + _window() - now).total_seconds())
