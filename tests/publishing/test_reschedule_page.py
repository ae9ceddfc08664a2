"""A scheduled post's pages: when it goes out, another time, *Post now*, *Back to draft*, and why not any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User, Workspace
from publishing.models import Publication
from publishing.post_page import PostPage
from publishing.reasons import Reason
from publishing.scheduling import post_now, reschedule_publication
from publishing.states import State
from tests.composer.browser_form import ComposerPage
from tests.factories import make_attempt, make_post, make_publication, moment

pytestmark = pytest.mark.django_db

YEAR = datetime.now(UTC).year + 1
AT = moment(f"{YEAR}-12-04 17:00")
SAID = f"4 Dec {YEAR}, 18:00 Europe/Berlin"


@pytest.fixture
def waiting(alice: User, workspace: Workspace) -> Publication:
    """Chosen by the clocks of Berlin."""
    return make_publication(
        make_post(workspace), user=alice, due_at=AT, next_try_at=AT, time_zone="Europe/Berlin"
    )


@pytest.fixture
def missed(alice: User, workspace: Workspace) -> Publication:
    """Held since its time passed."""
    return make_publication(
        make_post(workspace),
        user=alice,
        state=State.HELD,
        reason=Reason.MISSED,
        due_at=moment("2026-01-05 10:00"),
        time_zone="Europe/Berlin",
    )


def url(name: str, publication: Publication) -> str:
    return reverse(f"publishing:{name}", args=[publication.post_id])


def post_page(client: Client, publication: Publication) -> PostPage:
    page: PostPage = client.get(url("post-detail", publication)).context["page"]
    return page


def form_of(response: Any) -> ComposerPage:
    """The reschedule form, read as a browser reads the composer's."""
    return ComposerPage(response.text.replace('id="reschedule-form"', 'id="post-form"'))


def choose(client: Client, publication: Publication, **changes: str) -> ComposerPage:
    """The form after *Check*, with other values written down."""
    page = form_of(client.get(url("post-reschedule", publication)))
    return form_of(client.get(url("post-reschedule", publication), page.sends(**changes)))


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


class TestWhen:
    def test_is_said_in_the_posts_own_zone_to_who_has_none(
        self, as_alice: Client, waiting: Publication
    ) -> None:
        due = post_page(as_alice, waiting).standing.due
        assert due is not None
        assert due.words.endswith(SAID)
        assert due.elsewhere == ""

    def test_is_said_in_the_readers_zone_and_in_the_posts_own(
        self, as_alice: Client, alice: User, waiting: Publication
    ) -> None:
        User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
        due = post_page(as_alice, waiting).standing.due
        assert due is not None
        assert due.words.endswith(f"5 Dec {YEAR}, 02:00 Asia/Tokyo")
        assert due.elsewhere.endswith(SAID)

    def test_stands_in_the_list(self, as_alice: Client, waiting: Publication) -> None:
        [card] = as_alice.get(reverse("publishing:post-list")).context["cards"]
        assert card.goes_out.endswith(SAID)
        assert card.pill.label == "Scheduled"

    def test_is_told_in_the_history(self, as_alice: Client, alice: User, waiting: Publication) -> None:
        reschedule_publication(
            waiting, user=alice, at=AT + timedelta(days=1), time_zone="UTC", now=database_now()
        )
        waiting.refresh_from_db()
        post_now(waiting, user=alice, now=database_now())
        titles = [(each.title, each.text) for each in post_page(as_alice, waiting).timeline.moments[:3]]
        assert titles[0][0] == "Schedule was pressed"
        assert titles[0][1].startswith("alice@example.com agreed to every choice. It is to go out ")
        assert titles[0][1].endswith(f"{SAID}.")
        assert titles[1][0].startswith("Rescheduled for ")
        assert titles[1][0].endswith(f"5 Dec {YEAR}, 17:00 UTC")
        assert titles[2] == ("Post now was pressed", "By alice@example.com.")


class TestWhatMayBePressed:
    def test_while_it_waits(self, as_alice: Client, waiting: Publication) -> None:
        actions = post_page(as_alice, waiting).actions
        assert (actions.can_reschedule, actions.can_post_now, actions.can_cancel, actions.can_reopen) == (
            True,
            True,
            True,
            True,
        )
        assert (actions.reopen_label, actions.no_longer) == ("Back to draft", "")

    @pytest.mark.parametrize(
        ("state", "may_be_public", "why"),
        [
            (State.STARTING, False, "it is on its way. Cancel it first, then edit it."),
            (State.UPLOADING, False, "it is on its way. Cancel it first, then edit it."),
            (State.UPLOADING, True, "TikTok may publish it at any moment."),
            (State.PROCESSING, True, "TikTok may publish it at any moment."),
            (State.UNCONFIRMED, True, "TikTok may have published it."),
        ],
    )
    def test_once_it_is_under_way_the_page_says_why_not(
        self,
        as_alice: Client,
        alice: User,
        workspace: Workspace,
        state: State,
        may_be_public: bool,
        why: str,
    ) -> None:
        publication = make_publication(make_post(workspace), user=alice, state=state)
        make_attempt(publication, final_intent_at=database_now() if may_be_public else None)
        actions = post_page(as_alice, publication).actions
        assert (actions.can_reschedule, actions.can_post_now, actions.can_reopen) == (False, False, False)
        assert actions.no_longer.startswith("Another time")
        assert actions.no_longer.endswith(why)
        assert why in as_alice.get(url("post-detail", publication)).text

    def test_when_it_missed_its_time(self, as_alice: Client, missed: Publication) -> None:
        page = post_page(as_alice, missed)
        actions = page.actions
        assert (actions.primary, actions.reschedule_label) == ("reschedule", "Choose a new time")
        assert (actions.can_post_now, actions.can_reopen, actions.can_try_again) == (True, True, False)
        assert page.trouble is not None
        assert page.trouble.explanation.title == "It missed its time"
        html = as_alice.get(url("post-detail", missed)).text
        assert "It was to go out <strong>Mon 5 Jan" in html

    def test_when_tiktok_no_longer_allows_the_choices_one_click_leads_back_to_them(
        self, as_alice: Client, alice: User, workspace: Workspace
    ) -> None:
        publication = make_publication(
            make_post(workspace), user=alice, state=State.HELD, reason=Reason.RULES_CHANGED
        )
        actions = post_page(as_alice, publication).actions
        assert (actions.primary, actions.reopen_label) == ("reopen", "Choose again")
        assert not actions.can_reschedule
        response = as_alice.post(url("post-reopen", publication))
        assert response["Location"] == reverse("composer:post-edit", args=[publication.post_id])
        before = publication.post
        after = type(before).objects.get(pk=before.pk)
        assert (after.privacy_level, after.allow_comment, after.caption, after.media_id) == (
            before.privacy_level,
            before.allow_comment,
            before.caption,
            before.media_id,
        )


class TestTheRescheduleForm:
    def test_begins_with_the_time_it_has(self, as_alice: Client, waiting: Publication) -> None:
        page = form_of(as_alice.get(url("post-reschedule", waiting)))
        sends = page.sends()
        assert (sends["plan_date"], sends["plan_time"], sends["plan_zone"]) == (
            f"{YEAR}-12-04",
            "18:00",
            "Europe/Berlin",
        )

    def test_of_a_post_that_missed_its_time_needs_one_press(
        self, as_alice: Client, missed: Publication
    ) -> None:
        response = as_alice.get(url("post-reschedule", missed))
        page = form_of(response)
        assert "That time is past" not in response.text
        assert "11:00 Europe/Berlin" in page.words_of("reschedule-button")
        assert (page.sends()["plan_time"], page.sends()["plan_zone"]) == ("11:00", "Europe/Berlin")
        as_alice.post(url("post-reschedule", missed), page.sends())
        missed.refresh_from_db()
        assert missed.state == State.SCHEDULED
        assert timedelta(0) < missed.due_at - database_now() <= timedelta(hours=25)

    def test_says_on_its_button_what_a_press_does_and_does_it(
        self, as_alice: Client, waiting: Publication
    ) -> None:
        page = choose(as_alice, waiting, plan_time="19:30", plan_zone="UTC")
        assert f"4 Dec {YEAR}, 19:30 UTC" in page.words_of("reschedule-button")
        response = as_alice.post(url("post-reschedule", waiting), page.sends())
        assert response["Location"] == url("post-detail", waiting)
        waiting.refresh_from_db()
        assert (waiting.due_at, waiting.time_zone) == (moment(f"{YEAR}-12-04 19:30"), "UTC")

    def test_pressed_twice_moves_once(self, as_alice: Client, waiting: Publication) -> None:
        sends = choose(as_alice, waiting, plan_time="19:30").sends()
        for _ in range(2):
            as_alice.post(url("post-reschedule", waiting), sends)
        assert waiting.events.count() == 1

    def test_a_press_that_named_another_time_moves_nothing(
        self, as_alice: Client, waiting: Publication
    ) -> None:
        page = form_of(as_alice.get(url("post-reschedule", waiting)))
        response = as_alice.post(url("post-reschedule", waiting), page.sends(plan_time="19:30"))
        assert response.status_code == 422
        assert "The button says anew when this goes out." in response.text
        waiting.refresh_from_db()
        assert waiting.due_at == AT
        as_alice.post(url("post-reschedule", waiting), form_of(response).sends())
        waiting.refresh_from_db()
        assert waiting.due_at == AT + timedelta(hours=1, minutes=30)

    def test_refuses_the_past_and_keeps_what_was_written(
        self, as_alice: Client, waiting: Publication
    ) -> None:
        page = form_of(as_alice.get(url("post-reschedule", waiting)))
        response = as_alice.post(url("post-reschedule", waiting), page.sends(plan_date="2026-01-05"))
        assert response.status_code == 422
        assert "That time is past: it is" in response.text
        assert form_of(response).sends()["plan_date"] == "2026-01-05"
        waiting.refresh_from_db()
        assert waiting.due_at == AT

    def test_asks_which_of_two(self, as_alice: Client, waiting: Publication) -> None:
        page = choose(as_alice, waiting, plan_date="2027-10-31", plan_time="02:30")
        assert as_alice.post(url("post-reschedule", waiting), page.sends()).status_code == 422
        page = choose(as_alice, waiting, plan_date="2027-10-31", plan_time="02:30")
        page = form_of(as_alice.get(url("post-reschedule", waiting), page.sends(plan_fold="1")))
        as_alice.post(url("post-reschedule", waiting), page.sends())
        waiting.refresh_from_db()
        assert waiting.due_at == moment("2027-10-31 01:30")

    def test_htmx_gets_the_form_alone(self, as_alice: Client, waiting: Publication) -> None:
        response = as_alice.get(url("post-reschedule", waiting), headers={"hx-request": "true"})
        assert "<html" not in response.text
        assert "HX-Request" in response["Vary"]

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_is_closed_once_it_is_under_way(
        self, as_alice: Client, alice: User, workspace: Workspace, method: str
    ) -> None:
        publication = make_publication(make_post(workspace), user=alice, state=State.UPLOADING)
        response = getattr(as_alice, method)(url("post-reschedule", publication), follow=True)
        assert messages(response) == ["It is on its way to TikTok, so its time cannot be changed any more."]
        publication.refresh_from_db()
        assert publication.state == State.UPLOADING


class TestPostNow:
    def test_sends_it(self, as_alice: Client, waiting: Publication) -> None:
        for _ in range(2):
            as_alice.post(url("post-now", waiting))
        waiting.refresh_from_db()
        assert waiting.due_at <= database_now()
        assert waiting.events.count() == 1

    def test_says_why_not(self, as_alice: Client, alice: User, workspace: Workspace) -> None:
        publication = make_publication(make_post(workspace), user=alice, state=State.PUBLISHED)
        response = as_alice.post(url("post-now", publication), follow=True)
        assert messages(response) == ["It has gone out already."]


@pytest.mark.parametrize(
    ("name", "method"), [("post-reschedule", "get"), ("post-reschedule", "post"), ("post-now", "post")]
)
def test_bob_finds_nothing_of_alice(as_bob: Client, waiting: Publication, name: str, method: str) -> None:
    sends = {"plan_date": f"{YEAR}-12-05", "plan_time": "18:00", "plan_zone": "UTC", "goes_out": ""}
    assert getattr(as_bob, method)(url(name, waiting), sends).status_code == 404
    waiting.refresh_from_db()
    assert waiting.due_at == AT
    assert not waiting.events.exists()


def test_reading_post_now_does_nothing(as_alice: Client, waiting: Publication) -> None:
    assert as_alice.get(url("post-now", waiting)).status_code == 405
