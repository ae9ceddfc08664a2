"""Days and hours as clocks show them: whole weeks, days of 23 and 25 hours, and every post in its place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publishing.calendar import (
    Entry,
    HourKey,
    View,
    by_day,
    day_after,
    day_before,
    days_of,
    hours_long,
    hours_of,
    slots_of,
    start_of,
)
from publishing.states import State

BERLIN = ZoneInfo("Europe/Berlin")
HAVANA = ZoneInfo("America/Havana")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def entry(pk: int, at: datetime) -> Entry:
    return Entry(
        pk=pk,
        at=at,
        state=State.SCHEDULED,
        account_pk=1,
        who="Poppy",
        zone="UTC",
        title="Fog",
        kind="Video",
        is_inbox=False,
        media=str(pk),
        caption="",
        is_movable=True,
    )


def test_a_month_comes_with_its_whole_weeks() -> None:
    days = days_of(View.MONTH, date(2026, 11, 27))
    assert (days[0], days[-1], len(days)) == (date(2026, 10, 26), date(2026, 12, 6), 42)
    assert [day.weekday() for day in days] == [*range(7)] * 6
    assert len(days_of(View.MONTH, date(2027, 2, 14))) == 28


def test_a_week_begins_on_monday_and_a_day_is_alone() -> None:
    sunday = date(2026, 11, 29)
    assert days_of(View.WEEK, sunday) == [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
    assert days_of(View.DAY, sunday) == [sunday]


@pytest.mark.parametrize(
    ("view", "day", "before", "after"),
    [
        (View.MONTH, date(2026, 1, 31), date(2025, 12, 1), date(2026, 2, 1)),
        (View.MONTH, date(2026, 12, 15), date(2026, 11, 1), date(2027, 1, 1)),
        (View.WEEK, date(2026, 11, 27), date(2026, 11, 20), date(2026, 12, 4)),
        (View.DAY, date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 2)),
    ],
)
def test_steps_to_the_neighbours(view: View, day: date, before: date, after: date) -> None:
    assert (day_before(view, day), day_after(view, day)) == (before, after)


def test_days_are_as_long_as_their_clocks_say() -> None:
    assert [hours_long(day, BERLIN) for day in (SPRING, AUTUMN, date(2026, 6, 1))] == [23, 25, 24]
    assert hours_long(date(2026, 10, 4), LORD_HOWE) == 23.5
    assert start_of(SPRING, BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_begins_with_the_change() -> None:
    skipped = date(2026, 3, 8)
    assert start_of(skipped, HAVANA) == datetime(2026, 3, 8, 5, tzinfo=UTC)
    slots = slots_of(skipped, hours_of([skipped], HAVANA), [], HAVANA)
    assert [slot.key.hour for slot in slots if not slot.is_there] == [0]


def test_a_skipped_hour_is_not_there() -> None:
    week = days_of(View.WEEK, SPRING)
    hours = hours_of(week, BERLIN)
    assert hours == [HourKey(hour) for hour in range(24)]
    assert [slot.key.hour for slot in slots_of(SPRING, hours, [], BERLIN) if not slot.is_there] == [2]
    assert all(slot.is_there for slot in slots_of(week[0], hours, [], BERLIN))


def test_an_hour_that_comes_twice_stands_twice() -> None:
    week = days_of(View.WEEK, AUTUMN)
    hours = hours_of(week, BERLIN)
    assert hours[2:5] == [HourKey(2), HourKey(2, 1), HourKey(3)]
    assert len(hours) == 25
    posts = [
        entry(1, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        entry(2, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ]
    slots = slots_of(AUTUMN, hours, posts, BERLIN)
    held = {slot.key: [each.pk for each in slot.entries] for slot in slots if slot.entries}
    assert held == {HourKey(2): [1], HourKey(2, 1): [2]}
    assert [slot.key for slot in slots_of(week[0], hours, [], BERLIN) if not slot.is_there] == [HourKey(2, 1)]


def test_half_an_hour_that_is_skipped_or_comes_twice_takes_its_quarters() -> None:
    forward, back = date(2026, 10, 4), date(2026, 4, 5)
    slots = {
        slot.key: slot.minutes for slot in slots_of(forward, hours_of([forward], LORD_HOWE), [], LORD_HOWE)
    }
    assert slots[HourKey(2)] == (30, 45)
    slots = {slot.key: slot.minutes for slot in slots_of(back, hours_of([back], LORD_HOWE), [], LORD_HOWE)}
    assert (slots[HourKey(1)], slots[HourKey(1, 1)]) == ((0, 15, 30, 45), (30, 45))


@pytest.mark.parametrize(
    "zone", [BERLIN, HAVANA, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")], ids=str
)
def test_every_moment_of_a_year_has_exactly_one_place(zone: ZoneInfo) -> None:
    first, last = date(2026, 1, 1), date(2027, 1, 1)
    quarters = 0
    for number in range(365):
        day = first + timedelta(days=number)
        quarters += sum(len(slot.minutes) for slot in slots_of(day, hours_of([day], zone), [], zone))
    assert quarters == (start_of(last, zone) - start_of(first, zone)) / timedelta(minutes=15)


def test_a_day_has_its_posts_in_order_and_midnight_is_the_zones() -> None:
    late, early = datetime(2026, 11, 27, 23, 30, tzinfo=UTC), datetime(2026, 11, 27, 6, tzinfo=UTC)
    found = by_day([entry(1, late), entry(2, early), entry(3, early)], BERLIN)
    assert {day: [each.pk for each in posts] for day, posts in found.items()} == {
        date(2026, 11, 27): [2, 3],
        date(2026, 11, 28): [1],
    }
