"""The accounts page: whose accounts, what they allowed, how they are doing, and what to press."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.health import Health, HealthKind, Remedy, health_of
from accounts.models import AccountState, TikTokAccount, Workspace
from tests.factories import make_account


@pytest.fixture
def own(workspace: Workspace) -> Any:
    """Make an account of this installation's app in alice's workspace."""
    return lambda **fields: make_account(workspace, client_key=django_settings.TIKTOK_CLIENT_KEY, **fields)


def test_an_empty_list_says_what_to_do_first(as_alice: Client) -> None:
    page = as_alice.get("/accounts/").content.decode()
    assert "No account yet" in page
    assert page.count("Connect TikTok account") == 1
    assert '<form method="post" action="/accounts/connect/">' in page


def test_shows_who_and_what_was_allowed(account: TikTokAccount, as_alice: Client) -> None:
    page = as_alice.get("/accounts/").content.decode()
    assert account.nickname in page
    assert "@poppy.public" in page
    assert "Read the profile picture and display name" in page
    assert "Post content to TikTok" in page
    assert "10 min" in page
    assert 'data-health="connected"' in page
    assert f'href="{django_settings.TIKTOK_AUTH_URL}/@poppy.public"' in page


@pytest.mark.parametrize(
    ("fields", "health"),
    [
        ({}, Health(HealthKind.CONNECTED, "Connected")),
        (
            {"state": AccountState.NEEDS_RECONNECT, "state_reason": "refresh_lost"},
            Health(
                HealthKind.NEEDS_RECONNECT,
                "Needs reconnecting",
                "TikTok renewed its permission, but the answer was lost on the way. Posts wait until you "
                "reconnect it.",
                Remedy.RECONNECT,
            ),
        ),
        (
            {"granted_scopes": ["video.publish", "video.upload"]},
            Health(
                HealthKind.LIMITED,
                "Limited",
                "“Read the profile picture and display name” is not allowed, so its name and picture may be "
                "missing. Reconnect it and leave everything ticked on TikTok's page.",
                Remedy.RECONNECT,
            ),
        ),
        (
            {"granted_scopes": []},
            Health(
                HealthKind.LIMITED,
                "Limited",
                "“Read the profile picture and display name”, “Post content to TikTok” and “Send drafts to the "
                "TikTok inbox” are not allowed, so its name and picture may be missing, nothing can be posted for "
                "it from here and no drafts can be sent to its inbox. Reconnect it and leave everything "
                "ticked on TikTok's page.",
                Remedy.RECONNECT,
            ),
        ),
        (
            {"creator_block": "spam_risk_too_many_posts"},
            Health(
                HealthKind.BLOCKED,
                "Cannot post now",
                "TikTok says that this account has posted as much as apps may post for it in 24 hours. Try again "
                "tomorrow, or post in the TikTok app.",
            ),
        ),
        (
            {"creator_block": "spam_risk"},
            Health(
                HealthKind.BLOCKED,
                "Cannot post now",
                "TikTok says that this account cannot post now (“spam_risk”).",
            ),
        ),
    ],
)  # fmt: skip
def test_health(own: Any, fields: dict[str, Any], health: Health) -> None:
    assert health_of(own(**fields)) == health


def test_an_account_of_another_app_is_to_be_connected_anew(workspace: Workspace, as_alice: Client) -> None:
    account = make_account(workspace, client_key="the-app-before")
    assert health_of(account).remedy == Remedy.CONNECT_ANEW
    page = as_alice.get("/accounts/").content.decode()
    assert "connected through another TikTok app" in page
    assert f"/accounts/{account.pk}/reconnect/" not in page


def test_an_installation_that_may_not_post_tells_its_operator(own: Any, settings: Any) -> None:
    settings.TIKTOK_SCOPES = ["user.info.basic"]
    health = health_of(own(granted_scopes=["user.info.basic"]))
    assert (health.kind, health.remedy) == (HealthKind.LIMITED, Remedy.NOTHING)
    assert "The operator must add video.publish to TIKTOK_SCOPES." in health.text


def test_a_permission_added_later_shows_on_old_accounts(own: Any, settings: Any) -> None:
    settings.TIKTOK_SCOPES = ["user.info.basic", "video.publish", "video.upload", "new.scope"]
    text = health_of(own(granted_scopes=["user.info.basic", "video.publish"])).text
    assert "“Send drafts to the TikTok inbox”" in text
    assert "what needs new.scope does not work" in text


def test_names_are_text(own: Any, as_alice: Client) -> None:
    own(nickname="<img src=x onerror=alert(1)>", username="a&b")
    page = as_alice.get("/accounts/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_bob_sees_his_own_only(account: TikTokAccount, as_bob: Client) -> None:
    page = as_bob.get("/accounts/").content.decode()
    assert account.nickname not in page
    assert "No account yet" in page


def test_a_monitor_may_ask_without_reading(as_alice: Client) -> None:
    assert as_alice.head("/accounts/").status_code == 200


def test_signed_out_asks_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/accounts/")
    assert (response.status_code, response["Location"]) == (302, "/sign/in/?next=/accounts/")


def test_takes_the_same_number_of_queries_however_many_accounts(
    own: Any, as_alice: Client, django_assert_num_queries: Any
) -> None:
    as_alice.get("/accounts/")
    # Session, person, workspace, accounts, moved away, unread notifications, whether anything is being sent (two).
    with django_assert_num_queries(8):
        as_alice.get("/accounts/")
    for number in range(12):
        own(username=f"creator{number}")
    with django_assert_num_queries(8):
        as_alice.get("/accounts/")
