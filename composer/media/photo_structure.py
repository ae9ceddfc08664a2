"""Whether a picture is all there, and what stands behind it in the file: walks its parts without decoding any."""

import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from composer.media.structure import BOXES, ends_as_zip

# A marker inside a JPEG's picture data; FF 00 is data, FF D0 to D7 are its own restart points.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
_JPEG_START = b"\xff\xd8\xff"
_JPEG_END, _JPEG_SCAN, _JPEG_BARE = 0xD9, 0xDA, 0x01
_ZEROS = re.compile(rb"\x00*")
# How many pictures are looked for behind the first: cameras add one or two (previews, gain maps).
_MAX_PICTURES = 8
# Google's and Samsung's own boxes in a moving photo.
_PICTURE_BOXES = BOXES | {b"mpvd", b"sefd", b"idat"}


@dataclass(frozen=True)
class PhotoStructure:
    """The outline of a picture file, as `PhotoFacts` says it."""

    is_complete: bool
    has_extras: bool = False
    has_foreign_data: bool = False


def read_photo_structure(path: Path, kind: str) -> PhotoStructure:
    """Walk a file that `sniff` called `kind`, a kind of picture; it must not be empty."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        walk = _WALKS.get(kind)
        end = len(data) if walk is None else walk(data)
        if end is None:
            return PhotoStructure(is_complete=False)
        if ends_as_zip(data[-0x10100:]):
            return PhotoStructure(is_complete=True, has_foreign_data=True)
        return _look_behind(data, end, kind)


def _look_behind(data: mmap.mmap, at: int, kind: str) -> PhotoStructure:
    """What follows the picture: nothing, zeros, more pictures or a film of the camera's, or something else."""
    for _ in range(_MAX_PICTURES):
        match = _ZEROS.match(data, at)
        at = match.end() if match else at
        if at == len(data):
            return PhotoStructure(is_complete=True)
        if kind != "jpeg" or data[at : at + 3] != _JPEG_START:
            break
        end = _walk_jpeg(data, at)
        if end is None:
            # The part that is missing is none of the picture itself.
            return PhotoStructure(is_complete=True, has_extras=True)
        at = end
    # The film of a moving photo is an MP4; its first bytes, a length, may have passed for zeros above.
    film = data.find(b"ftyp", at, at + 8) - 4
    is_film = film > 0 and _walk_boxes(data, film) == len(data)
    # Samsung closes its additions with a table that ends so.
    if kind == "jpeg" and (is_film or data[-4:] == b"SEFT"):
        return PhotoStructure(is_complete=True, has_extras=True)
    return PhotoStructure(is_complete=True, has_foreign_data=True)


def _walk_jpeg(data: mmap.mmap, start: int = 0) -> int | None:
    """Where the JPEG that begins at `start` ends; None when its end is missing."""
    at = start + 2
    while (match := _JPEG_MARKER.search(data, at)) is not None:
        marker = match[1][0]
        at = match.end()
        if marker == _JPEG_END:
            return at
        if marker != _JPEG_BARE:
            at += int.from_bytes(data[at : at + 2])
    return None


def _walk_png(data: mmap.mmap) -> int | None:
    at = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4])
        if kind == b"IEND":
            return at if at <= len(data) else None
    return None


def _walk_gif(data: mmap.mmap) -> int | None:
    if len(data) < 13:
        return None
    at = 13 + _gif_table_bytes(data[10])
    while at < len(data):
        match data[at]:
            case 0x3B:
                return at + 1
            case 0x21:
                at = _skip_gif_blocks(data, at + 2)
            case 0x2C if at + 10 <= len(data):
                at = _skip_gif_blocks(data, at + 11 + _gif_table_bytes(data[at + 9]))
            case _:
                return None
    return None


def _gif_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_gif_blocks(data: mmap.mmap, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _walk_webp(data: mmap.mmap) -> int | None:
    length = int.from_bytes(data[4:8], "little")
    end = 8 + length + length % 2
    # Some writers leave the last padding byte out.
    if end - length % 2 > len(data):
        return None
    return min(end, len(data))


def _walk_boxes(data: mmap.mmap, start: int = 0) -> int | None:
    at = start
    while at + 8 <= len(data) and data[at + 4 : at + 8] in _PICTURE_BOXES:
        length = int.from_bytes(data[at : at + 4])
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        elif length == 0:
            return len(data)
        if length < 8 or at + length > len(data):
            return None
        at += length
    return at


_WALKS: dict[str, Callable[[mmap.mmap], int | None]] = {
    "jpeg": _walk_jpeg,
    "png": _walk_png,
    "gif": _walk_gif,
    "webp": _walk_webp,
    "heic": _walk_boxes,
    "avif": _walk_boxes,
}
