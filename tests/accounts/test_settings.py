"""The settings page: a person's own time zone, and how late their workspace lets a post go out."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace

pytestmark = pytest.mark.django_db
URL = "/accounts/settings/"


def test_offers_the_browsers_zone_only_to_who_has_none(as_alice: Client, alice: User) -> None:
    assert "data-own-zone" in as_alice.get(URL).text
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    html = as_alice.get(URL).text
    assert "data-own-zone" not in html
    assert '<option value="Asia/Tokyo" selected>' in html


def test_keeps_the_zone(as_alice: Client, alice: User, bob: User) -> None:
    response = as_alice.post(reverse("accounts:settings-zone"), {"time_zone": "Europe/Berlin"}, follow=True)
    assert "Times are shown by the clocks of Europe/Berlin." in response.text
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.time_zone, bob.time_zone) == ("Europe/Berlin", "")


def test_shows_a_zone_of_an_older_name_as_it_was_chosen(as_alice: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="US/Eastern")
    assert '<option value="US/Eastern" selected>' in as_alice.get(URL).text


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../../etc/passwd"])
def test_takes_no_zone_that_nobody_knows(as_alice: Client, alice: User, zone: str) -> None:
    assert as_alice.post(reverse("accounts:settings-zone"), {"time_zone": zone}).status_code == 422
    alice.refresh_from_db()
    assert alice.time_zone == ""


def test_keeps_the_limit_of_this_workspace_alone(
    as_alice: Client, workspace: Workspace, bobs_workspace: Workspace
) -> None:
    as_alice.post(reverse("accounts:settings-late"), {"late_limit_minutes": "0"})
    workspace.refresh_from_db()
    bobs_workspace.refresh_from_db()
    assert (workspace.late_limit_minutes, bobs_workspace.late_limit_minutes) == (0, 120)
    assert '<option value="0" selected>' in as_alice.get(URL).text


@pytest.mark.parametrize("minutes", ["", "7", "-1", "99999999999999999999"])
def test_takes_only_the_limits_it_offers(as_alice: Client, workspace: Workspace, minutes: str) -> None:
    url = reverse("accounts:settings-late")
    assert as_alice.post(url, {"late_limit_minutes": minutes}).status_code == 422
    workspace.refresh_from_db()
    assert workspace.late_limit_minutes == 120


@pytest.mark.parametrize("name", ["settings", "settings-zone", "settings-late"])
def test_strangers_are_asked_to_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(f"accounts:{name}")).status_code in {302, 405}
