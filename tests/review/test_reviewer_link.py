"""The reviewer's page and the operator's command: looking opens nothing, the button opens the demo workspace."""

from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.clock import database_now
from accounts.models import ReviewerLink, User
from accounts.people import workspace_of
from accounts.reviewers import make_link
from composer.models import MediaFile
from review.reviewer_links import address_of

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("reviewer_link", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def path(db: None) -> str:
    _link, token = make_link(note="App review", days=14, made_by=None, now=database_now())
    return urlsplit(address_of(token)).path


@pytest.fixture
def link(path: str) -> ReviewerLink:
    return ReviewerLink.objects.get()


def test_the_command_makes_a_workspace_with_sample_media(client: Client) -> None:
    path = urlsplit(command("--days", "2", "--note", "App review")).path
    link = ReviewerLink.objects.get()
    assert (link.expires_at - database_now()).days == 1
    samples = MediaFile.objects.filter(workspace=workspace_of(link.user), is_sample=True)
    assert samples.count() >= 1
    assert client.get(path).status_code == 200


def test_looking_opens_nothing(client: Client, path: str, link: ReviewerLink) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("private, no-store", "same-origin")
    assert client.session.get("_auth_user_id") is None
    link.refresh_from_db()
    assert (link.uses, link.last_used_at) == (0, None)


@pytest.mark.parametrize("is_production", [False, True])
def test_the_button_opens_the_demo_workspace(
    client: Client, path: str, link: ReviewerLink, settings: Any, is_production: bool
) -> None:
    settings.IS_PRODUCTION = is_production
    settings.TIKTOK_IS_SIMULATED = not is_production
    response = client.post(path, follow=True)
    assert response.redirect_chain == [("/posts/", 302)]
    assert "You are in the demo workspace." in response.text
    assert client.session["_auth_user_id"] == str(link.user_id)
    assert client.session.get_expiry_date() == link.expires_at
    link.refresh_from_db()
    assert link.uses == 1
    assert link.last_used_at is not None


def test_whoever_was_signed_in_is_not_mixed_up_with_the_reviewer(as_alice: Client, path: str) -> None:
    before = as_alice.session.session_key
    as_alice.post(path)
    assert as_alice.session.session_key != before


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_ended_says_so(client: Client, path: str, link: ReviewerLink, method: str) -> None:
    command("--revoke", str(link.pk))
    response = getattr(client, method)(path)
    assert response.status_code == 410
    assert "This link opens nothing any more" in response.text
    assert client.session.get("_auth_user_id") is None


def test_does_not_take_any_number_of_tries(client: Client) -> None:
    answers = {client.post("/reviewer/guessed.guessed/").status_code for _ in range(21)}
    assert answers == {410, 429}


def test_the_command_lists_renews_and_refuses(client: Client, path: str, link: ReviewerLink) -> None:
    assert (
        command("--list") == f"{link.pk}  until {link.expires_at:%Y-%m-%d %H:%M} UTC, never used  App review"
    )
    client.post(path)
    assert "last used" in command("--list")
    newer = urlsplit(command("--renew", str(link.pk), "--days", "3")).path
    assert client.get(path).status_code == 410
    assert client.get(newer).status_code == 200
    assert User.objects.filter(is_reviewer=True).count() == 1
    for wrong in (("--days", "0"), ("--days", "91"), ("--revoke", "999"), ("--note", "x" * 121)):
        with pytest.raises(CommandError):
            command(*wrong)
    assert ReviewerLink.objects.count() == 1
