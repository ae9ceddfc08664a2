"""What the database itself holds, however many ask at once: one lease, fenced writes, one public attempt."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Self, TypeVar

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import clock
from accounts.clock import database_now
from publishing.budgets import LIMITS, Endpoint, take_call
from publishing.models import Attempt, Event, Lease, LeaseLostError, Publication
from publishing.states import State
from tests.at_once import at_once
from tests.factories import make_attempt, make_person, make_publication

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]

AT_ONCE = 8
Answer = TypeVar("Answer")


def many_at_once(work: Callable[[], Answer]) -> list[Answer]:
    return at_once(*[work] * AT_ONCE)


def claim(publication: Publication, *, seconds: float = 15) -> Lease:
    lease = Publication.objects.claim(publication.pk, seconds=seconds)
    assert lease is not None
    return lease


@pytest.fixture
def due(db: None) -> Publication:
    return make_publication(next_try_at=database_now() - timedelta(seconds=1))


def test_one_of_many_gets_the_lease(due: Publication) -> None:
    leases = [lease for lease in many_at_once(lambda: Publication.objects.claim(due.pk, seconds=15)) if lease]
    assert len(leases) == 1
    due.refresh_from_db()
    assert (due.lease_token, due.lease_epoch) == (leases[0].token, leases[0].epoch)


def test_one_of_many_sweeps_hands_it_out(due: Publication) -> None:
    now = database_now()
    until = now + timedelta(seconds=5)
    assert (
        many_at_once(lambda: Publication.objects.hand_out([due.pk], now=now, until=until)).count([due.pk])
        == 1
    )


def test_one_of_many_moves_it(due: Publication) -> None:
    lease = claim(due)
    moved = many_at_once(
        lambda: Publication.objects.move(due.pk, State.SCHEDULED, State.STARTING, lease=lease)
    )
    assert sum(moved) == 1
    assert Event.objects.filter(publication=due, to_state=State.STARTING).count() == 1


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (State.SCHEDULED, {"next_try_at": None}),
        (State.HELD, {"next_try_at": timezone.now()}),
        (State.FAILED, {"next_try_at": timezone.now()}),
        (State.DRAFT, {"next_try_at": timezone.now()}),
    ],
)
def test_what_is_not_due_cannot_be_claimed(state: State, fields: dict[str, object]) -> None:
    publication = make_publication(state=state, **fields)
    assert Publication.objects.claim(publication.pk, seconds=15) is None


def test_what_is_due_in_a_moment_cannot_be_claimed_yet() -> None:
    publication = make_publication(next_try_at=database_now() + timedelta(seconds=30))
    assert Publication.objects.claim(publication.pk, seconds=15) is None


class AnHourAhead(datetime):
    """The clock of a worker whose machine was set wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(hours=1)


def test_a_workers_wrong_clock_makes_nothing_due(monkeypatch: pytest.MonkeyPatch) -> None:
    publication = make_publication(next_try_at=database_now() + timedelta(minutes=30))
    monkeypatch.setattr(clock, "datetime", AnHourAhead)
    monkeypatch.setattr(timezone, "datetime", AnHourAhead)
    assert timezone.now() > publication.next_try_at
    assert Publication.objects.claim(publication.pk, seconds=15) is None


def test_a_lease_that_ran_out_passes_on_and_the_old_holder_writes_nothing(due: Publication) -> None:
    old = claim(due, seconds=-1)
    new = claim(due)
    assert new.epoch == old.epoch + 1
    assert not Publication.objects.renew(old)
    assert not Publication.objects.settle(old, next_try_at=None)
    assert not Publication.objects.move(due.pk, State.SCHEDULED, State.STARTING, lease=old)
    with pytest.raises(LeaseLostError), Publication.objects.fenced(old):
        pytest.fail("entered without the lease")
    due.refresh_from_db()
    assert (due.state, due.lease_token) == (State.SCHEDULED, new.token)
    assert not due.events.exists()


def test_a_fenced_write_that_fails_leaves_nothing(due: Publication) -> None:
    lease = claim(due)

    def write_half() -> None:
        with Publication.objects.fenced(lease):
            Publication.objects.filter(pk=due.pk).update(reason="half")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        write_half()
    due.refresh_from_db()
    assert (due.reason, due.lease_token) == ("", lease.token)


def test_a_person_takes_it_from_the_worker_and_only_one_of_them_moves_it(due: Publication) -> None:
    """Pressed at the very moment the worker moves: whoever comes second finds nothing to move."""
    person = make_person()
    lease = claim(due)
    turn = iter([True, False] * AT_ONCE)
    lock = threading.Lock()

    def press_or_step() -> str:
        with lock:
            is_person = next(turn)
        if is_person:
            moved = Publication.objects.move(due.pk, State.SCHEDULED, State.CANCELLED, person=person)
            return "person" if moved else ""
        moved = Publication.objects.move(due.pk, State.SCHEDULED, State.STARTING, lease=lease)
        return "worker" if moved else ""

    [winner] = [who for who in many_at_once(press_or_step) if who]
    due.refresh_from_db()
    assert due.state == {"person": State.CANCELLED, "worker": State.STARTING}[winner]
    assert due.events.count() == 1


def test_a_move_that_the_table_does_not_know_is_a_mistake_of_ours(due: Publication) -> None:
    with pytest.raises(ValueError, match="No move from scheduled to published"):
        Publication.objects.move(due.pk, State.SCHEDULED, State.PUBLISHED)


# --- The constraints --------------------------------------------------------------------------------------


@pytest.mark.parametrize("may_be_public", [{"final_intent_at": timezone.now()}, {"gate": "open"}])
def test_a_second_attempt_that_may_become_public_is_refused(
    due: Publication, may_be_public: dict[str, object]
) -> None:
    make_attempt(due, final_intent_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        make_attempt(due, **may_be_public)
    assert due.attempts.count() == 1


def test_an_open_attempt_cannot_get_ready_to_send_beside_one_that_did(due: Publication) -> None:
    make_attempt(due, final_intent_at=timezone.now())
    second = make_attempt(due)
    second.final_intent_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    assert Attempt.objects.get(pk=second.pk).final_intent_at is None


def test_after_one_that_failed_another_may_become_public(due: Publication) -> None:
    make_attempt(due, final_intent_at=timezone.now(), outcome="failed")
    make_attempt(due, final_intent_at=timezone.now())
    assert [attempt.may_be_public for attempt in due.attempts.all()] == [False, True]


def test_of_many_that_get_ready_to_send_at_once_one_does(due: Publication) -> None:
    attempts = iter([make_attempt(due) for _ in range(AT_ONCE)])
    lock = threading.Lock()

    def get_ready() -> bool:
        with lock:
            attempt = next(attempts)
        attempt.final_intent_at = timezone.now()
        try:
            with transaction.atomic():
                attempt.save(update_fields=["final_intent_at"])
        except IntegrityError:
            return False
        return True

    assert sum(many_at_once(get_ready)) == 1
    assert due.attempts.exclude(final_intent_at=None).count() == 1


@pytest.mark.parametrize("next_byte", [-1, 1001])
def test_progress_beyond_the_file_is_refused(due: Publication, next_byte: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_attempt(due, total_bytes=1000, next_byte=next_byte)


def test_an_unknown_state_is_refused(due: Publication) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=due.pk).update(state="published_maybe")


def test_half_a_lease_is_refused(due: Publication) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=due.pk).update(lease_until=timezone.now())


def test_a_publish_id_belongs_to_one_attempt(due: Publication) -> None:
    make_attempt(due, publish_id="v_pub_file~v2-1.1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_attempt(due, publish_id="v_pub_file~v2-1.1")


# --- TikTok's rates ---------------------------------------------------------------------------------------


def test_all_workers_together_stay_within_the_rate_of_an_account(due: Publication) -> None:
    now = database_now()
    waits = many_at_once(lambda: take_call(due.account_id, Endpoint.INIT, now=now))
    assert waits.count(0.0) == LIMITS[Endpoint.INIT] == 5
    assert sorted(set(waits)) == [0.0, 60.0]
    assert take_call(due.account_id, Endpoint.INIT, now=now + timedelta(seconds=59)) == pytest.approx(1.0)
    assert take_call(due.account_id, Endpoint.STATUS, now=now) == 0.0
    assert take_call(due.account_id, Endpoint.INIT, now=now + timedelta(seconds=60)) == 0.0
