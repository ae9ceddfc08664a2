"""Posts that are planned for later, as a person plans them in the composer."""

from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.people import Person


def next_month() -> date:
    """The first day of the month after this one: all of it is ahead."""
    return (date.today().replace(day=1) + timedelta(days=32)).replace(day=1)  # noqa: DTZ011 - any zone will do


def schedule(person: Person, film: Path, day: date, clock: str, caption: str) -> str:
    """Schedule a post in UTC; returns its key."""
    composer = person.compose(film)
    page = composer.page
    composer.caption.fill(caption)
    composer.choose("Everyone")
    page.get_by_role("radio", name="At a time").check()
    composer.wait_until_saved()
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_label("Day", exact=True).fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill(clock)
    composer.wait_until_saved()
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("heading", name="Scheduled").first).to_be_visible()
    return page.url.rstrip("/").rpartition("/")[2]
