"""Answers with a stored file, or the part of it that was asked for, so that a preview plays and seeks."""

import errno
import logging
import re
from collections.abc import Iterator

from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags

from composer.ranges import ByteRange, Unsatisfiable, parse_range
from composer.storing import MediaReader, MediaUnreachableError, open_stored

logger = logging.getLogger(__name__)

BLOCK_BYTES = 256 * 1024
# What a browser may show on our pages. Anything else is handed over as a download without a type.
INLINE_TYPES = frozenset(
    {"video/mp4", "video/quicktime", "video/webm", "image/jpeg", "image/webp", "image/png"}
)
# Opened on its own, a user's file is a page of its own: it may play, and nothing else.
_POLICY = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\]+")
_MAX_NAME_LENGTH = 150


def ranged_response(
    request: HttpRequest,
    stored: FieldFile,
    *,
    size: int,
    content_type: str,
    etag: str,
    filename: str,
    cache_seconds: int = 0,
) -> HttpResponseBase:
    """Answer a GET or HEAD for a file of the library's storage: 200, 206, 304 or 416.

    The bytes come through us also where they lie in an object store. A redirect to it would need its address in
    our pages' policy, and would be an address that works for whoever finds it in a history or a log.

    `etag` is the file's SHA-256 or any other value, without quotes, that changes with its bytes. Only the
    part asked for is read, in blocks; several ranges at once are answered with the whole file.

    Nothing is kept by the browser unless `cache_seconds` says so: files are private and not yet published,
    and the next person at a shared computer must not find them. Raises FileNotFoundError when it is gone,
    MediaUnreachableError when the object store does not answer.
    """
    quoted = f'"{etag}"'
    response: HttpResponseBase
    if quoted in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
        # A 304 describes nothing but the version the browser has.
        del response["Content-Type"]
    else:
        response = _respond(request, stored, size, content_type, _find_range(request, quoted, size))
    response["ETag"] = quoted
    response["Cache-Control"] = f"private, max-age={cache_seconds}" if cache_seconds else "private, no-store"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = _disposition(filename, content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _find_range(request: HttpRequest, quoted_etag: str, size: int) -> ByteRange | Unsatisfiable | None:
    # RFC 9110, 14.2: only GET has ranges; and 13.1.5: another version than the browser's is sent whole.
    if request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != quoted_etag:
        return None
    return parse_range(request.headers.get("Range"), size)


def _respond(
    request: HttpRequest,
    stored: FieldFile,
    size: int,
    content_type: str,
    wanted: ByteRange | Unsatisfiable | None,
) -> HttpResponseBase:
    if wanted is Unsatisfiable.RANGE:
        return HttpResponse(
            status=416, headers={"Content-Range": f"bytes */{size}"}, content_type="text/plain; charset=utf-8"
        )
    safe_type = content_type if content_type in INLINE_TYPES else "application/octet-stream"
    part = wanted or ByteRange(0, size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=safe_type)
    else:
        blocks = _Blocks(open_stored(stored), part)
        response = StreamingHttpResponse(blocks, status=206 if wanted else 200, content_type=safe_type)
    response["Content-Length"] = str(part.size)
    if wanted:
        response["Content-Range"] = wanted.content_range(size)
    return response


def _disposition(filename: str, content_type: str) -> str:
    """The name a download gets; path parts and control characters in it are somebody's trick."""
    clean = _UNSAFE_IN_NAMES.sub("_", filename).strip(" .")[-_MAX_NAME_LENGTH:] or "file"
    return (
        content_disposition_header(as_attachment=content_type not in INLINE_TYPES, filename=clean) or "inline"
    )


class _Blocks:
    """The bytes of one part, read as they are sent. The response closes it, also when the browser leaves."""

    def __init__(self, file: MediaReader, part: ByteRange) -> None:
        self._file = file
        self._left = part.size
        file.seek(part.first_byte)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            block = self._file.read(min(BLOCK_BYTES, self._left)) if self._left else b""
        except (MediaUnreachableError, FileNotFoundError):
            logger.warning("An object store broke off in the middle of an answer.")
            # What a web server takes for a connection that broke: the length that was announced makes it a failure.
            raise ConnectionResetError(errno.ECONNRESET, "the object store broke off") from None
        if not block:
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._file.close()
