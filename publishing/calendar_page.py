"""Turns posts and days into what the calendar's templates show: words, addresses, warnings. Reads no rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import TikTokAccount
from accounts.wall_clock import say_day, say_moment, say_offset, zone_called
from publishing.calendar import (
    Entry,
    HourKey,
    Slot,
    View,
    by_day,
    days_of,
    hours_long,
    hours_of,
    slots_of,
    start_of,
)
from publishing.calendar_asking import Asked
from publishing.calendar_cautions import Cautions, Limits, Load, find_cautions, fullest
from publishing.listing import FilterLink
from publishing.presentation import Pill, standing_word
from publishing.states import State

# So many cards a day of the month and an hour of the week have room for; the day by itself shows a page of them.
CARDS_A_DAY = 4
CARDS_AN_HOUR = 3
CARDS_A_PAGE = 100
CAUTIONS_A_DAY = 3
# Filters stand side by side up to here; more accounts become a list to choose from.
MOST_LINKS = 6
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Card:
    """One post on the calendar. `day`, `time` and `fold` are by the clocks of the page's zone."""

    pk: int
    url: str
    title: str
    kind: str
    at: datetime
    day: str
    time: str
    fold: int
    when: str
    who: str
    initial: str
    avatar_url: str
    pill: Pill
    zone_note: str
    cautions: tuple[str, ...]
    move_url: str
    is_calm: bool

    @property
    def is_movable(self) -> bool:
        return bool(self.move_url)


@dataclass(frozen=True)
class HourCell:
    """One hour of one day: its cards, and where in it something can be put down."""

    label: str
    time: str
    fold: int
    minutes: str
    cards: tuple[Card, ...]
    more: int
    is_there: bool
    is_open: bool


@dataclass(frozen=True)
class Day:
    """One day with its cards; in the week it has hours instead."""

    iso: str
    name: str
    number: int
    month: str
    weekday: str
    cards: tuple[Card, ...]
    count: int
    more: int
    more_url: str
    hours: tuple[HourCell, ...]
    cautions: tuple[str, ...]
    more_cautions: int
    load: Load | None
    load_who: str
    clock_note: str
    plan_at: str
    is_today: bool
    is_past: bool
    is_outside: bool


@dataclass(frozen=True)
class Paging:
    """Pages of one day that has more posts than one page shows."""

    number: int
    count: int
    before_url: str
    after_url: str


@dataclass(frozen=True)
class CalendarPage:
    """Everything that the calendar's pages and fragments show."""

    asked: Asked
    title: str
    days: tuple[Day, ...]
    hour_labels: tuple[str, ...]
    zone: str
    zone_words: str
    before_url: str
    after_url: str
    today_url: str
    views: tuple[FilterLink, ...]
    accounts: tuple[FilterLink, ...]
    account_choices: tuple[TikTokAccount, ...]
    has_accounts: bool
    is_empty: bool
    is_whole: bool
    paging: Paging | None

    @property
    def is_month(self) -> bool:
        return self.asked.view is View.MONTH

    @property
    def is_week(self) -> bool:
        return self.asked.view is View.WEEK


@dataclass(frozen=True)
class Plan:
    """What a calendar is made from: the posts of its days and of a day around them, and the rules of thumb."""

    entries: tuple[Entry, ...]
    is_whole: bool
    zone: ZoneInfo
    now: datetime
    gap: timedelta
    limits: Mapping[int, Limits]
    usual: Limits
    accounts: Mapping[int, TikTokAccount]


def span_of(asked: Asked, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when posts must be known: 24 hours around the days, for what TikTok counts over midnight."""
    days = days_of(asked.view, asked.day)
    day = timedelta(days=1)
    return start_of(days[0], zone) - day, start_of(days[-1] + day, zone) + day


def make_page(asked: Asked, plan: Plan, *, page: int = 1) -> CalendarPage:
    """Lay the plan out."""
    zone = plan.zone
    today = plan.now.astimezone(zone).date()
    dates = days_of(asked.view, asked.day)
    found = find_cautions(plan.entries, zone=zone, gap=plan.gap, limits=plan.limits, usual=plan.usual)
    entries = by_day(plan.entries, zone)
    hours = hours_of(dates, zone) if asked.view is View.WEEK else []
    paging = _paging(asked, len(entries.get(asked.day, ())), page) if asked.view is View.DAY else None
    maker = _Maker(asked, plan, found, hours, today, paging)
    return CalendarPage(
        asked=asked,
        title=_title(asked, dates),
        days=tuple(maker.day(each, entries.get(each, [])) for each in dates),
        hour_labels=tuple(_label(key) for key in hours),
        zone=zone.key,
        zone_words=_zone_words(dates, zone),
        before_url=asked.before.url,
        after_url=asked.after.url,
        today_url=f"{asked.on(today).url}#day-{today}",
        views=tuple(
            FilterLink(words, asked.on(asked.day, view).url, is_current=asked.view is view)
            for view, words in {View.MONTH: "Month", View.WEEK: "Week", View.DAY: "Day"}.items()
        ),
        accounts=_account_links(asked, plan.accounts.values()),
        account_choices=tuple(plan.accounts.values()),
        has_accounts=bool(plan.accounts),
        is_empty=not any(entries.get(each) for each in dates),
        is_whole=plan.is_whole,
        paging=paging,
    )


@dataclass(frozen=True)
class _Maker:
    """Makes days and cards of one page."""

    asked: Asked
    plan: Plan
    found: Cautions
    hours: Sequence[HourKey]
    today: date
    paging: Paging | None

    def day(self, day: date, entries: list[Entry]) -> Day:
        """`entries` are the day's, the earliest first."""
        zone = self.plan.zone
        first = (self.paging.number - 1) * CARDS_A_PAGE if self.paging else 0
        most = (
            CARDS_A_PAGE if self.paging else len(entries) if len(entries) <= CARDS_A_DAY else CARDS_A_DAY - 1
        )
        # A week shows its cards in its hours.
        shown = [] if self.hours else entries[first : first + most]
        load = fullest(self.found, day, limits=self.plan.limits, usual=self.plan.usual)
        cautions = self.found.of_day.get(day, [])
        return Day(
            iso=day.isoformat(),
            name=f"{_WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}",
            number=day.day,
            month=MONTHS[day.month - 1][:3],
            weekday=_WEEKDAYS[day.weekday()][:3],
            cards=tuple(self.card(entry) for entry in shown),
            count=len(entries),
            more=0 if self.hours or self.paging else len(entries) - len(shown),
            more_url=self.asked.on(day, View.DAY).url,
            hours=tuple(self.hour(slot, day) for slot in slots_of(day, self.hours, entries, zone)),
            cautions=tuple(cautions[:CAUTIONS_A_DAY]),
            more_cautions=max(0, len(cautions) - CAUTIONS_A_DAY),
            load=load if load and day >= self.today and self._is_load_shown(load) else None,
            load_who=self._who(load.account_pk) if load and self._are_many else "",
            clock_note=_clock_note(day, zone),
            plan_at=day.isoformat() if day >= self.today and self.plan.accounts else "",
            is_today=day == self.today,
            is_past=day < self.today,
            is_outside=self.asked.view is View.MONTH and day.month != self.asked.day.month,
        )

    @property
    def _are_many(self) -> bool:
        return self.asked.account_pk is None and len(self.plan.accounts) > 1

    def _is_load_shown(self, load: Load) -> bool:
        """Of many accounts only one that has little room left is worth its line."""
        return load.is_near or not self._are_many

    def _who(self, account_pk: int) -> str:
        account = self.plan.accounts.get(account_pk)
        return account.display_name if account else "TikTok account"

    def hour(self, slot: Slot, day: date) -> HourCell:
        """An hour is open as long as one of its quarters is ahead."""
        entries = slot.entries
        most = len(entries) if len(entries) <= CARDS_AN_HOUR else CARDS_AN_HOUR - 1
        last = slot.minutes[-1] if slot.minutes else 0
        wall = datetime(
            day.year, day.month, day.day, slot.key.hour, last, fold=slot.key.fold, tzinfo=self.plan.zone
        )
        return HourCell(
            label=_label(slot.key),
            time=f"{slot.key.hour:02}",
            fold=slot.key.fold,
            minutes=" ".join(str(minute) for minute in slot.minutes),
            cards=tuple(self.card(entry) for entry in entries[:most]),
            more=len(entries) - most,
            is_there=slot.is_there,
            is_open=slot.is_there and wall.timestamp() > self.plan.now.timestamp(),
        )

    def card(self, entry: Entry) -> Card:
        wall = entry.at.astimezone(self.plan.zone)
        account = self.plan.accounts.get(entry.account_pk)
        move_url = reverse("publishing:calendar-move", args=[entry.pk]) + f"?{self.asked.query}"
        return Card(
            pk=entry.pk,
            url=reverse("publishing:post-detail", args=[entry.pk]),
            title=entry.title,
            kind=entry.kind,
            at=entry.at,
            day=wall.date().isoformat(),
            time=f"{wall:%H:%M}",
            fold=wall.fold,
            when=f"{say_day(wall.date(), this_year=self.today.year)}, {wall:%H:%M}",
            who=entry.who,
            initial=entry.who.lstrip("@")[:1].upper(),
            avatar_url=account.avatar_url if account else "",
            pill=self._pill(entry),
            zone_note=self._zone_note(entry),
            cautions=tuple(self.found.of_post.get(entry.pk, ())),
            move_url=move_url if entry.is_movable else "",
            is_calm=not entry.is_planned and entry.state != State.HELD,
        )

    def _pill(self, entry: Entry) -> Pill:
        if entry.state == State.SCHEDULED and entry.at > self.plan.now + timedelta(minutes=1):
            return Pill(entry.state, "Scheduled")
        return Pill(
            entry.state,
            standing_word(entry.state, reason=entry.reason, waiting_for=entry.waiting_for),
        )

    def _zone_note(self, entry: Entry) -> str:
        """The time as it was chosen, where clocks show another one there."""
        if entry.zone in {"", self.plan.zone.key} or not entry.is_movable:
            return ""
        there = entry.at.astimezone(zone_called(entry.zone))
        here = entry.at.astimezone(self.plan.zone)
        if there.utcoffset() == here.utcoffset():
            return ""
        words = (
            f"{there:%H:%M}"
            if there.date() == here.date()
            else f"{say_day(there.date())[:-5]}, {there:%H:%M}"
        )
        return f"{words} in {place_of(entry.zone)}"


def place_of(zone: str) -> str:
    """What people call it: `New York` for `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def say_when(at: datetime, zone: str, *, now: datetime) -> str:
    """A moment in words, with its zone."""
    return say_moment(at, zone, now=now)


def _title(asked: Asked, dates: Sequence[date]) -> str:
    if asked.view is View.MONTH:
        return f"{MONTHS[asked.day.month - 1]} {asked.day.year}"
    first, last = dates[0], dates[-1]
    if asked.view is View.DAY:
        return f"{_WEEKDAYS[first.weekday()]} {first.day} {MONTHS[first.month - 1]} {first.year}"
    begin = f"{first.day}" if first.month == last.month else f"{first.day} {MONTHS[first.month - 1]}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} to {last.day} {MONTHS[last.month - 1]} {last.year}"


def _label(key: HourKey) -> str:
    return f"{key.hour:02}:00" + (" again" if key.fold else "")


def _zone_words(dates: Sequence[date], zone: ZoneInfo) -> str:
    """`UTC+1`, or both offsets where they change meanwhile; nothing for UTC itself."""
    offsets = [say_offset(start_of(day, zone), zone.key) for day in (dates[0], dates[-1] + timedelta(days=1))]
    if offsets[0] != offsets[1]:
        return " to ".join(offsets)
    return offsets[0] if offsets[0] != zone.key else ""


def _clock_note(day: date, zone: ZoneInfo) -> str:
    hours = hours_long(day, zone)
    if hours == 24:
        return ""
    way = "forward" if hours < 24 else "back"
    return f"The clocks go {way}: this day has {hours:g} hours."


def _account_links(asked: Asked, accounts: Iterable[TikTokAccount]) -> tuple[FilterLink, ...]:
    """All accounts, then each; nothing where there are too many to stand side by side."""
    each = list(accounts)
    if not 1 < len(each) <= MOST_LINKS:
        return ()
    return (
        FilterLink("All accounts", asked.of(None).url, is_current=asked.account_pk is None),
        *(
            FilterLink(one.display_name, asked.of(one.pk).url, is_current=asked.account_pk == one.pk)
            for one in each
        ),
    )


def _paging(asked: Asked, count: int, number: int) -> Paging:
    pages = max(1, -(-count // CARDS_A_PAGE))
    number = min(max(number, 1), pages)
    return Paging(
        number=number,
        count=pages,
        before_url=f"{asked.url}&page={number - 1}" if number > 1 else "",
        after_url=f"{asked.url}&page={number + 1}" if number < pages else "",
    )
