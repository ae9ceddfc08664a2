"""`make chaos-upload`: one video of gigabytes is sent while its worker is killed again and again; prints figures."""

import argparse
import hashlib
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

# Nothing that this machine or a .env says of an installation may reach the one struck; empty counts as unset.
for _name in (
    "PUBLIC_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "TOKEN_ENCRYPTION_KEYS",
    "DEBUG",
):
    os.environ[_name] = ""

from simulator.faults import CALLS  # noqa: E402
from tests.bench.figures import Figure, machine, print_table  # noqa: E402
from tests.installation import Installation  # noqa: E402
from tests.media import make_large_video  # noqa: E402
from tests.processes import Simulator, start_simulator  # noqa: E402
from tiktok import plan_chunks  # noqa: E402

GIB = 1024**3
HOUR = 3600
MOST_MEMORY_MB = 200
LEASE_SECONDS = 3.0
_LOOK_SECONDS = 0.05
_ATTEMPT = "SELECT count(*), min(init_started_at), max(upload_finished_at) FROM publishing_attempt"
_STATE = "SELECT state FROM publishing_publication"


@dataclass
class Sent:
    """What was seen of one upload."""

    kills: int = 0
    peak_memory: int = 0
    state: str = ""


def send(installation: Installation, simulator: Simulator, *, kills: int, chunks: int) -> Sent:
    """Run one worker after the other until the post is out, killing each in the middle of a chunk."""
    sent = Sent()
    # So many chunk requests each worker lives for; at least the first of them gets through.
    life = max(2, chunks // (kills + 1))
    worker = installation.start("worker")
    begun_at = simulator.calls("chunk")
    deadline = time.monotonic() + HOUR
    while time.monotonic() < deadline:
        sent.state = str(_read(installation, _STATE)[0])
        if sent.state == "published":
            break
        with suppress(psutil.NoSuchProcess):
            sent.peak_memory = max(sent.peak_memory, psutil.Process(worker.pid).memory_info().rss)
        if sent.kills < kills and simulator.calls("chunk") - begun_at >= life:
            worker.end(signal.SIGKILL)
            sent.kills += 1
            worker = installation.start("worker")
            begun_at = simulator.calls("chunk")
        time.sleep(_LOOK_SECONDS)
    worker.end()
    return sent


def figures(
    installation: Installation, simulator: Simulator, sent: Sent, chunks: int, sha256: str
) -> list[Figure]:
    """What it came to, each with what is promised."""
    weather = simulator.control("GET", "/weather")
    faults = sum(weather["struck"].values())
    calls = simulator.calls("chunk")
    attempts, began, ended = _read(installation, _ATTEMPT)
    seconds = (
        (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() if ended else HOUR
    )
    posts = simulator.posts()
    resent = calls - chunks
    # A kill interrupts one chunk as a fault does.
    most = sent.kills + faults
    memory = sent.peak_memory / 1e6
    return [
        Figure("kills of the worker", str(sent.kills)),
        Figure("chunks struck", f"{faults} of {calls} ({', '.join(weather['struck']) or 'none'})"),
        Figure("chunks sent again", str(resent), f"at most one for each of {most} kills and faults", resent <= most),
        Figure("announcements (init)", str(attempts), "1", attempts == 1),
        Figure("ended as", sent.state, "published", sent.state == "published"),
        Figure(
            "SHA-256 at TikTok", "equal" if [post["sha256"] for post in posts] == [sha256] else "another", "equal",
            [post["sha256"] for post in posts] == [sha256],
        ),
        Figure("on the profile", str(sum(len(post["landings"]) for post in posts)), "1",
               sum(len(post["landings"]) for post in posts) == 1),
        Figure("memory of a worker, at most", f"{memory:.0f} MB", f"under {MOST_MEMORY_MB} MB",
               memory < MOST_MEMORY_MB),
        Figure("from init to the last byte", f"{seconds:.0f} s", "within the upload URL's hour", seconds < HOUR),
    ]  # fmt: skip


def _read(installation: Installation, sql: str) -> Any:
    path = installation.folder / "var" / "greenroom.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(sql).fetchone()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.huge", description=__doc__)
    parser.add_argument("--bytes", type=int, default=4 * GIB)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=0.05, help="share of the chunks that are struck")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    print(machine())
    print(
        f"{told.bytes / GIB:.2f} GiB, {told.kills} kills, {told.rate:.0%} of the chunks struck, seed {told.seed}; "
        f"shrunk: PUBLISHING_LEASE_SECONDS 15 → {LEASE_SECONDS:g} s",
        flush=True,
    )
    folder = Path(tempfile.mkdtemp(prefix="greenroom-huge-"))
    simulator = start_simulator(folder / "tiktok")
    try:
        film = make_large_video(folder / "film.mp4", told.bytes)
        with film.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        chunks = plan_chunks(told.bytes).total_chunk_count
        settings = {"PUBLISHING_LEASE_SECONDS": LEASE_SECONDS, "PUBLISHING_POLL_SECONDS": "0.5,1,2"}
        with Installation(folder / "installation", simulator, **settings) as installation:
            installation.ask("publish", film)
            spared = [call for call in CALLS if call != "chunk"]
            simulator.control(
                "POST", "/weather", {"rate": told.rate, "seed": told.seed, "seconds": 1, "spared": spared}
            )
            sent = send(installation, simulator, kills=told.kills, chunks=chunks)
            found = figures(installation, simulator, sent, chunks, sha256)
    finally:
        simulator.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print_table(f"{chunks} chunks through {told.kills} kills", found)
    return 0 if all(figure.is_kept is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
