"""What TikTok's rules say about a photo: a fail_reason, or nothing."""

import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# Source: media transfer guide, image restrictions; "1080p" as measured live: the shorter side.
MAX_SHORTER_SIDE = 1080
# TikTok says 20 MB without saying which megabyte: only a size right under both readings is taken.
MAX_PHOTO_BYTES = 20 * 1000 * 1000

_HEAD_BYTES = 12
# What Pillow's readers are known to raise on files that lie.
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    SyntaxError,
    MemoryError,
    struct.error,
)


@dataclass(frozen=True)
class PictureFacts:
    """What was found: pixels (None where it is no picture), and the fail_reason, "" for none."""

    width: int | None
    height: int | None
    fault: str


def look_at_picture(path: Path, *, takes_animation: bool) -> PictureFacts:
    """Judge a picture by its bytes, whatever it was called."""
    kind = _kind(path)
    if kind is None or path.stat().st_size > MAX_PHOTO_BYTES:
        return PictureFacts(None, None, "file_format_check_failed")
    try:
        with warnings.catch_warnings(), Image.open(path, formats=[kind]) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            width, height = image.size
            # A camera's JPEG may carry further pictures; they never take turns.
            is_animated = kind == "WEBP" and getattr(image, "n_frames", 1) > 1
            if min(width, height) > MAX_SHORTER_SIDE:
                return PictureFacts(width, height, "picture_size_check_failed")
            image.load()
    except (*_BROKEN, Image.DecompressionBombError):
        return PictureFacts(None, None, "file_format_check_failed")
    fault = "file_format_check_failed" if is_animated and not takes_animation else ""
    return PictureFacts(width, height, fault)


def _kind(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None
