"""The library at a browser: a film it cannot play is seen, converted and posted; files are found and deleted."""

import hashlib
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.inspection import Inspection
from tests.journeys.people import Person
from tests.media import make_video

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NO_PICTURE = "This browser cannot play this kind of video."


@pytest.fixture(scope="session")
def phone_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a phone makes: H.265 in a MOV, of which this browser shows nothing."""
    return make_video(
        tmp_path_factory.mktemp("phone") / "phone.mov", codec="hevc", container="mov", seconds=4, audio=False
    )


@pytest.fixture(scope="session")
def screenshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PNG that is too large for TikTok."""
    path = tmp_path_factory.mktemp("pictures") / "screenshot.png"
    Image.linear_gradient("L").resize((1170, 2532)).convert("RGB").save(path)
    return path


def open_file(page: Page, name: str) -> None:
    page.goto("/library/")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def wait_for_picture(page: Page, width: int) -> None:
    """Until the frame that was asked for last has come, and is one."""
    page.wait_for_function(
        "width => { const frame = document.querySelector('[data-frame]');"
        " return frame.complete && frame.naturalWidth === width && !('loading' in frame.dataset); }",
        arg=width,
    )


def sha256_of(person: Person, address: str) -> str:
    return hashlib.sha256(person.context.request.get(address).body()).hexdigest()


def test_an_hevc_film_is_seen_converted_and_posted(person: Person, phone_film: Path) -> None:
    page = person.page
    person.connect("poppy.public")
    person.upload(phone_film)
    open_file(page, "phone.mov")
    original = page.url

    # The browser shows nothing of it: our server does.
    expect(page.get_by_text(NO_PICTURE)).to_be_visible()
    expect(page.locator("video")).to_be_hidden()
    frame = page.locator("[data-frame]")
    wait_for_picture(page, 360)
    moment = page.get_by_role("slider", name="Moment")
    moment.focus()
    for _ in range(3):
        moment.press("ArrowRight")
    expect(page.get_by_text("0.10 s")).to_be_visible()
    expect(frame).to_have_attribute("src", re.compile(r"/frame/\?at=99$"))
    page.get_by_role("button", name="Frame on").click()
    expect(frame).to_have_attribute("src", re.compile(r"/frame/\?at=132$"))
    wait_for_picture(page, 360)

    # Nor does the composer leave one wondering.
    composer = person.start_post()
    composer.pick_video("phone.mov")
    expect(page.get_by_text(NO_PICTURE)).to_be_visible()
    composer.caption.fill("Seen at the beach")  # an answer to a save keeps the note
    composer.wait_until_saved()
    expect(page.get_by_text(NO_PICTURE)).to_be_visible()
    expect(page.get_by_role("link", name="Look at its single frames")).to_have_attribute(
        "href", original.removeprefix(person.product.url)
    )

    page.goto(original)
    page.get_by_role("button", name="Convert to MP4 (H.264)").click()
    expect(page).to_have_url(re.compile("#fix$"))
    page.reload()  # what goes on does not depend on the page
    expect(page.get_by_role("heading", name="The new file is ready to look at")).to_be_visible(timeout=60_000)
    player = page.locator(".compare__side").nth(1).locator("video")
    page.wait_for_function("() => document.querySelectorAll('video')[1]?.videoWidth === 360")
    expect(player).to_be_visible()
    page.get_by_role("button", name="Use this").click()
    expect(page.get_by_role("heading", level=1, name="phone.mp4")).to_be_visible()
    expect(page.get_by_role("link", name="phone.mov")).to_be_visible()
    made = sha256_of(person, f"{page.url}file/")
    # The original is as it was.
    assert (
        sha256_of(person, f"{original.split('#')[0]}file/")
        == hashlib.sha256(phone_film.read_bytes()).hexdigest()
    )

    composer = person.start_post()
    composer.pick_video("phone.mp4")
    expect(page.get_by_text(NO_PICTURE)).to_be_hidden()
    composer.choose("Everyone")
    composer.button.click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible(timeout=60_000)
    (post,) = person.product.posts()
    assert post["sha256"] == made

    # What was sent may go now, and its page says where it was used.
    open_file(page, "phone.mp4")
    expect(page.get_by_role("heading", name="Posts", exact=True)).to_be_visible()


def test_a_picture_is_mended_discarded_and_mended_again(person: Person, screenshot: Path) -> None:
    page = person.page
    person.upload(screenshot)
    open_file(page, "screenshot.png")
    expect(page.get_by_text("TikTok does not take this file as it is.")).to_be_visible()
    for press in ("Discard the new file", "Use this"):
        page.get_by_role("button", name="Make a JPEG TikTok takes").click()
        page.get_by_role("button", name=press).click(timeout=60_000)
    expect(page.get_by_role("heading", level=1, name="screenshot.jpg")).to_be_visible()
    expect(page.get_by_text("1080 × 2337 pixels")).to_be_visible()  # noqa: RUF001
    expect(page.locator(".media-preview__picture")).to_be_visible()


def test_files_are_found_chosen_and_deleted(
    person: Person, film: Path, phone_film: Path, screenshot: Path
) -> None:
    page = person.page
    person.connect("poppy.public")
    composer = person.compose(film)
    composer.caption.fill("Sunday plans")
    composer.wait_until_saved()
    person.upload(screenshot)
    page.goto("/library/")
    cards = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(cards).to_have_count(2)

    page.get_by_role("searchbox", name="Search by name").fill("DANCE")
    expect(cards).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/library/\?q=DANCE$"))
    page.reload()
    expect(cards).to_have_count(1)
    page.get_by_role("searchbox", name="Search by name").fill("")
    expect(cards).to_have_count(2)

    delete = page.get_by_role("button", name=re.compile("^Delete"))
    expect(delete).to_be_disabled()
    page.get_by_role("checkbox", name="Choose street dance.mp4").press("Space")
    # A file that arrives meanwhile shows itself and leaves the choice alone.
    person.upload(phone_film)
    page.evaluate("document.dispatchEvent(new CustomEvent('greenroom:media', {detail: {}}))")
    expect(cards).to_have_count(3)
    expect(page.get_by_role("button", name="Delete 1 file")).to_be_visible()
    page.get_by_role("checkbox", name="Choose screenshot.png").check()
    page.get_by_role("button", name="Delete 2 files").click()
    expect(page.get_by_role("heading", name="Delete 2 files?")).to_be_visible()
    expect(page.get_by_role("link", name="Sunday plans")).to_be_visible()
    page.get_by_role("button", name="Delete and change the drafts").click()
    expect(page.get_by_text("2 files are deleted.")).to_be_visible()
    expect(cards).to_have_count(1)

    page.goto("/posts/")
    page.get_by_role("link", name="Sunday plans").click()
    expect(composer.caption).to_have_value("Sunday plans")
    expect(page.locator("video")).to_have_count(0)


def test_axe_finds_nothing(person: Person, film: Path, phone_film: Path, screenshot: Path) -> None:
    page = person.page
    inspection = Inspection(page)
    inspection.visit("library, empty", "/library/")
    for file in (film, phone_film, screenshot):
        person.upload(file)
    inspection.visit("library", "/library/")
    page.get_by_role("checkbox", name="Choose street dance.mp4").check()
    inspection.look("library, one chosen")
    page.get_by_role("button", name="Delete 1 file").click()
    inspection.look("deleting")
    inspection.visit("library, nothing found", "/library/?q=nowhere")
    open_file(page, "phone.mov")
    expect(page.get_by_text(NO_PICTURE)).to_be_visible()
    inspection.look("a film the browser cannot play")
    open_file(page, "street dance.mp4")
    inspection.look("a film")
    open_file(page, "screenshot.png")
    inspection.look("a picture that needs a fix")
    page.get_by_role("button", name="Make a JPEG TikTok takes").click()
    expect(page.get_by_role("button", name="Use this")).to_be_visible(timeout=60_000)
    inspection.look("both side by side")
    inspection.expect_clean()
