"""The caption's help on the page: marks while typing, saved hashtag groups, and nothing lost between saves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.inspection import Inspection
from tests.journeys.people import Composer, Person
from tests.journeys.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def composer(person: Person) -> Composer:
    person.connect("poppy.public")
    return person.start_post()


def groups(page: Page) -> Locator:
    return page.locator("#hashtag-groups")


def open_groups(page: Page) -> None:
    page.get_by_text("Hashtag groups", exact=True).click()
    expect(page.get_by_label("Save these hashtags as a group")).to_be_visible()


def save_group(page: Page, name: str) -> None:
    page.get_by_label("Save these hashtags as a group").fill(name)
    page.get_by_role("button", name="Save group").click()
    expect(page.get_by_role("button", name=f"Add {name}")).to_be_visible()


def test_what_tiktok_will_link_is_marked_while_typing_and_after_reloading(composer: Composer) -> None:
    page = composer.page
    marks = page.locator("[data-caption-marks]")
    expect(marks).to_be_hidden()
    composer.caption.press_sequentially("Tea at four #tea with @poppy.public #cup, #tea")
    expect(marks.get_by_text("Hashtags")).to_have_text("Hashtags #tea #cup,")
    expect(marks.get_by_text("Mentions")).to_have_text("Mentions @poppy.public")
    composer.wait_until_saved()
    page.reload()
    expect(marks.get_by_text("Hashtags")).to_have_text("Hashtags #tea #cup,")
    composer.caption.fill("Tea at four")
    expect(marks).to_be_hidden()


def test_a_group_is_saved_added_to_another_post_and_deleted(person: Person, composer: Composer) -> None:
    page = composer.page
    composer.caption.fill("Tea at four #tea #cup")
    open_groups(page)
    save_group(page, "Tea time")
    expect(page.get_by_label("Save these hashtags as a group")).to_have_value("")
    composer.wait_until_saved()

    composer = person.start_post()
    composer.caption.fill("Another day #Cup")
    open_groups(page)
    add = page.get_by_role("button", name="Add Tea time")
    add.click()
    expect(composer.caption).to_have_value("Another day #Cup #tea")
    expect(page.locator("[data-caption-mirror]")).to_have_text("Another day #Cup #tea")
    composer.wait_until_saved()
    expect(add).to_be_focused()
    page.reload()
    expect(composer.caption).to_have_value("Another day #Cup #tea")

    open_groups(page)
    groups(page).get_by_label("Delete Tea time").click()
    page.get_by_role("button", name="Delete this group").click()
    expect(groups(page).get_by_text("No group yet.")).to_be_visible()
    expect(page.get_by_text("Hashtag groups", exact=True)).to_be_focused()
    expect(composer.caption).to_have_value("Another day #Cup #tea")


def test_a_name_being_typed_outlives_saves_of_the_draft_and_a_refusal(
    person: Person, composer: Composer
) -> None:
    person.context.watch.expect(r"HTTP 422 POST .*/hashtags/$")  # type: ignore[attr-defined]
    page = composer.page
    composer.caption.fill("No tag yet")
    composer.wait_until_saved()
    open_groups(page)
    name = page.get_by_label("Save these hashtags as a group")
    name.fill("Tea")
    composer.caption.press_sequentially(" at all")
    composer.wait_until_saved()
    page.wait_for_timeout(700)
    expect(name).to_have_value("Tea")
    name.press("Enter")
    expect(page.get_by_text("The caption has no hashtag yet.")).to_be_visible()
    expect(name).to_have_value("Tea")
    composer.caption.press_sequentially(" #tea")
    # At once: the draft itself has not been saved yet.
    page.get_by_role("button", name="Save group").click()
    expect(page.get_by_role("button", name="Add Tea #tea")).to_be_visible()
    expect(page.get_by_text("The caption has no hashtag yet.")).to_be_hidden()
    composer.wait_until_saved()
    page.reload()
    expect(composer.caption).to_have_value("No tag yet at all #tea")


def test_without_scripts_a_press_adds_the_group_and_keeps_what_was_typed(
    product: Product, open_browser: Callable[..., BrowserContext]
) -> None:
    plain = Person(product, open_browser(product, java_script_enabled=False))
    plain.sign_up()
    plain.connect("poppy.public")
    composer = plain.start_post()
    page = composer.page
    composer.caption.fill("Tea #tea #cup")
    open_groups(page)
    page.get_by_label("Save these hashtags as a group").fill("Tea")
    page.get_by_role("button", name="Save group").click()
    expect(page.get_by_text("The group Tea is saved.")).to_be_visible()
    composer.caption.fill("Later")
    composer.comment.check()
    open_groups(page)
    page.get_by_role("button", name="Add Tea").click()
    expect(composer.caption).to_have_value("Later #tea #cup")
    expect(composer.comment).to_be_checked()


def test_axe_finds_nothing_in_it(composer: Composer) -> None:
    page = composer.page
    composer.caption.fill("Tea at four #tea with @poppy.public " + "#cup " * 30)
    open_groups(page)
    save_group(page, "Tea time, every day of the whole week")
    inspection = Inspection(page)
    inspection.look("groups")
    groups(page).locator(".menu > summary").click()
    inspection.look("deleting a group")
    composer.caption.fill("so long " * 300)
    composer.wait_until_saved()
    inspection.look("a cut")
    inspection.expect_clean()
