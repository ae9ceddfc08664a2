"""The operator's pages, and what a reviewer's link opens: empty, full and refused, under axe."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.journeys.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

# It draws sample videos, or asks every part of the installation.
PATIENCE_MS = 90_000
SIGNATURE = "tiktok-developers-site-verification=Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"


@pytest.fixture
def operator(person: Person) -> Person:
    person.become_operator()
    return person


def test_the_installation(operator: Person) -> None:
    page = operator.page
    inspection = Inspection(page)
    inspection.visit("operator", "/operator/")
    inspection.visit("audit status", "/operator/audit-status/")
    inspection.visit("doctor, before", "/operator/doctor/")
    page.get_by_role("button", name="Look at everything").click()
    expect(page.locator("#check-scopes[data-verdict]")).to_be_visible(timeout=PATIENCE_MS)
    inspection.look("doctor, after")
    inspection.visit("signature files, none", "/operator/signature-files/")
    page.get_by_label("Or paste what is in it").fill("google-site-verification=abc")
    operator.context.watch.expect(r"HTTP 422 POST .*/signature-files/add/$")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Add the file").click()
    expect(page.locator(".field__error").or_(page.get_by_role("alert")).first).to_be_visible()
    inspection.look("signature files, one refused")
    page.get_by_label("Or paste what is in it").fill(SIGNATURE)
    page.get_by_label("What it is for").fill("production")
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_role("button", name="Remove tiktok")).to_be_visible()
    inspection.look("signature files, one")
    inspection.expect_clean()


def test_reviewers_links(
    operator: Person, product: Product, open_browser: Callable[..., BrowserContext]
) -> None:
    page = operator.page
    inspection = Inspection(page)
    inspection.visit("reviewers, none", "/operator/reviewers/")
    page.get_by_label("For whom").fill("TikTok, audit, winter")
    page.get_by_role("button", name="Make the link").click(timeout=PATIENCE_MS)
    expect(page.locator(".reviewer-address")).to_be_visible(timeout=PATIENCE_MS)
    inspection.look("reviewers, a fresh link")
    address = page.locator(".reviewer-address").inner_text()

    context = open_browser(product)
    for pattern in (r"HTTP 410 GET .*/reviewer/", r"HTTP 403 GET .*/sign/email/"):
        context.watch.expect(pattern)  # type: ignore[attr-defined]
    reviewer = Inspection(context.new_page())
    reviewer.visit("a reviewer's link", address)
    reviewer.page.get_by_role("main").get_by_role("button").click()
    expect(reviewer.page.get_by_text("You are in the demo workspace.")).to_be_visible()
    reviewer.look("a reviewer's first page")
    reviewer.visit("not for reviewers", "/sign/email/")

    page.get_by_role("button", name="Revoke TikTok, audit").click()
    expect(page.get_by_text("The link opens nothing any more")).to_be_visible()
    inspection.look("reviewers, a revoked link")
    reviewer.visit("a reviewer's link that ended", address)
    inspection.expect_clean()
    reviewer.expect_clean()
