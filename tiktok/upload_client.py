"""Sends the chunks of a video to the address that `init` returned, and to no other host.

The upload host gets neither a token nor a cookie: its address is the permission. So the address must not get
out either, and no error repeats it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

import httpx

from tiktok import wire
from tiktok.errors import (
    ChunkSourceError,
    RangeMismatchError,
    TransportError,
    TransportKind,
    UploadError,
    UploadHostError,
    UploadNotFoundError,
    UploadRefusedError,
    UploadServerError,
    UploadUrlExpiredError,
)
from tiktok.types import ChunkAnswer
from tiktok.uploads import Chunk

# TikTok answers the last chunk when it has put the file together, so reading waits longer than writing.
UPLOAD_TIMEOUT = httpx.Timeout(30.0, connect=10.0, read=60.0)

TAKEN = frozenset({201, 206})
CONTENT_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})

# httpx lets odd characters through as part of a host name; a name made of them is nobody's.
_HOST = re.compile(r"[a-z0-9.:-]+", re.ASCII)
_PROGRESS = re.compile(
    r"(?:bytes)?[ =]*0 *- *([0-9]{1,19})(?: */ *([0-9]{1,19}|\*))?", re.IGNORECASE | re.ASCII
)


class UploadClient:
    """A context manager that holds one connection pool to the upload hosts; serves many uploads in turn.

    `allowed_hosts` holds host names, and suffixes that begin with a dot (`.tiktokapis.com`). Addresses are
    https; `allow_http_loopback` also lets http through to this machine, for a simulated TikTok.
    """

    def __init__(
        self,
        allowed_hosts: Sequence[str],
        *,
        allow_http_loopback: bool = False,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout | float = UPLOAD_TIMEOUT,
    ) -> None:
        self._allowed_hosts = tuple(host.lower() for host in allowed_hosts)
        self._allow_http_loopback = allow_http_loopback
        self._http = httpx.Client(**wire.session_options(timeout, transport))

    def __repr__(self) -> str:
        return f"<UploadClient for {', '.join(self._allowed_hosts)}>"

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; the client cannot be used afterwards."""
        self._http.close()

    def put_chunk(
        self, upload_url: str, blocks: Iterable[bytes], chunk: Chunk, total: int, content_type: str
    ) -> ChunkAnswer:
        """Send one chunk of a file of `total` bytes; returns on 206 and 201, raises on everything else.

        `blocks` is read once, block by block, and must come to exactly the chunk's bytes: otherwise
        `ChunkSourceError`, and TikTok never gets a whole chunk. What `blocks` raises comes through as it is.
        A `TransportError` leaves open whether the chunk was taken; sending it again is safe, while after the
        last chunk the status tells more.
        Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
        """
        if chunk.last_byte >= total:
            raise ValueError(f"Byte {chunk.last_byte} lies beyond a file of {total} bytes.")
        if content_type not in CONTENT_TYPES:
            raise ValueError("TikTok takes video/mp4, video/quicktime and video/webm.")
        request = self._http.build_request(
            "PUT",
            self._checked(upload_url),
            content=_exactly(chunk.size, blocks),
            headers={
                "Content-Type": content_type,
                "Content-Length": str(chunk.size),
                "Content-Range": f"bytes {chunk.first_byte}-{chunk.last_byte}/{total}",
            },
        )
        response = self._send(request)
        accepted_bytes = _accepted_bytes(response.headers.get("Content-Range", ""), chunk, total)
        log_id = wire.log_id_of(response)
        if response.status_code in TAKEN:
            return ChunkAnswer(status=response.status_code, accepted_bytes=accepted_bytes, log_id=log_id)
        raise _refusal(response, accepted_bytes, log_id)

    def _checked(self, upload_url: str) -> httpx.URL:
        try:
            url = httpx.URL(upload_url)
        except (httpx.InvalidURL, TypeError):
            url = httpx.URL("")
        # The very host that the connection is made to: no second parser that could read it otherwise.
        host = url.raw_host.decode("ascii").lower()
        if url.userinfo or not any(_is_allowed(host, allowed) for allowed in self._allowed_hosts):
            raise UploadHostError(
                "upload_host", "The upload address is on a host that is not on the allow-list."
            )
        if url.scheme == "https" or (
            url.scheme == "http" and self._allow_http_loopback and wire.is_loopback(host)
        ):
            return url
        raise UploadHostError("upload_host", "The upload address is not https.")

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            failure = wire.broken_exchange(error, is_repeatable=True)
        else:
            _drain(response)
            return response
        raise failure


def _drain(response: httpx.Response) -> None:
    """After a taken chunk read on, so that the connection can serve the next one; else let it go.

    The status line has said everything: a body that breaks off takes nothing of it back, and one that follows
    a refusal is not worth waiting for.
    """
    with contextlib.closing(response), contextlib.suppress(httpx.HTTPError):
        if response.status_code in TAKEN:
            response.read()


def _is_allowed(host: str, allowed: str) -> bool:
    if not _HOST.fullmatch(host):
        return False
    return host.endswith(allowed) and host != allowed if allowed.startswith(".") else host == allowed


def _exactly(size: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks, one held back: the block that completes the chunk leaves only when nothing follows it."""
    held = b""
    sent = 0
    for block in blocks:
        sent += len(block)
        if sent > size:
            raise ChunkSourceError("chunk_source", f"There are more bytes than the {size} of the chunk.")
        if held:
            yield held
        held = block
    if sent < size:
        raise ChunkSourceError("chunk_source", f"There are {sent} bytes instead of the {size} of the chunk.")
    yield held


def _accepted_bytes(content_range: str, chunk: Chunk, total: int) -> int | None:
    """TikTok's progress, as a count where it names an end of this chunk.

    `bytes 0-N/TOTAL` does not say if N is a count or the index of the last byte. A range that begins
    elsewhere is our own header sent back and no progress; one of another file proves nothing.
    """
    found = _PROGRESS.fullmatch(content_range.strip())
    if not found or found[2] not in {None, "*", str(total)} or int(found[1]) > total:
        return None
    value = int(found[1])
    ends = {chunk.first_byte, chunk.last_byte + 1}
    return value + 1 if value not in ends and value + 1 in ends else value


_REFUSALS: dict[int, tuple[type[UploadError], str, str]] = {
    400: (UploadRefusedError, "upload_refused", "TikTok calls the chunk's headers or length wrong."),
    403: (UploadUrlExpiredError, "upload_url_expired", "The upload address has ended."),
    404: (UploadNotFoundError, "upload_not_found", "TikTok has no such upload."),
}


def _refusal(
    response: httpx.Response, accepted_bytes: int | None, log_id: str
) -> UploadError | TransportError:
    """What the status means; the body is not documented and is not quoted."""
    status = response.status_code
    if 300 <= status < 400:
        return TransportError(
            TransportKind.REDIRECT, is_sent=True, is_repeatable=True, log_id=log_id, http_status=status
        )
    if status == 416:
        return RangeMismatchError(
            "range_mismatch",
            "The chunk does not begin where TikTok's progress ends.",
            accepted_bytes=accepted_bytes,
            log_id=log_id,
            http_status=status,
        )
    if status >= 500 or status in {408, 429}:
        return UploadServerError(
            "upload_server_error",
            "The upload host asks to send the chunk again.",
            retry_after=wire.retry_after_of(response),
            log_id=log_id,
            http_status=status,
        )
    kind, code, message = _REFUSALS.get(
        status,
        (UploadError, "upload_unexpected_answer", "The upload host gave an answer that is not documented."),
    )
    return kind(code, message, log_id=log_id, http_status=status)
