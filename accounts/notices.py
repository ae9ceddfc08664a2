"""Telling a workspace's people about an account: a row with the event itself, the mail soon after."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.health import reconnect_text
from accounts.models import Notice, NoticeKind, TikTokAccount, User, Workspace

logger = logging.getLogger(__name__)

MAX_MAIL_TRIES = 8
FIRST_RETRY = timedelta(minutes=2)


def add_notice(
    workspace: Workspace, *, account: TikTokAccount, kind: NoticeKind, now: datetime, reason: str = ""
) -> Notice:
    """Write down that the people of `workspace` are to be told; call it in the event's own transaction."""
    return Notice.objects.create(
        workspace=workspace,
        account=account,
        account_name=account.display_name,
        kind=kind,
        reason=reason,
        mail_due_at=now,
    )


def send_due_notices(*, now: datetime, limit: int = 50) -> int:
    """Send the mails that are due and return how many went out.

    The next try is written down before a mail is handed over, so that a crash between the two tells people
    late, or in the worst case twice, but never not at all.
    """
    sent = 0
    for notice in Notice.objects.mail_due(now).select_related("workspace")[:limit]:
        claimed = Notice.objects.filter(
            pk=notice.pk, mailed_at__isnull=True, mail_tries=notice.mail_tries, mail_due_at=notice.mail_due_at
        ).update(mail_tries=notice.mail_tries + 1, mail_due_at=_next_try(notice.mail_tries + 1, now))
        if claimed and _send(notice):
            Notice.objects.filter(pk=notice.pk).update(mailed_at=now, mail_due_at=None)
            sent += 1
    return sent


def _next_try(tries: int, now: datetime) -> datetime | None:
    return now + FIRST_RETRY * 2 ** (tries - 1) if tries < MAX_MAIL_TRIES else None


def _send(notice: Notice) -> bool:
    people = User.objects.filter(memberships__workspace=notice.workspace_id, is_active=True)
    addresses = [address for address in people.values_list("email", flat=True) if address]
    context = {
        "notice": notice,
        "why": reconnect_text(notice.reason),
        "product_name": settings.PRODUCT_NAME,
        "accounts_url": f"{settings.PUBLIC_URL}{reverse('accounts:account-list')}",
    }
    name = f"accounts/email/{notice.kind}"
    subject = " ".join(render_to_string(f"{name}_subject.txt", context).split())
    body = render_to_string(f"{name}_message.txt", context)
    try:
        for address in addresses:
            EmailMessage(subject, body, to=[address]).send()
    except OSError as error:  # SMTPException is one; the address and the server's words stay out of the log
        logger.warning("A notice could not be mailed (notice %s, %s).", notice.pk, type(error).__name__)
        return False
    return True
