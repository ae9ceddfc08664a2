"""How late a due post is taken up on PostgreSQL and Redis: among a million others, in a burst, after a killed worker.

`BENCH_ROWS` and `BENCH_BURST` shrink the million and the ten thousand, and what is printed says so.
"""

import json
import os
import signal
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.figures import Figure
from tests.chaos.checking import percentile
from tests.installation import Installation
from tests.media import make_picture, make_video

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
BURST = int(os.environ.get("BENCH_BURST", "10000"))
A_SECOND, FOR_SECONDS = 50, 20
CLAIMS = 500
ROUNDS, ORPHANS = 3, 8
MODULE = "tests.bench.due_inside"
PATIENCE_SECONDS = 1200.0
_STARTED = (
    "SELECT p.workspace_id, p.due_at, (SELECT min(e.at) FROM publishing_event e WHERE e.publication_id = p.id"
    " AND e.from_state = 'scheduled'), (SELECT min(a.init_started_at) FROM publishing_attempt a"
    " WHERE a.publication_id = p.id) FROM publishing_publication p WHERE p.id >= %s AND p.id < %s"
)


def measure(installation: Installation, url: str, folder: Path) -> list[Figure]:
    """All of it, one after the other, in one database."""
    filled = installation.ask("fill", ROWS, module=MODULE, seconds=PATIENCE_SECONDS)
    figures = [Figure("rows that are due later", f"{ROWS} ({filled:.0f} s to make)")]
    figures += _statements(installation)
    installation.start("worker")
    # A worker that is ready, and has swept once.
    time.sleep(5)
    figures += _steady(installation, url, folder)
    figures += _burst(installation, url, folder)
    return figures


def _statements(installation: Installation) -> list[Figure]:
    told = installation.ask("claims", CLAIMS, module=MODULE, seconds=PATIENCE_SECONDS)
    milliseconds = [seconds * 1000 for seconds in told["seconds"]]
    p99 = percentile(milliseconds, 0.99) or 0.0
    figures = [
        Figure(f"claim statement, 99 of 100 of {len(milliseconds)}", f"{p99:.1f} ms", "under 5 ms", p99 < 5),
        Figure("  half of them", f"{percentile(milliseconds, 0.5) or 0:.1f} ms"),
    ]
    # By its key, or through what is due, which costs less while that is little; the milliseconds above tell.
    by_key = ("publishing_publication_pkey", "publication_due")
    for name, indexes in (("claim", by_key), ("sweep", ("publication_due",))):
        plan = "\n".join(told["plans"][name])
        used = next((index for index in indexes if index in plan), "none")
        is_quick = used != "none" and "Seq Scan on publishing_publication" not in plan
        figures.append(Figure(f"plan of the {name}", used, "by an index", is_quick))
        print(f"\nEXPLAIN, {name}:\n" + "\n".join(f"  {line}" for line in told["plans"][name]))
    return figures


def _steady(installation: Installation, url: str, folder: Path) -> list[Figure]:
    """The claim alone: a person wants the posts stopped, so that nothing comes after they have left the schedule."""
    posts = A_SECOND * FOR_SECONDS
    made = _make(installation, folder, posts=posts, accounts=200, seconds=FOR_SECONDS, is_sent=False)
    rows = _wait(url, made, lambda row: row[2] is not None, FOR_SECONDS + 120)
    late = [(row[2] - row[1]).total_seconds() for row in rows if row[2] is not None]
    p99 = percentile(late, 0.99) or PATIENCE_SECONDS
    return [
        Figure(f"{A_SECOND} due a second: taken up", f"{len(late)} of {posts}", "all", len(late) == posts),
        Figure("  late, half under", f"{percentile(late, 0.5) or 0:.3f} s"),
        Figure("  late, 99 of 100 under", f"{p99:.3f} s", "under 1 s", p99 < 1),
    ]


def _burst(installation: Installation, url: str, folder: Path) -> list[Figure]:
    """Everything at once, and everything is sent."""
    installation.simulator.switch(rate_window_seconds=1)
    made = _make(installation, folder, posts=BURST, accounts=max(20, BURST // 10), seconds=1, is_sent=True)
    claimed = _wait(url, made, lambda row: row[2] is not None, PATIENCE_SECONDS)
    rows = _wait(url, made, lambda row: row[3] is not None, PATIENCE_SECONDS)
    begin = min(row[1] for row in rows)
    last_claim = max((row[2] - begin).total_seconds() for row in claimed if row[2] is not None)
    inits = [(row[3] - begin).total_seconds() for row in rows if row[3] is not None]
    waits: defaultdict[int, list[float]] = defaultdict(list)
    for row in claimed:
        waits[row[0]].append((row[2] - row[1]).total_seconds() if row[2] else PATIENCE_SECONDS)
    means = [statistics.mean(each) for each in waits.values()]
    worst = max(means) / statistics.median(means)
    return [
        Figure(
            f"{BURST} due in one second: the last claimed after",
            f"{last_claim:.1f} s",
            "60 s",
            last_claim <= 60,
        ),
        Figure("  the last init after", f"{max(inits):.1f} s ({len(inits)} of {BURST} announced)"),
        Figure(
            f"  the longest wait of {len(means)} workspaces / median", f"{worst:.2f}", "at most 2", worst <= 2
        ),
    ]


def measure_takeover(installation: Installation, url: str, folder: Path) -> list[Figure]:
    """Workers are killed while each of their threads waits for TikTok; from there to the next claim of the post."""
    _make(installation, folder, posts=ORPHANS, accounts=ORPHANS, seconds=0, is_sent=True)
    gone_on: list[float] = []
    for _round in range(ROUNDS):
        installation.simulator.fault("creator_info", "slow", seconds=60, times=None)
        worker = installation.start("worker")
        held = installation.wait_for("held posts", lambda: _held(url), seconds=120)
        time.sleep(2)
        held = _held(url)
        worker.end(signal.SIGKILL)
        killed = _now(url)
        installation.simulator.clear_faults()
        installation.simulator.fault("creator_info", "slow", seconds=60, times=None)
        next_worker = installation.start("worker")
        deadline = time.monotonic() + 60
        while held and time.monotonic() < deadline:
            now, epochs = _now(url), _epochs(url)
            for pk in [pk for pk, epoch in held.items() if epochs.get(pk, epoch) > epoch]:
                gone_on.append((now - killed).total_seconds())
                del held[pk]
            time.sleep(0.05)
        gone_on += [60.0] * len(held)
        next_worker.end(signal.SIGKILL)
        installation.simulator.clear_faults()
        time.sleep(1)
    p99 = percentile(gone_on, 0.99) or PATIENCE_SECONDS
    return [
        Figure("posts whose worker was killed", str(len(gone_on))),
        Figure("  gone on with, half within", f"{percentile(gone_on, 0.5) or 0:.1f} s"),
        Figure("  gone on with, 99 of 100 within", f"{p99:.1f} s", "20 s, lease 15 s", p99 <= 20),
    ]


def _make(
    installation: Installation, folder: Path, *, posts: int, accounts: int, seconds: float, is_sent: bool
) -> dict[str, int]:
    members = installation.simulator.control("POST", "/crowd", {"count": accounts})["creators"]
    files = folder / "due-files"
    if not files.exists():
        files.mkdir(parents=True)
        make_video(files / "video.mp4", seconds=1.5)
        make_picture(files / "photo.jpg", "JPEG", size=(400, 600))
    number = len(list(folder.glob("due-*.json")))
    for member in members:
        # One TikTok account stands in one workspace; another round has accounts of its own.
        if not is_sent:
            member["open_id"] = f"{member['open_id'][:30]}-{number}"
    order = {
        "seed": 1, "posts": posts, "seconds": seconds, "large": 0, "members": members, "is_sent": is_sent,
        "files": {"video": str(files / "video.mp4"), "large": "", "photos": [str(files / "photo.jpg")]},
        "routes": ["video"],
    }  # fmt: skip
    path = folder / f"due-{number}.json"
    path.write_text(json.dumps(order))
    made: dict[str, int] = installation.ask("make_due", path, module=MODULE, seconds=PATIENCE_SECONDS)
    return made


def _wait(url: str, made: dict[str, int], is_there: Any, seconds: float) -> list[Any]:
    """Look until every one of them has got so far; returns what there is then."""
    deadline = time.monotonic() + seconds
    with psycopg.connect(url, autocommit=True) as database:
        while True:
            rows = database.execute(_STARTED, [made["first"], made["first"] + made["count"]]).fetchall()
            if all(is_there(row) for row in rows) or time.monotonic() > deadline:
                return rows
            time.sleep(1)


def _held(url: str) -> dict[int, int]:
    with psycopg.connect(url, autocommit=True) as database:
        return dict(
            database.execute(
                "SELECT id, lease_epoch FROM publishing_publication WHERE lease_until > clock_timestamp()"
                " AND state = 'starting'"
            ).fetchall()
        )


def _epochs(url: str) -> dict[int, int]:
    with psycopg.connect(url, autocommit=True) as database:
        return dict(
            database.execute(
                "SELECT id, lease_epoch FROM publishing_publication WHERE lease_token IS NOT NULL"
                " OR state <> 'scheduled'"
            ).fetchall()
        )


def _now(url: str) -> Any:
    with psycopg.connect(url, autocommit=True) as database:
        [row] = database.execute("SELECT clock_timestamp()").fetchall()
        return row[0]
