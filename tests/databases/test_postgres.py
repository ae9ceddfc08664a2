"""Everything that leans on the database holds on PostgreSQL as it does on SQLite, which the other tests use."""

import os
import re
import subprocess
import sys

import psycopg
import pytest

from tests.processes import ROOT

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.timeout(900)]

# Leases, moves, constraints, rates; the engine's way through every fault; what people press; tokens under a lease.
MODULES = (
    "tests/publishing/test_guarantees.py",
    "tests/publishing/test_database_guarantees.py",
    "tests/publishing/test_sending_a_video.py",
    "tests/publishing/test_stop.py",
    "tests/publishing/test_try_again.py",
    "tests/publishing/test_drafts.py",
    "tests/publishing/test_pull_files.py",
    "tests/publishing/test_commit_gate.py",
    "tests/publishing/test_post_list.py",
    "tests/publishing/test_schedule.py",
    "tests/publishing/test_schedule_races.py",
    "tests/publishing/test_calendar_page.py",
    "tests/publishing/test_calendar_move.py",
    "tests/accounts/test_refresh_race.py",
    "tests/accounts/test_refresh_lost.py",
    "tests/accounts/test_tokens.py",
    "tests/accounts/test_move.py",
    "tests/accounts/test_mail_outbox.py",
    "tests/accounts/test_notification_mails.py",
    "tests/publishing/test_people_are_told.py",
    "tests/leaving/test_deleting.py",
    "tests/composer/test_drafts.py",
    "tests/composer/test_media_delete.py",
    "tests/composer/test_fixes.py",
    "tests/composer/test_fix_runs.py",
    "tests/composer/test_fix_results.py",
    "tests/composer/test_taking_in.py",
    "tests/composer/test_arrival_mishaps.py",
    "tests/composer/test_arriving.py",
    "tests/composer/test_library_page.py",
)
LEAST = 300
# Workers that die, freeze, are cancelled or cut off, on the two ways that lean on the gate's row most.
CRASHES = ("tests/publishing/test_crash_points.py", "-k", "[photos] or [inbox_photos]")
LEAST_CRASHES = 10

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


def test_what_leans_on_the_database_holds_on_postgresql(postgres_url: str) -> None:
    assert passed_on(postgres_url, *MODULES) >= LEAST
    with psycopg.connect(postgres_url, dbname="test_postgres") as database:
        [tables] = database.execute(
            "SELECT count(*) FROM pg_tables WHERE tablename IN ('publishing_attempt', 'accounts_tokenpair')"
        ).fetchall()
    assert tables == (2,), "the tests ran somewhere else"
