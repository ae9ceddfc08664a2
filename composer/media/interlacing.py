"""Makes whole pictures of interlaced ones, as old cameras and television store them; used inside the fixing child.

An interlaced picture holds two moments, one in its even and one in its odd lines: whatever moves has combs at its
edges, and a picture that is scaled with them is blurred for good.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from av.error import BlockingIOError as NotYetError
from av.error import EOFError as EndError
from av.filter import Graph
from av.video.frame import VideoFrame

# One picture for each that comes; those that are whole already pass as they are.
_FILTER = "mode=send_frame:parity=auto:deint=interlaced"

Timed = tuple[VideoFrame, Fraction]


class Deinterlacer:
    """Pictures in, pictures out, each with its own time; one behind, because the filter looks ahead.

    Before the first interlaced picture there is no filter, and nothing is held back.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None
        # When each picture that is still in the filter is shown.
        self._times: deque[Fraction] = deque()
        self._count = 0

    def take(self, frame: VideoFrame, at: Fraction) -> Iterator[Timed]:
        """Add a picture that is shown from `at` on; gives those that are ready."""
        shape = frame.width, frame.height, frame.format.name
        if self._graph is not None and shape != self._shape:
            yield from self.finish()
        if self._graph is None:
            if not frame.interlaced_frame:
                yield frame, at
                return
            self._graph, self._shape = _build(frame), shape
        # Only the order counts: which time belongs to which picture is known by it.
        frame.pts, frame.time_base = self._count, Fraction(1, 1000)
        self._count += 1
        self._times.append(at)
        self._graph.vpush(frame)
        yield from self._pull(self._graph)

    def finish(self) -> Iterator[Timed]:
        """Give what the filter still holds."""
        if self._graph is None:
            return
        self._graph.vpush(None)
        yield from self._pull(self._graph)
        self._graph = None
        self._times.clear()

    def _pull(self, graph: Graph) -> Iterator[Timed]:
        while self._times:
            try:
                frame = graph.vpull()
            except (NotYetError, EndError):
                return
            yield frame, self._times.popleft()


def _build(frame: VideoFrame) -> Graph:
    graph = Graph()
    graph.threads = 1
    source: Any = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)
    )
    graph.link_nodes(source, graph.add("bwdif", _FILTER), graph.add("buffersink")).configure()
    return graph
