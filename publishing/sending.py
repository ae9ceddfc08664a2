"""The bytes of a video on their way: chunk after chunk, resumed where TikTok stands, the last one only once."""

import logging
from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from accounts.clients import upload_client
from accounts.clock import database_now
from accounts.hosts import UPLOAD, api_host, name_of
from accounts.sealing import SealError
from accounts.tokens import access_token_for
from composer.storing import MediaReader, MediaUnreachableError, open_media
from publishing.attempts import end_attempt
from publishing.checksums import SentChecksum, take_checksum
from publishing.heartbeats import Heartbeat, Progress
from publishing.models import Attempt, Event, EventKind, Publication
from publishing.obstacles import find_obstacle, find_obstacle_now
from publishing.polling import ask_status, is_short, last_moment_for_bytes
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

# What is read still lies in the processor's cache when it is sent: measured a quarter cheaper than 1 MiB.
BLOCK_BYTES = 512 * 1024
MAX_RESYNCS = 5


def hosts_of(publication: Publication) -> list[str]:
    """The hosts of TikTok's that the next step of a publication calls."""
    if publication.state == State.SCHEDULED:
        return []
    if publication.state != State.UPLOADING:
        return [api_host()]
    attempt = publication.attempts.exclude(publish_id=None).latest("number")
    try:
        upload_host = name_of(UPLOAD, open_upload_url(attempt))
    except SealError:
        return []  # the step says what is wrong
    return [upload_host] if attempt.final_intent_at is None else [api_host(), upload_host]


def send(step: Step) -> Result:
    """Send what TikTok does not have yet; ends in *processing* once every byte is accepted."""
    attempt = step.publication.attempts.exclude(publish_id=None).latest("number")
    state: PublishState | None = None
    if attempt.final_intent_at is not None:
        if step.publication.cancel_asked_at is not None:
            # Not another byte for a post that somebody wants stopped: TikTok is asked to cancel it.
            return Go(State.PROCESSING, after=0, attempt=attempt, detail={"answer": "cancel_asked"})
        # The last chunk may have arrived: only TikTok's status tells.
        answer = ask_status(step, attempt)
        if not isinstance(answer, PublishState):
            return answer
        state = answer
        is_waited_for = state.status == PublishStatus.PROCESSING_UPLOAD and state.uploaded_bytes is None
        # Without a number the chunk is simply sent again: it cannot arrive twice.
        if not is_waited_for and not is_short(state, attempt):
            return Go(State.PROCESSING, after=0, attempt=attempt, detail={"status": state.status})
    progress = Progress(attempt)
    begun_at = progress.accepted
    obstacle = find_obstacle(step.publication)
    if obstacle is not None:
        return _give_way(step, attempt, progress, obstacle)
    if attempt.upload_expires_at is not None and attempt.upload_expires_at <= step.now:
        return _end_expired(step, attempt, state)
    with Heartbeat(step.lease, progress) as heartbeat:
        # The token must outlive the last chunk: the status is asked with it right after. Refreshed here, while a
        # dead account still costs nothing.
        access_token_for(step.publication.account, now=step.now)
        try:
            return _Upload(step, attempt, progress, heartbeat).run()
        except HandOverError:
            return Stay(after=0, write=lambda: _store_progress(attempt, progress))
        except (UploadServerError, TransportError, MediaUnreachableError) as error:
            logger.info("chunk of publication %s not taken: %s", step.publication.pk, error.code)
            # A long upload meets many faults; those it has got over must not make the next one wait longer.
            has_moved = progress.accepted > begun_at
            return Stay(
                after=gap_seconds(0 if has_moved else step.publication.tries),
                is_progress=False,
                is_first_try=has_moved,
                write=lambda: _store_progress(attempt, progress),
            )
        except (UploadUrlExpiredError, UploadNotFoundError) as error:
            log_id = error.log_id
            return Stay(after=0, write=lambda: _expire(step, attempt, progress, log_id))
        except (UploadError, UploadHostError) as error:
            return _give_up(step, attempt, Reason.UPLOAD_REFUSED, answer=error.code, log_id=error.log_id)
        except (ChunkSourceError, FileNotFoundError) as error:
            is_there = isinstance(error, ChunkSourceError)
            return _hold(step, attempt, Reason.FILE_CHANGED if is_there else Reason.FILE_MISSING)


def _give_up(step: Step, attempt: Attempt, reason: Reason, *, answer: str, log_id: str) -> Go:
    """No more bytes can be sent: over, unless the last chunk may have arrived; then TikTok's status decides."""
    detail = {"answer": answer, "log_id": log_id}
    if attempt.final_intent_at is not None:
        return Go(State.PROCESSING, after=0, attempt=attempt, detail=detail)
    return Go(
        State.FAILED,
        reason,
        attempt=attempt,
        detail=detail,
        fields={"tiktok_log_id": log_id},
        write=lambda: end_attempt(attempt, step, reason),
    )


def _hold(step: Step, attempt: Attempt, reason: Reason) -> Go:
    """The file is not what was agreed to: not another byte. A person must act; after the intent TikTok decides."""
    if attempt.final_intent_at is not None:
        return Go(State.PROCESSING, after=0, attempt=attempt, detail={"answer": reason})
    return Go(State.HELD, reason, attempt=attempt, write=lambda: end_attempt(attempt, step, reason))


def _give_way(step: Step, attempt: Attempt, progress: Progress, obstacle: Go) -> Go:
    """Nothing more may be sent now; an account that is reconnected goes on with the same upload."""
    if obstacle.to == State.WAITING_RECONNECT:
        return replace(obstacle, attempt=attempt, write=lambda: _store_progress(attempt, progress))
    if attempt.final_intent_at is not None:
        return Go(State.PROCESSING, after=0, attempt=attempt, detail={"answer": obstacle.reason})
    return replace(obstacle, attempt=attempt, write=lambda: end_attempt(attempt, step, str(obstacle.reason)))


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
        with open_media(self.media) as file, upload_client() as client:
            checksum = SentChecksum(file, self._agreed(file), self._look)
            self._begin()
            while True:
                chunk = next(iter(self.plan.chunks_from(self.progress.accepted)), None)
                if chunk is None:
                    return self._leave_to_status()
                checksum.begin(chunk.first_byte)
                if chunk.is_last:
                    self._compare(checksum.of_whole(self.plan.video_size))
                    obstacle = self._commit_final_intent()
                    if obstacle is not None:
                        return _give_way(self.step, self.attempt, self.progress, obstacle)
                try:
                    answer = client.put_chunk(
                        url,
                        self._blocks(file, chunk, checksum),
                        chunk,
                        self.plan.video_size,
                        self.media.content_type,
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
                if answer.status == 201 and chunk.is_last:
                    return self._finish(answer.log_id)
                if answer.status == 201:
                    # It cannot have everything. Should it publish all the same, this attempt is the one that did.
                    self._note_final_intent()
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
            self._learn_what_the_dead_sent()
            return
        self.attempt.upload_started_at = database_now()
        with Publication.objects.fenced(self.step.lease):
            self.attempt.save(update_fields=["upload_started_at"])

    def _learn_what_the_dead_sent(self) -> None:
        """A worker that died at it noted its progress half a second before: TikTok may have several chunks more."""
        attempt = self.attempt
        if attempt.final_intent_at is not None or attempt.bytes_sent <= attempt.next_byte:
            return
        accepted = self._ask_progress()
        if accepted is not None and accepted > self.progress.accepted:
            self._resync(accepted)

    def _agreed(self, file: MediaReader) -> str:
        """The checksum of the bytes that were agreed to; taken now where none was before `init`."""
        if not self.attempt.media_checksum:
            agreed = take_checksum(file, self.step.publication.consent.media_sha256, self._look)
            if agreed is None:
                raise _file_changed()
            self.attempt.media_checksum = agreed
            with Publication.objects.fenced(self.step.lease):
                self.attempt.save(update_fields=["media_checksum"])
        return self.attempt.media_checksum

    def _compare(self, checksum: str) -> None:
        """Raise when these are not the bytes that were agreed to."""
        if checksum != self.attempt.media_checksum:
            raise _file_changed()

    def _look(self) -> None:
        """Raise to end this go: this worker is asked to stop, or the publication is somebody else's."""
        if self.step.stopping.is_set():
            raise HandOverError
        self.heartbeat.raise_if_lost()

    def _blocks(self, file: MediaReader, chunk: Chunk, checksum: SentChecksum) -> Iterator[bytes]:
        file.seek(chunk.first_byte)
        self.progress.sent = chunk.first_byte
        left = chunk.size
        while left:
            self._look()
            block = file.read(min(BLOCK_BYTES, left))
            if not block:
                return  # the client notices that the chunk is short
            left -= len(block)
            checksum.feed(block)
            if chunk.is_last and not left:
                # Should it have changed since it was read ahead: without this block TikTok has not got the whole.
                self._compare(checksum.so_far())
            yield block
            self.progress.sent += len(block)

    def _commit_final_intent(self) -> Go | None:
        """Committed before the last chunk goes out: from here on TikTok may publish this attempt.

        The last look at what a person may have changed during a long upload; returns what stands in the way.
        """
        obstacle = find_obstacle_now(self.step.publication)
        if obstacle is None:
            self._note_final_intent()
        return obstacle

    def _note_final_intent(self) -> None:
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
        """How much TikTok has, where what it says can be true: not all of it before the last chunk went out."""
        boundary = None if value is None else self.plan.boundary_of(value)
        is_impossible = boundary == self.plan.video_size and self.attempt.final_intent_at is None
        return None if is_impossible else boundary

    def _resync(self, accepted: int) -> None:
        self.progress.accepted = self.progress.sent = accepted

    def _leave_to_status(self) -> Result:
        """TikTok's progress says that it has everything, but no 201 did."""
        attempt, progress = self.attempt, self.progress
        return Go(
            State.PROCESSING,
            after=0,
            attempt=attempt,
            detail={"status": "all bytes"},
            write=lambda: _store_progress(attempt, progress),
        )

    def _finish(self, log_id: str) -> Result:
        attempt = self.attempt

        def write() -> None:
            attempt.next_byte = attempt.bytes_sent = attempt.total_bytes
            attempt.upload_finished_at = database_now()
            attempt.save(update_fields=["next_byte", "bytes_sent", "upload_finished_at"])

        return Go(State.PROCESSING, after=0, attempt=attempt, detail={"log_id": log_id}, write=write)


def _file_changed() -> ChunkSourceError:
    return ChunkSourceError("file_changed", "These are not the bytes that were agreed to.")


def _store_progress(attempt: Attempt, progress: Progress) -> None:
    attempt.next_byte = attempt.bytes_sent = progress.accepted
    attempt.save(update_fields=["next_byte", "bytes_sent"])


def _expire(step: Step, attempt: Attempt, progress: Progress, log_id: str) -> None:
    """TikTok no longer takes bytes at this address."""
    attempt.next_byte = attempt.bytes_sent = progress.accepted
    attempt.upload_expires_at = database_now()
    attempt.save(update_fields=["next_byte", "bytes_sent", "upload_expires_at"])
    Event.objects.create(
        publication=step.publication,
        attempt=attempt,
        kind=EventKind.CALL,
        name="upload_url_ended",
        tiktok_log_id=log_id,
    )


def _end_expired(step: Step, attempt: Attempt, state: PublishState | None) -> Result:
    """The upload window has ended with bytes missing.

    Without the intent to send the last chunk nobody has sent it, and nobody can any more: another attempt is
    safe, after a pause because TikTok may count it. With it, a worker frozen before its last chunk might still
    wake up, so the address is waited out, and then TikTok's status (`state`, asked in this very step) must say
    that bytes are missing.
    """
    if state is not None:
        wait = seconds_until(last_moment_for_bytes(attempt), step.now)
        if wait:
            return Stay(after=wait)
        if not is_short(state, attempt):
            return Go(State.PROCESSING, after=0, attempt=attempt, detail={"status": state.status})
    return Go(
        State.STARTING,
        after=settings.PUBLISHING_ORPHAN_GAP_SECONDS,
        attempt=attempt,
        detail={"because": Reason.UPLOAD_EXPIRED},
        write=lambda: end_attempt(attempt, step, Reason.UPLOAD_EXPIRED),
    )
