"""An upload host that throws everything away: `python -m tests.bench.sink PORT`. The fastest one can send to."""

import re
import socketserver
import sys

BUFFER_BYTES = 1024 * 1024
_RANGE = re.compile(rb"content-range: bytes (\d+)-(\d+)/(\d+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Handler(socketserver.StreamRequestHandler):
    """One connection; any number of PUTs."""

    def handle(self) -> None:
        buffer = memoryview(bytearray(BUFFER_BYTES))
        while head := self._head():
            length, place = _LENGTH.search(head), _RANGE.search(head)
            left = int(length[1]) if length else 0
            while left:
                got = self.rfile.readinto1(buffer[: min(left, BUFFER_BYTES)])  # type: ignore[attr-defined]
                if not got:
                    return
                left -= got
            last, total = (int(place[2]), int(place[3])) if place else (0, 1)
            status = b"201 Created" if last + 1 == total else b"206 Partial Content"
            progress = b"Content-Range: bytes 0-%d/%d" % (last + 1, total)
            self.wfile.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n%b\r\n\r\n" % (status, progress))

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        return head


class Server(socketserver.ThreadingTCPServer):
    """One thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()
