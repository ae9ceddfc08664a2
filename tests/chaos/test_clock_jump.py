"""A worker's clock is a day and two hours ahead of the database's: posts still go out when the database says so."""

import time
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.bench.sending import BENCH
from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film
from tests.services import postgres_server, redis_server

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(400)]

LIBRARIES = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
SOON, LATER = 15, 4000


@pytest.mark.skipif(not LIBRARIES, reason="needs libfaketime (Debian: apt-get install libfaketime)")
def test_nothing_goes_out_early_or_late(simulator_process: Simulator, tmp_path: Path) -> None:
    simulator_process.reset()
    with (
        postgres_server() as postgres,
        redis_server() as redis,
        Installation(
            tmp_path / "installation", simulator_process, DATABASE_URL=postgres.url, REDIS_URL=redis
        ) as installation,
    ):
        installation.ask("publish_later", film(tmp_path), f"{SOON},{LATER}", module=BENCH)
        # The worker and its beat live tomorrow; the database, and the simulated TikTok, today.
        installation.environ |= {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": "+26h"}
        worker = installation.start("worker")
        with psycopg.connect(postgres.url, autocommit=True) as database:

            def states() -> list[str]:
                rows = database.execute("SELECT state FROM publishing_publication ORDER BY due_at").fetchall()
                return [state for (state,) in rows]

            installation.wait_for("published post", lambda: states()[0] == "published", seconds=200)
            time.sleep(1)
            assert states() == ["published", "scheduled"]
            [(due_at, began_at)] = database.execute(
                "SELECT p.due_at, min(e.at) FROM publishing_publication p JOIN publishing_event e"
                " ON e.publication_id = p.id WHERE e.from_state = 'scheduled' GROUP BY p.id"
            ).fetchall()
        worker.end()
    assert isinstance(began_at, datetime)
    assert (began_at - due_at).total_seconds() >= 0, "it went out before its time"
    assert len(simulator_process.posts()) == 1
