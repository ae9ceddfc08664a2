"""The audit's status: what the setting says, what TikTok's answers say, and who has posted against the cap."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import TikTokAccount, Workspace
from publishing.models import Attempt, AttemptOutcome, ClientPause, EventKind, Route
from review.audit_status import UNAUDITED_CODE, read_audit_status
from tests.factories import make_account, make_attempt, make_event, make_person, make_post, make_publication

PAGE = "/operator/audit-status/"


@pytest.fixture
def as_operator(db: None) -> Client:
    client = Client()
    client.force_login(make_person("operator@example.com", is_staff=True))
    return client


@pytest.fixture
def unaudited(settings: Any) -> None:
    settings.TIKTOK_CLIENT_AUDITED, settings.TIKTOK_ACTIVE_CREATORS = False, 0


def post_of(account: TikTokAccount, *, at: datetime, privacy: str = "SELF_ONLY", **fields: Any) -> Attempt:
    publication = make_publication(make_post(account.workspace, account=account))
    attempt = make_attempt(publication, payload={"privacy_level": privacy}, init_started_at=at, **fields)
    Attempt.objects.filter(pk=attempt.pk).update(
        final_intent_at=at, outcome=AttemptOutcome.PUBLISHED, ended_at=at
    )
    return attempt


def refused_as_unaudited(account: TikTokAccount, *, at: datetime) -> None:
    publication = make_publication(make_post(account.workspace, account=account))
    make_event(publication, "init", kind=EventKind.CALL, code=UNAUDITED_CODE, at=at)


def accounts_of(workspace: Workspace, number: int, key: str) -> list[TikTokAccount]:
    return [
        make_account(workspace, username=f"creator{n}", open_id=f"open-{n}", client_key=key)
        for n in range(number)
    ]


def test_for_everybody_else_it_does_not_exist(client: Client, as_bob: Client) -> None:
    assert client.get(PAGE).status_code == 404
    assert as_bob.get(PAGE).status_code == 404


def test_explains_the_unaudited_state_in_plain_words(as_operator: Client, unaudited: None) -> None:
    page = as_operator.get(PAGE).content.decode()
    for words in (
        "The app is not audited yet",
        "The TikTok account itself is private",
        "“Only me”",
        "At most five people",
        "Once TikTok has approved",
        "TIKTOK_CLIENT_AUDITED=true",
        "0 of 5",
    ):
        assert words in page, words


def test_an_audited_app_shows_its_own_cap(as_operator: Client, settings: Any) -> None:
    settings.TIKTOK_CLIENT_AUDITED, settings.TIKTOK_ACTIVE_CREATORS = True, 500
    page = as_operator.get(PAGE).content.decode()
    assert "The app is audited" in page
    assert "0 of 500" in page
    assert "not audited yet" not in page
    settings.TIKTOK_ACTIVE_CREATORS = 0
    assert "No cap is known." in as_operator.get(PAGE).content.decode()


def test_counts_who_posted_against_the_cap(
    as_operator: Client, unaudited: None, workspace: Workspace, settings: Any
) -> None:
    now = database_now()
    creators = accounts_of(workspace, 6, settings.TIKTOK_CLIENT_KEY)
    for creator in creators[:2]:
        post_of(creator, at=now - timedelta(hours=2))
    post_of(creators[0], at=now - timedelta(hours=1))
    post_of(creators[2], at=now - timedelta(hours=25))
    post_of(creators[3], at=now - timedelta(hours=1), route=Route.INBOX_VIDEO_FILE)
    status = read_audit_status(now=now)
    assert (status.figure, status.room) == ("2 of 5", 3)
    assert [creator.account.username for creator in status.creators] == ["creator1", "creator0"]
    assert "@creator0" in as_operator.get(PAGE).content.decode()
    for creator in creators[2:]:
        post_of(creator, at=now - timedelta(hours=1))
    full = read_audit_status(now=now)
    assert (full.figure, full.room, full.shown) == ("6 of 5", 0, 5)
    assert "room for nobody new" in as_operator.get(PAGE).content.decode()


def test_learns_from_a_refusal_that_the_setting_is_wrong(
    as_operator: Client, account: TikTokAccount, settings: Any
) -> None:
    settings.TIKTOK_CLIENT_AUDITED = True
    now = database_now()
    assert 'id="audit-denied"' not in as_operator.get(PAGE).content.decode()
    refused_as_unaudited(account, at=now - timedelta(hours=2))
    assert 'id="audit-denied"' in as_operator.get(PAGE).content.decode()
    # Since then something was published for others: the audit has passed.
    post_of(account, at=now - timedelta(hours=1), privacy="PUBLIC_TO_EVERYONE")
    assert 'id="audit-denied"' not in as_operator.get(PAGE).content.decode()


def test_learns_from_a_post_that_others_see_that_the_audit_has_passed(
    as_operator: Client, account: TikTokAccount, unaudited: None
) -> None:
    now = database_now()
    post_of(account, at=now - timedelta(hours=3))
    assert 'id="audit-outdated"' not in as_operator.get(PAGE).content.decode()
    post_of(account, at=now - timedelta(hours=2), privacy="FOLLOWER_OF_CREATOR")
    assert 'id="audit-outdated"' in as_operator.get(PAGE).content.decode()
    refused_as_unaudited(account, at=now - timedelta(hours=1))
    assert 'id="audit-outdated"' not in as_operator.get(PAGE).content.decode()


def test_what_another_client_was_told_says_nothing(account: TikTokAccount, settings: Any) -> None:
    now = database_now()
    refused_as_unaudited(account, at=now)
    post_of(account, at=now, privacy="PUBLIC_TO_EVERYONE")
    settings.TIKTOK_CLIENT_KEY = "sbanothersandbox"
    status = read_audit_status(now=now)
    assert (status.told_unaudited_at, status.shown_audited_at, status.usage.count) == (None, None, 0)


def test_tells_of_the_refusal_of_a_further_creator(
    as_operator: Client, unaudited: None, settings: Any
) -> None:
    now = database_now()
    ClientPause.objects.create(
        client_key=settings.TIKTOK_CLIENT_KEY, paused_at=now, paused_until=now, creators=4
    )
    page = as_operator.get(PAGE).content.decode()
    assert "reached_active_user_cap" in page
    assert "when 4 had posted by our count" in page
