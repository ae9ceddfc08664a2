"""*Post to TikTok*: what goes through, what comes back with its reasons, and that nothing else gets in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import TikTokAccount, User, Workspace
from composer.consents import choices_of
from composer.models import Consent, Post
from publishing.models import Publication
from publishing.states import State
from tests.composer.browser_form import ComposerPage
from tests.composer.people import EVERYONE, FRIENDS, ONLY_ME
from tests.factories import make_account, make_media, make_post
from tests.processes import Simulator


@pytest.fixture
def ready(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft of poppy's with all that a post needs."""
    return make_post(workspace, account=poppy)


def open_page(client: Client, post: Post) -> ComposerPage:
    return ComposerPage(client.get(reverse("composer:post-edit", args=[post.pk])).text)


def press(client: Client, post: Post, data: dict[str, str]) -> Any:
    return client.post(reverse("publishing:post-publish", args=[post.pk]), data)


def nothing_was_sent(post: Post) -> bool:
    post.refresh_from_db()
    return not Publication.objects.exists() and not Consent.objects.exists() and post.locked_at is None


class TestAPressThatGoesThrough:
    @pytest.mark.rule("5c", at="server")
    def test_stores_consent_and_puts_the_post_on_its_way(
        self, as_alice: Client, alice: User, ready: Post
    ) -> None:
        page = open_page(as_alice, ready)
        response = press(as_alice, ready, page.sends(caption="Typed in the last second", allow_duet=True))
        assert response["Location"] == reverse("publishing:post-detail", args=[ready.pk])
        publication = Publication.objects.get()
        consent = publication.consent
        assert (publication.state, publication.post, publication.account) == (
            State.SCHEDULED,
            ready,
            ready.account,
        )
        assert publication.next_try_at is not None
        assert choices_of(consent).caption == "Typed in the last second"
        assert choices_of(consent).allow_duet
        assert (consent.given_by, consent.creator_shown["nickname"]) == (alice, "Poppy Parade")
        ready.refresh_from_db()
        assert not ready.is_editable

    @pytest.mark.rule("1", at="server")
    def test_asks_tiktok_once_more(self, as_alice: Client, ready: Post, simulator: Simulator) -> None:
        page = open_page(as_alice, ready)
        before = simulator.calls("creator_info")
        press(as_alice, ready, page.sends())
        assert simulator.calls("creator_info") == before + 1

    def test_pressed_twice_posts_once(self, as_alice: Client, ready: Post) -> None:
        data = open_page(as_alice, ready).sends()
        first, second = press(as_alice, ready, data), press(as_alice, ready, data)
        assert first["Location"] == second["Location"] == reverse("publishing:post-detail", args=[ready.pk])
        assert Publication.objects.count() == 1
        assert Consent.objects.count() == 1

    def test_a_save_that_was_under_way_comes_too_late(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        press(as_alice, ready, page.sends())
        late = page.sends(caption="Typed after the press") | {"seq": "9"}
        as_alice.post(reverse("composer:post-save", args=[ready.pk]), late)
        ready.refresh_from_db()
        assert ready.caption == "A walk through the fog"
        assert Consent.objects.get().voided_at is None


class TestAPressThatIsRefused:
    def test_comes_back_with_every_reason_and_the_choices_kept(
        self, as_alice: Client, workspace: Workspace, poppy: TikTokAccount
    ) -> None:
        post = Post.objects.create(workspace=workspace, account=poppy)
        response = press(as_alice, post, open_page(as_alice, post).sends(caption="Kept", allow_stitch=True))
        page = ComposerPage(response.text)
        assert response.status_code == 422
        assert "Nothing was sent to TikTok." in page.words
        assert page.html.count("No video is chosen. Choose one.</a>") == 2
        assert "Choose who can view this post." in page.words_of("visibility-notes")
        assert 'role="alert" tabindex="-1" autofocus' in page.html
        assert page.sends()["caption"] == "Kept"
        assert page["allow_stitch"].is_ticked
        assert nothing_was_sent(post)
        assert (post.caption, post.allow_stitch) == ("Kept", True)

    def test_can_be_mended_and_pressed_again_right_there(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        refused = press(
            as_alice, ready, page.sends(privacy_level=ONLY_ME, discloses=True) | {"branded_content": "on"}
        )
        page = ComposerPage(refused.text)
        assert refused.status_code == 422
        assert page.post_button.is_disabled
        # Without scripts the button opens after *Check*.
        as_alice.post(reverse("composer:post-check", args=[ready.pk]), page.sends(privacy_level=FRIENDS))
        response = press(as_alice, ready, open_page(as_alice, ready).sends())
        assert response.status_code == 302
        assert Publication.objects.get().consent.choices["privacy_level"] == FRIENDS

    @pytest.mark.rule("2-NOTE", "4-i", "4-ii", "4-iii", at="server")
    def test_by_a_declaration_that_was_not_on_the_page(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        music_only = "By posting, you agree to TikTok's Music Usage Confirmation."
        with_policy = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
        assert page.words_of("declaration") == music_only
        # Ticked, and the button pressed before the page could follow; without scripts it never does.
        branded = page.sends(discloses=True) | {"branded_content": "on"}
        response = press(as_alice, ready, branded)
        assert response.status_code == 422
        assert nothing_was_sent(ready)
        page = ComposerPage(response.text)
        assert "What you agree to by posting reads differently with these choices." in page.words
        assert page.words_of("declaration") == with_policy
        assert page["branded_content"].is_ticked
        assert not page.post_button.is_disabled
        assert press(as_alice, ready, page.sends()).status_code == 302
        assert Consent.objects.get().declaration == with_policy

    @pytest.mark.rule("2-NOTE", at="server")
    def test_by_a_form_that_does_not_say_what_it_declared(self, as_alice: Client, ready: Post) -> None:
        data = open_page(as_alice, ready).sends()
        del data["declaration"]
        assert press(as_alice, ready, data).status_code == 422
        assert nothing_was_sent(ready)

    @pytest.mark.rule("1b", "1c", "2b-i", "2c-i", at="server")
    @pytest.mark.parametrize(
        ("patch", "words"),
        [
            ({"comment_disabled": True}, "allows nobody to comment"),
            ({"private": True}, "TikTok does not offer it to Poppy Parade now"),
            ({"max_seconds": 5}, "TikTok takes at most 5 s from Poppy Parade"),
            ({"posts_today": 99}, "Try again later, at most 24 hours from now"),
            ({"banned": True}, "TikTok has stopped this account from posting"),
        ],
    )
    def test_by_what_changed_at_tiktok_since_the_page_was_opened(
        self, as_alice: Client, ready: Post, simulator: Simulator, patch: dict[str, Any], words: str
    ) -> None:
        page = open_page(as_alice, ready)
        simulator.control("POST", "/creators/poppy.public", patch)
        response = press(as_alice, ready, page.sends())
        assert response.status_code == 422
        assert words in ComposerPage(response.text).words_of("finish-reasons")
        assert nothing_was_sent(ready)

    @pytest.mark.rule("1", at="server")
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "http", "status": 503},
            {"kind": "drop_before"},
            {"kind": "html"},
            {"kind": "truncated"},
            {"kind": "error", "code": "rate_limit_exceeded", "status": 429},
        ],
    )
    def test_by_a_tiktok_that_does_not_answer(
        self, as_alice: Client, ready: Post, simulator: Simulator, fault: dict[str, Any]
    ) -> None:
        page = open_page(as_alice, ready)
        simulator.fault("creator_info", times=None, **fault)
        response = press(as_alice, ready, page.sends())
        assert response.status_code == 422
        assert "Ask TikTok again" in ComposerPage(response.text).words_of("account-block")
        assert nothing_was_sent(ready)
        assert simulator.ledger()["inits"] == []


class TestAForgedForm:
    @pytest.mark.rule("2b-i", "2b-ii", "3a-viii", "3b-ii", "G-1", "API-2", at="server")
    @pytest.mark.parametrize(
        "forged",
        [
            {"privacy_level": "FOLLOWER_OF_CREATOR"},
            {"privacy_level": "PUBLIC"},
            {"privacy_level": ""},
            {"caption": "x" * 2201},
            {"caption": "🌫" * 1101},
            {"discloses": "on"},
            {"discloses": "on", "branded_content": "on", "privacy_level": ONLY_ME},
            {"media": ""},
            {"account": ""},
        ],
    )
    def test_that_skips_a_rule_is_refused(
        self, as_alice: Client, ready: Post, forged: dict[str, str]
    ) -> None:
        response = press(as_alice, ready, open_page(as_alice, ready).sends() | forged)
        assert response.status_code == 422
        assert nothing_was_sent(ready)

    @pytest.mark.rule("2c-i", at="server")
    def test_that_ticks_what_the_creator_switched_off_is_refused(
        self, as_alice: Client, ready: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"duet_disabled": True, "stitch_disabled": True})
        response = press(as_alice, ready, open_page(as_alice, ready).sends() | {"allow_duet": "on"})
        assert response.status_code == 422
        assert nothing_was_sent(ready)

    def test_that_names_a_strangers_account_or_file_does_not_exist(
        self, as_alice: Client, bobs_workspace: Workspace, ready: Post
    ) -> None:
        data = open_page(as_alice, ready).sends()
        bobs = {"account": str(make_account(bobs_workspace).pk), "media": str(make_media(bobs_workspace).pk)}
        for name, value in bobs.items():
            assert press(as_alice, ready, data | {name: value}).status_code == 404
        assert nothing_was_sent(ready)

    def test_that_is_no_form_of_ours_changes_nothing(self, as_alice: Client, ready: Post) -> None:
        response = press(as_alice, ready, {"caption": "Only this"})
        assert response["Location"] == reverse("composer:post-edit", args=[ready.pk])
        assert "Not saved: the form was incomplete." in as_alice.get(response["Location"]).text
        assert nothing_was_sent(ready)
        assert (ready.caption, ready.privacy_level) == ("A walk through the fog", EVERYONE)

    def test_from_another_site_is_refused(self, alice: User, ready: Post) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        data = open_page(strict, ready).sends()
        assert press(strict, ready, {**data, "csrfmiddlewaretoken": "x" * 64}).status_code == 403
        assert nothing_was_sent(ready)
        assert press(strict, ready, data).status_code == 302


class TestOtherWindowsAndPeople:
    def test_an_outdated_page_posts_nothing_and_keeps_its_text(self, as_alice: Client, ready: Post) -> None:
        here, there = open_page(as_alice, ready), open_page(as_alice, ready)
        as_alice.post(
            reverse("composer:post-save", args=[ready.pk]), there.sends(caption="Theirs") | {"seq": "1"}
        )
        response = press(as_alice, ready, here.sends(caption="Mine"))
        page = ComposerPage(response.text)
        assert response.status_code == 409
        assert "This draft was changed in another window." in page.words
        assert page.sends()["caption"] == "Mine"
        assert nothing_was_sent(ready)
        assert ready.caption == "Theirs"

    def test_bob_cannot_press_alices_button(
        self, as_alice: Client, as_bob: Client, ready: Post, simulator: Simulator
    ) -> None:
        data = open_page(as_alice, ready).sends(caption="Bob was here")
        before = Post.objects.filter(pk=ready.pk).values().get()
        asked = simulator.calls("creator_info")
        assert press(as_bob, ready, data).status_code == 404
        assert Post.objects.filter(pk=ready.pk).values().get() == before
        assert simulator.calls("creator_info") == asked
        assert nothing_was_sent(ready)

    def test_reloading_a_refusal_leads_back_to_the_page(self, as_alice: Client, ready: Post) -> None:
        response = as_alice.get(reverse("publishing:post-publish", args=[ready.pk]))
        assert response["Location"] == reverse("composer:post-edit", args=[ready.pk])
        assert nothing_was_sent(ready)
