"""Takes in one uploaded file: streamed to disk, measured and hashed on the way; a failure leaves nothing.

No Django here: a request, an uploaded file and a test's own stream are all things with `read`.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from composer.media.words import say_bytes, say_bytes_beyond

BLOCK_BYTES = 1024 * 1024
# Left free on the disk, so that an upload never takes the room the database needs to say what happened.
RESERVE_BYTES = 256 * 1024**2
_PART_SUFFIX = ".part"
# How often the free space is looked at while the size of what comes is not known.
_SPACE_CHECK_BYTES = 64 * 1024**2
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class UploadError(Exception):
    """An upload that was not taken in. Its text is for the person who sent the file; nothing was kept."""


class UploadTooLargeError(UploadError):
    """More bytes than allowed; `found` is None when the sender did not say how many there are."""

    def __init__(self, max_bytes: int, found: int | None) -> None:
        what = "larger than allowed" if found is None else say_bytes_beyond(found, max_bytes)
        super().__init__(
            f"This file is {what}. At most {say_bytes(max_bytes)} can be uploaded. "
            "Export it with a lower bitrate, or cut it shorter, and upload it again."
        )
        self.max_bytes = max_bytes
        self.found = found


class UploadCutOffError(UploadError):
    """The sender went away in the middle; `expected` is None when it had not said how much was coming."""

    def __init__(self, received: int, expected: int | None) -> None:
        of = "" if expected is None else f" of {say_bytes(expected)}"
        super().__init__(
            f"The connection ended after {say_bytes(received)}{of}. Nothing was kept. Upload the file again."
        )
        self.received = received
        self.expected = expected


class UploadEmptyError(UploadError):
    """There was not a single byte."""

    def __init__(self) -> None:
        super().__init__("This file is empty: it has 0 bytes. Choose the file again and upload it once more.")


class NoSpaceError(UploadError):
    """The disk of the server is full, or would be."""

    def __init__(self) -> None:
        super().__init__(
            "The server has no room for this file. "
            "Ask whoever runs this installation to free space on its disk, then upload the file again."
        )


class StoreAwayError(UploadError):
    """The object store did not take the file."""

    def __init__(self) -> None:
        super().__init__(
            "The place where this installation keeps its files does not answer, so nothing was kept. "
            "Upload the file again in a few minutes. If that does not help, tell whoever runs this installation."
        )


class WorkspaceFullError(UploadError):
    """The workspace's own limit: what it keeps and what is announced to come leave no room for this file."""

    def __init__(self, max_bytes: int, taken: int, size: int) -> None:
        super().__init__(
            f"This workspace may hold {say_bytes(max_bytes)}; {say_bytes(taken)} of that are taken or promised to "
            f"uploads under way, so {say_bytes(size)} more do not fit. "
            "Delete files you no longer need from the library, or cancel unfinished uploads, then try again."
        )


class TooManyArrivalsError(UploadError):
    """More files are on their way into one workspace than anybody could mean."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} files are already on their way into this workspace. "
            "Let them arrive, or cancel those you no longer want, then add this one."
        )


class Readable(Protocol):
    """Anything that hands out its bytes piece by piece; an empty piece is the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Received:
    """A file that arrived whole. `sha256` is 64 hexadecimal digits."""

    path: Path
    size: int
    sha256: str


class Receiver:
    """One file on its way in: `write` blocks, then `finish`; leaving the `with` block before that removes it.

    `expected_size` is what the sender announced (None: nothing). Raises UploadTooLargeError or NoSpaceError
    right away when that cannot fit.
    """

    def __init__(
        self,
        destination: Path,
        *,
        max_bytes: int,
        expected_size: int | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        if expected_size is not None and expected_size > max_bytes:
            raise UploadTooLargeError(max_bytes, expected_size)
        self.size = 0
        self._destination = destination
        self._max_bytes = max_bytes
        self._expected_size = expected_size
        self._reserve_bytes = reserve_bytes
        self._hash = hashlib.sha256()
        self._check_space(expected_size or 0)
        self._next_space_check = _SPACE_CHECK_BYTES
        self._part = destination.with_name(destination.name + _PART_SUFFIX)
        # Made here and now, for this program alone: an upload never writes into a file that is already there.
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, block: bytes) -> None:
        """Take the next piece. Raises UploadTooLargeError or NoSpaceError."""
        self.size += len(block)
        if self.size > self._max_bytes:
            raise UploadTooLargeError(self._max_bytes, self._expected_size)
        if self._expected_size is None and self.size >= self._next_space_check:
            self._next_space_check = self.size + _SPACE_CHECK_BYTES
            self._check_space(len(block))
        with full_disk_said_plainly():
            view = memoryview(block)
            while view:
                view = view[self._file.write(view) :]
        self._hash.update(block)

    def finish(self) -> Received:
        """All is there: make it last and name it. May raise UploadCutOffError, UploadEmptyError."""
        if self._expected_size is not None and self.size < self._expected_size:
            raise UploadCutOffError(self.size, self._expected_size)
        if self.size == 0:
            raise UploadEmptyError
        with full_disk_said_plainly():
            # A row will say that this file exists: it must survive a power cut as the row does.
            os.fsync(self._file.fileno())
            self._file.close()
        self._part.replace(self._destination)
        return Received(path=self._destination, size=self.size, sha256=self._hash.hexdigest())

    def discard(self) -> None:
        """Remove what is half there. Does nothing after `finish`."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _check_space(self, needed: int) -> None:
        require_space(self._destination.parent, needed, reserve_bytes=self._reserve_bytes)


def receive_body(
    stream: Readable,
    *,
    expected_size: int | None,
    max_bytes: int,
    destination: Path,
    block: int = BLOCK_BYTES,
    reserve_bytes: int = RESERVE_BYTES,
) -> Received:
    """Stream a request's body, or any other readable thing, to `destination` in an existing folder.

    `expected_size` is the announced Content-Length. The bytes lie in `<destination>.part` until all
    are there. Raises one of the UploadError family; then nothing is left on the disk.
    """
    receiver = Receiver(
        destination, max_bytes=max_bytes, expected_size=expected_size, reserve_bytes=reserve_bytes
    )
    with receiver:
        while expected_size is None or receiver.size < expected_size:
            wanted = block if expected_size is None else min(block, expected_size - receiver.size)
            try:
                data = stream.read(wanted)
            except OSError as error:
                # Django's UnreadablePostError is one: the connection broke.
                raise UploadCutOffError(receiver.size, expected_size) from error
            if not data:
                break
            receiver.write(data)
        return receiver.finish()


def hash_file(path: Path, *, on_progress: Callable[[int], None] | None = None) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits, read in blocks.

    `on_progress` is told the bytes read so far after each block; what it raises ends the work.
    """
    digest = hashlib.sha256()
    buffer = bytearray(BLOCK_BYTES)
    view = memoryview(buffer)
    read = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(view[:count])
            read += count
            if on_progress is not None:
                on_progress(read)
    return digest.hexdigest()


def require_space(folder: Path, needed: int, *, reserve_bytes: int = RESERVE_BYTES) -> None:
    """Raise NoSpaceError unless the disk has room for so many bytes and the reserve besides."""
    if shutil.disk_usage(folder).free < needed + reserve_bytes:
        raise NoSpaceError


def remove_leftovers(folder: Path, *, before: float, kept: Container[str] = ()) -> int:
    """Remove what a killed program left in the folder of arrivals: files unchanged since `before` (Unix time).

    Returns how many there were. `before` must lie further back than any check of a file takes; files whose name
    up to its first dot is in `kept` are still expected to grow.
    """
    removed = 0
    for path in folder.iterdir():
        if path.name.partition(".")[0] in kept:
            continue
        try:
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            # It was taken over, or its upload ended, in this very moment.
            continue
    return removed


@contextmanager
def full_disk_said_plainly() -> Iterator[None]:
    """What the system calls a full disk becomes NoSpaceError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError from error
        raise
