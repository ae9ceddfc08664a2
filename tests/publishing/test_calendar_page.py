"""The calendar: every post on its day by the person's clocks, for their eyes only, in a fixed number of queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import TikTokAccount, User
from accounts.people import workspace_of
from publishing import calendar_views
from publishing.calendar_page import CalendarPage, Card, Day
from publishing.caps import TOO_MANY_POSTS
from publishing.states import State
from publishing.steps import Wait
from tests.factories import make_account, make_carousel, make_post, make_publication
from tests.publishing.calendars import plan, plan_many

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
URL = reverse("publishing:calendar")
# A Friday.
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_friday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_views.timezone, "now", lambda: NOW)


@pytest.fixture
def poppy(workspace: Any) -> TikTokAccount:
    return make_account(workspace)


def see(client: Client, **query: object) -> CalendarPage:
    response = client.get(URL, query)
    assert response.status_code == 200
    page = response.context["page"]
    assert isinstance(page, CalendarPage)
    return page


def day_of(page: CalendarPage, iso: str) -> Day:
    return next(day for day in page.days if day.iso == iso)


def cards_of(day: Day) -> list[Card]:
    return [*day.cards, *(card for hour in day.hours for card in hour.cards)]


def test_opens_on_the_month_of_today(as_alice: Client) -> None:
    page = see(as_alice)
    assert (page.title, len(page.days)) == ("November 2026", 42)
    assert [day.iso for day in page.days if day.is_today] == ["2026-11-27"]
    assert page.before_url == f"{URL}?view=month&day=2026-10-01"
    assert page.after_url == f"{URL}?view=month&day=2026-12-01"
    assert page.today_url == f"{URL}?view=month&day=2026-11-27#day-2026-11-27"


def test_a_post_stands_on_its_day_by_the_persons_clocks(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    alice.time_zone = "Europe/Berlin"
    alice.save()
    plan(alice, poppy, datetime(2026, 11, 30, 23, 15, tzinfo=UTC), caption="Fog\n#quiet")
    page = see(as_alice)
    [card] = day_of(page, "2026-12-01").cards
    assert (card.time, card.title, card.who, card.kind, card.pill.label) == (
        "00:15", "Fog", "Poppy", "Video", "Scheduled",
    )  # fmt: skip
    assert card.is_movable
    assert day_of(page, "2026-11-30").cards == ()
    html = as_alice.get(URL).content.decode()
    assert "Days and times in <strong>Europe/Berlin</strong> (UTC+1)." in html
    assert 'data-time="relative"' not in html


def test_a_time_chosen_elsewhere_says_so(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    at = datetime(2026, 11, 28, 2, tzinfo=UTC)
    plan(alice, poppy, at, time_zone="America/New_York")
    plan(alice, poppy, at + timedelta(hours=1), time_zone="Africa/Abidjan")  # the same clocks as UTC
    cards = day_of(see(as_alice), "2026-11-28").cards
    assert [card.zone_note for card in cards] == ["Fri 27 Nov, 21:00 in New York", ""]


def test_kinds_and_states_stand_on_the_cards(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    at = NOW - timedelta(hours=3)
    make_publication(
        make_carousel(workspace_of(alice), account=poppy, photos=3),
        user=alice,
        due_at=at,
        state=State.PUBLISHED,
    )
    draft = make_post(workspace_of(alice), account=poppy, destination="inbox")
    make_publication(draft, user=alice, due_at=at + timedelta(hours=1), state=State.IN_INBOX)
    plan(alice, poppy, at + timedelta(hours=2), state=State.HELD, reason="missed")
    plan(alice, poppy, at + timedelta(hours=2, minutes=30), state=State.FAILED)
    cards = day_of(see(as_alice), "2026-11-27").cards
    assert [(card.kind, card.pill.label, card.is_calm, card.is_movable) for card in cards] == [
        ("3 photos", "Published", True, False),
        ("Video, as a draft", "In the creator's inbox", True, False),
        ("Video", "Held", False, True),
        ("Video", "Failed", True, False),
    ]


def test_what_waits_says_for_what_as_on_the_other_pages(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    for hour, fields in enumerate(({"reason": TOO_MANY_POSTS}, {"waiting_for": Wait.TIKTOK}, {})):
        plan(alice, poppy, NOW.replace(hour=hour), state=State.STARTING, **fields)
    cards = cards_of(day_of(see(as_alice), "2026-11-27"))
    assert [card.pill.label for card in cards] == [
        "Waiting its turn",
        "TikTok does not answer",
        "Getting ready",
    ]


def test_a_post_that_was_taken_back_is_not_planned(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    plan(alice, poppy, NOW, state=State.DRAFT)
    make_post(workspace_of(alice), account=poppy)
    assert see(as_alice).is_empty


def test_a_week_shows_its_hours(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    plan(alice, poppy, datetime(2026, 11, 29, 14, 45, tzinfo=UTC))
    page = see(as_alice, view="week", day="2026-11-29")
    assert (page.title, len(page.hour_labels)) == ("23 to 29 November 2026", 24)
    sunday = day_of(page, "2026-11-29")
    assert [(hour.time, [card.time for card in hour.cards]) for hour in sunday.hours if hour.cards] == [
        ("14", ["14:45"])
    ]
    friday = day_of(page, "2026-11-27")
    assert [hour.time for hour in friday.hours if hour.is_open][:1] == ["09"]


@pytest.mark.parametrize(
    ("day", "labels", "missing", "note"),
    [
        ("2027-03-28", 24, ["02"], "The clocks go forward: this day has 23 hours."),
        ("2026-10-25", 25, [], "The clocks go back: this day has 25 hours."),
    ],
)
def test_days_on_which_clocks_change_say_so(
    as_alice: Client, alice: User, poppy: TikTokAccount, day: str, labels: int, missing: list[str], note: str
) -> None:
    alice.time_zone = "Europe/Berlin"
    alice.save()
    page = see(as_alice, view="week", day=day)
    assert len(page.hour_labels) == labels
    sunday = day_of(page, day)
    assert sunday.clock_note == note
    assert [hour.time for hour in sunday.hours if not hour.is_there] == missing
    assert " to " in page.zone_words


def test_filters_by_account(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    dana = make_account(workspace_of(alice), username="dana", nickname="Dana")
    plan(alice, poppy, NOW + timedelta(hours=3), caption="Of Poppy")
    plan(alice, dana, NOW + timedelta(hours=4), caption="Of Dana")
    page = see(as_alice, account=dana.pk)
    assert [card.title for card in day_of(page, "2026-11-27").cards] == ["Of Dana"]
    assert [(link.label, link.is_current) for link in page.accounts] == [
        ("All accounts", False), ("Dana", True), ("Poppy", False),
    ]  # fmt: skip
    assert page.before_url.endswith(f"&account={dana.pk}")


def test_many_accounts_become_a_list_to_choose_from(as_alice: Client, workspace: Any) -> None:
    for number in range(7):
        make_account(workspace, nickname=f"Creator {number}")
    response = as_alice.get(URL)
    assert response.context["page"].accounts == ()
    assert response.content.decode().count("<option") == 8


@pytest.mark.parametrize(
    "query",
    ["view=year", "day=2026-13-01", "day=0001-01-01", "day=9999-12-31", "account=²", "account=zz", "page=²"],
)
def test_words_it_does_not_know_ask_for_nothing(as_alice: Client, query: str) -> None:
    response = as_alice.get(f"{URL}?{query}")
    assert response.status_code == 200
    assert response.context["page"].title == "November 2026"


def test_a_full_day_says_how_many_more_and_leads_there(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    plan_many(alice, poppy, [NOW + timedelta(minutes=20 * number) for number in range(6)])
    friday = day_of(see(as_alice), "2026-11-27")
    assert (len(friday.cards), friday.more, friday.count) == (3, 3, 6)
    assert friday.more_url == f"{URL}?view=day&day=2026-11-27"
    assert len(day_of(see(as_alice, view="day", day="2026-11-27"), "2026-11-27").cards) == 6
    hours = {hour.time: hour for hour in day_of(see(as_alice, view="week"), "2026-11-27").hours}
    assert [(len(hours[time].cards), hours[time].more) for time in ("09", "10")] == [(3, 0), (3, 0)]


def test_a_day_with_very_many_posts_has_pages(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    plan_many(alice, poppy, [NOW + timedelta(minutes=number) for number in range(205)])
    page = see(as_alice, view="day", day="2026-11-27", page=3)
    assert page.paging is not None
    assert (page.paging.number, page.paging.count, len(page.days[0].cards)) == (3, 3, 5)
    assert page.paging.before_url == f"{URL}?view=day&day=2026-11-27&page=2"


def test_the_number_of_queries_does_not_grow_with_the_posts(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    def queries() -> list[int]:
        found = []
        for view in ("month", "week", "day"):
            with CaptureQueriesContext(connection) as captured:
                response = as_alice.get(URL, {"view": view})
            assert response.status_code == 200
            found.append(len(captured))
        return found

    none = queries()
    plan_many(alice, poppy, [NOW + timedelta(hours=number / 20) for number in range(50)])
    fifty = queries()
    plan_many(alice, poppy, [NOW - timedelta(days=26) + timedelta(minutes=20 * n) for n in range(1950)])
    assert sum(day.count for day in see(as_alice).days) == 2000
    assert (fifty, queries()) == (none, none)
    # Its own are three: accounts, posts, how many TikTok takes. The rest is what every page asks.
    assert max(none) <= 10


def test_says_what_to_do_first(as_alice: Client, workspace: Any) -> None:
    html = as_alice.get(URL).content.decode()
    assert "First, connect a TikTok account" in html
    assert f'href="{reverse("accounts:account-list")}"' in html
    make_account(workspace)
    html = as_alice.get(URL).content.decode()
    assert "Nothing is planned here." in html
    assert f'action="{reverse("composer:post-new")}"' in html
    assert "First, connect" not in html


def test_bob_sees_nothing_of_alice(as_bob: Client, alice: User, poppy: TikTokAccount) -> None:
    plan(alice, poppy, NOW + timedelta(hours=1), caption="Alice alone")
    for query in ({}, {"account": poppy.pk}, {"view": "week"}):
        response = as_bob.get(URL, query)
        assert response.context["page"].is_empty
        assert "Alice alone" not in response.content.decode()
        assert "Poppy" not in response.content.decode()


def test_an_account_that_moved_away_is_shown_as_it_was_agreed_to(
    as_alice: Client, alice: User, bob: User, poppy: TikTokAccount
) -> None:
    plan(alice, poppy, NOW, state=State.HELD)
    TikTokAccount.objects.update(
        workspace=workspace_of(bob), nickname="Poppy at Bob's", avatar="avatars/x.jpg"
    )
    [card] = day_of(see(as_alice), "2026-11-27").cards
    assert (card.who, card.avatar_url) == ("Poppy", "")


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={URL}")


def test_htmx_gets_the_calendar_alone(as_alice: Client) -> None:
    response = as_alice.get(URL, headers={"HX-Request": "true"})
    html = response.content.decode().strip()
    assert html.startswith('<div class="calendar" id="calendar"')
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


def test_warnings_stand_in_words_on_the_card_and_on_the_day(
    as_alice: Client, alice: User, poppy: TikTokAccount
) -> None:
    plan(alice, poppy, NOW + timedelta(hours=2), caption="One")
    plan(alice, poppy, NOW + timedelta(hours=2, minutes=8), caption="Two")
    friday = day_of(see(as_alice), "2026-11-27")
    assert friday.cautions == ("Poppy: posts only 8 min apart.",)
    assert [card.cautions for card in friday.cards] == [
        ("Only 8 min before another post.",),
        ("Only 8 min after another post.",),
    ]
    html = as_alice.get(URL).content.decode()
    assert "Poppy: posts only 8 min apart." in html
    assert "Only 8 min after another post." in html


def test_the_gap_is_a_setting(as_alice: Client, alice: User, poppy: TikTokAccount, settings: Any) -> None:
    settings.CALENDAR_GAP_MINUTES = 5
    plan(alice, poppy, NOW + timedelta(hours=2), caption="One")
    plan(alice, poppy, NOW + timedelta(hours=2, minutes=8), caption="Two")
    assert day_of(see(as_alice), "2026-11-27").cautions == ()


def test_shows_how_much_room_an_account_has(as_alice: Client, alice: User, poppy: TikTokAccount) -> None:
    for hours in (1, 2, 3):
        plan(alice, poppy, NOW + timedelta(hours=hours), caption=f"Post {hours}")
    page = see(as_alice)
    load = day_of(page, "2026-11-27").load
    assert load is not None
    assert (load.count, load.limit) == (3, 15)
    assert "3 of about 15" in as_alice.get(URL).content.decode()
    make_account(workspace_of(alice), nickname="Dana")
    assert day_of(see(as_alice), "2026-11-27").load is None


def test_days_ahead_offer_to_plan_a_post(as_alice: Client, workspace: Any) -> None:
    assert 'name="plan_date"' not in as_alice.get(URL).content.decode()
    make_account(workspace)
    html = as_alice.get(URL).content.decode()
    offered = [part.split('"')[0] for part in html.split('name="plan_date" value="')[1:]]
    assert (offered[0], offered[-1], len(offered)) == ("2026-11-27", "2026-12-06", 10)
    assert '<input type="hidden" name="plan_zone" value="UTC">' in html
