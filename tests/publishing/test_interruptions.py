"""People and operators who change something while a post is on its way: noticed in time, said truly, no spinning."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, User
from accounts.people import workspace_of
from composer.consents import void_consent
from publishing import init_file
from publishing.attempts import end_open_attempts
from publishing.engine import advance
from publishing.heartbeats import Heartbeat
from publishing.models import AccountCall, Publication
from publishing.reasons import Reason
from publishing.services import cancel_publication, hold_moved_away, is_retry_possible, resume_reconnected
from publishing.states import State
from publishing.steps import gap_seconds
from publishing.tasks import publish_due
from tests.factories import make_attempt, make_person, make_publication
from tests.processes import Simulator
from tests.publishing.crashing import in_another_worker, points
from tests.publishing.driving import due, film, in_state, move_account, run, skip_wait
from tiktok import ChunkPlan

pytestmark = pytest.mark.django_db(transaction=True)

CHUNK = 5_242_880


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A film that goes in two chunks."""
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    return film(tmp_path, pad_to=2 * CHUNK + 1000)


def disconnect(publication: Publication) -> None:
    TikTokAccount.objects.filter(pk=publication.account_id).update(state=AccountState.DISCONNECTED)


def move_away(publication: Publication) -> None:
    move_account(publication.account, workspace_of(make_person()))


def void(publication: Publication) -> None:
    void_consent(publication.post, now=database_now())


INTERRUPTIONS = pytest.mark.parametrize(
    ("interrupt", "reason"),
    [
        (disconnect, Reason.ACCOUNT_DISCONNECTED),
        (move_away, Reason.ACCOUNT_MOVED),
        (void, Reason.CONSENT_VOIDED),
    ],
)


@INTERRUPTIONS
@pytest.mark.parametrize("is_in_mid_step", [True, False])
def test_what_happens_during_the_upload_is_noticed_before_the_last_chunk(
    interrupt: Callable[[Publication], None],
    reason: Reason,
    is_in_mid_step: bool,
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    if not is_in_mid_step:
        interrupt(publication)
    with points(monkeypatch, None, lambda _name: None) as watch:
        watch.on("after put_chunk", lambda: in_another_worker(lambda: interrupt(publication)))
        publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, reason)
    assert simulator.calls("chunk") == (1 if is_in_mid_step else 0)
    assert [attempt.outcome for attempt in publication.attempts.all()] == ["failed"]
    assert not any(post["completed_at"] for post in simulator.posts())


def test_an_account_that_needs_reconnecting_during_the_upload_goes_on_with_the_same_upload(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    accounts = TikTokAccount.objects.filter(pk=poppy.pk)
    with points(monkeypatch, None, lambda _name: None) as watch:
        watch.on("after put_chunk", lambda: accounts.update(state=AccountState.NEEDS_RECONNECT))
        publication = run(publication)
    assert publication.state == State.WAITING_RECONNECT
    accounts.update(state=AccountState.CONNECTED)
    assert resume_reconnected(database_now()) == 1
    assert run(publication).state == State.PUBLISHED
    assert len(simulator.ledger()["inits"]) == 1
    assert simulator.calls("chunk") == 2


def test_nothing_more_is_sent_for_an_account_that_moved_and_its_end_is_said_truly(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """The last chunk may have arrived when the account moved; TikTok then says that it did not."""
    simulator.fault("chunk", "reset_before", chunk=1)
    publication = run(due(poppy, path, user=alice), until=lambda p: p.tries == 1)
    move_away(publication)
    assert hold_moved_away() == 0
    publication = run(publication, until=in_state(State.PROCESSING))
    assert simulator.calls("chunk") == 2, "the first, and the last that was lost"
    started_at = database_now() - timedelta(hours=1, minutes=11)
    publication.attempts.update(init_started_at=started_at)
    assert run(publication).state == State.FAILED
    assert not any(attempt.may_be_public for attempt in publication.attempts.all())


@pytest.mark.parametrize("cause", ["other_app", "unreadable"])
@pytest.mark.parametrize("state", [State.STARTING, State.UPLOADING, State.PROCESSING])
def test_an_account_that_only_the_operator_can_mend_waits_without_spinning(
    cause: str,
    state: State,
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    path: Path,
    settings: Any,
) -> None:
    """The row says connected, but its tokens cannot be used with these settings."""
    publication = run(due(poppy, path, user=alice), until=in_state(state))
    key, keys = settings.TIKTOK_CLIENT_KEY, settings.TOKEN_ENCRYPTION_KEYS
    if cause == "other_app":
        settings.TIKTOK_CLIENT_KEY = "another-app"
    else:
        settings.TOKEN_ENCRYPTION_KEYS = ["h0bWqCtuWZ4v0QhzPhOsBhTnsPC3ldB3oEkkCTV0o1Y="]
    publication = run(publication)
    assert publication.state == State.WAITING_RECONNECT
    events = publication.events.count()
    for _ in range(5):
        publish_due()
        while advance(publication.pk):
            pass
    assert publication.events.count() == events
    settings.TIKTOK_CLIENT_KEY, settings.TOKEN_ENCRYPTION_KEYS = key, keys
    skip_wait(publication)
    assert resume_reconnected(database_now()) == 1
    assert run(publication).state == State.PUBLISHED


def test_an_attempt_that_may_be_public_is_never_ended_in_passing(alice: User) -> None:
    publication = make_publication(user=alice, state=State.UPLOADING)
    may_be_public = make_attempt(publication, final_intent_at=database_now())
    never_sent = make_attempt(publication)
    end_open_attempts(publication, database_now())
    for attempt in (may_be_public, never_sent):
        attempt.refresh_from_db()
    assert (may_be_public.outcome, never_sent.outcome) == ("", "failed")


# --- Waiting and counting ---------------------------------------------------------------------------------


def test_waiting_for_ones_turn_uses_up_no_try(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    publication = run(due(poppy, path, user=alice), until=in_state(State.STARTING))
    asked = simulator.calls("creator_info")
    for _ in range(5):
        AccountCall.objects.create(account=poppy, endpoint="init", at=database_now())
    for _ in range(15):
        skip_wait(publication)
        advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.tries) == (State.STARTING, 1)
    assert simulator.calls("creator_info") == asked, "others may need that call while this one has to wait"
    AccountCall.objects.all().delete()
    simulator.fault("video_init", "http", status=503)
    assert run(publication, until=lambda p: p.attempts.exists()).state == State.STARTING


@pytest.mark.parametrize(("code", "status"), [("rate_limit_exceeded", 429), ("access_token_invalid", 401)])
def test_what_says_nothing_about_the_post_uses_up_no_attempt(
    code: str, status: int, simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("video_init", "error", code=code, status=status, times=8)
    publication = due(poppy, path, user=alice)

    def is_done(publication: Publication) -> bool:
        AccountCall.objects.all().delete()
        return publication.state in {State.PUBLISHED, State.FAILED}

    assert run(publication, until=is_done).state == State.PUBLISHED
    assert publication.attempts.count() == 9


def test_a_limit_that_never_ends_fails_in_the_end(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("creator_info", "error", code="rate_limit_exceeded", status=429, times=None)
    publication = due(poppy, path, user=alice)

    def is_done(publication: Publication) -> bool:
        AccountCall.objects.all().delete()
        return publication.state == State.FAILED

    assert run(publication, until=is_done).reason == "rate_limit_exceeded"
    assert is_retry_possible(publication)


def test_an_init_is_counted_and_dated_when_it_is_made(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    """Creator info, or the hash of a large file, may take long; the minute begins with the call."""
    simulator.fault("creator_info", "slow", seconds=1.2)
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    asked = AccountCall.objects.get(endpoint="creator_info").at
    assert AccountCall.objects.get(endpoint="init").at - asked > timedelta(seconds=1)
    assert publication.attempts.get().init_started_at - asked > timedelta(seconds=1)


def test_a_token_called_invalid_by_init_is_a_refusal_not_a_lost_answer(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("video_init", "error", code="access_token_invalid", status=401)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.PUBLISHED
    assert [attempt.fail_reason for attempt in publication.attempts.all()] == ["access_token_invalid", ""]
    assert not publication.attempts.filter(init_finished_at=None).exists()


def test_gaps_stay_gaps_however_often_it_was_tried() -> None:
    assert 240.0 <= gap_seconds(5000) <= 360.0


def test_a_slow_answer_is_not_asked_for_again_by_another_worker(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path, settings: Any
) -> None:
    """Longer than the lease: without a heartbeat no worker would ever be the one to write the answer down."""
    publication = run(due(poppy, path, user=alice), until=in_state(State.PROCESSING))
    settings.PUBLISHING_LEASE_SECONDS = 1.5
    simulator.fault("status", "slow", seconds=3)
    skip_wait(publication)
    rivals: list[object] = []

    def claim() -> None:
        rivals.append(Publication.objects.claim(publication.pk, seconds=1.5))
        connection.close()

    rival = threading.Timer(2.4, claim)
    rival.start()
    assert advance(publication.pk)
    rival.join()
    assert rivals == [None]
    publication.refresh_from_db()
    assert publication.attempts.get().remote_status != ""


def test_a_post_id_that_never_comes_is_not_looked_for_for_ever(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.switch(moderation_seconds=3600)
    publication = run(due(poppy, path, user=alice))
    Publication.objects.update(published_at=database_now() - timedelta(days=31))
    disconnect(publication)
    skip_wait(publication)
    advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.next_try_at) == (State.PUBLISHED, None)


# --- A person is quicker ----------------------------------------------------------------------------------


def test_a_cancel_right_after_the_claim_is_no_fault(
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    publication = due(poppy, path, user=alice)

    def press_cancel(_name: str) -> None:
        in_another_worker(lambda: cancel_publication(Publication.objects.get(pk=publication.pk), user=alice))

    with points(monkeypatch, 1, press_cancel) as watch:
        assert not advance(publication.pk)
    assert watch.passed[1] == "after publications.claim"
    publication.refresh_from_db()
    assert publication.state == State.CANCELLED
    assert caplog.records == []


def test_trying_again_goes_by_the_databases_clock(
    simulator: Simulator,
    poppy: TikTokAccount,
    alice: User,
    as_alice: Client,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publication = due(poppy, path, user=alice)
    cancel_publication(publication, user=alice)
    ahead = timezone.now() + timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        as_alice.post(f"/posts/{publication.post_id}/try-again/")
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    assert publication.next_try_at < ahead - timedelta(minutes=30)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_heart_that_stops_for_whatever_reason_stops_the_sender(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault_of_ours(_heartbeat: Heartbeat) -> None:
        raise RuntimeError("nobody foresaw this")

    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    with monkeypatch.context() as patch, points(monkeypatch, None, lambda _name: None) as watch:
        patch.setattr(Heartbeat, "_write", fault_of_ours)
        watch.on("after put_chunk", lambda: time.sleep(1.3))
        assert not advance(publication.pk)
    assert simulator.calls("chunk") == 1
    assert publication.attempts.get().final_intent_at is None
