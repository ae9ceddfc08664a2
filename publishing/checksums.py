"""What ties the bytes that go out to the bytes that were agreed to.

A consent names its file by SHA-256. That takes about as long as sending to a server next door, so it is taken in a
pass of its own before `init`; in the same pass, from the same blocks, a 128-bit XXH3 is taken, ten times as quick.
It stays with the attempt, and is what the bytes on their way are followed with and compared by before the last of
them goes. Its seed is drawn anew each time: nobody can prepare another file that has the same.
"""

import hashlib
import secrets
from collections.abc import Callable

import xxhash

from composer.storing import MediaReader

# What is read still lies in the processor's cache when it is hashed.
READ_BYTES = 512 * 1024
# A checksum as text: its seed and its value, in hex.
_SEED_DIGITS = 16
CHECKSUM_LENGTH = _SEED_DIGITS + 32


def take_checksum(file: MediaReader, sha256: str, look: Callable[[], None] = lambda: None) -> str | None:
    """Read a file to its end; its checksum, or None when its SHA-256 (hex) is another.

    `look` is called before each block, and raises to end it.
    """
    seed = secrets.randbits(64)
    agreed, quick = hashlib.sha256(), xxhash.xxh3_128(seed=seed)
    while block := file.read(READ_BYTES):
        look()
        agreed.update(block)
        quick.update(block)
    return _as_text(seed, quick) if agreed.hexdigest() == sha256 else None


def _as_text(seed: int, quick: xxhash.xxh3_128) -> str:
    return f"{seed:0{_SEED_DIGITS}x}{quick.hexdigest()}"


class SentChecksum:
    """Follows an upload chunk by chunk, from the file's first byte on, whatever is resumed or sent again.

    It is taken with the seed of `agreed`, the checksum it is to be compared with. `look` is called before each block
    read only for it, and raises to end the upload.
    """

    def __init__(self, file: MediaReader, agreed: str, look: Callable[[], None]) -> None:
        self._file = file
        self._look = look
        self._seed = int(agreed[:_SEED_DIGITS], 16)
        self._quick = xxhash.xxh3_128(seed=self._seed)
        self._at = 0
        # As it was where each chunk began: a chunk sent again is taken again, as it is read then.
        self._marks = {0: self._quick.copy()}

    def begin(self, first_byte: int) -> None:
        """A chunk begins here. What TikTok has before it, from an earlier go, is read first."""
        if first_byte in self._marks:
            self._go_back_to(first_byte)
        elif first_byte < self._at:
            self._go_back_to(0)
        self._read_to(first_byte)
        self._marks[first_byte] = self._quick.copy()

    def feed(self, block: bytes) -> None:
        """The next block as it goes out."""
        self._quick.update(block)
        self._at += len(block)

    def of_whole(self, size: int) -> str:
        """The checksum of all `size` bytes: what went out, and the rest read ahead from the same source."""
        first_byte = self._at
        self._read_to(size)
        checksum = self.so_far()
        self.begin(first_byte)
        return checksum

    def so_far(self) -> str:
        """The checksum of what was fed up to now."""
        return _as_text(self._seed, self._quick)

    def _go_back_to(self, first_byte: int) -> None:
        self._quick, self._at = self._marks[first_byte].copy(), first_byte

    def _read_to(self, end: int) -> None:
        if self._at < end:
            self._file.seek(self._at)
        while self._at < end:
            self._look()
            block = self._file.read(min(READ_BYTES, end - self._at))
            if not block:
                return  # shorter than it was: the checksum will not match
            self.feed(block)
