"""A plain form's upload: streamed by our receiver, with the form's other fields beside it."""

import hashlib
import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from composer.receiving import Received, UploadCutOffError, UploadEmptyError, UploadTooLargeError
from composer.upload_handler import DiskUploadHandler, NoUploadHandler

DATA = bytes(range(256)) * 20_000
BOUNDARY = "----line"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    ending = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: video/mp4'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def post(*parts: bytes, keep: int | None = None) -> WSGIRequest:
    """A form's request; with `keep`, the connection ends after so many bytes of it."""
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    sent = {
        "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body[:keep]),
    }
    return WSGIRequest(RequestFactory().post("/").environ | sent)


@pytest.fixture
def take(tmp_path: Path):
    """Read a form's file into `tmp_path`; the handler's `with` block ends after the test."""
    with ExitStack() as stack:

        def read(request: WSGIRequest, max_bytes: int = 10**9) -> DiskUploadHandler:
            handler = stack.enter_context(DiskUploadHandler(tmp_path, max_bytes=max_bytes))
            request.upload_handlers = [handler]
            assert dict(request.FILES) == {}
            return handler

        yield read


def test_the_file_lies_on_disk_and_the_fields_are_read(take, tmp_path: Path) -> None:
    request = post(part("token", b"t"), part("file", DATA, "film.mp4"), part("after", b"x"))
    handler = take(request)
    (path,) = tmp_path.iterdir()
    assert handler.received == Received(path=path, size=len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
    assert path.read_bytes() == DATA
    assert (handler.filename, handler.error) == ("film.mp4", None)
    assert dict(request.POST.items()) == {"token": "t", "after": "x"}


def test_path_parts_of_a_name_are_dropped(take, tmp_path: Path) -> None:
    assert take(post(part("file", DATA, "../../up/film.mp4"))).filename == "film.mp4"


def test_no_file_chosen(take, tmp_path: Path) -> None:
    handler = take(post(part("file", b"", "")))
    assert (handler.received, handler.error) == (None, None)


def test_an_empty_file(take, tmp_path: Path) -> None:
    handler = take(post(part("file", b"", "film.mp4")))
    assert isinstance(handler.error, UploadEmptyError)
    assert list(tmp_path.iterdir()) == []


def test_too_large_by_what_is_announced(take, tmp_path: Path) -> None:
    handler = take(post(part("file", DATA, "film.mp4")), max_bytes=1000)
    assert isinstance(handler.error, UploadTooLargeError)
    assert handler.error.found is not None
    assert (handler.received, list(tmp_path.iterdir())) == (None, [])


def test_too_large_by_a_little_is_noticed_while_it_comes(take, tmp_path: Path) -> None:
    handler = take(post(part("file", DATA, "film.mp4")), max_bytes=len(DATA) - 1)
    assert isinstance(handler.error, UploadTooLargeError)
    assert (handler.received, list(tmp_path.iterdir())) == (None, [])


def test_the_limit_itself_is_allowed(take, tmp_path: Path) -> None:
    handler = take(post(part("file", DATA, "film.mp4")), max_bytes=len(DATA))
    assert handler.received is not None


def test_the_form_is_read_to_its_end_after_a_refusal(take, tmp_path: Path) -> None:
    request = post(part("file", DATA, "film.mp4"))
    take(request, max_bytes=1000)
    assert request.environ["wsgi.input"].read() == b""


@pytest.mark.parametrize("keep", [len(DATA) // 2, len(DATA) + 100])
def test_a_connection_that_ends_leaves_nothing(take, tmp_path: Path, keep: int) -> None:
    handler = take(post(part("file", DATA, "film.mp4"), keep=keep))
    assert isinstance(handler.error, UploadCutOffError)
    assert (handler.received, list(tmp_path.iterdir())) == (None, [])


def test_other_files_are_passed_over(take, tmp_path: Path) -> None:
    request = post(
        part("other", b"no", "other.mp4"),
        part("file", DATA, "film.mp4"),
        part("file", b"second", "second.mp4"),
    )
    handler = take(request)
    assert handler.error is None
    assert handler.received is not None
    assert (handler.filename, handler.received.size) == ("film.mp4", len(DATA))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [DATA]


def test_a_file_that_nobody_takes_over_is_removed(tmp_path: Path) -> None:
    request = post(part("file", DATA, "film.mp4"))
    with DiskUploadHandler(tmp_path, max_bytes=10**9) as handler:
        request.upload_handlers = [handler]
        assert request.POST.get("token") is None
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_a_form_that_takes_none_is_read_past(tmp_path: Path, settings) -> None:
    settings.FILE_UPLOAD_HANDLERS = ["composer.upload_handler.NoUploadHandler"]
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    request = post(part("file", DATA, "film.mp4"), part("token", b"t"))
    assert (request.POST["token"], dict(request.FILES)) == ("t", {})
    assert isinstance(request.upload_handlers[0], NoUploadHandler)
    assert list(tmp_path.iterdir()) == []
