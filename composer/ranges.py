"""Reads the Range header of a request (RFC 9110, section 14): pure, and tolerant as the standard asks."""

import re
from dataclasses import dataclass
from enum import Enum

_ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.ASCII | re.IGNORECASE)
# Far beyond the digits of any file's size; a longer header is nobody's honest wish.
_MAX_HEADER_LENGTH = 100


@dataclass(frozen=True)
class ByteRange:
    """A part of a file; both ends are counted from 0, and the last byte belongs to it."""

    first_byte: int
    last_byte: int

    @property
    def size(self) -> int:
        return self.last_byte - self.first_byte + 1

    def content_range(self, total: int) -> str:
        """The value of the answer's Content-Range header."""
        return f"bytes {self.first_byte}-{self.last_byte}/{total}"


class Unsatisfiable(Enum):
    """A well-formed wish for bytes that the file does not have: to be answered with 416."""

    RANGE = "unsatisfiable"


def parse_range(header: str | None, size: int) -> ByteRange | Unsatisfiable | None:
    """What part of a file of `size` bytes a Range header asks for.

    None means the whole file: no header, another unit, nonsense, or several ranges at once, all of which a
    server may ignore.
    """
    if header is None or len(header) > _MAX_HEADER_LENGTH:
        return None
    match = _ONE_RANGE.fullmatch(header.strip(" \t"))
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return _last_bytes(int(last), size) if last else None
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        return Unsatisfiable.RANGE
    return ByteRange(int(first), min(int(last), size - 1) if last else size - 1)


def _last_bytes(count: int, size: int) -> ByteRange | Unsatisfiable:
    if count == 0 or size == 0:
        return Unsatisfiable.RANGE
    return ByteRange(max(0, size - count), size - 1)
