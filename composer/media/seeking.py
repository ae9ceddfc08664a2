"""Finds the picture that a video shows at a moment. Files are hostile: only child processes call this."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# Half a millisecond: what rounding a picture's time may take away.
_HAIR_S = Fraction(1, 2000)
# Where to look again when nothing is shown at a moment near the end.
_STEP_BACK_S = 2


class FrameSeeker:
    """Reads the pictures of one open video by time; `budget` limits how many pixels are decoded for each."""

    def __init__(self, container: InputContainer, video: VideoStream, *, budget: int | None = None) -> None:
        self._container = container
        self._video = video
        self._time_base = Fraction(video.time_base or Fraction(1, 90_000))
        self._start = Fraction(video.start_time or 0) * self._time_base
        self._budget = budget
        video.codec_context.thread_count = 1

    def find(self, at_ms: int) -> VideoFrame | None:
        """The last picture whose time is not after `at_ms` from the first; the first or last when beyond.

        Times are compared in whole milliseconds, so that the rounded time of a picture finds that picture.
        None when no picture can be decoded. With a budget the answer may lie earlier: what could be reached.
        """
        at = Fraction(max(0, at_ms), 1000) + _HAIR_S
        found = None
        for begin in (at, at - _STEP_BACK_S, Fraction(0)):
            found, is_before = self._look(max(Fraction(0), begin), at)
            if found is not None and is_before:
                return found
        return found

    def _look(self, begin: Fraction, at: Fraction) -> tuple[VideoFrame | None, bool]:
        """Decode from the key picture before `begin` up to `at`; whether what was found is not after `at`."""
        picked: VideoFrame | None = None
        decoded = 0
        for frame in self._frames_from(begin):
            is_after = frame.pts is not None and frame.pts * self._time_base_of(frame) - self._start > at
            if is_after:
                return (frame, False) if picked is None else (picked, True)
            picked = frame
            decoded += frame.width * frame.height
            if self._budget is not None and decoded >= self._budget:
                break
        return picked, picked is not None

    def _time_base_of(self, frame: VideoFrame) -> Fraction:
        return self._time_base if frame.time_base is None else Fraction(frame.time_base)

    def _frames_from(self, begin: Fraction) -> Iterator[VideoFrame]:
        """Pictures in the order of showing. A broken one ends them: what came before it still counts."""
        with suppress(FFmpegError):
            try:
                self._container.seek(int((begin + self._start) / self._time_base), stream=self._video)
            except FFmpegError:
                # Some files cannot be searched: then from where the reading stands.
                if begin:
                    self._container.seek(0)
            yield from self._container.decode(self._video)
