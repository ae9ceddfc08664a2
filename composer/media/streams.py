"""What carrying a video's streams over needs to know: which sound, from what time on, and how far it is."""

import math
import time
from collections.abc import Callable
from fractions import Fraction

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

_REPORT_EVERY_S = 0.25
# Streams that begin further apart than this belong to different clocks.
_MAX_HEAD_START_S = 10


class Reporter:
    """Tells progress, from a time in the source, a few times a second."""

    def __init__(self, report: Callable[[float], None], duration_ms: int) -> None:
        self._report = report
        self._seconds = max(0.001, duration_ms / 1000)
        self._told_at = -math.inf

    def tell(self, at: Fraction | float) -> None:
        now = time.monotonic()
        if now - self._told_at >= _REPORT_EVERY_S:
            self._told_at = now
            self._report(min(0.99, max(0.0, float(at) / self._seconds)))


def find_audio_stream(container: InputContainer) -> AudioStream | None:
    """The first sound that can be decoded."""
    return next((stream for stream in container.streams.audio if stream.codec_context.sample_rate), None)


def find_start(video: VideoStream, audio: AudioStream | None) -> Fraction:
    """The time that is the beginning for pictures and sound alike, so that they stay together."""
    starts = [
        Fraction(stream.start_time) * Fraction(stream.time_base)
        for stream in (video, audio)
        if stream is not None and stream.start_time is not None and stream.time_base is not None
    ]
    if not starts:
        return Fraction(0)
    return starts[0] if max(starts) - min(starts) > _MAX_HEAD_START_S else min(starts)
