"""The doctor's lines on the public site: reachable, legal pages in sight, ownership proven."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from review.doctor.findings import Verdict, ok
from review.doctor.website import links_of, look_at_legal_pages, look_at_ownership, look_at_website
from review.models import SignatureFile
from tests.processes import free_port
from tests.review.conftest import Stranger

FOOT = b'<footer><a href="/terms/">Terms</a> <a href="/privacy/">Privacy policy</a></footer>'


@pytest.fixture
def site(stranger: Stranger, settings: Any) -> Stranger:
    """A site of which every page may be spoiled."""
    settings.PUBLIC_URL = stranger.url
    settings.PRODUCT_NAME, settings.OPERATOR_NAME = "Lantern Post", "Lantern & Post"
    stranger.pages = {
        "/": b"<h1>Lantern Post</h1>" + FOOT,
        "/terms/": b"<p>Made with Lantern &amp; Post.</p>",
        "/privacy/": b"<p>Lantern &amp; Post keeps this.</p>",
    }
    return stranger


@pytest.fixture
def in_earnest(settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = False
    settings.IS_PRODUCTION = True


@pytest.mark.parametrize("name", ["Greenroom", "Anna's <Posts> & more"])
def test_our_own_first_page_answers_strangers(
    name: str, live_server: LiveServer, settings: Any, client: Client
) -> None:
    settings.PRODUCT_NAME = name
    client.get("/")  # The first of all requests imports the pages.
    settings.PUBLIC_URL = live_server.url
    assert look_at_website() == ok(f"{live_server.url}/ answers strangers with the site's own page.")


def test_a_site_that_does_not_answer_is_a_fault(settings: Any) -> None:
    settings.PUBLIC_URL = f"http://localhost:{free_port()}"
    for look in (look_at_website, look_at_legal_pages):
        outcome = look()
        assert (outcome.verdict, "cannot be reached" in outcome.found) == (Verdict.FAULT, True)


@pytest.mark.parametrize("status", [302, 401, 403, 502])
def test_a_wall_in_front_of_the_site_is_a_fault(site: Stranger, status: int) -> None:
    site.status = status
    outcome = look_at_website()
    assert (outcome.verdict, str(status) in outcome.found) == (Verdict.FAULT, True)


def test_another_site_at_the_address_is_a_fault(site: Stranger) -> None:
    site.pages["/"] = b"<h1>Welcome to nginx!</h1>"
    outcome = look_at_website()
    assert (outcome.verdict, "something else answers" in outcome.found) == (Verdict.FAULT, True)


def test_a_slow_site_is_worth_a_thought(site: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_at_website().verdict == Verdict.OK
    monkeypatch.setattr("review.doctor.website.SLOW_SECONDS", 0.0)
    assert look_at_website().verdict == Verdict.WARNING


def test_legal_pages_in_sight_are_fine(site: Stranger) -> None:
    assert look_at_legal_pages().verdict == Verdict.OK


@pytest.mark.parametrize("word", ["terms", "privacy"])
def test_a_missing_link_is_a_fault(site: Stranger, in_earnest: None, word: str) -> None:
    site.pages["/"] = FOOT.replace(f"/{word}/".encode(), b"/x/").replace(word.title().encode(), b"X")
    outcome = look_at_legal_pages()
    assert (outcome.verdict, f"no link to {word}" in outcome.found) == (Verdict.FAULT, True)


@pytest.mark.parametrize(
    "cover",
    [b"<details><summary>More</summary>%s</details>", b"<div hidden>%s</div>", b"<template>%s</template>"],
)
def test_links_behind_a_menu_are_a_fault(site: Stranger, cover: bytes) -> None:
    site.pages["/"] = cover.replace(b"%s", FOOT)
    outcome = look_at_legal_pages()
    assert (outcome.verdict, "once something is opened" in outcome.found) == (Verdict.FAULT, True)


def test_a_dead_link_is_a_fault(site: Stranger, settings: Any) -> None:
    site.pages["/"] = FOOT.replace(b"/terms/", f"http://localhost:{free_port()}/".encode())
    assert look_at_legal_pages().verdict == Verdict.FAULT


def test_a_page_that_names_no_operator_is_a_fault(site: Stranger) -> None:
    site.pages["/privacy/"] = b"<p>Somebody keeps this.</p>"
    outcome = look_at_legal_pages()
    assert (outcome.verdict, "does not name the operator" in outcome.found) == (Verdict.FAULT, True)


def test_links_are_read_with_their_words_and_their_place() -> None:
    page = '<details open><a href="/a">In <b>sight</b></a></details>'
    page += '<details><p><a href="/b">Not</a></details><a href="/c">Yes</a>'
    assert [(link.href, link.text, link.is_in_sight) for link in links_of(page)] == [
        ("/a", "In sight", True),
        ("/b", "Not", False),
        ("/c", "Yes", True),
    ]


# --- Ownership ---------------------------------------------------------------------------------------------


def test_without_a_signature_file_nobody_knows(db: None, settings: Any) -> None:
    settings.TIKTOK_CLIENT_KEY = "sbsomesandbox"
    outcome = look_at_ownership()
    assert (outcome.verdict, "this sandbox" in outcome.found) == (Verdict.WARNING, True)
    assert "again in each sandbox" in outcome.cure


def test_a_signature_file_is_served_at_the_root_and_at_the_prefix(
    live_server: LiveServer, settings: Any
) -> None:
    settings.PUBLIC_URL, settings.MEDIA_PULL_BASE_URL = live_server.url, f"{live_server.url}/pull/"
    SignatureFile.objects.create(token="abcdefgh12345678", note="first sandbox")
    outcome = look_at_ownership()
    assert (outcome.verdict, "first sandbox" in outcome.found) == (Verdict.OK, True)


def test_a_signature_file_that_does_not_come_through_is_a_fault(
    site: Stranger, settings: Any, db: None
) -> None:
    settings.MEDIA_PULL_BASE_URL = f"{site.url}/pull/"
    file = SignatureFile.objects.create(token="abcdefgh12345678")
    assert look_at_ownership().verdict == Verdict.FAULT
    site.pages[f"/{file.name}"] = file.content.encode()
    only_root = look_at_ownership()
    assert (only_root.verdict, "/pull/" in only_root.found) == (Verdict.FAULT, True)
    site.pages[f"/pull/{file.name}"] = file.content.encode()
    assert look_at_ownership().verdict == Verdict.OK
