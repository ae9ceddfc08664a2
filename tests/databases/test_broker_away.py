"""Redis dies and comes back: nothing is started meanwhile, and everything due is taken up within five seconds."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film
from tests.services import redis_service

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(300)]

# Longer than the line at the top of every page takes to appear (20 s), and than kombu's own patience grows in.
AWAY_SECONDS = 24
TAKEN_UP_WITHIN = 5.0


def read(installation: Installation, question: str) -> list[tuple[Any, ...]]:
    """Ask its database, without waiting for another process to start."""
    path = installation.folder / "var" / "greenroom.sqlite3"
    with closing(sqlite3.connect(path, timeout=20)) as database:
        return database.execute(question).fetchall()


def swept_at(installation: Installation) -> datetime | None:
    rows = read(installation, "SELECT at FROM publishing_pulse WHERE name = 'sweep'")
    return datetime.fromisoformat(rows[0][0]).replace(tzinfo=UTC) if rows else None


def states(installation: Installation) -> list[str]:
    return [state for (state,) in read(installation, "SELECT state FROM publishing_publication ORDER BY id")]


def test_everything_due_is_taken_up_within_five_seconds_of_its_return(
    simulator_process: Simulator, tmp_path: Path
) -> None:
    simulator_process.reset()
    path = film(tmp_path)
    with (
        redis_service() as redis,
        Installation(tmp_path / "installation", simulator_process, REDIS_URL=redis.url) as installation,
    ):
        installation.start("worker")
        # The worker has done some work before, as any worker has.
        installation.ask("publish", path)
        installation.wait_for("published post", lambda: states(installation) == ["published"])
        redis.server.kill()
        gone_at = time.monotonic()
        time.sleep(1)
        last_sweep = swept_at(installation)
        for _ in range(2):
            installation.ask("publish", path)
        time.sleep(max(0.0, AWAY_SECONDS - (time.monotonic() - gone_at)))
        assert states(installation) == ["published", "scheduled", "scheduled"]
        assert swept_at(installation) == last_sweep
        assert installation.ask("silence")["since"], "pages would not say that nothing is being sent"
        redis.server.start()
        back_at = time.monotonic()
        installation.wait_for(
            "posts taken up", lambda: "scheduled" not in states(installation), seconds=60, pause=0.02
        )
        took = time.monotonic() - back_at
        print(f"\nafter {AWAY_SECONDS} s without Redis: everything due taken up in {took:.2f} s")
        assert took <= TAKEN_UP_WITHIN
        installation.wait_for(
            "published posts", lambda: states(installation) == ["published"] * 3, seconds=60
        )
        assert installation.ask("silence") is None
    assert len(simulator_process.ledger()["inits"]) == 3
