"""What happens below HTTP: cutting a connection, reading a body away, waiting while a client listens."""

import select
import socket
import struct
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLOCK_BYTES = 1024 * 1024


class CutConnection(Response):
    """No answer at all: the connection just ends, politely (FIN) or by a reset (RST)."""

    def __init__(self, *, is_reset: bool) -> None:
        super().__init__()
        self._is_reset = is_reset

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        sock: socket.socket = environ["gunicorn.socket"]
        if self._is_reset:
            # Linger on, time zero: close() then throws the connection away with an RST.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
        # The one exception after which gunicorn writes nothing and closes.
        raise StopIteration("the connection was cut on purpose")


def drain_body(limit: int | None = None) -> None:
    """Read the request's body away, so that the client gets to read the answer."""
    stream = request.environ["wsgi.input"]
    left = request.content_length or 0
    if limit is not None:
        left = min(left, limit)
    try:
        while left > 0:
            block = stream.read(min(left, BLOCK_BYTES))
            if not block:
                return
            left -= len(block)
    except OSError:
        return


def wait(seconds: float) -> None:
    """Sit there for so long, or until the client has hung up."""
    sock: socket.socket = request.environ["gunicorn.socket"]
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        readable, _, _ = select.select([sock], [], [], min(left, 0.5))
        if not readable:
            continue
        try:
            if not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                return
        except OSError:
            return
        # More of the body is waiting: nobody has hung up.
        time.sleep(min(max(deadline - time.monotonic(), 0), 0.2))
