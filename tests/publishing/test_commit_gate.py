"""The gate against a TikTok that fetches whenever it likes, and what decides where no gate is held."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User
from publishing.engine import advance
from publishing.gates import is_gate_held, tell_operators
from publishing.models import AttemptOutcome, Event, Gate, GateDoubt, GateOff, Publication, Route
from publishing.reasons import Reason
from publishing.services import (
    cancel_publication,
    is_cancel_possible,
    is_reopen_possible,
    is_retry_possible,
)
from publishing.states import State
from publishing.tasks import tell_operators_due
from tests.factories import make_person
from tests.publishing.driving import in_state, run, skip_wait
from tests.publishing.ways import Way

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PULLED = [route for route in Route if route.is_pulled]
DIRECT = pytest.mark.parametrize("way", [Route.PHOTOS, Route.VIDEO_PULL], indirect=True)
PHOTOS = pytest.mark.parametrize("way", [Route.PHOTOS], indirect=True)
EVERY = pytest.mark.parametrize("way", PULLED, indirect=True)


def gates(publication: Publication) -> list[tuple[str, str]]:
    return [(attempt.gate, attempt.fail_reason) for attempt in publication.attempts.all()]


# --- TikTok fetches as it likes ---------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("gate", ["last_byte", "off"])
@pytest.mark.parametrize(
    "switches",
    [
        {"pull_probe": True},
        {"pull_profile": ["head_first"]},
        {"pull_profile": ["ranged"]},
        {"pull_profile": ["ranged", "parallel"]},
        {"pull_profile": ["repeat"]},
    ],
    ids=str,
)
def test_however_tiktok_fetches_it_arrives_at_the_first_attempt(
    way: Way, gate: str, switches: dict[str, Any], settings: Any
) -> None:
    settings.PULL_COMMIT_GATE = gate
    way.simulator.switch(**switches)
    publication = way.due()
    way.walk(publication)
    way.check(publication, str(switches))
    assert gates(publication) == [(Gate.OPEN, "")]
    assert not GateOff.objects.exists()


@EVERY
@pytest.mark.on_postgres
def test_a_tiktok_that_fetches_inside_init_turns_the_gate_off_and_the_post_arrives_once(
    way: Way, settings: Any, alice: User
) -> None:
    settings.PULL_WITHHOLD_SECONDS = 1.0
    way.simulator.switch(pull_inside_init=True)
    publication = way.due()
    assert is_gate_held()
    way.walk(publication)
    way.check(publication, "inside init")
    assert gates(publication) == [(Gate.REVOKED, Reason.FETCHED_UNANSWERED)] * 3 + [(Gate.OPEN, "")]
    off = GateOff.objects.get()
    assert (off.reason, off.attempt, off.ended_at) == (
        "fetched_inside_init",
        publication.attempts.get(number=3),
        None,
    )
    assert Event.objects.filter(publication=publication, name="fetched_unanswered").count() == 2
    assert Event.objects.filter(publication=publication, name="gate_turned_off").count() == 1
    assert not is_gate_held()
    assert not GateDoubt.objects.exists()
    another = way.due()
    way.walk(another)
    way.check(another, "the next one")
    assert gates(another) == [(Gate.OPEN, "")]
    assert GateOff.objects.count() == 1


@EVERY
@pytest.mark.on_postgres
def test_a_lost_answer_after_a_long_wait_leaves_the_gate_as_it_is(way: Way, settings: Any) -> None:
    """TikTok fetches beside its answer, and the line is silent for longer than the last byte is held back."""
    settings.PULL_WITHHOLD_SECONDS = 0.5
    for _ in range(2):
        way.simulator.fault(way.init_call, "hang_after", seconds=2.0)
        publication = way.due()
        way.walk(publication)
        way.check(publication, "hangs")
        assert [gate for gate, _ in gates(publication)] == [Gate.REVOKED, Gate.OPEN]
        assert Event.objects.filter(publication=publication, name="fetched_unanswered").count() == 1
        assert is_gate_held()
        assert not GateDoubt.objects.exists(), "the answer to the second attempt ends the doubt"


@EVERY
def test_with_the_gate_off_by_setting_fetching_inside_init_is_fine(way: Way, settings: Any) -> None:
    settings.PULL_COMMIT_GATE = "off"
    way.simulator.switch(pull_inside_init=True)
    publication = way.due()
    way.walk(publication)
    way.check(publication, "off by setting")
    assert gates(publication) == [(Gate.OPEN, "")]
    assert not GateOff.objects.exists()


@PHOTOS
@pytest.mark.on_postgres
def test_the_addresses_of_an_earlier_attempt_are_gone_when_another_begins(way: Way) -> None:
    way.simulator.switch(pull_attempts=1)
    way.simulator.fault("content_init", "reset_after")
    publication = way.due()
    run(publication, until=lambda p: p.attempts.filter(gate=Gate.REVOKED).exists())
    urls = [pull["url"] for post in way.posts_of(publication) for pull in post["pulls"]]
    assert len(urls) == 3
    assert {httpx.get(url, trust_env=False).status_code for url in urls} == {410}
    way.walk(publication)
    way.check(publication, "another")
    assert gates(publication) == [(Gate.REVOKED, ""), (Gate.OPEN, "")]
    assert {httpx.get(url, trust_env=False).status_code for url in urls} == {410}


@PHOTOS
def test_a_photo_tiktok_could_not_have_makes_another_attempt_and_no_more_than_three(way: Way) -> None:
    way.simulator.switch(pull_attempts=1)
    way.simulator.fault("fetch", "cut", bytes=100, times=1)
    publication = way.due()
    way.walk(publication)
    way.check(publication, "cut once")
    assert [attempt.fail_reason for attempt in publication.attempts.all()] == ["photo_pull_failed", ""]
    way.simulator.fault("fetch", "cut", bytes=100, times=None)
    another = way.due()
    way.walk(another)
    another.refresh_from_db()
    assert (another.state, another.reason) == (State.FAILED, "photo_pull_failed")
    assert another.attempts.count() == 3
    assert is_retry_possible(another)


# --- Without a gate the log decides -----------------------------------------------------------------------


@DIRECT
@pytest.mark.on_postgres
def test_without_a_gate_a_lost_answer_is_safe_while_nothing_was_fetched_whole(
    way: Way, settings: Any
) -> None:
    settings.PULL_COMMIT_GATE = "off"
    # TikTok begins to fetch only when the addresses have ended already.
    way.simulator.fault(way.init_call, "reset_before")
    publication = way.due()
    way.walk(publication)
    way.check(publication, "lost before")
    assert gates(publication) == [(Gate.REVOKED, Reason.INIT_UNANSWERED), (Gate.OPEN, "")]


@DIRECT
@pytest.mark.on_postgres
def test_without_a_gate_a_lost_answer_after_a_whole_file_is_an_open_question(way: Way, settings: Any) -> None:
    settings.PULL_COMMIT_GATE = "off"
    way.simulator.switch(pull_inside_init=True)
    way.simulator.fault(way.init_call, "reset_after")
    publication = way.due()
    way.walk(publication)
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == (State.UNCONFIRMED, Reason.PULL_UNANSWERED)
    assert publication.next_try_at is None
    assert gates(publication) == [(Gate.OPEN, "")]
    assert len(way.landed(publication)) == 1, "it did go out, and nobody could know"
    assert not is_retry_possible(publication)
    assert not is_reopen_possible(publication)
    assert not is_cancel_possible(publication)
    for _ in range(3):
        skip_wait(publication)
        assert not advance(publication.pk)


@DIRECT
@pytest.mark.on_postgres
def test_without_a_gate_a_worker_that_died_leaves_the_log_to_the_next(way: Way, settings: Any) -> None:
    settings.PULL_COMMIT_GATE = "off"
    publication = run(way.due(), until=in_state(State.STARTING))
    lost = publication.attempts.create(
        number=1,
        route=way.route,
        payload={},
        payload_sha256="0" * 64,
        media_sha256="0" * 64,
        total_bytes=way.total,
        chunk_size=0,
        total_chunk_count=0,
        init_started_at=database_now(),
        gate=Gate.OPEN,
    )
    way.walk(publication)
    way.check(publication, "nothing was fetched")
    lost.refresh_from_db()
    assert (lost.gate, lost.outcome) == (Gate.REVOKED, AttemptOutcome.FAILED)


# --- Cancelling what TikTok has in reach ------------------------------------------------------------------


@EVERY
def test_cancelling_while_tiktok_fetches_ends_as_cancelled_by_tiktoks_word(way: Way, alice: User) -> None:
    way.simulator.fault("fetch", "slow", seconds=20)
    publication = run(way.due(), until=in_state(State.PROCESSING))
    cancel_publication(publication, user=alice)
    publication.refresh_from_db()
    assert publication.state == State.PROCESSING
    publication = run(publication, until=in_state(State.CANCELLED))
    assert (publication.reason, publication.cancel_answer) == (Reason.STOPPED_BY_PERSON, "ok")
    assert way.simulator.calls("cancel") == 1
    way.check_not_sent(publication, "cancelled")
    assert [post["fail_reason"] for post in way.posts_of(publication)] == ["publish_cancelled"]
    assert is_retry_possible(publication)


@PHOTOS
def test_too_late_to_cancel_is_said_and_the_post_goes_on(way: Way, alice: User) -> None:
    way.simulator.switch(processing_seconds=3600, late_cancel="publish_not_cancellable")
    publication = run(way.due(), until=in_state(State.PROCESSING))
    way.simulator.wait_until_checked(publication.attempts.get().publish_id or "")
    cancel_publication(publication, user=alice)
    publication = run(publication, until=lambda p: p.cancel_answer != "")
    assert (publication.state, publication.cancel_answer) == (State.PROCESSING, "publish_not_cancellable")
    way.simulator.switch(processing_seconds=0)
    way.simulator.advance(3600)
    publication = run(publication)
    assert publication.state == State.PUBLISHED
    assert way.simulator.calls("cancel") == 1
    way.check(publication, "too late")


@PHOTOS
@pytest.mark.parametrize("lost", ["reset_before", "reset_after"])
def test_an_answer_to_cancel_that_is_lost_is_asked_for_again(way: Way, alice: User, lost: str) -> None:
    way.simulator.fault("fetch", "slow", seconds=20)
    way.simulator.fault("cancel", lost)
    publication = run(way.due(), until=in_state(State.PROCESSING))
    cancel_publication(publication, user=alice)
    publication = run(publication, until=in_state(State.CANCELLED))
    way.check_not_sent(publication, lost)


@PHOTOS
def test_a_wish_to_cancel_outlives_a_failed_attempt(way: Way, alice: User) -> None:
    """TikTok fails what a worker would have begun anew: instead nothing more is sent."""
    publication = run(way.due(), until=in_state(State.STARTING))
    Publication.objects.filter(pk=publication.pk).update(cancel_asked_at=database_now())
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.CANCELLED, Reason.STOPPED_BY_PERSON)
    assert way.posts_of(publication) == []


# --- The operator -----------------------------------------------------------------------------------------


@pytest.fixture
def gate_off(db: None) -> GateOff:
    return GateOff.objects.create(reason="fetched_inside_init", mail_due_at=database_now())


def test_every_operator_gets_one_mail(gate_off: GateOff, alice: User) -> None:
    operators = [make_person(f"operator{number}@example.com", is_staff=True) for number in range(2)]
    gone = make_person("gone@example.com", is_staff=True)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert tell_operators_due() == 2
    assert tell_operators_due() == 0
    assert sorted(message.to for message in mail.outbox) == [[person.email] for person in operators]
    assert mail.outbox[0].subject == "Greenroom stopped holding back files from TikTok"
    assert "PULL_COMMIT_GATE=off" in mail.outbox[0].body
    assert "http://localhost:8000/posts/" in mail.outbox[0].body


def test_a_mail_that_does_not_go_out_is_tried_again(
    gate_off: GateOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("operator@example.com", is_staff=True)

    def refuse(*_args: object, **_kwargs: object) -> int:
        raise OSError("no mail server")

    now = database_now()
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", refuse)
        assert tell_operators(now=now) == 0
    assert tell_operators(now=now) == 0
    assert tell_operators(now=now + timedelta(minutes=3)) == 1


def test_operators_see_it_and_others_do_not(gate_off: GateOff, client: Client, as_alice: Client) -> None:
    client.force_login(make_person("operator@example.com", is_staff=True))
    assert "The commit gate is off since" in client.get(reverse("publishing:post-list")).text
    assert "commit gate" not in as_alice.get(reverse("publishing:post-list")).text


@DIRECT
@pytest.mark.on_postgres
def test_the_gate_is_held_again_once_tiktok_answers_before_it_has_the_whole_file(
    gate_off: GateOff, way: Way
) -> None:
    way.simulator.fault("fetch", "slow", seconds=3.0, times=1)
    publication = way.due()
    way.walk(publication)
    way.check(publication, "answered first")
    assert is_gate_held()
    gate_off.refresh_from_db()
    assert (gate_off.ended_at is not None, gate_off.ended_by) == (True, None)


@pytest.mark.on_postgres
def test_an_operator_holds_the_gate_again(gate_off: GateOff, client: Client, as_alice: Client) -> None:
    address = reverse("publishing:gate-hold")
    assert as_alice.post(address).status_code == 404
    assert not is_gate_held()
    operator = make_person("operator@example.com", is_staff=True)
    client.force_login(operator)
    assert client.get(address).status_code == 405
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert is_gate_held()
    gate_off.refresh_from_db()
    assert gate_off.ended_by == operator
    assert "commit gate" not in client.get(reverse("publishing:post-list")).text
