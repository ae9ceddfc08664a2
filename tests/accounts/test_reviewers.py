"""Reviewers' links: what opens, what never does, and how every session by one ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.clock import database_now
from accounts.models import Delivery, ReviewerLink, User, Workspace
from accounts.people import workspace_of
from accounts.reviewers import find_link, is_reviewer, make_link, note_use, renew_link, revoke_link
from publishing.models import Publication
from publishing.states import State
from tests.factories import PASSWORD, make_post, make_publication

pytestmark = pytest.mark.django_db
CLOSED = ["/sign/again/", "/sign/email/", "/sign/password/change/", "/sign/password/set/"]


def make(days: int = 14) -> tuple[ReviewerLink, str]:
    return make_link(note="App review", days=days, made_by=None, now=database_now())


def signed_in(link: ReviewerLink) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=link.user_id))
    return client


def test_has_a_person_and_a_workspace_of_its_own(alice: User) -> None:
    link, _token = make()
    assert is_reviewer(link.user)
    assert not is_reviewer(alice)
    assert not link.user.has_usable_password()
    assert list(Workspace.objects.of(link.user)) == [workspace_of(link.user)]
    assert workspace_of(link.user) != workspace_of(alice)


def test_keeps_no_secret() -> None:
    _link, token = make()
    secret = token.rpartition(".")[0]
    assert len(secret) >= 43
    stored = [str(value) for row in ReviewerLink.objects.values() for value in row.values()]
    assert [value for value in stored if secret in value or token in value] == []


def test_opens_for_its_token_alone() -> None:
    link, token = make()
    now = database_now()
    assert find_link(token, now=now) == link
    for wrong in ("", "x", token[:-1], f"x{token}", token.partition(".")[0]):
        assert find_link(wrong, now=now) is None, wrong


def test_a_guess_costs_no_look_at_the_database(django_assert_num_queries: Any) -> None:
    now = database_now()
    with django_assert_num_queries(0):
        find_link("guessed.guessed", now=now)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_lives_1_to_90_days(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 90 days"):
        make(days)
    assert User.objects.count() == 0


def test_ends_by_itself_and_its_sessions_with_it() -> None:
    link, token = make(days=1)
    browser = signed_in(link)
    assert browser.get("/posts/").status_code == 200
    end = database_now() - timedelta(seconds=1)
    ReviewerLink.objects.update(expires_at=end)
    assert browser.get("/posts/").status_code == 302
    assert find_link(token, now=database_now()) is None


def test_revoking_ends_its_sessions() -> None:
    link, token = make()
    browser = signed_in(link)
    revoke_link(link, now=database_now())
    assert browser.get("/posts/").status_code == 302
    assert find_link(token, now=database_now()) is None
    assert not note_use(link, now=database_now())


def test_a_new_link_to_the_same_workspace_ends_the_old_one_and_its_sessions() -> None:
    link, token = make()
    workspace = workspace_of(link.user)
    browser = signed_in(link)
    revoke_link(link, now=database_now())
    newer = renew_link(link, days=7, now=database_now())
    assert browser.get("/posts/").status_code == 302
    assert find_link(token, now=database_now()) is None
    found = find_link(newer, now=database_now())
    assert found is not None
    assert workspace_of(found.user) == workspace
    assert signed_in(link).get("/posts/").status_code == 200


@pytest.mark.parametrize("address", CLOSED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_cannot_change_the_login_it_shares(address: str, method: str) -> None:
    link, _token = make()
    before = User.objects.values().get(pk=link.user_id)
    response = getattr(signed_in(link), method)(address, {"email": "mine@example.com", "password1": PASSWORD})
    assert response.status_code == 403
    assert "Not with a reviewer login" in response.text
    after = User.objects.values().get(pk=link.user_id)
    assert {**after, "last_login": None} == {**before, "last_login": None}


def test_has_no_password_whatever_somebody_made_of_it(client: Client) -> None:
    link, _token = make()
    user = User.objects.get(pk=link.user_id)
    user.set_password(PASSWORD)
    user.save()
    assert client.login(email=user.email, password=PASSWORD) is False


def test_sees_nobody_elses_posts_and_no_operators_page(workspace: Workspace, alice: User) -> None:
    post = make_post(workspace)
    make_publication(post, user=alice)
    link, _token = make()
    browser = signed_in(link)
    assert browser.get(f"/posts/{post.pk}/").status_code == 404
    assert browser.get(f"/posts/{post.pk}/edit/").status_code == 404


def test_is_never_an_operator() -> None:
    link, _token = make()
    for rank in ("is_staff", "is_superuser"):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=link.user_id).update(**{rank: True})


def test_gets_no_mail() -> None:
    link, _token = make()
    publication = make_publication(make_post(workspace_of(link.user)), user=link.user, state=State.STARTING)
    assert Publication.objects.move(publication.pk, State.STARTING, State.HELD, reason="missed")
    assert list(Delivery.objects.values_list("person", "mail_due_at")) == [(link.user_id, None)]
