"""People and workers at the same row at the same moment: exactly one of them has it, and the others say so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.clock import database_now
from accounts.models import User, Workspace
from accounts.people import workspace_of
from composer.judging import rule_on_post
from composer.models import Consent, Post
from publishing.engine import advance
from publishing.models import Publication
from publishing.scheduling import post_now, reschedule_publication
from publishing.services import NotPossibleError, cancel_publication, publish_post, reopen_post
from publishing.states import State
from publishing.tasks import publish_due
from tests.at_once import at_once
from tests.factories import CREATOR_INFO, make_post, make_publication

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]

ROUNDS = 6


def answers_at_once(*works: Callable[[], object]) -> list[object]:
    """Do all of them from the same moment on; a refusal counts as an answer."""
    return at_once(*(partial(answer_of, work) for work in works))


def answer_of(work: Callable[[], object]) -> object:
    try:
        return work()
    except NotPossibleError as refusal:
        return refusal


def due_now(user: User) -> Publication:
    """Scheduled for this very moment; each caller gets it as it was."""
    now = database_now()
    return make_publication(make_post(workspace_of(user)), user=user, due_at=now, next_try_at=now)


def as_read(publication: Publication) -> Publication:
    return Publication.objects.select_related("account", "consent", "post").get(pk=publication.pk)


def test_scheduled_from_two_windows_it_waits_for_one_time(alice: User, workspace: Workspace) -> None:
    post = make_post(workspace)
    now = database_now()

    def schedule(at: datetime) -> Publication:
        read = Post.objects.select_related("account", "media").get(pk=post.pk)
        ruling = rule_on_post(read, CREATOR_INFO)
        return publish_post(read, user=alice, creator=CREATOR_INFO, ruling=ruling, now=now, at=at)

    times = [now + timedelta(hours=hours) for hours in (1, 2, 3)]
    answers = answers_at_once(*[lambda at=at: schedule(at) for at in times])
    publication = Publication.objects.get()
    assert answers == [publication] * 3
    assert publication.due_at in times
    assert Consent.objects.filter(voided_at__isnull=True).count() == 1


@pytest.mark.parametrize("press", ["reschedule", "reopen", "cancel"])
def test_a_press_against_the_workers_claim(alice: User, press: str) -> None:
    """Either the worker has begun and the person is told, or the person was first and nothing begins."""
    later = database_now() + timedelta(days=3)
    ends = {"reschedule": State.SCHEDULED, "reopen": State.DRAFT, "cancel": State.CANCELLED}
    presses: dict[str, Callable[[Publication], None]] = {
        "reschedule": lambda publication: reschedule_publication(
            publication, user=alice, at=later, time_zone="UTC", now=database_now()
        ),
        "reopen": lambda publication: reopen_post(publication, user=alice),
        "cancel": lambda publication: cancel_publication(publication, user=alice),
    }
    for _ in range(ROUNDS):
        publication = due_now(alice)
        read = as_read(publication)
        answer, _ = answers_at_once(lambda read=read: presses[press](read), lambda pk=read.pk: advance(pk))
        publication.refresh_from_db()
        moves = list(publication.events.values_list("to_state", flat=True))
        if isinstance(answer, NotPossibleError):
            assert (publication.state, moves) == (State.STARTING, [State.STARTING])
        elif publication.cancel_asked_at is not None:
            assert press == "cancel"
        else:
            assert publication.state == ends[press]
            assert moves[-1] == ends[press]
            assert publication.lease_token is None
            assert not advance(publication.pk)
        publication.refresh_from_db()
        assert publication.attempts.count() == 0


def test_two_people_move_it_at_once_and_it_has_one_of_their_times(alice: User) -> None:
    now = database_now()
    publication = make_publication(
        make_post(workspace_of(alice)), user=alice, due_at=now + timedelta(hours=1), next_try_at=now
    )
    times = [now + timedelta(days=days) for days in (1, 2, 3)]

    def move(read: Publication, at: datetime) -> None:
        reschedule_publication(read, user=alice, at=at, time_zone="UTC", now=now)

    reads = [as_read(publication) for _ in times]
    answers_at_once(*[lambda read=read, at=at: move(read, at) for read, at in zip(reads, times, strict=True)])
    publication.refresh_from_db()
    assert publication.due_at == publication.next_try_at
    assert publication.due_at in times
    # The history says which was the last.
    last = publication.events.last()
    assert last is not None
    assert datetime.fromisoformat(last.detail["due_at"]) == publication.due_at


def test_two_sweeps_and_a_reschedule_hand_out_nothing_that_was_moved(alice: User) -> None:
    publication = due_now(alice)
    later = database_now() + timedelta(days=3)
    read = as_read(publication)
    answers_at_once(
        lambda: reschedule_publication(read, user=alice, at=later, time_zone="UTC", now=database_now()),
        publish_due,
        publish_due,
    )
    publication.refresh_from_db()
    assert (publication.state, publication.next_try_at) == (State.SCHEDULED, later)
    # Whatever message went out before finds nothing to do.
    assert not advance(publication.pk)


def test_post_now_pressed_twice_sends_once(alice: User) -> None:
    later = database_now() + timedelta(days=3)
    publication = make_publication(
        make_post(workspace_of(alice)), user=alice, due_at=later, next_try_at=later
    )
    reads = [as_read(publication) for _ in range(3)]
    answers_at_once(*[lambda read=read: post_now(read, user=alice, now=database_now()) for read in reads])
    publication.refresh_from_db()
    assert publication.state == State.SCHEDULED
    assert publication.due_at <= database_now()
