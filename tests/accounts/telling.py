"""What tests of notifications share: news to tell, and everything about mails done at once."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from accounts.clock import database_now
from accounts.models import Delivery, Kind, Mail, Notification, TikTokAccount
from accounts.notifications.sending import send_due_mails
from accounts.notifications.telling import News, notify

_numbers = itertools.count(1)
LATER = timedelta(minutes=10)


def tell(account: TikTokAccount, kind: Kind = Kind.HELD, **fields: Any) -> Notification:
    """Tell the account's workspace of one event about a post."""
    number = next(_numbers)
    workspace_id = fields.pop("workspace_id", account.workspace_id)
    now = fields.pop("now", None) or database_now()
    news = News(
        **{
            "kind": kind,
            "key": f"test:{number}",
            "about": f"publication:{number}",
            "account": account,
            "reason": "rules_changed",
            "subject": f"Post {number}",
            "happened": "TikTok no longer allows what you chose.",
            "to_do": "Choose again.",
            "action": "Open the post",
            "path": f"/posts/{number}/",
            **fields,
        }
    )
    assert notify(workspace_id, news, now=now)
    return Notification.objects.get(key=news.key)


def send_all() -> int:
    """Send what is due, as if everybody had waited long enough for more of the same."""
    past = database_now() - timedelta(seconds=1)
    Delivery.objects.filter(mail=None, mail_due_at__isnull=False, in_digest=False).update(mail_due_at=past)
    return send_due_mails(now=database_now())


def let_time_pass() -> None:
    """Leases run out and gaps end."""
    past = database_now() - LATER
    Mail.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Mail.objects.filter(outcome="").update(due_at=past)


def copy_of(notification: Notification) -> Delivery:
    """The only copy there is."""
    return Delivery.objects.get(notification=notification)


def at(text: str) -> datetime:
    """A moment in UTC, `2026-03-29 01:30`."""
    return datetime.fromisoformat(f"{text}+00:00")
