"""axe finds no violation on any page, light and dark, at a desk and on a phone; no page is wider than its window."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.factories import PASSWORD
from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.journeys.planning import next_month, schedule
from tests.journeys.product import Product
from tests.media import make_picture, make_video
from tests.publishing.driving import film as padded_film

# Four looks at every page take a while on two cores.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_pages_for_strangers(product: Product, open_browser: Callable[..., BrowserContext]) -> None:
    context = open_browser(product)
    inspection = Inspection(context.new_page())
    context.watch.expect(r"HTTP 404 GET .*/nowhere/$")  # type: ignore[attr-defined]
    for name, path in {
        "landing": "/",
        "sign up": "/sign/up/",
        "sign in": "/sign/in/",
        "reset": "/sign/password/reset/",
        "reset sent": "/sign/password/reset/sent/",
        "mail of this run": "/accounts/local-mail/",
        "terms": "/terms/",
        "privacy": "/privacy/",
        "data deletion": "/data-deletion/",
        "nowhere": "/nowhere/",
    }.items():
        inspection.visit(name, path)
    inspection.page.goto("/sign/in/")
    inspection.page.get_by_label("E-mail address").fill("nobody@example.com")
    inspection.page.get_by_label("Password", exact=True).fill("not the password")
    inspection.page.get_by_role("button", name="Sign in").click()
    expect(inspection.page.get_by_label("E-mail address")).to_have_value("nobody@example.com")
    inspection.look("sign in, refused")
    inspection.expect_clean()


def test_the_composer(person: Person, film: Path, tmp_path: Path) -> None:
    page = person.page
    inspection = Inspection(page)
    composer = person.start_post()
    inspection.look("no account")

    person.connect("poppy.public")
    page.reload()
    composer.pick_account("Poppy Parade")
    inspection.look("empty")

    person.upload(make_video(tmp_path / "another.mp4", seconds=4, height=720))
    composer = person.compose(film)
    composer.caption.fill("Tea at four 🫖")
    composer.comment.check()
    composer.disclose.check()
    composer.wait_until_saved()
    inspection.look("nothing indicated")
    composer.branded_content.check()
    composer.wait_until_saved()
    composer.visibility.click()
    inspection.look("list open")
    composer.option("Friends").click()
    composer.wait_until_saved()
    page.get_by_text("Choose another video").click()
    inspection.look("full")

    composer.caption.fill("a" * 2201)
    composer.wait_until_saved()
    expect(composer.button).to_be_disabled()
    inspection.look("caption too long")

    person.product.simulator.creator("poppy.public", private=True, posts_today=15)
    page.reload()
    expect(page.get_by_role("group", name="Account").get_by_role("status")).to_be_visible()
    inspection.look("blocked")
    inspection.expect_clean()


def test_the_composer_of_photos_drafts_and_covers(person: Person, film: Path, tmp_path: Path) -> None:
    page = person.page
    inspection = Inspection(page)
    person.upload(film)
    for name, kind, width in (("fog.jpg", "JPEG", 720), ("sea.jpg", "JPEG", 640), ("dune.png", "PNG", 720)):
        person.upload(make_picture(tmp_path / name, kind, size=(width, 960)))
    person.connect("poppy.public")
    composer = person.start_post()
    composer.pick_photos("fog.jpg", "sea.jpg", "dune.png")
    page.locator("#photos").get_by_role("radio").nth(1).check()
    composer.wait_until_saved()
    inspection.look("photos, one to be fixed")
    page.get_by_role("radio", name="Draft in the TikTok inbox").check()
    expect(page.get_by_text("0 of the 5 drafts that TikTok allows in 24 hours")).to_be_visible()
    inspection.look("draft of photos")
    page.get_by_role("radio", name="Video").check()
    page.locator("[data-pick]").filter(has_text=film.name).click()
    page.get_by_role("radio", name="Post", exact=False).first.check()
    page.get_by_text("Use a picture of your own").click()
    page.get_by_role("slider", name="Cover frame").fill("3000")
    composer.wait_until_saved()
    inspection.look("cover")
    inspection.expect_clean()


def test_photos_and_a_draft_that_were_sent(person: Person, film: Path, tmp_path: Path) -> None:
    page, tiktok = person.page, person.product.simulator.url
    inspection = Inspection(page, elsewhere=tiktok)
    for name, width in (("fog.jpg", 720), ("sea.jpg", 640), ("dune.jpg", 960)):
        person.upload(make_picture(tmp_path / name, "JPEG", size=(width, 960)))
    person.upload(film)
    person.connect("poppy.public")
    composer = person.start_post()
    composer.pick_photos("fog.jpg", "sea.jpg", "dune.jpg")
    page.get_by_label("Title", exact=True).fill("Three mornings")
    page.get_by_label("Description").fill("Fog, sea and dunes\n#morning")
    composer.choose("Everyone")
    composer.button.click()
    expect(page.get_by_role("link", name="See it on TikTok")).to_be_visible()
    inspection.look("a carousel that is published")
    page.get_by_role("link", name="See it on TikTok").click()
    inspection.look("a carousel on TikTok")

    composer = person.start_post()
    composer.pick_video(film.name)
    page.get_by_role("radio", name="Draft in the TikTok inbox").check()
    page.get_by_role("button", name="Send to TikTok inbox").click()
    expect(page.get_by_role("heading", name="In the creator's inbox")).to_be_visible()
    inspection.look("a draft in the inbox")
    inspection.visit("posts, a carousel and a draft", "/posts/")
    inspection.visit("the creator's inbox", f"{tiktok}/@poppy.public/inbox")
    inspection.visit("a profile with a carousel", f"{tiktok}/@poppy.public")
    inspection.expect_clean()


def test_files_on_their_way_in(person: Person, tmp_path: Path) -> None:
    page = person.page
    page.on("dialog", lambda dialog: dialog.accept())
    inspection = Inspection(page)
    large = padded_film(tmp_path, pad_to=40_000_000)
    notes = tmp_path / "notes.mp4"
    notes.write_text("no video at all " * 200)
    page.goto("/library/")
    network = page.context.new_cdp_session(page)
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    network.send("Network.emulateNetworkConditions", line)
    page.set_input_files("#upload-file", [notes, large])
    expect(page.locator(".upload-line", has_text=notes.name)).to_contain_text("This is a text file")
    expect(page.get_by_role("progressbar", name=large.name)).to_be_visible()
    inspection.look("uploads, one under way and one refused")
    page.get_by_role("button", name=f"Pause {large.name}").click()
    expect(page.locator(".upload-line", has_text=large.name).filter(visible=True)).to_contain_text("Paused.")
    inspection.look("uploads, one paused")
    page.reload()
    expect(page.locator("#arrivals").get_by_text(large.name).first).to_be_visible()
    inspection.look("an upload that is not finished, on another day")
    inspection.expect_clean()


def test_a_fix_under_way(person: Person, tmp_path: Path) -> None:
    page = person.page
    # Too few frames a second; there are enough of them to keep a processor busy while one looks.
    slow = make_video(tmp_path / "slow.mp4", width=1080, height=1920, fps=10, seconds=40, audio=False)
    key = person.upload(slow)
    inspection = Inspection(page)
    page.goto(f"/library/{key}/")
    page.get_by_role("button", name="Convert to MP4 (H.264)").click()
    fix = page.locator("#fix")
    expect(fix).to_have_attribute("data-state", "running")
    expect(fix.get_by_role("progressbar", name="Made so far")).to_be_visible()
    inspection.look("a fix under way")
    expect(fix).to_have_attribute("data-state", "running")
    fix.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. The original is as it was.")).to_be_visible()
    inspection.look("a fix that was stopped")
    inspection.expect_clean()


def test_accounts_and_posts(person: Person, film: Path) -> None:
    page, simulator = person.page, person.product.simulator
    inspection = Inspection(page)
    inspection.visit("posts, no account", "/posts/")
    inspection.visit("accounts, none", "/accounts/")
    person.connect("lena.limit")
    person.connect("poppy.public")
    inspection.visit("posts, none", "/posts/")
    inspection.visit("accounts", "/accounts/")
    page.get_by_role("link", name="Disconnect Poppy Parade").click()
    inspection.look("disconnect")
    inspection.visit("e-mail", "/sign/email/")
    inspection.visit("password", "/sign/password/change/")
    inspection.visit("a confirmation that ended", "/sign/email/confirm/ended/")

    addresses = {
        "Failed": post(
            person, film, "Failed", {"on": "status", "kind": "fail_reason", "reason": "spam_risk"}
        ),
        "Published": post(person, film, "Published"),
        "TikTok is processing": post(
            person, film, "TikTok is processing", {"on": "status", "kind": "stuck", "times": None}
        ),
    }
    for name, address in addresses.items():
        inspection.visit(name, address)
    person.start_post()
    inspection.visit("posts", "/posts/")
    page.get_by_role("link", name="Notifications 2 unread").click()
    expect(page.get_by_role("heading", name="is published")).to_be_visible()
    inspection.look("notifications")
    failed = page.get_by_role("listitem").filter(has_text="failed")
    failed.get_by_role("button", name="Open the post").click()
    expect(page).to_have_url(addresses["Failed"])
    expect(page.get_by_role("link", name="Notifications 1 unread")).to_be_visible()
    inspection.visit("e-mail settings", "/settings/notifications/")
    inspection.expect_clean()
    simulator.clear_faults()


def test_the_calendar(person: Person, film: Path) -> None:
    page, first = person.page, next_month()
    inspection = Inspection(page)
    person.connect("poppy.public")
    inspection.visit("calendar, nothing planned", f"/calendar/?day={first}")
    page.goto("/calendar/")
    # On the last days of a month today is also among the days outside the next one.
    page.locator(".day[data-today]").evaluate("day => { day.dataset.outside = '' }")
    inspection.look("today outside the month shown")
    monday = first + timedelta(days=(7 - first.weekday()) % 7)
    for minute, caption in (("00", "Fog over the harbour"), ("05", "The same fog once more")):
        schedule(person, film, monday, f"18:{minute}", caption)
    inspection.visit("a month with warnings", f"/calendar/?day={monday}")
    expect(page.get_by_text("Poppy Parade: posts only 5 min apart.").first).to_be_visible()
    page.goto(f"/calendar/?view=week&day={monday}")
    page.get_by_role("button", name="Pick up Fog over the harbour").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("Enter")
    inspection.look("a week in which a post was moved and is picked up again")
    move = page.get_by_role("link", name="Move… Fog over the harbour")
    address = move.get_attribute("href")
    move.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspection.look("the dialog of a move")
    assert address
    inspection.visit("a move on a page of its own", address)
    inspection.visit("a day", f"/calendar/?view=day&day={monday}")
    inspection.expect_clean()


def test_an_account_that_is_connected_elsewhere(
    person: Person, product: Product, open_browser: Callable[..., BrowserContext]
) -> None:
    person.connect("poppy.public")
    colleague = Person(product, open_browser(product))
    colleague.sign_up()
    address = colleague.connect("poppy.public")
    inspection = Inspection(colleague.page)
    inspection.visit("the offer to move it", address)
    expect(colleague.page.get_by_role("heading", name="Move this account here?")).to_be_visible()
    colleague.page.get_by_role("button", name="Move it here").click()
    expect(colleague.page.get_by_role("list").filter(has_text="Poppy Parade")).to_be_visible()
    inspection.look("moved here")
    inspection.expect_clean()

    left_behind = Inspection(person.page)
    left_behind.visit("moved away", "/accounts/")
    expect(person.page.get_by_role("button", name="Connect TikTok account").first).to_be_visible()
    stranger = open_browser(product).new_page()
    left_behind.page = stranger
    expect(unsubscribe_link(stranger, person.email)).to_be_visible()
    unsubscribe_link(stranger, person.email).click()
    left_behind.look("a link that ends mails")
    stranger.get_by_role("button", name="Turn it off").click()
    expect(stranger.get_by_role("status")).to_contain_text(person.email)
    left_behind.expect_clean()


def unsubscribe_link(page: Page, email: str) -> Locator:
    """In the mail that says that an account was moved, once it is there: the worker sends it within seconds."""
    mail = page.get_by_role("listitem").filter(has_text=email).filter(has_text="moved to another workspace")
    for _ in range(30):
        page.goto("/accounts/local-mail/")
        if mail.count():
            break
        page.wait_for_timeout(500)
    return mail.get_by_role("link", name="/notifications/unsubscribe/").first


def test_an_address_that_is_being_confirmed(person: Person) -> None:
    page = person.page
    inspection = Inspection(page)
    page.goto("/sign/email/")
    page.get_by_label("New e-mail address").fill(f"new-{person.email}")
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    inspection.look("the password once more")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Not confirmed")).to_be_visible()
    inspection.look("waiting for the link")
    page.goto("/accounts/local-mail/")
    mail = page.get_by_role("listitem").filter(has_text=f"new-{person.email}")
    inspection.look("the mail")
    mail.get_by_role("link", name="/sign/email/confirm/").first.click()
    expect(page.get_by_role("heading", name="Confirm your e-mail address")).to_be_visible()
    expect(page.get_by_text(f"Is new-{person.email} yours?")).to_be_visible()
    inspection.look("a link that works")
    page.get_by_role("button", name="Yes, confirm it").click()
    expect(page.get_by_role("button", name="Yes, confirm it")).to_be_hidden()
    inspection.look("confirmed")
    inspection.expect_clean()


def test_a_post_on_its_way(person: Person, tmp_path: Path) -> None:
    simulator = person.product.simulator
    person.connect("poppy.public")
    # Seven chunks: it stays on its way for as long as the looks take.
    simulator.fault("chunk", "slow", seconds=6, times=None)
    composer = person.start_post()
    page = composer.page
    page.get_by_label("Choose files").set_input_files(padded_film(tmp_path, pad_to=70_000_000))
    expect(page.get_by_label(re.compile("^Preview of "))).to_be_visible()
    composer.wait_until_saved()
    composer.choose("Friends")
    composer.button.click()
    sending = page.get_by_role("heading", name=re.compile(r"^Sending [1-9]\d? %$"))
    expect(sending).to_be_visible()
    inspection = Inspection(page)
    inspection.look("sending")
    inspection.visit("posts, one of them sending", "/posts/")
    expect(page.get_by_text(re.compile("Sending"))).to_be_visible()
    page.go_back()
    expect(sending).to_be_visible()
    page.get_by_role("button", name="Cancel this post").click()
    expect(page.get_by_role("heading", name="Cancelled", exact=True)).to_be_visible()
    inspection.look("cancelled")
    simulator.clear_faults()
    inspection.expect_clean()


def post(person: Person, film: Path, heading: str, *faults: dict[str, object]) -> str:
    """A post of poppy's that has come to that heading; returns the address of its page."""
    for fault in faults:
        person.product.simulator.fault(**fault)  # type: ignore[arg-type]
    composer = person.compose(film)
    composer.pick_account("Poppy Parade")
    composer.choose("Everyone")
    composer.button.click()
    expect(composer.page.get_by_role("heading", name=heading)).to_be_visible()
    if heading == "Published":
        expect(composer.page.get_by_role("link", name="See it on TikTok")).to_be_visible()
    return composer.page.url


def test_the_simulated_tiktok(person: Person, film: Path) -> None:
    tiktok = person.product.simulator.url
    person.connect("poppy.public")
    post(person, film, "Published")
    inspection = Inspection(person.page, elsewhere=tiktok)
    inspection.visit("creators", f"{tiktok}/")
    inspection.visit("profile", f"{tiktok}/@poppy.public")
    person.page.get_by_role("link", name="Open post").click()
    inspection.look("post")
    inspection.visit("profile without posts", f"{tiktok}/@priya.private")
    inspection.visit("faults", f"{tiktok}/_simulator/")
    person.page.goto("/accounts/")
    person.page.get_by_role("button", name="Connect TikTok account").click()
    expect(person.page.get_by_role("heading", name="Greenroom wants to use your account")).to_be_visible()
    inspection.look("consent")
    inspection.expect_clean()
