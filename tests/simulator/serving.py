"""A small real file server for TikTok's fetcher to come to: good files, and every way of being a bad server."""

import http.server
import re
import threading
from dataclasses import dataclass, field

_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass
class File:
    """What stands at an address and how it is served."""

    body: bytes
    content_type: str = "image/jpeg"
    # One for each coming request, then 200.
    statuses: list[int] = field(default_factory=list)
    # Announce the whole and close so many bytes early; for so many requests, None for all.
    missing: int = 0
    missing_times: int | None = None
    takes_ranges: bool = True
    # The last byte is held back until this is set.
    gate: threading.Event | None = None


@dataclass(frozen=True)
class Hit:
    """One request that came."""

    method: str
    path: str
    range: str


class FileServer:
    """Serves `files` by path on http://localhost; remembers every request."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.hits: list[Hit] = []
        self.busy = 0
        self.most_busy = 0
        self._guard = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://localhost:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for file in self.files.values():
            if file.gate is not None:
                file.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def put(self, path: str, body: bytes, **manners: object) -> str:
        """Serve these bytes at /path; returns the address."""
        self.files[f"/{path}"] = File(body, **manners)  # type: ignore[arg-type]
        return f"{self.url}/{path}"

    def hits_on(self, path: str, method: str = "GET") -> list[Hit]:
        return [hit for hit in self.hits if (hit.path, hit.method) == (f"/{path}", method)]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: FileServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(http.server.BaseHTTPRequestHandler):
    server: "_Server"

    @property
    def _owner(self) -> FileServer:
        return self.server.owner

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        with self._owner._guard:
            self._owner.busy += 1
            self._owner.most_busy = max(self._owner.busy, self._owner.most_busy)
        try:
            self._answer()
        except OSError:
            self.close_connection = True
        finally:
            with self._owner._guard:
                self._owner.busy -= 1

    def _answer(self) -> None:
        asked = self.headers.get("Range", "")
        with self._owner._guard:
            self._owner.hits.append(Hit(self.command, self.path, asked))
            file = self._owner.files.get(self.path)
            status = file.statuses.pop(0) if file and file.statuses else 200
            missing = file.missing if file and file.missing_times != 0 else 0
            if file and file.missing_times:
                file.missing_times -= 1
        if file is None or status != 200:
            self.send_response(404 if file is None else status)
            if status in range(300, 400):
                self.send_header("Location", f"{self._owner.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._send(file, asked, missing)

    def _send(self, file: File, asked: str, missing: int) -> None:
        first, last, total = 0, len(file.body) - 1, len(file.body)
        match = _RANGE.fullmatch(asked) if file.takes_ranges else None
        if match:
            first, last = int(match[1]), min(int(match[2]), last)
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", file.content_type)
        self.send_header("Content-Length", str(last - first + 1))
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
        self.end_headers()
        if self.command == "HEAD":
            return
        block = file.body[first : last + 1]
        if missing:
            self.wfile.write(block[:-missing])
            self.close_connection = True
            return
        if file.gate is not None and last == total - 1:
            self.wfile.write(block[:-1])
            self.wfile.flush()
            file.gate.wait(30)
            block = block[-1:]
        self.wfile.write(block)

    def log_message(self, *_: object) -> None:
        pass
