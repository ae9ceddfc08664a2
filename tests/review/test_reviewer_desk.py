"""The operator's page of reviewers' links."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import ReviewerLink, User
from accounts.people import workspace_of
from accounts.reviewers import make_link
from leaving.models import Deletion
from publishing.states import State
from tests.factories import make_person, make_post, make_publication

pytestmark = pytest.mark.django_db
URL = "/operator/reviewers/"


@pytest.fixture
def operator() -> User:
    return make_person("operator@example.com", is_staff=True)


@pytest.fixture
def desk(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def link() -> ReviewerLink:
    return make_link(note="App review", days=14, made_by=None, now=database_now())[0]


def address_on(page: str) -> str:
    found = re.search(r'reviewer-address">([^<]+)<', page)
    return urlsplit(found[1]).path if found else ""


def test_makes_a_link_that_is_shown_once(desk: Client, operator: User, client: Client) -> None:
    page = desk.post(f"{URL}add/", {"note": "Audit", "days": "3"}, follow=True).text
    path = address_on(page)
    assert "Audit" in page
    assert client.get(path).status_code == 200
    assert address_on(desk.get(URL).text) == ""
    link = ReviewerLink.objects.get()
    assert (link.made_by, (link.expires_at - database_now()).days) == (operator, 2)


@pytest.mark.parametrize("days", ["", "0", "91", "x"])
def test_refuses_a_life_that_is_none(desk: Client, days: str) -> None:
    assert desk.post(f"{URL}add/", {"days": days}).status_code == 422
    assert ReviewerLink.objects.count() == 0


def test_renews_and_revokes(desk: Client, link: ReviewerLink, client: Client) -> None:
    path = address_on(desk.post(f"{URL}{link.pk}/renew/", follow=True).text)
    assert client.get(path).status_code == 200
    assert "Works until" in desk.get(URL).text
    assert "Revoked" in desk.post(f"{URL}{link.pk}/revoke/", follow=True).text
    assert client.get(path).status_code == 410


def test_says_when_each_was_last_used(desk: Client, link: ReviewerLink) -> None:
    assert "never used" in desk.get(URL).text
    ReviewerLink.objects.update(last_used_at=database_now(), uses=2)
    assert "2 times in all" in desk.get(URL).text


def test_deletes_the_workspace_unless_something_is_being_sent(desk: Client, link: ReviewerLink) -> None:
    busy = make_publication(make_post(workspace_of(link.user)), user=link.user, state=State.PROCESSING)
    assert "Nothing was deleted" in desk.post(f"{URL}{link.pk}/remove/", follow=True).text
    assert Deletion.objects.count() == 0
    type(busy).objects.move(busy.pk, State.PROCESSING, State.FAILED, reason="x")
    page = desk.post(f"{URL}{link.pk}/remove/", follow=True).text
    assert "is being deleted" in page
    assert "App review" not in page
    assert Deletion.objects.get().person == link.user


@pytest.mark.parametrize("path", ["", "add/", "1/renew/", "1/revoke/", "1/remove/"])
def test_does_not_exist_for_others(as_alice: Client, client: Client, path: str) -> None:
    for browser in (as_alice, client):
        assert browser.get(URL + path).status_code in {404, 405}
        assert browser.post(URL + path).status_code in {404, 405}
