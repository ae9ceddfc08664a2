"""Signing up, signing in and out: open to everybody, a workspace with each person, guessing made slow."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.adapter import AccountAdapter
from accounts.models import Membership, User, Workspace
from tests.factories import PASSWORD

NEW = {"email": "carla@example.com", "password1": PASSWORD}


@pytest.fixture(autouse=True)
def no_tries_yet(db: None) -> None:
    cache.clear()


def sign_up(client: Client, **fields: str) -> Any:
    return client.post(reverse("account_signup"), NEW | fields)


def sign_in(client: Client, email: str, password: str, **extra: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password, **extra})


@pytest.mark.rule("IU-2", at="server")
def test_makes_a_person_and_their_workspace(client: Client) -> None:
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, reverse("publishing:post-list"))
    user = User.objects.get(email="carla@example.com")
    membership = Membership.objects.get()
    assert (membership.user, membership.role) == (user, "owner")
    assert membership.workspace.name == "Workspace of carla"
    assert not user.is_staff
    assert client.session["_auth_user_id"] == str(user.pk)


def test_makes_both_or_neither(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("no workspace today")

    monkeypatch.setattr(Membership.objects, "create", fail)
    client.raise_request_exception = False
    assert sign_up(client).status_code == 500
    assert User.objects.count() == 0
    assert Workspace.objects.count() == 0


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client: Client, alice: User) -> None:
    told = "This address and this password do not go together. Check both, or reset the password."
    for email in (alice.email, "nobody@example.com"):
        assert told in sign_in(client, email, "not the password").content.decode()


@pytest.mark.parametrize(
    "password", ["short", "elevenchars", "password1234", "carla@example.com"],
)  # fmt: skip
def test_refuses_weak_passwords(client: Client, password: str) -> None:
    response = sign_up(client, password1=password)
    assert response.status_code == 200
    assert User.objects.count() == 0


def test_does_not_say_who_is_here_already(
    client: Client, alice: User, settings: Any, mailoutbox: list[Any]
) -> None:
    """Whatever the address's case; its owner is told by mail."""
    settings.HAS_MAIL_SERVER = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    known = sign_up(client, email="Alice@Example.com")
    unknown = sign_up(Client(), email="new@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email__iexact="alice@example.com").count() == 1
    assert mailoutbox[0].to == ["alice@example.com"]


def test_passwords_are_kept_as_argon2() -> None:
    assert django_settings.PASSWORD_HASHERS[-1] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert AccountAdapter().is_open_for_signup(None)


def test_argon2_is_what_a_new_password_gets(client: Client, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    sign_up(client)
    assert User.objects.get().password.startswith("argon2$argon2id$")


def test_asked_for_the_password_once_more_somebody_new_is_told_no_untruth(client: Client) -> None:
    """Changing the address right after signing up leads here as well: nothing is said of how long ago that was."""
    sign_up(client)
    page = client.get(reverse("account_reauthenticate"), {"next": "/"}).content.decode()
    assert "You are about to change something important, so we ask for your password once more." in page
    assert " ago" not in page


def test_signs_in_and_out(client: Client, alice: User) -> None:
    response = sign_in(client, "alice@example.com", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, reverse("publishing:post-list"))
    assert client.get("/accounts/").status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == reverse("review:landing")
    assert client.get("/accounts/").status_code == 302


def test_signing_out_needs_a_post(as_alice: Client) -> None:
    as_alice.get(reverse("account_logout"))
    assert as_alice.get("/accounts/").status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client: Client, alice: User, target: str) -> None:
    response = sign_in(client, "alice@example.com", PASSWORD, next=target)
    assert response["Location"] == reverse("publishing:post-list")


def test_signing_in_leads_back(client: Client, alice: User) -> None:
    assert sign_in(client, "alice@example.com", PASSWORD, next="/accounts/")["Location"] == "/accounts/"


def test_an_unknown_person_and_a_wrong_password_read_the_same(client: Client, alice: User) -> None:
    wrong = sign_in(client, "alice@example.com", "wrong password").context["form"].errors
    unknown = sign_in(client, "nobody@example.com", "wrong password").context["form"].errors
    assert wrong == unknown


def test_guessing_is_stopped_and_the_right_password_with_it(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(client, "alice@example.com", "wrong password")
    response = sign_in(client, "alice@example.com", PASSWORD)
    assert response.status_code in {200, 429}
    assert "_auth_user_id" not in client.session


def test_tries_are_counted_in_the_database(client: Client, alice: User) -> None:
    """So that they hold across processes."""
    sign_in(client, "alice@example.com", "wrong password")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM greenroom_cache")
        assert cursor.fetchone()[0] > 0


def test_an_operator_is_made_by_createsuperuser(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", "--email", "root@example.com", verbosity=0)
    sign_in(client, "root@example.com", PASSWORD)
    assert client.get("/accounts/").status_code == 200
    root = User.objects.get()
    assert root.is_staff
    assert Membership.objects.get().user == root
