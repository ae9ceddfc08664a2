"""The calendar in a real browser: a post is dragged, carried by keys, moved by the form, and taken back."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.people import Person
from tests.journeys.planning import next_month, schedule

pytestmark = pytest.mark.browser


@pytest.fixture
def monday() -> date:
    """The second Monday of next month."""
    first = next_month()
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7)


@pytest.fixture
def fog(person: Person, film: Path, monday: date) -> str:
    """The key of a post that goes out on that Monday at 18:00."""
    person.connect("poppy.public")
    return schedule(person, film, monday, "18:00", "Fog over the harbour")


def day(page: Page, at: date) -> Locator:
    return page.locator(f"#day-{at}")


def card(at: Locator, key: str) -> Locator:
    return at.locator(f"#slip-{key}")


def drag(page: Page, from_: Locator, to: Locator, *, down: float = 0.5) -> None:
    """With the mouse, from the card's time to that share of the target's height."""
    from_.scroll_into_view_if_needed()
    start, end = from_.locator("time").bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 4, start["y"] + 4)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 20, steps=2)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] * down, steps=4)
    page.mouse.up()


def test_by_hand(person: Person, fog: str, monday: date) -> None:
    page, notice = person.page, person.page.locator("#calendar > .notice")
    thursday = monday + timedelta(days=3)
    page.goto(f"/calendar/?day={monday}")
    drag(page, card(day(page, monday), fog), day(page, thursday))
    expect(card(day(page, thursday), fog)).to_contain_text("18:00")
    expect(notice).to_contain_text(f"“Fog over the harbour” goes out Thu {thursday.day} ")
    expect(card(day(page, monday), fog)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card(day(page, monday), fog)).to_contain_text("18:00")

    # A press alone opens the post; Escape lets go of it where it was.
    box = card(day(page, monday), fog).locator("time").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 20, steps=3)
    expect(page.locator(".slip--hand")).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".slip--hand")).to_have_count(0)

    page.goto(f"/calendar/?view=week&day={monday}")
    hour = day(page, thursday).locator('[data-hour="17"]')
    drag(page, card(day(page, monday), fog), hour, down=0.8)
    expect(card(hour, fog)).to_contain_text("17:45")

    # Somebody else has moved it while this page was open: refused, with the card where it is now.
    person.context.watch.expect(r"HTTP 422 POST .*/move/")  # type: ignore[attr-defined]
    tuesday = monday + timedelta(days=1)
    person.post(f"/calendar/{fog}/move/", form="1", day=str(tuesday), time="09:30", zone="UTC")
    drag(page, card(hour, fog), day(page, monday).locator('[data-hour="17"]'))
    expect(page.get_by_role("alert")).to_contain_text("Somebody has moved it meanwhile, to Tue ")
    expect(card(day(page, tuesday), fog)).to_contain_text("09:30")


def test_by_keyboard_and_without_scripts(
    person: Person, fog: str, monday: date, open_browser: Callable[..., BrowserContext]
) -> None:
    page, keyboard, said = person.page, person.page.keyboard, person.page.locator("#calendar-said")
    grip = page.get_by_role("button", name="Pick up Fog over the harbour")
    page.goto(f"/calendar/?day={monday}")
    grip.focus()
    keyboard.press("Enter")
    expect(grip).to_have_attribute("aria-pressed", "true")
    expect(said).to_contain_text("Picked up Fog over the harbour, Monday ")
    keyboard.press("ArrowRight")
    expect(said).to_contain_text(f"Tuesday {(monday + timedelta(days=1)).day} ")
    keyboard.press("Escape")
    expect(said).to_have_text("Fog over the harbour stays where it was.")
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowLeft")
    keyboard.press("Space")
    sunday = monday + timedelta(days=6)
    expect(card(day(page, sunday), fog)).to_contain_text("18:00")
    expect(said).to_contain_text("goes out Sun ")
    expect(grip).to_be_focused()

    page.goto(f"/calendar/?view=week&day={monday}")
    grip.focus()
    for key in ("Enter", "ArrowLeft", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        keyboard.press(key)
    saturday = monday + timedelta(days=5)
    expect(card(day(page, saturday).locator('[data-hour="18"]'), fog)).to_contain_text("18:15")
    expect(grip).to_be_focused()

    keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Move… Fog over the harbour")).to_be_focused()
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Move “Fog over the harbour”")
    expect(dialog.get_by_label("Day")).to_be_focused()
    dialog.get_by_label("Time", exact=True).fill("07:10")
    keyboard.press("Enter")
    expect(card(day(page, saturday).locator('[data-hour="07"]'), fog)).to_contain_text("07:10")
    expect(dialog).to_have_count(0)

    plain = open_browser(
        person.product, java_script_enabled=False, storage_state=person.context.storage_state()
    ).new_page()
    plain.goto(f"/calendar/?day={monday}")
    expect(plain.get_by_role("button", name="Pick up")).to_have_count(0)
    plain.get_by_role("link", name="Move… Fog over the harbour").click()
    plain.get_by_label("Day").fill(str(monday))
    plain.get_by_role("button", name="Move it").click()
    expect(card(day(plain, monday), fog)).to_contain_text("07:10")
    plain.get_by_role("button", name="Undo").click()
    expect(card(day(plain, saturday), fog)).to_contain_text("07:10")
