"""Opens and decodes one still picture with Pillow. Files are hostile: only child processes call this.

Every file is opened by exactly the reader that its first bytes named; of an animation only the first picture
is read.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError, InvalidDataError
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from composer.media.colours import find_colours, to_srgb
from composer.media.facts import PhotoFacts, ProbeError, Refusal
from composer.media.photo_limits import MAX_PIXELS, MAX_READ_BYTES
from composer.media.photo_structure import read_photo_structure

PREVIEW_SIDE = 960
_READERS = {
    "jpeg": "JPEG",
    "webp": "WEBP",
    "png": "PNG",
    "heic": "HEIF",
    "avif": "AVIF",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
}
# What Pillow and its libraries raise for a broken file; the child's limits catch the rest.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError,
           OverflowError, MemoryError, Image.DecompressionBombError)  # fmt: skip
_SIDEWAYS = frozenset({5, 6, 7, 8})
# No format means more, and no column holds it.
_MAX_HEADER_SIDE = 2**31
# EXIF and DNG tags: "a smaller copy of another picture" and the version of a camera's raw format.
_SUBFILE_TYPE, _DNG_VERSION = 254, 50706
# Huffman-coded JPEG, whole or progressive: what FFmpeg reads as well as Pillow does.
_HUFFMAN_FRAMES = (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2")


def probe_photo(path: Path, kind: str) -> tuple[PhotoFacts, bytes | None]:
    """Measure one picture that `sniff` called `kind`, and make its preview (JPEG, at most 960 pixels a side).

    Raises ProbeError when there is nothing to measure. The preview is None when a part cannot be decoded.
    """
    size = path.stat().st_size
    structure = read_photo_structure(path, kind)
    refusal = Refusal.UNREADABLE if structure.is_complete else Refusal.CUT_OFF
    try:
        with open_photo(path, kind) as picture:
            if is_camera_raw(picture, path):
                raise ProbeError(Refusal.CAMERA_RAW, kind)
            sides, orientation = picture.size, read_orientation(picture)
            if orientation in _SIDEWAYS:
                sides = sides[1], sides[0]
            is_readable = size <= MAX_READ_BYTES
            preview = _make_preview(picture, path) if structure.is_complete and is_readable else None
            return PhotoFacts(
                container=kind,
                width=sides[0],
                height=sides[1],
                orientation=orientation,
                size_bytes=size,
                colours=find_colours(picture),
                is_complete=structure.is_complete,
                is_decodable=preview is not None or not is_readable or not structure.is_complete,
                is_animated=bool(getattr(picture, "is_animated", False)) and kind not in {"heic", "tiff"},
                is_transparent=preview is not None and _is_transparent(picture),
                has_location=_has_location(picture),
                has_extras=structure.has_extras,
                has_foreign_data=structure.has_foreign_data,
            ), preview
    except TooManyPixelsError as error:
        return _describe_undecoded(kind, error, size), None
    except BROKEN as error:
        raise ProbeError(refusal, kind) from error


class TooManyPixelsError(Exception):
    """A picture has more than `MAX_PIXELS` pixels, known before any room was made for them."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width} x {height}")
        self.width = width
        self.height = height


def _describe_undecoded(kind: str, sides: TooManyPixelsError, size: int) -> PhotoFacts:
    return PhotoFacts(
        container=kind,
        width=sides.width,
        height=sides.height,
        orientation=1,
        size_bytes=size,
        colours="srgb",
        is_complete=True,
        is_decodable=True,
        is_animated=False,
        is_transparent=False,
        has_location=False,
        has_extras=False,
        has_foreign_data=False,
    )


@contextmanager
def open_photo(path: Path, kind: str) -> Iterator[ImageFile.ImageFile]:
    """Open a picture by the one reader of its kind and read its header, without decoding it.

    Raises TooManyPixelsError, or one of `BROKEN` when the header is.
    """
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    if kind == "webp":
        # Its reader makes room for the whole picture while it opens.
        width, height = _read_webp_sides(path)
        if width * height > MAX_PIXELS:
            raise TooManyPixelsError(width, height)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None
        with Image.open(path, formats=[_READERS[kind]]) as picture:
            # From here on more pixels than the header told are an error.
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
            if not all(1 <= side < _MAX_HEADER_SIDE for side in picture.size):
                raise UnidentifiedImageError
            if picture.width * picture.height > MAX_PIXELS:
                raise TooManyPixelsError(*picture.size)
            yield picture


def read_orientation(picture: Image.Image) -> int:
    """EXIF's orientation, 1 (upright) to 8; 1 when it says nothing or nonsense."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def is_camera_raw(picture: ImageFile.ImageFile, path: Path) -> bool:
    """Whether a TIFF is the wrapping of a camera's raw picture, whose first picture is only a small preview."""
    if picture.format != "TIFF":
        return False
    with path.open("rb") as file:
        if file.read(10)[8:] == b"CR":
            return True
    tags = getattr(picture, "tag_v2", {})
    return _DNG_VERSION in tags or bool(tags.get(_SUBFILE_TYPE, 0) & 1)


def _read_webp_sides(path: Path) -> tuple[int, int]:
    """The sides of an extended WebP's canvas; (0, 0) for a simple one, whose format ends at 16,383 pixels."""
    with path.open("rb") as file:
        head = file.read(30)
    if head[12:16] != b"VP8X" or len(head) < 30:
        return 0, 0
    return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")


def _make_preview(picture: ImageFile.ImageFile, path: Path) -> bytes | None:
    """A small JPEG, upright and in the colours of screens; decodes the picture down to its last row on the way."""
    try:
        if picture.format == "JPEG" and not _is_sound_jpeg(path):
            return None
        orientation = read_orientation(picture)
        # A JPEG's reader can shrink while it reads.
        picture.draft(None, (PREVIEW_SIDE, PREVIEW_SIDE))
        picture.load()
        small = to_srgb(picture, fit=(PREVIEW_SIDE, PREVIEW_SIDE))
        out = BytesIO()
        turn_upright(small, orientation).save(out, "JPEG", quality=82, optimize=True)
    except BROKEN:
        return None
    return out.getvalue()


def turn_upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn and mirror a picture as EXIF's orientation asks."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _is_sound_jpeg(path: Path) -> bool:
    """False when the picture data contradicts itself.

    Pillow paints over such a part in grey without a word; FFmpeg says so.
    """
    data = path.read_bytes()
    if not any(frame in data[: 1024 * 1024] for frame in _HUFFMAN_FRAMES):
        return True
    reader = av.CodecContext.create("mjpeg", "r")
    reader.options = {"err_detect": "explode"}
    reader.thread_count = 1
    try:
        reader.decode(av.Packet(data))
        reader.decode(None)
    except InvalidDataError:
        return False
    except (FFmpegError, MemoryError):
        # A kind of JPEG that FFmpeg does not read says nothing about the file.
        return True
    return True


def _is_transparent(picture: Image.Image) -> bool:
    """Whether anything really shines through: many files carry an empty layer for it."""
    if not picture.has_transparency_data:
        return False
    if "A" not in picture.getbands():
        return True
    extrema: Any = picture.getchannel("A").getextrema()
    return bool(extrema[0] < 255)


def _has_location(picture: Image.Image) -> bool:
    """Whether EXIF or XMP hold a place on earth."""
    try:
        gps = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    except BROKEN:
        gps = {}
    if ExifTags.GPS.GPSLatitude in gps or ExifTags.GPS.GPSLongitude in gps:
        return True
    xmp = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    return b"GPSLatitude" in (xmp.encode() if isinstance(xmp, str) else bytes(xmp))
