"""Celery's doors into this app: each finds due rows and hands them to a service."""

from datetime import datetime

from celery import shared_task

from accounts.avatars import copy_due_avatars
from accounts.clock import database_now
from accounts.connecting import forget_ended_requests
from accounts.doubting import check_access
from accounts.keeping import keep_alive, refresh_ahead, warn_of_endings
from accounts.models import TikTokAccount
from accounts.moving import forget_ended_moves
from accounts.notifications.sending import send_due_mails

# How many accounts one sweep hands out; the rest follows with the next, and posts are not kept waiting.
BATCH = 50


@shared_task
def copy_avatars_due() -> None:
    """Copy the pictures that TikTok has shown us since the last time."""
    copy_due_avatars(now=database_now())


@shared_task
def send_mails_due() -> None:
    """Mail what people are waiting to be told."""
    send_due_mails(now=database_now())


@shared_task
def forget_ended_offers() -> None:
    """Forget trips to TikTok and offers to move an account that have ended, secrets and all."""
    now = database_now()
    forget_ended_requests(now=now)
    forget_ended_moves(now=now)


@shared_task
def check_access_due() -> int:
    """Check the permissions that an event of TikTok's put in doubt; returns how many."""
    keys = list(TikTokAccount.objects.access_check_due(database_now())[:BATCH])
    for pk in keys:
        check_access_one.apply_async((pk,), expires=30)
    return len(keys)


@shared_task
def check_access_one(pk: int) -> None:
    """Ask TikTok whether this account's permission stands; harmless when doubled, late or lost."""
    check_access(pk, now=database_now())


@shared_task
def keep_alive_due() -> int:
    """Refresh the accounts that nothing has refreshed for a week; returns how many."""
    keys = list(TikTokAccount.objects.keep_alive_due(database_now())[:BATCH])
    for pk in keys:
        keep_alive_one.apply_async((pk,), expires=300)
    return len(keys)


@shared_task
def keep_alive_one(pk: int) -> None:
    """Refresh this account's tokens, unless somebody has done so meanwhile."""
    keep_alive(pk, now=database_now())


@shared_task
def refresh_ahead_one(pk: int, good_until: str) -> None:
    """Have tokens at hand that work until then (an ISO date and time); harmless when doubled, late or lost."""
    refresh_ahead(pk, good_until=datetime.fromisoformat(good_until), now=database_now())


@shared_task
def warn_of_endings_due() -> int:
    """Warn people of permissions that end soon; returns how many warnings were written."""
    return warn_of_endings(now=database_now())
