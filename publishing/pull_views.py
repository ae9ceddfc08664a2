"""The public door through which TikTok fetches: one secret address per file and attempt, the last byte gated."""

import errno
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.clock import database_now
from accounts.policy import PublicRequest, public
from composer.ranges import ByteRange, Unsatisfiable, parse_range
from composer.storing import MediaReader, MediaUnreachableError, open_media
from publishing.gates import judge_long_wait
from publishing.models import Gate, PullEnd, PullFile, PullHit
from publishing.pulls import find_file, is_alive, note_request, note_served, release_last_byte

logger = logging.getLogger(__name__)

BLOCK_BYTES = 512 * 1024
LOOK_SECONDS = 0.05
PROGRESS_SECONDS = 1.0


@public
@csrf_exempt  # nothing but reading is answered, and that refusal would be logged with the address
def pull_file(request: PublicRequest, token: str, name: str) -> HttpResponseBase:
    """One file of an attempt, or a part of it; 404 for an address that never was, 410 for one that has ended.

    All but the last byte goes out at once. That one waits for the gate; when it stays closed the connection is
    cut, which the announced length makes a failed download. Whatever goes wrong, the address stays out of the logs.
    """
    if request.method not in {"GET", "HEAD"}:
        refusal = _plain(405)
        refusal["Allow"] = "GET, HEAD"
        return refusal
    try:
        return _answer(request, token, name)
    except Exception:
        logger.exception("A file that TikTok fetches could not be served.")
        return _plain(503)


def _answer(request: PublicRequest, token: str, name: str) -> HttpResponseBase:
    file = find_file(token, name)
    if file is None:
        return _plain(404)
    now = database_now()
    if not is_alive(file, now=now):
        return _plain(410)
    # RFC 9110, 14.2 and 13.1.5: only GET has ranges, and we never named a version that If-Range could mean.
    has_range = request.method == "GET" and "If-Range" not in request.headers
    wanted = parse_range(request.headers.get("Range"), file.size_bytes) if has_range else None
    if wanted is Unsatisfiable.RANGE:
        nowhere = _plain(416)
        nowhere["Content-Range"] = f"bytes */{file.size_bytes}"
        return nowhere
    part = wanted or ByteRange(0, file.size_bytes - 1)
    is_partial = isinstance(wanted, ByteRange)
    if request.method == "HEAD":
        note_request(file, method="HEAD", first_byte=0, last_byte=part.last_byte, now=now)
        return _headers(HttpResponse(content_type=file.content_type), file, part, is_partial=False)
    try:
        reader = open_media(file.media)
    except FileNotFoundError:
        logger.error("A file that TikTok fetches is gone: media %s.", file.media_id)  # noqa: TRY400 - expected
        return _plain(404)
    except MediaUnreachableError:
        return _plain(503)
    try:
        hit = note_request(file, method="GET", first_byte=part.first_byte, last_byte=part.last_byte, now=now)
    except Exception:
        reader.close()
        raise
    blocks = _Served(file, part, reader, hit)
    status = 206 if is_partial else 200
    response = StreamingHttpResponse(blocks, status=status, content_type=file.content_type)
    return _headers(response, file, part, is_partial=is_partial)


def _plain(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store, private"
    # Django would log the address, and with it the secret.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
    return response


def _headers(
    response: HttpResponseBase, file: PullFile, part: ByteRange, *, is_partial: bool
) -> HttpResponseBase:
    response["Content-Length"] = str(part.size)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    if is_partial:
        response["Content-Range"] = part.content_range(file.size_bytes)
    return response


class _CutError(Exception):
    """The last byte is not given: whatever was announced, the connection ends here."""


class _WaitingRoom:
    """How many requests of this process wait for their last byte: more than a few would leave people waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def enter(self) -> bool:
        with self._lock:
            if self._count >= settings.PULL_MAX_WITHHELD:
                return False
            self._count += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._count -= 1


_waiting_room = _WaitingRoom()


class _Served:
    """The bytes of one answer, read as they are sent; closed by the web server, also when the other side leaves."""

    def __init__(self, file: PullFile, part: ByteRange, reader: MediaReader, hit: PullHit | None) -> None:
        self._file = file
        self._part = part
        self._reader = reader
        self._hit = hit
        self._position = part.first_byte
        self._noted_at = time.monotonic()
        self._end = PullEnd.LEFT
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._blocks()
        except (_CutError, MediaUnreachableError):
            # What a web server takes for a connection that broke: it closes it and says nothing more.
            raise ConnectionResetError(errno.ECONNRESET, "cut before the last byte") from None
        except Exception:
            # The web server would log it, with the address.
            logger.exception("A file that TikTok fetches broke off.")
            raise ConnectionResetError(errno.ECONNRESET, "broke off") from None

    def close(self) -> None:
        """Write down how far it came."""
        if self._is_closed:
            return
        self._is_closed = True
        self._reader.close()
        self._note(self._end)

    def _blocks(self) -> Iterator[bytes]:
        file, part = self._file, self._part
        has_last = part.last_byte == file.size_bytes - 1
        self._reader.seek(part.first_byte)
        # The last byte of the file is never in a block of its own unless it is asked for alone or read last.
        stop = part.last_byte if has_last else part.last_byte + 1
        while self._position < stop:
            block = self._reader.read(min(BLOCK_BYTES, stop - self._position))
            if not block:
                raise _CutError
            yield block
            self._position += len(block)
            if time.monotonic() - self._noted_at > PROGRESS_SECONDS:
                self._note(PullEnd.OPEN)
        if has_last:
            last = self._reader.read(1)
            if not last:
                raise _CutError
            self._await_gate()
            yield last
            self._position += 1
        self._end = PullEnd.WHOLE

    def _await_gate(self) -> None:
        """Return when the last byte may go out; raises _CutError when it may not."""
        gate = release_last_byte(self._file)
        if gate == Gate.CLOSED:
            gate = self._wait()
        if gate != Gate.OPEN:
            self._end = PullEnd.WITHHELD
            raise _CutError

    def _wait(self) -> Gate:
        if not _waiting_room.enter():
            return Gate.CLOSED
        try:
            give_up = time.monotonic() + settings.PULL_WITHHOLD_SECONDS
            while time.monotonic() < give_up:
                time.sleep(LOOK_SECONDS)
                gate = release_last_byte(self._file)
                if gate != Gate.CLOSED:
                    return gate
        finally:
            _waiting_room.leave()
        judge_long_wait(self._file.attempt_id, now=database_now())
        # The answer may have been stored in this very moment.
        return release_last_byte(self._file)

    def _note(self, end: PullEnd) -> None:
        self._noted_at = time.monotonic()
        sent = self._position - self._part.first_byte
        note_served(self._file, self._hit, up_to=self._position, sent=sent, end=end)
