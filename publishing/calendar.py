"""Lays posts out on the days and hours of a month, a week or a day, as clocks in one zone show them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from publishing.states import State

QUARTER = timedelta(minutes=15)
_DAY = timedelta(days=1)
# What is on its way, out, or goes out by itself: the rest takes no room on its account.
COUNTED = frozenset(
    {
        State.SCHEDULED,
        State.STARTING,
        State.UPLOADING,
        State.PROCESSING,
        State.IN_INBOX,
        State.PUBLISHED,
        State.WAITING_RECONNECT,
        State.UNCONFIRMED,
    }
)
# Still to begin: what a person can do something about.
PLANNED = frozenset({State.SCHEDULED, State.WAITING_RECONNECT})


class View(StrEnum):
    """How much is shown at once; the value stands in the address."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on the calendar; `pk` is the post's, `at` when it goes or went out."""

    pk: int
    at: datetime
    state: State
    account_pk: int
    who: str
    zone: str
    title: str
    kind: str
    is_inbox: bool
    media: str  # the hash of what is sent
    caption: str
    is_movable: bool
    out_at: datetime | None = None  # when TikTok said that it is published, or in the inbox
    # What it waits for, as `presentation.standing_word` reads it.
    reason: str = ""
    waiting_for: str = ""

    @property
    def is_planned(self) -> bool:
        return self.state in PLANNED

    @property
    def is_counted(self) -> bool:
        return self.state in COUNTED


def days_of(view: View, day: date) -> list[date]:
    """The days that are shown together with `day`; weeks begin on Monday, a month comes with its whole weeks."""
    if view is View.DAY:
        return [day]
    if view is View.WEEK:
        first, last = day, day
    else:
        first = day.replace(day=1)
        last = _next_month(first) - _DAY
    monday = first - first.weekday() * _DAY
    sunday = last + (6 - last.weekday()) * _DAY
    return [monday + number * _DAY for number in range((sunday - monday).days + 1)]


def day_before(view: View, day: date) -> date:
    """A day of what lies before, for *Previous*."""
    if view is View.MONTH:
        return (day.replace(day=1) - _DAY).replace(day=1)
    return day - (7 if view is View.WEEK else 1) * _DAY


def day_after(view: View, day: date) -> date:
    """A day of what comes next, for *Next*."""
    if view is View.MONTH:
        return _next_month(day)
    return day + (7 if view is View.WEEK else 1) * _DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 31 * _DAY).replace(day=1)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The day's first moment, in UTC; where the clocks skip midnight, that is the moment of the change."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def hours_long(day: date, zone: ZoneInfo) -> float:
    """How many hours the day has: 24, or 23 and 25 where clocks change."""
    return (start_of(day + _DAY, zone) - start_of(day, zone)) / timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class HourKey:
    """An hour as clocks show it; `fold` is 1 for one that comes a second time."""

    hour: int
    fold: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of one day: the minutes at which its quarters begin, in a gap or a repeat fewer than four."""

    key: HourKey
    minutes: tuple[int, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def is_there(self) -> bool:
        return bool(self.minutes)


def hours_of(days: Sequence[date], zone: ZoneInfo) -> list[HourKey]:
    """Every hour that one of the days has, in the order of the clock."""
    return sorted(
        {key for day in days for key in _quarters(day, zone)} | {HourKey(hour) for hour in range(24)}
    )


def slots_of(day: date, hours: Iterable[HourKey], entries: Iterable[Entry], zone: ZoneInfo) -> list[Slot]:
    """The day's hours, the same for every day of a week, so that they stand side by side."""
    quarters = _quarters(day, zone)
    held: dict[HourKey, list[Entry]] = defaultdict(list)
    for entry in entries:
        wall = entry.at.astimezone(zone)
        held[HourKey(wall.hour, wall.fold)].append(entry)
    return [Slot(key, tuple(quarters.get(key, ())), tuple(held.get(key, ()))) for key in hours]


def _quarters(day: date, zone: ZoneInfo) -> dict[HourKey, list[int]]:
    found: dict[HourKey, list[int]] = defaultdict(list)
    moment, end = start_of(day, zone), start_of(day + _DAY, zone)
    while moment < end:
        wall = moment.astimezone(zone)
        found[HourKey(wall.hour, wall.fold)].append(wall.minute)
        moment += QUARTER
    return found


def by_day(entries: Iterable[Entry], zone: ZoneInfo) -> dict[date, list[Entry]]:
    """The posts of each day, the earliest first."""
    found: dict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.pk)):
        found[entry.at.astimezone(zone).date()].append(entry)
    return found
