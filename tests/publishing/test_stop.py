"""*Cancel* and *Edit and post again*: possible until the last part goes out, refused with a reason afterwards."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.people import workspace_of
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.states import State
from tests.factories import make_attempt, make_post, make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def put(user: User, state: State, **fields: object) -> Publication:
    return make_publication(make_post(workspace_of(user)), user=user, state=state, **fields)


def press(client: Client, publication: Publication, name: str) -> tuple[str, list[str]]:
    """Press the button; returns where it leads and what the post's page then says."""
    response = client.post(reverse(f"publishing:{name}", args=[publication.post.pk]))
    assert response.status_code == 302
    page = client.get(reverse("publishing:post-detail", args=[publication.post.pk]))
    return response["Location"], [
        str(message) for message in page.context["messages"]
    ] if page.context else []


@pytest.mark.parametrize(
    "state",
    [State.SCHEDULED, State.STARTING, State.UPLOADING, State.HELD, State.WAITING_RECONNECT],
)
def test_cancels_before_the_last_part(client: Client, alice: User, state: State) -> None:
    client.force_login(alice)
    publication = put(alice, state, next_try_at=timezone.now())
    attempt = make_attempt(publication, upload_started_at=timezone.now())
    location, said = press(client, publication, "post-cancel")
    assert (location, said) == (reverse("publishing:post-detail", args=[publication.post.pk]), [])
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert (publication.state, publication.reason, publication.next_try_at) == (
        State.CANCELLED,
        Reason.STOPPED_BY_PERSON,
        None,
    )
    assert attempt.outcome == "failed"


def test_takes_the_post_away_from_the_worker_that_has_it(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(alice, State.UPLOADING, next_try_at=timezone.now())
    lease = Publication.objects.claim(publication.pk, seconds=15)
    assert lease is not None
    press(client, publication, "post-cancel")
    assert Publication.objects.renew(lease) is False


def test_once_the_last_part_is_on_its_way_tiktok_is_asked_to_cancel(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(alice, State.UPLOADING, next_try_at=timezone.now())
    attempt = make_attempt(publication, upload_started_at=timezone.now(), final_intent_at=timezone.now())
    assert press(client, publication, "post-cancel")[1] == []
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert publication.state == State.UPLOADING
    assert publication.cancel_asked_at is not None
    assert attempt.outcome == ""
    assert [(event.name, event.person) for event in publication.events.all()] == [("cancel_asked", alice)]


@pytest.mark.parametrize("state", [State.STARTING, State.PROCESSING])
def test_an_opened_gate_is_asked_to_be_cancelled_too(client: Client, alice: User, state: State) -> None:
    client.force_login(alice)
    publication = put(alice, state, next_try_at=timezone.now())
    attempt = make_attempt(publication, gate="open", route="photos")
    press(client, publication, "post-cancel")
    press(client, publication, "post-cancel")
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert (publication.state, attempt.outcome, attempt.gate) == (state, "", "open")
    assert publication.cancel_asked_at is not None
    assert publication.events.count() == 1


def test_a_closed_gate_is_revoked_with_the_cancelling(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(alice, State.STARTING, next_try_at=timezone.now())
    attempt = make_attempt(publication, gate="closed", route="photos", init_finished_at=None, publish_id=None)
    press(client, publication, "post-cancel")
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert publication.state == State.CANCELLED
    assert (attempt.outcome, attempt.gate) == ("failed", "revoked")


@pytest.mark.parametrize("state", [State.IN_INBOX, State.PUBLISHED, State.FAILED, State.UNCONFIRMED])
def test_cannot_cancel_what_has_moved_on(client: Client, alice: User, state: State) -> None:
    client.force_login(alice)
    publication = put(alice, state)
    _, said = press(client, publication, "post-cancel")
    assert said == ["That is no longer possible: the post has moved on."]
    publication.refresh_from_db()
    assert publication.state == state
    assert publication.cancel_asked_at is None


def test_trying_again_forgets_the_wish_to_cancel(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(
        alice, State.CANCELLED, cancel_asked_at=timezone.now(), cancel_answer="ok", reason="stopped_by_person"
    )
    press(client, publication, "post-try-again")
    publication.refresh_from_db()
    assert (publication.state, publication.cancel_asked_at, publication.cancel_answer) == (
        State.SCHEDULED,
        None,
        "",
    )


def test_cancelling_twice_is_cancelling_once(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(alice, State.SCHEDULED)
    assert press(client, publication, "post-cancel")[1] == []
    assert press(client, publication, "post-cancel")[1] == []
    assert publication.events.count() == 1


@pytest.mark.parametrize(
    "state", [State.SCHEDULED, State.HELD, State.WAITING_RECONNECT, State.FAILED, State.CANCELLED]
)
def test_takes_the_post_back_to_be_edited(client: Client, alice: User, state: State) -> None:
    client.force_login(alice)
    publication = put(alice, state)
    location, _ = press(client, publication, "post-reopen")
    assert location == reverse("composer:post-edit", args=[publication.post.pk])
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    assert publication.state == State.DRAFT
    assert publication.next_try_at is None
    assert publication.post.is_editable is True


def test_taking_back_twice_opens_the_composer_twice(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = put(alice, State.FAILED, reason="spam_risk_text")
    locations = [press(client, publication, "post-reopen")[0] for _ in range(2)]
    assert locations == [reverse("composer:post-edit", args=[publication.post.pk])] * 2
    assert publication.events.count() == 1


@pytest.mark.parametrize("state", [State.STARTING, State.UPLOADING, State.PROCESSING, State.PUBLISHED])
def test_cannot_take_back_what_is_under_way_or_out(client: Client, alice: User, state: State) -> None:
    client.force_login(alice)
    publication = put(alice, state)
    location, said = press(client, publication, "post-reopen")
    assert location == reverse("publishing:post-detail", args=[publication.post.pk])
    assert said == ["That is no longer possible: the post has moved on."]
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    assert publication.state == state
    assert publication.post.is_editable is False
