"""What a reviewer of TikTok's reads: nothing sounds like a tool for a few, and the terms are never out of sight."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.policy import PUBLIC
from tests.factories import make_person
from tests.review.site import NO_PAGES, addresses, error_pages, member_pages, public_pages

# TikTok refuses apps that sound as if they were for their maker alone, or carried other people's posts about.
FORBIDDEN = re.compile(
    r"\b(internal\w*|in-house|personal\w*|(my|our) (own )?(tiktok )?accounts|your (team|clients)|multi-?brand|"
    r"agenc(y|ies)|"
    r"re-?post\w*|mirror\w*|cross-?post\w*|scrap(e|ing)\w*|beta|prototype|test app|under development|coming soon|"
    r"lorem ipsum|todo)\b",
    re.IGNORECASE,
)
LINKS = {"/terms/": "Terms", "/privacy/": "Privacy", "/data-deletion/": "Data deletion"}


def words_of(page: str) -> str:
    """All that can be read or heard: text, and the attributes that hold words."""
    attributes = re.findall(r'\b(?:alt|title|aria-label|placeholder|content|value)="([^"]*)"', page)
    return unescape(" ".join([strip_tags(page), *attributes]))


@pytest.mark.parametrize("is_simulated", [True, False], ids=["simulated", "real TikTok"])
def test_no_public_page_sounds_like_an_internal_tool(
    client: Client, db: None, settings: Any, is_simulated: bool
) -> None:
    settings.TIKTOK_IS_SIMULATED = is_simulated
    pages = dict(public_pages(client))
    assert len(pages) > 20
    found = {name: m.group() for name, page in pages.items() if (m := FORBIDDEN.search(words_of(page)))}
    assert found == {}


def test_every_public_address_is_walked(client: Client, db: None) -> None:
    walked = {name for name, _page in public_pages(client)} | NO_PAGES
    assert set(addresses(PUBLIC)) - walked == set()


def foot_links(page: str) -> dict[str, str]:
    foot = page.rpartition("<footer")[2]
    assert "<details" not in foot, "a menu would have to be opened"
    return dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', foot))


def test_the_terms_are_in_sight_on_every_page(client: Client, db: None) -> None:
    operator = Client()
    operator.force_login(make_person("operator@example.com", is_staff=True))
    pages = [*public_pages(client), *member_pages(operator), *error_pages(operator)]
    full = {name: page for name, page in pages if "<html" in page}
    assert len(full) > 30
    assert {name: page for name, page in full.items() if not LINKS.items() <= foot_links(page).items()} == {}


@pytest.mark.parametrize("path", LINKS)
def test_the_pages_behind_them_say_whose_site_it_is(
    client: Client, db: None, settings: Any, path: str
) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Lantern Ltd", "help@lantern.example"
    settings.OPERATOR_ADDRESS = "1 Main Street\nTown"
    page = client.get(path).content.decode()
    for words in ("<strong>Lantern Ltd</strong>", "1 Main Street<br>Town", "mailto:help@lantern.example"):
        assert words in page
    assert "not filled this in" not in page


@pytest.mark.parametrize("missing", ["OPERATOR_NAME", "OPERATOR_ADDRESS", "OPERATOR_EMAIL"])
def test_what_is_not_filled_in_is_said(client: Client, db: None, settings: Any, missing: str) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Lantern Ltd", "help@lantern.example"
    settings.OPERATOR_ADDRESS = "1 Main Street"
    setattr(settings, missing, "")
    assert "The operator has not filled this in yet." in client.get("/privacy/").content.decode()


def test_sign_up_is_open_unless_a_setting_closes_it(client: Client, db: None, settings: Any) -> None:
    assert 'name="password1"' in client.get("/sign/up/").content.decode()
    settings.SIGN_UP_OPEN = False
    page = client.get("/sign/up/").content.decode()
    assert "Sign-up is closed" in page
    assert 'name="password1"' not in page
