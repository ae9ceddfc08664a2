"""The files TikTok fetches: their secret addresses, whether the last byte may go, and what the log proves."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.clock import database_now
from composer.models import MediaFile
from publishing.log import record_call
from publishing.models import (
    Attempt,
    AttemptOutcome,
    Gate,
    Publication,
    PullEnd,
    PullFile,
    PullHit,
)
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Result, Stay, Step

TOKEN_BYTES = 32
# TikTok gives up after an hour; nobody has business here much later.
LIFE = timedelta(hours=2)
# Requests noted one by one for each file; beyond that they are only counted.
MAX_HITS = 50
SAFE_TO_REPEAT_SECONDS = 10.0

_SUFFIXES = {
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


def add_files(attempt: Attempt, files: Sequence[MediaFile]) -> list[str]:
    """Give each file an unguessable address for this attempt; only its hash is stored. Returns the addresses."""
    tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in files]
    rows = [
        PullFile(
            attempt=attempt,
            position=position,
            media=media,
            token_sha256=_hash(token),
            name=f"{position + 1}.{_SUFFIXES.get(media.content_type, 'bin')}",
            size_bytes=media.size_bytes,
            content_type=media.content_type,
        )
        for position, (media, token) in enumerate(zip(files, tokens, strict=True))
    ]
    PullFile.objects.bulk_create(rows)
    return [
        f"{settings.MEDIA_PULL_BASE_URL}{token}/{row.name}" for token, row in zip(tokens, rows, strict=True)
    ]


def find_file(token: str, name: str) -> PullFile | None:
    """The file an address stands for, dead or alive; None for an address that never was."""
    file = PullFile.objects.select_related("attempt", "media").filter(token_sha256=_hash(token)).first()
    # Compared here: a database need not take whatever a stranger writes.
    return file if file is not None and file.name == name else None


def is_alive(file: PullFile, *, now: datetime) -> bool:
    """Whether this address still serves anything."""
    attempt = file.attempt
    is_going_on = attempt.outcome == AttemptOutcome.OPEN and attempt.gate in {Gate.CLOSED, Gate.OPEN}
    return is_going_on and now - attempt.init_started_at < LIFE


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- The last byte ----------------------------------------------------------------------------------------


def release_last_byte(file: PullFile) -> Gate:
    """Ask for leave to send the last byte; OPEN gives it, CLOSED says to wait, REVOKED that it never goes out.

    The leave is on the file's row before the byte is on its way, and the attempt's row is locked meanwhile: whoever
    revokes the addresses afterwards knows who has got the whole file.
    """
    attempts = Attempt.objects.filter(pk=file.attempt_id)
    if _gate(*attempts.values_list("gate", "outcome").get()) == Gate.CLOSED:
        return Gate.CLOSED
    with transaction.atomic():
        gate = _gate(*attempts.select_for_update().values_list("gate", "outcome").get())
        if gate == Gate.OPEN:
            PullFile.objects.filter(pk=file.pk).update(last_byte_at=Coalesce("last_byte_at", database_now()))
        return gate


def _gate(gate: str, outcome: str) -> Gate:
    return Gate(gate) if outcome == AttemptOutcome.OPEN and gate != Gate.NONE else Gate.REVOKED


def settle_by_log(step: Step, attempt: Attempt) -> Result:
    """An `init` without an answer that no gate protected: what our log of its addresses says about it.

    In one transaction the addresses end and the log is read. Whoever has not got a file whole by then never
    gets it, so nothing can become public and another attempt is safe. Once a file went out whole nobody knows,
    and nobody can ask either, because TikTok never told us the publish id.
    """
    with Publication.objects.fenced(step.lease):
        rows = Attempt.objects.filter(pk=attempt.pk)
        rows.select_for_update().get()
        is_fetched = PullFile.objects.filter(attempt=attempt, last_byte_at__isnull=False).exists()
        if not is_fetched:
            rows.update(
                gate=Gate.REVOKED,
                outcome=AttemptOutcome.FAILED,
                fail_reason=Reason.INIT_UNANSWERED,
                ended_at=step.now,
            )
            record_call(step, attempt, "pull_revoked", Reason.INIT_UNANSWERED)
    if is_fetched:
        return Go(State.UNCONFIRMED, Reason.PULL_UNANSWERED, attempt=attempt)
    return Stay(after=SAFE_TO_REPEAT_SECONDS, is_progress=False)


# --- The log ----------------------------------------------------------------------------------------------


def note_request(
    file: PullFile, *, method: str, first_byte: int, last_byte: int, now: datetime
) -> PullHit | None:
    """Write down that a file is asked for; returns its line, None once there are enough of them."""
    with transaction.atomic():
        PullFile.objects.filter(pk=file.pk).update(
            requests=F("requests") + 1, first_asked_at=Coalesce("first_asked_at", now), last_asked_at=now
        )
        if PullFile.objects.values_list("requests", flat=True).get(pk=file.pk) > MAX_HITS:
            return None
        return PullHit.objects.create(
            file=file, at=now, method=method, first_byte=first_byte, last_byte=last_byte
        )


def note_served(file: PullFile, hit: PullHit | None, *, up_to: int, sent: int, end: PullEnd) -> None:
    """Write down how far a request came: `up_to` counts from the file's beginning, `sent` from the request's."""
    with transaction.atomic():
        PullFile.objects.filter(pk=file.pk, bytes_served__lt=up_to).update(bytes_served=up_to)
        if hit is not None:
            ended_at = database_now() if end != PullEnd.OPEN else None
            PullHit.objects.filter(pk=hit.pk).update(bytes_sent=sent, end=end, ended_at=ended_at)
