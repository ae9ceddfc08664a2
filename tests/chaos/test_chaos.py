"""The part of `make chaos` that every test run has: real processes, real signals, TikTok's ledger for a judge."""

from pathlib import Path

import pytest

from tests.chaos.figures import print_outcome, print_plan
from tests.chaos.plan import Plan
from tests.chaos.running import run

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(400)]

PLAN = Plan(
    seed=20261127, posts=90, accounts=15, seconds=30, workers=3, kills=8, freezes=3, rate=0.25, large=1,
    redis_deaths=1, postgres_deaths=1, cuts=12,
    # Other tests use the same cores.
    quiet_seconds=120,
)  # fmt: skip


def test_nothing_is_lost_or_doubled_while_everything_falls_over(tmp_path: Path) -> None:
    print_plan(PLAN)
    outcome = run(PLAN, tmp_path)
    print_outcome(outcome)
    assert outcome.verdict.breaches == {name: [] for name in outcome.verdict.breaches}
    assert outcome.verdict.routes.total() == PLAN.posts
    assert set(outcome.verdict.routes) == {"video_file", "photos", "inbox_video_file", "inbox_photos"}
    # That it was a storm, and not a calm day.
    assert sum(outcome.counts.get(f"kill {what}", 0) for what in ("worker", "beat", "web")) >= 6
    assert (
        outcome.counts["kill postgres"] == outcome.counts["kill redis"] == outcome.counts["flush redis"] == 1
    )
    assert outcome.counts["cut postgres"] >= PLAN.cuts / 2
    assert outcome.counts["restart of everything"] == 1
    assert sum(outcome.weather["struck"].values()) / outcome.weather["calls"] > 0.15
    # TikTok's events were among what it met: most were taken, and some were lost, doubled or a stranger's.
    assert outcome.events["200"] > PLAN.posts / 2
    assert {"webhook_lost", "webhook_doubled", "webhook_forged"} <= outcome.weather["struck"].keys()
