"""Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): short requests, any may be lost.

Core, creation, expiration, checksum and termination. The size of the file on disk is the offset, so that a part costs
no write to the database, and whatever is killed in between has lost at most the block that was being read.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.arriving import (
    begin_arrival,
    cancel_arrival,
    expires_at,
    finish_receiving,
    receive_part,
    received_bytes,
)
from composer.models import Arrival, ArrivalSource, ArrivalState
from composer.parts import (
    CHECKSUMS,
    Checksum,
    PartBusyError,
    PartChecksumError,
    PartCutOffError,
    PartOffsetError,
    PartTooLargeError,
)
from composer.receiving import NoSpaceError, UploadEmptyError, UploadError

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
# A part may be larger than our own page makes it, for other clients, but it must not hold a thread for hours.
MOST_PARTS_AT_ONCE = 16
_BIGGEST = 2**53
_METHODS = ("OPTIONS", "HEAD", "POST", "PATCH", "DELETE")
_STATUSES: dict[type[UploadError], int] = {
    UploadEmptyError: 400,
    PartCutOffError: 408,
    PartOffsetError: 409,
    PartBusyError: 423,
    PartChecksumError: 460,
    NoSpaceError: 507,
}


@member
def upload_list(request: MemberRequest) -> HttpResponseBase:
    """OPTIONS: what this server can do. POST: open an upload, perhaps with its first bytes; 201 and its address."""
    method = _method_of(request)
    if method == "OPTIONS":
        response = _answer(204)
        response["Tus-Version"] = VERSION
        response["Tus-Extension"] = "creation,creation-with-upload,expiration,checksum,termination"
        response["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
        response["Tus-Max-Size"] = str(settings.MEDIA_MAX_BYTES)
        return response
    if method != "POST":
        return _refuse_method("OPTIONS, POST")
    return _refuse_version(request) or _create(request)


@member
def upload_detail(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """HEAD: where the upload stands. PATCH: the next part of it. DELETE: give it up.

    An upload that was given up or expired is 410; one of another workspace is not found.
    """
    method = _method_of(request)
    if method == "OPTIONS":
        return upload_list(request)
    if method not in {"HEAD", "PATCH", "DELETE"}:
        return _refuse_method("OPTIONS, HEAD, PATCH, DELETE")
    arrival = get_object_or_404(_uploads(request), pk=pk)
    refusal = _refuse_version(request)
    if refusal is not None:
        return refusal
    if arrival.state in {ArrivalState.CANCELLED, ArrivalState.EXPIRED}:
        return _answer(410, "This upload was given up. Choose the file again.")
    if method == "HEAD":
        return _head(arrival)
    if method == "DELETE":
        is_over = cancel_arrival(arrival, now=database_now())
        return _answer(204) if is_over else _answer(410, "This upload had come to its end before.")
    return _patch(request, arrival)


def _create(request: MemberRequest) -> HttpResponse:
    if "Upload-Length" not in request.headers:
        return _answer(400, "Upload-Length is missing; Upload-Defer-Length is not supported.")
    size = _number(request, "Upload-Length")
    if size is None:
        return _answer(400, "Upload-Length is not a number.")
    length = _number(request, "Content-Length") or 0
    if length and request.content_type != PART_TYPE:
        return _answer(415, f"The first bytes of an upload have to be of the type {PART_TYPE}.")
    try:
        arrival = begin_arrival(
            request.workspace,
            user=request.user,
            name=_metadata(request).get("filename", ""),
            size=size,
            source=ArrivalSource.TUS,
            now=database_now(),
        )
    except UploadError as error:
        return _refuse(error)
    response = _receive(request, arrival, offset=0, length=length) if length else _answer(201)
    if response.status_code == 204:
        response.status_code = 201
    elif response.status_code != 201:
        # Its address would not be known to anybody.
        cancel_arrival(arrival, now=database_now())
        return response
    response["Location"] = reverse("composer:upload-detail", args=[arrival.pk])
    response["Upload-Expires"] = _expires(arrival)
    return response


def _head(arrival: Arrival) -> HttpResponse:
    offset = received_bytes(arrival)
    if offset == arrival.size_bytes:
        # Whoever was killed between the last byte and this has not said so.
        _finish(arrival)
    response = _answer(200)
    response["Upload-Offset"] = str(offset)
    response["Upload-Length"] = str(arrival.size_bytes)
    response["Upload-Metadata"] = f"filename {base64.b64encode(arrival.name.encode()).decode()}"
    if arrival.state == ArrivalState.RECEIVING:
        response["Upload-Expires"] = _expires(arrival)
    return response


def _patch(request: MemberRequest, arrival: Arrival) -> HttpResponse:
    if request.content_type != PART_TYPE:
        return _answer(415, f"A part has to be of the type {PART_TYPE}.")
    offset, length = _number(request, "Upload-Offset"), _number(request, "Content-Length")
    if offset is None:
        return _answer(400, "Upload-Offset is missing or not a number.")
    if length is None:
        return _answer(411, "Content-Length is missing.")
    if arrival.state != ArrivalState.RECEIVING:
        return _answer_at_the_end(arrival, offset, length)
    return _receive(request, arrival, offset=offset, length=length)


def _receive(request: MemberRequest, arrival: Arrival, *, offset: int, length: int) -> HttpResponse:
    most = MOST_PARTS_AT_ONCE * settings.UPLOAD_PART_BYTES
    if length > most:
        return _answer(
            413, f"A part may have {settings.UPLOAD_PART_BYTES:,} bytes, and {most:,} at the very most."
        )
    try:
        checksum = _checksum(request)
    except ValueError as error:
        return _answer(400, str(error))
    try:
        with _limited_silence(request):
            offset = receive_part(arrival, request, offset=offset, length=length, checksum=checksum)
    except FileNotFoundError:
        return _answer(410, "This upload was given up. Choose the file again.")
    except UploadError as error:
        return _refuse(error)
    if offset == arrival.size_bytes:
        _finish(arrival)
    response = _answer(204)
    response["Upload-Offset"] = str(offset)
    response["Upload-Expires"] = _expires(arrival)
    return response


def _finish(arrival: Arrival) -> None:
    finish_receiving(arrival.pk, size=arrival.size_bytes or 0, now=database_now())


def _answer_at_the_end(arrival: Arrival, offset: int, length: int) -> HttpResponse:
    """A part for an upload that is whole: the sender has missed the answer to its last one."""
    total = arrival.size_bytes or 0
    if offset != total:
        return _refuse(PartOffsetError(total))
    if length:
        return _refuse(PartTooLargeError(0))
    response = _answer(204)
    response["Upload-Offset"] = str(total)
    return response


@contextmanager
def _limited_silence(request: MemberRequest) -> Iterator[None]:
    """A sender who falls silent gives the upload free, for the connection that he comes back with, and the thread.

    Only gunicorn says which socket it is; elsewhere there is no limit.
    """
    socket = request.META.get("gunicorn.socket")
    if socket is None:
        yield
        return
    before = socket.gettimeout()
    socket.settimeout(settings.UPLOAD_SILENCE_SECONDS)
    try:
        yield
    finally:
        socket.settimeout(before)


def _uploads(request: MemberRequest) -> Any:
    return Arrival.objects.in_workspace(request.workspace).filter(source=ArrivalSource.TUS)


def _method_of(request: MemberRequest) -> str:
    """tus lets a client behind an old firewall name the method in a header; only a POST has been checked for that."""
    method = request.method or ""
    named = request.headers.get("X-HTTP-Method-Override", "").upper()
    return named if method == "POST" and named in _METHODS else method


def _number(request: MemberRequest, name: str) -> int | None:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 16:
        return None
    return int(text) if int(text) <= _BIGGEST else None


def _metadata(request: MemberRequest) -> dict[str, str]:
    """`filename ZmlsbS5tcDQ=,other …` as text; what is not as it should be is left out, never an error."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def _checksum(request: MemberRequest) -> Checksum | None:
    """What the part must hash to. Raises ValueError with a sentence for an algorithm or a digest we do not know."""
    if "Upload-Checksum" not in request.headers:
        return None
    algorithm, _, text = request.headers["Upload-Checksum"].partition(" ")
    if algorithm not in CHECKSUMS:
        raise ValueError(f"Upload-Checksum may use {', '.join(CHECKSUMS)}.")
    try:
        return Checksum(algorithm, base64.b64decode(text.strip(), validate=True))
    except binascii.Error as error:
        raise ValueError("The digest in Upload-Checksum is not base64.") from error


def _expires(arrival: Arrival) -> str:
    return http_date(expires_at(arrival, now=database_now()).timestamp())


def _refuse_version(request: MemberRequest) -> HttpResponse | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    response = _answer(412, f"This server speaks tus {VERSION}.")
    response["Tus-Version"] = VERSION
    return response


def _refuse_method(allowed: str) -> HttpResponse:
    response = _answer(405)
    response["Allow"] = allowed
    return response


def _refuse(error: UploadError) -> HttpResponse:
    response = _answer(_STATUSES.get(type(error), 413), str(error))
    if isinstance(error, PartOffsetError | PartCutOffError):
        response["Upload-Offset"] = str(error.offset)
    return response


def _answer(status: int, text: str = "") -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    return response
