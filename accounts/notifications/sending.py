"""The outbox's other end: each packed mail goes to the mail server once, whichever worker dies, freezes or waits.

A mail server has no idempotency key either. What keeps a mail from being lost or doubled:

- The row is claimed under a lease. Until the message's last line the server takes nothing, so whatever breaks
  before it is tried again, by this worker or the next.
- Right before that line the intent is committed, under the lease's token. A worker that was frozen, and whose
  lease another took, finds no row there and drops the connection.
- The server's answer settles the mail: taken, refused for good, or refused for now and due again.
- A mail whose intent is there and whose answer never came is *in doubt*: it may have arrived, so it is not sent
  again, at most once. Nothing it told is lost: all of it is unread on the notifications page, which says so, and
  what is still unread by then goes into the person's next daily digest, marked as perhaps known.
- Its Message-ID is the row's own, the same for every try.

A mail that is refused for now, or whose server is away, is tried for three days with growing gaps.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from accounts.clock import database_now
from accounts.models import Delivery, Mail, MailLease, MailOutcome
from accounts.notifications.digest import next_digest, zone_of
from accounts.notifications.letters import write_letter
from accounts.notifications.packing import pack_due
from accounts.notifications.smtp import (
    HandOver,
    InDoubtError,
    MailServerAwayError,
    RefusedError,
    mail_server,
)

logger = logging.getLogger(__name__)

# Longer than the server may keep us waiting in all (EMAIL_TIMEOUT for each of a handful of answers).
LEASE_SECONDS = 90.0
FIRST_GAP = timedelta(minutes=1)
LONGEST_GAP = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
BATCH = 50


class TakenOverError(Exception):
    """The lease is another's by now: nothing may be sent."""


def send_due_mails(*, now: datetime) -> int:
    """Pack what is due and send it; returns how many mails the server took. Safe in several workers at once."""
    put_into_doubt(now=now)
    pack_due(now=now)
    due = list(Mail.objects.due(now).values_list("pk", flat=True)[:BATCH])
    sent = 0
    if not due:
        return sent
    try:
        with mail_server() as hand_over:
            for pk in due:
                sent += send_one(pk, hand_over)
    except MailServerAwayError as error:
        logger.warning("The mail server could not be used (%s); mails wait.", error)
        waiting = Mail.objects.due(now).filter(pk__in=due)
        waiting.update(due_at=now + FIRST_GAP)
    return sent


def send_one(pk: int, hand_over: HandOver) -> bool:
    """Send one mail if it is due and free; whether the server took it. Raises MailServerAwayError."""
    lease = Mail.objects.claim(pk, seconds=LEASE_SECONDS)
    if lease is None:
        return False
    mail = Mail.objects.select_related("person").get(pk=pk)
    letter = write_letter(mail)
    if letter is None:
        _end(lease, MailOutcome.NOT_NEEDED)
        return False
    try:
        hand_over(letter, lambda: _note_intent(lease))
    except TakenOverError:
        return False
    except InDoubtError:
        logger.warning("Mail %s: the mail server did not answer after the last byte.", pk)
        _put_one_into_doubt(mail, lease)
        return False
    except RefusedError as refusal:
        logger.warning("Mail %s was refused (%s).", pk, refusal.code)
        _try_later(mail, lease, is_hopeless=refusal.is_permanent)
        return False
    except MailServerAwayError:
        _try_later(mail, lease)
        raise
    except ValueError as error:  # an address that cannot be written into a mail
        logger.warning("Mail %s cannot be written (%s).", pk, type(error).__name__)
        _end(lease, MailOutcome.REFUSED)
        return False
    _end(lease, MailOutcome.SENT)
    return True


def put_into_doubt(*, now: datetime) -> int:
    """Settle mails whose sender died or froze between the last byte and the answer; returns how many."""
    count = 0
    for mail in Mail.objects.left_in_doubt(now).select_related("person")[:BATCH]:
        if mail.lease_token is not None:
            count += _put_one_into_doubt(mail, MailLease(mail.pk, mail.lease_token))
    return count


def _note_intent(lease: MailLease) -> None:
    now = database_now()
    noted = (
        Mail.objects.held_by(lease)
        .filter(outcome=MailOutcome.OPEN, handed_at__isnull=True)
        .update(handed_at=now, lease_until=now + timedelta(seconds=LEASE_SECONDS))
    )
    if not noted:
        raise TakenOverError


def _end(lease: MailLease, outcome: MailOutcome) -> bool:
    """The last word on a mail. One that was put into doubt meanwhile is told apart after all."""
    mine = Mail.objects.held_by(lease).filter(outcome__in=[MailOutcome.OPEN, MailOutcome.IN_DOUBT])
    return bool(mine.update(outcome=outcome, ended_at=database_now()))


def _try_later(mail: Mail, lease: MailLease, *, is_hopeless: bool = False) -> None:
    now = database_now()
    if is_hopeless or now - mail.created_at > GIVE_UP_AFTER:
        _end(lease, MailOutcome.REFUSED)
        return
    gap = min(LONGEST_GAP, FIRST_GAP * 2 ** min(mail.tries - 1, 10))
    mine = Mail.objects.held_by(lease).filter(outcome=MailOutcome.OPEN)
    mine.update(due_at=now + gap, handed_at=None, lease_token=None, lease_until=None)


def _put_one_into_doubt(mail: Mail, lease: MailLease) -> bool:
    now = database_now()
    with transaction.atomic():
        mine = Mail.objects.held_by(lease).filter(outcome=MailOutcome.OPEN, handed_at__isnull=False)
        if not mine.update(outcome=MailOutcome.IN_DOUBT, ended_at=now):
            return False
        told_again_at = next_digest(now, hour=mail.person.digest_hour, zone=zone_of(mail.person))
        Delivery.objects.unread().filter(mail=mail).update(
            mail=None, mail_due_at=told_again_at, in_digest=True, mail_in_doubt=True
        )
    return True
