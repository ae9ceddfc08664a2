"""Answers to chunks that contradict themselves, and files that vanish: nothing lost, doubled or called wrong."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from publishing import init_file
from publishing.engine import advance
from publishing.reasons import Reason
from publishing.services import is_cancel_possible, is_reopen_possible, is_retry_possible, try_again
from publishing.states import State
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, run, skip_wait
from tiktok import ChunkPlan

pytestmark = pytest.mark.django_db(transaction=True)

CHUNK = 5_242_880
SIZE = 2 * CHUNK + 1000
WHOLE = {"Content-Range": f"bytes 0-{SIZE}/{SIZE}"}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film that goes in two chunks."""
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    return film(tmp_path, pad_to=SIZE)


def is_landed_once(simulator: Simulator, path: Path) -> bool:
    sums = [post["sha256"] for post in simulator.posts() if post["status"] == "PUBLISH_COMPLETE"]
    return sums == [hashlib.sha256(path.read_bytes()).hexdigest()]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 201, "chunk": 0},
        {"status": 206, "chunk": 0, "headers": WHOLE},
        {"status": 206, "chunk": 0, "headers": {"Content-Range": "bytes 0-17/4"}},
        {"status": 416, "chunk": 0, "headers": WHOLE},
        {"status": 416, "chunk": 0},
        {"status": 206, "chunk": 1},
        {"status": 206, "chunk": 1, "headers": {"Content-Range": f"bytes 0-{CHUNK}/{SIZE}"}},
        {"status": 200, "chunk": 1},
        {"status": 400, "chunk": 1},
    ],
    ids=str,
)
def test_a_wrong_answer_to_a_chunk_that_arrived_neither_loses_nor_doubles_the_post(
    answer: dict[str, object], simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("chunk", "http", done=True, **answer)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1
    assert is_landed_once(simulator, path)


def test_a_worker_that_dies_after_a_201_too_early_does_not_begin_anew(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """Whoever says that it has everything may publish: the attempt counts as one that may be public."""
    simulator.fault("chunk", "http", status=201, chunk=0, done=True)
    simulator.fault("chunk", "http", status=404, chunk=1)
    publication = due(poppy, path, user=alice)
    run(publication, until=lambda p: p.events.filter(name="upload_url_ended").exists())
    assert publication.attempts.get().may_be_public
    assert not is_cancel_possible(publication)


def test_a_refused_last_chunk_fails_once_nothing_can_arrive_any_more(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("chunk", "http", status=400, chunk=1)
    publication = run(due(poppy, path, user=alice), until=in_state(State.PROCESSING))
    skip_wait(publication)
    advance(publication.pk)
    publication.refresh_from_db()
    assert publication.state == State.PROCESSING, "it may still arrive"
    started_at = database_now() - timedelta(hours=1, minutes=11)
    publication.attempts.update(init_started_at=started_at, final_intent_at=started_at)
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.FAILED, Reason.UPLOAD_EXPIRED)
    assert is_retry_possible(publication)
    try_again(publication, user=alice, now=database_now())
    assert run(publication).state == State.PUBLISHED
    assert is_landed_once(simulator, path)


@pytest.mark.parametrize("status", [403, 404])
def test_an_upload_that_ended_early_is_fenced_by_its_whole_hour(
    status: int, simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """A worker frozen before its last chunk could still finish an address that only a gateway called ended."""
    simulator.fault("chunk", "http", status=status, chunk=1)
    publication = due(poppy, path, user=alice)
    run(publication, until=lambda p: p.events.filter(name="upload_url_ended").exists())
    skip_wait(publication)
    advance(publication.pk)
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    assert publication.next_try_at - database_now() > timedelta(hours=1, minutes=9)


def test_an_upload_that_ended_without_a_word_on_its_bytes_is_never_begun_anew(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """TikTok has the last chunk, its answer was lost, its status gives no number, and the hour is over."""
    simulator.fault("chunk", "reset_after", chunk=1)
    publication = run(due(poppy, path, user=alice), until=lambda p: p.tries == 1)
    started_at = database_now() - timedelta(hours=1, minutes=11)
    publication.attempts.update(init_started_at=started_at, upload_expires_at=started_at)
    body = '{"data": {"status": "PROCESSING_UPLOAD"}, "error": {"code": "ok", "message": "", "log_id": "1"}}'
    simulator.fault("status", "http", status=200, body=body)
    publication = run(publication, until=lambda p: p.state != State.UPLOADING)
    assert publication.state == State.PROCESSING
    assert run(publication).state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1


def test_an_upload_that_ended_before_its_last_chunk_starts_over_after_a_pause(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("chunk", "http", status=404, chunk=0)
    publication = due(poppy, path, user=alice)
    run(publication, until=lambda p: p.state == State.STARTING and p.attempts.exists())
    assert publication.next_try_at is not None
    assert publication.next_try_at - database_now() > timedelta(seconds=8)


def test_a_file_that_vanishes_when_the_last_chunk_may_have_arrived_leaves_the_question_open(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """TikTok has it all, its status lags, and the file is gone: nothing here may say that it can be sent again."""
    simulator.fault("chunk", "reset_after", chunk=1)
    body = '{"data": {"status": "PROCESSING_UPLOAD"}, "error": {"code": "ok", "message": "", "log_id": "1"}}'
    simulator.fault("status", "http", status=200, body=body, times=2)
    publication = run(due(poppy, path, user=alice), until=lambda p: p.tries == 1)
    stored = Path(publication.consent.media.file.path)
    stored.rename(stored.with_suffix(".gone"))
    publication = run(publication, until=lambda p: p.state != State.UPLOADING)
    assert publication.state == State.PROCESSING
    assert not any(may(publication) for may in (is_retry_possible, is_reopen_possible, is_cancel_possible))
    assert run(publication).state == State.PUBLISHED
    assert is_landed_once(simulator, path)


def test_a_file_that_vanishes_before_the_last_chunk_is_held_with_nothing_public(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    Path(publication.consent.media.file.path).unlink()
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.FILE_MISSING)
    assert not any(attempt.may_be_public for attempt in publication.attempts.all())


def test_tiktok_restarting_in_the_middle_of_an_upload_costs_one_chunk(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("chunk", "reset_before", chunk=1, after_bytes=2_000_000)
    publication = run(due(poppy, path, user=alice), until=lambda p: p.tries == 1)
    simulator.restart()
    assert run(publication).state == State.PUBLISHED
    assert is_landed_once(simulator, path)
    assert publication.attempts.count() == 1
