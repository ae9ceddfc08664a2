"""Posts under people, workers, faults and TikTok in any order: hypothesis plays, TikTok's ledger is the truth.

A few short plays in every run of the tests; `make model` plays many long ones.
"""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase
from hypothesis import settings as play_settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.models import TikTokAccount, User
from publishing import drafts, heartbeats, init_file
from tests.media import make_picture
from tests.processes import Simulator
from tests.publishing.driving import film
from tests.publishing.model import World, machine_in
from tests.publishing.ways import CHUNK, FILM_BYTES
from tests.publishing.web import Web
from tiktok import ChunkPlan

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "12"))
STEPS = int(os.environ.get("MODEL_STEPS", "20"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(60 + EXAMPLES * STEPS)
def test_in_any_order_nothing_is_lost_doubled_or_wrongly_called_published(
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    as_alice: Client,
    web: Web,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.PULL_WITHHOLD_SECONDS = 0.3
    simulator.switch(
        rate_window_seconds=0,
        daily_cap=100_000,
        pending_share_cap=100_000,
        processing_seconds=0,
        pull_pause_seconds=0.02,
        pull_attempts=2,
    )
    monkeypatch.setattr(drafts, "MAX_PENDING", 100_000)
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 3600.0)
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    world = World(
        simulator=simulator,
        account=poppy,
        user=alice,
        client=as_alice,
        film=film(tmp_path, pad_to=FILM_BYTES).read_bytes(),
        photo=make_picture(tmp_path / "photo.jpg", "JPEG", size=(400, 600)).read_bytes(),
        numbers=itertools.count(1),
    )
    run_state_machine_as_test(
        machine_in(world),
        settings=play_settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
