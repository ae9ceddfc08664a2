"""Turns what a clock on a wall shows, in a named zone, into a moment: or says why it is none, or two. Pure.

When clocks go forward some times do not exist, when they go back some happen twice (`zoneinfo`, PEP 495). Nobody
guesses here: a gap comes with the valid times next to it, a repeat with both moments, and a person chooses.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The regions of the tz database; what stands beside them are old names and bare offsets.
_REGIONS = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)
_MINUTE = timedelta(minutes=1)


class UnknownZoneError(ValueError):
    """No zone of the tz database has that name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The clocks skip this time: it does not exist. Both moments beside it are in UTC."""

    wall: datetime
    zone: str
    # The last minute before the clocks go forward, and the first after.
    before: datetime
    after: datetime

    @property
    def words(self) -> str:
        """Why it cannot be, for the person who chose it."""
        before, after = (self._short(moment) for moment in (self.before, self.after))
        return (
            f"{self.wall:%H:%M} does not exist on {say_day(self.wall.date())} in {self.zone}: the clocks go forward "
            f"from {before} to {after}."
        )

    def _short(self, moment: datetime) -> str:
        wall = moment.astimezone(zone_called(self.zone))
        is_same_day = wall.date() == self.wall.date()
        return f"{wall:%H:%M}" if is_same_day else f"{say_day(wall.date())}, {wall:%H:%M}"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The clocks show this time twice. Both moments are in UTC; `first` is the earlier one."""

    wall: datetime
    zone: str
    first: datetime
    second: datetime

    @property
    def words(self) -> str:
        """Why it is not enough, for the person who chose it."""
        return (
            f"{self.wall:%H:%M} comes twice on {say_day(self.wall.date())} in {self.zone}: the clocks go back. "
            "Choose which one."
        )


def zone_names() -> tuple[str, ...]:
    """The zones to choose from, in order of their names, UTC first."""
    return _zone_names()


@cache
def _zone_names() -> tuple[str, ...]:
    regions = (name for name in available_timezones() if name.partition("/")[0] in _REGIONS)
    return ("UTC", *sorted(regions))


@cache
def _all_names() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether the tz database knows the name; also the old names that browsers may report."""
    return name in _all_names()


def zone_called(name: str) -> ZoneInfo:
    """The zone of that name. Raises UnknownZoneError."""
    if not is_zone(name):
        raise UnknownZoneError(name)
    return ZoneInfo(name)


def resolve(day: date, clock: time, zone: str, *, fold: int | None = None) -> datetime | Gap | Repeat:
    """The moment, in UTC, at which clocks in `zone` show this; a Gap or a Repeat where it is none or two.

    `fold` answers a repeat: 0 for the first, 1 for the second; elsewhere it means nothing. Raises UnknownZoneError,
    and OverflowError at the very ends of the calendar.
    """
    info = zone_called(zone)
    wall = datetime.combine(day, clock)
    by_earlier, by_later = (wall.replace(tzinfo=info, fold=each) for each in (0, 1))
    offsets = (by_earlier.utcoffset(), by_later.utcoffset())
    first, second = by_earlier.astimezone(UTC), by_later.astimezone(UTC)
    if offsets[0] == offsets[1]:
        return first
    if second > first:
        return Repeat(wall, zone, first, second) if fold is None else (first, second)[fold]
    # In a gap the offset before the change leads past it, and the one after the change to before it.
    after = _change_between(second, first, info)
    return Gap(wall, zone, after - _MINUTE, after)


def _change_between(low: datetime, high: datetime, info: ZoneInfo) -> datetime:
    """The first whole minute with the offset that `high` has."""
    offset = high.astimezone(info).utcoffset()
    minutes = int((high - low) / _MINUTE)
    start, end = 0, minutes
    while start < end:
        middle = (start + end) // 2
        moment = high - _MINUTE * (minutes - middle)
        if moment.astimezone(info).utcoffset() == offset:
            end = middle
        else:
            start = middle + 1
    return high - _MINUTE * (minutes - start)


def say_day(day: date, *, this_year: int | None = None) -> str:
    """`Fri 4 Dec 2026`; without the year when it is `this_year`."""
    words = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == this_year else f"{words} {day.year}"


def say_moment(at: datetime, zone: str, *, now: datetime | None = None) -> str:
    """`Fri 4 Dec 2026, 18:00 Europe/Berlin`; without the year when it is that of `now`, for moments that repeat
    with their offset: `Sun 25 Oct, 02:30 (UTC+1) Europe/Berlin`."""
    info = zone_called(zone)
    wall = at.astimezone(info)
    this_year = now.astimezone(info).year if now is not None else None
    offset = f" ({say_offset(at, zone)})" if _is_repeated(wall) else ""
    return f"{say_day(wall.date(), this_year=this_year)}, {wall:%H:%M}{offset} {zone}"


def say_offset(at: datetime, zone: str) -> str:
    """`UTC+1`, `UTC-3:30` or `UTC`: how far the clocks of the zone are ahead at that moment."""
    offset = at.astimezone(zone_called(zone)).utcoffset() or timedelta()
    minutes = round(offset / _MINUTE)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _is_repeated(wall: datetime) -> bool:
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
