"""Many callers, many accounts, every token about to end: one refresh each, and TikTok takes no account for dead."""

import json
import os
from pathlib import Path

import pytest

from tests.chaos.refreshing import MODULE
from tests.installation import Installation
from tests.processes import Simulator
from tests.services import postgres_server

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(3600)]

# A thousand and two hundred by `make races`: the same, only longer.
ACCOUNTS = int(os.environ.get("RACE_ACCOUNTS", "20"))
CALLERS = int(os.environ.get("RACE_CALLERS", "16"))


def test_one_refresh_for_each_expiry_and_no_dead_account(
    simulator_process: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator_process.reset()
    crowd = simulator_process.control("POST", "/crowd", {"count": ACCOUNTS})["creators"]
    members = tmp_path / "members.json"
    members.write_text(json.dumps(crowd))
    with (
        postgres_server("max_connections=400") as postgres,
        Installation(tmp_path / "installation", simulator_process, DATABASE_URL=postgres.url) as installation,
    ):
        told = installation.ask("refresh", members, CALLERS, module=MODULE, seconds=3500)
    refreshes = simulator_process.calls("refresh")
    if "RACE_ACCOUNTS" in os.environ:
        with capsys.disabled():
            print(
                f"\n{ACCOUNTS} accounts, {told['callers']} callers at once: {refreshes} refreshes,"
                f" {told['dead']} accounts dead, {told['seconds']:.1f} s"
            )
    assert told["served"] == ACCOUNTS
    assert refreshes == ACCOUNTS
    assert told["most_tokens_of_one"] == 1
    assert told["dead"] == 0
