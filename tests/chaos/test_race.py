"""Eight worker processes go for the same due posts at once: every post is sent, and none by two of them."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.chaos.racing import MODULE, WORKERS
from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film
from tests.services import postgres_server

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(400)]

# A thousand by RACE_POSTS=1000: the same race, only longer.
POSTS = int(os.environ.get("RACE_POSTS", "100"))


@contextmanager
def sink() -> Iterator[tuple[str, Counter[str]]]:
    """An upload host that takes every chunk and counts the paths; its address and the counts."""
    taken: Counter[str] = Counter()

    class Host(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            size = int(self.headers["Content-Length"])
            self.rfile.read(size)
            taken[self.path] += 1
            self.send_response(201)
            self.send_header("Content-Range", f"bytes 0-{size}/{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_eight_workers_send_every_due_post_once(
    database: str, simulator_process: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator_process.reset()
    with ExitStack() as stack:
        settings = {}
        if database == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(postgres_server("max_connections=200")).url
        host, taken = stack.enter_context(sink())
        folder = tmp_path / "installation"
        installation = stack.enter_context(Installation(folder, simulator_process, **settings))
        [member] = simulator_process.control("POST", "/crowd", {"count": 1})["creators"]
        told = installation.ask("race", POSTS, film(tmp_path), host, json.dumps(member), module=MODULE)
    if "RACE_POSTS" in os.environ:
        with capsys.disabled():
            print(
                f"\n{database}: {POSTS} posts, {WORKERS} workers at once: {sum(taken.values())} uploads of"
                f" {len(taken)} posts"
            )
    assert len(told["taken"]) == WORKERS
    assert taken == {f"/{number}": 1 for number in range(POSTS)}
    assert min(told["taken"]) > 0, "a worker never got one: it was no race"
    assert "uploading" not in told["states"]
