"""Turns the pictures of any video into H.264 at an even rate; used inside the fixing child."""

from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)
from PIL import Image

from composer.media.interlacing import Deinterlacer
from composer.media.targets import Frame

# Good to look at and quick; two threads leave the machine to others.
_OPTIONS = {
    "preset": "veryfast",
    "crf": "20",
    "profile": "high",
    "threads": "2",
    "x264-params": "rc-lookahead=10",
}
_KEY_EVERY_S = 2
_HDR = frozenset({ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67})
# FFmpeg's numbers for a matrix in a frame (AVCOL_SPC_…), and the scaler's for the same.
_MATRICES = {
    1: Colorspace.ITU709,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}


@dataclass(frozen=True)
class Meaning:
    """What the numbers of a picture mean, in FFmpeg's own numbers (AVCOL_…); 2 stands for "not told"."""

    matrix: int
    primaries: int
    transfer: int


def meaning_of(first: VideoFrame) -> Meaning:
    """What the numbers mean once a video that begins with this picture is converted."""
    if first.color_trc in _HDR:
        return Meaning(matrix=1, primaries=1, transfer=1)
    if first.format.is_rgb:
        return Meaning(matrix=1, primaries=2, transfer=2)
    return Meaning(
        matrix=first.colorspace if first.colorspace in _MATRICES else 2,
        primaries=first.color_primaries,
        transfer=first.color_trc,
    )


class PictureTrack:
    """The pictures of a file that is being written, `rate` a second, each shown equally long.

    Times are seconds from the beginning of the source; `source_interval` is how long it shows a picture. With a
    `cover` the file shows that picture first, for `cover_slots` pictures.
    """

    def __init__(
        self,
        out: OutputContainer,
        *,
        frame: Frame,
        rate: Fraction,
        source_interval: Fraction,
        meaning: Meaning,
        cover: Image.Image | None = None,
        cover_slots: int = 0,
    ) -> None:
        self._out = out
        self._frame = frame
        self._rate = rate
        # Pictures a little off their time still belong to it.
        self._tolerance = min(1 / rate, source_interval) / 2
        self._interval = source_interval
        self._stream = out.add_stream("libx264", rate=rate, options=_OPTIONS)
        self._stream.width, self._stream.height = frame.outer
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.gop_size = round(_KEY_EVERY_S * rate)
        self._matrix = meaning.matrix
        # Told before the first packet of any stream is written: then the encoders are already open.
        context = self._stream.codec_context
        context.color_range, context.colorspace = ColorRange.MPEG, meaning.matrix
        context.color_primaries, context.color_trc = meaning.primaries, meaning.transfer
        self._graphs: dict[tuple[int, int, int], Graph] = {}
        self._deinterlacer = Deinterlacer()
        self._scaler = _Scaler()
        self._next = 0
        self._lead = 0
        self._latest: VideoFrame | None = None
        self._latest_at = Fraction(0)
        self._cover = cover
        self._cover_slots = cover_slots

    def take(self, frame: VideoFrame, at: Fraction) -> None:
        """Add a picture that the source shows from `at` on."""
        if self._cover is not None:
            self._write_cover(self._cover)
            self._cover = None
        for whole, when in self._deinterlacer.take(frame, at):
            self._show(whole, when)

    def _show(self, frame: VideoFrame, at: Fraction) -> None:
        shown = self._shape(frame)
        self._fill(until=at, by=self._latest or shown)
        self._latest, self._latest_at = shown, max(at, self._latest_at)

    def finish(self) -> bool:
        """Show the last picture to its end and write out what is on its way; False when there was none."""
        for whole, when in self._deinterlacer.finish():
            self._show(whole, when)
        if self._latest is None:
            return False
        self._fill(until=max(self._latest_at + self._interval, 1 / self._rate), by=self._latest)
        self._out.mux(self._stream.encode(None))
        return True

    def _fill(self, *, until: Fraction, by: VideoFrame) -> None:
        while Fraction(self._next) / self._rate < until - self._tolerance:
            self._encode(by, self._lead + self._next)
            self._next += 1

    def _write_cover(self, cover: Image.Image) -> None:
        drawn: VideoFrame = av.VideoFrame.from_image(cover)  # type: ignore[no-untyped-call]
        drawn = drawn.reformat(
            format="yuv420p",
            # The video's own matrix, for a file has one only.
            dst_colorspace=_MATRICES.get(self._matrix, Colorspace.ITU601),
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        for number in range(self._cover_slots):
            self._encode(drawn, number)
        self._lead = self._cover_slots

    def _encode(self, frame: VideoFrame, number: int) -> None:
        frame.pts, frame.time_base = number, 1 / self._rate
        frame.pict_type = 0
        self._out.mux(self._stream.encode(frame))

    def _shape(self, frame: VideoFrame) -> VideoFrame:
        """Scaled, in eight bits, upright, in the middle of the frame."""
        # Players turn by quarters only.
        rotation = round(frame.rotation / 90) * 90 % 360
        width, height = self._frame.inner
        if rotation % 180:
            width, height = height, width
        scaled = self._scaler.scale(frame, width, height)
        if not rotation and self._frame.inner == self._frame.outer:
            return scaled
        key = rotation, width, height
        if key not in self._graphs:
            self._graphs[key] = self._build(rotation, width, height)
        graph = self._graphs[key]
        scaled.pts, scaled.time_base = 0, 1 / self._rate
        graph.vpush(scaled)
        return graph.vpull()

    def _build(self, rotation: int, width: int, height: int) -> Graph:
        graph = Graph()
        graph.threads = 1
        nodes = [
            graph.add_buffer(
                width=width, height=height, format=av.VideoFormat("yuv420p"), time_base=1 / self._rate
            )
        ]
        turns = {90: ["cclock"], 180: ["cclock", "cclock"], 270: ["clock"]}.get(rotation, [])
        nodes += [graph.add("transpose", turn) for turn in turns]
        (inner_width, inner_height), (outer_width, outer_height) = self._frame.inner, self._frame.outer
        if self._frame.inner != self._frame.outer:
            left, top = (outer_width - inner_width) // 4 * 2, (outer_height - inner_height) // 4 * 2
            nodes.append(graph.add("pad", f"{outer_width}:{outer_height}:{left}:{top}"))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph


class _Scaler:
    """To 4:2:0 in eight bits of limited range; HDR is brought into what every screen shows.

    One for a whole video: the table for HDR takes seconds to make and milliseconds to use.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        interpolation = Interpolation.AREA if width * 2 <= frame.width else Interpolation.BICUBIC
        source_range = ColorRange.JPEG if frame.format.name.startswith("yuvj") else frame.color_range
        is_hdr = frame.color_trc in _HDR
        # The matrix of a picture stays what it is; a picture of red, green and blue has none yet.
        matrix = None if frame.format.is_rgb else _MATRICES.get(frame.colorspace)
        return self._reformatter.reformat(
            frame,
            width,
            height,
            "yuv420p",
            src_colorspace=matrix,
            dst_colorspace=Colorspace.ITU709 if is_hdr or frame.format.is_rgb else matrix,
            interpolation=interpolation,
            src_color_range=source_range,
            dst_color_range=ColorRange.MPEG,
            dst_color_trc=ColorTrc.BT709 if is_hdr else None,
            dst_color_primaries=ColorPrimaries.BT709 if is_hdr else None,
            threads=1,
        )
