"""Everything that leans on the database holds on PostgreSQL as it does on SQLite, which the other tests use."""

import os
import re
import subprocess
import sys

import psycopg
import pytest

from tests.processes import ROOT

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(900)]

# How many are marked `on_postgres`, at least, by part: locks, constraints, triggers, leases, queries behind pages.
PARTS = {
    "people": (["tests/accounts", "tests/leaving"], 120),
    "composer": (["tests/composer"], 60),
    "publishing": (["tests/publishing"], 150),
}
# Workers that die, freeze, are cancelled or cut off, on the two ways that lean on the gate's row most.
CRASHES = (
    "tests/publishing/test_crash_points.py", "tests/publishing/test_cut_off.py",
    "-k", "[photos] or [inbox_photos] or heart",
)  # fmt: skip
LEAST_CRASHES = 14

FROZEN = "tests/publishing/test_frozen_in_a_transaction.py"


def passed_on(postgres_url: str, *what: str, **variables: str) -> int:
    """Run these tests on that database; returns how many passed, all of them."""
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not browser",
            # The test database stays, so that there is something to look at afterwards.
            "--reuse-db", *what,
        ],
        cwd=ROOT, env=os.environ | {"TEST_DATABASE_URL": postgres_url} | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    summary = done.stdout.splitlines()[-1]
    passed = re.match(r"(\d+) passed", summary)
    assert passed, summary
    return int(passed[1])


def test_workers_that_crash_lose_and_double_nothing_on_postgresql(postgres_url: str) -> None:
    assert passed_on(postgres_url, *CRASHES) >= LEAST_CRASHES


def test_a_worker_frozen_inside_a_transaction_lets_go_of_its_rows(postgres_url: str) -> None:
    """DATABASE_FROZEN_SECONDS is shrunk from 10 to 1."""
    assert passed_on(postgres_url, FROZEN, DATABASE_FROZEN_SECONDS="1") == 2


@pytest.mark.parametrize("part", PARTS)
def test_what_leans_on_the_database_holds_on_postgresql(part: str, postgres_url: str) -> None:
    folders, least = PARTS[part]
    assert passed_on(postgres_url, *folders, "-m", "on_postgres and not browser") >= least
    with psycopg.connect(postgres_url, dbname="test_postgres") as database:
        [tables] = database.execute(
            "SELECT count(*) FROM pg_tables WHERE tablename IN ('publishing_attempt', 'accounts_tokenpair')"
        ).fetchall()
    assert tables == (2,), "the tests ran somewhere else"
