"""Servers that stand in somebody's way: what answers at an address when it is not this installation."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Stranger:
    """A web server that answers everything alike: `status`, `body` and `headers` may be changed at any time.

    `hear` is called with each body that is posted.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.status = 200
        self.body = b""
        self.headers: dict[str, str] = {}
        self.pages: dict[str, bytes] = {}
        self.seen: list[bytes] = []

    def hear(self, body: bytes) -> None:
        self.seen.append(body)


@contextmanager
def stranger_server() -> Iterator[Stranger]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            stranger.hear(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            body = stranger.pages.get(self.path, stranger.body)
            self.send_response_only(stranger.status)
            for name, value in {"Content-Length": str(len(body)), **stranger.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 - the names http.server calls

        def log_message(self, *_args: Any) -> None:
            """Nothing: the test looks at `seen`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stranger = Stranger(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stranger
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with stranger_server() as running:
        yield running
