"""Posting without a mouse: everything is reached by Tab, and the dropdown behaves as screen readers announce it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Composer, Person

pytestmark = pytest.mark.browser

MOST_TAB_STOPS = 20


def active_option(composer: Composer) -> str:
    """The option that a screen reader would read out now."""
    option = composer.visibility.get_attribute("aria-activedescendant")
    return composer.page.locator(f"#{option} [data-listbox-label]").inner_text() if option else ""


def tab_to_button(page: Page, composer: Composer) -> None:
    for _ in range(MOST_TAB_STOPS):
        page.keyboard.press("Tab")
        if composer.button.evaluate("button => button === document.activeElement"):
            return
    raise AssertionError(f"the post button is not among the next {MOST_TAB_STOPS} stops")


@pytest.fixture
def composer(person: Person, film: Path) -> Composer:
    person.connect("poppy.public")
    return person.compose(film)


def test_the_dropdown_obeys_every_key_and_chooses_only_on_purpose(composer: Composer) -> None:
    keyboard = composer.page.keyboard
    composer.caption.focus()
    keyboard.press("Tab")
    expect(composer.page.get_by_text("Hashtag groups")).to_be_focused()
    keyboard.press("Tab")
    expect(composer.visibility).to_be_focused()
    expect(composer.visibility).to_have_attribute("aria-expanded", "false")

    keyboard.press("Space")
    expect(composer.visibility).to_have_attribute("aria-expanded", "true")
    assert active_option(composer) == "Everyone"
    keyboard.press("ArrowDown")
    assert active_option(composer) == "Friends"
    keyboard.press("End")
    assert active_option(composer) == "Only me"
    keyboard.press("ArrowDown")
    assert active_option(composer) == "Only me"
    keyboard.press("Home")
    assert active_option(composer) == "Everyone"
    keyboard.type("fr")
    assert active_option(composer) == "Friends"
    keyboard.press("Escape")
    expect(composer.visibility).to_have_attribute("aria-expanded", "false")
    expect(composer.visibility).to_be_focused()
    expect(composer.visibility).to_have_text("Select…")

    keyboard.press("o")
    expect(composer.visibility).to_have_attribute("aria-expanded", "true")
    assert active_option(composer) == "Only me"
    keyboard.press("Tab")
    expect(composer.visibility).to_have_attribute("aria-expanded", "false")
    expect(composer.comment).to_be_focused()
    assert composer.chosen() == {"caption": "", "privacy_level": ""}


def test_a_post_goes_out_by_keyboard_alone(person: Person, composer: Composer) -> None:
    page, keyboard = composer.page, composer.page.keyboard
    composer.caption.focus()
    keyboard.type("Look, no mouse")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(composer.visibility).to_have_text("Friends")
    composer.wait_until_saved()
    expect(composer.visibility).to_be_focused()
    for box in (composer.comment, composer.duet):
        keyboard.press("Tab")
        expect(box).to_be_focused()
        keyboard.press("Space")
        expect(box).to_be_checked()
    keyboard.press("Tab")
    expect(composer.stitch).to_be_focused()
    keyboard.press("Tab")
    expect(composer.disclose).to_be_focused()
    keyboard.press("Space")
    expect(composer.your_brand).to_be_visible()
    composer.wait_until_saved()
    expect(composer.disclose).to_be_focused()
    keyboard.press("Tab")
    expect(composer.your_brand).to_be_focused()
    keyboard.press("Space")
    composer.wait_until_saved()
    expect(composer.your_brand).to_be_checked()
    expect(composer.button).to_be_enabled()
    tab_to_button(page, composer)
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    [post] = person.product.posts()
    wanted = {
        "title": "Look, no mouse",
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "disable_comment": False,
        "disable_duet": False,
        "disable_stitch": True,
        "brand_organic_toggle": True,
        "brand_content_toggle": False,
    }
    assert {name: post[name] for name in wanted} == wanted
