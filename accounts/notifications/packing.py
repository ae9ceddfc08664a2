"""Puts what is due to each person into mails: one for each group, one digest a day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Delivery, Mail, User
from accounts.notifications.kinds import manner_of

# More of the same within this time after a mail about it waits until it is over, for one further mail.
SPACING = timedelta(minutes=15)
BATCH = 200


def pack_due(*, now: datetime) -> int:
    """Make mails of all that is due; returns how many. Safe in several workers at once."""
    rows = Delivery.objects.to_pack(now).order_by("person_id").values_list("person_id", flat=True)
    return sum(_pack_for(person_pk, now=now) for person_pk in rows.distinct()[:BATCH])


def _pack_for(person_pk: int, *, now: datetime) -> int:
    with transaction.atomic():
        # Two workers at the same person: the second waits here, and then finds nothing left.
        person = User.objects.select_for_update(of=("self",)).get(pk=person_pk)
        due = Delivery.objects.to_pack(now).filter(person=person)
        due.filter(read_at__isnull=False).update(mail_due_at=None)
        copies = list(due.select_related("notification").order_by("pk"))
        made = 0
        if digest := [copy for copy in copies if copy.in_digest]:
            _pack(digest, Mail(person=person, is_digest=True, due_at=now))
            made += 1
        groups: dict[str, list[Delivery]] = defaultdict(list)
        for copy in copies:
            if not copy.in_digest:
                groups[copy.notification.group].append(copy)
        for group, members in groups.items():
            if _wait_for_more(person, group, members, now=now):
                continue
            _pack(members, Mail(person=person, group=group, due_at=now))
            made += 1
        return made


def _pack(copies: Iterable[Delivery], mail: Mail) -> None:
    mail.created_at = mail.due_at
    mail.save()
    Delivery.objects.filter(pk__in=[copy.pk for copy in copies]).update(mail=mail)


def _wait_for_more(person: User, group: str, copies: list[Delivery], *, now: datetime) -> bool:
    """Put off what follows too soon after a mail of the same group; False when it may go now."""
    if not manner_of(copies[0].notification).gathers:
        return False
    last = Mail.objects.filter(person=person, group=group).order_by("-created_at").first()
    if last is None or last.created_at + SPACING <= now:
        return False
    Delivery.objects.filter(pk__in=[copy.pk for copy in copies]).update(mail_due_at=last.created_at + SPACING)
    return True
