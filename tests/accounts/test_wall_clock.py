"""Wall-clock times: the moment they mean, the gaps and repeats that nobody guesses at, and how they are said."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from accounts.wall_clock import (
    Gap,
    Repeat,
    UnknownZoneError,
    is_zone,
    resolve,
    say_moment,
    say_offset,
    zone_names,
)
from tests.factories import moment

BERLIN = "Europe/Berlin"
FORWARD, BACK = date(2027, 3, 28), date(2026, 10, 25)


class TestAMoment:
    @pytest.mark.parametrize(
        ("zone", "utc"),
        [
            (BERLIN, "2026-12-04 17:00"),
            ("UTC", "2026-12-04 18:00"),
            ("America/New_York", "2026-12-04 23:00"),
            ("Asia/Kathmandu", "2026-12-04 12:15"),
            ("Pacific/Kiritimati", "2026-12-04 04:00"),
        ],
    )
    def test_is_what_the_clocks_there_show(self, zone: str, utc: str) -> None:
        at = resolve(date(2026, 12, 4), time(18), zone)
        assert at == moment(utc)
        assert isinstance(at, datetime)
        assert at.tzinfo is UTC

    @pytest.mark.parametrize("fold", [0, 1])
    def test_is_the_same_for_an_answer_to_a_question_that_is_not_asked(self, fold: int) -> None:
        assert resolve(date(2026, 12, 4), time(18), BERLIN, fold=fold) == moment("2026-12-04 17:00")

    @pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "/etc/localtime"])
    def test_needs_a_zone_that_exists(self, zone: str) -> None:
        assert not is_zone(zone)
        with pytest.raises(UnknownZoneError):
            resolve(date(2026, 12, 4), time(18), zone)


class TestAGap:
    @pytest.mark.parametrize("clock", [time(2), time(2, 30), time(2, 59)])
    def test_comes_with_the_valid_times_beside_it(self, clock: time) -> None:
        gap = resolve(FORWARD, clock, BERLIN)
        assert isinstance(gap, Gap)
        assert (gap.before, gap.after) == (moment("2027-03-28 00:59"), moment("2027-03-28 01:00"))
        assert gap.words == (
            f"{clock:%H:%M} does not exist on Sun 28 Mar 2027 in Europe/Berlin: "
            "the clocks go forward from 01:59 to 03:00."
        )

    @pytest.mark.parametrize("clock", [time(1, 59), time(3)])
    def test_ends_at_its_edges(self, clock: time) -> None:
        assert isinstance(resolve(FORWARD, clock, BERLIN), datetime)

    def test_may_be_half_an_hour(self) -> None:
        gap = resolve(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe")
        assert isinstance(gap, Gap)
        assert (gap.before, gap.after) == (moment("2026-10-03 15:29"), moment("2026-10-03 15:30"))

    def test_may_be_a_whole_day(self) -> None:
        gap = resolve(date(2011, 12, 30), time(12), "Pacific/Apia")
        assert isinstance(gap, Gap)
        assert gap.words == (
            "12:00 does not exist on Fri 30 Dec 2011 in Pacific/Apia: the clocks go forward from "
            "Thu 29 Dec 2011, 23:59 to Sat 31 Dec 2011, 00:00."
        )


class TestARepeat:
    def test_is_asked_about(self) -> None:
        repeat = resolve(BACK, time(2, 30), BERLIN)
        assert isinstance(repeat, Repeat)
        assert (repeat.first, repeat.second) == (moment("2026-10-25 00:30"), moment("2026-10-25 01:30"))
        assert repeat.words == (
            "02:30 comes twice on Sun 25 Oct 2026 in Europe/Berlin: the clocks go back. Choose which one."
        )

    @pytest.mark.parametrize(("fold", "utc"), [(0, "2026-10-25 00:30"), (1, "2026-10-25 01:30")])
    def test_is_answered_by_a_person(self, fold: int, utc: str) -> None:
        assert resolve(BACK, time(2, 30), BERLIN, fold=fold) == moment(utc)


class TestWords:
    def test_name_day_time_and_zone(self) -> None:
        at = moment("2026-12-04 17:00")
        assert say_moment(at, BERLIN) == "Fri 4 Dec 2026, 18:00 Europe/Berlin"
        assert say_moment(at, BERLIN, now=moment("2026-11-27 09:00")) == "Fri 4 Dec, 18:00 Europe/Berlin"
        assert say_moment(at, BERLIN, now=moment("2025-11-27 09:00")) == "Fri 4 Dec 2026, 18:00 Europe/Berlin"

    def test_tell_the_two_of_a_repeat_apart(self) -> None:
        said = [say_moment(moment(f"2026-10-25 {clock}"), BERLIN) for clock in ("00:30", "01:30")]
        assert said == [
            "Sun 25 Oct 2026, 02:30 (UTC+2) Europe/Berlin",
            "Sun 25 Oct 2026, 02:30 (UTC+1) Europe/Berlin",
        ]

    @pytest.mark.parametrize(
        ("zone", "offset"), [("UTC", "UTC"), ("America/St_Johns", "UTC-3:30"), ("Asia/Kathmandu", "UTC+5:45")]
    )
    def test_say_offsets(self, zone: str, offset: str) -> None:
        assert say_offset(moment("2026-12-04 17:00"), zone) == offset


def test_the_list_begins_with_utc_and_holds_no_old_names() -> None:
    names = zone_names()
    assert names[0] == "UTC"
    assert {BERLIN, "America/New_York", "Pacific/Apia"} < set(names)
    assert not {"EST", "posixrules", "Etc/GMT+5", "US/Eastern"} & set(names)
    assert all(is_zone(name) for name in names)


FIRST, LAST = moment("1975-01-01 00:00"), moment("2037-12-31 23:59")


def change_of(zone: str, month: int) -> datetime:
    """When the zone's clocks were last put before that month (counted from 1975), or two years before it."""
    info = ZoneInfo(zone)
    low = high = FIRST.replace(year=1975 + month // 12, month=month % 12 + 1)
    for _ in range(24):
        high, low = low, max(low - timedelta(days=31), FIRST)
        if low.astimezone(info).utcoffset() != high.astimezone(info).utcoffset():
            break
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        is_before = middle.astimezone(info).utcoffset() == low.astimezone(info).utcoffset()
        low, high = (middle, high) if is_before else (low, middle)
    return high.replace(second=0, microsecond=0)


# Any time at all would almost never meet a change of the clocks: these are within a few hours of one.
near_changes = st.builds(
    lambda zone, month, minutes: (zone, change_of(zone, month) + timedelta(minutes=minutes)),
    st.sampled_from(zone_names()),
    st.integers(12, 62 * 12),
    st.sampled_from(range(-200, 200)),
)
any_moments = st.tuples(
    st.sampled_from(zone_names()),
    st.integers(0, int((LAST - FIRST) / timedelta(minutes=1))).map(
        lambda minutes: FIRST + timedelta(minutes=minutes)
    ),
)


@settings(max_examples=500)
@given(near_changes | any_moments, st.sampled_from(range(-90, 90)))
def test_every_answer_is_what_the_clocks_show(where: tuple[str, datetime], minutes: int) -> None:
    zone, near = where
    info = ZoneInfo(zone)
    # By the clocks alone, so that times which nobody ever saw come up too.
    wall = near.astimezone(info).replace(tzinfo=None, second=0) + timedelta(minutes=minutes)

    def shown(at: datetime) -> datetime:
        return at.astimezone(info).replace(tzinfo=None, fold=0)

    match resolve(wall.date(), wall.time(), zone):
        case Gap(before=before, after=after):
            event("gap")
            assert after - before == timedelta(minutes=1)
            assert shown(before) < wall < shown(after)
        case Repeat(first=first, second=second):
            event("repeat")
            assert shown(first) == shown(second) == wall
            assert first < second
            assert resolve(wall.date(), wall.time(), zone, fold=0) == first
            assert resolve(wall.date(), wall.time(), zone, fold=1) == second
        case at:
            event("one")
            assert shown(at) == wall


@given(near_changes | any_moments)
def test_every_moment_can_be_chosen(where: tuple[str, datetime]) -> None:
    zone, at = where
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    answer = resolve(wall.date(), wall.time().replace(fold=0), zone)
    assert at in ((answer.first, answer.second) if isinstance(answer, Repeat) else (answer,))
