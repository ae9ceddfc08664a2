"""What TikTok is doing with it: the status is asked with growing gaps until it is final, and what it means here."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.tokens import access_token_for
from composer.consents import choices_of
from publishing.attempts import end_attempt
from publishing.budgets import Endpoint, take_call
from publishing.cancelling import ask_to_cancel, is_cancel_due
from publishing.caps import CAP_CODES, learn_from_published, pause_for, write_pause
from publishing.heartbeats import Heartbeat
from publishing.models import Attempt, AttemptOutcome, Event, EventKind
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Result, Stay, Step, gap_seconds, seconds_until, wait_turn
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

# Right after `init` TikTok may not know its own publish id yet.
FRESH_ID = timedelta(seconds=60)
FRESH_ID_GAP_SECONDS = 3.0
LONGEST_PROCESSING = timedelta(hours=24)
LONGEST_GAP = timedelta(hours=6)
# TikTok's own advice: only these may be tried again by themselves; three attempts in all.
RETRYABLE_FAILURES = frozenset(
    {FailReason.INTERNAL, FailReason.VIDEO_PULL_FAILED, FailReason.PHOTO_PULL_FAILED}
)
MAX_RETRIED_ATTEMPTS = 3
WAITING = frozenset({PublishStatus.PROCESSING_UPLOAD, PublishStatus.PROCESSING_DOWNLOAD})


def poll(step: Step) -> Result:
    """Processing, or unconfirmed: ask, and go where TikTok's answer leads."""
    attempt = sent_attempt(step)
    if is_cancel_due(step.publication):
        ask_to_cancel(step, attempt)
    state = ask_status(step, attempt)
    return judge_status(step, attempt, state) if isinstance(state, PublishState) else state


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
        return Stay(after=settings.TIKTOK_RATE_WINDOW_SECONDS, is_progress=False)
    except PublishIdError as error:
        return _lose_publish_id(step, attempt, error)
    except ScopeNotAuthorizedError as error:
        return _rest(step, Go(State.UNCONFIRMED, error.code, attempt=attempt, after=slower(timedelta(0))))
    except TikTokError as error:
        # Whatever it was, asking again changes nothing; how long is judged by `judge_status` or below.
        logger.info("status of publication %s not had: %s", step.publication.pk, error.code)
        if isinstance(error, ApiError) and error.http_status is not None and error.http_status < 500:
            return _rest(step, Go(State.UNCONFIRMED, error.code, attempt=attempt, after=slower(timedelta(0))))
        return Stay(after=_gap(step), is_progress=False)


def judge_status(step: Step, attempt: Attempt, state: PublishState) -> Result:
    """What TikTok's answer means for the publication."""

    def note() -> None:
        note_status(step, attempt, state)

    match state.status:
        case PublishStatus.PUBLISH_COMPLETE:
            return complete(step, attempt, state)
        case PublishStatus.SEND_TO_USER_INBOX:
            return _deliver(step, attempt, note)
        case PublishStatus.FAILED:
            return fail(step, attempt, state)
        case word if word in WAITING:
            if _can_never_be_whole(step, attempt, state):
                return _give_up_upload(step, attempt, state)
            began = (
                attempt.upload_finished_at
                or attempt.final_intent_at
                or attempt.gate_opened_at
                or attempt.init_started_at
            )
            if step.now - began > LONGEST_PROCESSING:
                age = step.now - began - LONGEST_PROCESSING
                return _rest(
                    step,
                    Go(State.UNCONFIRMED, Reason.PROCESSING_TOO_LONG, attempt=attempt, after=slower(age)),
                )
            return Stay(after=_gap(step), is_progress=False, write=note)
        case _:
            return _rest(
                step,
                Go(
                    State.UNCONFIRMED,
                    Reason.UNKNOWN_STATUS,
                    attempt=attempt,
                    after=slower(timedelta(0)),
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
    """TikTok never confirmed the last chunk, misses bytes, and takes no more.

    Only what we send has such an end: how many bytes were uploaded says nothing of what TikTok fetches.
    """
    return (
        not attempt.way.is_pulled
        and attempt.upload_finished_at is None
        and is_short(state, attempt)
        and step.now >= last_moment_for_bytes(attempt)
    )


def _give_up_upload(step: Step, attempt: Attempt, state: PublishState) -> Go:
    def write() -> None:
        note_status(step, attempt, state)
        end_attempt(attempt, step, Reason.UPLOAD_EXPIRED)

    return Go(State.FAILED, Reason.UPLOAD_EXPIRED, attempt=attempt, write=write)


def _deliver(step: Step, attempt: Attempt, note: Callable[[], None]) -> Result:
    def write() -> None:
        note()
        attempt.outcome = AttemptOutcome.DELIVERED
        attempt.save(update_fields=["outcome"])

    return Go(
        State.IN_INBOX,
        after=settings.PUBLISHING_INBOX_POLL_SECONDS,
        attempt=attempt,
        fields={"delivered_at": step.now},
        write=write,
    )


def complete(step: Step, attempt: Attempt, state: PublishState) -> Go:
    """TikTok says that it is published."""

    def write() -> None:
        note_status(step, attempt, state)
        attempt.outcome = AttemptOutcome.PUBLISHED
        attempt.ended_at = step.now
        attempt.save(update_fields=["outcome", "ended_at"])
        if not attempt.way.is_inbox:
            learn_from_published(step.publication.account, now=step.now)

    # Who can view what became of a draft, only its creator knows; and it may be posted more than once.
    is_draft = attempt.way.is_inbox
    is_public = choices_of(step.publication.consent).privacy_level == PrivacyLevel.PUBLIC_TO_EVERYONE
    looks_for_id = is_draft or (is_public and not state.post_ids)
    return Go(
        State.PUBLISHED,
        after=settings.PUBLISHING_POLL_SECONDS[0] if looks_for_id else None,
        attempt=attempt,
        detail={"post_ids": list(state.post_ids)},
        fields={"published_at": step.now, "post_ids": list(state.post_ids)},
        write=write,
    )


def fail(step: Step, attempt: Attempt, state: PublishState) -> Go:
    """TikTok says that it is over: nothing can become public."""
    reason = state.fail_reason or "unknown"

    def write() -> None:
        note_status(step, attempt, state)
        end_attempt(attempt, step, reason[:100])

    tried = attempt.number - step.publication.attempts_before
    detail = {"fail_reason": reason, "log_id": state.log_id}
    if step.publication.cancel_asked_at is not None and step.publication.state == State.PROCESSING:
        # Whatever ended it: nothing is out, and somebody wanted it stopped.
        return Go(State.CANCELLED, Reason.STOPPED_BY_PERSON, attempt=attempt, detail=detail, write=write)
    if reason in CAP_CODES and step.publication.state == State.PROCESSING and tried < MAX_RETRIED_ATTEMPTS:
        return _send_again_when_there_is_room(step, attempt, reason, detail, write)
    is_safe_to_repeat = reason in RETRYABLE_FAILURES and step.publication.state == State.PROCESSING
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


def _send_again_when_there_is_room(
    step: Step, attempt: Attempt, code: str, detail: dict[str, str], write: Callable[[], None]
) -> Go:
    """TikTok took every byte and then says that the account has posted enough: over, so another cannot double it."""
    account = step.publication.account
    pause = pause_for(account, code, now=step.now)

    def settle() -> None:
        write()
        write_pause(account, pause, now=step.now, log_id=detail["log_id"])

    return Go(
        State.STARTING,
        code,
        after=seconds_until(pause.until, step.now),
        attempt=attempt,
        detail=detail,
        fields={"tries": 1},
        write=settle,
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
            after=slower(timedelta(0)),
            detail={"log_id": error.log_id},
        ),
    )


def _rest(step: Step, go: Go) -> Result:
    """The move, or, for a publication that already stands there, only the next time to ask."""
    if step.publication.state != go.to:
        return go
    sent_at = step.publication.created_at
    if go.attempt is not None:
        sent_at = go.attempt.final_intent_at or go.attempt.gate_opened_at or sent_at
    return Stay(after=slower(step.now - sent_at), is_progress=False, write=go.write)


def note_status(step: Step, attempt: Attempt, state: PublishState) -> None:
    """Write down TikTok's answer, with a line in the history when its word is a new one."""
    if attempt.remote_status != state.status:
        Event.objects.create(
            publication=step.publication,
            attempt=attempt,
            kind=EventKind.CALL,
            name="status",
            code=state.status[:100],
            tiktok_log_id=state.log_id,
            detail={
                "uploaded_bytes": state.uploaded_bytes,
                "downloaded_bytes": state.downloaded_bytes,
                "fail_reason": state.fail_reason,
            },
        )
    attempt.remote_status = state.status[:60]
    attempt.remote_status_at = step.now
    attempt.tiktok_log_id = state.log_id or attempt.tiktok_log_id
    if state.downloaded_bytes is not None:
        attempt.downloaded_bytes = state.downloaded_bytes
    attempt.save(update_fields=["remote_status", "remote_status_at", "tiktok_log_id", "downloaded_bytes"])


def sent_attempt(step: Step) -> Attempt:
    """The newest attempt TikTok gave a publish id for."""
    return step.publication.attempts.exclude(publish_id=None).latest("number")


def _gap(step: Step) -> float:
    gaps = settings.PUBLISHING_POLL_SECONDS
    return float(gaps[min(step.publication.tries, len(gaps) - 1)])


def slower(age: timedelta, least: float = 5.0, *, longest: timedelta = LONGEST_GAP) -> float:
    """Ever more rarely: half its age, between `least` seconds and 6 hours, or what is the `longest`."""
    return min(max(age.total_seconds() / 2, least), longest.total_seconds())
