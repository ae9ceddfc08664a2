"""The videos of the film: one to post, one for the draft, and one that is a second too long for the creator."""

import re
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame
from PIL import Image

from composer.media.samples import SAMPLES, write_sample

# TikTok takes no less than 23 frames a second.
_FPS = 24
_SIZE = (360, 640)


def write_video(folder: Path, name: str) -> Path:
    """One of the samples, a few seconds drawn by ourselves: nobody else's picture or music is in it."""
    sample = next(sample for sample in SAMPLES if sample.name == name)
    path = folder / f"{sample.title}.mp4"
    write_sample(sample, path)
    return path


def write_long_video(folder: Path, seconds: int) -> Path:
    """A single colour for so long; most of it is nothing, so that it is small."""
    path = folder / "A video that is too long.mp4"
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        options = {"preset": "ultrafast", "crf": "40"}
        stream = out.add_stream("libx264", rate=_FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        colour = Image.new("RGB", _SIZE, "#35543f")
        drawn: VideoFrame = VideoFrame.from_image(colour)  # type: ignore[no-untyped-call]
        picture = drawn.reformat(format="yuv420p")
        for number in range(seconds * _FPS):
            picture.pts, picture.time_base = number, Fraction(1, _FPS)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def seconds_in(words: str) -> int:
    """How long "10 min" or "1 min 30 s" is, rounded up. Raises ValueError where no length stands."""
    found = re.search(r"(?:(\d+)\s*min)?\s*(?:(\d+)(?:\.\d+)?\s*s)?\s*$", words.strip())
    if found is None or not any(found.groups()):
        raise ValueError(f"no length in {words!r}")
    minutes, seconds = (int(part or 0) for part in found.groups())
    return minutes * 60 + seconds
