"""Serving a stored file: exact bytes, exact headers, and no more than was asked for."""

from io import FileIO
from pathlib import Path

import pytest
from django.core.files.base import File
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from composer import serving
from composer.serving import ranged_response
from composer.storages import DiskStorage, MediaReader

# Closing a response tells Django that the request is over, and it looks after its database connections then.
pytestmark = pytest.mark.django_db

DATA = bytes(n * 7 % 256 for n in range(10_000))
ETAG = "a" * 64


class CountingStorage(DiskStorage):
    """A storage that remembers what was read of its files, and whether one is open."""

    read_bytes = 0
    is_open = False

    def open_reader(self, name: str) -> MediaReader:
        return CountingReader(self, name)


class CountingReader(FileIO):
    def __init__(self, storage: CountingStorage, name: str) -> None:
        super().__init__(storage.path(name))
        self.storage = storage
        storage.is_open = True

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.storage.read_bytes += len(data)
        return data

    def close(self) -> None:
        self.storage.is_open = False
        super().close()


class Stored(File):  # type: ignore[type-arg]
    """A file as a row names it."""

    def __init__(self, storage: CountingStorage, name: str) -> None:
        self.storage = storage
        super().__init__(None, name)

    @property
    def read_bytes(self) -> int:
        return self.storage.read_bytes

    @property
    def is_open(self) -> bool:
        return self.storage.is_open


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    (tmp_path / "film").write_bytes(DATA)
    return Stored(CountingStorage(tmp_path), "film")


def answer(stored: Stored, method: str = "GET", **headers: str) -> HttpResponseBase:
    request = RequestFactory().generic(method, "/", headers=headers)
    return ranged_response(
        request, stored, size=len(DATA), content_type="video/mp4", etag=ETAG, filename="My film.mp4"
    )


def body(response: HttpResponseBase) -> bytes:
    is_streamed = isinstance(response, StreamingHttpResponse)
    data = b"".join(response) if is_streamed else response.content
    response.close()
    return data


def test_the_whole_file(stored: Stored) -> None:
    response = answer(stored)
    assert (response.status_code, body(response)) == (200, DATA)
    assert dict(response.items()) == {
        "Content-Type": "video/mp4",
        "Content-Length": "10000",
        "ETag": f'"{ETAG}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": 'inline; filename="My film.mp4"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": (
            "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert not stored.is_open


@pytest.mark.parametrize(
    ("wish", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=9999-", 9999, 9999),
        ("bytes=-500", 9500, 9999),
    ],
)
def test_a_part_byte_for_byte(stored: Stored, wish: str, first: int, last: int) -> None:
    response = answer(stored, Range=wish)
    assert (response.status_code, body(response)) == (206, DATA[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/10000"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "video/mp4"
    assert stored.read_bytes == last - first + 1
    assert not stored.is_open


def test_blocks_end_where_the_part_ends(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BLOCK_BYTES", 64)
    response = answer(stored, Range="bytes=10-209")
    assert isinstance(response, StreamingHttpResponse)
    blocks = list(response)
    assert [len(block) for block in blocks] == [64, 64, 64, 8]
    assert b"".join(blocks) == DATA[10:210]
    response.close()


@pytest.mark.parametrize("wish", ["bytes=10000-", "bytes=-0"])
def test_bytes_that_are_not_there(stored: Stored, wish: str) -> None:
    response = answer(stored, Range=wish)
    assert (response.status_code, body(response)) == (416, b"")
    assert response["Content-Range"] == "bytes */10000"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert stored.read_bytes == 0


@pytest.mark.parametrize("wish", ["bytes=0-1,5-6", "lines=1-2", "bytes=5-1", "rubbish"])
def test_a_wish_that_may_be_ignored_gets_the_whole_file(stored: Stored, wish: str) -> None:
    response = answer(stored, Range=wish)
    assert (response.status_code, body(response)) == (200, DATA)
    assert "Content-Range" not in response


def test_head_tells_everything_and_opens_nothing(stored: Stored) -> None:
    response = answer(stored, "HEAD", Range="bytes=5-9")
    assert (response.status_code, body(response)) == (200, b"")
    assert response["Content-Length"] == "10000"
    assert response["Accept-Ranges"] == "bytes"
    assert stored.read_bytes == 0


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (f'"{ETAG}"', 206),
        (f' "{ETAG}" ', 206),
        ('"other"', 200),
        (f'W/"{ETAG}"', 200),
        (ETAG, 200),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 200),
    ],
)
def test_if_range_gives_the_part_of_the_same_version_only(
    stored: Stored, condition: str, status: int
) -> None:
    response = answer(stored, **{"Range": "bytes=0-9", "If-Range": condition})
    assert response.status_code == status
    assert body(response) == (DATA[:10] if status == 206 else DATA)


def test_a_range_beyond_another_version_is_no_error(stored: Stored) -> None:
    response = answer(stored, **{"Range": "bytes=99999-", "If-Range": '"other"'})
    assert (response.status_code, body(response)) == (200, DATA)


def test_a_version_the_browser_has_is_not_sent_again(stored: Stored) -> None:
    response = answer(stored, **{"If-None-Match": f'"x", "{ETAG}"', "Range": "bytes=0-9"})
    assert (response.status_code, body(response)) == (304, b"")
    assert response["ETag"] == f'"{ETAG}"'
    assert "Content-Type" not in response
    assert stored.read_bytes == 0


def test_a_browser_that_leaves_closes_the_file(stored: Stored) -> None:
    response = answer(stored)
    assert stored.is_open
    response.close()
    assert not stored.is_open


def test_a_missing_file_is_known_before_the_answer_begins(stored: Stored) -> None:
    stored.storage.delete("film")
    with pytest.raises(FileNotFoundError):
        answer(stored)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "nothing").touch()
    response = ranged_response(
        RequestFactory().get("/"),
        Stored(CountingStorage(tmp_path), "nothing"),
        size=0,
        content_type="video/mp4",
        etag=ETAG,
        filename="nothing.mp4",
    )
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "0", b"")


def test_a_poster_may_be_kept_for_a_while(stored: Stored) -> None:
    response = ranged_response(
        RequestFactory().get("/"),
        stored,
        size=len(DATA),
        content_type="image/jpeg",
        etag=ETAG,
        filename="poster.jpg",
        cache_seconds=3600,
    )
    assert response["Cache-Control"] == "private, max-age=3600"
    response.close()


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_what_a_browser_could_run_is_only_a_download(stored: Stored, content_type: str) -> None:
    response = ranged_response(
        RequestFactory().get("/"),
        stored,
        size=len(DATA),
        content_type=content_type,
        etag=ETAG,
        filename="a.html",
    )
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="a.html"'
    response.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", 'inline; filename="_.._etc_passwd"'),
        ("a\r\nSet-Cookie: x=1.mp4", 'inline; filename="a_Set-Cookie: x=1.mp4"'),
        ('say "hi".mp4', 'inline; filename="say \\"hi\\".mp4"'),
        ("Käse.mp4", "inline; filename*=utf-8''K%C3%A4se.mp4"),
        ("...", 'inline; filename="file"'),
        ("", 'inline; filename="file"'),
        ("x" * 300 + ".mp4", f'inline; filename="{"x" * 146}.mp4"'),
    ],
)
def test_a_name_is_made_safe(stored: Stored, name: str, said: str) -> None:
    response = ranged_response(
        RequestFactory().get("/"),
        stored,
        size=len(DATA),
        content_type="video/mp4",
        etag=ETAG,
        filename=name,
    )
    assert response["Content-Disposition"] == said
    response.close()
