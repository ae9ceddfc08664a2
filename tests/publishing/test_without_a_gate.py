"""Where no gate is held: a worker that dies, freezes or is stopped at any point, and a TikTok that takes its time."""

from collections.abc import Callable
from typing import Any

import pytest

from publishing import heartbeats
from publishing.engine import advance
from publishing.models import GateDoubt, Publication, Route
from publishing.reasons import Reason
from publishing.services import is_cancel_possible, is_reopen_possible, is_retry_possible
from publishing.states import State
from tests.publishing.crashing import Crash, die, in_another_worker, points
from tests.publishing.driving import in_state, run
from tests.publishing.test_crash_points import cancel, names_of_points, points_to_freeze_at
from tests.publishing.ways import Way

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]

WAYS = pytest.mark.parametrize("way", [Route.PHOTOS, Route.INBOX_VIDEO_PULL], indirect=True)
VIDEO = pytest.mark.parametrize("way", [Route.VIDEO_PULL], indirect=True)
INSIDE = pytest.mark.parametrize("is_inside_init", [False, True])


@pytest.fixture
def no_gate(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PULL_COMMIT_GATE = "off"
    # No heart beats while a worker is frozen.
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 3600.0)


def check(way: Way, publication: Publication, point: str) -> State:
    """At most once on TikTok, and what cannot be known is an open question that nobody can repeat."""
    publication.refresh_from_db()
    state = State(publication.state)
    if state != State.UNCONFIRMED:
        (way.check if state == way.end else way.check_not_sent)(publication, point)
        return state
    assert len(way.landed(publication)) <= 1, point
    assert (publication.reason, publication.next_try_at) == (Reason.PULL_UNANSWERED, None), point
    assert not is_retry_possible(publication), point
    assert not is_reopen_possible(publication), point
    assert not is_cancel_possible(publication), point
    return state


@WAYS
@INSIDE
def test_a_worker_that_dies_leaves_an_open_question_only_where_its_answer_was_lost(
    way: Way, is_inside_init: bool, no_gate: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.simulator.switch(pull_inside_init=is_inside_init)
    names = names_of_points(way, monkeypatch)
    answered = max(number for number, name in enumerate(names) if name.endswith((" post_photos", "_video")))
    ends = {}
    for number, name in enumerate(names):
        if name.startswith("after ") and number + 1 < len(names):
            continue  # nothing lasting happens between it and the point that follows
        publication = way.due()
        with points(monkeypatch, number, die), pytest.raises(Crash):
            way.walk(publication)
        way.walk(publication)
        ends[number] = check(way, publication, f"{number}: {name}")
    assert ends.pop(answered + 1) in ({State.UNCONFIRMED} if is_inside_init else {State.UNCONFIRMED, way.end})
    assert set(ends.values()) == {way.end}


@WAYS
@INSIDE
@pytest.mark.parametrize("act", ["freeze", "cancel"])
def test_a_worker_that_freezes_and_a_cancel_at_any_point_double_nothing(
    way: Way, is_inside_init: bool, act: str, no_gate: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.simulator.switch(pull_inside_init=is_inside_init)
    ends = set()
    for number, name in points_to_freeze_at(way, monkeypatch):
        publication = way.due()

        def strike(_name: str, publication: Publication = publication) -> None:
            work: Callable[[], None] = (
                (lambda: way.walk(publication)) if act == "freeze" else lambda: cancel(publication, way.user)
            )
            in_another_worker(work)

        with points(monkeypatch, number, strike):
            way.walk(publication)
        way.walk(publication)
        ends.add(check(way, publication, f"{number}: {name}"))
    assert ends <= ({way.end, State.UNCONFIRMED} if act == "freeze" else {way.end, State.CANCELLED})
    assert way.end in ends


@VIDEO
@pytest.mark.parametrize("gate", ["last_byte", "off"])
def test_a_tiktok_that_fetches_inside_init_may_take_its_time(way: Way, gate: str, settings: Any) -> None:
    """Longer than any other call may take: what it fetches may be large."""
    settings.PULL_COMMIT_GATE = gate
    settings.PULL_WITHHOLD_SECONDS = 1.0
    way.simulator.switch(pull_inside_init=True, pull_attempts=1)
    way.simulator.fault("fetch", "slow", seconds=17, times=1)
    publication = run(way.due(), until=in_state(State.STARTING))
    assert advance(publication.pk)
    assert GateDoubt.objects.exists() == (gate == "last_byte")
    way.walk(publication)
    way.check(publication, "slowly")
    assert publication.attempts.count() == (4 if gate == "last_byte" else 1)
