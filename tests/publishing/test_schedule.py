"""A post's time: scheduled at posting, moved, brought forward; up to the moment a worker takes it, and not after."""

from datetime import datetime, timedelta

import pytest

from accounts.clock import database_now
from accounts.models import User, Workspace
from composer.judging import rule_on_post
from composer.models import Consent, Post
from publishing.engine import advance
from publishing.models import EventKind, Publication
from publishing.reasons import Reason
from publishing.scheduling import (
    is_post_now_possible,
    is_reschedule_possible,
    post_now,
    reschedule_publication,
    why_not_reschedule,
)
from publishing.services import (
    NotPossibleError,
    cancel_publication,
    publish_post,
    reopen_post,
)
from publishing.states import State
from tests.factories import CREATOR_INFO, make_attempt, make_post, make_publication, moment, put_into

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]

NOW = moment("2026-11-27 09:00")
LATER = moment("2026-12-04 17:00")
BERLIN = "Europe/Berlin"


def schedule(post: Post, user: User, *, at: datetime | None = LATER, now: datetime = NOW) -> Publication:
    ruling = rule_on_post(post, CREATOR_INFO)
    return publish_post(
        post, user=user, creator=CREATOR_INFO, ruling=ruling, now=now, at=at, time_zone=BERLIN
    )


@pytest.fixture
def waiting(alice: User, workspace: Workspace) -> Publication:
    """One that waits for its time, an hour from now."""
    at = database_now() + timedelta(hours=1)
    return make_publication(make_post(workspace), user=alice, due_at=at, next_try_at=at, time_zone="UTC")


@pytest.fixture
def missed(alice: User, workspace: Workspace) -> Publication:
    return make_publication(
        make_post(workspace),
        user=alice,
        state=State.HELD,
        reason=Reason.MISSED,
        due_at=database_now() - timedelta(days=1),
    )


def move(publication: Publication, user: User, at: datetime, *, zone: str = BERLIN) -> None:
    reschedule_publication(publication, user=user, at=at, time_zone=zone, now=database_now())


class TestSchedulingAtPosting:
    def test_stores_the_consent_and_the_time(self, alice: User, workspace: Workspace) -> None:
        post = make_post(workspace)
        publication = schedule(post, alice)
        assert (publication.state, publication.due_at, publication.next_try_at, publication.time_zone) == (
            State.SCHEDULED,
            LATER,
            LATER,
            BERLIN,
        )
        consent = Consent.objects.get()
        assert publication.consent == consent
        assert (consent.given_by, consent.given_at, consent.voided_at) == (alice, NOW, None)
        post.refresh_from_db()
        assert not post.is_editable

    def test_pressed_twice_schedules_once(self, alice: User, workspace: Workspace) -> None:
        post = make_post(workspace)
        first = schedule(post, alice)
        second = schedule(post, alice, at=LATER + timedelta(days=1), now=LATER + timedelta(hours=1))
        assert first == second
        assert second.due_at == LATER
        assert Consent.objects.count() == 1

    @pytest.mark.parametrize("at", [NOW, NOW - timedelta(seconds=1), moment("2016-12-04 17:00")])
    def test_refuses_the_past(self, alice: User, workspace: Workspace, at: datetime) -> None:
        post = make_post(workspace)
        with pytest.raises(NotPossibleError, match=r"^That time is past\. Choose a later one\.$"):
            schedule(post, alice, at=at)
        post.refresh_from_db()
        assert post.is_editable
        assert (Publication.objects.count(), Consent.objects.count()) == (0, 0)

    def test_refuses_what_must_be_a_slip(self, alice: User, workspace: Workspace) -> None:
        with pytest.raises(NotPossibleError, match="more than two years ahead"):
            schedule(make_post(workspace), alice, at=moment("2206-12-04 17:00"))

    def test_is_written_into_the_history_after_an_edit(self, alice: User, workspace: Workspace) -> None:
        post = make_post(workspace)
        reopen_post(schedule(post, alice), user=alice)
        publication = schedule(Post.objects.get(pk=post.pk), alice, at=LATER + timedelta(days=1))
        event = publication.events.last()
        assert event is not None
        assert event.detail == {
            "due_at": "2026-12-05T17:00:00+00:00",
            "time_zone": BERLIN,
            "was": {"due_at": "2026-12-04T17:00:00+00:00", "time_zone": BERLIN},
        }


class TestRescheduling:
    def test_moves_it(self, alice: User, waiting: Publication) -> None:
        before, at = waiting.due_at, database_now() + timedelta(days=2)
        Publication.objects.update(handed_out_until=at)
        move(waiting, alice, at)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.due_at, waiting.next_try_at, waiting.time_zone) == (
            State.SCHEDULED,
            at,
            at,
            BERLIN,
        )
        assert waiting.handed_out_until is None
        assert waiting.consent.voided_at is None
        event = waiting.events.get()
        assert (event.kind, event.from_state, event.to_state, event.person) == (
            EventKind.PERSON,
            State.SCHEDULED,
            State.SCHEDULED,
            alice,
        )
        assert event.detail == {
            "due_at": at.isoformat(),
            "time_zone": BERLIN,
            "was": {"due_at": before.isoformat(), "time_zone": "UTC"},
            "is_now": False,
        }

    def test_pressed_twice_moves_once(self, alice: User, waiting: Publication) -> None:
        at = database_now() + timedelta(days=2)
        for _ in range(2):
            waiting.refresh_from_db()
            move(waiting, alice, at)
        assert waiting.events.count() == 1

    def test_refuses_the_past_and_changes_nothing(self, alice: User, waiting: Publication) -> None:
        before = waiting.due_at
        with pytest.raises(NotPossibleError, match=r"^That time is past\. Choose a later one\.$"):
            move(waiting, alice, database_now() - timedelta(seconds=1))
        waiting.refresh_from_db()
        assert waiting.due_at == before
        assert not waiting.events.exists()

    def test_knows_only_zones_that_exist(self, alice: User, waiting: Publication) -> None:
        with pytest.raises(NotPossibleError, match="no such time zone"):
            move(waiting, alice, database_now() + timedelta(days=2), zone="Europe/Atlantis")

    def test_brings_a_missed_one_back(self, alice: User, missed: Publication) -> None:
        at = database_now() + timedelta(days=2)
        make_attempt(missed, outcome="failed")
        move(missed, alice, at)
        missed.refresh_from_db()
        assert (missed.state, missed.reason, missed.due_at, missed.next_try_at, missed.attempts_before) == (
            State.SCHEDULED,
            "",
            at,
            at,
            1,
        )

    @pytest.mark.parametrize("state", [each for each in State if each != State.SCHEDULED])
    def test_is_over_once_it_has_left_the_schedule(
        self, alice: User, workspace: Workspace, state: State
    ) -> None:
        publication = make_publication(make_post(workspace), user=alice, state=state, reason="internal")
        assert not is_reschedule_possible(publication)
        assert not is_post_now_possible(publication, now=database_now())
        words = why_not_reschedule(publication)
        assert words.endswith(".")
        with pytest.raises(NotPossibleError) as refusal:
            move(publication, alice, database_now() + timedelta(days=2))
        assert str(refusal.value) == words
        publication.refresh_from_db()
        assert publication.state == state
        assert not publication.events.exists()


class TestPostNow:
    def test_sends_it_now(self, alice: User, waiting: Publication) -> None:
        now = database_now()
        assert is_post_now_possible(waiting, now=now)
        post_now(waiting, user=alice, now=now)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.due_at, waiting.next_try_at) == (State.SCHEDULED, now, now)
        assert waiting.events.get().detail["is_now"] is True
        post_now(waiting, user=alice, now=database_now())
        assert waiting.events.count() == 1

    def test_sends_a_missed_one(self, alice: User, missed: Publication) -> None:
        post_now(missed, user=alice, now=database_now())
        missed.refresh_from_db()
        assert missed.state == State.SCHEDULED
        advance(missed.pk)
        missed.refresh_from_db()
        assert missed.state == State.STARTING


class TestARaceWithAWorker:
    """Both write by one conditional UPDATE: whoever comes second finds no row."""

    def test_a_worker_that_has_begun_wins(self, alice: User, waiting: Publication) -> None:
        Publication.objects.update(next_try_at=database_now())
        advance(waiting.pk)
        with pytest.raises(NotPossibleError, match="the post has moved on"):
            move(waiting, alice, database_now() + timedelta(days=2))
        with pytest.raises(NotPossibleError, match="the post has moved on"):
            post_now(waiting, user=alice, now=waiting.due_at - timedelta(minutes=30))
        with pytest.raises(NotPossibleError, match="the post has moved on"):
            reopen_post(waiting, user=alice)
        waiting.refresh_from_db()
        assert waiting.state == State.STARTING

    def test_a_worker_that_holds_only_the_lease_loses_it(self, alice: User, waiting: Publication) -> None:
        Publication.objects.update(next_try_at=database_now())
        lease = Publication.objects.claim(waiting.pk, seconds=15)
        assert lease is not None
        at = database_now() + timedelta(days=2)
        move(waiting, alice, at)
        assert not Publication.objects.move(
            waiting.pk, State.SCHEDULED, State.STARTING, lease=lease, next_try_at=None
        )
        waiting.refresh_from_db()
        assert (waiting.state, waiting.next_try_at, waiting.lease_token) == (State.SCHEDULED, at, None)
        assert Publication.objects.claim(waiting.pk, seconds=15) is None

    def test_a_message_that_was_on_its_way_finds_nothing_to_do(
        self, alice: User, waiting: Publication
    ) -> None:
        now = database_now()
        Publication.objects.update(next_try_at=now)
        assert Publication.objects.hand_out([waiting.pk], now=now, until=now + timedelta(seconds=5))
        move(waiting, alice, now + timedelta(days=2))
        assert not advance(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == State.SCHEDULED

    def test_a_cancelled_one_has_no_time_to_move(self, alice: User, waiting: Publication) -> None:
        cancel_publication(Publication.objects.get(), user=alice)
        with pytest.raises(NotPossibleError, match="the post has moved on"):
            move(waiting, alice, database_now() + timedelta(days=2))
        waiting.refresh_from_db()
        assert waiting.state == State.CANCELLED


class TestLateness:
    def late(self, publication: Publication, **by: int) -> Publication:
        """One that became due so long ago, as a worker finds it."""
        due = database_now() - timedelta(**by)
        Publication.objects.filter(pk=publication.pk).update(due_at=due, next_try_at=due)
        advance(publication.pk)
        publication.refresh_from_db()
        return publication

    @pytest.mark.parametrize(
        ("limit", "late", "state"),
        [
            (120, {"minutes": 119, "seconds": 50}, State.STARTING),
            (120, {"minutes": 120, "seconds": 5}, State.HELD),
            (0, {"minutes": 4, "seconds": 55}, State.STARTING),
            (0, {"minutes": 5, "seconds": 5}, State.HELD),
            (1440, {"hours": 23}, State.STARTING),
        ],
    )
    def test_is_measured_by_the_workspaces_own_limit(
        self, workspace: Workspace, waiting: Publication, limit: int, late: dict[str, int], state: State
    ) -> None:
        Workspace.objects.filter(pk=workspace.pk).update(late_limit_minutes=limit)
        assert self.late(waiting, **late).state == state
        assert waiting.reason == ("" if state == State.STARTING else Reason.MISSED)

    def test_is_two_hours_unless_chosen(self, waiting: Publication) -> None:
        self.late(waiting, hours=3)
        assert (waiting.state, waiting.reason, waiting.next_try_at) == (State.HELD, Reason.MISSED, None)
        event = waiting.events.get()
        assert (event.kind, event.code) == (EventKind.MOVE, Reason.MISSED)
        assert event.detail["limit_minutes"] == 120
        assert event.detail["late_seconds"] == pytest.approx(3 * 3600, abs=30)

    def test_does_not_count_what_waits_for_tiktok_after_it_has_begun(self, waiting: Publication) -> None:
        put_into(waiting, State.STARTING)
        now = database_now()
        Publication.objects.update(due_at=now - timedelta(days=3), next_try_at=now)
        advance(waiting.pk)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.reason) != (State.HELD, Reason.MISSED)

    def test_comes_before_every_other_obstacle(self, waiting: Publication) -> None:
        """Waiting for a reconnection, it would go out by itself however late."""
        waiting.account.state = "needs_reconnect"
        waiting.account.save()
        assert self.late(waiting, hours=3).reason == Reason.MISSED
