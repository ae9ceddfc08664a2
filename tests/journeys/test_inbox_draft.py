"""A draft sent to the creator's TikTok inbox and finished there: one draft, and never a post in its place."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Composer, Person
from tests.journeys.product import Product
from tests.journeys.test_from_sign_up_to_the_profile import sha256
from tests.journeys.test_photos_by_hand import make_jpeg, shown

pytestmark = pytest.mark.browser

# The worker asks after ten seconds (PUBLISHING_INBOX_POLL_SECONDS, tests/journeys/product.py), then ever more rarely.
PUBLISHED_MS = 60_000
ALONE = "A draft takes the video alone. TikTok carries no caption, no cover frame, no visibility"
PHOTOS_ONLY = (
    "A draft takes the photos, their cover, the title and the description. TikTok carries no visibility"
)
FINISH = "Nothing is public until they tap it, finish the draft and post it there."
OLD_APP = "For photos their TikTok app must be version 31.8 or newer."
USED = "{} of the 5 drafts that TikTok allows in 24 hours {} waiting in Poppy Parade's inbox."


def choose_inbox(composer: Composer, *, terms: str, used: int) -> None:
    """The choice says what it cannot carry, who finishes it, and how many drafts wait already."""
    page = composer.page
    page.get_by_label("Draft in the TikTok inbox").check()
    expect(page.locator("#inbox-terms")).to_contain_text(terms)
    expect(page.locator("#inbox-terms")).to_contain_text(USED.format(used, "is" if used == 1 else "are"))
    expect(page.locator("#processing-notice")).to_contain_text(FINISH)
    # Neither asked for nor shown: a draft has none of it.
    for control in (composer.visibility, composer.comment, composer.disclose):
        expect(control).to_be_hidden()


def send(composer: Composer) -> None:
    """To the inbox, where it rests; nothing is out."""
    page = composer.page
    page.get_by_role("button", name="Send to TikTok inbox").click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    expect_state(page, "in_inbox")
    expect(page.get_by_role("heading", name="In the creator's inbox", level=2)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(
        "The creator opens the notification in the TikTok app to finish and post it."
    )


def expect_state(page: Page, state: str, *, timeout: float | None = None) -> None:
    expect(page.locator("[id^=post-progress-]")).to_have_attribute("data-state", state, timeout=timeout)


def tap_in_the_app(person: Person, audience: str) -> None:
    """The creator, in another window: opens the inbox and posts the only draft there."""
    window = person.context.new_page()
    window.goto(f"{person.product.simulator.url}/@poppy.public")
    window.get_by_role("link", name="Inbox (1 from apps)").click()
    expect(window.get_by_text("Not posted yet.")).to_be_visible()
    window.get_by_label("Who can view").select_option(audience)
    window.get_by_role("button", name="Post it").click()
    expect(window.get_by_text("Posted once:")).to_be_visible()
    window.close()


def only_draft(product: Product, **wanted: object) -> dict[str, Any]:
    """The one thing that came to TikTok, which is a draft and like this."""
    [post] = product.posts()
    wanted = {"creator": "poppy.public", "mode": "inbox"} | wanted
    assert {name: post[name] for name in wanted} == wanted
    return post


def test_a_video_is_finished_in_the_app_and_published_by_itself(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    page = composer.page
    composer.caption.fill("Kept for a direct post")
    composer.wait_until_saved()
    choose_inbox(composer, terms=ALONE, used=0)
    expect(composer.caption).to_be_hidden()
    send(composer)

    post = only_draft(
        person.product,
        kind="video",
        source="FILE_UPLOAD",
        status="SEND_TO_USER_INBOX",
        sha256=sha256(film),
        title="",
        privacy_level="",
        landings=[],
    )
    tap_in_the_app(person, "Friends")
    # Nobody reloads.
    expect_state(page, "published", timeout=PUBLISHED_MS)
    expect(page.get_by_role("heading", name="Published", level=2)).to_be_visible()
    after = only_draft(person.product, publish_id=post["publish_id"], status="PUBLISH_COMPLETE")
    assert [landing["privacy_level"] for landing in after["landings"]] == ["MUTUAL_FOLLOW_FRIENDS"]
    assert person.product.simulator.calls("inbox_init") == 1
    assert person.product.simulator.calls("video_init") == 0


def test_photos_are_finished_in_the_app_and_published_by_themselves(person: Person, tmp_path: Path) -> None:
    pictures = [make_jpeg(tmp_path / "fog.jpg", "slategray"), make_jpeg(tmp_path / "sea.jpg", "teal")]
    person.connect("poppy.public")
    for picture in pictures:
        person.upload(picture)
    composer = person.start_post()
    page = composer.page
    composer.pick_photos("fog.jpg", "sea.jpg")
    page.get_by_label("Title", exact=True).fill("Two mornings")
    page.get_by_label("Description").fill("Fog, then sea #morning")
    composer.wait_until_saved()
    choose_inbox(composer, terms=PHOTOS_ONLY, used=0)
    expect(page.locator("#processing-notice")).to_contain_text(OLD_APP)
    # These do travel.
    expect(page.get_by_label("Title", exact=True)).to_have_value("Two mornings")
    expect(page.get_by_label("Description")).to_have_value("Fog, then sea #morning")
    assert shown(page) == ["fog.jpg", "sea.jpg"]
    send(composer)

    post = only_draft(
        person.product,
        kind="photo",
        source="PULL_FROM_URL",
        status="SEND_TO_USER_INBOX",
        title="Two mornings",
        description="Fog, then sea #morning",
        cover_index=0,
        privacy_level="",
        landings=[],
    )
    hashes = [hashlib.sha256(picture.read_bytes()).hexdigest() for picture in pictures]
    assert [photo["sha256"] for photo in post["photos"]] == hashes
    tap_in_the_app(person, "Everyone")
    expect_state(page, "published", timeout=PUBLISHED_MS)
    after = only_draft(person.product, publish_id=post["publish_id"], status="PUBLISH_COMPLETE")
    assert [landing["privacy_level"] for landing in after["landings"]] == ["PUBLIC_TO_EVERYONE"]
    page.get_by_role("link", name="See it on TikTok").click(timeout=PUBLISHED_MS)
    expect(page.get_by_role("heading", name="Two mornings", level=1)).to_be_visible()
    assert person.product.simulator.calls("content_init") == 1


@pytest.mark.timeout(300)
def test_a_sixth_draft_is_refused_plainly_as_long_as_five_wait(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    simulator = person.product.simulator
    person.upload(film)
    for used in range(5):
        composer = person.start_post()
        composer.pick_video(film.name)
        choose_inbox(composer, terms=ALONE, used=used)
        send(composer)
    composer = person.start_post()
    page = composer.page
    composer.pick_video(film.name)
    page.get_by_label("Draft in the TikTok inbox").check()
    expect(page.locator("#inbox-terms")).to_contain_text(
        "The 5 drafts that TikTok allows in 24 hours are all waiting in Poppy Parade's inbox. "
        "Post or discard some in the TikTok app, or wait until"
    )
    page.get_by_role("button", name="Send to TikTok inbox").click()
    expect_state(page, "held")
    expect(page.get_by_role("main")).to_contain_text("Too many drafts wait in the TikTok inbox")
    expect(page.get_by_role("main")).to_contain_text("Nothing was sent to the inbox.")
    assert simulator.calls("inbox_init") == 5
    assert [post["status"] for post in simulator.posts()] == ["SEND_TO_USER_INBOX"] * 5
    # Nor did it become a direct post.
    assert simulator.calls("video_init") == 0

    # The creator posts one in the app, and there is room for another.
    simulator.tap(simulator.posts()[0]["publish_id"])
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.goto("/posts/")
    expect(page.locator("[data-state=published]").first).to_be_visible(timeout=PUBLISHED_MS)
    composer = person.start_post()
    composer.pick_video(film.name)
    choose_inbox(composer, terms=ALONE, used=4)
    assert [post["mode"] for post in simulator.posts()] == ["inbox"] * 5
