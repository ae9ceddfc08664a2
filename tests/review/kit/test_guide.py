"""A state that does not show ends the run and names the requirement; a hover text counts only once it is seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from review.kit.browser import open_window
from review.kit.camera import Camera
from review.kit.desk import HEIGHT, WIDTH, own_desk
from review.kit.errors import StateNotShownError
from review.kit.guide import Guide
from review.kit.pointer import Pointer
from tests.review.kit.desks import needs_a_desk

pytestmark = [needs_a_desk, pytest.mark.browser]
PAGE = """<title>A page</title><body style="height: 4000px; padding: 40px">
<p style="margin-top: 2000px"><button title="Not now." disabled>Post</button></p><p><button>Bare</button></p>
<p><iframe title="A title that only machines read." srcdoc="<p>Inside</p>"></iframe></p>"""


@pytest.fixture
def guide(playwright: Playwright, tmp_path: Path) -> Iterator[Guide]:
    with (
        own_desk() as desk,
        open_window(playwright, desk, tmp_path / "browser") as window,
        Camera(desk, None, is_rehearsal=True) as camera,
    ):
        page = window.pages[0]
        page.set_content(PAGE)
        yield Guide(page, Pointer(desk, is_quick=True), camera, tmp_path, is_quick=True)


def test_what_shows_is_kept_as_a_picture(guide: Guide, tmp_path: Path) -> None:
    with guide.proves("3b-iii"):
        assert guide.hover(guide.page.get_by_role("button", name="Post"), "Not now.") == "Not now."
    [shot] = guide.shots
    assert (shot.number, shot.picture) == ("3b-iii", tmp_path / "3b-iii-branded-first.png")
    assert shot.picture.stat().st_size > 10_000


@pytest.mark.parametrize(("name", "text"), [("Post", "Some other words."), ("Bare", None)])
def test_a_hover_text_that_does_not_show_is_named(guide: Guide, name: str, text: str | None) -> None:
    with pytest.raises(StateNotShownError, match=r"^3b-iii did not show\. Expected: .+ the hover text is"):  # noqa: SIM117
        with guide.proves("3b-iii"):
            guide.hover(guide.page.get_by_role("button", name=name), text)
    assert guide.shots == []


def test_a_title_that_opens_no_hover_text_is_named(guide: Guide) -> None:
    with pytest.raises(StateNotShownError, match="the hover text did not open"), guide.proves("3b-iii"):
        guide.hover(guide.page.locator("iframe"))


def test_the_whole_window_is_filmed_with_its_address_bar(guide: Guide) -> None:
    left, top, width, height = guide.page.evaluate("[screenX, screenY, outerWidth, outerHeight]")
    assert (left, top) == (0, 0)
    assert (width, height) == pytest.approx((WIDTH, HEIGHT), abs=1)
    above_the_page = guide.page.evaluate("outerHeight - innerHeight")
    assert above_the_page > 60, "tabs and address bar"
    guide.go_to("data:text/html,Typed")
    expect(guide.page.get_by_text("Typed")).to_be_visible()


def test_a_control_that_is_not_there_is_named(guide: Guide) -> None:
    with pytest.raises(StateNotShownError, match=r"^4-ii did not show"), guide.proves("4-ii"):
        expect(guide.page.get_by_text("Branded Content Policy")).to_be_visible(timeout=500)
    assert (guide.folder / "failed-4-ii-branded-policy.png").exists()
