"""Good files and ways to break them, of which the hostile files are made."""

import io
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pillow_heif
from PIL import Image

from tests.media import make_picture, make_sound, make_video

# --- what is good, to be broken -----------------------------------------------------------------------------


@cache
def good_video(container: str = "mp4", codec: str = "h264", *, is_faststart: bool = True) -> bytes:
    with TemporaryDirectory() as folder:
        options = None if is_faststart else {}
        audio = container != "avi"
        path = Path(folder) / "a"
        return make_video(
            path, codec=codec, container=container, seconds=1, audio=audio, options=options
        ).read_bytes()


@cache
def good_sound() -> bytes:
    with TemporaryDirectory() as folder:
        return make_sound(Path(folder) / "a").read_bytes()


@cache
def good_picture(kind: str, mode: str = "RGB") -> bytes:
    with TemporaryDirectory() as folder:
        return make_picture(Path(folder) / "a", kind, mode=mode).read_bytes()


@cache
def noisy_picture(kind: str) -> bytes:
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.effect_noise((300, 400), 80).convert("RGB").save(out, kind)
    return out.getvalue()


# --- ways to break it -----------------------------------------------------------------------------------------


def zip_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("payload.html", "<script>alert(1)</script>")
    return out.getvalue()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20_000_000))
    return out.getvalue()


def with_zip(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("payload.html", "<script>alert(1)</script>")
    return out.getvalue()


def half(data: bytes, fraction: float = 0.5) -> bytes:
    return data[: int(len(data) * fraction)]


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, *more: bytes, pixels: bytes = bytes(1000)) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (
        png_chunk(b"IHDR", header),
        *more,
        png_chunk(b"IDAT", zlib.compress(pixels)),
        png_chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_with_bomb(kind: bytes, head: bytes) -> bytes:
    """A tiny picture with a remark or a profile of a few kilobytes that unpacks to 200 MB."""
    return png_of(10, 10, png_chunk(kind, head + zlib.compress(bytes(200_000_000), 9)), pixels=bytes(10 * 31))


def webp_canvas(side: int) -> bytes:
    still = good_picture("WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (side - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 4 + len(canvas) + len(still)) + b"WEBP" + canvas + still


def gif_bomb() -> bytes:
    """Sixty thousand frames of 65,535 x 65,535 pixels in a megabyte."""
    head = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\x00\x00" + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 65535, 65535) + b"\x00\x02\x02\x44\x01\x00"
    return head + frame * 60_000 + b"\x3b"


def tiff_of(width: int, height: int) -> bytes:
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
    ]
    tags += [(278, 4, 1, height), (279, 4, 1, 100)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return (
        b"II*\x00" + struct.pack("<I", 108) + bytes(100) + struct.pack("<H", len(tags)) + entries + bytes(4)
    )


def bmp_of(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 100, 0, 0, 54) + head + bytes(100)


def patched(data: bytes, after: bytes, offset: int, value: bytes) -> bytes:
    at = data.index(after) + len(after) + offset
    return data[:at] + value + data[at + len(value) :]


def heic_of(side: int) -> bytes:
    return good_picture("HEIF").replace(
        b"ispe" + bytes(4) + struct.pack(">II", 400, 600), b"ispe" + bytes(4) + struct.pack(">II", side, side)
    )


def noise_in_mdat() -> bytes:
    data = bytearray(good_video())
    at = data.index(b"mdat") + 4
    data[at:] = bytes((n * 151 + 43) % 256 for n in range(len(data) - at))
    return bytes(data)


def damaged_jpeg() -> bytes:
    data = bytearray(noisy_picture("JPEG"))
    middle = len(data) // 2
    data[middle : middle + 1000] = bytes((n * 151 + 43) % 255 for n in range(1000))
    return bytes(data)


def webm_lasting(duration: float) -> bytes:
    return patched(good_video("webm", "vp9"), b"\x44\x89\x88", 0, struct.pack(">d", duration))
