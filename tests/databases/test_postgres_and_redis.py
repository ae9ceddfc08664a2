"""An installation with DATABASE_URL and REDIS_URL set: the real web server and worker, and a post that goes out."""

import hashlib
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis

from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(300)]

LARGE = 64_000_001 + 3_000_000  # six chunks


def test_a_post_goes_out_although_its_worker_is_killed(
    simulator_process: Simulator, postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    simulator_process.reset()
    simulator_process.fault("chunk", "slow", seconds=3, chunk=2)
    path = film(tmp_path, pad_to=LARGE)
    with Installation(
        tmp_path / "installation",
        simulator_process,
        DATABASE_URL=postgres_url,
        REDIS_URL=redis_url,
        PUBLISHING_LEASE_SECONDS=2,  # instead of 15, so that nobody waits
    ) as installation:
        web, worker = installation.start("web"), installation.start("worker")
        installation.wait_for("front page", lambda: _status(installation.url) == 200)
        pk = installation.ask("publish", path)
        installation.wait_for("third chunk", lambda: simulator_process.calls("chunk") >= 3)
        time.sleep(0.7)  # a heartbeat
        worker.end(signal.SIGKILL)
        installation.start("worker")

        def published() -> Any:
            shown = installation.ask("show", pk)
            return shown if shown["state"] == "published" else None

        shown = installation.wait_for("published publication", published, seconds=120, pause=0.5)
        assert _status(f"{installation.url}/posts/") == 302, "the web server has lost its database"
        assert web.end() < 15
        folder = installation.folder / "var"
    assert shown["vendor"] == "postgresql"
    [post] = simulator_process.posts()
    assert [attempt["publish_id"] for attempt in shown["attempts"]] == [post["publish_id"]]
    assert post["status"] == "PUBLISH_COMPLETE"
    assert post["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not list(folder.glob("*.sqlite3*")), "somebody wrote to SQLite"
    assert not (folder / "broker").exists(), "somebody wrote messages to files"
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT state FROM publishing_publication").fetchall() == [("published",)]
    client = redis.Redis.from_url(redis_url)
    assert client.exists("_kombu.binding.greenroom"), "the messages went elsewhere"
    client.close()


def _status(url: str) -> int:
    try:
        return httpx.get(url, trust_env=False).status_code
    except httpx.TransportError:
        return 0
