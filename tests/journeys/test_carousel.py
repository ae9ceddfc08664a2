"""Photos as a newcomer posts them: one mended, all put in order, and fetched by TikTok byte for byte as chosen."""

import hashlib
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.journeys.people import Composer, Person
from tests.journeys.product import Product
from tests.journeys.test_from_sign_up_to_the_profile import expect_true, wait_until_published
from tests.journeys.test_photos_by_hand import drag, photo, shown

pytestmark = pytest.mark.browser

TITLE = "Four mornings 🌫"
DESCRIPTION = "Fog, sea, dunes\nand a map of them #morning"
FIX_MS = 60_000


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three that TikTok takes, and one that it does not: a PNG, and too large."""
    folder = tmp_path_factory.mktemp("pictures")
    Image.new("RGB", (720, 960), "slategray").save(folder / "fog.jpg")
    Image.new("RGB", (1080, 810), "teal").save(folder / "sea.webp")
    Image.new("RGB", (600, 600), "goldenrod").save(folder / "dune.jpg")
    Image.linear_gradient("L").resize((1170, 2532)).convert("RGB").save(folder / "map.png")
    return [folder / name for name in ("fog.jpg", "sea.webp", "dune.jpg", "map.png")]


def test_a_newcomer_sees_the_carousel_on_the_profile(
    product: Product, person: Person, pictures: list[Path]
) -> None:
    person.connect("poppy.public")
    composer = person.start_post()
    page = composer.page

    page.set_input_files("#upload-file", pictures)
    expect(page.locator("#photos .photo__name")).to_have_count(4)
    arrived = shown(page)
    assert sorted(arrived) == ["dune.jpg", "fog.jpg", "map.png", "sea.webp"]

    mend(composer, "map.png")
    start = [name.replace("map.png", "map.jpg") for name in arrived]
    assert shown(page) == start
    expect_true(photo(page, "map.jpg").locator("img"), "image => image.complete && image.naturalWidth > 0")

    first, second, third, last = start
    # Both rows of them are to be seen.
    page.locator("#photos").evaluate("photos => photos.scrollIntoView({ block: 'start' })")
    drag(page, photo(page, last), photo(page, first))
    expect(page.locator("#photos-said")).to_have_text(f"{last} is now photo 1 of 4.")
    assert shown(page) == [last, first, second, third]
    right = page.get_by_role("button", name=f"Move {last} right")
    right.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#photos-said")).to_have_text(f"{last} is now photo 2 of 4.")
    order = [first, last, second, third]
    assert shown(page) == order
    cover_of(page, second).check(force=True)

    expect(composer.button).to_be_disabled()
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_label("Description").fill(DESCRIPTION)
    composer.choose("Everyone")
    expect(composer.duet).to_have_count(0)
    expect(composer.stitch).to_have_count(0)
    composer.comment.check()
    composer.wait_until_saved()
    page.reload()
    expect_kept(composer, order, cover=second)
    sent = sent_bytes(page, order)

    composer.button.click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    wait_until_published(page)
    expect_received(product, [hashlib.sha256(content).hexdigest() for content in sent])

    page.get_by_role("link", name="See it on TikTok").click()
    expect_on_profile(page, sent)


def cover_of(page: Page, name: str) -> Locator:
    """What makes this photo the cover; its label lies over it."""
    return photo(page, name).get_by_role("radio", name="Cover")


def mend(composer: Composer, name: str) -> None:
    """The one that is marked is mended by one button, looked at, and used; back in the composer."""
    page = composer.page
    composer.wait_until_saved()
    bad = page.locator("#photos [data-bad]")
    expect(bad).to_have_count(1)
    expect(bad).to_have_attribute("data-name", name)
    expect(composer.reasons).to_contain_text(name)
    draft = page.url.split("#")[0]
    bad.get_by_role("link", name=f"Fix {name}").click()

    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.get_by_text("TikTok does not take this file as it is.")).to_be_visible()
    page.get_by_role("button", name="Make a JPEG TikTok takes").click()
    expect(page.get_by_role("heading", name="The new file is ready to look at")).to_be_visible(timeout=FIX_MS)
    sides = page.locator(".compare__side")
    expect(sides).to_have_count(2)
    expect(sides.nth(0)).to_contain_text("1170 × 2532 pixels")  # noqa: RUF001
    expect(sides.nth(1)).to_contain_text("1080 × 2337 pixels")  # noqa: RUF001
    for number, width in enumerate((1170, 1080)):
        picture = sides.nth(number).locator("img").first
        expect_true(picture, f"image => image.complete && image.naturalWidth === {width}")
    page.get_by_role("button", name="Use this").click()

    expect(page).to_have_url(re.compile(re.escape(draft)))
    expect(page.locator("#photos [data-photo]")).to_have_count(4)
    expect(page.locator("#photos [data-bad]")).to_have_count(0)


def expect_kept(composer: Composer, order: list[str], *, cover: str) -> None:
    """Every choice stands as it was left."""
    page = composer.page
    assert shown(page) == order
    expect(cover_of(page, cover)).to_be_checked()
    expect(page.locator("#preview-photos .phone__place")).to_have_text(["1/4", "2/4", "3/4 · Cover", "4/4"])
    expect(page.get_by_label("Title", exact=True)).to_have_value(TITLE)
    expect(page.get_by_label("Description")).to_have_value(DESCRIPTION)
    expect(composer.visibility).to_have_text("Everyone")
    expect(composer.comment).to_be_checked()
    expect(composer.button).to_be_enabled()


def sent_bytes(page: Page, order: list[str]) -> list[bytes]:
    """The files the preview shows, in its order; the mended one really is what TikTok takes."""
    slides = page.locator("#preview-photos img")
    expect(slides).to_have_count(len(order))
    contents = []
    for number, name in enumerate(order):
        expect(slides.nth(number)).to_have_attribute("alt", f"Photo {number + 1}: {name}")
        address = slides.nth(number).get_attribute("src")
        assert address is not None
        contents.append(page.context.request.get(address).body())
    with Image.open(io.BytesIO(contents[order.index("map.jpg")])) as mended:
        assert (mended.format, mended.size) == ("JPEG", (1080, 2337))
    return contents


def expect_received(product: Product, hashes: list[str]) -> None:
    """One post at TikTok, of these pictures in this order, with every choice and no more."""
    [post] = product.posts()
    wanted = {
        "creator": "poppy.public",
        "kind": "photo",
        "mode": "direct",
        "source": "PULL_FROM_URL",
        "status": "PUBLISH_COMPLETE",
        "title": TITLE,
        "description": DESCRIPTION,
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "cover_index": 2,
        "disable_comment": False,
        "auto_add_music": False,
        "is_aigc": False,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }
    assert {name: post[name] for name in wanted} == wanted
    assert not post["duet_allowed"]
    assert not post["stitch_allowed"]
    assert [received["sha256"] for received in post["photos"]] == hashes
    assert len(post["landings"]) == 1
    ledger = product.simulator.ledger()
    assert [(init["endpoint"], init["code"]) for init in ledger["inits"]] == [("content_init", "ok")]
    assert [visit["problem"] for visit in ledger["fetches"]] == [""] * 4


def expect_on_profile(page: Page, sent: list[bytes]) -> None:
    """The post of the simulated TikTok, then its creator's profile."""
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    slides = page.locator(".carousel__slide")
    expect(slides).to_have_count(4)
    expect(slides.locator("figcaption")).to_have_text(
        ["1 of 4", "2 of 4", re.compile(r"^3 of 4\s+Cover$"), "4 of 4"]
    )
    assert page.url.startswith("http")
    for number, content in enumerate(sent):
        address = slides.nth(number).locator("img").evaluate("image => image.src")
        assert page.context.request.get(address).body() == content
    page.get_by_role("link", name="Back to Poppy Parade").click()
    post = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=TITLE, level=3))
    expect(post).to_contain_text("4 photos")
    expect(post).to_contain_text("and a map of them #morning")
    expect(post).to_contain_text("Comments on")
    expect(post).not_to_contain_text("Duets")
    cover = post.get_by_role("img", name=f"Cover of {TITLE}")
    expect_true(cover, "image => image.complete && image.naturalWidth > 0")
    assert page.context.request.get(cover.evaluate("image => image.src")).body() == sent[2]
