"""What TikTok is doing with it: the status is asked with growing gaps until it is final, and what it means here."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.tokens import access_token_for
from composer.consents import choices_of
from publishing.budgets import Endpoint, take_call
from publishing.heartbeats import Heartbeat
from publishing.models import Attempt, AttemptOutcome, Event, EventKind
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Result, Stay, Step, gap_seconds, wait_turn
from tiktok import FailReason, PrivacyLevel, PublishState, PublishStatus
from tiktok.errors import (
    AccessTokenInvalidError,
    ApiError,
    PublishIdError,
    RateLimitError,
    ScopeNotAuthorizedError,
    TikTokError,
    UnknownPublishIdError,
)

logger = logging.getLogger(__name__)

RATE_WINDOW_SECONDS = 60.0
# Right after `init` TikTok may not know its own publish id yet.
FRESH_ID = timedelta(seconds=60)
FRESH_ID_GAP_SECONDS = 3.0
LONGEST_PROCESSING = timedelta(hours=24)
LONGEST_ID_SEARCH = timedelta(days=30)
LONGEST_GAP = timedelta(hours=6)
# TikTok's own advice: only these may be tried again by themselves; three attempts in all.
RETRYABLE_FAILURES = frozenset({FailReason.INTERNAL})
MAX_RETRIED_ATTEMPTS = 3
WAITING = frozenset({PublishStatus.PROCESSING_UPLOAD, PublishStatus.PROCESSING_DOWNLOAD})


def poll(step: Step) -> Result:
    """Processing, or unconfirmed: ask, and go where TikTok's answer leads."""
    attempt = _sent_attempt(step)
    state = ask_status(step, attempt)
    return judge_status(step, attempt, state) if isinstance(state, PublishState) else state


def find_post_id(step: Step) -> Result:
    """Published: a public post's id comes after moderation, minutes or days later, or never."""
    age = step.now - (step.publication.published_at or step.now)
    if age > LONGEST_ID_SEARCH:
        return Stay(fields={"next_try_at": None})
    attempt = _sent_attempt(step)
    state = ask_status(step, attempt)
    if not isinstance(state, PublishState):
        return state if isinstance(state, Stay) else Stay(after=LONGEST_GAP.total_seconds())
    if not state.post_ids:
        return Stay(after=_slower(age))
    post_ids = list(state.post_ids)

    def write() -> None:
        Event.objects.create(
            publication=step.publication,
            attempt=attempt,
            kind=EventKind.CALL,
            name="post_id_found",
            tiktok_log_id=state.log_id,
            detail={"post_ids": post_ids},
        )

    return Stay(fields={"next_try_at": None, "post_ids": post_ids}, write=write)


def ask_status(step: Step, attempt: Attempt) -> PublishState | Result:
    """Ask TikTok about this attempt; returns its answer, or what to do while there is none."""
    with Heartbeat(step.lease):
        return _ask_status(step, attempt)


def _ask_status(step: Step, attempt: Attempt) -> PublishState | Result:
    account = step.publication.account
    # Not the time of the claim: the question may come at the end of a long upload.
    now = database_now()
    wait = take_call(account.pk, Endpoint.STATUS, now=now)
    if wait:
        return wait_turn(wait)
    token = access_token_for(account, now=now)
    try:
        with tiktok_client(account, token) as client:
            return client.fetch_status(attempt.publish_id or "")
    except AccessTokenInvalidError:
        # Refresh, then this very step again: never back to `init`.
        access_token_for(account, now=now, stale=token)
        return Stay(after=_gap(step), is_progress=False)
    except RateLimitError:
        return Stay(after=RATE_WINDOW_SECONDS, is_progress=False)
    except PublishIdError as error:
        return _lose_publish_id(step, attempt, error)
    except ScopeNotAuthorizedError as error:
        return _rest(step, Go(State.UNCONFIRMED, error.code, attempt=attempt, after=_slower(timedelta(0))))
    except TikTokError as error:
        # Whatever it was, asking again changes nothing; how long is judged by `judge_status` or below.
        logger.info("status of publication %s not had: %s", step.publication.pk, error.code)
        if isinstance(error, ApiError) and error.http_status is not None and error.http_status < 500:
            return _rest(
                step, Go(State.UNCONFIRMED, error.code, attempt=attempt, after=_slower(timedelta(0)))
            )
        return Stay(after=_gap(step), is_progress=False)


def judge_status(step: Step, attempt: Attempt, state: PublishState) -> Result:
    """What TikTok's answer means for the publication."""

    def note() -> None:
        _note_status(step, attempt, state)

    match state.status:
        case PublishStatus.PUBLISH_COMPLETE:
            return _complete(step, attempt, state)
        case PublishStatus.SEND_TO_USER_INBOX:
            return _rest(step, Go(State.IN_INBOX, attempt=attempt, write=note))
        case PublishStatus.FAILED:
            return _fail(step, attempt, state)
        case word if word in WAITING:
            if _can_never_be_whole(step, attempt, state):
                return _give_up_upload(step, attempt, state)
            began = attempt.upload_finished_at or attempt.final_intent_at or attempt.init_started_at
            if step.now - began > LONGEST_PROCESSING:
                age = step.now - began - LONGEST_PROCESSING
                return _rest(
                    step,
                    Go(State.UNCONFIRMED, Reason.PROCESSING_TOO_LONG, attempt=attempt, after=_slower(age)),
                )
            return Stay(after=_gap(step), is_progress=False, write=note)
        case _:
            return _rest(
                step,
                Go(
                    State.UNCONFIRMED,
                    Reason.UNKNOWN_STATUS,
                    attempt=attempt,
                    after=_slower(timedelta(0)),
                    detail={"status": state.status},
                    write=note,
                ),
            )


def is_short(state: PublishState, attempt: Attempt) -> bool:
    """Whether TikTok says that it waits for bytes, and how many it has."""
    return (
        state.status == PublishStatus.PROCESSING_UPLOAD
        and state.uploaded_bytes is not None
        and state.uploaded_bytes < attempt.total_bytes
    )


def last_moment_for_bytes(attempt: Attempt) -> datetime:
    """From then on nobody can finish this upload, not even a worker that froze before its last chunk.

    Counted from our `init`, whatever an answer in between said of the address: an end that only a gateway
    claimed is none.
    """
    life = settings.PUBLISHING_UPLOAD_URL_SECONDS + settings.PUBLISHING_UPLOAD_GRACE_SECONDS
    return attempt.init_started_at + timedelta(seconds=life)


def _can_never_be_whole(step: Step, attempt: Attempt, state: PublishState) -> bool:
    """TikTok never confirmed the last chunk, misses bytes, and takes no more."""
    return (
        attempt.upload_finished_at is None
        and is_short(state, attempt)
        and step.now >= last_moment_for_bytes(attempt)
    )


def _give_up_upload(step: Step, attempt: Attempt, state: PublishState) -> Go:
    def write() -> None:
        _note_status(step, attempt, state)
        end_attempt(attempt, step, Reason.UPLOAD_EXPIRED)

    return Go(State.FAILED, Reason.UPLOAD_EXPIRED, attempt=attempt, write=write)


def end_attempt(attempt: Attempt, step: Step, reason: str) -> None:
    """This attempt can no longer become public."""
    attempt.outcome = AttemptOutcome.FAILED
    attempt.fail_reason = reason
    attempt.ended_at = step.now
    attempt.save(update_fields=["outcome", "fail_reason", "ended_at"])


def _complete(step: Step, attempt: Attempt, state: PublishState) -> Go:
    def write() -> None:
        _note_status(step, attempt, state)
        attempt.outcome = AttemptOutcome.PUBLISHED
        attempt.ended_at = step.now
        attempt.save(update_fields=["outcome", "ended_at"])

    is_public = choices_of(step.publication.consent).privacy_level == PrivacyLevel.PUBLIC_TO_EVERYONE
    looks_for_id = is_public and not state.post_ids
    return Go(
        State.PUBLISHED,
        after=settings.PUBLISHING_POLL_SECONDS[0] if looks_for_id else None,
        attempt=attempt,
        detail={"post_ids": list(state.post_ids)},
        fields={"published_at": step.now, "post_ids": list(state.post_ids)},
        write=write,
    )


def _fail(step: Step, attempt: Attempt, state: PublishState) -> Go:
    reason = state.fail_reason or "unknown"

    def write() -> None:
        _note_status(step, attempt, state)
        end_attempt(attempt, step, reason[:100])

    tried = attempt.number - step.publication.attempts_before
    detail = {"fail_reason": reason, "log_id": state.log_id}
    is_safe_to_repeat = reason in RETRYABLE_FAILURES and step.publication.state != State.UNCONFIRMED
    if is_safe_to_repeat and tried < MAX_RETRIED_ATTEMPTS:
        # TikTok says that it is over, so another attempt cannot double it.
        return Go(State.STARTING, after=gap_seconds(tried + 1), attempt=attempt, detail=detail, write=write)
    return Go(
        State.FAILED,
        reason[:100],
        attempt=attempt,
        detail=detail,
        fields={"tiktok_log_id": state.log_id},
        write=write,
    )


def _lose_publish_id(step: Step, attempt: Attempt, error: PublishIdError) -> Result:
    since = attempt.init_finished_at or attempt.init_started_at
    if isinstance(error, UnknownPublishIdError) and step.now - since < FRESH_ID:
        return Stay(after=FRESH_ID_GAP_SECONDS, is_progress=False)
    return _rest(
        step,
        Go(
            State.UNCONFIRMED,
            Reason.UNKNOWN_PUBLISH_ID,
            attempt=attempt,
            after=_slower(timedelta(0)),
            detail={"log_id": error.log_id},
        ),
    )


def _rest(step: Step, go: Go) -> Result:
    """The move, or, for a publication that already stands there, only the next time to ask."""
    if step.publication.state != go.to:
        return go
    sent_at = (go.attempt and go.attempt.final_intent_at) or step.publication.created_at
    return Stay(after=_slower(step.now - sent_at), is_progress=False, write=go.write)


def _note_status(step: Step, attempt: Attempt, state: PublishState) -> None:
    if attempt.remote_status != state.status:
        Event.objects.create(
            publication=step.publication,
            attempt=attempt,
            kind=EventKind.CALL,
            name="status",
            code=state.status[:100],
            tiktok_log_id=state.log_id,
            detail={"uploaded_bytes": state.uploaded_bytes, "fail_reason": state.fail_reason},
        )
    attempt.remote_status = state.status[:60]
    attempt.remote_status_at = step.now
    attempt.tiktok_log_id = state.log_id or attempt.tiktok_log_id
    attempt.save(update_fields=["remote_status", "remote_status_at", "tiktok_log_id"])


def _sent_attempt(step: Step) -> Attempt:
    return step.publication.attempts.exclude(publish_id=None).latest("number")


def _gap(step: Step) -> float:
    gaps = settings.PUBLISHING_POLL_SECONDS
    return float(gaps[min(step.publication.tries, len(gaps) - 1)])


def _slower(age: timedelta) -> float:
    """Ever more rarely: half its age, between 5 seconds and 6 hours."""
    return min(max(age.total_seconds() / 2, 5.0), LONGEST_GAP.total_seconds())
