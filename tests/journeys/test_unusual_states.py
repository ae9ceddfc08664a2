"""Pages on a bad day: posts that rest or wait, refused values, and the machinery away; under axe."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from playwright.sync_api import BrowserContext, expect

from config.context import installation
from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.journeys.planting import plant
from tests.journeys.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

HOUR = 3600
# Five calls without an answer, with growing gaps between them.
PATIENCE_MS = 90_000


def test_posts_that_wait_for_a_person(person: Person, film: Path) -> None:
    page, simulator = person.page, person.product.simulator
    media = person.upload(film)
    for username in ("poppy.public", "dana.noduet", "casey.nocomments"):
        person.connect(username)
    simulator.revoke("dana.noduet")
    simulator.creator("casey.nocomments", private=True)
    simulator.fault("status", "status_word", word="PUBLISH_PONDERING", times=None)
    missed, cut_off, changed, unsure = plant(
        person,
        media,
        {"username": "poppy.public", "caption": "The boats come in", "due_in": -3 * HOUR},
        {"username": "dana.noduet", "caption": "Nets on the quay"},
        {"username": "casey.nocomments", "caption": "Gulls"},
        {
            "username": "poppy.public",
            "caption": "Fog over the harbour, an hour before the first boats came in",
        },
    )
    inspection = Inspection(page)
    for name, key, heading in (
        ("missed", missed, "Held"),
        ("held by a rule", changed, "Held"),
        ("needs reconnecting", cut_off, "Needs reconnecting"),
        ("unconfirmed", unsure, "Unconfirmed"),
    ):
        page.goto(f"/posts/{key}/")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        inspection.look(f"a post, {name}")
    page.get_by_role("link", name="It is on TikTok").click()
    inspection.look("it is there")
    inspection.visit("send it again", f"/posts/{unsure}/send-again/")
    inspection.visit("another time", f"/posts/{missed}/reschedule/")
    inspection.visit("a copy for another account", f"/posts/{missed}/copy/")
    inspection.visit("posts that need somebody", "/posts/")
    inspection.visit("an account that needs reconnecting", "/accounts/")
    inspection.expect_clean()
    simulator.clear_faults()


def test_no_room_for_another_post(person: Person, film: Path) -> None:
    page, simulator = person.page, person.product.simulator
    media = person.upload(film)
    person.connect("lena.limit")
    person.connect("poppy.public")
    simulator.creator("poppy.public", posts_today=15)
    [waiting] = plant(person, media, {"username": "poppy.public", "caption": "The sixteenth"})
    inspection = Inspection(page)
    page.goto(f"/posts/{waiting}/")
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    inspection.look("a post, waiting its turn")
    page.goto("/accounts/")
    expect(page.get_by_role("button", name="Try now")).to_be_visible()
    inspection.look("an account that rests")
    composer = person.start_post()
    composer.pick_account("Poppy Parade")
    expect(page.get_by_text("TikTok takes no more posts for this account right now.")).to_be_visible()
    inspection.look("composer, an account that rests")
    inspection.visit("calendar, a day without room", "/calendar/?view=day")
    inspection.expect_clean()


def test_tiktok_does_not_answer(person: Person, film: Path) -> None:
    page, simulator = person.page, person.product.simulator
    media = person.upload(film)
    person.connect("dana.noduet")
    person.connect("poppy.public")
    simulator.fault("creator_info", "http", status=503, times=None)
    _, waiting = plant(
        person,
        media,
        {"username": "dana.noduet", "caption": "Nets on the quay"},
        {"username": "poppy.public", "caption": "The boats come in"},
    )
    inspection = Inspection(page)
    page.goto(f"/posts/{waiting}/")
    expect(page.get_by_role("heading", name="TikTok does not answer")).to_be_visible(timeout=PATIENCE_MS)
    inspection.look("a post, TikTok does not answer")
    inspection.visit("posts, TikTok does not answer", "/posts/")
    composer = person.start_post()
    composer.pick_account("Poppy Parade")
    inspection.look("composer, TikTok does not answer")
    inspection.expect_clean()
    simulator.clear_faults()


@contextmanager
def nothing_sends(product: Product) -> Iterator[None]:
    """The worker stands still, and was last heard of five minutes ago."""
    workers = product.workers()
    assert workers
    try:
        with closing(sqlite3.connect(product.database_path, timeout=20)) as database, database:
            # While we write, no worker does: none stops with the database in its hands.
            database.execute("BEGIN IMMEDIATE")
            for process in workers:
                process.suspend()
            earlier = (datetime.now(UTC) - timedelta(minutes=5)).replace(tzinfo=None)
            database.execute("UPDATE publishing_pulse SET at = ?", [earlier.isoformat(sep=" ")])
        yield
    finally:
        for process in workers:
            process.resume()


def test_nothing_is_sent(person: Person, film: Path) -> None:
    page = person.page
    media = person.upload(film)
    person.connect("poppy.public")
    inspection = Inspection(page)
    with nothing_sends(person.product):
        [waiting] = plant(person, media, {"username": "poppy.public", "caption": "The boats come in"})
        page.goto(f"/posts/{waiting}/")
        expect(page.get_by_text("Nothing is being sent right now.")).to_be_visible()
        inspection.look("a post, nothing is being sent")
        inspection.visit("posts, nothing is being sent", "/posts/")
        person.start_post().wait_until_saved()
        inspection.look("composer, nothing is being sent")
    expect(page.get_by_text("Nothing is being sent right now.")).to_be_hidden()
    inspection.expect_clean()


def test_refused(person: Person) -> None:
    page = person.page
    inspection = Inspection(page)
    for pattern in (r"HTTP 422 POST", r"HTTP 403 POST", r"HTTP 404 GET"):
        person.context.watch.expect(pattern)  # type: ignore[attr-defined]
    page.goto("/accounts/settings/")
    # An option that is none of the list's, as an old page would send it.
    page.get_by_label("may go out at most").evaluate("list => { list.options[0].value = '7' }")
    page.get_by_label("may go out at most").select_option("7")
    page.locator("form", has=page.get_by_label("may go out at most")).get_by_role("button").click()
    expect(page.locator(".field__error").or_(page.get_by_role("alert")).first).to_be_visible()
    inspection.look("settings, a value refused")
    page.goto("/your-data/delete/")
    page.get_by_label("Your password").fill("not the password")
    page.get_by_label("Delete my account and everything listed above").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator(".field__error").or_(page.get_by_role("alert")).first).to_be_visible()
    inspection.look("deleting, the password is wrong")
    inspection.visit("notifications, none", "/notifications/")
    inspection.visit("nowhere, signed in", "/posts/999999/")
    page.goto("/accounts/settings/")
    page.locator("[name=csrfmiddlewaretoken]").evaluate_all(
        "fields => fields.forEach(f => { f.value = 'x' })"
    )
    page.locator("form", has=page.get_by_label("Time zone")).get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    inspection.look("a form that has expired")
    inspection.expect_clean()


def test_a_forgotten_password(
    person: Person, product: Product, open_browser: Callable[..., BrowserContext]
) -> None:
    page = open_browser(product).new_page()
    inspection = Inspection(page)
    page.goto("/sign/password/reset/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    page.goto("/accounts/local-mail/")
    mail = page.get_by_role("listitem").filter(has_text=person.email)
    address = mail.get_by_role("link", name="/sign/password/").first.get_attribute("href")
    assert address
    page.goto(address)
    page.get_by_label("New password", exact=True).fill("password1234")
    page.get_by_label("New password (again)").fill("password1234")
    page.get_by_role("button", name="Save the new password").click()
    expect(page.locator(".field__error").first).to_be_visible()
    inspection.look("a new password, refused")
    inspection.visit("a reset link that ended", "/sign/password/reset/key/1-never-was/")
    inspection.expect_clean()


@pytest.mark.parametrize("page_of", ["400.html", "403.html", "429.html", "500.html"])
def test_a_page_for_what_went_wrong(
    page_of: str, product: Product, open_browser: Callable[..., BrowserContext]
) -> None:
    """As the product would answer, with its own styles; nobody can make it answer so on purpose."""
    context = open_browser(product)
    # axe reads the unbundled styles anew, and looks for what they import beside the page.
    for pattern in (r"HTTP 404 GET \S+/went-wrong/ui/", r"Failed to load resource"):
        context.watch.expect(pattern)  # type: ignore[attr-defined]
    page = context.new_page()
    words = render_to_string(page_of, installation(HttpRequest()))
    page.route("**/went-wrong/", lambda route: route.fulfill(content_type="text/html", body=words))
    inspection = Inspection(page)
    page.goto("/went-wrong/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    inspection.look(page_of)
    inspection.expect_clean()
