"""Disconnecting: asked first, told to TikTok, forgotten here, and honest when TikTok could not be told."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AccountState, TikTokAccount, TokenPair
from accounts.tokens import NeedsReconnectError, access_token_for
from tests.consent import last_message
from tests.processes import Simulator


def address(account: TikTokAccount) -> str:
    return reverse("accounts:disconnect", args=[account.pk])


def test_asks_first(simulator: Simulator, poppy: TikTokAccount, as_alice: Client) -> None:
    page = as_alice.get(address(poppy)).content.decode()
    assert "Disconnect this account?" in page
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    assert simulator.calls("revoke") == 0


def test_tells_tiktok_and_forgets(simulator: Simulator, poppy: TikTokAccount, as_alice: Client) -> None:
    response = as_alice.post(address(poppy))
    assert last_message(response) == "Poppy Parade is disconnected. TikTok has been told."
    poppy.refresh_from_db()
    assert poppy.state == AccountState.DISCONNECTED
    assert TokenPair.objects.count() == 0
    assert simulator.ledger()["connections"] == []
    assert (
        "Poppy Parade"
        not in as_alice.get("/accounts/").content.decode().split('id="main"')[1].split("notice")[0]
    )
    assert as_alice.post(address(poppy)).status_code == 404


def test_tells_tiktok_although_the_access_token_has_ended(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    TokenPair.objects.update(access_expires_at=database_now() - timedelta(minutes=1))
    as_alice.post(address(poppy))
    assert simulator.calls("refresh") == 1
    assert simulator.ledger()["connections"] == []


@pytest.mark.django_db(transaction=True)
def test_waits_for_a_refresh_that_is_under_way_elsewhere(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    """Without the wait TikTok would not be told, although the token is there a moment later."""
    now = database_now()
    TokenPair.objects.update(
        access_expires_at=now - timedelta(minutes=1), refresh_until=now + timedelta(seconds=30)
    )

    def end_refresh() -> None:
        TokenPair.objects.update(refresh_until=None, access_expires_at=now + timedelta(hours=1))
        connection.close()

    elsewhere = threading.Timer(0.5, end_refresh)
    elsewhere.start()
    response = as_alice.post(address(poppy))
    elsewhere.join()
    assert last_message(response) == "Poppy Parade is disconnected. TikTok has been told."
    assert simulator.calls("revoke") == 1


@pytest.mark.parametrize("kind", ["drop_before", "http"])
def test_forgets_and_says_so_when_tiktok_cannot_be_told(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client, kind: str
) -> None:
    simulator.fault("revoke", kind, times=1, **({"status": 503} if kind == "http" else {}))
    response = as_alice.post(address(poppy))
    assert last_message(response) == (
        "Poppy Parade is disconnected here and its keys are forgotten, but TikTok could not be told. To remove the "
        "permission there too, open the TikTok app: Settings and privacy, Security and permissions, Apps and "
        "services permissions."
    )
    poppy.refresh_from_db()
    assert poppy.state == AccountState.DISCONNECTED
    assert TokenPair.objects.count() == 0


def test_an_account_that_needs_reconnecting_can_be_disconnected(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    simulator.revoke("poppy.public")
    with pytest.raises(NeedsReconnectError):
        access_token_for(poppy, now=database_now() + timedelta(hours=2))
    as_alice.post(address(poppy))
    poppy.refresh_from_db()
    assert poppy.state == AccountState.DISCONNECTED
    assert TokenPair.objects.count() == 0


def test_bob_cannot(simulator: Simulator, poppy: TikTokAccount, as_bob: Client) -> None:
    assert as_bob.get(address(poppy)).status_code == 404
    assert as_bob.post(address(poppy)).status_code == 404
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    assert TokenPair.objects.count() == 1
    assert simulator.calls("revoke") == 0
