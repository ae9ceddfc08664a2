"""The three policies: who gets in, who is asked to sign in, and what is kept by no cache."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails

from accounts.models import User, Workspace
from accounts.people import workspace_of
from accounts.policy import member, operator, public


@public
def for_all(request: Any) -> HttpResponse:
    return HttpResponse("all")


@member
def for_members(request: Any) -> HttpResponse:
    return HttpResponse(str(request.workspace.pk))


@operator
def for_operators(request: Any) -> HttpResponse:
    return HttpResponse(str(request.workspace.pk))


def ask(user: Any, method: str = "get", **headers: str) -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(), method)("/page/?a=1", headers=headers)
    request.user = user
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def test_each_view_carries_its_policy() -> None:
    assert [view.policy for view in (for_all, for_members, for_operators)] == [  # type: ignore[attr-defined]
        "public", "member", "operator",
    ]  # fmt: skip


def test_anybody_opens_a_public_page() -> None:
    assert for_all(ask(AnonymousUser())).status_code == 200


def test_a_member_acts_in_their_workspace(alice: User, workspace: Workspace) -> None:
    response = for_members(ask(alice))
    assert response.content == str(workspace.pk).encode()  # type: ignore[attr-defined]
    assert response["Cache-Control"] == "private, no-store"


def test_a_stranger_is_asked_to_sign_in_and_comes_back() -> None:
    response = for_members(ask(AnonymousUser()))
    assert (response.status_code, response["Location"]) == (302, "/sign/in/?next=/page/%3Fa%3D1")


def test_what_a_stranger_posted_is_not_repeated_by_coming_back() -> None:
    response = for_members(ask(AnonymousUser(), "post"))
    assert (response.status_code, response["Location"]) == (302, "/sign/in/")


def test_a_fragment_of_somebody_signed_out_moves_the_whole_page() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/posts/7/"}
    response = for_members(ask(AnonymousUser(), **headers))
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/sign/in/?next=/posts/7/"
    assert response.content == b""  # type: ignore[attr-defined]


def test_a_foreign_current_url_is_not_come_back_to() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}
    assert for_members(ask(AnonymousUser(), **headers))["HX-Redirect"] == "/sign/in/?next="


def test_operators_pages_do_not_exist_for_others(alice: User) -> None:
    for user in (AnonymousUser(), alice):
        with pytest.raises(Http404):
            for_operators(ask(user))


def test_operators_open_theirs(alice: User) -> None:
    alice.is_staff = True
    assert for_operators(ask(alice)).status_code == 200


def test_a_person_without_a_workspace_gets_one_once(db: None) -> None:
    """As `createsuperuser` leaves them."""
    root = User.objects.create_superuser("root@example.com", "a long password")
    assert Workspace.objects.count() == 0
    for_members(ask(root))
    for_members(ask(root))
    assert Workspace.objects.get() == workspace_of(root)
    assert root.is_staff


def test_a_person_put_out_of_action_is_signed_out(as_alice: Client, alice: User) -> None:
    alice.is_active = False
    alice.save()
    assert as_alice.get("/accounts/").status_code == 302
