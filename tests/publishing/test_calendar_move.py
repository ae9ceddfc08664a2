"""Moving a post on the calendar: by drag, by the form, and back; refused in words, with the post where it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.people import workspace_of
from publishing import calendar_views
from publishing.models import EventKind, Publication
from publishing.states import State
from tests.factories import make_account
from tests.publishing.calendars import plan

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
HTMX = {"HX-Request": "true"}
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
AT = datetime(2027, 6, 15, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_berlin(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_views, "database_now", lambda: NOW)
    alice.time_zone = "Europe/Berlin"
    alice.save()


def plan_fog(user: User, **fields: Any) -> Publication:
    """A post at 18:00 in Berlin."""
    return plan(
        user, make_account(workspace_of(user)), AT, caption="Fog", time_zone="Europe/Berlin", **fields
    )


@pytest.fixture
def publication(alice: User) -> Publication:
    return plan_fog(alice)


def address(publication: Publication) -> str:
    return reverse("publishing:calendar-move", args=[publication.post_id]) + "?view=month&day=2027-06-15"


def drag(client: Client, publication: Publication, day: str, time: str, **more: str) -> HttpResponse:
    """As the calendar's script does when a card is let go."""
    form = {"day": day, "time": time, "zone": "Europe/Berlin", "was": publication.due_at.isoformat(), **more}
    return client.post(address(publication), form, headers=HTMX)  # type: ignore[return-value]


def stands(publication: Publication) -> tuple[str, datetime]:
    publication.refresh_from_db()
    return publication.state, publication.due_at


def test_a_drag_gives_another_day_at_the_same_wall_time(as_alice: Client, publication: Publication) -> None:
    # By then the clocks in Berlin have gone back an hour.
    response = drag(as_alice, publication, "2027-12-01", "18:00")
    assert response.status_code == 200
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 12, 1, 17, tzinfo=UTC))
    assert publication.next_try_at == publication.due_at
    assert response["HX-Retarget"] == "#calendar"
    html = response.content.decode()
    assert html.strip().startswith('<div class="calendar" id="calendar"')
    assert "“Fog” goes out " in html
    assert "1 Dec 2027, 18:00 Europe/Berlin" in html
    event = publication.events.get(kind=EventKind.PERSON)
    assert event.person_id == publication.consent.given_by_id


def test_undo_takes_it_back_to_the_moment_it_had(as_alice: Client, publication: Publication) -> None:
    response = drag(as_alice, publication, "2027-12-01", "18:00")
    html = response.content.decode()
    fields = {
        name: html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("instant", "zone", "was")
    }
    response = as_alice.post(address(publication), fields, headers=HTMX)
    assert response.status_code == 200
    assert stands(publication) == (State.SCHEDULED, AT)
    again = as_alice.post(address(publication), fields, headers=HTMX)
    assert again.status_code == 200
    assert stands(publication) == (State.SCHEDULED, AT)


def test_a_drag_keeps_the_zone_it_was_scheduled_in(as_alice: Client, publication: Publication) -> None:
    Publication.objects.update(time_zone="America/New_York")
    drag(as_alice, publication, "2027-06-20", "09:15")
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 6, 20, 7, 15, tzinfo=UTC))
    assert publication.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("day", "time", "why"),
    [
        ("2026-01-05", "18:00", "That time is past. Choose a later one."),
        ("2027-03-28", "02:30", "02:30 does not exist on Sun 28 Mar 2027 in Europe/Berlin"),
        ("2027-10-31", "02:30", "the clocks go back. Choose which one. Press Move… on its card"),
        ("2090-01-05", "18:00", "That is more than two years ahead."),
        ("nonsense", "18:00", "Enter a valid date."),
        ("2027-06-01", "25:00", "Enter a valid time."),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words(
    as_alice: Client, publication: Publication, day: str, time: str, why: str
) -> None:
    response = drag(as_alice, publication, day, time)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#calendar"
    html = response.content.decode()
    assert "“Fog” stays where it was." in html
    assert why in html
    assert stands(publication) == (State.SCHEDULED, AT)


@pytest.mark.parametrize(("fold", "hour"), [("0", 0), ("1", 1)])
def test_an_hour_that_comes_twice_can_be_named(
    as_alice: Client, publication: Publication, fold: str, hour: int
) -> None:
    assert drag(as_alice, publication, "2027-10-31", "02:30", fold=fold).status_code == 200
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 10, 31, hour, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.UPLOADING, "It is on its way to TikTok, so its time cannot be changed any more."),
        (State.PUBLISHED, "It has gone out already."),
    ],
)
def test_what_is_under_way_stays(as_alice: Client, alice: User, state: State, why: str) -> None:
    publication = plan_fog(alice, state=state)
    response = drag(as_alice, publication, "2027-06-20", "09:15")
    assert response.status_code == 422
    assert why in response.content.decode()
    assert stands(publication) == (state, AT)


def test_what_somebody_else_has_moved_meanwhile_is_not_moved_over(
    as_alice: Client, publication: Publication
) -> None:
    seen = publication.due_at
    Publication.objects.update(due_at=AT + timedelta(hours=1))
    response = drag(as_alice, publication, "2027-06-20", "09:15", was=seen.isoformat())
    assert response.status_code == 422
    assert "Somebody has moved it meanwhile, to " in response.content.decode()
    assert stands(publication) == (State.SCHEDULED, AT + timedelta(hours=1))


def test_the_form_works_by_itself(as_alice: Client, publication: Publication) -> None:
    page = as_alice.get(address(publication))
    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="2027-06-15"' in html
    assert 'value="18:00"' in html
    assert "<html" in html
    form = {"day": "2027-06-20", "time": "09:15", "zone": "Asia/Tokyo", "form": "1"}
    response = as_alice.post(address(publication), form)
    calendar = reverse("publishing:calendar") + "?view=month&day=2027-06-15"
    assert (response.status_code, response["Location"]) == (302, calendar)
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 6, 20, 0, 15, tzinfo=UTC))
    assert publication.time_zone == "Asia/Tokyo"
    shown = as_alice.get(calendar).content.decode()
    assert "“Fog” goes out " in shown
    assert ">Undo<" in shown
    assert ">Undo<" not in as_alice.get(calendar).content.decode()


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(
    as_alice: Client, publication: Publication
) -> None:
    form = {"day": "2027-10-31", "time": "02:30", "zone": "Europe/Berlin", "form": "1"}
    response = as_alice.post(address(publication), form)
    assert response.status_code == 422
    html = response.content.decode()
    assert "02:30 comes twice on Sun 31 Oct 2027 in Europe/Berlin" in html
    assert "The first 02:30 (UTC+2)" in html
    assert "The second 02:30 (UTC+1)" in html
    assert 'value="2027-10-31"' in html
    assert stands(publication) == (State.SCHEDULED, AT)
    response = as_alice.post(address(publication), form | {"fold": "1"}, headers=HTMX)
    assert response["HX-Retarget"] == "#calendar"
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 10, 31, 1, 30, tzinfo=UTC))


def test_a_past_time_is_refused_in_the_form(as_alice: Client, publication: Publication) -> None:
    form = {"day": "2026-01-05", "time": "18:00", "zone": "Europe/Berlin", "form": "1"}
    response = as_alice.post(address(publication), form, headers=HTMX)
    assert response.status_code == 422
    html = response.content.decode().strip()
    assert html.startswith('<div class="calendar-move" id="calendar-move">')
    assert "That time is past. Choose a later one." in html


def test_a_post_that_missed_its_time_can_be_moved(as_alice: Client, alice: User) -> None:
    publication = plan_fog(alice, state=State.HELD, reason="missed")
    assert drag(as_alice, publication, "2027-06-20", "09:15").status_code == 200
    assert stands(publication) == (State.SCHEDULED, datetime(2027, 6, 20, 7, 15, tzinfo=UTC))


def test_what_cannot_be_moved_says_so_instead_of_a_form(as_alice: Client, alice: User) -> None:
    publication = plan_fog(alice, state=State.PUBLISHED)
    html = as_alice.get(address(publication), headers=HTMX).content.decode()
    assert "It has gone out already." in html
    assert 'name="day"' not in html


@pytest.mark.parametrize(
    "form",
    [
        {"instant": "nonsense", "zone": "UTC", "was": "2027-01-01T00:00:00+00:00"},
        {"instant": "2027-01-01T00:00:00", "zone": "UTC", "was": "2027-01-01T00:00:00"},
        {"instant": "2027-01-01T00:00:00+00:00", "zone": "Moon/Base", "was": "2027-01-01T00:00:00+00:00"},
        {"instant": "2027-01-01T00:00:00+00:00"},
        {},
        {"day": "2027-06-01", "time": "10:00", "zone": "Moon/Base"},
    ],
)
def test_nonsense_moves_nothing(as_alice: Client, publication: Publication, form: dict[str, Any]) -> None:
    assert as_alice.post(address(publication), form).status_code == 422
    assert stands(publication) == (State.SCHEDULED, AT)


def test_bob_can_neither_see_nor_move_it(as_bob: Client, publication: Publication) -> None:
    assert as_bob.get(address(publication)).status_code == 404
    assert drag(as_bob, publication, "2027-06-20", "09:15").status_code == 404
    assert stands(publication) == (State.SCHEDULED, AT)
