"""Asking TikTok about a creator: the answer is kept, and nothing TikTok says makes it fail."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.clock import database_now
from accounts.creators import ask_creator
from accounts.models import AccountState, TikTokAccount, TokenPair
from tests.processes import Simulator


@pytest.fixture
def now(poppy: TikTokAccount) -> datetime:
    return database_now()


def test_keeps_what_tiktok_says(simulator: Simulator, poppy: TikTokAccount, now: datetime) -> None:
    simulator.creator("poppy.public", nickname="Poppy P.", max_seconds=300, duet_disabled=True)
    TikTokAccount.objects.update(creator_block="spam_risk_too_many_posts")
    answer = ask_creator(poppy, now=now)
    assert (answer.refusal, answer.may_post) == ("", True)
    assert answer.info is not None
    assert answer.info.max_video_post_duration_sec == 300
    for account in (poppy, TikTokAccount.objects.get(pk=poppy.pk)):
        assert account.nickname == "Poppy P."
        assert account.latest_creator_info == answer.info
        assert account.creator_info_at == now
        assert account.creator_block == ""
        assert account.avatar_due_at is not None


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"banned": True}, "spam_risk_user_banned_from_posting"),
        ({"posts_today": 99}, "spam_risk_too_many_posts"),
    ],
)
def test_a_creator_who_cannot_post_now(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, patch: dict[str, object], code: str
) -> None:
    before = poppy.creator_info
    simulator.creator("poppy.public", **patch)
    answer = ask_creator(poppy, now=now)
    assert (answer.info, answer.refusal) == (None, code)
    assert answer.log_id != ""
    poppy.refresh_from_db()
    assert poppy.creator_block == code
    assert poppy.creator_info == before
    assert poppy.state == AccountState.CONNECTED


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"kind": "http", "status": 500}, "unreachable"),
        ({"kind": "html"}, "unreachable"),
        ({"kind": "drop_after"}, "unreachable"),
        ({"kind": "error", "code": "internal_error", "status": 500}, "unreachable"),
        ({"kind": "error", "code": "rate_limit_exceeded", "status": 429}, "rate_limited"),
        ({"kind": "error", "code": "scope_not_authorized", "status": 401}, "missing_scope"),
        ({"kind": "error", "code": "reached_active_user_cap", "status": 200}, "reached_active_user_cap"),
        ({"kind": "error", "code": "brand_new_code", "status": 403}, "brand_new_code"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("code", value["kind"]),
)
def test_other_answers(
    simulator: Simulator, poppy: TikTokAccount, now: datetime, fault: dict[str, Any], refusal: str
) -> None:
    simulator.fault("creator_info", times=1, **fault)
    assert ask_creator(poppy, now=now).refusal == refusal
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED
    assert poppy.creator_block == ("reached_active_user_cap" if refusal == "reached_active_user_cap" else "")


def test_a_token_tiktok_calls_invalid_is_refreshed_once(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.expire("poppy.public")
    assert ask_creator(poppy, now=now).refusal == ""
    assert simulator.calls("refresh") == 1
    simulator.fault("creator_info", "error", code="access_token_invalid", status=401, times=None)
    before = simulator.calls("creator_info")
    assert ask_creator(poppy, now=now).refusal == "access_token_invalid"
    assert simulator.calls("creator_info") == before + 2
    assert simulator.calls("refresh") == 2


def test_a_removed_permission_needs_reconnecting(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    simulator.revoke("poppy.public")
    assert ask_creator(poppy, now=now).refusal == "needs_reconnect"
    poppy.refresh_from_db()
    assert poppy.state == AccountState.NEEDS_RECONNECT


@pytest.mark.rule("API-1", at="worker")
def test_without_the_permission_tiktok_is_not_asked(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    poppy.granted_scopes = ["user.info.basic"]
    before = simulator.calls("creator_info")
    assert ask_creator(poppy, now=now).refusal == "missing_scope"
    assert simulator.calls("creator_info") == before


def test_somebody_else_refreshing_is_waited_for_only_so_long(
    simulator: Simulator, poppy: TikTokAccount, now: datetime
) -> None:
    TokenPair.objects.update(access_expires_at=now, refresh_until=now + timedelta(seconds=30))
    assert ask_creator(poppy, now=now, wait_seconds=0).refusal == "unreachable"
    assert simulator.calls("refresh") == 0
