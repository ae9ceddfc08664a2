"""The real web server and worker: TikTok fetches from gunicorn, which is killed in the middle of a file."""

import hashlib
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LARGE = 12_000_000


@pytest.fixture
def fetching(simulator_process: Simulator, tmp_path: Path) -> Any:
    """An installation whose videos are fetched, from its own web server."""
    simulator_process.reset()
    simulator_process.switch(pull_pause_seconds=1.0, pull_attempts=6)
    with Installation(
        tmp_path / "installation", simulator_process, PULL_VIDEOS="true", PULL_WITHHOLD_SECONDS=1
    ) as installation:
        installation.start("worker")
        yield installation


def test_a_web_server_that_is_killed_in_the_middle_of_a_file_costs_tiktok_another_request(
    fetching: Installation, simulator_process: Simulator, tmp_path: Path
) -> None:
    path = film(tmp_path, pad_to=LARGE)
    simulator_process.fault("fetch", "slow", seconds=3)
    web = fetching.start("web")
    fetching.wait_for("front page", lambda: is_up(fetching.url))
    pk = fetching.ask("publish", path)
    fetching.wait_for(
        "first bytes at TikTok", lambda: any(post["bytes"] > 0 for post in simulator_process.posts())
    )
    web.end(signal.SIGKILL)
    [fetched] = [post["bytes"] for post in simulator_process.posts()]
    assert fetched < LARGE
    fetching.start("web")

    def published() -> Any:
        shown = fetching.ask("show", pk)
        return shown if shown["state"] == "published" else None

    shown = fetching.wait_for("published publication", published, seconds=120, pause=0.5)
    [post] = [post for post in simulator_process.posts() if post["status"] == "PUBLISH_COMPLETE"]
    assert post["source"] == "PULL_FROM_URL"
    assert post["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert post["publish_id"] in [attempt["publish_id"] for attempt in shown["attempts"]]
    assert sum(len(post["landings"]) for post in simulator_process.posts()) == 1


def test_gunicorn_cuts_what_is_withheld_and_says_nothing_of_it(
    fetching: Installation, simulator_process: Simulator, tmp_path: Path
) -> None:
    """TikTok fetches inside init: the cut must reach it as a broken download, and the log must keep the address."""
    path = film(tmp_path)
    simulator_process.switch(pull_inside_init=True, pull_attempts=1)
    web = fetching.start("web")
    fetching.wait_for("front page", lambda: is_up(fetching.url))
    pk = fetching.ask("publish", path)
    shown = fetching.wait_for(
        "published publication",
        lambda: (found := fetching.ask("show", pk))["state"] == "published" and found,
        seconds=120,
        pause=0.5,
    )
    assert [attempt["outcome"] for attempt in shown["attempts"]] == [*["failed"] * 3, "published"]
    secrets = [pull["url"].split("/")[-2] for post in simulator_process.posts() for pull in post["pulls"]]
    assert len(secrets) == 4
    logs = fetching.logs()
    assert not any(secret in logs for secret in secrets)
    assert "Traceback" not in web.log()
    assert "TikTok fetches files before it answers" in web.log()


def is_up(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        time.sleep(0.1)
        return False
