"""Every page a stranger can open, as HTML: the public addresses, and what stands there when something goes wrong."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from accounts.notifications.unsubscribing import DIGEST, unsubscribe_url
from accounts.policy import HOLDER, MEMBER, OPERATOR, PUBLIC
from accounts.reviewers import make_link
from config.errors import server_error
from leaving.models import Deletion
from tests.factories import make_person
from tests.house.test_policies import all_patterns

# Public addresses that need something, and what a stranger may come with.
WITH_ARGUMENTS = {
    "account_confirm_email": "/sign/email/confirm/ended/",
    "account_reset_password_from_key": "/sign/password/reset/key/1-ended/",
}
# They answer with a file, or to POST alone.
NO_PAGES = {
    "review:demo-start",
    "review:logo",
    "review:manifest",
    "review:signature-file",
    "review:signature-file-of-media",
    "publishing:pull-file",
}


def addresses(*policies: str) -> dict[str, str]:
    """By name, those that open without anything in them."""
    found = {}
    for name, pattern in all_patterns(get_resolver()):
        if pattern.callback.policy in policies:
            try:
                found[name] = reverse(name)
            except NoReverseMatch:
                continue
    return found


def public_pages(client: Client) -> Iterator[tuple[str, str]]:
    """Name and HTML of each page that needs no sign-in, errors included."""
    wish = urlsplit(unsubscribe_url(make_person().pk, DIGEST)).path
    _link, token = make_link(note="", days=1, made_by=None, now=timezone.now())
    paths = addresses(PUBLIC) | WITH_ARGUMENTS
    paths |= {"notifications:unsubscribe": wish, "review:reviewer-enter": f"/reviewer/{token}/"}
    gone = Deletion.objects.create(asked_at=timezone.now())
    paths["leaving:deletion-status"] = f"/your-data/deleted/{gone.pk}/"
    for name, path in paths.items():
        if name not in NO_PAGES:
            yield name, html(client.get(path, follow=True))
    yield from error_pages(client)


def member_pages(client: Client) -> Iterator[tuple[str, str]]:
    """Name and HTML of each page that somebody who is signed in opens by its bare address."""
    for name, path in addresses(MEMBER, HOLDER, OPERATOR).items():
        response = client.get(path)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            yield name, html(response)


def error_pages(client: Client) -> Iterator[tuple[str, str]]:
    """What each error shows, brought about where that is possible."""
    yield "410", html(client.get("/reviewer/ended/"), 410)
    yield "404", html(client.get("/nothing-here/"), 404)
    yield "400", html(client.get("/", headers={"host": "somewhere.else.example"}), 400)
    yield "CSRF", html(Client(enforce_csrf_checks=True).post("/demo/"), 403)
    request = RequestFactory().get("/")
    yield "500", html(server_error(request), 500)
    for template in ("403.html", "429.html", "account/signup_closed.html"):
        client.get("/")
        yield template, render_to_string(template, request=client.get("/").wsgi_request)


def html(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status, (response.status_code, response.headers)
    return response.content.decode()
