"""Copies of stored objects on this machine, for decoders: fetched once for many looks, few, and soon gone again.

No Django here. Several processes share the folder. Whoever uses a copy holds a shared lock on it, and only one that
nobody holds is removed: a child process opens it by its path, and must find it there.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4
from zlib import crc32

from composer.receiving import RESERVE_BYTES

# Scrubbing through a video asks for dozens of its frames within minutes.
KEEP_SECONDS = 600.0
# Together; a file that is larger than what is left of it is copied all the same once the others are gone.
MOST_BYTES = 8 * 1024**3
_MAKERS = 16
_LOCK_PREFIX = "making-"
_HALF_SUFFIX = ".half"


@dataclass(frozen=True)
class CopyFolder:
    """The copies of one folder, which exists. Whatever a killed program left there goes with time, too."""

    folder: Path
    most_bytes: int = MOST_BYTES
    keep_seconds: float = KEEP_SECONDS

    @contextmanager
    def hold(self, key: str, size: int, make: Callable[[Path], None]) -> Iterator[Path]:
        """The copy of that name as a path that stays for as long as the `with` block; do not change what is there.

        `key` is a file name without dots that stands for these very bytes, `size` their number. `make` writes them
        to a path that it is given, unless a copy is here; several who ask for one wait for the first. What it raises
        passes through, and leaves nothing.
        """
        path = self.folder / key
        file = self._open(path)
        if file is None:
            with self._sole_maker(key):
                # Whoever was at it before may have made the same.
                file = self._open(path)
                if file is None:
                    file = self._make(path, size, make)
        try:
            os.utime(file)
            yield path
        finally:
            os.close(file)

    def forget(self, key: str) -> None:
        """Remove a copy; whoever looks into it right now sees it to the end."""
        (self.folder / key).unlink(missing_ok=True)

    def sweep(self, *, needed: int = 0) -> int:
        """Remove what nobody has used for long, and the oldest until `needed` bytes more fit; returns how many."""
        files = sorted(self._files(), key=lambda found: found[1])
        now = time.time()
        total = sum(size for _, _, size in files)
        removed = 0
        for path, used_at, size in files:
            is_old = used_at < now - self.keep_seconds
            is_in_the_way = not path.name.endswith(_HALF_SUFFIX) and not self._has_room(total, needed)
            if (is_old or is_in_the_way) and _remove_unless_held(path):
                total -= size
                removed += 1
        return removed

    def _make(self, path: Path, size: int, make: Callable[[Path], None]) -> int:
        self.sweep(needed=size)
        half = self.folder / f"{path.name}.{uuid4().hex}{_HALF_SUFFIX}"
        try:
            make(half)
            # Locked before it can be found, so that nobody removes it before it was used.
            file = os.open(half, os.O_RDONLY)
            fcntl.flock(file, fcntl.LOCK_SH)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        return file

    def _has_room(self, total: int, needed: int) -> bool:
        is_within = total + needed <= self.most_bytes
        return is_within and (not needed or shutil.disk_usage(self.folder).free >= needed + RESERVE_BYTES)

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if not path.name.startswith(_LOCK_PREFIX):
                    found = path.stat()
                    yield path, found.st_mtime, found.st_size

    @contextmanager
    def _sole_maker(self, key: str) -> Iterator[None]:
        number = crc32(key.encode()) % _MAKERS
        file = os.open(self.folder / f"{_LOCK_PREFIX}{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    @staticmethod
    def _open(path: Path) -> int | None:
        """The copy, open and held; None when there is none."""
        try:
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        fcntl.flock(file, fcntl.LOCK_SH)
        # It may have been removed between the opening and the lock.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        os.close(file)
        return None


def _remove_unless_held(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file), path.stat()):
            return False
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(file)
    return True
