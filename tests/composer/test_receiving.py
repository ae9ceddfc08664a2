"""Taking in an upload: whole or not at all, and never more than allowed."""

import errno
import hashlib
import io
import os
import shutil
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer import receiving
from composer.receiving import (
    NoSpaceError,
    Received,
    Receiver,
    UploadCutOffError,
    UploadEmptyError,
    UploadTooLargeError,
    receive_body,
    remove_leftovers,
)

DATA = bytes(range(256)) * 40


class Stream(io.BytesIO):
    """A body that remembers how it was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked: list[int] = []

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked.append(size or 0)
        return super().read(size)


class Broken(Stream):
    """A connection that is reset when the bytes before the cut are read."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        return data


def receive(stream: Stream, folder: Path, **wanted: object) -> Received:
    arguments = {"expected_size": len(DATA), "max_bytes": 1_000_000, "block": 1000} | wanted
    return receive_body(stream, destination=folder / "film", **arguments)  # type: ignore[arg-type]


def test_a_whole_body_arrives_byte_for_byte(tmp_path: Path) -> None:
    received = receive(Stream(DATA), tmp_path)
    assert received == Received(
        path=tmp_path / "film", size=len(DATA), sha256=hashlib.sha256(DATA).hexdigest()
    )
    assert received.path.read_bytes() == DATA
    assert list(tmp_path.iterdir()) == [tmp_path / "film"]
    assert received.path.stat().st_mode & 0o777 == 0o600


def test_a_body_of_unknown_length_ends_where_it_ends(tmp_path: Path) -> None:
    assert receive(Stream(DATA), tmp_path, expected_size=None).size == len(DATA)


def test_reads_no_further_than_announced(tmp_path: Path) -> None:
    stream = Stream(DATA + b"the next request")
    assert receive(stream, tmp_path).size == len(DATA)
    assert stream.read() == b"the next request"


def test_reads_in_blocks(tmp_path: Path) -> None:
    stream = Stream(DATA)
    receive(stream, tmp_path)
    assert stream.asked == [1000] * 10 + [240]


def test_an_announced_size_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    stream = Stream(DATA)
    with pytest.raises(UploadTooLargeError) as caught:
        receive(stream, tmp_path, max_bytes=len(DATA) - 1)
    assert stream.asked == []
    assert list(tmp_path.iterdir()) == []
    assert (caught.value.max_bytes, caught.value.found) == (len(DATA) - 1, len(DATA))
    assert str(caught.value).startswith("This file is 10,240 bytes. At most 10 KB can be uploaded.")


def test_the_limit_itself_is_allowed(tmp_path: Path) -> None:
    assert receive(Stream(DATA), tmp_path, max_bytes=len(DATA)).size == len(DATA)


def test_more_than_allowed_is_stopped_while_it_comes(tmp_path: Path) -> None:
    stream = Stream(DATA * 100)
    with pytest.raises(UploadTooLargeError) as caught:
        receive(stream, tmp_path, expected_size=None, max_bytes=5000)
    assert sum(stream.asked) == 6000
    assert list(tmp_path.iterdir()) == []
    assert str(caught.value).startswith("This file is larger than allowed. At most 4.88 KB can be uploaded.")


@pytest.mark.parametrize("kind", [Stream, Broken])
def test_a_sender_who_leaves_leaves_nothing(tmp_path: Path, kind: type[Stream]) -> None:
    with pytest.raises(UploadCutOffError) as caught:
        receive(kind(DATA[:4096]), tmp_path)
    assert (caught.value.received, caught.value.expected) == (4096, len(DATA))
    assert str(caught.value) == (
        "The connection ended after 4 KB of 10 KB. Nothing was kept. Upload the file again."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_reset_is_noticed_without_an_announced_size(tmp_path: Path) -> None:
    with pytest.raises(UploadCutOffError):
        receive(Broken(DATA), tmp_path, expected_size=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("expected", [0, None])
def test_an_empty_body_is_no_file(tmp_path: Path, expected: int | None) -> None:
    with pytest.raises(UploadEmptyError):
        receive(Stream(b""), tmp_path, expected_size=expected)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_refuses_before_reading(tmp_path: Path) -> None:
    stream = Stream(DATA)
    with pytest.raises(NoSpaceError) as caught:
        receive(stream, tmp_path, reserve_bytes=2**60)
    assert stream.asked == []
    assert list(tmp_path.iterdir()) == []
    assert str(caught.value).startswith("The server has no room for this file.")


def test_the_room_for_the_announced_size_is_counted(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(NoSpaceError):
        Receiver(tmp_path / "film", max_bytes=2**60, expected_size=free + 2**40, reserve_bytes=0)


def test_a_disk_that_fills_up_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_SPACE_CHECK_BYTES", 2000)
    free = iter([2**40, 2**40, 0])
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _: SimpleNamespace(free=next(free)))
    with pytest.raises(NoSpaceError):
        receive(Stream(DATA), tmp_path, expected_size=None)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_finds_the_disk_full(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path / "film", max_bytes=10**6, expected_size=len(DATA))
    # The kernel's own full device stands in for the disk.
    receiver._file.close()
    receiver._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", 0)
    with receiver, pytest.raises(NoSpaceError):
        receiver.write(DATA)
    assert list(tmp_path.iterdir()) == []


def test_a_program_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(Stream):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 5000:
                raise KeyboardInterrupt
            return super().read(size)

    with pytest.raises(KeyboardInterrupt):
        receive(Interrupted(DATA), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_uploads_never_share_a_part(tmp_path: Path) -> None:
    with Receiver(tmp_path / "film", max_bytes=10**6) as first:
        first.write(b"first")
        with pytest.raises(FileExistsError):
            Receiver(tmp_path / "film", max_bytes=10**6)
        assert first.finish().path.read_bytes() == b"first"


def test_leftovers_of_a_killed_program_are_removed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, changed in (("old.part", 1000), ("new.part", 3000), ("film", 1000), ("folder", 1000)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (changed, changed))
    assert remove_leftovers(tmp_path, before=2000) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "new.part"]


def test_memory_stays_flat_however_large_the_body(tmp_path: Path) -> None:
    class Endless:
        left = 64 * 1024**2

        def read(self, size: int, /) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    try:
        received = receive_body(
            Endless(), expected_size=64 * 1024**2, max_bytes=2**30, destination=tmp_path / "film"
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received.size == 64 * 1024**2
    assert peak < 4 * 1024**2


@given(data=st.binary(min_size=1, max_size=5000), block=st.integers(1, 2000), cut=st.integers(0, 6000))
@settings(max_examples=60)
def test_whole_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, block: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("whole")
    try:
        received = receive(Stream(data[:cut]), folder, expected_size=len(data), block=block)
    except UploadCutOffError:
        assert cut < len(data)
        assert list(folder.iterdir()) == []
    else:
        assert cut >= len(data)
        assert received.path.read_bytes() == data
        assert received.sha256 == hashlib.sha256(data).hexdigest()
