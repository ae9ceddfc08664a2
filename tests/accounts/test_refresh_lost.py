"""A refresh whose answer is lost, or whose process dies, and the frozen process that comes back late."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, Notification, TikTokAccount, TokenPair
from accounts.tokens import NeedsReconnectError, RefreshBusyError, access_token_for
from tests.consent import connect
from tests.processes import Simulator
from tiktok.errors import TransportError

pytestmark = pytest.mark.on_postgres

ALMOST_OVER = timedelta(hours=2) - timedelta(minutes=9)


@pytest.fixture
def now(poppy: TikTokAccount) -> datetime:
    return database_now() + ALMOST_OVER


def pair_of(account: TikTokAccount) -> TokenPair:
    return TokenPair.objects.get(account=account)


def test_a_request_that_tiktok_never_saw_is_simply_made_again(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.fault("refresh", "drop_before", times=1)
    with pytest.raises(TransportError):
        access_token_for(poppy, now=now)
    assert pair_of(poppy).refresh_until == now  # over, and still there: the outcome is unknown
    assert access_token_for(poppy, now=now).startswith("act.")
    assert pair_of(poppy).refresh_until is None
    assert pair_of(poppy).account.state == AccountState.CONNECTED
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("kind", ["drop_after", "reset_after", "truncated", "html"])
def test_a_pair_that_went_to_nobody_needs_a_person_who_is_told(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, kind: str
) -> None:
    simulator.fault("refresh", "drop_after" if kind == "html" else kind, times=1)
    with pytest.raises(TransportError):
        access_token_for(poppy, now=now)
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now)
    assert caught.value.reason == "refresh_lost"
    poppy.refresh_from_db()
    assert (poppy.state, poppy.state_reason) == (AccountState.NEEDS_RECONNECT, "refresh_lost")
    assert Notification.objects.get().reason == "refresh_lost"
    assert simulator.calls("refresh") == 2


def test_several_faults_in_a_row_still_disconnect_nobody(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.fault("refresh", "http", status=502, times=3)
    for _ in range(3):
        with pytest.raises(TransportError):
            access_token_for(poppy, now=now)
    assert access_token_for(poppy, now=now).startswith("act.")


def test_a_process_that_died_while_refreshing_is_waited_for_and_then_taken_over(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    TokenPair.objects.update(refresh_until=now + timedelta(seconds=30), refresh_epoch=1)
    with pytest.raises(RefreshBusyError):
        access_token_for(poppy, now=now)
    assert simulator.calls("refresh") == 0
    assert access_token_for(poppy, now=now + timedelta(seconds=30)).startswith("act.")
    assert simulator.calls("refresh") == 1


def test_a_process_that_died_after_tiktok_answered_costs_the_account_and_says_so(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    before = TokenPair.objects.values().get()
    access_token_for(poppy, now=now)
    # As if the process had died between TikTok's answer and our commit.
    TokenPair.objects.update(**before | {"refresh_until": now + timedelta(seconds=30), "refresh_epoch": 1})
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now + timedelta(seconds=31))
    assert caught.value.reason == "refresh_lost"


def test_while_somebody_refreshes_a_token_that_still_works_is_not_waited_for(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    TokenPair.objects.update(refresh_until=now + timedelta(seconds=30), refresh_epoch=1)
    assert access_token_for(poppy, now=now - timedelta(hours=1)).startswith("act.")


def test_connecting_anew_ends_the_doubt(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, as_alice: Client
) -> None:
    simulator.fault("refresh", "drop_after", times=1)
    with pytest.raises(TransportError):
        access_token_for(poppy, now=now)
    connect(as_alice)
    assert pair_of(poppy).refresh_until is None
    assert access_token_for(poppy, now=database_now()).startswith("act.")
