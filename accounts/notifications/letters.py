"""Writes a mail from its rows: one thing, several of a kind, or the day's digest, as text and as simple HTML."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Delivery, Kind, Mail
from accounts.notifications.digest import zone_of
from accounts.notifications.kinds import headline_of_many
from accounts.notifications.unsubscribing import DIGEST, unsubscribe_url

SUBJECT_LENGTH = 150
# A mail names so many posts of a group; the rest are on the page.
LISTED = 20


@dataclass(frozen=True)
class Line:
    """One post of several."""

    title: str
    url: str


@dataclass(frozen=True)
class Section:
    """One thing that happened, to one post or to several for the same reason."""

    headline: str
    happened: str
    to_do: str
    until: datetime | None
    action: str
    url: str
    lines: tuple[Line, ...]
    more: int
    is_in_doubt: bool


def write_letter(mail: Mail) -> EmailMultiAlternatives | None:
    """The mail as it goes out; None when nothing in it needs telling any more."""
    rows = Delivery.objects.visible_to(mail.person).unread().filter(mail=mail)
    groups: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in rows.select_related("notification").order_by("notification_id"):
        groups[delivery.notification.group].append(delivery)
    if not groups or not mail.person.email:
        return None
    sections = [_section(copies) for copies in sorted(groups.values(), key=_rank)]
    scope = DIGEST if mail.is_digest else next(iter(groups.values()))[0].notification.kind
    context = {
        "sections": sections,
        "is_digest": mail.is_digest,
        "zone": zone_of(mail.person),
        "product_name": settings.PRODUCT_NAME,
        "page_url": _url(reverse("notifications:notification-list")),
        "settings_url": _url(reverse("notifications:notification-settings")),
        "unsubscribe_url": unsubscribe_url(mail.person_id, scope),
    }
    letter = EmailMultiAlternatives(
        _subject(sections, is_digest=mail.is_digest),
        render_to_string("accounts/email/notification_message.txt", context),
        to=[mail.person.email],
        headers={
            "Message-ID": message_id_of(mail),
            "Auto-Submitted": "auto-generated",
            # One click for the mailbox itself: RFC 8058.
            "List-Unsubscribe": f"<{context['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    letter.attach_alternative(
        render_to_string("accounts/email/notification_message.html", context), "text/html"
    )
    return letter


def message_id_of(mail: Mail) -> str:
    """The same for every try of the same mail."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{mail.message_id}@{host}>"


def _rank(copies: list[Delivery]) -> int:
    return Kind.values.index(copies[0].notification.kind)


def _section(copies: list[Delivery]) -> Section:
    notifications = [copy.notification for copy in copies]
    first, is_many = notifications[0], len(notifications) > 1
    return Section(
        headline=headline_of_many(notifications),
        happened=first.happened,
        to_do=first.to_do,
        until=first.until,
        action=f"See all in {settings.PRODUCT_NAME}" if is_many else first.action,
        url=_url(reverse("notifications:notification-list") if is_many else first.path),
        lines=tuple(Line(each.subject, _url(each.path)) for each in notifications[:LISTED])
        if is_many
        else (),
        more=max(0, len(notifications) - LISTED),
        is_in_doubt=any(copy.mail_in_doubt for copy in copies),
    )


def _subject(sections: list[Section], *, is_digest: bool) -> str:
    words = sections[0].headline
    if len(sections) > 1:
        words = f"{words}, and {len(sections) - 1} more"
    words = " ".join(f"Daily digest: {words}".split() if is_digest else words.split())
    return words if len(words) <= SUBJECT_LENGTH else words[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _url(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
