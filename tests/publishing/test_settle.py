"""A post that TikTok may have: settled by a person who looked, who is named; nothing else sends it again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from accounts.people import workspace_of
from composer.models import Destination
from publishing.engine import advance
from publishing.models import Attempt, AttemptOutcome, EventKind, Gate, Publication
from publishing.reasons import Reason
from publishing.states import State
from tests.factories import make_attempt, make_carousel, make_photo, make_post, make_publication, put_into
from tests.processes import Simulator
from tests.publishing.driving import due, film, run, skip_wait, states_of

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]

POST_ID = "7300000000000000001"


def open_question(user: User, state: State = State.UNCONFIRMED, **fields: Any) -> tuple[Publication, Attempt]:
    post = make_post(workspace_of(user), destination=fields.pop("destination", Destination.DIRECT))
    publication = make_publication(post, user=user, state=state, reason=Reason.UNKNOWN_PUBLISH_ID)
    long_ago = database_now() - timedelta(hours=3)
    values = {
        "init_started_at": long_ago,
        "upload_started_at": long_ago,
        "final_intent_at": long_ago,
        "upload_finished_at": long_ago,
        "remote_status": "PROCESSING_UPLOAD",
        "remote_status_at": long_ago,
        "tiktok_log_id": "log-17",
    }
    return publication, make_attempt(publication, **values | fields)


def url(name: str, publication: Publication) -> str:
    return reverse(f"publishing:post-{name}", args=[publication.post_id])


def press(client: Client, name: str, publication: Publication, attempt: Attempt, **data: str) -> Any:
    return client.post(url(name, publication), {"attempt": str(attempt.pk), **data}, follow=True)


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_shows_the_evidence_and_three_answers(as_alice: Client, alice: User) -> None:
    publication, attempt = open_question(alice)
    page = texts(as_alice.get(url("detail", publication)))
    for words in (
        "Is it on TikTok?",
        "TikTok confirmed every part.",
        "TikTok has the upload and is working on it.",
        "<code>log-17</code>",
        f"<code>{attempt.publish_id}</code>",
        "It is on TikTok",
        "It is not: send again…",
        "Keep asking",
    ):
        assert words in page, words


def test_what_only_tiktok_can_tell_has_no_question(as_alice: Client, alice: User) -> None:
    publication, attempt = open_question(alice, State.PROCESSING)
    assert "Is it on TikTok?" not in texts(as_alice.get(url("detail", publication)))
    for name, data in (("is-there", {}), ("send-again", {"is_sure": "on"}), ("keep-asking", {})):
        press(as_alice, name, publication, attempt, **data)
    publication.refresh_from_db()
    assert (publication.state, publication.events.count()) == (State.PROCESSING, 0)


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.WAITING_RECONNECT])
def test_it_is_on_tiktok_publishes_it_once_by_name(as_alice: Client, alice: User, state: State) -> None:
    publication, attempt = open_question(alice, state)
    link = f"https://www.tiktok.com/@{publication.account.username}/video/{POST_ID}?lang=en"
    for _ in range(2):
        response = press(as_alice, "is-there", publication, attempt, link=link)
        assert "Somebody looked and said that it is on TikTok." in texts(response)
        assert not list(response.context["messages"])
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert (publication.state, publication.post_ids) == (State.PUBLISHED, [POST_ID])
    assert publication.published_at is not None
    assert attempt.outcome == AttemptOutcome.PUBLISHED
    event = publication.events.get()
    assert (event.kind, event.person, event.from_state) == (EventKind.PERSON, alice, state)
    publication.post.refresh_from_db()
    assert publication.post.media_released_at is not None


def test_a_draft_that_is_there_is_in_the_inbox(as_alice: Client, alice: User) -> None:
    publication, attempt = open_question(alice, route="inbox_video_file", destination=Destination.INBOX)
    press(as_alice, "is-there", publication, attempt)
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert (publication.state, attempt.outcome) == (State.IN_INBOX, AttemptOutcome.DELIVERED)
    assert publication.delivered_at is not None


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("https://example.com/@poppy/video/7300000000000000001", "That is no link to a TikTok post."),
        ("https://www.tiktok.com/@poppy", "That is no link to a TikTok post."),
        (
            "https://www.tiktok.com/@somebody.else/video/7300000000000000001",
            "That post belongs to @somebody.else",
        ),
    ],
)
def test_a_link_that_is_no_post_of_this_account_is_refused(
    as_alice: Client, alice: User, link: str, words: str
) -> None:
    publication, attempt = open_question(alice)
    assert words in texts(press(as_alice, "is-there", publication, attempt, link=link))
    publication.refresh_from_db()
    assert publication.state == State.UNCONFIRMED


def test_sending_again_is_asked_twice_and_logs_who(as_alice: Client, alice: User) -> None:
    publication, attempt = open_question(alice)
    assert "Send it again?" in texts(as_alice.get(url("send-again", publication)))
    assert "Look first, then tick this." in texts(press(as_alice, "send-again", publication, attempt))
    publication.refresh_from_db()
    assert publication.state == State.UNCONFIRMED
    for _ in range(2):
        press(as_alice, "send-again", publication, attempt, is_sure="on")
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert (publication.state, publication.attempts_before) == (State.SCHEDULED, 1)
    assert publication.next_try_at is not None
    assert (attempt.outcome, attempt.fail_reason) == (AttemptOutcome.FAILED, Reason.SAID_BY_PERSON)
    assert not attempt.may_be_public
    event = publication.events.get()
    assert (event.kind, event.person, event.attempt) == (EventKind.PERSON, alice, attempt)
    page = texts(as_alice.get(url("detail", publication)))
    assert "Said not to be on TikTok, and sent again" in page
    assert f"By {alice}." in page


def test_sending_fetched_media_again_ends_their_addresses(as_alice: Client, alice: User) -> None:
    post = make_carousel(workspace_of(alice), photos=[make_photo(workspace_of(alice))])
    publication = make_publication(post, user=alice, state=State.UNCONFIRMED, reason=Reason.PULL_UNANSWERED)
    attempt = make_attempt(
        publication, route="photos", gate=Gate.OPEN, gate_opened_at=database_now(), init_finished_at=None,
        publish_id=None, chunk_size=0, total_chunk_count=0,
    )  # fmt: skip
    page = texts(as_alice.get(url("detail", publication)))
    assert "TikTok cannot be asked" in page
    assert "Keep asking" not in page.split("History")[0].split("TikTok cannot be asked")[0]
    press(as_alice, "keep-asking", publication, attempt)
    assert not publication.events.exists()
    press(as_alice, "send-again", publication, attempt, is_sure="on")
    attempt.refresh_from_db()
    assert (attempt.gate, attempt.outcome) == (Gate.REVOKED, AttemptOutcome.FAILED)


def test_while_a_frozen_worker_could_still_send_the_last_part_it_is_not_sent_again(
    as_alice: Client, alice: User
) -> None:
    now = database_now()
    publication, attempt = open_question(
        alice, init_started_at=now, final_intent_at=now, upload_finished_at=None
    )
    assert "TikTok could still get the last part of it." in texts(
        as_alice.get(url("send-again", publication))
    )
    response = press(as_alice, "send-again", publication, attempt, is_sure="on")
    assert [str(message) for message in response.context["messages"]] == [
        "TikTok could still get the last part of it. Wait until its upload has ended."
    ]
    publication.refresh_from_db()
    assert publication.state == State.UNCONFIRMED


def test_an_answer_to_an_earlier_question_counts_for_no_later_one(as_alice: Client, alice: User) -> None:
    """The confirmation was left open; meanwhile the post was sent again, and is unconfirmed again."""
    publication, first = open_question(alice)
    press(as_alice, "send-again", publication, first, is_sure="on")
    put_into(publication, State.UNCONFIRMED, next_try_at=None)
    long_ago = database_now() - timedelta(hours=3)
    second = make_attempt(publication, init_started_at=long_ago, final_intent_at=long_ago)
    for name in ("send-again", "is-there", "keep-asking"):
        response = press(as_alice, name, publication, first, is_sure="on")
        assert "The post has moved on since you looked." in texts(response)
    publication.refresh_from_db()
    second.refresh_from_db()
    assert (publication.state, second.outcome) == (State.UNCONFIRMED, AttemptOutcome.OPEN)


def test_keep_asking_asks_at_once(as_alice: Client, alice: User) -> None:
    publication, attempt = open_question(alice)
    Publication.objects.update(next_try_at=database_now() + timedelta(hours=3))
    press(as_alice, "keep-asking", publication, attempt)
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    assert publication.next_try_at <= database_now()
    assert (publication.state, publication.events.get().name) == (State.UNCONFIRMED, "keep_asking")


@pytest.mark.parametrize("name", ["is-there", "send-again", "keep-asking"])
def test_bob_can_neither_look_nor_answer(as_bob: Client, alice: User, name: str) -> None:
    publication, attempt = open_question(alice)
    response = press(as_bob, name, publication, attempt, is_sure="on")
    assert response.status_code == 404
    publication.refresh_from_db()
    assert (publication.state, publication.events.count()) == (State.UNCONFIRMED, 0)


@pytest.mark.django_db(transaction=True)
def test_by_itself_nothing_is_sent_again_and_by_a_word_once(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client, alice: User, tmp_path: Path, settings: Any
) -> None:
    """TikTok forgets the upload; asked for ever, it is never sent again. Then alice looks, and it is."""
    simulator.switch(processing_seconds=3600)
    publication = run(
        due(poppy, film(tmp_path), user=alice),
        until=lambda publication: publication.state == State.PROCESSING,
    )
    attempt = publication.attempts.get()
    Attempt.objects.update(
        publish_id="v_pub_file~v2-1.999", init_finished_at=attempt.init_started_at - timedelta(hours=1)
    )
    for _ in range(8):
        skip_wait(publication)
        advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.attempts.count()) == (State.UNCONFIRMED, 1)
    simulator.switch(processing_seconds=0)
    press(as_alice, "send-again", publication, attempt, is_sure="on")
    assert run(publication).state == State.PUBLISHED
    assert publication.attempts.count() == 2
    assert states_of(publication)[3:5] == ["unconfirmed", "scheduled"]
