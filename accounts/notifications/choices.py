"""When a person wants mails about what, and changing that; what already waits for a mail follows the change."""

from collections.abc import Mapping

from django.db import transaction

from accounts.clock import database_now
from accounts.models import Delivery, Kind, MailChoice, MailTime, User
from accounts.notifications.digest import next_digest, zone_of
from accounts.notifications.kinds import MANNERS
from accounts.notifications.telling import mail_due_at


def times_of(person: User) -> dict[str, str]:
    """For each kind, when this person is mailed about it, in the order of the kinds."""
    chosen = dict(MailChoice.objects.filter(person=person).values_list("kind", "time"))
    return {kind: chosen.get(kind, MANNERS[kind].mail) for kind in Kind.values}


def set_times(person: User, times: Mapping[str, str], *, hour: int) -> None:
    """Store what the person wants. A mail that is packed already goes out as it is."""
    now = database_now()
    with transaction.atomic():
        before = times_of(person)
        has_other_hour = person.digest_hour != hour
        person.digest_hour = hour
        person.save(update_fields=["digest_hour"])
        for kind, time in times.items():
            MailChoice.objects.update_or_create(person=person, kind=kind, defaults={"time": time})
            if time != before[kind]:
                _follow(person, kind, time, due_at=mail_due_at(person, kind, time, now=now))
        if has_other_hour:
            move_digest(person)


def move_digest(person: User) -> None:
    """Have what waits for the digest come at the person's hour, after that or their time zone has changed."""
    due_at = next_digest(database_now(), hour=person.digest_hour, zone=zone_of(person))
    waiting = Delivery.objects.filter(person=person, in_digest=True, mail__isnull=True)
    waiting.filter(mail_due_at__isnull=False).update(mail_due_at=due_at)


def _follow(person: User, kind: str, time: str, *, due_at: object) -> None:
    waiting = Delivery.objects.filter(person=person, notification__kind=kind, mail__isnull=True)
    waiting.filter(mail_due_at__isnull=False).update(mail_due_at=due_at, in_digest=time == MailTime.DIGEST)
