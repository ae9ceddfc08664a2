"""An event that a permission was removed is checked with TikTok: forged, old or true, only TikTok's answer counts."""

from typing import Any

import pytest

from accounts.clock import database_now
from accounts.doubting import RETRY, check_access, doubt_access
from accounts.health import health_of
from accounts.models import AccountState, Kind, Notification, TikTokAccount, TokenPair
from accounts.tokens import access_token_for
from publishing.engine import advance
from publishing.states import State
from publishing.webhooks import hear_due_deliveries
from tests.factories import make_post, make_publication
from tests.processes import Simulator
from tests.webhooks import event, post, sign

pytestmark = pytest.mark.django_db


def hear(account: TikTokAccount, reason: int = 1, signature: str | None = None) -> int:
    body = event("authorization.removed", account.open_id, reason=reason)
    status = post(body, signature).status_code
    hear_due_deliveries(now=database_now())
    return status


def check(account: TikTokAccount) -> TikTokAccount:
    check_access(account.pk, now=database_now())
    return TikTokAccount.objects.get(pk=account.pk)


def row(account: TikTokAccount) -> dict[str, Any]:
    return TikTokAccount.objects.filter(pk=account.pk).values().get()


def test_a_removed_permission_is_believed_once_tiktok_confirms_it(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    waiting = make_publication(make_post(poppy.workspace, account=poppy), next_try_at=database_now())
    simulator.revoke("poppy.public")
    hear(poppy)
    before = row(poppy)
    assert (before["state"], before["access_check_reason"]) == (AccountState.CONNECTED, "access_removed")
    assert TokenPair.objects.get(account=poppy).refresh_token_sealed, "forgotten before anybody asked"

    account = check(poppy)
    assert (account.state, account.state_reason) == (AccountState.NEEDS_RECONNECT, "access_removed")
    assert account.access_check_at is None
    pair = TokenPair.objects.get(account=poppy)
    assert (pair.access_token_sealed, pair.refresh_token_sealed) == ("", "")
    assert "removed in TikTok" in health_of(account).text
    notice = Notification.objects.get()
    assert (notice.kind, notice.workspace, notice.reason) == (
        Kind.NEEDS_RECONNECT, poppy.workspace, "access_removed",
    )  # fmt: skip

    while advance(waiting.pk):
        pass
    waiting.refresh_from_db()
    assert waiting.state == State.WAITING_RECONNECT
    assert Notification.objects.count() == 1, "told once, however many posts wait"


def test_asking_is_one_harmless_call_when_the_event_was_not_true(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    token = access_token_for(poppy, now=database_now())
    before = row(poppy)
    hear(poppy)
    calls = simulator.calls("user_info")
    check(poppy)
    assert simulator.calls("user_info") == calls + 1
    assert simulator.calls("refresh") == 0
    assert row(poppy) == before
    assert access_token_for(poppy, now=database_now()) == token
    assert not Notification.objects.exists()


def test_a_forged_event_does_not_even_have_tiktok_asked(simulator: Simulator, poppy: TikTokAccount) -> None:
    before = row(poppy)
    body = event("authorization.removed", poppy.open_id, reason=1)
    assert hear(poppy, signature=sign(body, secret="guessed")) == 401
    assert row(poppy) == before


def test_an_access_token_that_died_alone_costs_a_refresh_and_nothing_else(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    simulator.expire("poppy.public", access=True, refresh=False)
    hear(poppy)
    account = check(poppy)
    assert account.state == AccountState.CONNECTED
    assert simulator.calls("refresh") == 1
    assert not Notification.objects.exists()


@pytest.mark.parametrize("kind", ["drop_before", "http", "html"])
def test_without_an_answer_it_is_asked_again_later(
    simulator: Simulator, poppy: TikTokAccount, kind: str
) -> None:
    simulator.revoke("poppy.public")
    simulator.fault("user_info", kind, **({"status": 503} if kind == "http" else {}))
    hear(poppy)
    asked_at = database_now()
    check_access(poppy.pk, now=asked_at)
    account = TikTokAccount.objects.get(pk=poppy.pk)
    assert (account.state, account.access_check_at) == (AccountState.CONNECTED, asked_at + RETRY)
    assert list(TikTokAccount.objects.access_check_due(asked_at)) == []
    check_access(poppy.pk, now=asked_at)  # a second message
    assert TikTokAccount.objects.get(pk=poppy.pk).state == AccountState.CONNECTED
    check_access(poppy.pk, now=asked_at + RETRY)
    assert TikTokAccount.objects.get(pk=poppy.pk).state == AccountState.NEEDS_RECONNECT


@pytest.mark.parametrize(
    ("reason", "words"),
    [(0, "access_removed"), (2, "access_removed_deleted"), (3, "access_removed_age"), (4, "access_removed_banned")],
)  # fmt: skip
def test_people_are_told_why(simulator: Simulator, poppy: TikTokAccount, reason: int, words: str) -> None:
    simulator.revoke("poppy.public")
    hear(poppy, reason)
    account = check(poppy)
    assert account.state_reason == words
    assert health_of(account).text != health_of(TikTokAccount(client_key=account.client_key)).text


def test_an_account_that_was_disconnected_here_stays_so(account: TikTokAccount) -> None:
    TikTokAccount.objects.update(state=AccountState.DISCONNECTED)
    assert doubt_access(account.open_id, reason="5", now=database_now())
    assert check(account).access_check_at is None
    assert TikTokAccount.objects.get().state == AccountState.DISCONNECTED


def test_nobody_else_is_doubted(poppy: TikTokAccount, account: TikTokAccount) -> None:
    hear(poppy)
    account.refresh_from_db()
    assert account.access_check_at is None
    assert not doubt_access("nobody", reason="1", now=database_now())
