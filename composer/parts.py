"""One upload's file as it grows: a part is added at its end by one writer at a time, and what came is kept.

No Django here. The file's size is the offset; nothing else remembers it, so nothing can contradict it. The one
exception is a part with a checksum: until that has been compared, a mark beside the file says where the part began,
and what lies behind the mark does not count, whoever is killed in between.
"""

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from composer.media.words import say_bytes
from composer.receiving import (
    RESERVE_BYTES,
    Readable,
    UploadError,
    full_disk_said_plainly,
    require_space,
)

# What a broken connection can cost at most: a block is written when it is there whole.
BLOCK_BYTES = 256 * 1024
CHECKSUMS = ("sha1", "sha256", "sha512")
_MARK_SUFFIX = ".unproven"


class PartError(UploadError):
    """A part that was not added, or not to its end. What the file held before is untouched."""


class PartBusyError(PartError):
    """Another request is writing to this upload."""

    def __init__(self) -> None:
        super().__init__("Another window is sending this file at the moment.")


class PartOffsetError(PartError):
    """The part does not begin where the file ends."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"This upload stands at byte {offset:,}. Go on from there.")
        self.offset = offset


class PartTooLargeError(PartError):
    """The part is longer than what is still missing of the file."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"Only {say_bytes(missing)} of this file are still to come.")


class PartChecksumError(PartError):
    """The part was changed on its way; it was dropped."""

    def __init__(self) -> None:
        super().__init__("This part was damaged on its way and was dropped. It has to be sent again.")


class PartCutOffError(PartError):
    """The connection broke or fell silent; what came before is kept, and the file stands at `offset`."""

    def __init__(self, offset: int) -> None:
        super().__init__("The connection ended. What has arrived is kept: go on from there.")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a part must hash to: the name of the algorithm, one of CHECKSUMS, and the digest."""

    algorithm: str
    digest: bytes


def start_file(path: Path) -> None:
    """Make the empty file that an upload grows into. Raises FileExistsError, NoSpaceError."""
    with full_disk_said_plainly():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def read_offset(path: Path) -> int:
    """How many bytes of the upload count. Raises FileNotFoundError when there is no such upload any more."""
    # A writer may set the mark, or drop a part and take the mark away, between one look and the next.
    before = _read_mark(path)
    size = path.stat().st_size
    after = _read_mark(path)
    return min([size, *(mark for mark in (before, after) if mark is not None)])


def remove_file(path: Path) -> None:
    """Remove an upload's bytes; whoever is writing to them right now writes to nowhere."""
    path.unlink(missing_ok=True)
    _mark_of(path).unlink(missing_ok=True)


def append_part(
    path: Path,
    stream: Readable,
    *,
    offset: int,
    length: int,
    total: int,
    checksum: Checksum | None = None,
    reserve_bytes: int = RESERVE_BYTES,
) -> int:
    """Add the `length` bytes of `stream` to the file at `offset`; returns where it stands now, at most `total`.

    Raises FileNotFoundError when the upload is gone, a PartError, or NoSpaceError. When `total` is reached the
    bytes are on the disk, not only on their way to it.
    """
    with _sole_writer(path) as file:
        at = _settle_mark(path, file)
        if offset != at:
            raise PartOffsetError(at)
        if length > total - at:
            raise PartTooLargeError(total - at)
        require_space(path.parent, length, reserve_bytes=reserve_bytes)
        if checksum is None:
            at = _write(file, stream, at=at, end=at + length)
        else:
            at = _write_proven(path, file, stream, at=at, end=at + length, checksum=checksum)
        if at == total:
            with full_disk_said_plainly():
                os.fsync(file)
        return at


def _write(file: int, stream: Readable, *, at: int, end: int, digest: "hashlib._Hash | None" = None) -> int:
    while at < end:
        try:
            block = stream.read(min(BLOCK_BYTES, end - at))
        except OSError as error:
            # A reset, or silence beyond what the socket was told to wait; Django's UnreadablePostError is one.
            raise PartCutOffError(at) from error
        if not block:
            raise PartCutOffError(at)
        with full_disk_said_plainly():
            view = memoryview(block)
            while view:
                written = os.pwrite(file, view, at)
                at += written
                view = view[written:]
        if digest is not None:
            digest.update(block)
    return at


def _write_proven(path: Path, file: int, stream: Readable, *, at: int, end: int, checksum: Checksum) -> int:
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    mark = _mark_of(path)
    with full_disk_said_plainly():
        mark.write_text(str(at))
    is_proven = False
    try:
        reached = _write(file, stream, at=at, end=end, digest=digest)
        is_proven = hmac.compare_digest(digest.digest(), checksum.digest)
    except PartCutOffError as error:
        raise PartCutOffError(at) from error
    finally:
        if not is_proven:
            os.ftruncate(file, at)
        mark.unlink(missing_ok=True)
    if not is_proven:
        raise PartChecksumError
    return reached


@contextmanager
def _sole_writer(path: Path) -> Iterator[int]:
    """The open file, locked: the lock goes with the process, however that ends."""
    file = os.open(path, os.O_WRONLY)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PartBusyError from error
        # It may have been given up between the opening and the lock.
        if not os.path.samestat(os.fstat(file), path.stat()):
            raise FileNotFoundError(path)
        yield file
    finally:
        os.close(file)


def _settle_mark(path: Path, file: int) -> int:
    """Drop what a killed writer had not compared yet; returns where the file stands."""
    size = os.fstat(file).st_size
    mark = _read_mark(path)
    if mark is None:
        return size
    if mark < size:
        os.ftruncate(file, mark)
    _mark_of(path).unlink(missing_ok=True)
    return min(mark, size)


def _mark_of(path: Path) -> Path:
    return path.with_name(path.name + _MARK_SUFFIX)


def _read_mark(path: Path) -> int | None:
    try:
        text = _mark_of(path).read_text()
    except FileNotFoundError:
        return None
    # Killed while the mark was being written: not a byte of the part had been written then.
    return int(text) if text.isdecimal() else None
