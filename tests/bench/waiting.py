"""How long people wait: for a due post to be taken up, for a second start, and how heavy the composer is."""

import random
import re
import statistics
import sys
import time
from pathlib import Path

import httpx

from tests.bench.figures import Figure
from tests.installation import Installation, Running
from tests.media import make_video
from tests.processes import free_port

POSTS = 40
WITHIN_SECONDS = 10.0
PAGE_KB = 100


def measure_pickup(installation: Installation, folder: Path) -> list[Figure]:
    """From the moment a post is due to the first step a worker takes: sweep, message and claim."""
    path = make_video(folder / "tiny.mp4", seconds=1.5)
    installation.start("worker")
    delays = ",".join(f"{6 + random.uniform(0, WITHIN_SECONDS):.3f}" for _ in range(POSTS))
    installation.ask("publish_later", path, delays, module="tests.bench.inside")
    time.sleep(6 + WITHIN_SECONDS + 3)
    late = sorted(installation.ask("lateness"))
    figures = [Figure("posts taken up", f"{len(late)} of {POSTS}", "all", len(late) == POSTS)]
    if late:
        p99 = late[min(len(late) - 1, round(0.99 * len(late)))]
        figures += [
            Figure("lateness, half of them under", f"{statistics.median(late):.3f} s"),
            Figure("lateness, 99 of 100 under", f"{p99:.3f} s"),
        ]
    return figures


def measure_start(folder: Path) -> list[Figure]:
    """From the command to the first page, when everything is installed; the first time also makes the database."""
    return [
        Figure(f"`make run` to the first page, {which} start", f"{_start_seconds(folder):.1f} s")
        for which in ("first", "second")
    ]


def measure_composer(installation: Installation) -> list[Figure]:
    """What a first visit to the composer moves over the wire, avatar and preview aside."""
    page = installation.ask("composer_page", module="tests.bench.inside")
    installation.start("web")
    installation.wait_for("front page", lambda: _answers(installation.url))
    with httpx.Client(base_url=installation.url, cookies=page["cookies"], trust_env=False) as browser:
        html = browser.get(page["path"])
        assert html.status_code == 200
        names = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html.text)))
        answers = [html, *(browser.get(name) for name in names)]
        weight = sum(answer.num_bytes_downloaded for answer in answers) / 1000
    return [
        Figure(
            f"composer, first visit, {len(answers)} files",
            f"{weight:.1f} KB",
            f"under {PAGE_KB} KB",
            weight < PAGE_KB,
        ),
        Figure("composer, database queries", str(page["queries"])),
    ]


def _start_seconds(folder: Path) -> float:
    port, simulator_port = free_port(), free_port()
    environ = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "VAR_DIR": str(folder / "var"),
        "PORT": str(port), "SIMULATOR_PORT": str(simulator_port),
    }  # fmt: skip
    started = time.monotonic()
    run = Running("run", [sys.executable, "-m", "config.run"], environ, folder / "run.log")
    try:
        while not _answers(f"http://localhost:{port}"):
            if run.process.poll() is not None or time.monotonic() - started > 60:
                raise RuntimeError(run.log())
            time.sleep(0.02)
        seconds = time.monotonic() - started
        run.end()
        return seconds
    finally:
        run.clear_away()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
