"""Sending chunks: the exact request, every documented answer, and what happens when the wire breaks."""

import contextlib

import httpx
import pytest

from tests.tiktok.conftest import Wire
from tiktok.client import Client
from tiktok.errors import (
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
from tiktok.upload_client import UploadClient
from tiktok.uploads import Chunk, ChunkPlan, plan_chunks

URL = "https://open-upload-va.tiktokapis.com/upload?upload_id=67&upload_token=SENTINEL-a%2Fb%3D=+~*!"
MIDDLE = Chunk(index=1, first_byte=10, last_byte=19, is_last=False)
TOTAL = 45


@pytest.fixture
def uploads(wire: Wire):
    with UploadClient([".tiktokapis.com"], transport=wire.transport) as uploads:
        yield uploads


def put(uploads: UploadClient, url: str = URL, content_type: str = "video/mp4") -> ChunkAnswer:
    return uploads.put_chunk(url, [b"abcde", b"fghij"], MIDDLE, TOTAL, content_type)


def test_sends_exactly_the_documented_request(wire, uploads):
    wire.answers_with(206, headers={"Content-Range": "bytes 0-20/45", "x-tt-logid": "L1"})
    assert put(uploads) == ChunkAnswer(status=206, accepted_bytes=20, log_id="L1")
    request = wire.request
    assert request.method == "PUT"
    assert request.url.host == "open-upload-va.tiktokapis.com"
    assert request.url.raw_path == b"/upload?upload_id=67&upload_token=SENTINEL-a%2Fb%3D=+~*!"
    assert request.content == b"abcdefghij"
    assert dict(request.headers) == {
        "host": "open-upload-va.tiktokapis.com",
        "user-agent": "greenroom",
        "accept-encoding": "identity",
        "accept": "*/*",
        "connection": "keep-alive",
        "content-type": "video/mp4",
        "content-length": "10",
        "content-range": "bytes 10-19/45",
    }


def test_sends_the_ranges_of_the_official_example(wire, uploads):
    plan = ChunkPlan(50_000_123, 10_000_000, 5)
    for chunk in plan.chunks_from(0):
        wire.answers_with(
            201 if chunk.is_last else 206, headers={"Content-Range": f"bytes 0-{chunk.last_byte}/50000123"}
        )
        answer = uploads.put_chunk(URL, [bytes(chunk.size)], chunk, plan.video_size, "video/quicktime")
        assert plan.boundary_of(answer.accepted_bytes) == chunk.last_byte + 1
        assert answer.status == (201 if chunk.is_last else 206)
    assert [request.headers["Content-Range"] for request in wire.requests] == [
        "bytes 0-9999999/50000123",
        "bytes 10000000-19999999/50000123",
        "bytes 20000000-29999999/50000123",
        "bytes 30000000-39999999/50000123",
        "bytes 40000000-50000122/50000123",
    ]
    assert [request.headers["Content-Length"] for request in wire.requests] == ["10000000"] * 4 + ["10000123"]
    assert {request.url for request in wire.requests} == {httpx.URL(URL)}


@pytest.mark.parametrize(
    ("content_range", "accepted_bytes"),
    [
        ("bytes 0-20/45", 20),
        ("bytes 0-19/45", 20),
        ("bytes 0-20/*", 20),
        ("bytes 0-20", 20),
        ("0-20/45", 20),
        ("bytes=0-20/45", 20),
        ("Bytes 0 - 20 / 45", 20),
        (" bytes 0-20/45 ", 20),
        ("bytes 0-10/45", 10),
        ("bytes 0-9/45", 10),
        ("bytes 0-17/45", 17),
        ("bytes 0-0/45", 0),
        ("bytes 0-45/45", 45),
        ("bytes 0-44/45", 44),
        ("bytes 10-19/45", None),  # our own header sent back
        ("bytes 0-20/46", None),  # another file
        ("bytes 0-46/45", None),
        ("bytes */45", None),
        ("bytes 0--1/45", None),
        ("bytes 0-x/45", None),
        ("bytes 0-٢٠/45".encode().decode("latin-1"), None),
        ("bytes 0-20/45, bytes 0-20/45", None),
        ("", None),
        (None, None),
    ],
)
def test_reads_tiktoks_progress_leniently_and_believes_little(wire, uploads, content_range, accepted_bytes):
    headers = {} if content_range is None else {"Content-Range": content_range.encode("latin-1")}
    wire.answers_with(206, headers=headers)
    assert put(uploads).accepted_bytes == accepted_bytes
    wire.answers_with(416, headers=headers)
    with pytest.raises(RangeMismatchError) as caught:
        put(uploads)
    assert caught.value.accepted_bytes == accepted_bytes


def test_a_single_byte_of_which_tiktok_says_zero_counts_as_not_sent(wire, uploads):
    wire.answers_with(201, headers={"Content-Range": "bytes 0-0/1"})
    answer = uploads.put_chunk(URL, [b"x"], plan_chunks(1).chunk(0), 1, "video/webm")
    assert answer == ChunkAnswer(status=201, accepted_bytes=0, log_id="")


@pytest.mark.parametrize(
    ("status", "kind", "code", "is_retry_safe"),
    [
        (400, UploadRefusedError, "upload_refused", False),
        (403, UploadUrlExpiredError, "upload_url_expired", False),
        (404, UploadNotFoundError, "upload_not_found", False),
        (416, RangeMismatchError, "range_mismatch", False),
        (408, UploadServerError, "upload_server_error", True),
        (429, UploadServerError, "upload_server_error", True),
        (500, UploadServerError, "upload_server_error", True),
        (503, UploadServerError, "upload_server_error", True),
        (599, UploadServerError, "upload_server_error", True),
        (200, UploadError, "upload_unexpected_answer", False),
        (204, UploadError, "upload_unexpected_answer", False),
        (401, UploadError, "upload_unexpected_answer", False),
        (418, UploadError, "upload_unexpected_answer", False),
    ],
)
def test_every_other_answer_is_an_error(wire, uploads, status, kind, code, is_retry_safe):
    body = b"<html>https://u/?upload_token=SENTINEL</html>"
    wire.answers_with(status, headers={"X-Tt-Logid": "L1", "Retry-After": "9"}, content=body)
    with pytest.raises(UploadError) as caught:
        put(uploads)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.http_status, error.log_id) == (code, status, "L1")
    assert error.is_retry_safe is is_retry_safe
    assert error.retry_after == (9 if kind is UploadServerError else None)
    assert "SENTINEL" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_never_follows_a_redirect(wire, uploads, status):
    wire.answers_with(status, headers={"Location": "https://open-upload.tiktokapis.com/upload"})
    with pytest.raises(TransportError) as caught:
        put(uploads)
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.REDIRECT, True)
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://tiktokapis.com/upload",
        "https://eviltiktokapis.com/upload",
        "https://open-upload.tiktokapis.com.evil.example/upload",
        "https://open-upload.tiktokapis.com./upload",
        "https://evil.example/.tiktokapis.com",
        "https://evil.example?.tiktokapis.com",
        "https://evil.example#.tiktokapis.com",
        "https://open-upload.tiktokapis.com@evil.example/upload",
        "https://user@open-upload.tiktokapis.com/upload",
        "https://evil.example\\.tiktokapis.com/upload",
        "https://evil.example%2f.tiktokapis.com/upload",
        "https://evil.example%00.tiktokapis.com/upload",
        "https://.tiktokapis.com/upload",
        "http://open-upload.tiktokapis.com/upload",
        "ftp://open-upload.tiktokapis.com/upload",
        "//open-upload.tiktokapis.com/upload",
        "https://127.0.0.1/upload",
        "https://169.254.169.254/latest/",
        "http://localhost:8100/upload",
        "https:///upload",
        "https://[::1/upload",
        "https://open-upload.tiktokapis.com:x/upload",
        "https://open-upload.tiktokapis.com/\r\nX: y",
        "",
        None,
    ],
)
def test_sends_nothing_to_a_host_that_is_not_allowed(wire, uploads, url):
    with pytest.raises(UploadHostError) as caught:
        put(uploads, f"{url}?t=SENTINEL" if url else url)
    assert wire.requests == []
    assert "SENTINEL" not in f"{caught.value} {caught.value!r}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        "https://open-upload.tiktokapis.com/video/?upload_id=1",
        "https://upload.us.tiktokapis.com/video/",
        "https://OPEN-UPLOAD-SG.TikTokAPIs.com/upload",
        "https://open-upload-i18n.tiktokapis.com:443/upload",
    ],
)
def test_sends_to_every_host_under_an_allowed_suffix(wire, uploads, url):
    wire.answers_with(206)
    assert put(uploads, url).status == 206


def test_an_allowed_name_without_a_dot_means_that_host_alone(wire):
    wire.answers_with(206)
    with UploadClient(["upload.example"], transport=wire.transport) as uploads:
        assert put(uploads, "https://upload.example/u").status == 206
        with pytest.raises(UploadHostError):
            put(uploads, "https://www.upload.example/u")
        with pytest.raises(UploadHostError):
            put(uploads, "https://notupload.example/u")


@pytest.mark.parametrize(
    ("hosts", "url", "is_allowed"),
    [
        (["localhost"], "http://localhost:8100/upload", True),
        (["127.0.0.1"], "http://127.0.0.1:8100/upload", True),
        (["::1"], "http://[::1]:8100/upload", True),
        (["localhost"], "http://127.0.0.1:8100/upload", False),
        ([".tiktokapis.com"], "http://localhost:8100/upload", False),
        ([".tiktokapis.com"], "http://open-upload.tiktokapis.com/upload", False),
        (["10.0.0.1"], "http://10.0.0.1/upload", False),
    ],
)
def test_plain_http_goes_to_this_machine_alone_and_only_when_asked_for(wire, hosts, url, is_allowed):
    with UploadClient(hosts, allow_http_loopback=True, transport=wire.transport) as uploads:
        if is_allowed:
            wire.answers_with(206)
            assert put(uploads, url).status == 206
        else:
            with pytest.raises(UploadHostError):
                put(uploads, url)
    with UploadClient(hosts, transport=wire.transport) as uploads, pytest.raises(UploadHostError):
        put(uploads, url)


def test_refuses_a_content_type_that_tiktok_does_not_take(wire, uploads):
    with pytest.raises(ValueError, match="TikTok takes video/mp4, video/quicktime and video/webm"):
        put(uploads, content_type="video/mp4\r\nX: y")
    assert wire.requests == []


def test_refuses_a_chunk_that_lies_beyond_the_file(wire, uploads):
    with pytest.raises(ValueError, match="Byte 19 lies beyond a file of 19 bytes"):
        uploads.put_chunk(URL, [b"abcdefghij"], MIDDLE, 19, "video/mp4")
    assert wire.requests == []


def test_the_upload_host_never_gets_the_token(wire, uploads):
    wire.answers_with(401, json={"error": {"code": "access_token_invalid"}}, headers={"Set-Cookie": "sid=1"})
    wire.answers_with(206, headers={"Set-Cookie": "sid=1"})
    wire.answers_with(206)
    with Client("https://open.tiktokapis.com", "act.SENTINEL", transport=wire.transport) as client:
        with contextlib.suppress(Exception):
            client.fetch_status("p")
        put(uploads)
        put(uploads)
    for request in wire.requests[1:]:
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
        assert b"SENTINEL" not in b"".join(value for _, value in request.headers.raw)


def test_no_error_repr_or_log_line_shows_the_upload_address(wire, uploads, everything_logged):
    assert repr(uploads) == "<UploadClient for .tiktokapis.com>"
    wire.answers_with(206)
    put(uploads)
    wire.breaks_with(httpx.ConnectError(f"cannot reach {URL}"))
    with pytest.raises(TransportError) as caught:
        put(uploads)
    assert "SENTINEL" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "PUT https://open-upload-va.tiktokapis.com/upload?[hidden]" in everything_logged.text
    assert "SENTINEL" not in everything_logged.text
