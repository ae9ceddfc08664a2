"""An event only has TikTok asked: whatever events come, in whatever order and however often, the end is the same."""

import itertools
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from publishing.engine import advance
from publishing.models import AccountCall, Attempt, Publication, VisibilityChange, WebhookDelivery
from publishing.states import State
from publishing.visibility import Visibility, post_id_to_show, visibility_of
from publishing.webhooks import hear_due_deliveries, store_delivery
from tests.factories import make_attempt, make_post, make_publication
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, run, states_of
from tests.webhooks import event, post, sign

pytestmark = pytest.mark.django_db

COMPLETE = "post.publish.complete"
FAILED = "post.publish.failed"
DELIVERED = "post.publish.inbox_delivered"
PUBLIC = "post.publish.publicly_available"
GONE = "post.publish.no_longer_publicaly_available"
GONE_WELL_SPELT = "post.publish.no_longer_publicly_available"
LATER = timedelta(hours=3)
POST_ID = "7602997517160123667"
OTHER_ID = "7602997517160123669"


@pytest.fixture
def make(account: TikTokAccount, alice: User) -> Callable[..., Publication]:
    """Makes one that stands where it is told, with its attempt at TikTok; due in three hours unless told so."""

    def made(state: State, **fields: Any) -> Publication:
        publication = make_publication(
            make_post(account.workspace, account=account),
            user=alice,
            state=state,
            **{"next_try_at": database_now() + LATER, **fields},
        )
        make_attempt(publication, publish_id="v_pub_file~v2-1.7", final_intent_at=database_now())
        return publication

    return made


@pytest.fixture
def waiting(make: Callable[..., Publication]) -> Publication:
    """One that TikTok is processing."""
    return make(State.PROCESSING)


def tell(publication: Publication, name: str, **more: Any) -> str:
    """TikTok sends that event and it is worked on; what came of it."""
    attempt = publication.attempts.latest("number")
    open_id = more.pop("open_id", publication.account.open_id)
    at = more.pop("at", None)
    content = {"publish_id": attempt.publish_id, "publish_type": "DIRECT_PUBLISH", **more}
    body = event(name, open_id, at=at, **content)
    assert post(body).status_code == 200
    hear_due_deliveries(now=database_now())
    return WebhookDelivery.objects.latest("pk").outcome


def is_due(publication: Publication) -> bool:
    publication.refresh_from_db()
    return publication.next_try_at is not None and publication.next_try_at <= database_now()


def make_due_later(publication: Publication) -> None:
    Publication.objects.filter(pk=publication.pk).update(next_try_at=database_now() + LATER, hinted_at=None)


# --- What an event does ------------------------------------------------------------------------------------


@pytest.mark.on_postgres
@pytest.mark.rule("5e", at="worker")
@pytest.mark.parametrize("name", [COMPLETE, FAILED, DELIVERED, PUBLIC, GONE, GONE_WELL_SPELT])
def test_every_event_about_a_post_makes_the_question_due_and_moves_nothing(
    waiting: Publication, name: str
) -> None:
    assert tell(waiting, name, post_id=POST_ID, reason="internal") == "asked"
    assert is_due(waiting)
    assert waiting.state == State.PROCESSING
    assert states_of(waiting) == []
    assert waiting.attempts.get().remote_status == ""


@pytest.mark.on_postgres
@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.IN_INBOX, State.PUBLISHED])
def test_so_it_is_wherever_tiktok_can_still_be_asked(make: Callable[..., Publication], state: State) -> None:
    publication = make(state, next_try_at=None)
    assert tell(publication, COMPLETE) == "asked"
    assert is_due(publication)


@pytest.mark.on_postgres
@pytest.mark.parametrize("state", sorted(set(State) - {
    State.PROCESSING, State.UNCONFIRMED, State.IN_INBOX, State.PUBLISHED,
}))  # fmt: skip
def test_what_rests_or_is_not_yet_there_is_left_alone(make: Callable[..., Publication], state: State) -> None:
    publication = make(state)
    before = Publication.objects.values().get(pk=publication.pk)
    assert tell(publication, COMPLETE) == "nothing_to_ask"
    assert Publication.objects.values().get(pk=publication.pk) == before


@pytest.mark.on_postgres
def test_one_that_is_due_keeps_its_place(waiting: Publication) -> None:
    long_due = database_now() - timedelta(minutes=1)
    Publication.objects.filter(pk=waiting.pk).update(next_try_at=long_due)
    assert tell(waiting, COMPLETE) == "asked"
    waiting.refresh_from_db()
    assert waiting.next_try_at == long_due


@pytest.mark.on_postgres
def test_while_a_worker_asks_the_event_waits(waiting: Publication) -> None:
    Publication.objects.filter(pk=waiting.pk).update(next_try_at=database_now())
    lease = Publication.objects.claim(waiting.pk, seconds=60)
    assert lease is not None
    assert tell(waiting, COMPLETE) == ""
    # The worker, who asked before the event, would otherwise settle to its own time and forget the hint.
    Publication.objects.settle(lease, next_try_at=database_now() + LATER)
    assert hear_due_deliveries(now=database_now()) == 0, "it comes back in a second, not at once"
    assert hear_due_deliveries(now=database_now() + timedelta(seconds=1)) == 1
    waiting.refresh_from_db()
    assert waiting.next_try_at is not None
    assert waiting.next_try_at <= database_now() + timedelta(seconds=1)


@pytest.mark.on_postgres
def test_of_another_account_it_means_nothing(waiting: Publication) -> None:
    assert tell(waiting, PUBLIC, post_id=POST_ID, open_id="somebody-else") == "other_account"
    assert not is_due(waiting)
    assert not VisibilityChange.objects.exists()


@pytest.mark.on_postgres
def test_of_an_earlier_attempt_it_means_nothing_now(waiting: Publication) -> None:
    first = waiting.attempts.get()
    Attempt.objects.filter(pk=first.pk).update(outcome="failed")
    make_attempt(waiting, publish_id="v_pub_file~v2-1.8")
    body = event(FAILED, waiting.account.open_id, publish_id=first.publish_id, reason="internal")
    post(body)
    hear_due_deliveries(now=database_now())
    assert WebhookDelivery.objects.get().outcome == "earlier_attempt"
    assert not is_due(waiting)


@pytest.mark.on_postgres
def test_a_replayed_event_asks_nothing_again(waiting: Publication) -> None:
    body = event(COMPLETE, waiting.account.open_id, publish_id=waiting.attempts.get().publish_id)
    post(body)
    hear_due_deliveries(now=database_now())
    assert is_due(waiting)
    make_due_later(waiting)
    for _ in range(3):
        post(body)
        hear_due_deliveries(now=database_now())
    assert not is_due(waiting)


# --- What is believed of it --------------------------------------------------------------------------------


@pytest.fixture
def published(make: Callable[..., Publication]) -> Publication:
    """One whose post TikTok's status has named."""
    return make(State.PUBLISHED, next_try_at=None, published_at=database_now(), post_ids=[POST_ID])


def seen(publication: Publication) -> Visibility | None:
    return visibility_of(Publication.objects.get(pk=publication.pk))


@pytest.mark.on_postgres
@pytest.mark.parametrize("named", [[], [OTHER_ID]])
def test_who_sees_it_is_told_only_of_posts_that_the_status_has_named(
    published: Publication, named: list[str]
) -> None:
    Publication.objects.update(post_ids=named)
    tell(published, PUBLIC, post_id=POST_ID)
    assert seen(published) is None
    Publication.objects.update(post_ids=[*named, POST_ID])
    shown = seen(published)
    assert shown is not None
    assert shown.is_public


@pytest.mark.on_postgres
def test_the_page_says_since_when(published: Publication, as_alice: Client) -> None:
    page = f"/posts/{published.post_id}/"
    assert "Visible to everyone" not in as_alice.get(page).content.decode()
    tell(published, PUBLIC, post_id=POST_ID, at=time.time() - 30)
    shown = as_alice.get(page).content.decode()
    assert "Visible to everyone since" in shown
    assert f"/video/{POST_ID}" in shown
    tell(published, GONE_WELL_SPELT, post_id=POST_ID)
    shown = as_alice.get(page).content.decode()
    assert "No longer public since" in shown
    assert "TikTok says that it is no longer public." in as_alice.get("/posts/").content.decode()


@pytest.mark.on_postgres
def test_a_replay_of_long_ago_is_a_hint_and_nothing_more(waiting: Publication, settings: Any) -> None:
    settings.TIKTOK_WEBHOOK_TOLERANCE_SECONDS = 300
    publish_id = waiting.attempts.get().publish_id
    body = event(PUBLIC, waiting.account.open_id, publish_id=publish_id, post_id=POST_ID)
    post(body, sign(body, at=time.time() - 301))
    hear_due_deliveries(now=database_now())
    assert is_due(waiting)
    assert not VisibilityChange.objects.exists()


@pytest.mark.on_postgres
def test_a_time_that_has_not_come_is_not_believed(waiting: Publication) -> None:
    tell(waiting, PUBLIC, post_id=POST_ID, at=time.time() + 3600)
    tell(waiting, PUBLIC, post_id=POST_ID, at=10**18)
    assert is_due(waiting)
    assert not VisibilityChange.objects.exists()


@pytest.mark.on_postgres
def test_of_several_posts_one_that_is_public_is_enough(published: Publication) -> None:
    Publication.objects.update(post_ids=[POST_ID, OTHER_ID])
    tell(published, GONE, post_id=POST_ID)
    assert seen(published) is None, "nothing was told about the other"
    tell(published, PUBLIC, post_id=OTHER_ID)
    shown = seen(published)
    assert shown is not None
    assert shown.is_public
    assert post_id_to_show(Publication.objects.get(pk=published.pk)) == OTHER_ID


# --- Order and number make no difference --------------------------------------------------------------------


def forget_calls() -> None:
    """TikTok's rates have nothing to do with this, and would make it wait."""
    AccountCall.objects.all().delete()


def end_of(publication: Publication) -> tuple[object, ...]:
    """Everything that may differ in the end, but for the times of our own."""
    publication = Publication.objects.get(pk=publication.pk)
    told = [(change.post_id, change.is_public, change.at) for change in publication.visibility_changes.all()]
    return (
        publication.state,
        publication.reason,
        publication.post_ids,
        visibility_of(publication),
        told,
        states_of(publication),
        [(attempt.outcome, attempt.remote_status) for attempt in publication.attempts.all()],
        publication.hinted_at,
        publication.next_try_at,
    )


def play(publication: Publication, bodies: list[bytes], number: int) -> None:
    """Send the events in that order, every other one twice; a worker follows the hints somewhere on the way."""
    for index, body in enumerate(bodies):
        for _ in range(1 + (number + index) % 2):
            store_delivery(body, signed_at=database_now())
        if index in {number % len(bodies), len(bodies) - 1}:
            hear_due_deliveries(now=database_now())
            while advance(publication.pk):
                forget_calls()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_orders_with_duplicates_come_to_the_same_end(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    simulator.switch(rate_window_seconds=0)
    sent = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    publish_id = sent.attempts.get().publish_id
    assert publish_id is not None
    simulator.wait_until_checked(publish_id)
    run(sent)
    [there] = simulator.posts()
    now = time.time()
    bodies = {
        name: event(
            name, poppy.open_id, at=now + at, publish_id=publish_id, post_id=str(there["post_id"]), reason="internal"
        )
        for at, name in enumerate([FAILED, COMPLETE, DELIVERED, PUBLIC, GONE], start=-5)
    }  # fmt: skip
    ends = set()
    for number, order in enumerate(itertools.permutations(bodies)):
        # The same post again, as it stood when TikTok had just been given it.
        Attempt.objects.update(publish_id=None)
        WebhookDelivery.objects.all().delete()
        forget_calls()
        again = make_publication(
            make_post(poppy.workspace, account=poppy),
            user=alice,
            state=State.PROCESSING,
            next_try_at=database_now() + LATER,
        )
        make_attempt(again, publish_id=publish_id, final_intent_at=database_now())
        play(again, [bodies[name] for name in order], number)
        ends.add(repr(end_of(again)))
    assert number + 1 == 120
    assert len(ends) == 1, "\n".join(sorted(ends))
    [end] = ends
    assert "Visibility(is_public=False" in end
    assert str(there["post_id"]) in end
    assert len(simulator.posts()) == 1


@pytest.mark.on_postgres
def test_ten_forged_events_later_nothing_has_happened(waiting: Publication) -> None:
    before = Publication.objects.values().get(pk=waiting.pk)
    for name in (COMPLETE, FAILED, DELIVERED, PUBLIC, GONE):
        body = event(name, waiting.account.open_id, publish_id="v_pub_file~v2-1.7", post_id=POST_ID)
        assert post(body, sign(body, secret="guessed")).status_code == 401
        assert post(body, sign(body + b" ")).status_code == 401
    assert hear_due_deliveries(now=database_now()) == 0
    assert Publication.objects.values().get(pk=waiting.pk) == before
