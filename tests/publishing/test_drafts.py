"""Drafts in the creator's inbox: delivered once, asked about for 30 days, five in 24 hours."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from publishing import drafts
from publishing.budgets import Endpoint, take_call
from publishing.drafts import TOO_MANY_PENDING, count_drafts
from publishing.engine import advance
from publishing.models import AttemptOutcome, Publication, Route
from publishing.reasons import Reason
from publishing.services import is_retry_possible, try_again
from publishing.states import State
from tests.consent import connect
from tests.factories import make_attempt, make_post, make_publication
from tests.publishing.driving import in_state, run, skip_wait, states_of
from tests.publishing.ways import Way

pytestmark = pytest.mark.django_db(transaction=True)

INBOX = [route for route in Route if route.is_inbox]
EVERY = pytest.mark.parametrize("way", INBOX, indirect=True)
PHOTOS = pytest.mark.parametrize("way", [Route.INBOX_PHOTOS], indirect=True)
VIDEO = pytest.mark.parametrize("way", [Route.INBOX_VIDEO_PULL], indirect=True)
STEP = timedelta(seconds=2)


def creator_posts(way: Way, publication: Publication, **choice: object) -> None:
    publish_id = publication.attempts.latest("number").publish_id
    way.simulator.control("POST", f"/inbox/{publish_id}/post", choice)


def gap_of(publication: Publication) -> timedelta:
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    return publication.next_try_at - database_now()


# --- Delivered --------------------------------------------------------------------------------------------


@EVERY
def test_a_delivered_draft_rests_in_the_inbox_and_lets_go_of_its_files(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    assert publication.delivered_at is not None
    assert publication.published_at is None
    assert [attempt.outcome for attempt in publication.attempts.all()] == [AttemptOutcome.DELIVERED]
    publication.post.refresh_from_db()
    assert publication.post.media_released_at is not None
    assert not is_retry_possible(publication)
    assert timedelta(seconds=50) < gap_of(publication) <= timedelta(seconds=60)


@EVERY
def test_it_needs_the_permission_for_drafts_and_no_other(
    way: Way, as_alice: Client, poppy: TikTokAccount
) -> None:
    connect(as_alice, "poppy.public", scopes=["user.info.basic", "video.upload"])
    poppy.refresh_from_db()
    assert not poppy.has_scope("video.publish")
    asked = way.simulator.calls("creator_info")
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    assert way.simulator.calls("creator_info") == asked
    way.check(publication, "without video.publish")


@pytest.mark.rule("API-3", at="worker")
@EVERY
def test_without_the_permission_for_drafts_it_is_held(way: Way, as_alice: Client) -> None:
    connect(as_alice, "poppy.public", scopes=["user.info.basic", "video.publish"])
    publication = run(way.due())
    assert (publication.state, publication.reason) == (State.HELD, Reason.MISSING_UPLOAD_SCOPE)
    assert way.posts_of(publication) == []


@PHOTOS
def test_a_creators_app_that_is_too_old_holds_the_draft(way: Way) -> None:
    way.simulator.creator("poppy.public", app_version="31.7")
    publication = run(way.due())
    assert (publication.state, publication.reason) == (State.HELD, "app_version_check_failed")
    way.simulator.creator("poppy.public", app_version="31.8")
    try_again(publication, user=way.user, now=database_now())
    assert run(publication, until=in_state(State.IN_INBOX)).state == State.IN_INBOX


# --- Watched ----------------------------------------------------------------------------------------------


@EVERY
def test_what_the_creator_posts_is_published_here_too(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    creator_posts(way, publication, privacy_level="PUBLIC_TO_EVERYONE")
    publication = run(publication, until=in_state(State.PUBLISHED))
    assert states_of(publication)[-2:] == ["in_inbox", "published"]
    assert publication.published_at is not None
    assert [attempt.outcome for attempt in publication.attempts.all()] == [AttemptOutcome.PUBLISHED]
    publication = run(publication, until=lambda p: bool(p.post_ids))
    assert len(publication.post_ids) == 1
    [there] = way.landed(publication)
    assert publication.post_ids == [str(there["post_id"])]


@VIDEO
@pytest.mark.on_postgres
def test_a_draft_that_is_posted_three_times_has_three_posts(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    creator_posts(way, publication, privacy_level="PUBLIC_TO_EVERYONE")
    publication = run(publication, until=lambda p: len(p.post_ids) == 1)
    creator_posts(way, publication, privacy_level="PUBLIC_TO_EVERYONE", times=2)
    publication = run(publication, until=lambda p: len(p.post_ids) == 3)
    assert publication.state == State.PUBLISHED
    assert states_of(publication).count("published") == 1


@VIDEO
def test_it_is_asked_about_ever_more_rarely_and_not_after_thirty_days(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    for age, gap in (
        (timedelta(0), timedelta(minutes=1)),
        (timedelta(minutes=10), timedelta(minutes=5)),
        (timedelta(hours=4), timedelta(hours=2)),
        (timedelta(days=3), timedelta(hours=6)),
        (timedelta(days=29), timedelta(hours=6)),
    ):
        Publication.objects.update(delivered_at=database_now() - age)
        skip_wait(publication)
        assert advance(publication.pk)
        assert gap - STEP <= gap_of(publication) <= gap + STEP
    Publication.objects.update(delivered_at=database_now() - timedelta(days=30, seconds=1))
    asked = way.simulator.calls("status")
    skip_wait(publication)
    assert advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.next_try_at) == (State.IN_INBOX, None)
    assert way.simulator.calls("status") == asked


@VIDEO
def test_a_draft_that_tiktok_fails_later_is_failed_and_not_sent_again(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    way.simulator.fault("status", "status_word", word="FAILED")
    publication = run(publication, until=in_state(State.FAILED))
    assert publication.reason == "unknown"
    assert len(way.posts_of(publication)) == 1


@VIDEO
@pytest.mark.parametrize(
    "answer",
    [
        {"kind": "error", "code": "invalid_publish_id", "status": 400},
        {"kind": "error", "code": "token_not_authorized_for_specified_publish_id", "status": 400},
        {"kind": "status_word", "word": "RESTING"},
        {"kind": "http", "status": 503},
        {"kind": "reset_before"},
    ],
    ids=lambda answer: answer["kind"] + answer.get("code", ""),
)
def test_whatever_else_tiktok_answers_it_stays_in_the_inbox(way: Way, answer: dict[str, Any]) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    Publication.objects.update(delivered_at=database_now() - timedelta(hours=1))
    way.simulator.fault("status", **answer)
    skip_wait(publication)
    assert advance(publication.pk)
    publication.refresh_from_db()
    assert publication.state == State.IN_INBOX
    assert publication.next_try_at is not None
    way.simulator.clear_faults()
    creator_posts(way, publication, privacy_level="SELF_ONLY")
    assert run(publication, until=in_state(State.PUBLISHED)).reason == ""


@VIDEO
def test_a_dead_account_leaves_the_draft_where_it_is(way: Way) -> None:
    publication = run(way.due(), until=in_state(State.IN_INBOX))
    way.simulator.expire("poppy.public", access=True, refresh=True)
    for _ in range(3):
        skip_wait(publication)
        advance(publication.pk)
    publication.refresh_from_db()
    assert publication.state == State.IN_INBOX
    assert publication.next_try_at is not None


# --- Five in 24 hours -------------------------------------------------------------------------------------


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> None:
    """TikTok's own number again."""
    monkeypatch.setattr(drafts, "MAX_PENDING", 5)


@VIDEO
def test_tiktoks_refusal_holds_the_draft_with_its_words(way: Way) -> None:
    way.simulator.switch(pending_share_cap=1)
    run(way.due(), until=in_state(State.IN_INBOX))
    for status in (400, 403):
        way.simulator.switch(pending_share_status=status)
        publication = run(way.due())
        assert (publication.state, publication.reason) == (State.HELD, TOO_MANY_PENDING)
        assert is_retry_possible(publication)


@VIDEO
@pytest.mark.on_postgres
def test_the_sixth_draft_is_held_before_tiktok_is_asked(way: Way, five: None) -> None:
    sent = [run(way.due(), until=in_state(State.IN_INBOX)) for _ in range(5)]
    asked = way.simulator.calls("inbox_init")
    sixth = run(way.due())
    assert (sixth.state, sixth.reason) == (State.HELD, TOO_MANY_PENDING)
    assert way.simulator.calls("inbox_init") == asked
    room_at = sixth.events.get(to_state=State.HELD).detail["room_at"]
    began = sent[0].attempts.get().init_started_at
    assert room_at == (began + timedelta(hours=24)).isoformat()
    # The others are asked about at once: one may have been posted meanwhile.
    for publication in sent:
        assert gap_of(publication) <= timedelta(0)
    creator_posts(way, sent[0])
    run(sent[0], until=in_state(State.PUBLISHED))
    try_again(sixth, user=way.user, now=database_now())
    assert run(sixth, until=in_state(State.IN_INBOX)).state == State.IN_INBOX


@VIDEO
def test_the_sixth_draft_does_not_wait_for_a_turn_to_be_refused(way: Way, five: None) -> None:
    for _ in range(5):
        run(way.due(), until=in_state(State.IN_INBOX))
    sixth = way.due()
    while not take_call(way.account.pk, Endpoint.INBOX_INIT, now=database_now()):
        pass  # as many calls as fit into one minute
    for _ in range(2):
        skip_wait(sixth)
        advance(sixth.pk)
    sixth.refresh_from_db()
    assert (sixth.state, sixth.reason) == (State.HELD, TOO_MANY_PENDING)


@VIDEO
@pytest.mark.on_postgres
def test_a_lost_announcement_is_repeated_twice_at_most(way: Way) -> None:
    way.simulator.fault("inbox_init", "reset_after", times=None)
    publication = way.due()
    way.walk(publication)
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == (State.FAILED, Reason.INIT_UNANSWERED)
    assert way.simulator.calls("inbox_init") == 3
    way.check_not_sent(publication, "given up")


@pytest.mark.on_postgres
def test_what_counts_as_a_pending_draft(account: TikTokAccount, alice: User) -> None:
    now = database_now()

    def put(state: State, *, route: Route = Route.INBOX_PHOTOS, hours: float = 1, **fields: Any) -> None:
        publication = make_publication(make_post(account.workspace, account=account), user=alice, state=state)
        started_at = now - timedelta(hours=hours)
        make_attempt(publication, route=route, init_started_at=started_at, **fields)

    assert count_drafts(account.pk, now=now).count == 0
    put(State.IN_INBOX, outcome=AttemptOutcome.DELIVERED, hours=23)
    put(State.PROCESSING, gate="open")
    put(State.STARTING, init_finished_at=None, publish_id=None)
    counted = count_drafts(account.pk, now=now)
    assert (counted.count, counted.left, counted.is_full, counted.room_at) == (3, 2, False, None)
    put(State.IN_INBOX, outcome=AttemptOutcome.DELIVERED, hours=24.1)
    put(State.PUBLISHED, outcome=AttemptOutcome.PUBLISHED)
    put(State.FAILED, outcome=AttemptOutcome.FAILED)
    put(State.PROCESSING, route=Route.PHOTOS, gate="open")
    assert count_drafts(account.pk, now=now).count == 3
    put(State.UPLOADING)
    put(State.UPLOADING)
    full = count_drafts(account.pk, now=now)
    assert (full.count, full.is_full, full.room_at) == (5, True, now + timedelta(hours=1))


def test_the_composer_is_told_how_many_wait(
    account: TikTokAccount, alice: User, as_alice: Client, as_bob: Client
) -> None:
    address = reverse("publishing:pending-drafts", args=[account.pk])
    words = " ".join(as_alice.get(address).text.split())
    assert "0 of the 5 drafts that TikTok allows in 24 hours are waiting in Poppy's inbox." in words
    for _ in range(5):
        publication = make_publication(
            make_post(account.workspace, account=account), user=alice, state=State.IN_INBOX
        )
        make_attempt(publication, route=Route.INBOX_VIDEO_FILE, outcome=AttemptOutcome.DELIVERED)
    words = " ".join(as_alice.get(address).text.split())
    assert "The 5 drafts that TikTok allows in 24 hours are all waiting" in words
    assert as_bob.get(address).status_code == 404
