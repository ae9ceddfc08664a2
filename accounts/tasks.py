"""Celery's doors into this app: each finds due rows and hands them to a service."""

from celery import shared_task

from accounts.avatars import copy_due_avatars
from accounts.clock import database_now
from accounts.connecting import forget_ended_requests
from accounts.moving import forget_ended_moves
from accounts.notifications.sending import send_due_mails


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
