"""The frame of a video that stands for it on a profile."""

import contextlib
import io
from pathlib import Path

import av
from av.error import FFmpegError
from PIL import Image

_QUALITY = 85


def read_cover(path: Path, at_ms: int | None) -> bytes:
    """The frame shown at that moment as a JPEG; the first frame for a moment outside the video, or none."""
    with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
        stream = container.streams.video[0]
        chosen = None
        if at_ms:
            with contextlib.suppress(FFmpegError):
                chosen = _frame_at(container, stream, at_ms)
        if chosen is None:
            container.seek(0)
            chosen = next(container.decode(stream))
        picture: Image.Image = chosen.to_image()  # type: ignore[no-untyped-call]  # as PyAV declares it
        image = picture.rotate(chosen.rotation, expand=True)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _frame_at(
    container: av.container.InputContainer, stream: av.VideoStream, at_ms: int
) -> av.VideoFrame | None:
    """The last frame that begins no later; None when the video is over by then."""
    container.seek(at_ms * 1000, backward=True)
    chosen: av.VideoFrame | None = None
    for frame in container.decode(stream):
        if chosen is not None and (frame.time or 0) * 1000 > at_ms:
            return chosen
        chosen = frame
    return chosen if chosen is not None and _lasts_until(chosen, stream, at_ms) else None


def _lasts_until(frame: av.VideoFrame, stream: av.VideoStream, at_ms: int) -> bool:
    seconds = 1 / float(stream.average_rate) if stream.average_rate else 0
    return ((frame.time or 0) + seconds) * 1000 >= at_ms
