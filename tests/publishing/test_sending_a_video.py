"""A video's way through the engine to the simulated TikTok: whole, in chunks, resumed, and under faults."""

import hashlib
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, User
from publishing.engine import advance
from publishing.models import AttemptOutcome, LeaseLostError, Publication
from publishing.reasons import Reason
from publishing.services import resume_reconnected
from publishing.states import State
from tests.at_once import at_once
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, run, skip_wait, states_of

pytestmark = pytest.mark.django_db(transaction=True)

CHUNKED = 64_000_001 + 3_000_000  # six chunks: five of 10 MB and one of 17,000,001 bytes


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_small_video_is_sent_in_one_piece_and_published(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    path = film(tmp_path)
    publication = run(due(poppy, path, user=alice, caption="Fog, slowly"))
    assert publication.state == State.PUBLISHED
    assert states_of(publication) == ["starting", "uploading", "processing", "published"]
    [post] = simulator.posts()
    attempt = publication.attempts.get()
    assert post["publish_id"] == attempt.publish_id
    assert post["status"] == "PUBLISH_COMPLETE"
    assert post["sha256"] == sha256(path)
    assert post["title"] == "Fog, slowly"
    assert (post["disable_comment"], post["disable_duet"], post["disable_stitch"]) == (False, True, True)
    assert attempt.outcome == AttemptOutcome.PUBLISHED
    assert publication.lease_token is None


@pytest.mark.rule("5e", at="worker")
def test_what_tiktok_has_accepted_is_not_yet_published(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.switch(processing_seconds=3600)
    publication = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    for _ in range(3):
        skip_wait(publication)
        assert advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.published_at) == (State.PROCESSING, None)
    assert publication.attempts.get().outcome == AttemptOutcome.OPEN
    simulator.advance(3601)
    assert run(publication).state == State.PUBLISHED


def test_the_post_id_arrives_later_and_is_kept_as_a_string(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = run(due(poppy, film(tmp_path), user=alice))
    publication = run(publication, until=lambda p: bool(p.post_ids))
    assert publication.post_ids == [str(simulator.posts()[0]["post_id"])]
    assert publication.next_try_at is None


def test_a_post_that_is_not_public_is_published_without_an_id_and_not_asked_about_again(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = run(due(poppy, film(tmp_path), user=alice, privacy_level="SELF_ONLY"))
    assert (publication.state, publication.post_ids, publication.next_try_at) == (State.PUBLISHED, [], None)


@pytest.mark.rule("5b", at="worker")
def test_a_large_video_goes_in_chunks_and_arrives_byte_for_byte(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    path = film(tmp_path, pad_to=CHUNKED)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.PUBLISHED
    attempt = publication.attempts.get()
    assert (attempt.chunk_size, attempt.total_chunk_count) == (10_000_000, 6)
    assert simulator.calls("chunk") == 6
    assert simulator.posts()[0]["sha256"] == sha256(path)


@pytest.mark.parametrize("told", ["count", "last"])
@pytest.mark.on_postgres
def test_a_resumed_worker_goes_on_at_tiktoks_offset(
    told: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """The answer to the third chunk is lost: TikTok has 30 MB, we know of 20."""
    simulator.switch(content_range=told)
    simulator.fault("chunk", "reset_after", chunk=2)
    path = film(tmp_path, pad_to=CHUNKED)
    publication = run(due(poppy, path, user=alice), until=lambda p: p.tries == 1)
    assert publication.attempts.get().next_byte == 20_000_000
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    # Six chunks, and the third offered once more, which TikTok refused with its true progress.
    assert simulator.calls("chunk") == 7
    assert len(simulator.ledger()["inits"]) == 1
    assert simulator.posts()[0]["sha256"] == sha256(path)


@pytest.mark.parametrize("kind", ["drop_after", "reset_after", "drop_before", "reset_before", "truncated"])
@pytest.mark.on_postgres
def test_a_lost_answer_to_the_last_chunk_never_makes_a_second_init(
    kind: str, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("chunk", kind, chunk=0)
    path = film(tmp_path)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1
    assert [post["sha256"] for post in simulator.posts()] == [sha256(path)]


@pytest.mark.parametrize("omits", [True, False])
def test_the_last_chunk_is_sent_again_only_when_tiktok_still_waits_for_it(
    omits: bool, simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.switch(omit_empty_fields=omits)
    simulator.fault("chunk", "reset_before", chunk=5)
    publication = run(due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice), until=lambda p: p.tries == 1)
    attempt = publication.attempts.get()
    assert attempt.final_intent_at is not None
    assert attempt.next_byte == 50_000_000
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert simulator.calls("chunk") == 7


def test_a_server_error_repeats_the_chunk_not_the_upload(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("chunk", "http", status=503, chunk=1, times=2)
    publication = run(due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice))
    assert publication.state == State.PUBLISHED
    assert simulator.calls("chunk") == 8
    assert publication.attempts.count() == 1


def test_a_fault_that_was_got_over_makes_the_next_one_wait_no_longer(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """4 GB meet twenty faults: with gaps that double over all of them the upload would outlast its hour."""
    for number in (1, 3, 4):
        simulator.fault("chunk", "http", status=503, chunk=number)
    publication = due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice)
    for accepted in (10_000_000, 30_000_000, 40_000_000):
        publication = run(publication, until=lambda p: p.attempts.filter(next_byte=accepted).exists())  # noqa: B023
        assert publication.tries == 1
        assert publication.next_try_at is not None
        assert publication.next_try_at - database_now() < timedelta(seconds=2.5)
    assert run(publication).state == State.PUBLISHED


def test_an_init_without_an_answer_is_repeated_no_sooner_than_ten_seconds_later(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("video_init", "reset_after")
    publication = due(poppy, film(tmp_path), user=alice)
    publication = run(publication, until=lambda p: p.attempts.count() == 1 and p.lease_token is None)
    assert publication.state == State.STARTING
    assert publication.next_try_at is not None
    assert publication.next_try_at - database_now() > timedelta(seconds=9)
    skip_wait(publication)
    advance(publication.pk)
    assert publication.attempts.count() == 1, "a second init went out too early"
    publication.attempts.update(init_started_at=database_now() - timedelta(seconds=11))
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert [attempt.outcome for attempt in publication.attempts.all()] == ["failed", "published"]
    assert len(simulator.ledger()["inits"]) == 2
    assert len([post for post in simulator.posts() if post["status"] == "PUBLISH_COMPLETE"]) == 1


def test_inits_without_answers_end_after_four(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, settings: Any
) -> None:
    settings.PUBLISHING_ORPHAN_GAP_SECONDS = 0
    simulator.fault("video_init", "reset_after", times=None)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.FAILED, Reason.INIT_UNANSWERED)
    assert len(simulator.ledger()["inits"]) == 4
    assert not publication.attempts.filter(outcome="").exists()


def test_what_a_dead_worker_had_sent_is_asked_for_and_not_sent_again(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """Progress is noted twice a second: TikTok may have taken several chunks since."""
    simulator.fault("chunk", "http", status=503, chunk=3)
    publication = run(
        due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice),
        until=lambda publication: publication.attempts.filter(next_byte=30_000_000).exists(),
    )
    assert simulator.calls("chunk") == 4
    # As the row of a worker that died looks: its heart beat last in the middle of the second chunk.
    publication.attempts.update(next_byte=10_000_000, bytes_sent=12_000_000)
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert simulator.calls("chunk") == 4 + 3, "chunks that TikTok has were sent again"


def test_an_ended_upload_url_starts_over_when_the_last_chunk_never_went_out(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("chunk", "http", status=403, chunk=2)
    publication = run(due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice))
    assert publication.state == State.PUBLISHED
    assert [attempt.fail_reason for attempt in publication.attempts.all()] == [Reason.UPLOAD_EXPIRED, ""]


def test_an_ended_upload_url_is_waited_out_when_the_last_chunk_may_have_arrived(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.fault("chunk", "http", status=403, chunk=5)
    publication = due(poppy, film(tmp_path, pad_to=CHUNKED), user=alice)
    publication = run(publication, until=lambda p: p.events.filter(name="upload_url_ended").exists())
    skip_wait(publication)
    advance(publication.pk)
    publication.refresh_from_db()
    assert publication.state == State.UPLOADING
    assert publication.next_try_at is not None
    assert publication.next_try_at - database_now() > timedelta(minutes=69)
    assert len(simulator.ledger()["inits"]) == 1
    attempt = publication.attempts.get()
    attempt.init_started_at = database_now() - timedelta(minutes=71)
    attempt.save()
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 2
    assert len([post for post in simulator.posts() if post["status"] == "PUBLISH_COMPLETE"]) == 1


def test_an_access_token_that_dies_while_tiktok_processes_leads_back_to_the_same_question(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    simulator.expire("poppy.public")
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1
    assert simulator.calls("refresh") == 1


@pytest.mark.on_postgres
def test_an_access_token_that_dies_before_init_is_refreshed(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    simulator.expire("poppy.public")
    assert run(publication).state == State.PUBLISHED
    assert simulator.calls("refresh") == 1


def test_a_dead_account_makes_the_post_wait_and_reconnecting_takes_it_up(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.revoke("poppy.public")
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.WAITING_RECONNECT, Reason.NEEDS_RECONNECT)
    poppy.refresh_from_db()
    assert poppy.state == AccountState.NEEDS_RECONNECT
    assert resume_reconnected(database_now()) == 0
    TikTokAccount.objects.update(state=AccountState.CONNECTED)
    assert resume_reconnected(database_now()) == 1
    publication.refresh_from_db()
    assert publication.state == State.STARTING


def test_a_worker_that_is_stopped_gives_the_upload_back_and_another_goes_on(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    path = film(tmp_path, pad_to=CHUNKED)
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    stopping = threading.Event()
    stopping.set()
    advance(publication.pk, stopping=stopping)
    publication.refresh_from_db()
    assert (publication.state, publication.lease_token, publication.tries) == (State.UPLOADING, None, 0)
    assert run(publication).state == State.PUBLISHED
    assert simulator.posts()[0]["sha256"] == sha256(path)


@pytest.mark.on_postgres
def test_a_worker_whose_lease_was_taken_touches_nothing(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """A frozen worker wakes up after somebody else took over: its writes match no row, its last chunk stays."""
    publication = due(poppy, film(tmp_path), user=alice)
    frozen = Publication.objects.claim(publication.pk, seconds=0.0)
    assert frozen is not None
    publication = run(publication)
    with pytest.raises(LeaseLostError), Publication.objects.fenced(frozen):
        pytest.fail("a write went through without the lease")
    assert not Publication.objects.settle(frozen, next_try_at=None)
    assert not Publication.objects.move(publication.pk, State.SCHEDULED, State.STARTING, lease=frozen)
    publication.refresh_from_db()
    assert publication.state == State.PUBLISHED


@pytest.mark.on_postgres
def test_only_one_of_many_workers_gets_the_lease(poppy: TikTokAccount, alice: User, tmp_path: Path) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    leases = at_once(*[lambda: Publication.objects.claim(publication.pk, seconds=15)] * 8)
    assert len([lease for lease in leases if lease is not None]) == 1


def test_a_file_changed_on_disk_is_not_sent(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    stored = Path(publication.consent.media.file.path)
    stored.write_bytes(stored.read_bytes()[:-1] + b"!")
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.FILE_CHANGED)
    assert simulator.ledger()["inits"] == []


def test_a_missing_file_is_said_and_not_retried(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    Path(publication.consent.media.file.path).unlink()
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.FILE_MISSING)
