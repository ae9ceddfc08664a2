"""Whether a video is all there: walks the outermost parts of MP4, WebM and AVI without decoding anything.

FFmpeg reads an MP4 that was cut in half as if it were perfect, because its table of contents stands in front.
"""

from dataclasses import dataclass, replace
from typing import BinaryIO

# ISO/IEC 14496-12 and Apple's QuickTime File Format: what may stand at the top level of a file.
BOXES = frozenset(
    b"ftyp moov mdat free skip wide udta uuid meta meco pdin moof mfra styp sidx ssix prft emsg imda pnot "
    b"PICT junk ctab".split()
)

# A ZIP archive's table of contents ends in 22 bytes and a remark of up to 65,535.
_ZIP_TAIL_BYTES = 22 + 0xFFFF

# Matroska (RFC 9559): the parts of a file, and what may stand inside a cluster of unknown length.
_SEGMENT = 0x18538067
_EBML_HEADER = 0x1A45DFA3
_ELEMENTS = frozenset(
    {
        _EBML_HEADER,
        _SEGMENT,
        0x114D9B74,  # SeekHead
        0x1549A966,  # Info
        0x1654AE6B,  # Tracks
        0x1F43B675,  # Cluster
        0x1C53BB6B,  # Cues
        0x1043A770,  # Chapters
        0x1254C367,  # Tags
        0x1941A469,  # Attachments
        0xEC,  # Void
        0xBF,  # CRC-32
        0xE7,  # Timestamp
        0xA7,  # Position
        0xAB,  # PrevSize
        0xA3,  # SimpleBlock
        0xA0,  # BlockGroup
        0x5854,  # SilentTracks
        0xAF,  # EncryptedBlock
    }
)


@dataclass(frozen=True)
class Structure:
    """The outline of a file. `is_fragmented` means that its length stands nowhere and must be counted."""

    is_complete: bool
    has_foreign_data: bool
    is_fragmented: bool


def read_structure(file: BinaryIO, container: str, size: int) -> Structure:
    """Walk a file of `size` bytes that `sniff` called `container`; reads a few bytes per part."""
    if container in {"webm", "mkv"}:
        found = _walk_ebml(file, size)
    elif container == "avi":
        found = _walk_riff(file, size)
    else:
        found = _walk_boxes(file, size)
    file.seek(max(0, size - _ZIP_TAIL_BYTES))
    return replace(found, has_foreign_data=True) if ends_as_zip(file.read()) else found


def ends_as_zip(tail: bytes) -> bool:
    """Whether the last bytes of a file are a ZIP archive's table of contents, whatever stands before it."""
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _walk_boxes(file: BinaryIO, size: int) -> Structure:
    seen: set[bytes] = set()
    last = b""
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(16)
        if not header.strip(b"\x00") and _is_zero_to_the_end(file, at, size):
            break
        if len(header) < 8:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=b"moof" in seen)
        kind = header[4:8]
        if kind not in BOXES:
            return Structure(
                is_complete=b"moov" in seen, has_foreign_data=True, is_fragmented=b"moof" in seen
            )
        seen.add(kind)
        last = kind
        length = int.from_bytes(header[:4])
        if length == 1:
            length = int.from_bytes(header[8:16])
        elif length == 0:
            # Allowed for the last box: it goes on to the end of the file.
            break
        if length < 8 or at + length > size:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=b"moof" in seen)
        at += length
    is_complete = b"moov" in seen and last != b"moof"
    return Structure(is_complete=is_complete, has_foreign_data=False, is_fragmented=b"moof" in seen)


def _is_zero_to_the_end(file: BinaryIO, at: int, size: int) -> bool:
    """Some cameras pad their files with zeros, up to a block of the card."""
    if size - at > 1024 * 1024:
        return False
    file.seek(at)
    return not file.read(size - at).strip(b"\x00")


def _walk_riff(file: BinaryIO, size: int) -> Structure:
    """AVI: one RIFF part, and more of the kind AVIX in a file over 1 GB."""
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(12)
        if not header.strip(b"\x00") and _is_zero_to_the_end(file, at, size):
            break
        if header[:4] != b"RIFF" or header[8:12] not in {b"AVI ", b"AVIX"}:
            # An index that stands behind the last part belongs to it.
            is_index = header[:4] in {b"idx1", b"JUNK"}
            if not is_index:
                return Structure(is_complete=True, has_foreign_data=True, is_fragmented=False)
        length = int.from_bytes(header[4:8], "little")
        if not length or at + 8 + length > size:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=False)
        at += 8 + length + length % 2
    return Structure(is_complete=True, has_foreign_data=False, is_fragmented=False)


def _walk_ebml(file: BinaryIO, size: int) -> Structure:
    at = 0
    has_segment = False
    # The length of a live recording is unknown: its parts are walked instead.
    is_live = False
    while at < size:
        file.seek(at)
        head = file.read(12)
        element, id_length = _read_id(head)
        if id_length == 0 or len(head) <= id_length:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=is_live)
        if element not in _ELEMENTS:
            return Structure(is_complete=has_segment, has_foreign_data=True, is_fragmented=is_live)
        length, length_length = _read_length(head[id_length:])
        if length_length == 0:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=is_live)
        has_segment = has_segment or element == _SEGMENT
        at += id_length + length_length
        if length is None:
            is_live = True
            continue
        if at + length > size:
            return Structure(is_complete=False, has_foreign_data=False, is_fragmented=is_live)
        at += length
    return Structure(is_complete=has_segment, has_foreign_data=False, is_fragmented=is_live)


def _read_id(data: bytes) -> tuple[int, int]:
    """An element's id and how many bytes it takes (0: none here)."""
    if not data or data[0] < 0x10:
        return 0, 0
    width = 9 - data[0].bit_length()
    return int.from_bytes(data[:width]), width


def _read_length(data: bytes) -> tuple[int | None, int]:
    """An element's length (None: unknown) and how many bytes say so (0: cut off or broken)."""
    if not data or data[0] == 0:
        return None, 0
    width = 9 - data[0].bit_length()
    if len(data) < width:
        return None, 0
    value = int.from_bytes(data[:width]) & ((1 << (7 * width)) - 1)
    return (None if value == (1 << (7 * width)) - 1 else value), width
