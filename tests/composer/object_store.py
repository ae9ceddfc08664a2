"""Ways to an object store that break in the middle, and what the product needs to use one in a test."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit


class Cutter:
    """A line to a server that ends an answer after `cut_after` bytes, as often as `cuts` says; then it holds."""

    def __init__(self, target_url: str) -> None:
        parts = urlsplit(target_url)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.cut_after = 0
        self.cuts = 0
        # After its first cut the line brings nothing any more.
        self.goes_down = False
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def ranges(self) -> list[str]:
        """The ranges asked for so far, in order."""
        return [
            line.partition(b":")[2].strip().decode()
            for request in self.requests
            for line in request.split(b"\r\n")
            if line.lower().startswith(b"range:")
        ]

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far:
            up = threading.Thread(target=self._up, args=(near, far), daemon=True)
            up.start()
            with contextlib.suppress(OSError):
                self._down(near, far)
            for side in (near, far):
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
            up.join()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                if data.split(b" ", 1)[0] in {b"GET", b"HEAD", b"PUT", b"POST", b"DELETE"}:
                    self.requests.append(data)
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)

    def _down(self, near: socket.socket, far: socket.socket) -> None:
        sent = 0
        while data := far.recv(65536):
            if self._takes_the_cut(sent + len(data)):
                near.sendall(data[: max(self.cut_after - sent, 0)])
                return
            near.sendall(data)
            sent += len(data)

    def _takes_the_cut(self, reached: int) -> bool:
        with self._lock:
            if self.cuts and reached > self.cut_after:
                self.cuts -= 1
                if self.goes_down:
                    self.cut_after = 0
                return True
            return False


@contextmanager
def cutter(target_url: str) -> Iterator[Cutter]:
    line = Cutter(target_url)
    try:
        yield line
    finally:
        line.close()


def use_store(settings: Any, storage: dict[str, Any]) -> None:
    """Keep the library in this storage for the rest of the test."""
    settings.STORAGES = settings.STORAGES | {"default": storage}
