"""The SHA-256 of the very bytes that are sent, kept while they go; compared before the last of them does."""

import hashlib
from collections.abc import Callable

from composer.storing import MediaReader

READ_BYTES = 512 * 1024


class SentDigest:
    """Follows an upload chunk by chunk, from the file's first byte on, whatever is resumed or sent again.

    `look` is called before each block read only for hashing, and raises to end the upload.
    """

    def __init__(self, file: MediaReader, look: Callable[[], None]) -> None:
        self._file = file
        self._look = look
        self._hash = hashlib.sha256()
        self._at = 0
        # The hash as it was where each chunk began: a chunk sent again is hashed again, as it is read then.
        self._marks: dict[int, hashlib._Hash] = {0: self._hash.copy()}

    def begin(self, first_byte: int) -> None:
        """A chunk begins here. What TikTok has before it, from an earlier go, is read and hashed first."""
        if first_byte in self._marks:
            self._hash, self._at = self._marks[first_byte].copy(), first_byte
        elif first_byte < self._at:
            self._hash, self._at = self._marks[0].copy(), 0
        self._read_to(first_byte)
        self._marks[first_byte] = self._hash.copy()

    def feed(self, block: bytes) -> None:
        """The next block as it goes out."""
        self._hash.update(block)
        self._at += len(block)

    def of_whole(self, size: int) -> str:
        """The digest of all `size` bytes (hex): what went out, and the rest read ahead from the same source."""
        first_byte = self._at
        self._read_to(size)
        digest = self._hash.hexdigest()
        self.begin(first_byte)
        return digest

    def so_far(self) -> str:
        """The digest of what was fed up to now (hex)."""
        return self._hash.hexdigest()

    def _read_to(self, end: int) -> None:
        if self._at < end:
            self._file.seek(self._at)
        while self._at < end:
            self._look()
            block = self._file.read(min(READ_BYTES, end - self._at))
            if not block:
                return  # shorter than it was: the digest will not match
            self.feed(block)
