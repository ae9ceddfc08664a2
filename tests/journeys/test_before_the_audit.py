"""A client that TikTok has not audited: the page says what TikTok will refuse before anybody tries."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.journeys.product import Product

pytestmark = pytest.mark.browser

NO_AUDIT_YET = "Until TikTok has audited this site, every post must be “Only me”."


@pytest.fixture(scope="module")
def unaudited_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """As after `make run TIKTOK_CLIENT_AUDITED=false`."""
    with Product(tmp_path_factory.mktemp("unaudited"), TIKTOK_CLIENT_AUDITED="false") as product:
        yield product


@pytest.fixture
def person(unaudited_product: Product, open_browser: Callable[..., BrowserContext]) -> Person:
    unaudited_product.forget_everything()
    person = Person(unaudited_product, open_browser(unaudited_product))
    person.sign_up()
    return person


@pytest.mark.rule("U-2", "U-3", at="page")
def test_a_public_account_is_told_before_it_tries(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    account = composer.page.get_by_role("group", name="Account")
    expect(account).to_contain_text("TikTok has not audited this site yet.")
    expect(account).to_contain_text("from at most five people in 24 hours")
    expect(account.get_by_role("status")).to_contain_text(
        "On TikTok Poppy Parade is a public account, and until TikTok has audited this site it accepts posts "
        "from private accounts only."
    )
    inspection = Inspection(composer.page)
    inspection.look("composer, not audited")
    composer.visibility.click()
    for label in ("Everyone", "Friends"):
        expect(composer.option(label).get_by_text(NO_AUDIT_YET, exact=True)).to_be_visible()
        assert composer.hover_text(composer.option(label)) == NO_AUDIT_YET
    composer.option("Only me").click()
    composer.wait_until_saved()
    expect(composer.visibility).to_have_text("Only me")
    expect(composer.button).to_be_disabled()
    composer.disclose.check()
    composer.wait_until_saved()
    expect(composer.branded_content).to_be_disabled()
    assert NO_AUDIT_YET in composer.hover_text(composer.branded_content)
    assert person.product.simulator.ledger()["inits"] == []
    person.become_operator()
    inspection.visit("audit status, not audited", "/operator/audit-status/")
    inspection.expect_clean()


def test_a_private_account_posts_for_itself(person: Person, film: Path) -> None:
    person.connect("priya.private")
    composer = person.compose(film)
    expect(composer.visibility).to_have_text("Select…")
    composer.choose("Only me")
    composer.button.click()
    page = composer.page
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    expect(page.get_by_text("TikTok gives no link to posts that not everyone can view.")).to_be_visible()
    page.get_by_role("link", name="See the profile on TikTok").click()
    expect(page.get_by_role("heading", name="Priya at Home", level=1)).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Only me").first).to_be_visible()
    [post] = person.product.posts()
    assert (post["creator"], post["privacy_level"], post["status"]) == (
        "priya.private",
        "SELF_ONLY",
        "PUBLISH_COMPLETE",
    )


def test_what_the_audit_wants_to_see_can_be_shown_and_is_not_sent(person: Person, film: Path) -> None:
    person.connect("priya.private")
    composer = person.compose(film)
    composer.disclose.check()
    composer.wait_until_saved()
    composer.branded_content.check()
    composer.wait_until_saved()
    composer.visibility.click()
    expect(composer.option("Only me")).to_have_attribute("aria-disabled", "true")
    assert composer.hover_text(composer.option("Only me")) == (
        "Branded content visibility cannot be set to private."
    )
    composer.option("Friends").click()
    composer.wait_until_saved()
    expect(
        composer.page.get_by_text("Your photo/video will be labeled as 'Paid partnership'")
    ).to_be_visible()
    expect(composer.button).to_be_disabled()
    expect(composer.page.get_by_role("link", name="Untick Branded content, then choose")).to_be_visible()
    composer.branded_content.uncheck()
    composer.wait_until_saved()
    composer.disclose.uncheck()
    composer.wait_until_saved()
    composer.choose("Only me")
    expect(composer.button).to_be_enabled()
    assert person.product.simulator.ledger()["inits"] == []


def test_a_public_account_made_private_may_post(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    expect(composer.button).to_be_disabled()
    person.product.simulator.creator("poppy.public", private=True)
    composer.page.get_by_role("link", name="Ask TikTok again", exact=True).click()
    composer.choose("Only me")
    composer.button.click()
    expect(composer.page.get_by_role("heading", name="Published")).to_be_visible()
