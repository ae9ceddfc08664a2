"""One upload's file as it grows: cut, killed, repeated or damaged, it holds a beginning of what was sent."""

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composer import parts
from composer.parts import (
    Checksum,
    PartBusyError,
    PartChecksumError,
    PartCutOffError,
    PartOffsetError,
    PartTooLargeError,
    append_part,
    read_offset,
    remove_file,
    start_file,
)
from composer.receiving import NoSpaceError

FILM = bytes(range(256)) * 40
TOTAL = len(FILM)


class Connection(BytesIO):
    """A body that ends early: `silently` with an end of file, else by a reset."""

    def __init__(self, data: bytes, *, cut: int | None = None, silently: bool = True) -> None:
        super().__init__(data[:cut])
        self._is_cut = cut is not None and cut < len(data)
        self._silently = silently

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        if not block and self._is_cut and not self._silently:
            raise ConnectionResetError
        return block


class Killed(BaseException):
    """The process ends here; no handler of ours may count on running after it."""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film"
    start_file(path)
    return path


def add(path: Path, offset: int, length: int, **wanted: object) -> int:
    body = Connection(FILM[offset : offset + length])
    return append_part(path, body, offset=offset, length=length, total=TOTAL, **wanted)  # type: ignore[arg-type]


def sha1(data: bytes) -> Checksum:
    return Checksum("sha1", hashlib.sha1(data, usedforsecurity=False).digest())


def test_parts_make_the_file(film: Path) -> None:
    assert add(film, 0, 4000) == 4000
    assert read_offset(film) == 4000
    assert add(film, 4000, TOTAL - 4000) == TOTAL
    assert film.read_bytes() == FILM
    assert film.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("offset", [0, 3999, 4001, TOTAL])
def test_a_part_that_begins_elsewhere_changes_nothing(film: Path, offset: int) -> None:
    add(film, 0, 4000)
    with pytest.raises(PartOffsetError) as caught:
        add(film, offset, 10)
    assert caught.value.offset == 4000
    assert film.read_bytes() == FILM[:4000]


def test_more_than_was_announced_is_refused_unread(film: Path) -> None:
    body = Connection(FILM)
    with pytest.raises(PartTooLargeError):
        append_part(film, body, offset=0, length=TOTAL, total=TOTAL - 1)
    assert body.tell() == 0
    assert film.read_bytes() == b""


@pytest.mark.parametrize("silently", [True, False])
def test_what_came_before_a_cut_is_kept(film: Path, silently: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "BLOCK_BYTES", 1000)
    body = Connection(FILM, cut=4500, silently=silently)
    with pytest.raises(PartCutOffError) as caught:
        append_part(film, body, offset=0, length=TOTAL, total=TOTAL)
    assert caught.value.offset == 4500
    assert film.read_bytes() == FILM[:4500]


def test_one_writer_at_a_time(film: Path) -> None:
    add(film, 0, 1000)
    other = os.open(film, os.O_WRONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(PartBusyError):
        add(film, 1000, 1000)
    assert film.read_bytes() == FILM[:1000]
    os.close(other)
    assert add(film, 1000, 1000) == 2000


def test_an_upload_that_was_given_up_takes_nothing(film: Path) -> None:
    remove_file(film)
    with pytest.raises(FileNotFoundError):
        add(film, 0, 1000)
    with pytest.raises(FileNotFoundError):
        read_offset(film)
    assert list(film.parent.iterdir()) == []


def test_an_upload_given_up_while_a_part_comes_leaves_nothing(film: Path) -> None:
    class GivenUp(Connection):
        def read(self, size: int | None = -1, /) -> bytes:
            remove_file(film)
            return super().read(size)

    append_part(film, GivenUp(FILM), offset=0, length=TOTAL, total=TOTAL)
    assert list(film.parent.iterdir()) == []


def test_a_disk_without_room_refuses_before_reading(film: Path) -> None:
    body = Connection(FILM)
    with pytest.raises(NoSpaceError):
        append_part(film, body, offset=0, length=TOTAL, total=TOTAL, reserve_bytes=2**60)
    assert body.tell() == 0


def test_a_file_that_is_there_is_never_begun_again(film: Path) -> None:
    add(film, 0, 10)
    with pytest.raises(FileExistsError):
        start_file(film)
    assert film.read_bytes() == FILM[:10]


class TestChecksums:
    @pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
    def test_a_part_that_is_as_it_should_be_stays(self, film: Path, algorithm: str) -> None:
        digest = hashlib.new(algorithm, FILM[:5000]).digest()
        assert add(film, 0, 5000, checksum=Checksum(algorithm, digest)) == 5000
        assert [path.name for path in film.parent.iterdir()] == ["film"]

    def test_a_damaged_part_is_dropped_whole(self, film: Path) -> None:
        add(film, 0, 1000)
        with pytest.raises(PartChecksumError):
            add(film, 1000, 1000, checksum=sha1(b"something else"))
        assert film.read_bytes() == FILM[:1000]
        assert add(film, 1000, 1000, checksum=sha1(FILM[1000:2000])) == 2000

    def test_half_a_part_proves_nothing_and_is_dropped(self, film: Path) -> None:
        add(film, 0, 1000)
        body = Connection(FILM[1000:5000], cut=2500)
        with pytest.raises(PartCutOffError) as caught:
            append_part(film, body, offset=1000, length=4000, total=TOTAL, checksum=sha1(FILM[1000:5000]))
        assert caught.value.offset == 1000
        assert film.read_bytes() == FILM[:1000]

    def test_what_a_killed_writer_had_not_compared_does_not_count(self, film: Path) -> None:
        add(film, 0, 1000)
        # As a kill in the middle leaves it: the mark and some bytes behind it.
        film.with_name("film.unproven").write_text("1000")
        with film.open("ab") as file:
            file.write(b"who knows")
        assert read_offset(film) == 1000
        assert add(film, 1000, 1000) == 2000
        assert film.read_bytes() == FILM[:2000]
        assert [path.name for path in film.parent.iterdir()] == ["film"]

    def test_a_mark_that_was_not_written_yet_says_nothing(self, film: Path) -> None:
        add(film, 0, 1000)
        film.with_name("film.unproven").touch()
        assert read_offset(film) == 1000
        assert add(film, 1000, 500) == 1500

    @pytest.mark.parametrize("look", [1, 2])
    def test_what_is_dropped_in_that_moment_never_counted(
        self, film: Path, monkeypatch: pytest.MonkeyPatch, look: int
    ) -> None:
        """Somebody asks where the upload stands while its last part turns out to be damaged."""
        add(film, 0, 1000)
        film.with_name("film.unproven").write_text("1000")
        with film.open("ab") as file:
            file.write(bytes(TOTAL - 1000))
        real, looks = parts._read_mark, []

        def look_and_drop(path: Path) -> int | None:
            looks.append(path)
            if len(looks) == look:
                os.truncate(film, 1000)
                film.with_name("film.unproven").unlink()
            return real(path)

        monkeypatch.setattr(parts, "_read_mark", look_and_drop)
        assert read_offset(film) == 1000

    def test_a_part_that_begins_in_that_moment_does_not_count(
        self, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(film, 0, 1000)
        real, looks = parts._read_mark, []

        def look_and_begin(path: Path) -> int | None:
            mark = real(path)
            if not looks:
                film.with_name("film.unproven").write_text("1000")
                with film.open("ab") as file:
                    file.write(bytes(TOTAL - 1000))
            looks.append(path)
            return mark

        monkeypatch.setattr(parts, "_read_mark", look_and_begin)
        assert read_offset(film) == 1000

    def test_a_disk_too_full_for_the_mark_is_said_plainly(
        self, film: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(NoSpaceError):
            add(film, 0, 1000, checksum=sha1(FILM[:1000]))
        assert read_offset(film) == 0


# How one attempt of a client goes: how many bytes it wants to send, how many get through, how it ends, and with
# what it was told about the offset: the truth, or something older (an answer that was lost).
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(0, 900),
        st.integers(0, 900),
        st.sampled_from(["whole", "ends", "reset", "killed"]),
        st.sampled_from(["asks", "guesses", "knows"]),
        st.sampled_from(["", "right", "wrong"]),
    ),
    max_size=30,
)


@given(attempts=ATTEMPTS, block=st.integers(1, 400))
@settings(max_examples=150)
def test_under_any_cuts_the_file_is_a_beginning_of_what_was_sent(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[tuple[int, int, str, str, str]], block: int
) -> None:
    total = 2500
    path = tmp_path_factory.mktemp("cuts") / "film"
    start_file(path)
    believed = 0
    before = parts.BLOCK_BYTES
    parts.BLOCK_BYTES = block
    try:
        for wanted, through, how, memory, proof in attempts:
            stood = read_offset(path)
            believed = stood if memory == "asks" else believed + (7 if memory == "guesses" else 0)
            length = min(wanted, total - believed) if believed <= total else 0
            data = FILM[believed : believed + length]
            told, checksum = None, None
            if proof:
                checksum = sha1(data if proof == "right" else data + b"!")
            try:
                append_part(
                    path, _body(data, through, how), offset=believed, length=length, total=total, checksum=checksum,
                )  # fmt: skip
            except PartOffsetError as error:
                told = error.offset
            except (PartChecksumError, PartCutOffError, Killed):
                pass
            assert (told is None) == (believed == stood)
            assert told in {None, stood}
            offset = read_offset(path)
            # It never goes back behind what was there, never beyond what was sent, and every byte is the right one.
            assert stood <= offset <= max(stood, believed + min(through, length) if how != "whole" else total)
            assert path.read_bytes()[:offset] == FILM[:offset]
            if proof == "wrong":
                assert offset == stood
        while (offset := read_offset(path)) < total:
            data = FILM[offset : min(offset + 700, total)]
            append_part(path, BytesIO(data), offset=offset, length=len(data), total=total)
        assert path.read_bytes() == FILM[:total]
    finally:
        parts.BLOCK_BYTES = before


def _body(data: bytes, through: int, how: str) -> Connection:
    if how == "whole":
        return Connection(data)
    if how != "killed":
        return Connection(data, cut=through, silently=how == "ends")
    return _Deadly(data, through)


class _Deadly(Connection):
    """The process is killed when the bytes before the cut have been read: nothing it opened is closed by us."""

    def __init__(self, data: bytes, through: int) -> None:
        super().__init__(data, cut=through)

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        if not block and self._is_cut:
            raise Killed
        return block


def test_a_real_kill_in_the_middle_of_a_proven_part(film: Path, run_and_kill: Callable[[str], None]) -> None:
    add(film, 0, 1000)
    run_and_kill(
        f"""
import os, signal
from pathlib import Path
from composer import parts
parts.BLOCK_BYTES = 100

class Body:
    left = 5
    def read(self, size):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"x" * size

checksum = parts.Checksum("sha1", b"0" * 20)
parts.append_part(Path({str(film)!r}), Body(), offset=1000, length=4000, total={TOTAL}, checksum=checksum)
"""
    )
    # The bytes came to the disk and do not count; the lock went with the process.
    assert film.stat().st_size == 1400
    assert read_offset(film) == 1000
    assert add(film, 1000, TOTAL - 1000) == TOTAL
    assert film.read_bytes() == FILM


@pytest.fixture
def run_and_kill() -> Callable[[str], None]:
    """Run a program of the house in a process that kills itself."""
    import subprocess
    import sys

    def run(program: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False, timeout=60
        )
        assert done.returncode == -9

    return run
