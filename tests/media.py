"""Media files made on the spot for tests: good ones, wrong ones and liars. None is shipped."""

import math
import os
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pillow_heif
from av.video.reformatter import ColorPrimaries, ColorTrc
from PIL import ExifTags, Image, ImageCms, ImageDraw

_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "mpeg4": "mpeg4",
}
_SPEED = {
    "libx264": {"preset": "ultrafast", "threads": "1"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:frame-threads=1"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "13", "svtav1-params": "lp=1"},
}
_MUXERS = {
    "mp4": "mp4",
    "mov": "mov",
    "webm": "webm",
    "mkv": "matroska",
    "3gp": "3gp",
    "avi": "avi",
    "gif": "gif",
}
_SAMPLE_RATE = 48_000


def make_video(
    path: Path,
    *,
    width: int = 360,
    height: int = 640,
    fps: int | Fraction = 30,
    seconds: float = 3,
    codec: str = "h264",
    container: str = "mp4",
    audio: bool = True,
    rotation: int = 0,
    options: dict[str, str] | None = None,
    pixel_format: str = "yuv420p",
    sound_after: float = 0,
    pictures_after: float = 0,
    metadata: dict[str, str] | None = None,
    hdr: bool = False,
) -> Path:
    """Write one video: red top half, blue bottom half, a white bar that moves.

    `rotation` is the degrees a player turns it counter-clockwise; `options` go to the muxer. Sound and pictures
    may begin some seconds after the file does; `hdr` marks the colours as HDR10's.
    """
    muxer = {"movflags": "+faststart"} if container in {"mp4", "mov"} else {}
    with (
        _own_priority(),
        av.open(
            str(path), "w", format=_MUXERS[container], options=muxer if options is None else options
        ) as out,
    ):
        out.metadata.update(metadata or {})
        encoder = _ENCODERS.get(codec, codec)
        video = out.add_stream(encoder, rate=fps, options=_SPEED.get(encoder, {}))
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        if hdr:
            context = video.codec_context
            context.color_primaries, context.color_trc = ColorPrimaries.BT2020, ColorTrc.SMPTE2084
            context.colorspace = 9  # BT.2020
        if rotation:
            video.set_display_rotation(rotation)
        sound = None
        if audio:
            sound = out.add_stream("libopus" if container in {"webm", "mkv"} else "aac", rate=_SAMPLE_RATE)
            sound.layout = "mono"
        for number in range(round(seconds * fps)):
            frame = av.VideoFrame.from_image(_draw(width, height, number)).reformat(format=pixel_format)
            frame.pts, frame.time_base = number + round(pictures_after * fps), Fraction(1) / Fraction(fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            beep = _beep(seconds)
            beep.pts = round(sound_after * _SAMPLE_RATE)
            out.mux(sound.encode(beep))
            out.mux(sound.encode(None))
    return path


@contextmanager
def _own_priority() -> Iterator[None]:
    """Undo what SVT-AV1 does to a root's process: it makes the calling thread a real-time one, for good.

    Everything started from then on inherits that, and a browser at real-time priority starves the machine.
    """
    if not hasattr(os, "sched_getscheduler"):  # not Linux
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def _draw(width: int, height: int, number: int) -> Image.Image:
    image = Image.new("RGB", (width, height), (200, 30, 30))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, height // 2, width, height), fill=(30, 30, 200))
    left = number * 7 % width
    pen.rectangle((left, height // 4, left + width // 20, height // 4 + height // 20), fill=(255, 255, 255))
    return image


def _beep(seconds: float) -> av.AudioFrame:
    period = array("h", (round(2000 * math.sin(2 * math.pi * n / 96)) for n in range(96)))
    count = round(seconds * _SAMPLE_RATE)
    samples = (period * (count // 96 + 1))[:count]
    frame = av.AudioFrame(format="s16", layout="mono", samples=count)
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = _SAMPLE_RATE, 0, Fraction(1, _SAMPLE_RATE)
    return frame


def make_large_video(path: Path, size: int, **wanted: Any) -> Path:
    """A real video of exactly so many bytes: behind it lies a box that players skip, filled to the brim.

    The bytes are really on the disk; no two blocks of the filling are alike.
    """
    make_video(path, **{"seconds": 1.5, **wanted})
    with path.open("ab") as file:
        left = size - file.tell()
        file.write(left.to_bytes(4, "big") + b"free")
        left -= 8
        noise = bytes(range(256)) * 4096
        while left:
            block = left.to_bytes(8, "big") + noise
            left -= file.write(block[: min(left, len(block))])
    return path


def cut(path: Path, fraction: float) -> Path:
    """A copy beside `path` that ends after that fraction of its bytes, as a broken download does."""
    data = path.read_bytes()
    short = path.with_name(f"{path.stem}-cut-{round(fraction * 100)}{path.suffix}")
    short.write_bytes(data[: int(len(data) * fraction)])
    return short


def make_sound(path: Path) -> Path:
    """An MP4 that holds sound only."""
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=_SAMPLE_RATE)
        sound.layout = "mono"
        out.mux(sound.encode(_beep(2)))
        out.mux(sound.encode(None))
    return path


def make_picture(
    path: Path, kind: str, *, size: tuple[int, int] = (400, 600), mode: str = "RGB", **save: object
) -> Path:
    """A still picture (`PNG`, `JPEG`, `WEBP`, `GIF`, `HEIF` …): red above, blue below, under whatever name.

    `save` goes to Pillow: `exif`, `icc_profile`, `quality` …
    """
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    _draw(*size, 3).convert(mode).save(path, kind, **save)
    return path


def make_animation(path: Path, kind: str) -> Path:
    """Three pictures one after another, as GIF, WEBP, PNG or AVIF."""
    first, *rest = (_draw(200, 300, number) for number in (0, 9, 18))
    first.save(path, kind, save_all=True, append_images=rest, duration=100)
    return path


def exif_of(*, orientation: int = 1, has_location: bool = False) -> Image.Exif:
    """EXIF as a phone writes it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Phone"
    if has_location:
        exif[ExifTags.IFD.GPSInfo] = {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (13.0, 24.0, 18.0),
        }
    return exif


def make_wide_profile() -> bytes:
    """An ICC profile whose numbers mean stronger colours than sRGB's: red and green far apart."""
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, (x, y, z) in {
        b"rXYZ": (0.6097, 0.3111, 0.0195),
        b"gXYZ": (0.2053, 0.6257, 0.0609),
        b"bXYZ": (0.1492, 0.0632, 0.7446),
    }.items():
        entry = srgb.index(tag, 128)
        at = int.from_bytes(srgb[entry + 4 : entry + 8]) + 8
        srgb[at : at + 12] = b"".join(round(v * 65536).to_bytes(4) for v in (x, y, z))
    return bytes(srgb)
