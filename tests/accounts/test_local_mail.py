"""Password reset and e-mail change in a local run without a mail server: the mail waits on a page."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.people import DEMO_EMAIL, get_demo_user
from tests.factories import PASSWORD

MAIL = "/accounts/local-mail/"


@pytest.fixture(autouse=True)
def mail_in_files(settings: Any, db: None) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    cache.clear()


def links(page: str) -> list[str]:
    return re.findall(r'<a href="(http://localhost:8000/[^"]+)"', page)


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def test_a_forgotten_password(client: Client, alice: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client.post("/sign/password/reset/", {"email": "alice@example.com"}, headers={"host": "localhost:8000"})
    sent = client.get("/sign/password/reset/sent/").content.decode()
    assert f'href="{MAIL}"' in sent
    [link] = links(client.get(MAIL).content.decode())
    form = client.get(path_of(link), follow=True)
    response = client.post(
        form.redirect_chain[-1][0], {"password1": "another long phrase", "password2": "another long phrase"}
    )
    assert response.status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("another long phrase")


def test_a_new_address_counts_once_its_link_was_opened(as_alice: Client, alice: User) -> None:
    host = {"host": "localhost:8000"}
    as_alice.post("/sign/in/", {"login": alice.email, "password": PASSWORD})
    again = as_alice.post("/sign/again/", {"password": PASSWORD})
    assert again.status_code == 302
    as_alice.post("/sign/email/", {"email": "alice@new.example", "action_add": ""}, headers=host)
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    newest = as_alice.get(MAIL).content.decode()
    assert "alice@new.example" in newest
    link = next(link for link in links(newest) if "/email/confirm/" in link)
    as_alice.post(path_of(link))
    alice.refresh_from_db()
    assert alice.email == "alice@new.example"


@pytest.mark.parametrize("way", ["signs up", "createsuperuser", "demo"])
def test_an_address_that_was_never_confirmed_survives_a_change_under_way(client: Client, way: str) -> None:
    """Two changes in a row, neither confirmed: the person still has the address they came with."""
    email = {"signs up": "dora@example.com", "createsuperuser": "root@example.com", "demo": DEMO_EMAIL}[way]
    if way == "signs up":
        client.post("/sign/up/", {"email": email, "password1": PASSWORD})
    elif way == "createsuperuser":
        User.objects.create_superuser(email, PASSWORD)
        client.post("/sign/in/", {"login": email, "password": PASSWORD})
    else:
        client.force_login(get_demo_user())
    for number in range(2):
        client.post("/sign/again/", {"password": PASSWORD})
        client.get("/sign/email/")
        client.post("/sign/email/", {"email": f"new{number}@example.com", "action_add": ""})
        assert User.objects.get().email == email


def test_newest_first_and_only_own_links_are_links(client: Client, settings: Any) -> None:
    from django.core.mail import send_mail

    send_mail("First", "See http://localhost:8000/a/ and https://evil.example/x", None, ["a@example.com"])
    send_mail(
        "Second <b>", "<script>alert(1)</script> http://localhost:8000.evil.example/", None, ["b@example.com"]
    )
    page = client.get(MAIL).content.decode()
    assert page.index("Second &lt;b&gt;") < page.index("First")
    assert links(page) == ["http://localhost:8000/a/"]
    assert "<script>alert" not in page
    assert "https://evil.example/x" in page


def test_says_so_when_there_is_none(client: Client) -> None:
    response = client.get(MAIL)
    assert "No mail yet" in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "changes", [{"IS_PRODUCTION": True}, {"HAS_MAIL_SERVER": True}], ids=["production", "mail server"]
)
def test_exists_only_in_a_local_run_without_a_mail_server(
    client: Client, settings: Any, changes: dict[str, bool]
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert client.get(MAIL).status_code == 404


def test_exists_only_for_this_machine(client: Client) -> None:
    assert client.get(MAIL, REMOTE_ADDR="192.168.1.20").status_code == 404
    assert client.get(MAIL, REMOTE_ADDR="::1").status_code == 200
