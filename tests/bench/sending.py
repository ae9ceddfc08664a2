"""How fast a large file leaves through the real worker, against a bare httpx loop; and what that costs in memory.

The worker is the process that `make run` starts; its times are those the engine writes down itself, from before the
first byte to after the last 201. Both sides read the same warm file and send the same ranges to the same simulator
(which writes them to a file) in turns, each upload with a fresh `init`.
"""

import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from tests.bench.figures import Figure
from tests.installation import Installation
from tests.media import make_large_video
from tests.processes import ROOT, free_port

SIZE = 1_000_000_000
ROUNDS = 5
LEAST_RATIO = 0.8
MOST_MEMORY_MB = 32
MEGABYTE = 1024 * 1024
BENCH = "tests.bench.inside"


def measure(installation: Installation, folder: Path) -> list[Figure]:
    """Send, take turns, and report the medians."""
    simulator = installation.simulator
    # TikTok's rates per minute have nothing to do with this.
    simulator.switch(rate_window_seconds=0.5)
    small, large = film(folder / "small.mp4", 5_000_000), film(folder / "large.mp4", SIZE)
    worker = installation.start("worker")
    # Once with a small file, so that everything is loaded and "at rest" means a worker that has worked.
    _send(installation, small)
    memory = Memory(worker.pid)
    with memory.watched():
        engine, bare = [], []
        for _round in range(ROUNDS):
            engine.append(_send(installation, large))
            bare.append(_send_bare(installation, large))
        with _sink() as url:
            engine_to_sink, bare_to_sink, single = [], [], []
            for _round in range(ROUNDS):
                pk = installation.ask("send_to", large, url, module=BENCH)
                engine_to_sink.append(upload_seconds(installation, pk))
                bare_to_sink.append(installation.ask("bare_loop_to_sink", large, url, module=BENCH))
                single.append(installation.ask("single_put", large, url, module=BENCH))
    ratio = statistics.median(bare) / statistics.median(engine)
    to_single = statistics.median(single) / statistics.median(engine_to_sink)
    to_bare = statistics.median(bare_to_sink) / statistics.median(engine_to_sink)
    more = memory.peak_above_rest()
    worker.end()
    return [
        Figure("1 GB through the engine to the simulator", _speed(engine)),
        Figure("the same ranges by a bare httpx loop", _speed(bare)),
        Figure("engine / bare loop", f"{ratio:.2f}", f"at least {LEAST_RATIO}", ratio >= LEAST_RATIO),
        Figure(
            "memory while sending, above rest",
            f"{more:.1f} MB",
            f"under {MOST_MEMORY_MB} MB",
            more < MOST_MEMORY_MB,
        ),
        Figure("to a sink that keeps nothing: engine", _speed(engine_to_sink)),
        Figure("  bare httpx loop", _speed(bare_to_sink)),
        Figure("  one single PUT, which TikTok would refuse", _speed(single)),
        Figure("  engine / bare loop", f"{to_bare:.2f}"),
        Figure("  engine / one single PUT", f"{to_single:.2f}"),
        Figure(
            "hash check of 1 GB before the init",
            f"{installation.ask('hash_seconds', large, module=BENCH):.2f} s",
        ),
    ]


class Memory:
    """The resident memory of one process, looked at a hundred times a second from outside."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self.peak = 0
        time.sleep(1)  # what the last upload left is given back
        self.rest = self._process.memory_info().rss

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def peak_above_rest(self) -> float:
        """In MB."""
        return (self.peak - self.rest) / MEGABYTE

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            self.peak = max(self.peak, self._process.memory_info().rss)


def film(path: Path, size: int) -> Path:
    """A real video of that size, read once so that both sides find it in memory."""
    make_large_video(path, size)
    with path.open("rb") as file:
        while file.read(MEGABYTE):
            pass  # both sides read it from memory
    return path


def _send(installation: Installation, path: Path) -> float:
    pk = installation.ask("publish", path)
    seconds = upload_seconds(installation, pk)
    wait_until_checked(installation, attempt_value(installation, pk, "publish_id"))
    installation.wait_for("published publication", lambda: state_of(installation, pk) == "published")
    return seconds


def _send_bare(installation: Installation, path: Path) -> float:
    sent = installation.ask("bare_loop", path, module=BENCH)
    wait_until_checked(installation, sent["publish_id"])
    return float(sent["seconds"])


def wait_until_checked(installation: Installation, publish_id: str) -> None:
    """The simulator hashes what it got on the same cores; and its disk space is wanted for the next round."""
    installation.simulator.wait_until_checked(publish_id)
    for video in (installation.simulator.folder / "simulator" / "videos").iterdir():
        video.unlink()


def upload_seconds(installation: Installation, pk: int) -> float:
    """What the engine wrote down: from before the first byte to after the last answer."""
    installation.wait_for(
        "end of the upload", lambda: attempt_value(installation, pk, "upload_finished_at"), pause=0.2
    )
    started, finished = (
        attempt_value(installation, pk, f"upload_{end}_at") for end in ("started", "finished")
    )
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()


def attempt_value(installation: Installation, pk: int, column: str) -> Any:
    """One column of a publication's only attempt."""
    return read_value(installation, f"SELECT {column} FROM publishing_attempt WHERE publication_id = ?", pk)


def state_of(installation: Installation, pk: int) -> Any:
    """Where a publication stands."""
    return read_value(installation, "SELECT state FROM publishing_publication WHERE id = ?", pk)


def read_value(installation: Installation, sql: str, pk: int) -> Any:
    """From the file itself: starting Django for each look would cost the cores that are being measured."""
    path = installation.folder / "var" / "greenroom.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
        row = database.execute(sql, (pk,)).fetchone()
    return row[0] if row else None


@contextmanager
def _sink() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)], cwd=ROOT)
    try:
        _wait_for_port(port)
        yield f"http://localhost:{port}/upload"
    finally:
        process.terminate()
        process.wait()


def _wait_for_port(port: int) -> None:
    for _try in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the sink did not start")


def _speed(seconds: list[float]) -> str:
    """The median, and between which the turns lay: far apart on a machine that is not quiet."""
    slowest, middle, fastest = (
        SIZE / 1e6 / each for each in (max(seconds), statistics.median(seconds), min(seconds))
    )
    return f"{middle:.0f} MB/s ({slowest:.0f} to {fastest:.0f})"
