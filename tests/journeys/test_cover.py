"""The cover a creator chose is the cover the post has: a frame of the video, or a picture of one's own before it."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.journeys.people import Composer, Person
from tests.journeys.product import Product
from tests.journeys.test_from_sign_up_to_the_profile import expect_true, sha256, wait_until_published

pytestmark = pytest.mark.browser

FIX_MS = 60_000
WHITE, RED, BLUE, GREEN = (255, 255, 255), (200, 30, 30), (30, 30, 200), (20, 160, 60)
# Where the film's white bar is in its first frame, and where in the one at 3 s (tests/media.py draws it).
BAR_AT_START, BAR_AT_THREE_SECONDS = (9, 176), (279, 176)
LOWER_HALF = (180, 480)
# What an encoder, a JPEG and a colour conversion may change.
TOLERANCE = 40


def is_near(seen: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= TOLERANCE for one, other in zip(seen[:3], wanted, strict=True))


def expect_colours(picture: Image.Image, **wanted: tuple[tuple[int, int], tuple[int, int, int]]) -> None:
    """Of the picture as wide as the film, the colour at some places."""
    scaled = picture.convert("RGB").resize((360, 640))
    seen = {name: scaled.getpixel(place) for name, (place, _) in wanted.items()}
    assert all(is_near(seen[name], colour) for name, (_, colour) in wanted.items()), seen


def expect_frame_at_three_seconds(picture: Image.Image) -> None:
    expect_colours(
        picture,
        bar=(BAR_AT_THREE_SECONDS, WHITE),
        bar_of_the_first=(BAR_AT_START, RED),
        lower=(LOWER_HALF, BLUE),
    )


def expect_first_frame(picture: Image.Image) -> None:
    expect_colours(
        picture,
        bar=(BAR_AT_START, WHITE),
        bar_of_the_other=(BAR_AT_THREE_SECONDS, RED),
        lower=(LOWER_HALF, BLUE),
    )


def expect_own_picture(picture: Image.Image) -> None:
    expect_colours(
        picture, upper=(BAR_AT_START, GREEN), middle=((180, 320), GREEN), lower=(LOWER_HALF, GREEN)
    )


def picture_at(page: Page, address: str) -> Image.Image:
    return Image.open(io.BytesIO(page.context.request.get(address).body()))


def drawn(frame: Locator) -> Image.Image:
    """What somebody sees there."""
    return Image.open(io.BytesIO(frame.screenshot()))


def publish(composer: Composer, caption: str) -> None:
    """To everyone, by the button; then on to the creator's profile."""
    page = composer.page
    composer.caption.fill(caption)
    composer.choose("Everyone")
    composer.button.click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    wait_until_published(page)
    page.get_by_role("link", name="See it on TikTok").click()
    page.get_by_role("link", name="Back to Poppy Parade").click()
    expect(page.get_by_role("heading", name=caption, level=3)).to_be_visible()


def cover_on_profile(page: Page, caption: str) -> Image.Image:
    """What stands for the post there before it is played."""
    post = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=caption, level=3))
    address = post.locator("video").evaluate("video => video.poster")
    return picture_at(page, address)


def only_post(product: Product, **wanted: object) -> dict[str, Any]:
    """The one post that came to TikTok, which is like this."""
    [post] = product.posts()
    wanted = {"mode": "direct", "kind": "video", "status": "PUBLISH_COMPLETE"} | wanted
    assert {name: post[name] for name in wanted} == wanted
    assert len(post["landings"]) == 1
    return post


def test_the_frame_at_three_seconds_is_the_cover(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    page = composer.page
    expect(page.locator("#cover-at")).to_have_text("first frame")
    second = page.get_by_role("button", name="+1 s")
    second.focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    expect(page.locator("#cover-at")).to_have_text("0:03.000")
    composer.wait_until_saved()

    page.reload()
    expect(page.locator("#cover-at")).to_have_text("0:03.000")
    expect_true(page.locator("#cover-picture"), "image => image.complete && image.naturalWidth > 0")
    expect_frame_at_three_seconds(drawn(page.locator("#cover-frame")))
    publish(composer, "Three seconds in")

    post = only_post(person.product, video_cover_timestamp_ms=3000, sha256=sha256(film))
    assert type(post["video_cover_timestamp_ms"]) is int
    expect_frame_at_three_seconds(cover_on_profile(page, "Three seconds in"))


def test_without_a_choice_the_first_frame_is_the_cover(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    publish(composer, "As it comes")
    only_post(person.product, video_cover_timestamp_ms=None, sha256=sha256(film))
    expect_first_frame(cover_on_profile(composer.page, "As it comes"))


@pytest.mark.timeout(300)
def test_a_picture_of_ones_own_opens_the_video_and_is_its_cover(
    person: Person, film: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "poster.jpg"
    Image.new("RGB", (720, 1280), GREEN).save(picture, quality=95)
    person.connect("poppy.public")
    person.upload(picture)
    original = person.upload(film)
    composer = person.start_post()
    composer.pick_video(film.name)
    page = composer.page
    draft = page.url

    page.get_by_text("Use a picture of your own").click()
    page.get_by_role("button", name="Make a cover of poster.jpg").click()
    expect(page.get_by_role("heading", name="The new file is ready to look at")).to_be_visible(timeout=FIX_MS)
    expect_in_one_that_plays(page)
    # Until it is accepted the draft has what it had.
    other = person.context.new_page()
    other.goto(draft)
    expect(other.get_by_label(f"Preview of {film.name}")).to_be_visible()
    other.close()
    page.get_by_role("button", name="Use this").click()

    expect(page).to_have_url(re.compile(re.escape(draft.split("#")[0])))
    preview = page.get_by_label(re.compile("^Preview of "))
    made = page.context.request.get(preview.get_attribute("src") or "").body()
    expect_true(page.locator("#cover-picture"), "image => image.complete && image.naturalWidth > 0")
    expect_own_picture(drawn(page.locator("#cover-frame")))
    publish(composer, "With a poster")

    post = only_post(person.product, sha256=hashlib.sha256(made).hexdigest())
    assert (post["video_cover_timestamp_ms"] or 0) < 100
    assert post["sha256"] != sha256(film)
    expect_own_picture(cover_on_profile(page, "With a poster"))
    expect_own_picture(frame_of(made, 0))
    # The film itself follows, whole.
    later = frame_of(made, length_of(made) - 0.05)
    expect_colours(later, upper=((100, 20), RED), lower=(LOWER_HALF, BLUE))
    assert 4.0 < length_of(made) < 5.5
    # The original is as it was.
    kept = page.context.request.get(f"{person.product.url}/library/{original}/file/").body()
    assert hashlib.sha256(kept).hexdigest() == sha256(film)


def expect_in_one_that_plays(page: Page) -> None:
    """The new file beside the old: it opens with the picture, and plays."""
    sides = page.locator(".compare__side")
    expect(sides).to_have_count(2)
    made = sides.nth(1).locator("video")
    expect(made).to_be_visible()
    made.evaluate("video => { video.preload = 'auto'; video.currentTime = 0; }")
    expect_true(made, "video => video.readyState >= 2 && !video.seeking")
    shot = Image.open(io.BytesIO(made.screenshot())).convert("RGB")
    assert is_near(shot.getpixel((shot.width // 2, shot.height // 4)), GREEN)
    made.evaluate("video => { video.muted = true; return video.play(); }")
    expect_true(made, "video => video.currentTime > 0.2")
    made.evaluate("video => video.pause()")


def frame_of(film: bytes, at_seconds: float) -> Image.Image:
    """The frame on screen at that moment, decoded from the first on."""
    with av.open(io.BytesIO(film), "r") as container:
        shown = None
        for frame in container.decode(video=0):
            if shown is not None and (frame.time or 0) > at_seconds:
                break
            shown = frame
    assert shown is not None
    picture: Image.Image = shown.to_image()  # type: ignore[no-untyped-call]  # as PyAV declares it
    return picture


def length_of(film: bytes) -> float:
    with av.open(io.BytesIO(film), "r") as container:
        return float(container.duration or 0) / av.time_base
