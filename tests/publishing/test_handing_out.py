"""Who goes first when much is due at once: every workspace in turn, and no account everything."""

from collections import Counter
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from publishing import tasks
from publishing.models import Publication
from publishing.services import hold_moved_away
from publishing.states import State
from publishing.tasks import STEPS_ON_THEIR_WAY, STEPS_PER_ACCOUNT, UPLOADS_PER_ACCOUNT, publish_due
from tests.factories import make_account, make_media, make_person, make_post, make_publication
from tests.publishing.sweeping import Sent, many_due

pytestmark = pytest.mark.django_db

LARGE = 33 * 1024**2
BUSY, QUIET = 10_000, 10


def workspaces_of(sent: Sent) -> list[int]:
    where = dict(Publication.objects.values_list("pk", "workspace_id"))
    return [where[pk] for _name, pk in sent]


def take_up(sent: Sent) -> None:
    """As if workers had taken the steps: nothing of it is due any more, or under way."""
    Publication.objects.filter(pk__in=[pk for _name, pk in sent]).update(
        next_try_at=None, handed_out_until=None
    )


@pytest.mark.slow
def test_ten_thousand_posts_of_one_workspace_keep_ten_of_another_waiting_for_one_batch(sent: Sent) -> None:
    now = database_now()
    busy = many_due(BUSY, since=now - timedelta(hours=1))
    quiet = many_due(QUIET, since=now - timedelta(seconds=1))
    assert publish_due() == STEPS_ON_THEIR_WAY
    assert Counter(workspaces_of(sent)) == {busy.pk: STEPS_ON_THEIR_WAY - QUIET, quiet.pk: QUIET}
    # By turns, not one after the other.
    assert Counter(workspaces_of(sent)[: 2 * QUIET]) == {busy.pk: QUIET, quiet.pk: QUIET}


def test_in_a_burst_no_workspace_waits_more_than_twice_the_median(sent: Sent) -> None:
    """Ten workspaces of very different size; a wait is counted in messages that went out before."""
    now = database_now()
    sizes = {
        many_due(10 * (number + 1), since=now - timedelta(seconds=100 - number)).pk: 40
        for number in range(10)
    }
    for _ in range(30):
        batch: Sent = []
        before = len(sent)
        publish_due()
        batch = sent[before:]
        if not batch:
            break
        take_up(batch)
    order = workspaces_of(sent)
    assert len(order) == sum(10 * (number + 1) for number in range(10))
    # How long each waited for its first ten, which all of them have.
    waits = [[place for place, owner in enumerate(order) if owner == pk][9] for pk in sizes]
    assert max(waits) <= 2 * median(waits)


def test_what_a_workspace_has_under_way_counts_as_its_turns(sent: Sent) -> None:
    now = database_now()
    busy = many_due(30, since=now - timedelta(hours=1))
    leased = list(Publication.objects.filter(workspace=busy).values_list("pk", flat=True)[:20])
    for pk in leased:
        assert Publication.objects.claim(pk, seconds=15)
    quiet = many_due(10, since=now)
    publish_due()
    assert workspaces_of(sent)[:10] == [quiet.pk] * 10
    assert workspaces_of(sent)[10:] == [busy.pk] * 10


@pytest.mark.parametrize("begun", ["uploading", "processing", "left by a dead worker"])
def test_what_has_been_begun_goes_before_all_that_waits_to_begin(begun: str, sent: Sent) -> None:
    """An upload URL lives for an hour, and behind thousands nobody would look after a dead worker's post for long."""
    now = database_now()
    busy = many_due(2 * STEPS_ON_THEIR_WAY, since=now - timedelta(hours=1), state=State.STARTING)
    is_left = begun == "left by a dead worker"
    last = make_publication(
        make_post(busy),
        user=busy.memberships.get().user,
        state=State.STARTING if is_left else begun,
        next_try_at=now - timedelta(seconds=1),
    )
    if is_left:
        assert Publication.objects.claim(last.pk, seconds=-1)
    publish_due()
    assert sent[0] == ("advance_one", last.pk)


def test_a_workspace_with_much_begun_still_waits_its_turn(sent: Sent) -> None:
    now = database_now()
    busy = many_due(2 * STEPS_ON_THEIR_WAY, since=now - timedelta(hours=1), state=State.PROCESSING)
    quiet = many_due(QUIET, since=now - timedelta(seconds=1))
    publish_due()
    assert Counter(workspaces_of(sent)[: 2 * QUIET]) == {busy.pk: QUIET, quiet.pk: QUIET}


def test_one_account_has_only_so_much_under_way(sent: Sent) -> None:
    now = database_now()
    many_due(20, since=now, accounts=1)
    assert publish_due() == STEPS_PER_ACCOUNT
    assert publish_due() == 0, "what has a message on its way is under way"
    for _name, pk in sent:
        assert Publication.objects.claim(pk, seconds=15)
    assert publish_due() == 0, "and so is what a worker has"
    take_up(sent[:1])
    Publication.objects.filter(pk=sent[0][1]).update(lease_token=None, lease_until=None)
    assert publish_due() == 1


def test_a_message_that_became_no_claim_is_sent_again(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    publication = make_publication(next_try_at=database_now() - timedelta(seconds=1))
    assert publish_due() == 1
    assert publish_due() == 0
    Publication.objects.update(handed_out_until=database_now() - timedelta(milliseconds=1))
    assert publish_due() == 1
    assert [pk for _name, pk in sent] == [publication.pk, publication.pk]


@pytest.mark.parametrize(
    ("state", "task"),
    [
        (State.SCHEDULED, "advance_large_one"),  # it leaves the schedule in the same sweep
        (State.STARTING, "advance_large_one"),
        (State.UPLOADING, "advance_large_one"),
        (State.PROCESSING, "advance_one"),
        (State.UNCONFIRMED, "advance_one"),
    ],
)
def test_a_step_that_reads_a_large_file_has_threads_of_its_own(state: State, task: str, sent: Sent) -> None:
    user = make_person()
    workspace = user.memberships.get().workspace
    past = database_now() - timedelta(seconds=1)
    large = make_post(workspace, media=make_media(workspace, size_bytes=LARGE))
    publication = make_publication(large, user=user, state=state, next_try_at=past)
    make_publication(make_post(workspace), user=user, state=state, next_try_at=past)
    publish_due()
    assert (task, publication.pk) in sent
    assert [name for name, pk in sent if pk != publication.pk] == ["advance_one"]


def test_one_account_has_only_so_many_large_files_under_way(sent: Sent) -> None:
    user = make_person()
    workspace = user.memberships.get().workspace
    account = make_account(workspace)
    past = database_now() - timedelta(seconds=1)
    for _ in range(5):
        post = make_post(workspace, account=account, media=make_media(workspace, size_bytes=LARGE))
        make_publication(post, user=user, state=State.UPLOADING, next_try_at=past)
    make_publication(
        make_post(workspace, account=account), user=user, state=State.UPLOADING, next_try_at=past
    )
    publish_due()
    assert Counter(name for name, _pk in sent) == {"advance_large_one": UPLOADS_PER_ACCOUNT, "advance_one": 1}


@pytest.mark.parametrize("is_large", [False, True])
def test_a_message_for_the_other_threads_does_nothing(is_large: bool) -> None:
    user = make_person()
    workspace = user.memberships.get().workspace
    post = make_post(workspace, media=make_media(workspace, size_bytes=1000 if is_large else LARGE))
    past = database_now() - timedelta(seconds=1)
    publication = make_publication(post, user=user, state=State.STARTING, next_try_at=past)
    (tasks.advance_large_one if is_large else tasks.advance_one)(publication.pk)
    publication.refresh_from_db()
    assert publication.lease_epoch == 0


def test_a_broker_that_takes_no_message_leaves_the_rest_due(monkeypatch: pytest.MonkeyPatch) -> None:
    many_due(10, since=database_now())
    calls: list[int] = []

    def send(args: tuple[int], *_args: object, **_options: object) -> None:
        if len(calls) == 3:
            raise OperationalError("Connection refused")
        calls.append(args[0])

    monkeypatch.setattr(tasks.advance_one, "apply_async", send)
    assert publish_due() == 3
    on_their_way = Publication.objects.exclude(handed_out_until=None).values_list("pk", flat=True)
    assert sorted(on_their_way) == sorted(calls)


def test_while_no_account_ever_moved_no_post_is_looked_at_for_that() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert hold_moved_away() == 0
    assert len(queries) == 1
    assert Publication._meta.db_table not in queries[0]["sql"]


def test_what_is_due_and_the_claim_are_found_by_an_index() -> None:
    """On SQLite; a million posts of the future must cost the sweep nothing."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own words")
    now = database_now()
    rows = Publication.objects.all()
    assert "publication_due" in rows.due(now).explain()
    assert "publication_reconnect" in rows.waiting_for_a_connected_account(now).explain()
    assert "INTEGER PRIMARY KEY" in rows.due(now).order_by().filter(pk=1).explain()
