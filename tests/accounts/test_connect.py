"""Connecting an account: the trip to TikTok, what lands on the row, and what each kind of account becomes."""

import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import (
    AccountState,
    ConnectRequest,
    TikTokAccount,
    TokenPair,
    User,
    Workspace,
)
from accounts.sealing import sealer
from tests.consent import come_back, connect, consent, last_message, leave
from tests.processes import Simulator

LIST = "/accounts/"


def test_sends_the_person_to_tiktok_with_everything_tiktok_asks_for(
    simulator: Simulator, as_alice: Client
) -> None:
    url = urlsplit(leave(as_alice))
    query = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{simulator.url}/v2/auth/authorize/"
    assert query["client_key"] == [simulator.client_key]
    assert query["scope"] == ["user.info.basic,video.publish,video.upload"]
    assert query["redirect_uri"] == ["http://localhost:8000/accounts/connect/callback/"]
    assert query["disable_auto_auth"] == ["1"]
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    request = ConnectRequest.objects.get()
    assert request.state_hash == hashlib.sha256(query["state"][0].encode()).hexdigest()
    verifier = sealer().open(
        request.verifier_sealed, f"accounts.ConnectRequest.verifier:{request.state_hash}"
    )
    assert query["code_challenge"] == [hashlib.sha256(verifier.encode()).hexdigest()]


def test_the_callback_path_does_not_name_tiktok() -> None:
    assert "tiktok" not in reverse("accounts:connect-callback").lower()


def test_connects_a_new_account(
    simulator: Simulator, as_alice: Client, alice: User, workspace: Workspace
) -> None:
    response = connect(as_alice, "poppy.public")
    assert response.status_code == 302
    assert response["Location"] == LIST
    assert last_message(response) == "Poppy Parade is connected."
    account = TikTokAccount.objects.get()
    assert account.workspace == workspace
    assert account.connected_by == alice
    assert account.client_key == simulator.client_key
    assert account.state == AccountState.CONNECTED
    assert account.granted_scopes == ["user.info.basic", "video.publish", "video.upload"]
    assert account.username == "poppy.public"
    assert account.latest_creator_info is not None
    assert account.avatar_due_at is not None
    assert ConnectRequest.objects.get().consumed_at is not None
    assert simulator.calls("token") == 1


def test_the_answer_keeps_the_code_out_of_referrers(simulator: Simulator, as_alice: Client) -> None:
    assert connect(as_alice)["Referrer-Policy"] == "no-referrer"


def test_lifetimes_come_from_the_answer(simulator: Simulator, as_alice: Client) -> None:
    simulator.switch(access_seconds=1234, refresh_seconds=56789)
    connect(as_alice)
    account = TikTokAccount.objects.get()
    pair = TokenPair.objects.get()
    assert pair.refresh_expires_at is not None
    assert 0 <= (account.connected_at - pair.access_expires_at).total_seconds() + 1234 < 5
    assert 0 <= (account.connected_at - pair.refresh_expires_at).total_seconds() + 56789 < 5


def test_several_accounts_in_one_workspace(simulator: Simulator, as_alice: Client) -> None:
    connect(as_alice, "poppy.public")
    connect(as_alice, "priya.private")
    assert list(TikTokAccount.objects.values_list("username", flat=True).order_by("username")) == [
        "poppy.public",
        "priya.private",
    ]
    assert TokenPair.objects.count() == 2


def test_connecting_a_known_account_again_updates_it(simulator: Simulator, as_alice: Client) -> None:
    connect(as_alice)
    before = TokenPair.objects.get()
    response = connect(as_alice)
    assert last_message(response) == "Poppy Parade is connected again."
    after = TokenPair.objects.get()
    assert after.pk == before.pk
    assert after.version == before.version + 1
    assert after.access_token_sealed != before.access_token_sealed
    assert TikTokAccount.objects.count() == 1


def test_connecting_revives_a_disconnected_account(simulator: Simulator, as_alice: Client) -> None:
    connect(as_alice)
    account = TikTokAccount.objects.get()
    as_alice.post(reverse("accounts:disconnect", args=[account.pk]))
    connect(as_alice)
    account.refresh_from_db()
    assert account.state == AccountState.CONNECTED
    assert TokenPair.objects.filter(account=account).count() == 1


def test_goes_on_to_where_the_person_wanted_to_go(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice, next_path="/posts/7/edit/?from=list"))
    assert come_back(as_alice, query)["Location"] == "/posts/7/edit/?from=list"


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "\\\\evil.example", "/\\evil.example", "https:evil.example", "https://evil.example",
     "/ok\r\nSet-Cookie: a=b", "javascript:alert(1)", "posts/", "/%s" % ("a" * 500)],
)  # fmt: skip
def test_goes_nowhere_else(simulator: Simulator, as_alice: Client, path: str) -> None:
    query = consent(leave(as_alice, next_path=path))
    assert come_back(as_alice, query)["Location"] == LIST


def test_an_account_that_may_not_post_is_connected_and_says_what_will_not_work(
    simulator: Simulator, as_alice: Client
) -> None:
    response = connect(as_alice, scopes=["user.info.basic", "video.upload"])
    assert last_message(response) == (
        "Poppy Parade is connected. “Post content to TikTok” is not allowed, so nothing can be posted for it "
        "from here. Reconnect it and leave everything ticked on TikTok's page."
    )
    account = TikTokAccount.objects.get()
    assert account.granted_scopes == ["user.info.basic", "video.upload"]
    assert account.state == AccountState.CONNECTED
    assert simulator.calls("creator_info") == 0
    page = as_alice.get(LIST).content.decode()
    assert 'data-health="limited"' in page


def test_a_creator_tiktok_refuses_now_is_connected_all_the_same(
    simulator: Simulator, as_alice: Client
) -> None:
    response = connect(as_alice, "benny.banned")
    account = TikTokAccount.objects.get()
    assert account.creator_block == "spam_risk_user_banned_from_posting"
    assert last_message(response) == (
        "Benny Banned is connected. TikTok says that this account is banned from posting. Its owner can see why "
        "in the TikTok app."
    )


def test_connecting_does_not_need_tiktoks_profile_to_answer(simulator: Simulator, as_alice: Client) -> None:
    simulator.fault("user_info", "http", status=503)
    simulator.fault("creator_info", "http", status=503)
    connect(as_alice)
    account = TikTokAccount.objects.get()
    assert account.state == AccountState.CONNECTED
    assert account.display_name == "TikTok account"
