"""What tests of publishing share: the product's web for TikTok to fetch from, and every way a post can go."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import TikTokAccount, User
from publishing import drafts, tasks
from tests.processes import Simulator
from tests.publishing.sweeping import Sent
from tests.publishing.ways import Way, make_way
from tests.publishing.web import Web


@pytest.fixture
def web(transactional_db: None, settings: Any) -> Iterator[Web]:
    """The product's web, and its address as the one TikTok has verified."""
    with Web() as web:
        settings.MEDIA_PULL_BASE_URL = web.pull_url
        yield web


@pytest.fixture
def way(
    request: pytest.FixtureRequest,
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    web: Web,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Way:
    """The way that the test's parameter names, with nothing that would make a test wait."""
    simulator.switch(
        rate_window_seconds=0,
        daily_cap=100_000,
        pending_share_cap=100_000,
        processing_seconds=0,
        pull_pause_seconds=0.05,
        pull_attempts=2,
    )
    monkeypatch.setattr(drafts, "MAX_PENDING", 100_000)
    settings.PULL_WITHHOLD_SECONDS = 3.0
    return make_way(request.param, simulator, poppy, alice, tmp_path, settings, itertools.count(1))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What goes to the broker: the task's name and the publication."""
    messages: Sent = []
    for task in (tasks.advance_one, tasks.advance_large_one):
        monkeypatch.setattr(
            task,
            "apply_async",
            lambda args, _kwargs=None, task=task, **_options: messages.append((task.__name__, args[0])),
        )
    return messages
