"""A carousel in a real browser: put in order by drag and by key, kept as it stands, never mixed with a video."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.people import Composer, Person
from tests.media import make_video

pytestmark = pytest.mark.browser

NAMES = ("fog.jpg", "sea.jpg", "dune.jpg")


def make_jpeg(path: Path, colour: str) -> Path:
    Image.new("RGB", (720, 960), colour).save(path)
    return path


def shown(page: Page) -> list[str]:
    """The photos as they stand on the page."""
    names: list[str] = page.locator("#photos [data-photo]").evaluate_all(
        "all => all.map(each => each.dataset.name)"
    )
    return names


def photo(page: Page, name: str) -> Locator:
    return page.locator(f'#photos [data-name="{name}"]')


def drag(page: Page, moved: Locator, target: Locator) -> None:
    """Take hold of a picture and let it go on another one's place."""
    target.scroll_into_view_if_needed()
    start, end = moved.locator(".photo__frame").bounding_box(), target.locator(".photo__frame").bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 - 12, start["y"] + start["height"] / 2, steps=4)
    page.mouse.move(end["x"] + end["width"] / 4, end["y"] + end["height"] / 2, steps=12)
    page.wait_for_timeout(250)
    page.mouse.up()


@pytest.fixture
def photos(person: Person, tmp_path: Path) -> list[int]:
    """Three photos in the library."""
    colours = ("slategray", "teal", "goldenrod")
    return [
        person.upload(make_jpeg(tmp_path / name, colour)) for name, colour in zip(NAMES, colours, strict=True)
    ]


@pytest.fixture
def composer(person: Person, photos: list[int]) -> Composer:
    """Poppy's page with the three photos in the order of their names above."""
    person.connect("poppy.public")
    composer = person.start_post()
    composer.pick_photos(*NAMES)
    assert shown(composer.page) == list(NAMES)
    return composer


def test_dragging_reorders_and_is_kept(composer: Composer) -> None:
    page = composer.page
    drag(page, photo(page, "dune.jpg"), photo(page, "fog.jpg"))
    expect(page.locator("#photos-said")).to_have_text("dune.jpg is now photo 1 of 3.")
    composer.wait_until_saved()
    assert shown(page) == ["dune.jpg", "fog.jpg", "sea.jpg"]
    page.reload()
    assert shown(page) == ["dune.jpg", "fog.jpg", "sea.jpg"]


def test_keys_reorder_with_the_focus_kept_and_say_what_happened(composer: Composer) -> None:
    page = composer.page
    said = page.locator("#photos-said")
    right = page.get_by_role("button", name="Move fog.jpg right")
    right.focus()
    page.keyboard.press("Enter")
    expect(said).to_have_text("fog.jpg is now photo 2 of 3.")
    # Faster than the answers come.
    page.keyboard.press("Enter")
    expect(said).to_have_text("fog.jpg is now photo 3 of 3.")
    composer.wait_until_saved()
    expect(right).to_be_focused()
    assert shown(page) == ["sea.jpg", "dune.jpg", "fog.jpg"]
    page.keyboard.press("Enter")
    expect(said).to_have_text("fog.jpg is the last photo already.")
    page.reload()
    assert shown(page) == ["sea.jpg", "dune.jpg", "fog.jpg"]


def test_taking_one_out_moves_the_focus_to_the_next(composer: Composer) -> None:
    page = composer.page
    page.get_by_role("button", name="Take sea.jpg out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take dune.jpg out")).to_be_focused()
    composer.wait_until_saved()
    assert shown(page) == ["fog.jpg", "dune.jpg"]
    expect(page.locator("#photos-count")).to_contain_text("2 of 35 photos")
    page.reload()
    assert shown(page) == ["fog.jpg", "dune.jpg"]


def test_leaving_right_after_a_move_loses_nothing(person: Person, composer: Composer) -> None:
    page = composer.page
    address = page.url
    page.get_by_role("button", name="Move fog.jpg right").click()
    page.get_by_role("link", name="Accounts").click()
    page.wait_for_url("**/accounts/")
    page.goto(address)
    assert shown(page) == ["sea.jpg", "fog.jpg", "dune.jpg"]


def test_the_cover_is_chosen_and_shown(composer: Composer) -> None:
    page = composer.page
    expect(page.locator("#preview-photos .phone__place").first).to_have_text("1/3 · Cover")
    photo(page, "sea.jpg").get_by_role("radio").check()
    expect(page.locator("#preview-photos .phone__place").nth(1)).to_have_text("2/3 · Cover")
    expect(page.locator("#preview-photos .phone__place").first).to_have_text("1/3")


def test_a_video_among_photos_is_explained_and_changes_nothing(composer: Composer, film: Path) -> None:
    page = composer.page
    page.get_by_text("Add photos").click()
    page.set_input_files("#upload-file", film)
    expect(page.locator("#media-said")).to_contain_text("TikTok never mixes photos and a video in one post.")
    expect(page.locator("#media-said")).to_contain_text("Choose Video above to post it instead")
    assert shown(page) == list(NAMES)
    page.get_by_role("radio", name="Video").check()
    expect(page.get_by_text("3 photos stay with this draft and are not posted.")).to_be_visible()
    page.locator("[data-pick]").filter(has_text=film.name).click()
    page.locator("video").wait_for()
    page.get_by_role("radio", name="Photos").check()
    expect(page.locator("#photos .photo__name")).to_have_count(3)
    assert shown(page) == list(NAMES)


def test_an_uploaded_photo_makes_an_empty_draft_one_of_photos(person: Person, tmp_path: Path) -> None:
    person.connect("poppy.public")
    page = person.start_post().page
    page.set_input_files("#upload-file", make_jpeg(tmp_path / "dawn.jpg", "salmon"))
    expect(photo(page, "dawn.jpg")).to_be_visible()
    expect(page.get_by_label("Title", exact=True)).to_be_visible()
    expect(page.get_by_label("Duet")).to_have_count(0)


def test_title_and_description_count_and_save_themselves(composer: Composer) -> None:
    page = composer.page
    title = page.get_by_label("Title", exact=True)
    title.press_sequentially("🌫" * 46)
    expect(page.locator("#title-count")).to_contain_text("92 / 90")
    composer.wait_until_saved()
    expect(page.locator("#title-error")).to_contain_text("Shorten it by 2.")
    page.get_by_label("Description").fill("In the morning")
    composer.wait_until_saved()
    page.reload()
    expect(title).to_have_value("🌫" * 46)
    expect(page.get_by_label("Description")).to_have_value("In the morning")


def test_what_a_colleague_uploads_meanwhile_is_offered_and_changes_nothing(
    person: Person, film: Path, tmp_path: Path
) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    page = composer.page
    other = person.upload(make_video(tmp_path / "theirs.mp4", seconds=4, height=720))
    detail = {"media": other, "kind": "video", "state": "ready", "isOwn": False}
    page.evaluate("detail => document.dispatchEvent(new CustomEvent('greenroom:media', { detail }))", detail)
    expect(page.locator("[data-pick]").filter(has_text="theirs.mp4")).to_have_count(1)
    composer.wait_until_saved()
    expect(page.locator("#video-line")).to_contain_text(film.name)
    page.reload()
    expect(page.locator("#video-line")).to_contain_text(film.name)


def test_photos_chosen_at_once_keep_their_order_whichever_is_here_first(
    person: Person, tmp_path: Path
) -> None:
    person.connect("poppy.public")
    composer = person.start_post()
    page = composer.page
    page.get_by_role("radio", name="Photos").check()
    composer.wait_until_saved()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        is_first = not held and route.request.method == "POST"
        held.append(route) if is_first else route.continue_()

    page.route("**/library/uploads/", hold_the_first)
    page.locator("#upload-file").set_input_files(
        [
            make_jpeg(tmp_path / name, colour)
            for name, colour in zip(NAMES, ("navy", "olive", "plum"), strict=True)
        ]
    )
    expect(page.locator(".upload-line[data-state=done]")).to_have_count(2)
    assert shown(page) == []
    held[0].continue_()
    expect(page.locator("#photos .photo__name")).to_have_text(list(NAMES))
    composer.wait_until_saved()
    assert shown(page) == list(NAMES)
