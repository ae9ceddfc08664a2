"""Takes one still picture out of a video, upright and small, to stand for it on pages."""

from pathlib import Path

from av.error import FFmpegError

from composer.media.facts import VideoFacts
from composer.media.limits import is_readable_size
from composer.media.probe import find_video_stream, open_video
from composer.media.seeking import FrameSeeker
from composer.media.stills import to_jpeg, to_picture

MAX_WIDTH = 960
MAX_HEIGHT = 540
# The very first picture of a video is often black: one a second later says more.
_AT_MS = 1000
# A large picture costs more to decode, so fewer are decoded on the way to the chosen moment.
_PIXEL_BUDGET = 250_000_000


def make_poster(path: Path, facts: VideoFacts) -> bytes | None:
    """A JPEG of at most 960 x 540 pixels, about one second in; None when no picture can be decoded."""
    if not facts.is_decodable or not is_readable_size(facts.width, facts.height):
        return None
    try:
        with open_video(path, facts.container) as container:
            video = find_video_stream(container)
            if video is None:
                return None
            frame = FrameSeeker(container, video, budget=_PIXEL_BUDGET).find(
                min(_AT_MS, facts.duration_ms // 2)
            )
            return None if frame is None else to_jpeg(to_picture(frame, box=(MAX_WIDTH, MAX_HEIGHT)))
    except FFmpegError:
        return None
