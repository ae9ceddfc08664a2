"""TikTok's side of the wire: answers made up in memory, and a real socket that misbehaves on request."""

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest


class Wire:
    """Plays the network edge: remembers every request and gives the answers it was told to, in order."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception] = []

    def answers_with(self, status: int = 200, **kwargs: object) -> None:
        self.answers.append(httpx.Response(status, **kwargs))

    def breaks_with(self, error: Exception) -> None:
        self.answers.append(error)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    @property
    def request(self) -> httpx.Request:
        assert len(self.requests) == 1
        return self.requests[0]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def wire() -> Wire:
    return Wire()


class Connection:
    """One accepted connection of the server below."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sock.settimeout(10)
        self._buffer = b""

    def read_head(self) -> bytes:
        while b"\r\n\r\n" not in self._buffer:
            more = self._sock.recv(65_536)
            if not more:
                return b""
            self._buffer += more
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        return head

    def read_body(self, size: int) -> bytes:
        while len(self._buffer) < size:
            more = self._sock.recv(1_048_576)
            if not more:
                break
            self._buffer += more
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def reset(self) -> None:
        """Close with a TCP RST, as a crashed proxy does."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def close(self) -> None:
        self._sock.close()


class Server:
    """A listening socket on this machine; each connection gets the next script, the last one repeats."""

    def __init__(self, scripts: tuple[Callable[[Connection], None], ...]) -> None:
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection = Connection(sock)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            with contextlib.suppress(OSError):
                script(connection)
            connection.close()

    def stop(self) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=15)
        assert not self._thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*scripts: Callable[[Connection], None]) -> Server:
        servers.append(Server(scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All log lines of all libraries, down to DEBUG."""
    for name in ("", "httpx", "httpcore", "authlib"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog
