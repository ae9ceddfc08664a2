"""Writing down that people are to be told, in the event's own transaction: the event, and a copy for each person.

With the event, or not at all: a crash before the commit loses both, after it neither. Nothing is sent from here;
the mails follow from the rows (`packing`, `sending`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import Delivery, Kind, MailChoice, MailTime, Notification, TikTokAccount, User
from accounts.notifications.digest import next_digest, zone_of
from accounts.notifications.kinds import MANNERS


@dataclass(frozen=True)
class News:
    """What happened, whose it is, and the one thing to do about it.

    `key` names the event (at most 200 characters): the same key is told once. `about` names the thing, so that
    `settle` finds it. `path` and `picture_path` are addresses of ours without the host, `action` is the verb on
    the button that leads to `path`.
    """

    kind: Kind
    key: str
    about: str
    account: TikTokAccount
    action: str
    path: str
    reason: str = ""
    subject: str = ""
    happened: str = ""
    to_do: str = ""
    picture_path: str = ""
    until: datetime | None = None


def notify(workspace_id: int, news: News, *, now: datetime) -> bool:
    """Tell the people of a workspace; False when they have been told of this event before.

    Call it in the transaction of the event itself. Everybody who belongs to the workspace now gets a copy.
    """
    with transaction.atomic():
        notification, is_new = Notification.objects.get_or_create(
            key=news.key,
            defaults={
                "workspace_id": workspace_id,
                "account": news.account,
                "account_name": news.account.display_name,
                "kind": news.kind,
                "reason": news.reason[:100],
                "about": news.about,
                "subject": news.subject[:200],
                "happened": news.happened,
                "to_do": news.to_do,
                "until": news.until,
                "action": news.action,
                "path": news.path,
                "picture_path": news.picture_path,
                "created_at": now,
            },
        )
        if is_new:
            _copy_to(_people_of(workspace_id), notification, now=now)
    return is_new


def settle(about: str, *, now: datetime) -> None:
    """What was told of this thing needs nobody any more: it counts as read, and is not mailed if it was not yet."""
    keys = list(Notification.objects.unsettled(about).values_list("pk", flat=True))
    if not keys:
        return
    with transaction.atomic():
        Notification.objects.filter(pk__in=keys).update(settled_at=now)
        copies = Delivery.objects.filter(notification__in=keys)
        copies.unread().update(read_at=now)
        copies.filter(mail__isnull=True).update(mail_due_at=None)


def mail_due_at(person: User, kind: str, time: str, *, now: datetime) -> datetime | None:
    """From when on a person's copy may go out; None where they want no mail about it, or can have none."""
    if time == MailTime.OFF or person.is_reviewer:
        return None
    if time == MailTime.DIGEST:
        return next_digest(now, hour=person.digest_hour, zone=zone_of(person))
    if MANNERS[kind].gathers:
        return now + timedelta(seconds=settings.NOTIFICATIONS_GATHER_SECONDS)
    return now


def _people_of(workspace_id: int) -> list[User]:
    return list(User.objects.filter(memberships__workspace=workspace_id, is_active=True).order_by("pk"))


def _copy_to(people: Iterable[User], notification: Notification, *, now: datetime) -> None:
    chosen = dict(
        MailChoice.objects.filter(person__in=people, kind=notification.kind).values_list("person_id", "time")
    )
    usual = MANNERS[notification.kind].mail
    times = {person: chosen.get(person.pk, usual) for person in people}
    Delivery.objects.bulk_create(
        Delivery(
            notification=notification,
            person=person,
            in_digest=time == MailTime.DIGEST,
            mail_due_at=mail_due_at(person, notification.kind, time, now=now),
        )
        for person, time in times.items()
    )
