"""One request of TikTok's fetcher: plain HTTP, no redirect followed, the body streamed to its place in a file."""

import contextlib
import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

_BLOCK_BYTES = 256 * 1024
_SLOW_STEPS = 10
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_PARTIAL = HTTPStatus.PARTIAL_CONTENT
_REDIRECTS = range(300, 400)
_HEADERS = {
    # What the real fetcher calls itself is not documented.
    "User-Agent": "Simulated-TikTok-Fetcher",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class PullError(Exception):
    """A request came to nothing; the message says how. A final one is not tried again."""

    def __init__(self, problem: str, received: "Received | None" = None, *, is_final: bool = False) -> None:
        super().__init__(problem)
        self.received = received or Received()
        self.is_final = is_final


@dataclass
class Received:
    """What an answer held so far. `status` is None until there is one; `total` the whole file's size if named."""

    status: int | None = None
    content_type: str = ""
    bytes: int = 0
    total: int | None = None
    is_too_large: bool = False


class Lines:
    """The connections that are open for one post, so that a cancelled fetch ends at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self.is_cut = False

    def add(self, sock: socket.socket) -> None:
        with self._guard:
            if self.is_cut:
                raise PullError("given up")
            self._open.add(sock)

    def remove(self, sock: socket.socket) -> None:
        with self._guard:
            self._open.discard(sock)

    def cut(self) -> None:
        with self._guard:
            self.is_cut = True
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Wait, unless the lines are cut meanwhile."""
        deadline = time.monotonic() + seconds
        while not self.is_cut and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))


@dataclass(frozen=True)
class Manners:
    """How a request behaves: seconds without a byte until it gives up, seconds to dawdle, bytes to hang up after."""

    idle_seconds: float
    max_bytes: int
    slow_seconds: float = 0
    cut_after: int | None = None


def ask(url: str, lines: Lines, manners: Manners) -> Received:
    """HEAD: what the server says about a file. Raises PullError."""
    with _asked(url, lines, manners, method="HEAD") as (received, _response):
        return received


def fetch(
    url: str,
    path: Path,
    lines: Lines,
    manners: Manners,
    *,
    byte_range: tuple[int, int] | None = None,
    on_bytes: Callable[[int], None],
) -> Received:
    """GET a file, or the bytes from one position to another (both included), into `path` at their place.

    `on_bytes` hears of every block and may raise PullError to stop. A server that ignores the range sends
    the whole file; the answer's status says so. Raises PullError also for a body that ends early.
    """
    header = "" if byte_range is None else f"bytes={byte_range[0]}-{byte_range[1]}"
    with _asked(url, lines, manners, byte_range=header) as (received, response):
        first = byte_range[0] if byte_range is not None and received.status == _PARTIAL else 0
        # Read once: http.client counts this down in some versions and not in others.
        expected = response.length
        if expected is not None and first + expected > manners.max_bytes:
            received.is_too_large = True
            return received
        with path.open("r+b", buffering=0) as file:
            file.seek(first)
            for block in _blocks(response, expected, received, lines, manners):
                file.write(block)
                received.bytes += len(block)
                on_bytes(len(block))
                if received.bytes > manners.max_bytes:
                    received.is_too_large = True
                    break
        return received


def _blocks(
    response: http.client.HTTPResponse,
    expected: int | None,
    received: Received,
    lines: Lines,
    manners: Manners,
) -> Iterator[bytes]:
    """The body, block by block; raises PullError where it stops short."""
    step, pauses = _BLOCK_BYTES, 0
    if manners.slow_seconds:
        step, pauses = max(1, min((expected or step) // _SLOW_STEPS, _BLOCK_BYTES)), _SLOW_STEPS
    while expected is None or received.bytes < expected:
        if pauses:
            lines.pause(manners.slow_seconds / _SLOW_STEPS)
            pauses -= 1
        wanted = step if expected is None else min(step, expected - received.bytes)
        if manners.cut_after is not None:
            wanted = min(wanted, manners.cut_after - received.bytes)
            if wanted <= 0:
                raise PullError(f"hung up after {received.bytes} bytes", received)
        block = response.read1(wanted)
        if not block:
            break
        yield block
    if lines.is_cut:
        raise PullError("given up", received)
    if expected is not None and received.bytes < expected:
        raise PullError(f"the body ended {expected - received.bytes} bytes early", received)


@contextlib.contextmanager
def _asked(
    url: str, lines: Lines, manners: Manners, *, method: str = "GET", byte_range: str = ""
) -> Iterator[tuple[Received, http.client.HTTPResponse]]:
    """A request that was answered as it should be; whatever goes wrong meanwhile is a PullError."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, manners.idle_seconds)
    received = Received()
    sock = None
    try:
        connection.connect()
        sock = connection.sock
        lines.add(sock)
        connection.request(method, target, headers=_HEADERS | ({"Range": byte_range} if byte_range else {}))
        response = connection.getresponse()
        _read_head(response, byte_range, received)
        yield received, response
    except PullError as error:
        # One that was raised from outside, to stop, does not know how far this had come.
        error.received = received
        raise
    except (OSError, http.client.HTTPException) as error:
        problem = "timed out" if isinstance(error, TimeoutError) else type(error).__name__
        raise PullError("given up" if lines.is_cut else problem, received) from error
    finally:
        if sock is not None:
            lines.remove(sock)
        connection.close()


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _read_head(response: http.client.HTTPResponse, byte_range: str, received: Received) -> None:
    received.status = response.status
    received.content_type = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if response.status in _REDIRECTS:
        raise PullError("redirected", received, is_final=True)
    if response.status != HTTPStatus.OK and not (byte_range and response.status == _PARTIAL):
        raise PullError(f"answered {response.status}", received)
    length = response.getheader("Content-Length", "")
    received.total = int(length) if length.isdecimal() else None
    if response.status == _PARTIAL:
        match = _CONTENT_RANGE.fullmatch(response.getheader("Content-Range", ""))
        if match is None or not byte_range.startswith(f"bytes={match[1]}-"):
            raise PullError("sent another range than asked for", received)
        received.total = int(match[3])
