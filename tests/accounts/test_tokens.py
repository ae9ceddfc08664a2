"""Handing out access tokens: lazily, from the answer's lifetimes, and without ever losing a good pair."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, Kind, Notification, TikTokAccount, TokenPair
from accounts.tokens import NeedsReconnectError, access_token_for, forget_tokens, store_grant
from tests.processes import Simulator
from tiktok.errors import InvalidClientError, TransportError
from tiktok.types import TokenGrant

pytestmark = pytest.mark.on_postgres

ALMOST_OVER = timedelta(hours=2) - timedelta(minutes=9)


@pytest.fixture
def now(poppy: TikTokAccount) -> datetime:
    return database_now()


def pair_of(account: TikTokAccount) -> TokenPair:
    return TokenPair.objects.get(account=account)


def test_a_fresh_token_is_handed_out_without_asking_tiktok(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    token = access_token_for(poppy, now=now)
    assert token.startswith("act.")
    assert access_token_for(poppy, now=now + timedelta(hours=1, minutes=49)) == token
    assert simulator.calls("refresh") == 0


def test_refreshes_when_fewer_than_ten_minutes_are_left(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    token = access_token_for(poppy, now=now)
    before = pair_of(poppy)
    fresh = access_token_for(poppy, now=now + ALMOST_OVER)
    after = pair_of(poppy)
    assert fresh != token
    assert simulator.calls("refresh") == 1
    assert after.version == before.version + 1
    assert after.refresh_token_sealed != before.refresh_token_sealed
    assert after.refresh_until is None
    assert after.access_expires_at == now + ALMOST_OVER + timedelta(seconds=7200)
    assert access_token_for(poppy, now=now + ALMOST_OVER) == fresh
    assert simulator.calls("refresh") == 1


def test_refreshes_a_token_that_tiktok_calls_invalid(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    token = access_token_for(poppy, now=now)
    fresh = access_token_for(poppy, now=now, stale=token)
    assert fresh != token
    assert simulator.calls("refresh") == 1
    # A second caller that still holds the old one gets what the first fetched.
    assert access_token_for(poppy, now=now, stale=token) == fresh
    assert simulator.calls("refresh") == 1


def test_the_next_refresh_uses_the_new_refresh_token(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    first = access_token_for(poppy, now=now + ALMOST_OVER)
    second = access_token_for(poppy, now=now + ALMOST_OVER, stale=first)
    assert first != second
    assert pair_of(poppy).account.state == AccountState.CONNECTED


def test_works_where_tiktok_keeps_the_refresh_token(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.switch(token_profile="legacy")
    before = pair_of(poppy)
    token = access_token_for(poppy, now=now + ALMOST_OVER)
    after = pair_of(poppy)
    assert after.access_expires_at == now + ALMOST_OVER + timedelta(days=1)
    assert after.version == before.version + 1
    assert access_token_for(poppy, now=now + ALMOST_OVER, stale=token) != token


def test_a_dead_refresh_token_needs_a_person(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.revoke("poppy.public")
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert caught.value.reason == "refresh_refused"
    poppy.refresh_from_db()
    assert poppy.state == AccountState.NEEDS_RECONNECT
    assert poppy.state_reason == "refresh_refused"
    notice = Notification.objects.get()
    assert (notice.kind, notice.account, notice.workspace) == (
        Kind.NEEDS_RECONNECT, poppy, poppy.workspace,
    )  # fmt: skip
    # Asking again neither calls TikTok nor tells people a second time.
    with pytest.raises(NeedsReconnectError):
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert simulator.calls("refresh") == 1
    assert Notification.objects.count() == 1


def test_a_refresh_token_past_its_end_is_not_tried(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now + timedelta(days=181))
    assert caught.value.reason == "refresh_ended"
    assert simulator.calls("refresh") == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http", "status": 503},
        {"kind": "html"},
        {"kind": "reset_before"},
        {"kind": "drop_before"},
        {"kind": "truncated"},
        {"kind": "error", "code": "temporarily_unavailable", "status": 200},
    ],
    ids=lambda fault: fault.get("code", fault["kind"]),
)
def test_a_network_fault_disconnects_nobody(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, fault: dict[str, object]
) -> None:
    before = pair_of(poppy)
    simulator.fault("refresh", **{"times": 1, **fault})  # type: ignore[arg-type]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which of TikTok's errors depends on the fault
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert not isinstance(caught.value, NeedsReconnectError)
    poppy.refresh_from_db()
    after = pair_of(poppy)
    assert poppy.state == AccountState.CONNECTED
    assert after.refresh_token_sealed == before.refresh_token_sealed
    assert after.version == before.version
    assert Notification.objects.count() == 0


def test_a_tiktok_that_cannot_be_reached_leaves_no_trace(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, settings: object
) -> None:
    settings.TIKTOK_API_URL = "http://localhost:1"  # type: ignore[attr-defined]
    with pytest.raises(TransportError) as caught:
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert caught.value.is_sent is False
    assert pair_of(poppy).refresh_until is None


def test_a_wrong_secret_is_the_operators_fault_and_no_accounts(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, settings: object
) -> None:
    settings.TIKTOK_CLIENT_SECRET = "wrong"  # type: ignore[attr-defined]
    with pytest.raises(InvalidClientError):
        access_token_for(poppy, now=now + ALMOST_OVER)
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    assert pair_of(poppy).refresh_until is None


def test_an_account_of_another_app_is_asked_nothing(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, settings: object
) -> None:
    settings.TIKTOK_CLIENT_KEY = "another-app"  # type: ignore[attr-defined]
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert caught.value.reason == "other_app"
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    assert simulator.calls("refresh") == 0


def test_a_lost_encryption_key_is_said_and_not_written_down(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, settings: object
) -> None:
    keys = settings.TOKEN_ENCRYPTION_KEYS  # type: ignore[attr-defined]
    settings.TOKEN_ENCRYPTION_KEYS = ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]  # type: ignore[attr-defined]
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now)
    assert caught.value.reason == "unreadable"
    settings.TOKEN_ENCRYPTION_KEYS = keys  # type: ignore[attr-defined]
    assert access_token_for(poppy, now=now).startswith("act.")


def test_tokens_copied_to_another_row_do_not_open_there(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    other = TikTokAccount.objects.create(
        workspace=poppy.workspace, client_key=simulator.client_key, open_id="somebody-else"
    )
    stolen = pair_of(poppy)
    stolen.pk, stolen.account = None, other
    stolen.save()
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(other, now=now)
    assert caught.value.reason == "unreadable"


def test_an_empty_refresh_token_never_replaces_a_good_one(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    before = pair_of(poppy)
    grant = TokenGrant("act.new", "", 7200, 0, poppy.open_id, frozenset({"video.publish"}))
    store_grant(poppy, grant, now=now)
    after = pair_of(poppy)
    assert access_token_for(poppy, now=now) == "act.new"
    assert after.refresh_token_sealed == before.refresh_token_sealed
    assert after.refresh_expires_at == before.refresh_expires_at
    assert poppy.granted_scopes == ["video.publish"]


def test_a_refresh_token_of_unknown_length_is_used_until_tiktok_refuses_it(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    grant = TokenGrant("act.new", "rft.unknown", 0, 0, poppy.open_id, frozenset({"video.publish"}))
    store_grant(poppy, grant, now=now)
    assert pair_of(poppy).refresh_expires_at is None
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(poppy, now=now)
    assert caught.value.reason == "refresh_refused"
    assert simulator.calls("refresh") == 1


def test_a_disconnected_account_has_nothing_to_hand_out(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    forget_tokens(poppy)
    with pytest.raises(NeedsReconnectError):
        access_token_for(poppy, now=now)
    assert TokenPair.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_refuses_to_refresh_inside_a_transaction(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        access_token_for(poppy, now=now + ALMOST_OVER)
    assert simulator.calls("refresh") == 0


def test_representations_hide_tokens() -> None:
    grant = TokenGrant("act.secret", "rft.secret", 1, 1, "open", frozenset())
    assert "secret" not in repr(grant)
    assert "secret" not in repr(replace(grant, open_id="other"))


def test_the_callers_old_copy_of_the_account_does_not_matter(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, as_alice: Client
) -> None:
    stale_copy = TikTokAccount.objects.get(pk=poppy.pk)
    TikTokAccount.objects.filter(pk=poppy.pk).update(
        state=AccountState.NEEDS_RECONNECT, state_reason="refresh_ended"
    )
    with pytest.raises(NeedsReconnectError) as caught:
        access_token_for(stale_copy, now=now)
    assert caught.value.reason == "refresh_ended"
