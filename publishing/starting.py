"""The first step: everything is asked anew, then TikTok is told of the video with `init`; no byte is sent here."""

import hashlib
import json
import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from accounts.clients import tiktok_client
from accounts.clock import database_now
from accounts.creators import ask_creator
from accounts.tokens import access_token_for
from composer.consents import check_consent, post_info_of
from composer.storing import MediaUnreachableError, open_media
from publishing.budgets import Endpoint, take_call, wait_for_call
from publishing.heartbeats import Heartbeat
from publishing.models import Attempt, AttemptOutcome, Event, EventKind, Publication
from publishing.obstacles import await_reconnect, find_obstacle
from publishing.reasons import Reason
from publishing.sealed import seal_upload_url
from publishing.states import State
from publishing.steps import Go, Result, Stay, Step, retry_later, seconds_until, wait_turn
from tiktok import ChunkPlan, VideoInit, VideoPostInfo, plan_chunks
from tiktok.errors import (
    AccessTokenInvalidError,
    ApiError,
    InvalidParamsError,
    RateLimitError,
    ServerError,
    TransportError,
)

logger = logging.getLogger(__name__)

RATE_LIMITED = "rate_limit_exceeded"
# An `init` whose answer was lost is repeated no sooner than this, and not without end: TikTok may count it.
ORPHAN_GAP = timedelta(seconds=10)
MAX_UNANSWERED = 4
# New attempts after TikTok ended one for a reason of its own, or after its upload window ran out.
MAX_ATTEMPTS = 6
NOT_COUNTED = frozenset({RATE_LIMITED, Reason.TIKTOK_UNREACHABLE})
RATE_WINDOW_SECONDS = 60.0
# Our clock's distance from TikTok's is unknown: the upload window is taken to end this much earlier.
UPLOAD_URL_MARGIN_SECONDS = 120.0


def leave_schedule(step: Step) -> Result:
    """Scheduled → starting, or held when the account has gone elsewhere."""
    return find_obstacle(step.publication) or Go(State.STARTING, after=0)


def start(step: Step) -> Result:
    """Ask everything anew and `init`; ends in *uploading*, in *held* with the reason, or tries again later."""
    publication = step.publication
    wait = _await_orphan(step)
    if wait is not None:
        return wait
    obstacle = find_obstacle(publication)
    if obstacle is not None:
        return obstacle
    with Heartbeat(step.lease):
        return _ask_and_init(step)


def _await_orphan(step: Step) -> Result | None:
    """An earlier `init` without an answer: it has no byte and never will, so another is safe, but not at once."""
    publication = step.publication
    attempts = list(publication.attempts.filter(number__gt=publication.attempts_before).order_by("-number"))
    unanswered = [attempt for attempt in attempts if attempt.init_finished_at is None]
    if len(unanswered) >= MAX_UNANSWERED:
        return Go(
            State.FAILED, Reason.INIT_UNANSWERED, write=lambda: end_open_attempts(publication, step.now)
        )
    # Neither TikTok's rate limit nor a line that was down says anything about this post.
    taken = [attempt for attempt in attempts if attempt.fail_reason not in NOT_COUNTED]
    if len(taken) >= MAX_ATTEMPTS:
        return Go(State.FAILED, Reason.TIKTOK_ERROR, write=lambda: end_open_attempts(publication, step.now))
    if unanswered and unanswered[0] is attempts[0]:
        wait = seconds_until(attempts[0].init_started_at + ORPHAN_GAP, step.now)
        if wait:
            return wait_turn(wait)
    return None


def end_open_attempts(publication: Publication, now: datetime) -> None:
    """Mark every attempt that never got its last byte as failed: none of them can become public."""
    publication.attempts.filter(outcome=AttemptOutcome.OPEN, final_intent_at__isnull=True).update(
        outcome=AttemptOutcome.FAILED, ended_at=now
    )


def _ask_and_init(step: Step) -> Result:
    publication = step.publication
    account = publication.account
    # Refreshed here, so that a refresh under way elsewhere is waited for with the worker free for others.
    access_token_for(account, now=step.now)
    # Who has to wait for `init` anyway asks nothing before: many posts at once would use up each other's calls.
    wait = wait_for_call(account.pk, Endpoint.INIT, now=step.now) or take_call(
        account.pk, Endpoint.CREATOR_INFO, now=step.now
    )
    if wait:
        return wait_turn(wait)
    answer = ask_creator(account, now=step.now, wait_seconds=0)
    match answer.refusal:
        case "":
            pass
        case "unreachable":
            return retry_later(step, Go(State.FAILED, Reason.TIKTOK_UNREACHABLE))
        case "rate_limited":
            return retry_later(step, Go(State.FAILED, RATE_LIMITED), least=RATE_WINDOW_SECONDS)
        case "needs_reconnect":
            return await_reconnect(publication)
        case "missing_scope":
            return Go(State.HELD, Reason.MISSING_SCOPE)
        case code:
            return Go(State.HELD, code, detail={"log_id": answer.log_id})
    assert answer.info is not None  # noqa: S101 - no refusal means an answer
    consent = publication.consent
    blocks = check_consent(consent, answer.info)
    if blocks:
        return Go(State.HELD, Reason.RULES_CHANGED, detail={"blocks": [block.text for block in blocks]})
    try:
        with open_media(consent.media) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != consent.media_sha256:
                return Go(State.HELD, Reason.FILE_CHANGED)
    except FileNotFoundError:
        return Go(State.HELD, Reason.FILE_MISSING)
    except MediaUnreachableError:
        return retry_later(step, Go(State.HELD, Reason.STORAGE_UNREACHABLE))
    token = access_token_for(account, now=step.now)
    wait = take_call(account.pk, Endpoint.INIT, now=database_now())
    if wait:
        return wait_turn(wait)
    return _init(step, token, post_info_of(consent), plan_chunks(consent.media.size_bytes))


def _init(step: Step, token: str, post_info: VideoPostInfo, plan: ChunkPlan) -> Result:
    attempt = _begin_attempt(step, post_info, plan)
    try:
        with tiktok_client(step.publication.account, token) as client:
            answer = client.init_video(post_info, plan)
    except (TransportError, ServerError) as error:
        if isinstance(error, TransportError) and error.is_sent is False:
            # Not one byte of the request left: there is no orphan to wait out.
            unheard = partial(_refuse, attempt, step, Reason.TIKTOK_UNREACHABLE)
            give_up = Go(State.FAILED, Reason.TIKTOK_UNREACHABLE, attempt=attempt, write=unheard)
            return retry_later(step, give_up, write=unheard)
        code, log_id = error.code, error.log_id
        logger.warning("init of publication %s has no answer: %s", step.publication.pk, code)
        return Stay(
            # 10 s, 30 s, 90 s: TikTok may count each of them.
            after=ORPHAN_GAP.total_seconds() * 3 ** min(step.publication.tries, 3),
            is_progress=False,
            write=lambda: _record_call(step, attempt, "init_unanswered", code, log_id),
        )
    except AccessTokenInvalidError as error:
        code = error.code
        # Asking for creator info again, the next try finds out whether the token is dead, and refreshes it.
        refused = partial(_refuse, attempt, step, code)
        return retry_later(step, Go(State.FAILED, code, attempt=attempt, write=refused), write=refused)
    except RateLimitError:
        refused = partial(_refuse, attempt, step, RATE_LIMITED)
        give_up = Go(State.FAILED, RATE_LIMITED, attempt=attempt, write=refused)
        return retry_later(step, give_up, least=RATE_WINDOW_SECONDS, write=refused)
    except ApiError as error:
        code, log_id = error.code, error.log_id
        return Go(
            # A request TikTok cannot read stays unreadable; everything else a person can do something about.
            State.FAILED if isinstance(error, InvalidParamsError) else State.HELD,
            code,
            attempt=attempt,
            detail={"log_id": log_id, "message": error.message},
            fields={"tiktok_log_id": log_id},
            write=lambda: _refuse(attempt, step, code, log_id),
        )
    return _take_answer(step, attempt, answer)


def _begin_attempt(step: Step, post_info: VideoPostInfo, plan: ChunkPlan) -> Attempt:
    """Save what is about to be asked, before it is asked."""
    publication = step.publication
    payload = asdict(post_info)
    with Publication.objects.fenced(step.lease):
        end_open_attempts(publication, step.now)
        last = publication.attempts.order_by("-number").first()
        attempt = Attempt.objects.create(
            publication=publication,
            number=last.number + 1 if last else 1,
            payload=payload,
            payload_sha256=hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest(),
            media_sha256=publication.consent.media_sha256,
            total_bytes=plan.video_size,
            chunk_size=plan.chunk_size,
            total_chunk_count=plan.total_chunk_count,
            init_started_at=database_now(),
        )
        _record_call(step, attempt, "init")
    return attempt


def _take_answer(step: Step, attempt: Attempt, answer: VideoInit) -> Result:
    """Save TikTok's answer, before the first byte."""
    attempt.init_finished_at = database_now()
    attempt.publish_id = answer.publish_id
    attempt.upload_url_sealed = seal_upload_url(attempt, answer.upload_url)
    life = max(settings.PUBLISHING_UPLOAD_URL_SECONDS - UPLOAD_URL_MARGIN_SECONDS, 1.0)
    attempt.upload_expires_at = attempt.init_started_at + timedelta(seconds=life)
    attempt.tiktok_log_id = answer.log_id
    return Go(
        State.UPLOADING,
        after=0,
        attempt=attempt,
        detail={"publish_id": answer.publish_id, "log_id": answer.log_id},
        write=lambda: attempt.save(
            update_fields=[
                "init_finished_at",
                "publish_id",
                "upload_url_sealed",
                "upload_expires_at",
                "tiktok_log_id",
            ]
        ),
    )


def _refuse(attempt: Attempt, step: Step, code: str, log_id: str = "") -> None:
    """TikTok said no to this `init`, or never heard it."""
    attempt.init_finished_at = step.now
    attempt.outcome = AttemptOutcome.FAILED
    attempt.fail_reason = code
    attempt.tiktok_log_id = log_id
    attempt.ended_at = step.now
    attempt.save(update_fields=["init_finished_at", "outcome", "fail_reason", "tiktok_log_id", "ended_at"])
    _record_call(step, attempt, "init_refused", code, log_id)


def _record_call(step: Step, attempt: Attempt, name: str, code: str = "", log_id: str = "") -> None:
    Event.objects.create(
        publication=step.publication,
        attempt=attempt,
        kind=EventKind.CALL,
        name=name,
        code=code,
        tiktok_log_id=log_id,
    )
