"""Everything that may come back to the callback and must change nothing, each with its own sentence."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.connecting import Returned, finish_connect
from accounts.models import ConnectRequest, Membership, TikTokAccount, TokenPair, User
from accounts.refusals import Refusal
from tests.consent import come_back, connect, consent, last_message, leave
from tests.processes import Simulator

AGAIN = "Press Connect TikTok account to start again."


def assert_nothing_connected() -> None:
    assert TikTokAccount.objects.count() == 0
    assert TokenPair.objects.count() == 0


def test_without_state(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    del query["state"]
    response = come_back(as_alice, query)
    assert last_message(response) == (
        f"TikTok's answer did not say which request it belongs to, so nothing was changed. {AGAIN}"
    )
    assert_nothing_connected()
    assert simulator.calls("token") == 0


def test_with_an_invented_state(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice)) | {"state": "invented"}
    response = come_back(as_alice, query)
    assert last_message(response) == (
        f"This answer belongs to no request we know of, so nothing was changed. {AGAIN}"
    )
    assert_nothing_connected()
    assert simulator.calls("token") == 0


def test_with_a_state_used_before(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    come_back(as_alice, query)
    response = come_back(as_alice, query)
    assert last_message(response).startswith("This answer from TikTok was used before")
    assert simulator.calls("token") == 1
    assert TikTokAccount.objects.count() == 1


def test_after_ten_minutes(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    request = ConnectRequest.objects.get()
    assert request.expires_at - request.created_at < timedelta(minutes=10, seconds=1)
    ConnectRequest.objects.update(expires_at=request.expires_at - timedelta(minutes=11))
    response = come_back(as_alice, query)
    assert last_message(response) == (
        f"It took more than ten minutes to come back from TikTok, so nothing was changed. {AGAIN}"
    )
    assert_nothing_connected()


def test_with_another_sessions_state(simulator: Simulator, as_alice: Client, alice: User) -> None:
    query = consent(leave(as_alice))
    elsewhere = Client()
    elsewhere.force_login(alice)
    response = come_back(elsewhere, query)
    assert last_message(response).startswith("This answer from TikTok belongs to another sign-in")
    assert_nothing_connected()
    # The attempt did not use the request up: its owner can still finish.
    assert last_message(come_back(as_alice, query)) == "Poppy Parade is connected."


def test_with_another_persons_state(simulator: Simulator, as_alice: Client, as_bob: Client) -> None:
    """Bob lets alice open his own answer, so that her posts would go to his TikTok account."""
    query = consent(leave(as_bob))
    response = come_back(as_alice, query)
    assert last_message(response).startswith("This answer from TikTok belongs to another sign-in")
    assert_nothing_connected()
    assert simulator.calls("token") == 0


def test_with_ones_own_session_and_another_persons_state(
    simulator: Simulator, as_alice: Client, bob: User
) -> None:
    """The person counts by themselves, should a session ever pass from one to another."""
    query = consent(leave(as_alice))
    outcome = finish_connect(
        Returned(state=query["state"], code=query["code"]),
        user=bob,
        session_key=str(as_alice.session.session_key),
        now=database_now(),
    )
    assert outcome.refusal == Refusal.STATE_FOREIGN
    assert_nothing_connected()


def test_with_the_code_of_another_trip(simulator: Simulator, as_alice: Client, as_bob: Client) -> None:
    """A code cannot be carried into somebody else's trip: the verifier does not fit."""
    stolen = consent(leave(as_bob))["code"]
    query = consent(leave(as_alice)) | {"code": stolen}
    response = come_back(as_alice, query)
    assert last_message(response).startswith("TikTok could not match its answer to the request it came from")
    assert_nothing_connected()


def test_signed_out(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    as_alice.logout()
    response = come_back(as_alice, query)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert_nothing_connected()
    assert simulator.calls("token") == 0


def test_after_leaving_the_workspace(simulator: Simulator, as_alice: Client, alice: User) -> None:
    query = consent(leave(as_alice))
    Membership.objects.filter(user=alice).delete()
    response = come_back(as_alice, query)
    assert last_message(response) == (
        "You are no longer a member of the workspace you started from, so nothing was changed."
    )
    assert_nothing_connected()


def test_cancelled(simulator: Simulator, as_alice: Client) -> None:
    response = come_back(as_alice, consent(leave(as_alice), cancel=True))
    assert last_message(response) == (
        "No account was connected: TikTok's page was left without allowing it. Press Connect TikTok account to "
        "try again."
    )
    assert_nothing_connected()
    assert ConnectRequest.objects.get().consumed_at is not None


def test_a_stranger_to_the_sandbox_is_not_told_that_they_cancelled(
    simulator: Simulator, as_alice: Client
) -> None:
    response = come_back(as_alice, consent(leave(as_alice), "nora.nontarget"))
    assert last_message(response).startswith(
        "TikTok did not let this account in: the app is in TikTok's sandbox, and the account is not one of its "
        "target users."
    )
    assert_nothing_connected()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"error": "access_denied", "error_type": "client_key"}, "does not know this installation's client key"),
        ({"error": "param_error", "error_type": "redirect_uri"}, "http://localhost:8000/accounts/connect/callback/"),
        ({"error": "param_error", "error_type": "scope"}, "The operator must compare TIKTOK_SCOPES"),
        ({"error": "invalid_scope"}, "The operator must compare TIKTOK_SCOPES"),
        ({"error": "param_error", "error_type": "code_challenge"}, "tell the operator"),
        ({"error": "server_error"}, "a fault of its own"),
        ({"error": "strange_news"}, "(“strange_news”)"),
        ({}, "TikTok's answer was incomplete"),
    ],
)  # fmt: skip
def test_other_words_of_the_consent_page(
    simulator: Simulator, as_alice: Client, query: dict[str, str], words: str
) -> None:
    state = parse_qs(urlsplit(leave(as_alice)).query)["state"][0]
    assert words in last_message(come_back(as_alice, query | {"state": state}))
    assert_nothing_connected()


def test_an_error_text_is_shown_as_text(simulator: Simulator, as_alice: Client) -> None:
    state = parse_qs(urlsplit(leave(as_alice)).query)["state"][0]
    come_back(as_alice, {"error": "<script>alert(1)</script>", "state": state})
    page = as_alice.get("/accounts/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_wrong_secret(simulator: Simulator, as_alice: Client, settings: Any) -> None:
    query = consent(leave(as_alice))
    settings.TIKTOK_CLIENT_SECRET = "wrong"
    response = come_back(as_alice, query)
    assert last_message(response) == (
        "TikTok did not accept this installation's client key and secret. The operator must check "
        "TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET; trying again before that will not help."
    )
    assert_nothing_connected()


def test_a_callback_address_that_changed_on_the_way(
    simulator: Simulator, as_alice: Client, settings: Any
) -> None:
    query = consent(leave(as_alice))
    settings.PUBLIC_URL = "http://localhost:8001"
    response = come_back(as_alice, query)
    assert last_message(response).startswith(
        "TikTok does not accept the address it should send people back to. The operator must register "
        "http://localhost:8001/accounts/connect/callback/ with the app"
    )
    assert_nothing_connected()


def test_a_code_that_ran_out(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    simulator.advance(301)
    response = come_back(as_alice, query)
    assert last_message(response).startswith(
        "TikTok says that this permission was used before or has run out."
    )
    assert_nothing_connected()


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_refused_exchange_is_no_success_whatever_its_status(
    simulator: Simulator, as_alice: Client, status: int
) -> None:
    simulator.switch(oauth_error_status=status)
    query = consent(leave(as_alice)) | {"code": "no-such-code"}
    response = come_back(as_alice, query)
    assert last_message(response).startswith(
        "TikTok says that this permission was used before or has run out."
    )
    assert_nothing_connected()


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "reset_before", "html", "truncated"])
def test_tiktok_out_of_reach(simulator: Simulator, as_alice: Client, kind: str) -> None:
    query = consent(leave(as_alice))
    simulator.fault("token", kind, times=1)
    response = come_back(as_alice, query)
    assert last_message(response).startswith("TikTok could not be reached, so nothing was changed.")
    assert_nothing_connected()


def test_connecting_starts_by_post_only(simulator: Simulator, as_alice: Client) -> None:
    assert as_alice.get(reverse("accounts:connect")).status_code == 405
    assert ConnectRequest.objects.count() == 0


def test_connecting_needs_the_forms_token(simulator: Simulator, alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(reverse("accounts:connect")).status_code == 403
    assert ConnectRequest.objects.count() == 0


def test_the_state_is_kept_only_as_a_hash(simulator: Simulator, as_alice: Client) -> None:
    state = parse_qs(urlsplit(leave(as_alice)).query)["state"][0]
    row = ConnectRequest.objects.values().get()
    assert state not in str(row)
    assert len(state) >= 43


def test_bob_cannot_reconnect_alices_account(simulator: Simulator, as_alice: Client, as_bob: Client) -> None:
    connect(as_alice)
    account = TikTokAccount.objects.get()
    response = as_bob.post(reverse("accounts:reconnect", args=[account.pk]))
    assert response.status_code == 404
    assert ConnectRequest.objects.filter(user__email="bob@example.com").count() == 0
