"""The rows of an attempt: written before TikTok is told of it, and after TikTok said no or nothing at all."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

from accounts.clock import database_now
from accounts.tokens import access_token_for
from composer.models import MediaFile
from publishing.caps import CAP_CODES, rest
from publishing.gates import first_gate
from publishing.log import record_call
from publishing.models import Attempt, AttemptOutcome, Gate, Publication, Route
from publishing.pulls import add_files, settle_by_log
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Result, Stay, Step, retry_later
from tiktok import ChunkPlan
from tiktok.errors import (
    AccessTokenInvalidError,
    ApiError,
    InvalidParamsError,
    RateLimitError,
    ServerError,
    TikTokError,
    TransportError,
)

logger = logging.getLogger(__name__)

RATE_LIMITED = "rate_limit_exceeded"
# Refusals that say nothing about the post; a dead token may be one for as long as TikTok refreshes none.
NOT_COUNTED = frozenset({RATE_LIMITED, "access_token_invalid", Reason.TIKTOK_UNREACHABLE}) | CAP_CODES


def begin_by_file(
    step: Step, route: Route, payload: dict[str, Any], plan: ChunkPlan, checksum: str
) -> Attempt:
    """Save what is about to be asked, before it is asked."""
    fields = {
        "total_bytes": plan.video_size,
        "chunk_size": plan.chunk_size,
        "total_chunk_count": plan.total_chunk_count,
        "media_checksum": checksum,
    }
    with Publication.objects.fenced(step.lease):
        return _create(step, route, payload, **fields)


def begin_by_pull(
    step: Step, route: Route, payload: dict[str, Any], files: Sequence[MediaFile]
) -> tuple[Attempt, list[str]]:
    """The same where TikTok fetches: one transaction ends the addresses of earlier attempts and makes new ones.

    Returns the addresses, one for each file, which are kept nowhere.
    """
    total = sum(media.size_bytes for media in files)
    with Publication.objects.fenced(step.lease):
        gate = first_gate()
        attempt = _create(
            step, route, payload, total_bytes=total, chunk_size=0, total_chunk_count=0, gate=gate
        )
        if gate == Gate.OPEN:
            # No gate is held: from here on TikTok may publish what it is told of.
            attempt.gate_opened_at = attempt.init_started_at
            attempt.save(update_fields=["gate_opened_at"])
        return attempt, add_files(attempt, files)


def _create(step: Step, route: Route, payload: dict[str, Any], **fields: Any) -> Attempt:
    publication = step.publication
    end_open_attempts(publication, step.now)
    last = publication.attempts.order_by("-number").first()
    attempt = Attempt.objects.create(
        publication=publication,
        number=last.number + 1 if last else 1,
        route=route,
        payload=payload,
        payload_sha256=hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest(),
        media_sha256=publication.consent.media_sha256,
        lease_epoch=step.lease.epoch,
        init_started_at=database_now(),
        **fields,
    )
    record_call(step, attempt, "init")
    return attempt


def end_open_attempts(publication: Publication, now: datetime) -> None:
    """Mark every attempt that cannot become public as failed; the addresses of its files end with it.

    Without the last byte sent, or the gate opened, none of them can.
    """
    attempts = publication.attempts.filter(outcome=AttemptOutcome.OPEN, final_intent_at__isnull=True)
    attempts.filter(gate=Gate.CLOSED).update(gate=Gate.REVOKED, outcome=AttemptOutcome.FAILED, ended_at=now)
    attempts.exclude(gate=Gate.OPEN).update(outcome=AttemptOutcome.FAILED, ended_at=now)


def judge_failed_init(step: Step, attempt: Attempt, error: TikTokError, *, token: str) -> Result:
    """What it means that TikTok did not take this `init`, or did not answer it; `token` is what it was made with.

    Raises accounts' NeedsReconnectError, RefreshBusyError or TikTok's own error from a refresh.
    """
    if isinstance(error, TransportError) and error.is_sent is False:
        # Not one byte of the request left: there is no orphan to wait out.
        unheard = partial(refuse, attempt, step, Reason.TIKTOK_UNREACHABLE)
        give_up = Go(State.FAILED, Reason.TIKTOK_UNREACHABLE, attempt=attempt, write=unheard)
        return retry_later(step, give_up, write=unheard)
    if isinstance(error, TransportError | ServerError):
        return _leave_unanswered(step, attempt, error)
    code, log_id = error.code, error.log_id
    refused = partial(refuse, attempt, step, code, log_id)
    if isinstance(error, AccessTokenInvalidError):
        with Publication.objects.fenced(step.lease):
            refused()
        # Refreshed, or found to be dead; another attempt follows, this one never came to be.
        access_token_for(step.publication.account, now=database_now(), stale=token)
        return retry_later(step, Go(State.FAILED, code, attempt=attempt))
    if isinstance(error, RateLimitError):
        refused = partial(refuse, attempt, step, RATE_LIMITED)
        give_up = Go(State.FAILED, RATE_LIMITED, attempt=attempt, write=refused)
        return retry_later(step, give_up, least=settings.TIKTOK_RATE_WINDOW_SECONDS, write=refused)
    if not isinstance(error, ApiError):
        raise error
    if attempt.way.is_pulled and is_revoked(attempt):
        # TikTok tried to fetch before it answered, and we had taken the addresses away: nobody's refusal.
        refused = partial(refuse, attempt, step, Reason.FETCHED_UNANSWERED, log_id)
        return Stay(after=settings.PUBLISHING_ORPHAN_GAP_SECONDS, is_progress=False, write=refused)
    if code in CAP_CODES and not attempt.way.is_inbox:
        return rest(step, code, log_id, write=refused)
    return Go(
        # A request TikTok cannot read stays unreadable; everything else a person can do something about.
        State.FAILED if isinstance(error, InvalidParamsError) else State.HELD,
        code,
        attempt=attempt,
        detail={"log_id": log_id, "message": error.message},
        fields={"tiktok_log_id": log_id},
        write=refused,
    )


def _leave_unanswered(step: Step, attempt: Attempt, error: TikTokError) -> Result:
    """Nobody knows whether TikTok took it: without its last byte it can never become public."""
    code, log_id = error.code, error.log_id
    logger.warning("init of publication %s has no answer: %s", step.publication.pk, code)
    if attempt.gate == Gate.OPEN:
        with Publication.objects.fenced(step.lease):
            record_call(step, attempt, "init_unanswered", code, log_id, is_gated=False)
        return settle_by_log(step, attempt)

    def write() -> None:
        record_call(step, attempt, "init_unanswered", code, log_id)
        Attempt.objects.filter(pk=attempt.pk, gate=Gate.CLOSED).update(gate=Gate.REVOKED)

    # After 10 s, 30 s, 90 s by default: TikTok may count each of them.
    return Stay(
        after=settings.PUBLISHING_ORPHAN_GAP_SECONDS * 3 ** min(step.publication.tries, 3),
        is_progress=False,
        write=write,
    )


def is_revoked(attempt: Attempt) -> bool:
    """Whether the addresses of this attempt were taken away meanwhile, by what the database says now."""
    return Attempt.objects.filter(pk=attempt.pk, gate=Gate.REVOKED).exists()


def refuse(attempt: Attempt, step: Step, code: str, log_id: str = "") -> None:
    """TikTok said no to this `init`, or never heard it: nothing can come of it."""
    attempt.init_finished_at = step.now
    attempt.outcome = AttemptOutcome.FAILED
    attempt.fail_reason = code
    attempt.tiktok_log_id = log_id
    attempt.ended_at = step.now
    if attempt.gate != Gate.NONE:
        attempt.gate = Gate.REVOKED
    attempt.save(
        update_fields=["init_finished_at", "outcome", "fail_reason", "tiktok_log_id", "ended_at", "gate"]
    )
    record_call(step, attempt, "init_refused", code, log_id)


def end_attempt(attempt: Attempt, step: Step, reason: str) -> None:
    """This attempt can no longer become public."""
    attempt.outcome = AttemptOutcome.FAILED
    attempt.fail_reason = reason
    attempt.ended_at = step.now
    attempt.save(update_fields=["outcome", "fail_reason", "ended_at"])
