"""Reconnecting: the same account gets a new pair; another account changes nothing, and no chain of tokens breaks."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, TokenPair
from accounts.tokens import NeedsReconnectError, access_token_for
from tests.consent import come_back, connect, consent, last_message, leave
from tests.processes import Simulator


def make_dead(simulator: Simulator, account: TikTokAccount) -> None:
    simulator.revoke(account.username)
    with pytest.raises(NeedsReconnectError):
        access_token_for(account, now=database_now() + timedelta(hours=2))


def test_the_same_account_works_again(simulator: Simulator, poppy: TikTokAccount, as_alice: Client) -> None:
    make_dead(simulator, poppy)
    page = as_alice.get("/accounts/").content.decode()
    assert 'data-health="needs_reconnect"' in page
    assert "it was removed in TikTok, or has run out. Posts wait until you reconnect it." in page
    assert f"/accounts/{poppy.pk}/reconnect/" in page
    response = come_back(as_alice, consent(leave(as_alice, reconnect=poppy.pk)))
    assert last_message(response) == "Poppy Parade is connected again."
    poppy.refresh_from_db()
    assert (poppy.state, poppy.state_reason) == (AccountState.CONNECTED, "")
    assert access_token_for(poppy, now=database_now()).startswith("act.")
    assert 'data-health="connected"' in as_alice.get("/accounts/").content.decode()


def test_another_account_changes_nothing_and_says_so(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    before = TokenPair.objects.values().get()
    response = come_back(as_alice, consent(leave(as_alice, reconnect=poppy.pk), "priya.private"))
    assert last_message(response) == (
        "You came back from TikTok with another account than Poppy Parade, so nothing was changed. Sign in to "
        "TikTok as Poppy Parade and press Reconnect, or press Connect TikTok account to add the other one."
    )
    assert TokenPair.objects.values().get() == before
    assert TikTokAccount.objects.count() == 1
    # The permission nobody meant to give is handed back.
    connections = {entry["creator"] for entry in simulator.ledger()["connections"]}
    assert connections == {"poppy.public"}


def test_another_account_that_is_connected_here_goes_on_working(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    connect(as_alice, "priya.private")
    priya = TikTokAccount.objects.get(username="priya.private")
    come_back(as_alice, consent(leave(as_alice, reconnect=poppy.pk), "priya.private"))
    # TikTok killed priya's old pair at the exchange: what is on the row must be the new one.
    now = database_now()
    token = access_token_for(priya, now=now)
    assert access_token_for(priya, now=now, stale=token) != token
    priya.refresh_from_db()
    assert priya.state == AccountState.CONNECTED


def test_another_account_that_works_for_somebody_else_goes_on_working(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client, as_bob: Client
) -> None:
    connect(as_bob, "priya.private")
    priya = TikTokAccount.objects.get(username="priya.private")
    come_back(as_alice, consent(leave(as_alice, reconnect=poppy.pk), "priya.private"))
    now = database_now()
    token = access_token_for(priya, now=now)
    assert access_token_for(priya, now=now, stale=token) != token
    priya.refresh_from_db()
    assert priya.workspace.memberships.get().user.email == "bob@example.com"


def test_cancelling_keeps_what_works(simulator: Simulator, poppy: TikTokAccount, as_alice: Client) -> None:
    before = TokenPair.objects.values().get()
    come_back(as_alice, consent(leave(as_alice, reconnect=poppy.pk), cancel=True))
    assert TokenPair.objects.values().get() == before


def test_allowing_less_is_taken_as_it_is(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    query = consent(leave(as_alice, reconnect=poppy.pk), scopes=["user.info.basic"])
    response = come_back(as_alice, query)
    assert "so nothing can be posted for it from here" in last_message(response)
    poppy.refresh_from_db()
    assert poppy.granted_scopes == ["user.info.basic"]
