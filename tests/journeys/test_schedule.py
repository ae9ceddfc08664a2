"""A post is scheduled by hand, moved, watched as it goes out at its time; nobody presses anything in the end."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Person

pytestmark = pytest.mark.browser

# The next full minute that leaves time to press a button; then the worker, TikTok, and the page that asks.
LEAST_AHEAD = timedelta(seconds=12)
GONE_OUT_MS = 100_000


def next_minute() -> datetime:
    """A time that a person can write down and will not wait long for."""
    soon = datetime.now(UTC) + LEAST_AHEAD
    return soon.replace(second=0, microsecond=0) + timedelta(minutes=1)


def write_down(page: Page, at: datetime, zone: str) -> None:
    """Day, time and zone, as somebody fills in a form."""
    page.get_by_label("Time zone").select_option(zone)
    page.get_by_label("Day").fill(f"{at:%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill(f"{at:%H:%M}")
    page.get_by_label("Time", exact=True).blur()


def posts(person: Person) -> list[dict[str, Any]]:
    return person.product.simulator.posts()


def test_goes_out_at_the_time_it_was_moved_to(person: Person, film: Path) -> None:
    person.connect("poppy.public")
    composer = person.compose(film)
    page = composer.page
    composer.choose("Friends")
    page.get_by_label("At a time").check()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    expect(page.get_by_label("Time zone").get_by_role("option")).not_to_have_count(1)
    write_down(page, tomorrow, "Asia/Kathmandu")
    button = page.get_by_role("button", name=re.compile(r"^Schedule for "))
    expect(button).to_have_text(re.compile(rf" {tomorrow.day} .*, {tomorrow:%H:%M} Asia/Kathmandu$"))
    button.click()

    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    main = page.get_by_role("main")
    expect(page.get_by_role("heading", name="Scheduled", level=2)).to_be_visible()
    expect(main).to_contain_text(f"{tomorrow:%H:%M} Asia/Kathmandu")
    assert posts(person) == []

    page.get_by_role("link", name="Reschedule").click()
    at = next_minute()
    write_down(page, at, "UTC")
    page.get_by_role("button", name=re.compile(rf"^Reschedule for .*, {at:%H:%M} UTC$")).click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    expect(main).to_contain_text(f"Rescheduled for {at:%a} {at.day}")
    assert posts(person) == []

    # Nothing is pressed from here on.
    expect(page.get_by_role("heading", name="Published", level=2)).to_be_visible(timeout=GONE_OUT_MS)
    [post] = posts(person)
    assert (post["creator"], post["status"]) == ("poppy.public", "PUBLISH_COMPLETE")
    [init] = person.product.simulator.ledger()["inits"]
    told_at = datetime.fromtimestamp(init["at"], UTC)
    assert at <= told_at < at + timedelta(seconds=30)
