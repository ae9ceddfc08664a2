"""Audit mode by hand: from the first step to the last with *Next* alone, and what a reviewer hovers over."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from review.audit.steps import WALK
from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.journeys.product import Product
from tests.media import make_picture, make_video

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NO_PRIVATE = "Branded content visibility cannot be set to private."


@pytest.fixture
def operator(
    product: Product, open_browser: Callable[..., BrowserContext], film: Path, tmp_path: Path
) -> Person:
    """An operator with files for every step, so that no sample has to be drawn."""
    person = Person(product, open_browser(product))
    person.sign_up()
    person.become_operator()
    person.upload(film)
    person.upload(make_video(tmp_path / "a minute and a second.mp4", seconds=61, fps=24))
    person.upload(make_picture(tmp_path / "fog.jpg", "JPEG", size=(720, 1280)))
    return person


def test_leads_through_all_points_and_stays_in_sight(operator: Person) -> None:
    page = operator.page
    page.goto("/audit/")
    inspection = Inspection(page)
    inspection.look("the overview")
    inspection.visit("how the rules are kept", "/compliance/")
    page.goto("/audit/")
    page.get_by_role("button", name="Start the walk").click()
    for number, step in enumerate(WALK, start=1):
        panel = page.get_by_role("region", name=step.title)
        expect(panel).to_be_in_viewport()
        expect(panel).to_contain_text(f"Audit mode · {number} of {len(WALK)}")
        expect(page.locator(f"#{step.anchor}")).to_be_visible()
        if step.slug == "branded-before-visibility":
            page.get_by_role("combobox", name="Who can view").click()
            only_me = page.get_by_role("option", name="Only me")
            expect(only_me).to_have_attribute("title", NO_PRIVATE)
            expect(only_me).to_have_attribute("aria-disabled", "true")
            page.keyboard.press("Escape")
            inspection.look("the panel over the composer")
        if number < len(WALK):
            panel.get_by_role("button", name="Next: ").click()
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("Audit mode is off.")).to_be_visible()
    assert operator.product.simulator.ledger()["inits"] == []
    inspection.expect_clean()
