"""Whether this installation holds the commit gate, and the end of it where TikTok fetches before it answers.

The gate: our server keeps back the last byte of a fetched file until the publish id of its attempt is stored. It
cannot work with a TikTok that waits, inside `init`, for the very file: that is found out, and told. Should TikTok
answer first again, the gate is held again.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from publishing.heartbeats import BEAT_SECONDS
from publishing.models import Attempt, Event, EventKind, Gate, GateDoubt, GateOff, Publication
from publishing.reasons import Reason
from publishing.states import State

logger = logging.getLogger(__name__)

LAST_BYTE = "last_byte"
FETCHED_INSIDE_INIT = "fetched_inside_init"
# A heart silent for longer no longer tells of a worker that waits for an answer: it may be dead, or frozen. Half of
# the wait, and where that is short as many beats as may well come late.
HEART_SILENCE_SHARE = 0.5
LATE_BEATS = 3
# So many long waits with no answer in between are no lost answers any more: one of them alone looks the same.
DOUBTS_THAT_PROVE = 3
MAX_MAIL_TRIES = 8
FIRST_RETRY = timedelta(minutes=2)


def is_gate_held() -> bool:
    """Whether new attempts begin with a closed gate."""
    return settings.PULL_COMMIT_GATE == LAST_BYTE and gate_off_in_force() is None


def gate_off_in_force() -> GateOff | None:
    """Since when and why the gate is off by itself; None while it is not."""
    return GateOff.objects.filter(ended_at__isnull=True).first()


def first_gate() -> Gate:
    """How a new attempt begins: closed, or open from the first where no gate is held."""
    return Gate.CLOSED if is_gate_held() else Gate.OPEN


def judge_long_wait(attempt_id: UUID, *, now: datetime) -> bool:
    """A request for the last byte has waited its longest; True when that turned the gate off.

    While a living worker still waits for the answer to `init`, TikTok may want the whole file before it answers:
    the addresses of this attempt end, and another one follows. So many in a row (DOUBTS_THAT_PROVE) prove it, and
    no later attempt is gated. Any other long wait tells nothing, least of all one for a worker that died.
    """
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        if attempt.gate != Gate.CLOSED or attempt.init_finished_at is not None:
            return False
        if not _is_init_waited_for(attempt, now):
            return False
        Attempt.objects.filter(pk=attempt.pk).update(gate=Gate.REVOKED)
        GateDoubt.objects.create(attempt=attempt)
        is_proof = GateDoubt.objects.count() >= DOUBTS_THAT_PROVE
        if is_proof:
            GateDoubt.objects.all().delete()
            GateOff.objects.get_or_create(
                ended_at=None,
                defaults={"reason": FETCHED_INSIDE_INIT, "attempt": attempt, "mail_due_at": now},
            )
        Event.objects.create(
            publication_id=attempt.publication_id,
            attempt=attempt,
            kind=EventKind.CALL,
            name="gate_turned_off" if is_proof else "fetched_unanswered",
            code=Reason.FETCHED_UNANSWERED,
        )
    if not is_proof:
        logger.warning("TikTok fetched and has not answered (publication %s).", attempt.publication_id)
        return False
    logger.error(
        "TikTok fetches files before it answers, so the commit gate is off from now on (publication %s).",
        attempt.publication_id,
    )
    return True


def _is_init_waited_for(attempt: Attempt, now: datetime) -> bool:
    """Whether the worker that began this attempt is alive and waits for TikTok's answer to its `init`.

    Another worker's heart tells nothing: it may have taken over, and look at files or ask about the creator,
    while TikTok's answer went to one that died.
    """
    publication = Publication.objects.get(pk=attempt.publication_id)
    if publication.state != State.STARTING or publication.lease_until is None:
        return False
    if publication.lease_epoch != attempt.lease_epoch:
        return False
    last_beat = publication.lease_until - timedelta(seconds=settings.PUBLISHING_LEASE_SECONDS)
    silence = max(settings.PULL_WITHHOLD_SECONDS * HEART_SILENCE_SHARE, BEAT_SECONDS * LATE_BEATS)
    return now - last_beat < timedelta(seconds=silence)


def note_answer(attempt: Attempt, *, now: datetime) -> None:
    """TikTok answered this attempt's `init`; call it in the transaction that opens its gate.

    An answer before it has the whole file is what the gate needs: earlier doubts are over, and a gate that turned
    itself off is held again.
    """
    if attempt.gate == Gate.CLOSED:
        GateDoubt.objects.all().delete()
    elif not attempt.pull_files.filter(last_byte_at__isnull=False).exists():
        GateOff.objects.filter(ended_at__isnull=True).update(ended_at=now)


def turn_gate_on(*, user: User, now: datetime) -> bool:
    """Hold the gate again from the next attempt on; False when it was not off."""
    return bool(GateOff.objects.filter(ended_at__isnull=True).update(ended_at=now, ended_by=user))


def tell_operators(*, now: datetime) -> int:
    """Mail every operator about a gate that turned itself off; returns how many mails went out.

    The next try is written down before a mail is handed over, as with other notices.
    """
    sent = 0
    for row in GateOff.objects.filter(mail_due_at__lte=now):
        tries = row.mail_tries + 1
        next_try = now + FIRST_RETRY * 2 ** (tries - 1) if tries < MAX_MAIL_TRIES else None
        rows = GateOff.objects.filter(pk=row.pk, mail_tries=row.mail_tries, mail_due_at=row.mail_due_at)
        if rows.update(mail_tries=tries, mail_due_at=next_try):
            sent += _mail(row)
    return sent


def _mail(row: GateOff) -> int:
    operators = User.objects.filter(is_staff=True, is_active=True)
    context = {
        "gate_off": row,
        "product_name": settings.PRODUCT_NAME,
        "posts_url": f"{settings.PUBLIC_URL}{reverse('publishing:post-list')}",
    }
    subject = " ".join(render_to_string("publishing/email/gate_off_subject.txt", context).split())
    body = render_to_string("publishing/email/gate_off_message.txt", context)
    sent = 0
    try:
        for address in operators.values_list("email", flat=True):
            sent += EmailMessage(subject, body, to=[address]).send()
    except OSError as error:  # SMTPException is one; addresses and the server's words stay out of the log
        logger.warning("The operators could not be told by mail (%s).", type(error).__name__)
        return sent
    GateOff.objects.filter(pk=row.pk).update(mail_due_at=None)
    return sent
