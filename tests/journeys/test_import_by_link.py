"""Import by link at a browser: what cannot be fetched is said where it was pasted, what failed in the list."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.inspection import Inspection
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_link_is_pasted_corrected_and_followed_to_its_end(person: Person) -> None:
    page = person.page
    inspection = Inspection(page)
    page.goto("/library/")
    field = page.get_by_label("Import by link")
    # By keyboard alone; a site's page is known and explained in place.
    field.focus()
    page.keyboard.type("https://youtu.be/abc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="This is a link to a page of YouTube")).to_be_visible()
    expect(field).to_have_value("https://youtu.be/abc")
    expect(field).to_have_attribute("aria-invalid", "true")
    inspection.look("library, a link that is not one of a file")
    # The public internet begins beyond this machine: the worker fetches, finds that out, and the list says so.
    field.fill("https://127.0.0.1/films/fog.mp4")
    page.get_by_role("button", name="Import", exact=True).click()
    line = page.locator("#arrivals").get_by_role("listitem").filter(has_text="fog.mp4")
    expect(line).to_be_visible()
    expect(field).to_have_value("")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(line).to_contain_text("This link does not lead to the public internet")
    inspection.look("library, an import that failed")
    line.get_by_role("button", name="Put away").click()
    expect(line).to_have_count(0)
    inspection.visit("import by link, a page of its own", "/library/link/")
    inspection.expect_clean()


def test_a_link_is_pasted_into_a_draft_and_changes_nothing_of_it(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    page = composer.page
    inspection = Inspection(page)
    page.get_by_text("Choose another video").click()
    field = page.get_by_label("Import by link")
    field.fill("https://127.0.0.1/films/fog.mp4")
    page.keyboard.press("Enter")
    line = page.locator("#arrivals").get_by_role("listitem").filter(has_text="fog.mp4")
    expect(line).to_contain_text("This link does not lead to the public internet")
    expect(field).to_have_value("")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(page.locator("#video-line")).to_contain_text(film.name)
    assert page.url.endswith("/edit/")
    inspection.look("composer, an import that failed")
    inspection.expect_clean()
