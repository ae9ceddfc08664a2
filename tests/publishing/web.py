"""The product's own web for TikTok to fetch from: in threads of the test process, on a real port."""

import socketserver
import threading
from types import TracebackType
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application
from django.db import connections


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nothing: an address of a file is a secret, in tests too."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    # Nobody outlives the test: the database is emptied after it.
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """A thread for each request: its connection to the database ends with it."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Web:
    """Answers as the product does, one connection for each request; `pull_url` is what TikTok is told."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.set_app(get_wsgi_application())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://localhost:{self._server.server_port}"
        self.pull_url = f"{self.url}/pull/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
