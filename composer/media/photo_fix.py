"""Writes any readable picture as a JPEG that TikTok takes. Files are hostile: only child processes call this."""

from pathlib import Path

from PIL import Image

from composer.media.colours import to_srgb
from composer.media.photo import open_photo, read_orientation, turn_upright
from composer.media.photo_limits import MAX_SHORT_SIDE
from composer.media.sniff import PHOTOS, sniff

# TikTok names no limit for the longer side; its videos have this one, and no screen shows more.
MAX_LONG_SIDE = 4096
_QUALITY = 90


class NoPhotoError(Exception):
    """The file is no picture that can be read."""


def read_photo(path: Path, *, fit: tuple[int, int] | None = None) -> Image.Image:
    """A picture as people see it: upright, in sRGB, transparent parts on white, with nothing else kept of it.

    Shrunk to fit into `fit` (width, height as displayed), by default to TikTok's limits for a photo: at most 1080
    pixels on the shorter side and 4096 on the longer. Never enlarged, nothing cut away. Of an animation it is the
    first picture. Raises NoPhotoError, `photo.TooManyPixelsError`, or one of `photo.BROKEN`.
    """
    with path.open("rb") as file:
        kind = sniff(file)
    if kind not in PHOTOS:
        raise NoPhotoError(kind)
    with open_photo(path, kind) as picture:
        orientation = read_orientation(picture)
        stored = picture.size
        box = _limits_for(*stored) if fit is None else fit
        if orientation >= 5 and fit is not None:
            box = box[1], box[0]
        # A JPEG's reader can leave out what would be thrown away: not below twice the size wanted.
        scale = min(1.0, box[0] / stored[0], box[1] / stored[1])
        picture.draft(None, (round(2 * scale * stored[0]), round(2 * scale * stored[1])))
        picture.load()
        # The box is that of the whole picture, whatever the reader left out.
        return turn_upright(to_srgb(picture, fit=box), orientation)


def write_photo(source: Path, destination: Path) -> None:
    """Write `source` as JPEG to `destination`: quality 90, progressive, no EXIF, no profile, at most 13 MB."""
    read_photo(source).save(destination, "JPEG", quality=_QUALITY, optimize=True, progressive=True)


def _limits_for(width: int, height: int) -> tuple[int, int]:
    """The box for a picture of these proportions: no side longer than allowed for it."""
    if width <= height:
        return MAX_SHORT_SIDE, MAX_LONG_SIDE
    return MAX_LONG_SIDE, MAX_SHORT_SIDE
