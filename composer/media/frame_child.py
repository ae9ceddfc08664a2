"""The inside of the child process that takes pictures out of one hostile video.

Started by `composer.media.frames` only. Its answer on standard output is a JPEG, or nothing when the file shows
no picture.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from composer.media.confine import limit_oneself

if TYPE_CHECKING:
    from PIL import Image

# What decoding for one filmstrip may cost in all; a long video is shown by pictures a little before their moment.
_STRIP_PIXEL_BUDGET = 1_000_000_000


def read_frame(path: Path, at_ms: int, max_side: int) -> bytes:
    """The picture shown at one moment, as JPEG; empty when there is none."""
    from composer.media.stills import to_jpeg

    pictures = _read(path, [at_ms], max_side, budget=None)
    return to_jpeg(pictures[0]) if pictures else b""


def read_filmstrip(path: Path, count: int, max_side: int) -> bytes:
    """`count` pictures at even distances in one row, as JPEG; empty when there is none."""
    from composer.media.probe import probe_video
    from composer.media.stills import side_by_side, to_jpeg

    length_ms = probe_video(path).duration_ms
    moments = [length_ms * (2 * number + 1) // (2 * count) for number in range(count)]
    pictures = _read(path, moments, max_side, budget=_STRIP_PIXEL_BUDGET // count)
    return to_jpeg(side_by_side(pictures)) if pictures else b""


def _read(path: Path, moments: list[int], max_side: int, *, budget: int | None) -> "list[Image.Image]":
    from composer.media.limits import is_readable_size
    from composer.media.probe import find_video_stream, open_video
    from composer.media.seeking import FrameSeeker
    from composer.media.sniff import MEASURABLE, sniff
    from composer.media.stills import to_picture

    with path.open("rb") as file:
        kind = sniff(file)
    if kind not in MEASURABLE:
        return []
    with open_video(path, kind) as container:
        video = find_video_stream(container)
        if video is None or not is_readable_size(video.codec_context.width, video.codec_context.height):
            return []
        seeker = FrameSeeker(container, video, budget=budget)
        found = []
        for moment in moments:
            frame = seeker.find(moment)
            if frame is None:
                return []
            found.append(to_picture(frame, box=(max_side, max_side)))
        return found


def main(what: str, path: str, seconds: str, number: str, max_side: str) -> None:
    """Entry of the process: `what` is "frame" (`number`: the moment in ms) or "filmstrip" (how many pictures)."""
    limit_oneself(int(seconds))
    from av.error import FFmpegError

    from composer.media.facts import ProbeError

    read = read_frame if what == "frame" else read_filmstrip
    try:
        found = read(Path(path), int(number), int(max_side))
    except (FFmpegError, ProbeError):
        found = b""
    sys.stdout.buffer.write(found)
    sys.stdout.buffer.flush()
    # Nothing is left to tidy up, and a library's clean-up after a broken file may hang or crash.
    os._exit(0)
