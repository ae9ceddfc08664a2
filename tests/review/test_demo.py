"""The landing page and the demo account, which exists only while TikTok is simulated."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from accounts.people import DEMO_EMAIL
from composer.models import MediaFile

START = "/demo/"


def test_strangers_read_the_landing_page(client: Client, db: None) -> None:
    assert client.get("/").status_code == 200


def test_a_monitor_may_ask_without_reading(client: Client, db: None) -> None:
    assert client.head("/").status_code == 200


def test_members_read_it_too(as_alice: Client) -> None:
    assert as_alice.get("/").status_code == 200


def test_signs_in_the_demo_person_with_sample_videos(client: Client, db: None) -> None:
    response = client.post(START)
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    user = User.objects.get(email=DEMO_EMAIL)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.is_staff
    assert not user.has_usable_password()
    assert Membership.objects.get().user == user
    samples = MediaFile.objects.filter(is_sample=True, workspace=Membership.objects.get().workspace)
    assert samples.count() >= 1
    assert "You are using the demo account." in client.get("/accounts/").content.decode()


def test_pressing_twice_makes_nothing_twice(client: Client, db: None) -> None:
    client.post(START)
    files = MediaFile.objects.count()
    Client().post(START)
    assert User.objects.filter(email=DEMO_EMAIL).count() == 1
    assert MediaFile.objects.count() == files


def test_whoever_was_signed_in_is_not_mixed_up_with_the_demo_person(as_alice: Client) -> None:
    before = as_alice.session.session_key
    as_alice.post(START)
    assert as_alice.session.session_key != before
    assert as_alice.get("/accounts/").wsgi_request.user.email == DEMO_EMAIL


def test_starts_by_post_only(client: Client, db: None) -> None:
    assert client.get(START).status_code == 405
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "changes", [{"TIKTOK_IS_SIMULATED": False}, {"IS_PRODUCTION": True}], ids=["real TikTok", "production"]
)
def test_does_not_exist_elsewhere(client: Client, db: None, settings: Any, changes: dict[str, bool]) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert client.post(START).status_code == 404
    assert User.objects.count() == 0
