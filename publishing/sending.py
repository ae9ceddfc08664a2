"""The bytes of a video on their way: chunk after chunk, resumed where TikTok stands, the last one only once."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from accounts.clients import upload_client
from accounts.clock import database_now
from accounts.tokens import access_token_for
from publishing.heartbeats import Heartbeat, Progress
from publishing.models import Attempt, AttemptOutcome, Event, EventKind, Publication
from publishing.polling import ask_status
from publishing.reasons import Reason
from publishing.sealed import open_upload_url
from publishing.states import State
from publishing.steps import Go, HandOverError, Result, Stay, Step, gap_seconds, seconds_until
from tiktok import Chunk, ChunkPlan, PublishState, PublishStatus
from tiktok.errors import (
    ChunkSourceError,
    RangeMismatchError,
    TransportError,
    UploadError,
    UploadHostError,
    UploadNotFoundError,
    UploadServerError,
    UploadUrlExpiredError,
)

logger = logging.getLogger(__name__)

BLOCK_BYTES = 1024 * 1024
MAX_RESYNCS = 5


def send(step: Step) -> Result:
    """Send what TikTok does not have yet; ends in *processing* once every byte is accepted."""
    attempt = step.publication.attempts.exclude(publish_id=None).latest("number")
    if attempt.final_intent_at is not None:
        # The last chunk may have arrived: only TikTok's status tells.
        state = ask_status(step, attempt)
        if not isinstance(state, PublishState):
            return state
        if not _is_short(state, attempt):
            return Go(State.PROCESSING, after=0, attempt=attempt, detail={"status": state.status})
    if attempt.upload_expires_at is not None and attempt.upload_expires_at <= step.now:
        return _end_expired(step, attempt)
    # The token must outlive the last chunk: the status is asked with it right after. Refreshed here, while a
    # dead account still costs nothing.
    access_token_for(step.publication.account, now=step.now)
    progress = Progress(attempt)
    with Heartbeat(step.lease, progress) as heartbeat:
        try:
            return _Upload(step, attempt, progress, heartbeat).run()
        except HandOverError:
            return Stay(after=0, write=lambda: _store_progress(attempt, progress))
        except (UploadServerError, TransportError) as error:
            logger.info("chunk of publication %s not taken: %s", step.publication.pk, error.code)
            gap = gap_seconds(step.publication.tries)
            return Stay(after=gap, is_progress=False, write=lambda: _store_progress(attempt, progress))
        except (UploadUrlExpiredError, UploadNotFoundError) as error:
            log_id = error.log_id
            return Stay(after=0, write=lambda: _expire(step, attempt, progress, log_id))
        except (UploadError, UploadHostError) as error:
            code, log_id = error.code, error.log_id
            if attempt.final_intent_at is not None:
                return Go(
                    State.PROCESSING, after=0, attempt=attempt, detail={"answer": code, "log_id": log_id}
                )
            return Go(
                State.FAILED,
                Reason.UPLOAD_REFUSED,
                attempt=attempt,
                detail={"answer": code, "log_id": log_id},
                fields={"tiktok_log_id": log_id},
                write=lambda: end_attempt(attempt, step, Reason.UPLOAD_REFUSED),
            )
        except (ChunkSourceError, FileNotFoundError):
            return Go(
                State.FAILED,
                Reason.FILE_CHANGED,
                attempt=attempt,
                write=lambda: end_attempt(attempt, step, Reason.FILE_CHANGED),
            )


class _Upload:
    """One worker's go at the chunks that are left."""

    def __init__(self, step: Step, attempt: Attempt, progress: Progress, heartbeat: Heartbeat) -> None:
        self.step = step
        self.attempt = attempt
        self.progress = progress
        self.heartbeat = heartbeat
        self.plan: ChunkPlan = ChunkPlan(attempt.total_bytes, attempt.chunk_size, attempt.total_chunk_count)
        self.media = step.publication.consent.media

    def run(self) -> Result:
        url = open_upload_url(self.attempt)
        resyncs = 0
        with Path(self.media.file.path).open("rb") as file, upload_client() as client:
            self._begin()
            while True:
                chunk = next(iter(self.plan.chunks_from(self.progress.accepted)), None)
                if chunk is None:
                    return self._finish("")
                if chunk.is_last:
                    self._commit_final_intent()
                try:
                    answer = client.put_chunk(
                        url, self._blocks(file, chunk), chunk, self.plan.video_size, self.media.content_type
                    )
                except RangeMismatchError as error:
                    resyncs += 1
                    accepted = self._boundary(error.accepted_bytes)
                    if accepted is None or resyncs > MAX_RESYNCS:
                        accepted = self._ask_progress()
                    if accepted is None or resyncs > MAX_RESYNCS:
                        raise TransportError("unreadable", is_sent=True, log_id=error.log_id) from None
                    self._resync(accepted)
                    continue
                if answer.status == 201:
                    return self._finish(answer.log_id)
                told = self._boundary(answer.accepted_bytes)
                if chunk.is_last or (told is not None and told != chunk.last_byte + 1):
                    # More expected, although we thought otherwise: believe TikTok, but not for ever.
                    resyncs += 1
                    if resyncs > MAX_RESYNCS:
                        raise TransportError("unreadable", is_sent=True, log_id=answer.log_id)
                    self._resync(chunk.first_byte if told is None else told)
                    continue
                self.progress.accepted = self.progress.sent = chunk.last_byte + 1

    def _begin(self) -> None:
        if self.attempt.upload_started_at is not None:
            return
        self.attempt.upload_started_at = database_now()
        with Publication.objects.fenced(self.step.lease):
            self.attempt.save(update_fields=["upload_started_at"])

    def _blocks(self, file: BinaryIO, chunk: Chunk) -> Iterator[bytes]:
        file.seek(chunk.first_byte)
        self.progress.sent = chunk.first_byte
        left = chunk.size
        while left:
            if self.step.stopping.is_set():
                raise HandOverError
            self.heartbeat.raise_if_lost()
            block = file.read(min(BLOCK_BYTES, left))
            if not block:
                return  # the client notices that the chunk is short
            left -= len(block)
            yield block
            self.progress.sent += len(block)

    def _commit_final_intent(self) -> None:
        """Committed before the last chunk goes out: from here on TikTok may publish this attempt."""
        self.heartbeat.raise_if_lost()
        with Publication.objects.fenced(self.step.lease):
            self.attempt.next_byte = self.progress.accepted
            self.attempt.bytes_sent = self.progress.accepted
            if self.attempt.final_intent_at is None:
                self.attempt.final_intent_at = database_now()
            self.attempt.save(update_fields=["next_byte", "bytes_sent", "final_intent_at"])

    def _ask_progress(self) -> int | None:
        state = ask_status(self.step, self.attempt)
        return self._boundary(state.uploaded_bytes) if isinstance(state, PublishState) else None

    def _boundary(self, value: int | None) -> int | None:
        return None if value is None else self.plan.boundary_of(value)

    def _resync(self, accepted: int) -> None:
        self.progress.accepted = self.progress.sent = accepted

    def _finish(self, log_id: str) -> Result:
        attempt = self.attempt

        def write() -> None:
            attempt.next_byte = attempt.bytes_sent = attempt.total_bytes
            attempt.upload_finished_at = database_now()
            if attempt.final_intent_at is None:
                attempt.final_intent_at = attempt.upload_finished_at
            attempt.save(update_fields=["next_byte", "bytes_sent", "upload_finished_at", "final_intent_at"])

        return Go(State.PROCESSING, after=0, attempt=attempt, detail={"log_id": log_id}, write=write)


def _is_short(state: PublishState, attempt: Attempt) -> bool:
    """Whether TikTok still waits for bytes, as far as it says; without a number the chunk is simply sent again."""
    if state.status != PublishStatus.PROCESSING_UPLOAD:
        return False
    return state.uploaded_bytes is None or state.uploaded_bytes < attempt.total_bytes


def _store_progress(attempt: Attempt, progress: Progress) -> None:
    attempt.next_byte = attempt.bytes_sent = progress.accepted
    attempt.save(update_fields=["next_byte", "bytes_sent"])


def _expire(step: Step, attempt: Attempt, progress: Progress, log_id: str) -> None:
    """TikTok no longer takes bytes at this address."""
    attempt.next_byte = attempt.bytes_sent = progress.accepted
    if attempt.upload_expires_at is None or attempt.upload_expires_at > step.now:
        attempt.upload_expires_at = step.now
    attempt.save(update_fields=["next_byte", "bytes_sent", "upload_expires_at"])
    Event.objects.create(
        publication=step.publication,
        attempt=attempt,
        kind=EventKind.CALL,
        name="upload_url_ended",
        tiktok_log_id=log_id,
    )


def _end_expired(step: Step, attempt: Attempt) -> Result:
    """The upload window has ended with bytes missing.

    Without the intent to send the last chunk nobody has sent it, and nobody can any more: another attempt is
    safe at once. With it, a worker frozen before its last chunk might still wake up, so the address is waited
    out, and then TikTok's status must say that bytes are missing.
    """
    if attempt.final_intent_at is not None:
        ended = attempt.upload_expires_at or step.now
        wait = seconds_until(ended + timedelta(seconds=settings.PUBLISHING_UPLOAD_GRACE_SECONDS), step.now)
        if wait:
            return Stay(after=wait)
        state = ask_status(step, attempt)
        if not isinstance(state, PublishState):
            return state
        if state.uploaded_bytes is None or not _is_short(state, attempt):
            return Go(State.PROCESSING, after=0, attempt=attempt, detail={"status": state.status})
    return Go(
        State.STARTING,
        after=0,
        attempt=attempt,
        detail={"because": Reason.UPLOAD_EXPIRED},
        write=lambda: end_attempt(attempt, step, Reason.UPLOAD_EXPIRED),
    )


def end_attempt(attempt: Attempt, step: Step, reason: str) -> None:
    """This attempt can no longer become public."""
    attempt.outcome = AttemptOutcome.FAILED
    attempt.fail_reason = reason
    attempt.ended_at = step.now
    attempt.save(update_fields=["outcome", "fail_reason", "ended_at"])
