"""Goes through the simulated TikTok's consent page as a person would, without a browser."""

from urllib.parse import parse_qs, urlsplit

import httpx
from django.contrib.messages import get_messages
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse


def consent(
    authorize_url: str,
    username: str = "poppy.public",
    *,
    scopes: list[str] | None = None,
    cancel: bool = False,
) -> dict[str, str]:
    """Decide on the consent page and return the query TikTok sends back; `scopes` are those left ticked."""
    page = httpx.get(authorize_url, trust_env=False)
    assert page.status_code == 200, page.text
    asked = parse_qs(urlsplit(authorize_url).query)["scope"][0].split(",")
    form = {
        "creator": username,
        "scopes": asked if scopes is None else scopes,
        "decision": "cancel" if cancel else "continue",
    }
    answer = httpx.post(authorize_url, data=form, trust_env=False)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def leave(client: Client, *, reconnect: int | None = None, next_path: str = "") -> str:
    """Press *Connect* (or *Reconnect* for that account) and return where the browser is sent."""
    address = reverse("accounts:reconnect", args=[reconnect]) if reconnect else reverse("accounts:connect")
    response = client.post(address, {"next": next_path})
    assert response.status_code == 302
    return str(response["Location"])


def come_back(client: Client, query: dict[str, str]) -> HttpResponseBase:
    """Open the callback as TikTok's redirect does."""
    return client.get(reverse("accounts:connect-callback"), query)


def last_message(response: HttpResponseBase) -> str:
    """The newest message the person will see on the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)][-1]  # type: ignore[attr-defined]


def connect(
    client: Client, username: str = "poppy.public", *, scopes: list[str] | None = None
) -> HttpResponseBase:
    """The whole trip."""
    return come_back(client, consent(leave(client), username, scopes=scopes))
