"""A plan as it is written down: what a page sends is read leniently, judged strictly, and never guessed at."""

from datetime import date, time, timedelta

import pytest

from composer.plans import NOW, Plan, next_plan_like, plan_for, read_plan, rule_on_plan
from tests.factories import moment

BERLIN = "Europe/Berlin"
TODAY = moment("2026-11-27 09:00")


def sent(day: str = "2026-12-04", clock: str = "18:00", zone: str = BERLIN, **more: str) -> dict[str, str]:
    return {"timing": "later", "plan_date": day, "plan_time": clock, "plan_zone": zone, **more}


class TestReading:
    def test_takes_what_browsers_send(self) -> None:
        assert read_plan(sent()) == Plan(True, date(2026, 12, 4), time(18), BERLIN)
        assert read_plan(sent(clock="18:00:59.999")).clock == time(18)

    @pytest.mark.parametrize("day", ["", "4 Dec", "2026-02-30", "20261204", "2026-W49-5", "\uff12026-12-04"])
    def test_counts_what_is_no_day_as_not_chosen(self, day: str) -> None:
        assert read_plan(sent(day=day)) == Plan(True, None, time(18), BERLIN)

    @pytest.mark.parametrize("clock", ["", "6pm", "24:00", "18:60", "18", "18:00+02:00"])
    def test_counts_what_is_no_time_as_not_chosen(self, clock: str) -> None:
        assert read_plan(sent(clock=clock)).clock is None

    def test_counts_a_zone_that_nobody_knows_as_not_chosen(self) -> None:
        assert read_plan(sent(zone="../../etc/passwd")).zone == ""

    def test_keeps_what_was_written_down_when_now_is_chosen_after_all(self) -> None:
        assert read_plan(sent() | {"timing": "now"}) == Plan(False, date(2026, 12, 4), time(18), BERLIN)

    def test_takes_the_zone_that_the_page_offers_for_nobodys_choice(self) -> None:
        assert read_plan(sent("", "") | {"timing": "now"}) == NOW


class TestRuling:
    def test_finds_the_moment(self) -> None:
        ruling = rule_on_plan(read_plan(sent()), default_zone="UTC", now=TODAY)
        assert (ruling.at, ruling.words) == (moment("2026-12-04 17:00"), "Fri 4 Dec, 18:00 Europe/Berlin")
        assert ruling.is_clear

    def test_reads_by_the_persons_zone_where_none_is_named(self) -> None:
        ruling = rule_on_plan(read_plan(sent(zone="")), default_zone="Asia/Tokyo", now=TODAY)
        assert ruling.words == "Fri 4 Dec, 18:00 Asia/Tokyo"

    def test_has_nothing_to_say_about_now(self) -> None:
        ruling = rule_on_plan(NOW, default_zone=BERLIN, now=TODAY)
        assert (ruling.is_clear, ruling.at, ruling.key) == (True, None, "")

    @pytest.mark.parametrize(
        ("changes", "problem", "field"),
        [
            ({"day": ""}, "Choose the day it goes out.", "plan_date"),
            ({"clock": ""}, "Choose the time it goes out.", "plan_time"),
            (
                {"day": "2026-11-27", "clock": "10:00"},
                "That time is past: it is Fri 27 Nov, 10:00 Europe/Berlin. Choose a later one.",
                "plan_time",
            ),
            (
                {"day": "0001-01-01"},
                "That time is past: it is Fri 27 Nov, 10:00 Europe/Berlin. Choose a later one.",
                "plan_date",
            ),
            (
                {"day": "2028-12-04"},
                "That is more than two years ahead. Choose an earlier day.",
                "plan_date",
            ),
            (
                {"day": "9999-12-31", "zone": "Pacific/Niue"},
                "That is more than two years ahead. Choose an earlier day.",
                "plan_date",
            ),
        ],
    )
    def test_says_what_is_missing_or_wrong(self, changes: dict[str, str], problem: str, field: str) -> None:
        ruling = rule_on_plan(read_plan(sent(**changes)), default_zone="UTC", now=TODAY)
        assert (ruling.problem, ruling.field, ruling.at) == (problem, field, None)

    def test_takes_the_very_next_minute(self) -> None:
        plan = read_plan(sent("2026-11-27", "10:01"))
        assert rule_on_plan(plan, default_zone="UTC", now=TODAY).at == TODAY + timedelta(minutes=1)


class TestATimeThatDoesNotExist:
    SENT = sent("2027-03-28", "02:30")

    def test_comes_with_its_two_neighbours(self) -> None:
        ruling = rule_on_plan(read_plan(self.SENT), default_zone="UTC", now=TODAY)
        assert ruling.problem == (
            "02:30 does not exist on Sun 28 Mar 2027 in Europe/Berlin: the clocks go forward from 01:59 to 03:00. "
            "Choose one of these."
        )
        assert [pick.label for pick in ruling.picks] == [
            "Sun 28 Mar 2027, 01:59 Europe/Berlin",
            "Sun 28 Mar 2027, 03:00 Europe/Berlin",
        ]
        assert not any(pick.is_chosen for pick in ruling.picks)

    @pytest.mark.parametrize(("place", "utc"), [(0, "2027-03-28 00:59"), (1, "2027-03-28 01:00")])
    def test_is_replaced_by_the_one_picked(self, place: int, utc: str) -> None:
        pick = rule_on_plan(read_plan(self.SENT), default_zone="UTC", now=TODAY).picks[place]
        plan = read_plan(self.SENT | {pick.name: pick.value})
        assert rule_on_plan(plan, default_zone="UTC", now=TODAY).at == moment(utc)

    def test_a_pick_for_another_time_does_nothing(self) -> None:
        pick = rule_on_plan(read_plan(self.SENT), default_zone="UTC", now=TODAY).picks[0]
        assert read_plan(sent("2027-03-28", "05:00", plan_pick=pick.value)).clock == time(5)


class TestATimeThatComesTwice:
    SENT = sent("2027-10-31", "02:30")

    def test_is_asked_about(self) -> None:
        ruling = rule_on_plan(read_plan(self.SENT), default_zone="UTC", now=TODAY)
        assert (ruling.at, ruling.problem) == (
            None,
            "02:30 comes twice on Sun 31 Oct 2027 in Europe/Berlin: the clocks go back. Choose which one.",
        )
        assert [(pick.name, pick.value, pick.label) for pick in ruling.picks] == [
            ("plan_fold", "0", "The first, when Europe/Berlin is at UTC+2"),
            ("plan_fold", "1", "The second, when Europe/Berlin is at UTC+1"),
        ]

    @pytest.mark.parametrize(
        ("fold", "utc", "words"),
        [("0", "2027-10-31 00:30", "UTC+2"), ("1", "2027-10-31 01:30", "UTC+1")],
    )
    def test_is_the_one_picked_and_says_so(self, fold: str, utc: str, words: str) -> None:
        ruling = rule_on_plan(read_plan(self.SENT | {"plan_fold": fold}), default_zone="UTC", now=TODAY)
        assert ruling.at == moment(utc)
        assert ruling.words == f"Sun 31 Oct 2027, 02:30 ({words}) Europe/Berlin"
        assert [pick.is_chosen for pick in ruling.picks] == [fold == "0", fold == "1"]


@pytest.mark.parametrize("utc", ["2026-12-04 17:00", "2027-10-31 00:30", "2027-10-31 01:30"])
def test_a_moment_is_written_down_so_that_it_comes_out_again(utc: str) -> None:
    plan = plan_for(moment(utc), BERLIN)
    assert rule_on_plan(plan, default_zone="UTC", now=TODAY).at == moment(utc)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-27 09:00", date(2026, 11, 27)),  # 10:00 in Berlin: today's 18:00 is still ahead
        ("2026-11-27 17:00", date(2026, 11, 28)),  # 18:00 sharp
        ("2026-11-27 22:30", date(2026, 11, 28)),
        ("2026-11-27 23:30", date(2026, 11, 28)),  # Berlin has tomorrow already
    ],
)
def test_a_time_that_is_over_comes_again_on_the_first_day_that_has_it_ahead(now: str, day: date) -> None:
    plan = next_plan_like(moment("2026-01-05 17:00"), BERLIN, now=moment(now))
    assert plan == Plan(True, day, time(18), BERLIN)
    assert rule_on_plan(plan, default_zone="UTC", now=moment(now)).is_clear


def test_a_time_that_was_the_second_of_two_asks_for_nothing_on_a_day_that_has_it_once() -> None:
    plan = next_plan_like(moment("2026-10-25 01:30"), BERLIN, now=TODAY)
    assert rule_on_plan(plan, default_zone="UTC", now=TODAY).at == moment("2026-11-28 01:30")
