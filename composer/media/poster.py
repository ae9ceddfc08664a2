"""Takes one still picture out of a video, upright and small, to stand for it on pages."""

from io import BytesIO
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from composer.media.facts import VideoFacts
from composer.media.limits import is_readable_size
from composer.media.probe import find_video_stream, open_video

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
            frame = None if video is None else _pick_frame(container, video, facts)
            return None if frame is None else _to_jpeg(frame, facts.rotation)
    except FFmpegError:
        return None


def _pick_frame(container: InputContainer, video: VideoStream, facts: VideoFacts) -> VideoFrame | None:
    video.codec_context.thread_count = 1
    at_seconds = min(_AT_MS, facts.duration_ms // 2) / 1000
    most = max(1, _PIXEL_BUDGET // (facts.width * facts.height))
    picked = None
    for count, frame in enumerate(container.decode(video), start=1):
        picked = frame
        if count >= most or (frame.pts is not None and frame.time >= at_seconds):
            break
    return picked


def _to_jpeg(frame: VideoFrame, rotation: int) -> bytes:
    is_sideways = bool(rotation % 180)
    box = (MAX_HEIGHT, MAX_WIDTH) if is_sideways else (MAX_WIDTH, MAX_HEIGHT)
    scale = min(1.0, box[0] / frame.width, box[1] / frame.height)
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    small = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call]
    if rotation:
        image = image.rotate(rotation, expand=True)
    out = BytesIO()
    image.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
