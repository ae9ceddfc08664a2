"""In a real browser: pages follow a post by themselves, keep the focus, say what changed, stop when it is final."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.people import workspace_of
from publishing.models import Attempt, Publication
from publishing.states import State
from tests.factories import make_attempt, make_media, make_post, make_publication, put_into

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MB = 1024 * 1024


@pytest.fixture
def sending(alice: User) -> Publication:
    """A post with 43 of 100 MB on their way and a step due."""
    media = make_media(workspace_of(alice), size_bytes=100 * MB)
    publication = make_publication(
        make_post(workspace_of(alice), media=media),
        user=alice,
        state=State.UPLOADING,
        next_try_at=timezone.now(),
    )
    make_attempt(publication, bytes_sent=43 * MB, upload_started_at=timezone.now())
    return publication


@pytest.fixture
def open_page(live_server: LiveServer, browser: Browser, as_alice: Client) -> Iterator[Callable[[str], Page]]:
    """Open a path as alice, who is in Tokyo."""
    context = browser.new_context(timezone_id="Asia/Tokyo")
    context.add_cookies(
        [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in as_alice.cookies.items()
        ]
    )

    def open_path(path: str) -> Page:
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield open_path
    context.close()


def count_asking(page: Page) -> list[str]:
    """The addresses the page asks from now on, except its media."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/posts/" in request.url else None)
    return asked


@pytest.mark.rule("5e", at="page")
def test_the_post_page_follows_keeps_focus_announces_and_stops(
    open_page: Callable[[str], Page], sending: Publication
) -> None:
    page = open_page(reverse("publishing:post-detail", args=[sending.post.pk]))
    expect(page.get_by_role("heading", name="Sending 43 %")).to_be_visible()
    announcement = page.locator(f"#post-announcement-{sending.post.pk}")
    expect(announcement).to_have_attribute("role", "status")
    expect(announcement).to_contain_text("Sending.")
    page.get_by_role("button", name="Cancel this post").focus()

    Attempt.objects.update(bytes_sent=86 * MB)
    expect(page.get_by_role("heading", name="Sending 86 %")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel this post")).to_be_focused()

    put_into(
        sending,
        State.PUBLISHED,
        post_ids=["7601447475849021452"],
        next_try_at=None,
        published_at=timezone.now(),
    )
    expect(page.get_by_role("heading", name="Published", exact=True)).to_be_visible()
    expect(announcement).to_contain_text("Published. TikTok says that the post is out.")
    link = page.get_by_role("link", name="See it on TikTok")
    assert str(link.get_attribute("href")).endswith("/@poppy.public/video/7601447475849021452")
    asked = count_asking(page)
    page.wait_for_timeout(3000)
    assert asked == []


def test_the_list_follows_and_stops(open_page: Callable[[str], Page], sending: Publication) -> None:
    page = open_page(reverse("publishing:post-list"))
    row = page.locator(f"#post-row-{sending.post.pk}")
    expect(row).to_contain_text("Sending 43\xa0%")
    row.get_by_role("link", name="A walk through the fog").focus()
    put_into(sending, State.FAILED, reason="internal", next_try_at=None)
    expect(row).to_contain_text("Failed")
    expect(row).to_contain_text("Try again in a few minutes.")
    expect(row.get_by_role("link", name="A walk through the fog")).to_be_focused()
    asked = count_asking(page)
    page.wait_for_timeout(3000)
    assert asked == []


def test_times_stand_in_the_zone_of_the_browser_and_stay_there(
    open_page: Callable[[str], Page], sending: Publication
) -> None:
    given_at = datetime.fromisoformat("2026-11-20T22:15:30+00:00")
    type(sending.consent).objects.update(given_at=given_at)
    pressed_at = timezone.now() - timedelta(hours=3, minutes=5)
    Publication.objects.update(created_at=pressed_at, due_at=pressed_at)
    page = open_page(reverse("publishing:post-detail", args=[sending.post.pk]))
    agreed = page.locator("dd", has_text="alice@example.com")
    expect(agreed).to_contain_text("21 Nov 2026, 07:15 GMT+9")
    pressed = page.get_by_role("listitem").filter(has_text="Post to TikTok was pressed")
    expect(pressed).to_contain_text("3 hours ago")
    Attempt.objects.update(bytes_sent=86 * MB)
    expect(page.get_by_role("heading", name="Sending 86 %")).to_be_visible()
    expect(pressed).to_contain_text("GMT+9")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    open_page: Callable[[str], Page], alice: User, sending: Publication, scheme: Literal["light", "dark"]
) -> None:
    resting = [
        make_publication(make_post(workspace_of(alice)), user=alice, state=state, reason=reason)
        for state, reason in (
            (State.FAILED, "internal"),
            (State.UNCONFIRMED, "unknown_status"),
            (State.PUBLISHED, ""),
            (State.CANCELLED, "stopped_by_person"),
        )
    ]
    posts = [sending.post, *(publication.post for publication in resting)]
    paths = [
        reverse("publishing:post-list"),
        *(reverse("publishing:post-detail", args=[post.pk]) for post in posts),
    ]
    for path in paths:
        page = open_page(path)
        page.emulate_media(color_scheme=scheme)
        page.reload()  # a colour half way between two themes is nobody's choice
        violations = Axe().run(page).response["violations"]
        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in violations] == [], path


def test_the_pages_break_no_rule_of_the_content_policy(
    open_page: Callable[[str], Page], sending: Publication
) -> None:
    for path in (reverse("publishing:post-list"), reverse("publishing:post-detail", args=[sending.post.pk])):
        page = open_page("/posts/")
        complaints: list[str] = []
        page.on("console", lambda message, kept=complaints: kept.append(message.text))
        page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
        page.goto(page.url.partition("/posts/")[0] + path)
        page.wait_for_timeout(500)
        assert [text for text in complaints if "Content Security Policy" in text or "Error" in text] == []
