"""Choosing the cover frame of a video in a real browser: seen at once, and stored to the millisecond."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Composer, Person, hold

pytestmark = pytest.mark.browser


@pytest.fixture
def composer(person: Person, film: Path) -> Composer:
    person.connect("poppy.public")
    return person.compose(film)


def stored_cover(person: Person) -> int | None:
    """What the draft keeps."""
    with closing(sqlite3.connect(person.product.database_path, timeout=20)) as database:
        [(cover,)] = database.execute("SELECT cover_timestamp_ms FROM composer_post").fetchall()
    return None if cover is None else int(cover)


def test_at_three_seconds_is_stored_as_3000(person: Person, composer: Composer) -> None:
    page = composer.page
    assert stored_cover(person) is None
    expect(page.locator("#cover-at")).to_have_text("first frame")
    page.get_by_role("slider", name="Cover frame").fill("3000")
    expect(page.locator("#cover-at")).to_have_text("0:03.000")
    composer.wait_until_saved()
    expect(page.locator("#cover-picture")).to_have_attribute(
        "src", re.compile(r"^/library/\d+/frame/\?at=3000$")
    )
    assert stored_cover(person) == 3000
    # The preview stands at the very frame.
    expect(page.locator(".phone__video")).to_have_js_property("currentTime", 3)
    page.reload()
    expect(page.locator("#cover-at")).to_have_text("0:03.000")


def test_is_shown_by_the_preview_also_when_it_was_chosen_before_the_film_had_come(
    person: Person, composer: Composer
) -> None:
    page = composer.page
    held = hold(page, r"/library/\d+/file/")
    page.reload()
    page.get_by_role("slider", name="Cover frame").fill("2000")
    composer.wait_until_saved()
    # Meanwhile the frame is shown by the server.
    expect(page.locator("#cover-picture")).to_have_attribute("src", re.compile(r"\?at=2000$"))
    expect(page.locator(".phone__video")).to_have_js_property("currentTime", 0)
    for route in held:
        route.continue_()
    expect(page.locator(".phone__video")).to_have_js_property("currentTime", 2)


def test_is_stored_also_when_it_was_chosen_before_the_script_had_come(
    person: Person, composer: Composer
) -> None:
    page = composer.page
    held = hold(page, r"/post-cover\b")
    page.reload()
    composer.wait_until_saved()
    page.get_by_role("slider", name="Cover frame").fill("2000")
    assert held, "the script had come"
    for route in held:
        route.continue_()
    expect(page.locator("#cover-at")).to_have_text("0:02.000")
    expect(page.locator("#cover-picture")).to_have_attribute("src", re.compile(r"\?at=2000$"))
    composer.wait_until_saved()
    assert stored_cover(person) == 2000


def test_is_stepped_by_key(person: Person, composer: Composer) -> None:
    page = composer.page
    second = page.get_by_role("button", name="+1 s")
    second.focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator("#cover-at")).to_have_text("0:03.000")
    expect(second).to_be_focused()
    page.locator("[data-cover-step='-100']").click()
    expect(page.locator("#cover-at")).to_have_text("0:02.900")
    composer.wait_until_saved()
    assert stored_cover(person) == 2900
    for _ in range(3):
        second.click()
    # Four seconds of video end before 4.000.
    expect(page.locator("#cover-at")).to_have_text("0:03.999")
    page.get_by_role("button", name="First frame").click()
    expect(page.locator("#cover-at")).to_have_text("first frame")
    composer.wait_until_saved()
    assert stored_cover(person) is None


def test_the_frame_is_really_shown(person: Person, composer: Composer) -> None:
    page = composer.page
    page.get_by_role("slider", name="Cover frame").fill("2000")
    composer.wait_until_saved()
    expect(page.locator("#cover-picture")).to_have_attribute(
        "src", re.compile(r"^/library/\d+/frame/\?at=2000$")
    )
    loaded = page.locator("#cover-picture").evaluate(
        "picture => picture.decode().then(() => picture.naturalWidth)"
    )
    assert loaded > 0


def test_playing_the_preview_chooses_nothing(person: Person, composer: Composer) -> None:
    page = composer.page
    page.locator(".phone__video").evaluate("video => { video.muted = true; video.currentTime = 1.5; }")
    page.wait_for_timeout(400)
    expect(page.locator("#cover-at")).to_have_text("first frame")
    composer.caption.fill("Something")
    composer.wait_until_saved()
    assert stored_cover(person) is None


def test_the_creator_is_shown_for_a_draft_and_the_button_says_where_it_goes(composer: Composer) -> None:
    page = composer.page
    composer.caption.fill("Kept for later")
    composer.wait_until_saved()
    page.get_by_role("radio", name="Draft in the TikTok inbox").check()
    expect(page.get_by_role("button", name="Send to TikTok inbox")).to_be_enabled()
    expect(page.get_by_text("0 of the 5 drafts that TikTok allows in 24 hours")).to_be_visible()
    expect(page.get_by_text("Poppy Parade").first).to_be_visible()
    expect(composer.caption).to_be_hidden()
    page.get_by_role("radio", name=re.compile("^Post")).check()
    expect(composer.caption).to_have_value("Kept for later")
