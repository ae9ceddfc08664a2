"""The composer page against the real simulated TikTok: what it shows, disables, explains, and what it would send."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountState, TikTokAccount, User, Workspace
from composer.consents import lock_post
from composer.models import Post
from tests.composer.browser_form import ComposerPage
from tests.composer.composing import NOTHING_INDICATED, edit_url, open_page, save, stored
from tests.composer.people import EVERYONE, FOLLOWERS, FRIENDS, ONLY_ME
from tests.consent import connect
from tests.factories import make_account, make_media
from tests.processes import Simulator

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
MUSIC_AND_POLICY = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."


class TestOpening:
    @pytest.mark.rule("1", at="page")
    def test_asks_tiktok_every_time(self, as_alice: Client, empty: Post, simulator: Simulator) -> None:
        before = simulator.calls("creator_info")
        open_page(as_alice, empty)
        simulator.control("POST", "/creators/poppy.public", {"nickname": "Poppy on Tour", "max_seconds": 90})
        page = open_page(as_alice, empty)
        assert simulator.calls("creator_info") == before + 2
        assert "Poppy on Tour" in page.words
        assert "@poppy.public" in page.words
        assert "Videos up to 1 min 30 s" in page.words

    def test_keeps_the_answer_with_the_draft_and_is_no_edit(self, as_alice: Client, empty: Post) -> None:
        open_page(as_alice, empty)
        post = stored(empty)
        assert post.creator_info is not None
        assert post.creator_info["username"] == "poppy.public"
        assert (post.creator_refusal, post.version, post.editor) == ("", 1, "")
        assert post.creator_asked_at is not None

    def test_is_kept_by_no_cache(self, as_alice: Client, empty: Post) -> None:
        assert "no-store" in as_alice.get(edit_url(empty))["Cache-Control"]

    def test_costs_a_fixed_number_of_queries(
        self, as_alice: Client, workspace: Workspace, empty: Post, django_assert_num_queries: Any
    ) -> None:
        as_alice.get(edit_url(empty))
        with django_assert_num_queries(21):
            as_alice.get(edit_url(empty))
        for number in range(15):
            make_media(workspace)
            make_account(workspace, username=f"other{number}")
        with django_assert_num_queries(21):
            as_alice.get(edit_url(empty))

    def test_every_showing_is_its_own_editor(self, as_alice: Client, empty: Post) -> None:
        first, second = open_page(as_alice, empty), open_page(as_alice, empty)
        assert first.sends()["editor"] != second.sends()["editor"]
        assert first.sends()["version"] == "1"

    def test_a_post_on_its_way_is_shown_by_its_own_page(self, as_alice: Client, ready: Post) -> None:
        lock_post(ready, now=timezone.now())
        assert as_alice.get(edit_url(ready))["Location"] == reverse("publishing:post-detail", args=[ready.pk])


class TestAnEmptyDraft:
    @pytest.mark.rule("2a", "2b-ii", "2c-ii", "3a-i", "5b", at="page")
    def test_has_no_choice_made(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        sent = page.sends()
        assert (sent["caption"], sent["privacy_level"], sent["media"]) == ("", "", "")
        assert page.words_of("visibility") == "Select…"
        for name in ("allow_comment", "allow_duet", "allow_stitch", "discloses"):
            assert name not in sent
            assert not page[name].is_disabled
        assert not page.has("your_brand")
        assert not page.has("branded_content")

    @pytest.mark.rule("2b-i", at="page")
    def test_offers_exactly_what_tiktok_returned(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        options = page["privacy_level"].options
        assert [option.attrs["value"] for option in options] == ["", EVERYONE, FRIENDS, ONLY_ME]
        assert [option.words for option in options] == ["Select…", "Everyone", "Friends", "Only me"]

    @pytest.mark.rule("API-9", at="page")
    def test_offers_the_label_of_ai_generated_content_and_leaves_it_off(
        self, as_alice: Client, empty: Post
    ) -> None:
        page = open_page(as_alice, empty)
        assert not page["is_aigc"].is_ticked
        assert "Creator labeled as AI-generated" in page.words_of("is_aigc-note")

    @pytest.mark.rule("5c", at="page")
    def test_says_what_is_missing_beside_the_disabled_button(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        assert page.post_button.is_disabled
        assert "No video is chosen. Choose one." in page.words_of("finish-reasons")
        assert "Choose who can view this post." in page.words_of("finish-reasons")
        assert "No video is chosen. Choose one." in page.hover_words

    def test_reproaches_nobody_for_what_they_have_not_come_to(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        assert "field__error" not in page.html
        assert 'aria-invalid="true"' not in page.html

    @pytest.mark.rule("5d", "2-NOTE", at="page")
    def test_says_that_processing_takes_minutes_and_what_posting_means(
        self, as_alice: Client, empty: Post
    ) -> None:
        page = open_page(as_alice, empty)
        assert page.words_of("declaration") == MUSIC
        assert 'href="https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"' in page.html
        assert "may take a few minutes" in page.words_of("processing-notice")

    def test_keeps_tiktoks_order(self, as_alice: Client, empty: Post) -> None:
        html = open_page(as_alice, empty).html
        marks = (
            "Poppy Parade",
            'name="caption"',
            'name="privacy_level"',
            'name="allow_comment"',
            'name="discloses"',
            'id="phone"',
            'id="declaration"',
            'id="post-button"',
            'id="processing-notice"',
        )
        places = [html.index(mark) for mark in marks]
        assert places == sorted(places)

    @pytest.mark.rule("5c", at="page")
    def test_nothing_can_be_posted_by_pressing_enter(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        first = next(control for control in page.controls if control.tag == "button")
        assert first.attrs["formaction"] == reverse("composer:post-check", args=[empty.pk])


class TestAFullDraft:
    def test_can_be_posted(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert not page.post_button.is_disabled
        assert page.post_button.words.strip() == "Post to TikTok"
        assert page.words_of("finish-reasons") == ""

    @pytest.mark.rule("5a", at="page")
    def test_previews_the_very_file(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert f'src="{reverse("composer:media-file", args=[ready.media_id])}"' in page.html
        assert "A walk through the fog" in page.words_of("phone")
        assert "@poppy.public" in page.words_of("phone")

    @pytest.mark.rule("5b", at="page")
    def test_sends_back_exactly_what_is_stored(self, as_alice: Client, ready: Post) -> None:
        Post.objects.filter(pk=ready.pk).update(
            caption="\n\nfog & <b>mist</b> 🌫️\n", discloses=True, your_brand=True, allow_duet=True
        )
        before = Post.objects.filter(pk=ready.pk).values().get()
        page = open_page(as_alice, ready)
        save(as_alice, ready, page)
        after = Post.objects.filter(pk=ready.pk).values().get()
        kept = {"creator_info", "creator_asked_at", "editor", "editor_seq", "updated_at"}
        assert {name: value for name, value in after.items() if name not in kept} == {
            name: value for name, value in before.items() if name not in kept
        }

    @pytest.mark.rule("API-2", at="page")
    def test_counts_the_caption_as_tiktok_does(self, as_alice: Client, ready: Post) -> None:
        Post.objects.filter(pk=ready.pk).update(caption="🌫" * 1100 + "\n")
        page = open_page(as_alice, ready)
        assert page.words_of("caption-count").startswith("2201 / 2200")
        assert page.post_button.is_disabled
        assert "Shorten it by 1." in page.words_of("caption-error")


class TestSaving:
    def test_never_asks_tiktok(self, as_alice: Client, ready: Post, simulator: Simulator) -> None:
        page = open_page(as_alice, ready)
        before = simulator.calls("creator_info")
        save(as_alice, ready, page, caption="Changed")
        assert simulator.calls("creator_info") == before

    def test_shows_what_follows(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, discloses=True)
        assert page.post_button.is_disabled
        assert NOTHING_INDICATED in page.words_of("finish-reasons")
        assert NOTHING_INDICATED in page.hover_words
        assert "Promotional content" not in page.words
        page = save(as_alice, ready, page, 2, your_brand=True)
        assert "Your photo/video will be labeled as 'Promotional content'" in page.words_of("disclosure")
        assert "Promotional content" in page.words_of("phone")
        assert page.words_of("declaration") == MUSIC
        page = save(as_alice, ready, page, 3, branded_content=True)
        assert "Your photo/video will be labeled as 'Paid partnership'" in page.words_of("disclosure")
        assert "Promotional content" not in page.words
        assert "Paid partnership" in page.words_of("phone")
        assert page.words_of("declaration") == MUSIC_AND_POLICY
        assert 'href="https://www.tiktok.com/legal/page/global/bc-policy/en"' in page.html
        assert not page.post_button.is_disabled

    @pytest.mark.rule("3b-ii", "3b-iii", at="page")
    def test_branded_content_and_only_me_never_rewrite_each_other(
        self, as_alice: Client, ready: Post
    ) -> None:
        page = save(as_alice, ready, open_page(as_alice, ready), discloses=True)
        page = save(as_alice, ready, page, 2, branded_content=True)
        # Off, the switch keeps its boxes: only so do both come together.
        page = save(as_alice, ready, page, 3, discloses=False)
        page = save(as_alice, ready, page, 4, privacy_level=ONLY_ME)
        page = save(as_alice, ready, page, 5, discloses=True)
        assert (stored(ready).privacy_level, stored(ready).branded_content) == (ONLY_ME, True)
        assert (page["privacy_level"].value, page["branded_content"].is_ticked) == (ONLY_ME, True)
        assert page.post_button.is_disabled
        assert not page["branded_content"].is_disabled, "or nobody could untick it"

    def test_keeps_the_same_editor_and_names_the_new_version(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        after = save(as_alice, ready, page, caption="Changed")
        assert after.sends()["editor"] == page.sends()["editor"]
        assert after.sends()["version"] == "2"

    def test_choosing_another_account_asks_tiktok_about_it(
        self, as_alice: Client, ready: Post, simulator: Simulator
    ) -> None:
        connect(as_alice, "priya.private")
        priya = TikTokAccount.objects.get(username="priya.private")
        page = open_page(as_alice, ready)
        assert "Priya at Home" in page.words_of("account-picker")
        before = simulator.calls("creator_info")
        page = save(as_alice, ready, page, account=priya.pk)
        assert simulator.calls("creator_info") == before + 1
        assert stored(ready).account == priya
        assert stored(ready).creator_info["username"] == "priya.private"
        assert [option.attrs["value"] for option in page["privacy_level"].options] == [
            "",
            EVERYONE,
            FOLLOWERS,
            FRIENDS,
            ONLY_ME,
        ]
        assert "hidden" in page["privacy_level"].options[1].attrs

    def test_a_stored_answer_is_never_used_for_another_account(
        self, as_alice: Client, workspace: Workspace, ready: Post
    ) -> None:
        other = make_account(workspace, username="other", state=AccountState.NEEDS_RECONNECT)
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, account=other.pk)
        assert stored(ready).creator_info is None
        assert stored(ready).creator_refusal == "needs_reconnect"
        assert page.post_button.is_disabled
        assert not page.has("privacy_level")


class TestWithoutScripts:
    def test_check_saves_and_shows_what_follows(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        response = as_alice.post(
            reverse("composer:post-check", args=[ready.pk]), page.sends(discloses=True, caption="Checked")
        )
        assert response["Location"] == edit_url(ready) + "#part-post"
        assert stored(ready).caption == "Checked"
        page = open_page(as_alice, ready)
        assert page.has("your_brand")
        assert NOTHING_INDICATED in page.words_of("finish-reasons")

    def test_a_page_overtaken_by_another_window_shows_what_was_typed_and_saves_nothing(
        self, as_alice: Client, ready: Post
    ) -> None:
        here, there = open_page(as_alice, ready), open_page(as_alice, ready)
        address = reverse("composer:post-check", args=[ready.pk])
        as_alice.post(address, there.sends(caption="Theirs"))
        response = as_alice.post(address, here.sends(caption="Mine"))
        page = ComposerPage(response.text)
        assert response.status_code == 409
        assert "This draft was changed in another window." in page.words
        assert page.sends()["caption"] == "Mine"
        assert page.post_button.is_disabled
        assert stored(ready).caption == "Theirs"

    def test_a_button_chooses_a_video(self, as_alice: Client, workspace: Workspace, empty: Post) -> None:
        media = make_media(workspace, original_name="fog.mp4")
        page = open_page(as_alice, empty)
        (button,) = [
            each for each in page.controls if each.tag == "button" and each.attrs.get("name") == "media"
        ]
        assert (button.attrs["value"], "fog.mp4" in button.words) == (str(media.pk), True)
        # A browser sends the hidden value first and the pressed button's after it.
        data = page.sends(caption="Kept") | {"media": ["", button.attrs["value"]]}
        as_alice.post(button.attrs["formaction"], data)
        assert (stored(empty).media, stored(empty).caption) == (media, "Kept")


def test_older_videos_wait_behind_a_click(as_alice: Client, workspace: Workspace, empty: Post) -> None:
    for number in range(20):
        make_media(workspace, original_name=f"film {number:02}")
    page = open_page(as_alice, empty)
    buttons = [each for each in page.controls if each.tag == "button" and each.attrs.get("name") == "media"]
    names = [each.words.split()[-1] for each in buttons]
    assert names == [f"{number:02}" for number in range(19, 1, -1)]
    assert page.words_of("older-files").startswith("Show older videos")
    assert "film 13" in page.words_of("older-files")
    assert "film 14" not in page.words_of("older-files")


def test_bob_sees_nothing_of_alices_library(
    as_alice: Client, workspace: Workspace, bobs_workspace: Workspace, empty: Post
) -> None:
    make_media(bobs_workspace, original_name="bobs-film.mp4")
    make_media(workspace, original_name="alices-film.mp4")
    page = open_page(as_alice, empty)
    assert "alices-film.mp4" in page.words
    assert "bobs-film.mp4" not in page.words


def test_the_author_of_the_page_is_not_asked_for_by_bob(
    as_bob: Client, ready: Post, simulator: Simulator
) -> None:
    before = simulator.calls("creator_info")
    assert as_bob.get(edit_url(ready)).status_code == 404
    assert simulator.calls("creator_info") == before


def test_signing_in_leads_back(client: Client, alice: User, ready: Post) -> None:
    assert client.get(edit_url(ready))["Location"] == f"{reverse('account_login')}?next={edit_url(ready)}"
