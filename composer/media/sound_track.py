"""Turns the sound of any video into AAC, 48 kHz, stereo, at its right time; used inside the fixing child."""

from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as EndOfStreamError
from av.filter import Graph

RATE = 48_000
_BIT_RATE = 160_000
# Gaps are filled with silence and overlaps cut, from the very first sample on; nothing is stretched.
_TIMING = {"sample_rate": str(RATE), "async": "1"}


class SoundTrack:
    """One sound track of a file that is being written. Times are seconds from the beginning of that file."""

    def __init__(self, out: OutputContainer) -> None:
        self._out = out
        self._stream: AudioStream = out.add_stream("aac", rate=RATE, bit_rate=_BIT_RATE)
        self._stream.layout = "stereo"
        self._stream.format = "fltp"
        self._graph: Graph | None = None
        self._shape: tuple[str, str, int] | None = None
        self._end = Fraction(0)

    def take(self, frame: AudioFrame, at: Fraction) -> None:
        """Add the sound of `frame`, which begins at `at`; what lies before 0 is left out."""
        shape = frame.format.name, frame.layout.name, frame.sample_rate
        if self._graph is None or shape != self._shape:
            self._finish_graph()
            self._graph = self._build(frame)
            self._shape = shape
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(at * frame.sample_rate)
        self._graph.push(frame)
        self._drain(self._graph)

    def finish(self) -> None:
        """Write out what is still on its way."""
        self._finish_graph()
        self._out.mux(self._stream.encode(None))

    def _build(self, frame: AudioFrame) -> Graph:
        graph = Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate,
            format=frame.format.name,
            layout=frame.layout.name,
            time_base=Fraction(1, frame.sample_rate),
        )
        nodes = [source]
        if frame.layout.nb_channels == 1:
            # A single channel is heard on both sides as loud as it was.
            nodes.append(graph.add("pan", "stereo|c0=c0|c1=c0"))
        # After a change of the source's own shape the sound goes on where it was.
        timing = {**_TIMING, "first_pts": str(round(self._end * RATE))}
        nodes += [
            graph.add("aresample", **timing),
            graph.add("aformat", sample_fmts="fltp", sample_rates=str(RATE), channel_layouts="stereo"),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        return graph

    def _finish_graph(self) -> None:
        if self._graph is not None:
            self._graph.push(None)
            self._drain(self._graph)
            self._graph = None

    def _drain(self, graph: Graph) -> None:
        while True:
            try:
                frame = graph.pull()
            except (NothingYetError, EndOfStreamError):
                return
            if not isinstance(frame, AudioFrame):
                return
            if frame.pts is not None:
                self._end = Fraction(frame.pts + frame.samples, RATE)
            self._out.mux(self._stream.encode(frame))
