"""*Try again*: the same post once more, only where nothing of it can be on TikTok; pressing twice sends once."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountState, User
from accounts.people import workspace_of
from publishing.models import EventKind, Publication
from publishing.reasons import Reason
from publishing.states import State
from tests.factories import make_attempt, make_post, make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def rest(user: User, state: State, reason: str) -> Publication:
    return make_publication(make_post(workspace_of(user)), user=user, state=state, reason=reason)


def press(client: Client, publication: Publication, name: str = "post-try-again") -> list[str]:
    """Press the button; returns what the page then says."""
    response = client.post(reverse(f"publishing:{name}", args=[publication.post.pk]), follow=True)
    assert response.redirect_chain[-1][0] == reverse("publishing:post-detail", args=[publication.post.pk])
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.FAILED, "internal"),
        (State.FAILED, Reason.UPLOAD_EXPIRED),
        (State.HELD, "spam_risk_too_many_posts"),
        (State.CANCELLED, Reason.STOPPED_BY_PERSON),
    ],
)
def test_puts_the_post_on_its_way_again(client: Client, alice: User, state: State, reason: str) -> None:
    client.force_login(alice)
    publication = rest(alice, state, reason)
    make_attempt(publication, outcome="failed", fail_reason=reason)
    before = timezone.now()
    assert press(client, publication) == []
    publication.refresh_from_db()
    assert publication.state == State.SCHEDULED
    assert publication.reason == ""
    assert publication.next_try_at is not None
    assert publication.next_try_at >= before
    assert publication.attempts_before == 1
    event = publication.events.get()
    assert (event.kind, event.from_state, event.to_state, event.person) == (
        EventKind.PERSON,
        state,
        State.SCHEDULED,
        alice,
    )


def test_keeps_the_consent(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = rest(alice, State.FAILED, "internal")
    consent = publication.consent
    press(client, publication)
    publication.refresh_from_db()
    consent.refresh_from_db()
    assert publication.consent == consent
    assert consent.voided_at is None


def test_pressing_twice_sends_once(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = rest(alice, State.FAILED, "internal")
    assert [press(client, publication), press(client, publication)] == [[], []]
    publication.refresh_from_db()
    assert publication.state == State.SCHEDULED
    assert publication.events.count() == 1


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.FAILED, "auth_removed"),
        (State.FAILED, "spam_risk"),
        (State.FAILED, "spam_risk_text"),
        (State.FAILED, "spam_risk_user_banned_from_posting"),
        (State.FAILED, "file_format_check_failed"),
        (State.FAILED, "a_word_of_tomorrow"),
        (State.HELD, Reason.RULES_CHANGED),
        (State.UNCONFIRMED, Reason.UNKNOWN_PUBLISH_ID),
        (State.PUBLISHED, ""),
        (State.WAITING_RECONNECT, Reason.NEEDS_RECONNECT),
    ],
)
def test_a_forged_press_where_it_is_not_safe_changes_nothing(
    client: Client, alice: User, state: State, reason: str
) -> None:
    client.force_login(alice)
    publication = rest(alice, state, reason)
    assert press(client, publication) == ["This post cannot simply be sent again."]
    publication.refresh_from_db()
    assert (publication.state, publication.reason, publication.next_try_at) == (state, reason, None)
    assert publication.events.count() == 0


def test_says_to_connect_a_disconnected_account_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = rest(alice, State.HELD, Reason.ACCOUNT_DISCONNECTED)
    publication.account.state = AccountState.DISCONNECTED
    publication.account.save()
    assert press(client, publication) == ["The account is disconnected: connect it first."]
    publication.refresh_from_db()
    assert publication.state == State.HELD


@pytest.mark.parametrize("name", ["post-try-again", "post-cancel", "post-reopen"])
def test_bob_finds_no_button_of_alice(client: Client, alice: User, bob: User, name: str) -> None:
    publication = rest(alice, State.HELD, "spam_risk_too_many_posts")
    client.force_login(bob)
    response = client.post(reverse(f"publishing:{name}", args=[publication.post.pk]))
    assert response.status_code == 404
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    assert publication.state == State.HELD
    assert publication.post.locked_at is not None
    assert publication.events.count() == 0


@pytest.mark.parametrize("name", ["post-try-again", "post-cancel", "post-reopen"])
def test_reading_the_address_does_nothing(client: Client, alice: User, name: str) -> None:
    publication = rest(alice, State.HELD, "spam_risk_too_many_posts")
    client.force_login(alice)
    assert client.get(reverse(f"publishing:{name}", args=[publication.post.pk])).status_code == 405
    publication.refresh_from_db()
    assert publication.state == State.HELD


@pytest.mark.parametrize("name", ["post-try-again", "post-cancel", "post-reopen"])
def test_a_draft_has_no_such_button(client: Client, alice: User, name: str) -> None:
    draft = make_post(workspace_of(alice))
    client.force_login(alice)
    assert client.post(reverse(f"publishing:{name}", args=[draft.pk])).status_code == 404
