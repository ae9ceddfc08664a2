"""From the settings to nothing left: what is held, what deleting means, and the worker that does it."""

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD
from tests.journeys.inspection import Inspection
from tests.journeys.people import Person

# The worker waits 25 s before the first file goes.
GONE_MS = 90_000
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_a_person_leaves(person: Person) -> None:
    page = person.page
    person.connect("poppy.public")
    inspection = Inspection(page)
    page.goto("/accounts/settings/")
    page.get_by_role("link", name="See your data").click()
    inspection.look("your data")
    page.get_by_role("link", name="Delete my account").click()
    expect(page.get_by_text("What is on TikTok stays there")).to_be_visible()
    inspection.look("what deleting means")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Delete my account and everything listed above").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    expect(page.get_by_text("Everything was deleted")).to_be_visible(timeout=GONE_MS)
    expect(page.get_by_text("TikTok was told to take back 1 permission.")).to_be_visible()
    inspection.look("what is left")
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    inspection.expect_clean()
