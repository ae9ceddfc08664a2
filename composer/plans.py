"""When a post is to go out, as a person writes it down: now, or at a time by the clocks of a zone; never guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from accounts.wall_clock import Gap, Repeat, is_zone, resolve, say_moment, say_offset, zone_called

# Nobody plans further ahead; a slip of the keyboard does.
FARTHEST = timedelta(days=366 * 2)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?\Z")
_PICK_BETWEEN = " for "


@dataclass(frozen=True, slots=True)
class Plan:
    """A time as it was written down, whole or not. `fold` is the answer to a time that comes twice: 0 or 1."""

    is_planned: bool = False
    day: date | None = None
    clock: time | None = None
    # Empty as long as nobody has chosen one.
    zone: str = ""
    fold: int | None = None


NOW = Plan()


@dataclass(frozen=True, slots=True)
class Pick:
    """One valid time beside one that does not exist, or one of two that look the same; `name` is its field's."""

    name: str
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PlanRuling:
    """What a plan comes to: the moment (UTC), or what is missing or wrong, at which control.

    Now has neither. `zone` is the one by whose clocks it was read.
    """

    is_planned: bool
    zone: str
    at: datetime | None = None
    problem: str = ""
    field: str = ""
    picks: tuple[Pick, ...] = ()
    # `Fri 4 Dec, 18:00 Europe/Berlin`, where there is a moment.
    words: str = ""

    @property
    def reason(self) -> str:
        """The problem in a few words, for where it is said a second time."""
        return "Choose which time is meant." if self.picks and self.problem else self.problem

    @property
    def is_clear(self) -> bool:
        """Whether it says when: nothing keeps the post back on its account."""
        return not self.problem

    @property
    def key(self) -> str:
        """What a button with these words stands for; it goes along with the press."""
        return self.at.isoformat() if self.at else ""


def rule_on_plan(plan: Plan, *, default_zone: str, now: datetime) -> PlanRuling:
    """Read a plan by the clocks of its zone, or of `default_zone` where it names none."""
    zone = plan.zone or default_zone
    if not plan.is_planned:
        return PlanRuling(is_planned=False, zone=zone)
    if plan.day is None:
        return _refuse(zone, "Choose the day it goes out.", "plan_date")
    if plan.clock is None:
        return _refuse(zone, "Choose the time it goes out.", "plan_time")
    # The calendar's very ends have no moments in every zone; a whole year of distance decides without them.
    if plan.day.year < now.year - 1:
        return _refuse(zone, _past_words(zone, now), "plan_date")
    if plan.day.year > (now + FARTHEST).year:
        return _refuse(zone, _FAR, "plan_date")
    found = resolve(plan.day, plan.clock, zone, fold=plan.fold)
    if isinstance(found, Gap):
        return PlanRuling(
            is_planned=True,
            zone=zone,
            problem=f"{found.words} Choose one of these.",
            field="plan_time",
            picks=tuple(_beside(found, moment) for moment in (found.before, found.after)),
        )
    if isinstance(found, Repeat):
        return PlanRuling(
            is_planned=True, zone=zone, problem=found.words, field="plan_time", picks=_both(found, None)
        )
    if found <= now:
        return _refuse(zone, _past_words(zone, now), "plan_time")
    if found > now + FARTHEST:
        return _refuse(zone, _FAR, "plan_date")
    # An answered question stays on the page, to be answered otherwise.
    asked = resolve(plan.day, plan.clock, zone)
    return PlanRuling(
        is_planned=True,
        zone=zone,
        at=found,
        picks=_both(asked, plan.fold) if isinstance(asked, Repeat) else (),
        words=say_moment(found, zone, now=now),
    )


def read_plan(sent: Mapping[str, str]) -> Plan:
    """The plan a page sends; what cannot be read counts as not chosen. A picked time replaces the one it is for."""
    plan = Plan(
        is_planned=sent.get("timing") == "later",
        day=_read_day(sent.get("plan_date", "")),
        clock=_read_clock(sent.get("plan_time", "")),
        zone=zone if is_zone(zone := sent.get("plan_zone", "")) else "",
        fold={"0": 0, "1": 1}.get(sent.get("plan_fold", "")),
    )
    if not plan.is_planned and plan.day is None and plan.clock is None:
        return NOW  # a zone alone, as the page offers it, is nobody's choice
    picked, between, wall = sent.get("plan_pick", "").partition(_PICK_BETWEEN)
    if between and plan.day and plan.clock and wall == _wall_key(datetime.combine(plan.day, plan.clock)):
        day, _, clock = picked.partition("T")
        plan = replace(plan, day=_read_day(day) or plan.day, clock=_read_clock(clock) or plan.clock)
    return plan


def plan_for(at: datetime, zone: str) -> Plan:
    """The plan that leads to this moment by the clocks of that zone."""
    wall = at.astimezone(zone_called(zone))
    found = resolve(wall.date(), wall.time().replace(fold=0), zone)
    fold = wall.fold if isinstance(found, Repeat) else None
    return Plan(is_planned=True, day=wall.date(), clock=wall.time().replace(fold=0), zone=zone, fold=fold)


def next_plan_like(at: datetime, zone: str, *, now: datetime) -> Plan:
    """The same clock time by the clocks of that zone, on the first day that has it still ahead."""
    missed, here = plan_for(at, zone), now.astimezone(zone_called(zone))
    is_over = missed.clock is not None and missed.clock <= here.time()
    return replace(missed, day=here.date() + timedelta(days=is_over), fold=None)


_FAR = "That is more than two years ahead. Choose an earlier day."


def _past_words(zone: str, now: datetime) -> str:
    return f"That time is past: it is {say_moment(now, zone, now=now)}. Choose a later one."


def _refuse(zone: str, problem: str, field: str) -> PlanRuling:
    return PlanRuling(is_planned=True, zone=zone, problem=problem, field=field)


def _beside(gap: Gap, moment: datetime) -> Pick:
    wall = moment.astimezone(zone_called(gap.zone))
    return Pick(
        "plan_pick",
        f"{_wall_key(wall)}{_PICK_BETWEEN}{_wall_key(gap.wall)}",
        say_moment(moment, gap.zone),
        is_chosen=False,
    )


def _both(repeat: Repeat, fold: int | None) -> tuple[Pick, ...]:
    named = (("The first", repeat.first), ("The second", repeat.second))
    return tuple(
        Pick(
            "plan_fold",
            str(place),
            f"{order}, when {repeat.zone} is at {say_offset(moment, repeat.zone)}",
            is_chosen=fold == place,
        )
        for place, (order, moment) in enumerate(named)
    )


def _wall_key(wall: datetime) -> str:
    return f"{wall:%Y-%m-%dT%H:%M}"


def _read_day(text: str) -> date | None:
    if not _DAY.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_clock(text: str) -> time | None:
    """To the minute: what a browser may add is not asked for."""
    if not _CLOCK.match(text):
        return None
    try:
        return time.fromisoformat(text[:5])
    except ValueError:
        return None
