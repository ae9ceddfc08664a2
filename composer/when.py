"""What the pages show of a plan: its fields, the zones to choose from, and what comes of it."""

from dataclasses import dataclass
from datetime import datetime

from accounts.wall_clock import say_moment, zone_called, zone_names
from composer.plans import Plan, PlanRuling, rule_on_plan


@dataclass(frozen=True, slots=True)
class When:
    """A plan for showing. `words_here` is the moment by the reader's own clocks, where those are others."""

    plan: Plan
    ruling: PlanRuling
    zones: tuple[str, ...]
    # The reader's zone is not known yet: a browser may offer its own.
    is_zone_open: bool
    first_day: str
    words_here: str

    @property
    def day(self) -> str:
        return self.plan.day.isoformat() if self.plan.day else ""

    @property
    def clock(self) -> str:
        return f"{self.plan.clock:%H:%M}" if self.plan.clock else ""


def when_of(plan: Plan, *, own_zone: str, now: datetime, has_all_zones: bool) -> When:
    """`own_zone` is the reader's, empty when they never chose one. All zones are 10 kB: only who plans needs them."""
    ruling = rule_on_plan(plan, default_zone=own_zone or "UTC", now=now)
    few = (ruling.zone, own_zone, "UTC")
    all_ = (ruling.zone, *zone_names()) if ruling.zone not in zone_names() else zone_names()
    return When(
        plan=plan,
        ruling=ruling,
        zones=all_ if has_all_zones else tuple(dict.fromkeys(filter(None, few))),
        is_zone_open=not plan.zone and not own_zone,
        first_day=now.astimezone(zone_called(ruling.zone)).date().isoformat(),
        words_here=(
            say_moment(ruling.at, own_zone, now=now)
            if ruling.at and own_zone and own_zone != ruling.zone
            else ""
        ),
    )
