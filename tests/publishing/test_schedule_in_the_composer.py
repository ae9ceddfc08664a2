"""*Schedule* beside *Post to TikTok*: the button says when, the consent is taken then, nothing is lost or guessed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import TikTokAccount, User, Workspace
from composer.models import Consent, Post
from publishing.engine import advance
from publishing.models import Publication
from publishing.reasons import Reason
from publishing.scheduling import reschedule_publication
from publishing.services import reopen_post
from publishing.states import State
from tests.composer.browser_form import ComposerPage
from tests.composer.composing import open_page, save
from tests.composer.people import ONLY_ME
from tests.factories import make_post, moment
from tests.processes import Simulator

# Next year's, so that the year is always said.
DAY = f"{datetime.now(UTC).year + 1}-12-04"


@pytest.fixture
def ready(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft of poppy's with all that a post needs."""
    return make_post(workspace, account=poppy)


def plan(**changes: str) -> dict[str, str]:
    return {"timing": "later", "plan_date": DAY, "plan_time": "18:00", "plan_zone": "UTC", **changes}


def planned(client: Client, post: Post, **changes: str) -> ComposerPage:
    """The page after the person has written down a time, and it has saved itself."""
    page = save(client, post, open_page(client, post), timing="later")
    save(client, post, page, seq=2, **plan(**changes))
    return open_page(client, post)


def label(page: ComposerPage) -> str:
    """The words of the button."""
    return page.post_button.words.strip()


def press(client: Client, post: Post, data: dict[str, Any]) -> Any:
    return client.post(reverse("publishing:post-publish", args=[post.pk]), data)


def nothing_was_sent(post: Post) -> bool:
    post.refresh_from_db()
    return not Publication.objects.exists() and not Consent.objects.exists() and post.locked_at is None


class TestThePage:
    def test_posts_now_unless_another_time_is_chosen(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert page.sends()["timing"] == "now"
        assert label(page) == "Post to TikTok"

    def test_says_on_its_button_when(self, as_alice: Client, ready: Post) -> None:
        page = planned(as_alice, ready)
        assert label(page).startswith("Schedule for ")
        assert label(page).endswith(f" 4 Dec {DAY[:4]}, 18:00 UTC")
        assert not page.post_button.is_disabled

    def test_says_it_of_a_draft_for_the_inbox_too(self, as_alice: Client, ready: Post) -> None:
        Post.objects.update(destination="inbox")
        page = planned(as_alice, ready)
        assert label(page).startswith("Schedule the draft for ")

    def test_holds_the_button_back_until_there_is_a_time(self, as_alice: Client, ready: Post) -> None:
        page = planned(as_alice, ready, plan_time="")
        assert label(page) == "Schedule"
        assert page.post_button.is_disabled
        assert "Choose the time it goes out." in page.words_of("finish-reasons")

    def test_begins_with_the_persons_own_zone(self, as_alice: Client, alice: User, ready: Post) -> None:
        User.objects.filter(pk=alice.pk).update(time_zone="Asia/Kathmandu")
        page = open_page(as_alice, ready)
        assert page.sends()["plan_zone"] == "Asia/Kathmandu"
        assert "data-own-zone" not in page.html

    def test_lets_the_browser_offer_its_zone_to_who_has_none(self, as_alice: Client, ready: Post) -> None:
        assert "data-own-zone" in open_page(as_alice, ready).html
        assert "data-own-zone" not in planned(as_alice, ready).html

    def test_offers_all_zones_only_to_who_plans(self, as_alice: Client, ready: Post) -> None:
        assert [each.attrs["value"] for each in open_page(as_alice, ready)["plan_zone"].options] == ["UTC"]
        assert len(planned(as_alice, ready)["plan_zone"].options) > 300

    def test_says_a_foreign_time_in_the_persons_own_zone_too(
        self, as_alice: Client, alice: User, ready: Post
    ) -> None:
        User.objects.filter(pk=alice.pk).update(time_zone="Asia/Kathmandu")
        words = planned(as_alice, ready).words_of("plan-result")
        assert f"18:00 UTC, which is Sat 4 Dec {DAY[:4]}" in words or "23:45 Asia/Kathmandu" in words

    def test_keeps_the_time_with_the_draft(self, as_alice: Client, ready: Post) -> None:
        planned(as_alice, ready)
        sends = open_page(as_alice, ready).sends()
        assert {name: sends[name] for name in plan()} == plan()


class TestAPress:
    @pytest.mark.parametrize("destination", ["direct", "inbox"])
    def test_stores_the_consent_and_waits_for_the_time(
        self, as_alice: Client, alice: User, ready: Post, destination: str
    ) -> None:
        Post.objects.update(destination=destination)
        page = planned(as_alice, ready, plan_zone="America/New_York")
        declaration = page.words_of("declaration")
        response = press(as_alice, ready, page.sends())
        assert response["Location"] == reverse("publishing:post-detail", args=[ready.pk])
        publication = Publication.objects.get()
        at = moment(f"{DAY} 23:00")
        assert (publication.state, publication.due_at, publication.next_try_at, publication.time_zone) == (
            State.SCHEDULED,
            at,
            at,
            "America/New_York",
        )
        consent = Consent.objects.get()
        assert (consent.given_by, consent.declaration) == (alice, declaration)
        assert consent.choices["destination"] == destination

    def test_twice_schedules_once(self, as_alice: Client, ready: Post) -> None:
        data = planned(as_alice, ready).sends()
        first, second = press(as_alice, ready, data), press(as_alice, ready, data)
        assert first["Location"] == second["Location"]
        assert (Publication.objects.count(), Consent.objects.count()) == (1, 1)

    def test_refuses_the_past_and_loses_nothing(self, as_alice: Client, ready: Post) -> None:
        page = planned(as_alice, ready, plan_date="2026-01-05")
        response = press(as_alice, ready, page.sends(caption="Typed in the last second"))
        assert response.status_code == 422
        refused = ComposerPage(response.text)
        assert "That time is past: it is" in refused.words
        sends = refused.sends()
        assert (sends["caption"], sends["plan_date"], sends["plan_time"], sends["timing"]) == (
            "Typed in the last second",
            "2026-01-05",
            "18:00",
            "later",
        )
        assert nothing_was_sent(ready)
        assert ready.caption == "Typed in the last second"

    def test_of_a_button_that_said_now_schedules_nothing(self, as_alice: Client, ready: Post) -> None:
        """Without scripts the button is as old as the page: what it said is what the person agreed to."""
        data = open_page(as_alice, ready).sends() | plan()
        response = press(as_alice, ready, data)
        assert response.status_code == 422
        assert nothing_was_sent(ready)
        page = ComposerPage(response.text)
        assert "The button says anew when this goes out." in page.words
        assert label(page).startswith("Schedule for ")
        assert press(as_alice, ready, page.sends()).status_code == 302
        assert Publication.objects.get().due_at == moment(f"{DAY} 18:00")

    def test_of_a_button_that_named_a_time_posts_nothing_now(self, as_alice: Client, ready: Post) -> None:
        page = planned(as_alice, ready)
        response = press(as_alice, ready, page.sends(timing="now"))
        assert response.status_code == 422
        assert nothing_was_sent(ready)

    def test_by_bob_finds_nothing(self, as_bob: Client, as_alice: Client, ready: Post) -> None:
        data = planned(as_alice, ready).sends()
        assert press(as_bob, ready, data).status_code == 404
        assert nothing_was_sent(ready)

    def test_is_held_to_the_same_rules_as_posting_now(self, as_alice: Client, ready: Post) -> None:
        page = planned(as_alice, ready)
        data = page.sends(privacy_level=ONLY_ME, discloses=True) | {"branded_content": "on"}
        assert press(as_alice, ready, data).status_code == 422
        assert nothing_was_sent(ready)


class TestClocksThatAreChanged:
    def test_a_time_that_does_not_exist_is_explained_and_replaced_by_a_pick(
        self, as_alice: Client, ready: Post
    ) -> None:
        page = planned(as_alice, ready, plan_date="2027-03-28", plan_time="02:30", plan_zone="Europe/Berlin")
        assert "02:30 does not exist on Sun 28 Mar 2027 in Europe/Berlin" in page.words_of("plan-result")
        assert page.post_button.is_disabled
        picks = [each for each in page.controls if each.attrs.get("name") == "plan_pick"]
        assert not any(pick.is_ticked for pick in picks)
        save(as_alice, ready, page, plan_pick=picks[1].attrs["value"])
        page = open_page(as_alice, ready)
        assert page.sends()["plan_time"] == "03:00"
        press(as_alice, ready, page.sends())
        assert Publication.objects.get().due_at == moment("2027-03-28 01:00")

    @pytest.mark.parametrize(("fold", "utc"), [("0", "2027-10-31 00:30"), ("1", "2027-10-31 01:30")])
    def test_a_time_that_comes_twice_waits_for_an_answer(
        self, as_alice: Client, ready: Post, fold: str, utc: str
    ) -> None:
        page = planned(as_alice, ready, plan_date="2027-10-31", plan_time="02:30", plan_zone="Europe/Berlin")
        assert "02:30 comes twice on Sun 31 Oct 2027" in page.words_of("plan-result")
        assert press(as_alice, ready, page.sends()).status_code == 422
        assert nothing_was_sent(ready)
        save(as_alice, ready, open_page(as_alice, ready), plan_fold=fold)
        page = open_page(as_alice, ready)
        assert page.sends()["plan_fold"] == fold
        press(as_alice, ready, page.sends())
        assert Publication.objects.get().due_at == moment(utc)


def test_taken_back_it_keeps_the_time_it_had_last(as_alice: Client, alice: User, ready: Post) -> None:
    press(as_alice, ready, planned(as_alice, ready).sends())
    at = database_now().replace(second=0, microsecond=0) + timedelta(days=3)
    reschedule_publication(
        Publication.objects.get(), user=alice, at=at, time_zone="Asia/Tokyo", now=database_now()
    )
    reopen_post(Publication.objects.get(), user=alice)
    page = open_page(as_alice, ready)
    assert page.sends()["plan_zone"] == "Asia/Tokyo"
    assert label(page).endswith("Asia/Tokyo")
    assert press(as_alice, ready, page.sends()).status_code == 302
    publication = Publication.objects.get()
    assert (publication.state, publication.due_at) == (State.SCHEDULED, at)


def test_held_because_tiktok_changed_its_mind_one_click_leads_back_to_every_choice(
    as_alice: Client, ready: Post, simulator: Simulator
) -> None:
    page = planned(as_alice, ready)
    press(as_alice, ready, page.sends(caption="Kept", allow_duet=True))
    simulator.creator("poppy.public", comment_disabled=True)
    publication = Publication.objects.get()
    Publication.objects.update(due_at=database_now(), next_try_at=database_now())
    while advance(publication.pk):
        pass
    publication.refresh_from_db()
    assert (publication.state, publication.reason) == (State.HELD, Reason.RULES_CHANGED)
    shown = as_alice.get(reverse("publishing:post-detail", args=[ready.pk]))
    assert shown.context["page"].actions.primary == "reopen"
    assert "allows nobody to comment" in shown.text
    response = as_alice.post(reverse("publishing:post-reopen", args=[ready.pk]), follow=True)
    back = ComposerPage(response.text)
    sends = back.sends()
    assert (sends["caption"], sends["privacy_level"], sends["allow_comment"], sends["allow_duet"]) == (
        "Kept",
        "PUBLIC_TO_EVERYONE",
        "on",
        "on",
    )
    assert "allows nobody to comment" in back.words
    assert back.post_button.is_disabled
