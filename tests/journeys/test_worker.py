"""A real worker is killed or stopped in the middle of its work; the next one goes on, and there is one post.

Shrunk so that nobody waits: a lease of 2 seconds instead of 15, status questions every half second.
"""

import hashlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, Running, still_alive
from tests.processes import Simulator
from tests.publishing.driving import film

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

LARGE = 64_000_001 + 3_000_000  # six chunks: five of 10 MB and one of 17,000,001 bytes
SHRUNK = {"PUBLISHING_LEASE_SECONDS": 2, "PUBLISHING_POLL_SECONDS": "0.5,1,2"}


@pytest.fixture
def installation(simulator_process: Simulator, tmp_path: Path) -> Iterator[Installation]:
    simulator_process.reset()
    with Installation(tmp_path / "installation", simulator_process, **SHRUNK) as installation:
        yield installation
    simulator_process.clear_faults()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wait_until_published(installation: Installation) -> dict[str, Any]:
    """The one post TikTok has out; fails at once if there is a second."""

    def published() -> dict[str, Any] | None:
        out = [post for post in installation.simulator.posts() if post["status"] == "PUBLISH_COMPLETE"]
        assert len(out) <= 1, "the post is out twice"
        return out[0] if out else None

    return installation.wait_for("published post", published, seconds=90)


def wait_until_settled(installation: Installation, pk: int) -> dict[str, Any]:
    def settled() -> dict[str, Any] | None:
        shown: dict[str, Any] = installation.ask("show", pk)
        return shown if shown["state"] == "published" else None

    return installation.wait_for("published publication", settled, pause=0.5)


def wait_for_calls(installation: Installation, name: str, count: int) -> None:
    installation.wait_for(f"{name} no. {count}", lambda: installation.simulator.calls(name) >= count)


def kill(worker: Running) -> None:
    """As a power cut ends it: no signal handler runs. Its beat must notice and end by itself."""
    _worker, *others = worker.family()
    worker.end(signal.SIGKILL)
    assert still_alive(others, seconds=5) == [], "a scheduler without its worker goes on"


@pytest.mark.parametrize(
    ("call", "count", "fault"),
    [
        pytest.param("creator_info", 2, {"kind": "hang"}, id="before-init"),
        pytest.param("chunk", 3, {"kind": "slow", "chunk": 2}, id="chunk-not-taken"),
        pytest.param("chunk", 3, {"kind": "hang_after", "chunk": 2}, id="chunk-taken-answer-lost"),
        pytest.param("chunk", 6, {"kind": "slow", "chunk": 5}, id="last-chunk-not-taken"),
        pytest.param("chunk", 6, {"kind": "hang_after", "chunk": 5}, id="last-chunk-taken-answer-lost"),
        pytest.param("status", 1, {"kind": "hang"}, id="while-tiktok-processes"),
    ],
)
def test_a_killed_worker_is_followed_by_one_that_goes_on(
    call: str, count: int, fault: dict[str, Any], installation: Installation, tmp_path: Path
) -> None:
    path = film(tmp_path, pad_to=LARGE)
    pk = installation.ask("publish", path)
    installation.simulator.fault(call, seconds=3, **fault)
    first = installation.start("worker")
    wait_for_calls(installation, call, count)
    time.sleep(0.7)  # a heartbeat and more into the call
    kill(first)
    before = installation.ask("show", pk)
    assert before["is_leased"], "the kill came too late to prove anything"
    installation.start("worker")
    post = wait_until_published(installation)
    after = wait_until_settled(installation, pk)
    assert len(installation.simulator.ledger()["inits"]) == 1
    assert len(installation.simulator.posts()) == 1
    assert post["sha256"] == sha256(path)
    assert [attempt["publish_id"] for attempt in after["attempts"]] == [post["publish_id"]]
    if call == "chunk":
        assert before["attempts"][0]["publish_id"] == post["publish_id"]
        assert before["attempts"][0]["next_byte"] == fault["chunk"] * 10_000_000
        assert installation.simulator.calls("chunk") in {6, 7}, "more than the interrupted chunk was repeated"
    assert after["epoch"] > before["epoch"]


def test_an_init_whose_answer_died_with_the_worker_leaves_one_post(
    installation: Installation, tmp_path: Path
) -> None:
    """TikTok knows a publish id that we never learnt: it has no bytes, so a second init is safe."""
    path = film(tmp_path)
    pk = installation.ask("publish", path)
    installation.simulator.fault("video_init", "hang_after", seconds=3)
    first = installation.start("worker")
    wait_for_calls(installation, "video_init", 1)
    kill(first)
    installation.start("worker")
    post = wait_until_published(installation)
    after = wait_until_settled(installation, pk)
    assert len(installation.simulator.ledger()["inits"]) == 2
    assert [attempt["outcome"] for attempt in after["attempts"]] == ["failed", "published"]
    assert after["attempts"][1]["publish_id"] == post["publish_id"]
    assert post["sha256"] == sha256(path)


def test_a_stopped_worker_hands_its_upload_over_at_once(installation: Installation, tmp_path: Path) -> None:
    path = film(tmp_path, pad_to=LARGE)
    pk = installation.ask("publish", path)
    installation.simulator.fault("chunk", "slow", seconds=0.5, times=None)
    first = installation.start("worker")
    wait_for_calls(installation, "chunk", 2)
    family = first.family()
    took = first.end(signal.SIGTERM)
    calls = installation.simulator.calls("chunk")
    assert took < 15, "the process runner kills after twenty seconds"
    assert first.process.returncode == 0
    assert still_alive(family, seconds=2) == []
    handed_over = installation.ask("show", pk)
    assert handed_over["state"] == "uploading"
    assert not handed_over["is_leased"]
    assert calls <= 4, "the stopped worker went on sending"
    installation.simulator.clear_faults()
    installation.start("worker")
    post = wait_until_published(installation)
    after = wait_until_settled(installation, pk)
    assert [attempt["publish_id"] for attempt in after["attempts"]] == [post["publish_id"]]
    assert post["sha256"] == sha256(path)
    assert len(installation.simulator.ledger()["inits"]) == 1
