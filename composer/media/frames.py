"""Shows pictures of a video that the browser cannot play: one at a moment, or a strip of them."""

import logging
import math
from pathlib import Path

from composer.media.sandbox import ChildError, ChildTimeoutError, program_of, run_child

logger = logging.getLogger(__name__)

_PROGRAM = program_of("composer.media.frame_child")
_MAX_BYTES = 8 * 1024 * 1024
_MAX_COUNT = 60
_MAX_SIDE = 4096


class FrameError(Exception):
    """A picture could not be taken out of a video. Its text is for people."""


def read_frame(path: Path, at_ms: int, *, max_side: int = 960, timeout_s: float = 10) -> bytes:
    """The picture that a video shows at `at_ms` milliseconds from its beginning, upright, as JPEG.

    It is the last picture whose own time, in whole milliseconds, is not after `at_ms`; before the first it is
    the first, after the end the last. Never larger than `max_side` pixels, never enlarged. Decoded in a child
    process like `check_media`.
    Raises FrameError when the file shows no picture or `timeout_s` seconds are over; FileNotFoundError when it
    is gone.
    """
    return _ask_child("frame", path, max(0, at_ms), max_side, timeout_s)


def read_filmstrip(path: Path, count: int = 12, max_side: int = 160, *, timeout_s: float = 20) -> bytes:
    """`count` pictures (1 to 60) of a video in one row, as one JPEG: the middles of as many equal parts.

    Every picture is as wide as the whole divided by `count`. In a long video of large pictures each may lie a
    little before its moment. Raises what `read_frame` does.
    """
    return _ask_child("filmstrip", path, max(1, min(count, _MAX_COUNT)), max_side, timeout_s)


def _ask_child(what: str, path: Path, number: int, max_side: int, timeout_s: float) -> bytes:
    resolved = path.resolve(strict=True)
    seconds, side = math.ceil(timeout_s), max(1, min(max_side, _MAX_SIDE))
    try:
        jpeg = run_child(
            _PROGRAM,
            [what, str(resolved), str(seconds), str(number), str(side)],
            timeout_s=timeout_s,
            max_bytes=_MAX_BYTES,
        )
    except ChildTimeoutError as error:
        raise FrameError("Finding this picture took too long. Try another moment of the video.") from error
    except ChildError as error:
        logger.warning("no %s of a video: %s", what, error)
        raise FrameError("This video could not be read at this moment. Try another one.") from error
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise FrameError("This file shows no picture that we could read.")
    return jpeg
