"""What has just become due leaves the schedule together, and what people must be told of leaves it one by one."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, User, Workspace
from publishing import starting
from publishing.engine import advance
from publishing.models import AttemptOutcome, Event, EventKind, Publication
from publishing.reasons import Reason
from publishing.starting import TOGETHER, leave_together
from publishing.states import State
from publishing.tasks import publish_due
from tests.at_once import at_once
from tests.factories import make_attempt, make_publication
from tests.publishing.crashing import SWEEP, Crash, die, points
from tests.publishing.driving import due, film
from tests.publishing.sweeping import Sent, many_due

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


def states() -> list[str]:
    return list(Publication.objects.order_by("pk").values_list("state", flat=True))


def test_each_goes_on_at_once_with_its_own_line_of_history() -> None:
    now = database_now()
    many_due(3, since=now)
    assert leave_together(database_now()) == 3
    for publication in Publication.objects.all():
        assert (publication.state, publication.version, publication.tries) == (State.STARTING, 2, 0)
        assert publication.next_try_at is not None
        assert now < publication.next_try_at <= database_now()
        [event] = publication.events.all()
        assert (event.kind, event.name, event.version) == (EventKind.MOVE, State.STARTING, 2)
        assert (event.from_state, event.to_state) == (State.SCHEDULED, State.STARTING)


def test_so_many_at_a_time_and_the_longest_waiting_first() -> None:
    now = database_now()
    many_due(TOGETHER + 2, since=now - timedelta(seconds=1))
    newest = Publication.objects.order_by("-pk").first()
    assert newest
    Publication.objects.filter(pk=newest.pk).update(next_try_at=now - timedelta(seconds=2))
    assert leave_together(database_now()) == TOGETHER
    newest.refresh_from_db()
    assert newest.state == State.STARTING
    assert leave_together(database_now()) == 2
    assert leave_together(database_now()) == 0


def test_a_workspace_with_much_keeps_none_with_little_waiting() -> None:
    now = database_now()
    many_due(TOGETHER, since=now - timedelta(seconds=9))
    quiet = many_due(3, since=now)
    assert leave_together(database_now()) == TOGETHER
    assert {each.state for each in quiet.publications.all()} == {State.STARTING}


def test_what_is_not_due_yet_stays() -> None:
    now = database_now()
    make_publication(next_try_at=now + timedelta(seconds=1))
    assert leave_together(database_now()) == 0
    assert states() == [State.SCHEDULED]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({"state": AccountState.DISCONNECTED}, State.HELD),
        ({"state": AccountState.NEEDS_RECONNECT}, State.WAITING_RECONNECT),
        ({"granted_scopes": ["user.info.basic"]}, State.HELD),
    ],
)
def test_what_something_stands_in_the_way_of_is_left_to_its_own_step(
    account: dict[str, object], expected: State
) -> None:
    now = database_now()
    publication = make_publication(due_at=now, next_try_at=now)
    TikTokAccount.objects.update(**account)
    assert leave_together(database_now()) == 0
    assert advance(publication.pk)
    assert states() == [expected]


@pytest.mark.parametrize(
    ("late", "limit_minutes", "expected"),
    [
        (timedelta(minutes=4, seconds=59), 0, State.STARTING),  # a queue that is long for a moment
        (timedelta(minutes=5, seconds=1), 0, State.SCHEDULED),
        (timedelta(hours=1, minutes=59), 120, State.STARTING),
        (timedelta(hours=2, seconds=1), 120, State.SCHEDULED),
    ],
)
def test_what_is_later_than_its_workspace_allows_is_held_by_its_own_step(
    late: timedelta, limit_minutes: int, expected: State
) -> None:
    now = database_now()
    publication = make_publication(due_at=now - late, next_try_at=now - late)
    Workspace.objects.update(late_limit_minutes=limit_minutes)
    assert leave_together(database_now()) == (expected == State.STARTING)
    assert states() == [expected]
    if expected == State.SCHEDULED:
        assert advance(publication.pk)
        assert states() == [State.HELD]


@pytest.mark.parametrize(("hours", "expected"), [(1, State.PROCESSING), (3, State.HELD)])
def test_what_left_in_time_and_lay_through_an_outage_is_judged_again(
    hours: int, expected: State, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    assert leave_together(database_now()) == 1
    # The power fails, and comes back; the workspace allows two hours.
    earlier = database_now() - timedelta(hours=hours)
    Publication.objects.update(due_at=earlier, next_try_at=earlier)
    while advance(publication.pk):
        publication.refresh_from_db()
        if publication.state in {State.PROCESSING, State.HELD}:
            break
    assert publication.state == expected
    assert publication.reason == (Reason.MISSED if expected == State.HELD else "")


def test_what_was_announced_before_the_outage_goes_on_however_late(
    poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    earlier = database_now() - timedelta(hours=3)
    make_attempt(publication, number=1, init_finished_at=earlier, outcome=AttemptOutcome.FAILED)
    assert leave_together(database_now()) == 1
    Publication.objects.update(due_at=earlier, next_try_at=earlier)
    assert advance(publication.pk)
    assert states() == [State.UPLOADING]


def test_a_sweep_that_stood_still_between_looking_and_moving_moves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = database_now()
    make_publication(due_at=now, next_try_at=now)
    monkeypatch.setattr(starting, "database_now", lambda: now + timedelta(hours=3))
    assert leave_together(now) == 0
    assert states() == [State.SCHEDULED]


def test_one_that_cannot_be_read_keeps_no_other_back(caplog: pytest.LogCaptureFixture) -> None:
    now = database_now()
    broken = make_publication(due_at=now, next_try_at=now)
    sound = make_publication(due_at=now, next_try_at=now)
    # What a newer version had agreed to, before it was rolled back.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE composer_consent SET choices = '{}' WHERE id = %s", [broken.consent_id])
    assert leave_together(database_now()) == 1
    sound.refresh_from_db()
    assert sound.state == State.STARTING
    assert f"publication {broken.pk}" in caplog.text


def test_the_database_is_asked_no_more_for_many_than_for_a_few() -> None:
    counts = []
    for count in (3, 30):
        many_due(count, since=database_now())
        with CaptureQueriesContext(connection) as queries:
            assert leave_together(database_now()) == count
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_those_that_have_to_be_held_stand_before_nobody() -> None:
    now = database_now()
    many_due(TOGETHER, since=now - timedelta(seconds=1))
    TikTokAccount.objects.update(state=AccountState.DISCONNECTED)
    many_due(3, since=now)
    assert leave_together(database_now()) == 3


@pytest.mark.parametrize("what", ["lease", "message"])
def test_what_a_worker_has_or_a_message_is_on_its_way_for_is_theirs(what: str) -> None:
    now = database_now()
    publication = make_publication(due_at=now, next_try_at=now)
    if what == "lease":
        assert Publication.objects.claim(publication.pk, seconds=15)
    else:
        Publication.objects.update(handed_out_until=now + timedelta(seconds=3))
    assert leave_together(database_now()) == 0
    assert states() == [State.SCHEDULED]


def test_a_worker_that_was_frozen_over_it_has_lost_it() -> None:
    now = database_now()
    publication = make_publication(due_at=now, next_try_at=now)
    lease = Publication.objects.claim(publication.pk, seconds=-1)
    assert lease
    assert leave_together(database_now()) == 1
    assert not Publication.objects.renew(lease)
    assert not Publication.objects.move(publication.pk, State.SCHEDULED, State.STARTING, lease=lease)


def test_a_failure_in_the_middle_leaves_all_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_now()
    many_due(3, since=now)
    together = Publication.objects.move_together

    def breaks(*args: object, **fields: object) -> None:
        together(*args, **fields)  # type: ignore[arg-type]
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(type(starting.Publication.objects), "move_together", staticmethod(breaks))
    with pytest.raises(DatabaseError):
        leave_together(database_now())
    monkeypatch.undo()
    assert states() == [State.SCHEDULED] * 3
    assert not Event.objects.exists()
    assert leave_together(database_now()) == 3


def test_two_sweeps_at_once_let_each_leave_once() -> None:
    now = database_now()
    many_due(40, since=now)
    left = at_once(*[lambda: leave_together(now)] * 4)
    assert sum(left) == 40
    assert states() == [State.STARTING] * 40
    assert Event.objects.count() == 40


@pytest.mark.parametrize("point", range(2 * len(SWEEP)))
def test_a_sweep_that_dies_at_any_point_loses_and_doubles_nothing(
    point: int, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = database_now()
    publication = make_publication(due_at=now, next_try_at=now)
    with points(monkeypatch, point, die) as watch, pytest.raises(Crash):
        publish_due()
    assert watch.passed[-1] == f"{'after' if point % 2 else 'before'} {SWEEP[point // 2]}"
    publication.refresh_from_db()
    has_left = point > 0
    assert publication.state == (State.STARTING if has_left else State.SCHEDULED)
    assert publication.events.count() == has_left
    # What was handed out before the end is handed out again once its message must be lost.
    Publication.objects.update(handed_out_until=None)
    publish_due()
    publication.refresh_from_db()
    assert (publication.state, publication.events.count()) == (State.STARTING, 1)
    assert sent == [("advance_one", publication.pk)]


@pytest.mark.parametrize(("from_", "to"), [(State.SCHEDULED, State.PUBLISHED), (State.STARTING, State.HELD)])
def test_nothing_moves_together_that_is_told_or_that_the_table_does_not_know(from_: State, to: State) -> None:
    with pytest.raises(ValueError, match="for many at once"):
        Publication.objects.move_together([], from_, to)
