"""Films a part of an X display into an H.264 MP4 with strips around it, and takes single pictures of it."""

import threading
import time
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Self

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream
from PIL import Image

from review.kit.desk import HEIGHT, WIDTH, Desk
from review.kit.errors import KitError
from review.kit.strips import BOTTOM, TOP, Words, around, bottom_strip, top_strip

FPS = 15
_KEY_FRAME_SECONDS = 4
# Also on a machine that has much else to do.
_PICTURE_SECONDS = 60
# A picture that stands is written again so often, for players that jump.
_REPEAT_FRAMES = FPS


class Camera:
    """Films the display while `with` lasts; `film` is where to, None for pictures only.

    What does not change is not written again and again; the film's time is the clock's, however slow the machine.
    It stands still between `pause` and `go_on`.
    """

    def __init__(self, desk: Desk, film: Path | None, *, is_rehearsal: bool, x: int = 0, y: int = 0) -> None:
        self.words = Words()
        self._desk = desk
        self._film = film
        self._is_rehearsal = is_rehearsal
        self._place = (x, y)
        self._lock = threading.Condition()
        # A frame belongs to the thread that took it: what others get is a picture of it, and only when they ask.
        self._pictures: list[Image.Image] = []
        self._frames_until_picture = 0
        self._number = 0
        self._is_paused = False
        self._is_over = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.picture()  # the first one says that it works
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over = True
        self._thread.join()
        if self._failure and _exception[0] is None:
            raise self._failure

    @property
    def seconds(self) -> float:
        """How long the film is so far."""
        return self._number / FPS

    def pause(self) -> None:
        self._is_paused = True

    def go_on(self) -> None:
        self._is_paused = False

    def picture(self) -> Image.Image:
        """The display as it is from now on: the second frame taken after the call, so nothing of before."""
        with self._lock:
            self._frames_until_picture = 2
            self._lock.wait_for(lambda: self._pictures or self._is_over, _PICTURE_SECONDS)
            if not self._pictures:
                raise KitError(f"The display {self._desk.display} cannot be filmed: {self._failure}")
            return self._pictures.pop()

    def save(self, pictures: Mapping[Path, Words]) -> None:
        """Keep one picture of now under each path, each with strips of its own."""
        window = self.picture()
        for path, words in pictures.items():
            around(window, words, is_rehearsal=self._is_rehearsal).save(path, compress_level=3)

    def _run(self) -> None:
        try:
            with self._open_display() as display:
                if self._film is None:
                    self._watch(display, None, None)
                else:
                    with av.open(
                        str(self._film), "w", format="mp4", options={"movflags": "+faststart"}
                    ) as out:
                        self._watch(display, out, self._add_stream(out))
        except Exception as error:  # noqa: BLE001  it is handed to the thread that waits for pictures
            self._failure = error
        finally:
            with self._lock:
                self._is_over = True
                self._lock.notify_all()

    def _open_display(self) -> InputContainer:
        x, y = self._place
        options = {"video_size": f"{WIDTH}x{HEIGHT}", "framerate": str(FPS), "draw_mouse": "1"}
        return av.open(f"{self._desk.display}+{x},{y}", format="x11grab", options=options)

    def _add_stream(self, out: OutputContainer) -> VideoStream:
        # Without B-frames: pictures seconds apart that are stored in another order make the file misjudge its length.
        options = {"preset": "veryfast", "crf": "23", "bf": "0"}
        stream: VideoStream = out.add_stream("libx264", rate=FPS, options=options)
        height = (TOP if self._is_rehearsal else 0) + HEIGHT + BOTTOM
        stream.width, stream.height, stream.pix_fmt = WIDTH, height, "yuv420p"
        stream.codec_context.gop_size = FPS * _KEY_FRAME_SECONDS
        stream.codec_context.colorspace = Colorspace.ITU709
        return stream

    def _watch(
        self, display: InputContainer, out: OutputContainer | None, stream: VideoStream | None
    ) -> None:
        begun, paused_for = time.monotonic(), 0.0
        kept: tuple[bytes, Words] | None = None
        written = -1
        for frame in display.decode(video=0):
            now = time.monotonic()
            self._show(frame)
            if out is None or stream is None:
                if self._is_over:
                    break
                continue
            if self._is_paused and not self._is_over:
                paused_for = now - begun - self.seconds
                continue
            self._number = max(self._number, int((now - begun - paused_for) * FPS))
            seen = bytes(frame.planes[0]), self.words
            is_old = seen == kept and self._number - written < _REPEAT_FRAMES
            if written < self._number and (self._is_over or not is_old):
                whole = self._with_strips(frame)
                whole.pts, whole.time_base = self._number, Fraction(1, FPS)
                out.mux(stream.encode(whole))
                kept, written = seen, self._number
            if self._is_over:
                out.mux(stream.encode(None))
                break

    def _show(self, frame: VideoFrame) -> None:
        """Give a picture to whoever waits for one."""
        with self._lock:
            if self._frames_until_picture:
                self._frames_until_picture -= 1
                if not self._frames_until_picture:
                    self._pictures = [frame.to_image()]  # type: ignore[no-untyped-call]
                    self._lock.notify_all()

    def _with_strips(self, window: VideoFrame) -> VideoFrame:
        """The window between its strips, put together plane by plane."""
        parts = [_as_yuv(window), _bottom_frame(self.words)]
        if self._is_rehearsal:
            parts.insert(0, _top_frame())
        whole = VideoFrame(WIDTH, sum(part.height for part in parts), "yuv420p")
        for number, plane in enumerate(whole.planes):
            plane.update(b"".join(bytes(part.planes[number]) for part in parts))
        return whole


@lru_cache(maxsize=1)
def _top_frame() -> VideoFrame:
    return _as_yuv(VideoFrame.from_image(top_strip()))  # type: ignore[no-untyped-call]


@lru_cache(maxsize=4)
def _bottom_frame(words: Words) -> VideoFrame:
    return _as_yuv(VideoFrame.from_image(bottom_strip(words)))  # type: ignore[no-untyped-call]


def _as_yuv(frame: VideoFrame) -> VideoFrame:
    return frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
