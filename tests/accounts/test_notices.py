"""Telling people by e-mail: once, all of a workspace, and again later when the mail server is away."""

import smtplib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from accounts.clock import database_now
from accounts.models import Membership, Notice, NoticeKind, TikTokAccount, User
from accounts.notices import MAX_MAIL_TRIES, add_notice, send_due_notices
from accounts.tasks import send_notices_due


@pytest.fixture
def now(db: None) -> datetime:
    return database_now()


@pytest.fixture
def notice(account: TikTokAccount, now: datetime) -> Notice:
    return add_notice(
        account.workspace, account=account, kind=NoticeKind.NEEDS_RECONNECT, reason="refresh_lost", now=now
    )


def test_tells_everybody_of_the_workspace_once(
    notice: Notice, now: datetime, bob: User, mailoutbox: list[Any]
) -> None:
    Membership.objects.create(workspace=notice.workspace, user=bob)
    User.objects.create_user("gone@example.com", is_active=False)
    assert send_due_notices(now=now) == 1
    assert send_due_notices(now=now + timedelta(days=1)) == 0
    assert sorted(address for mail in mailoutbox for address in mail.to) == [
        "alice@example.com",
        "bob@example.com",
    ]
    mail = mailoutbox[0]
    assert mail.subject == "Poppy needs reconnecting to Greenroom"
    assert mail.body == (
        "Greenroom cannot post to Poppy any more.\n\n"
        "TikTok renewed its permission, but the answer was lost on the way. Posts for it wait; nothing is lost.\n\n"
        "To go on, open Accounts and press Reconnect:\n\n"
        "http://localhost:8000/accounts/\n\n"
        "-- \nGreenroom\n\n"
    )


def test_a_name_cannot_forge_a_mail(account: TikTokAccount, now: datetime, mailoutbox: list[Any]) -> None:
    TikTokAccount.objects.update(nickname="Evil\r\nBcc: all@example.com")
    account.refresh_from_db()
    add_notice(account.workspace, account=account, kind=NoticeKind.MOVED_AWAY, now=now)
    send_due_notices(now=now)
    assert mailoutbox[0].subject == "Evil Bcc: all@example.com was moved to another workspace"
    assert mailoutbox[0].to == ["alice@example.com"]


def test_tries_again_with_growing_gaps_and_then_stops(
    notice: Notice, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: EmailMessage, **_kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected("away")

    monkeypatch.setattr(EmailMessage, "send", refuse)
    gaps = []
    while notice.mail_due_at is not None:
        due = notice.mail_due_at
        assert send_due_notices(now=due - timedelta(microseconds=1)) == 0
        assert send_due_notices(now=due) == 0
        notice.refresh_from_db()
        if notice.mail_due_at is not None:
            gaps.append(notice.mail_due_at - due)
    assert gaps == [timedelta(minutes=2 * 2**number) for number in range(MAX_MAIL_TRIES - 1)]
    assert notice.mailed_at is None


def test_comes_through_when_the_mail_server_is_back(
    notice: Notice, now: datetime, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", lambda *_args: (_ for _ in ()).throw(ConnectionRefusedError()))
        send_due_notices(now=now)
    assert send_due_notices(now=now + timedelta(minutes=2)) == 1
    assert len(mailoutbox) == 1


def test_the_task_sends_what_is_due(notice: Notice, mailoutbox: list[Any]) -> None:
    send_notices_due()
    assert len(mailoutbox) == 1
