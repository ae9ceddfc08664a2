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
from tests.composer.people import EVERYONE, FOLLOWERS, FRIENDS, ONLY_ME
from tests.consent import connect
from tests.factories import make_account, make_media, make_post
from tests.processes import Simulator

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
MUSIC_AND_POLICY = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NO_PRIVATE = "Branded content visibility cannot be set to private."


def edit_url(post: Post) -> str:
    return reverse("composer:post-edit", args=[post.pk])


def open_page(client: Client, post: Post) -> ComposerPage:
    response = client.get(edit_url(post))
    assert response.status_code == 200
    return ComposerPage(response.text)


def save(client: Client, post: Post, page: ComposerPage, seq: int = 1, **changes: Any) -> ComposerPage:
    """Let the open page save itself after `changes`; the page as it then stands."""
    data = page.sends(**changes) | {"seq": str(seq)}
    response = client.post(
        reverse("composer:post-save", args=[post.pk]), data, headers={"hx-request": "true"}
    )
    assert response.status_code == 200
    return ComposerPage(f'<form id="post-form">{response.text}</form>')


def stored(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


@pytest.fixture
def empty(workspace: Workspace, poppy: TikTokAccount) -> Post:
    return Post.objects.create(workspace=workspace, account=poppy)


@pytest.fixture
def ready(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft of poppy's with all that a post needs."""
    return make_post(workspace, account=poppy)


class TestOpening:
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
        with django_assert_num_queries(12):
            as_alice.get(edit_url(empty))
        for number in range(15):
            make_media(workspace)
            make_account(workspace, username=f"other{number}")
        with django_assert_num_queries(12):
            as_alice.get(edit_url(empty))

    def test_every_showing_is_its_own_editor(self, as_alice: Client, empty: Post) -> None:
        first, second = open_page(as_alice, empty), open_page(as_alice, empty)
        assert first.sends()["editor"] != second.sends()["editor"]
        assert first.sends()["version"] == "1"

    def test_a_post_on_its_way_is_shown_by_its_own_page(self, as_alice: Client, ready: Post) -> None:
        lock_post(ready, now=timezone.now())
        assert as_alice.get(edit_url(ready))["Location"] == reverse("publishing:post-detail", args=[ready.pk])


class TestAnEmptyDraft:
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

    def test_offers_exactly_what_tiktok_returned(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        options = page["privacy_level"].options
        assert [option.attrs["value"] for option in options] == ["", EVERYONE, FRIENDS, ONLY_ME]
        assert [option.words for option in options] == ["Select…", "Everyone", "Friends", "Only me"]

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

    def test_nothing_can_be_posted_by_pressing_enter(self, as_alice: Client, empty: Post) -> None:
        page = open_page(as_alice, empty)
        first = next(control for control in page.controls if control.tag == "button")
        assert first.attrs["formaction"] == reverse("composer:post-check", args=[empty.pk])


class TestAFullDraft:
    def test_can_be_posted(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert not page.post_button.is_disabled
        assert page.words_of("finish-reasons") == ""

    def test_previews_the_very_file(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert f'src="{reverse("composer:media-file", args=[ready.media_id])}"' in page.html
        assert "A walk through the fog" in page.words_of("phone")
        assert "@poppy.public" in page.words_of("phone")

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
        assert not page.post_button.is_disabled

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


class TestNothingIsLostByOmission:
    """A control that is disabled or not shown sends nothing; what was chosen with it must survive all the same."""

    @pytest.fixture
    def everything(self, as_alice: Client, ready: Post) -> Post:
        Post.objects.filter(pk=ready.pk).update(
            allow_comment=True, allow_duet=True, allow_stitch=True, privacy_level=EVERYONE, your_brand=True
        )
        return ready

    def test_a_ticked_box_that_tiktok_forbids_now(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"duet_disabled": True})
        page = open_page(as_alice, everything)
        assert page["allow_duet"].is_ticked
        assert not page["allow_duet"].is_disabled
        assert "In TikTok's settings Poppy Parade allows nobody to use Duet." in page.words_of(
            "allow_duet-note"
        )
        assert page.post_button.is_disabled
        page = save(as_alice, everything, page, caption="Something else")
        assert stored(everything).allow_duet
        page = save(as_alice, everything, page, 2, allow_duet=False)
        assert not stored(everything).allow_duet
        assert page["allow_duet"].is_disabled
        assert not page.post_button.is_disabled

    def test_an_unticked_box_that_tiktok_forbids_is_disabled_and_says_why(
        self, as_alice: Client, empty: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"comment_disabled": True})
        page = open_page(as_alice, empty)
        assert page["allow_comment"].is_disabled
        assert "allows nobody to comment" in page.words_of("allow_comment-note")
        assert any("allows nobody to comment" in words for words in page.hover_words)

    def test_boxes_under_a_disclosure_that_is_off(self, as_alice: Client, everything: Post) -> None:
        page = open_page(as_alice, everything)
        assert not page.has("your_brand")
        save(as_alice, everything, page, caption="Something else")
        assert stored(everything).your_brand
        assert not stored(everything).discloses

    def test_everything_while_tiktok_cannot_be_reached(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.fault("creator_info", "http", status=503, times=None)
        page = open_page(as_alice, everything)
        save(as_alice, everything, page, caption="Written meanwhile")
        post = stored(everything)
        assert (post.caption, post.privacy_level) == ("Written meanwhile", EVERYONE)
        assert (post.allow_comment, post.allow_duet, post.allow_stitch) == (True, True, True)

    def test_a_visibility_tiktok_does_not_offer_any_more(
        self, as_alice: Client, everything: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"private": True})
        Post.objects.filter(pk=everything.pk).update(allow_duet=False, allow_stitch=False)
        page = open_page(as_alice, everything)
        assert page.words_of("visibility") == "Everyone"
        assert "TikTok does not offer it to Poppy Parade now" in page.words_of("visibility-notes")
        assert page.post_button.is_disabled
        page = save(as_alice, everything, page, caption="Something else")
        assert stored(everything).privacy_level == EVERYONE
        save(as_alice, everything, page, 2, privacy_level=FRIENDS)
        assert stored(everything).privacy_level == FRIENDS

    def test_branded_content_and_only_me_each_stay_as_chosen(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, discloses=True, privacy_level=ONLY_ME)
        assert page["branded_content"].is_disabled
        assert NO_PRIVATE in page.words_of("branded_content-note")
        # Sent all the same, by a forged form: stored, shown ticked, and nothing can be posted.
        data = page.sends() | {"branded_content": "on", "seq": "2"}
        as_alice.post(reverse("composer:post-save", args=[ready.pk]), data)
        page = open_page(as_alice, ready)
        post = stored(ready)
        assert (post.branded_content, post.privacy_level) == (True, ONLY_ME)
        assert page["branded_content"].is_ticked
        assert not page["branded_content"].is_disabled
        assert page.post_button.is_disabled
        page = save(as_alice, ready, page, privacy_level=EVERYONE)
        assert not page.post_button.is_disabled

    def test_only_me_is_disabled_by_branded_content_and_says_why(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        page = save(as_alice, ready, page, discloses=True)
        page = save(as_alice, ready, page, 2, branded_content=True)
        only_me = next(each for each in page["privacy_level"].options if each.attrs["value"] == ONLY_ME)
        assert only_me.is_disabled
        assert NO_PRIVATE in only_me.words
        assert NO_PRIVATE in page.hover_words
        assert NO_PRIVATE in page.words_of("visibility-list")


class TestACreatorWhoCannotPost:
    @pytest.mark.parametrize(
        ("username", "words"),
        [
            ("lena.limit", "Try again later, at most 24 hours from now"),
            ("benny.banned", "TikTok has stopped this account from posting"),
        ],
    )
    def test_is_told_so_and_nothing_can_be_sent(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator, username: str, words: str
    ) -> None:
        connect(as_alice, username)
        post = make_post(workspace, account=TikTokAccount.objects.get())
        page = open_page(as_alice, post)
        assert words in page.words_of("account-block")
        assert "Ask TikTok again" in page.words_of("account-block")
        assert page.post_button.is_disabled
        assert words in page.words_of("finish-reasons")
        assert not page.has("privacy_level")
        assert stored(post).creator_refusal.startswith("spam_risk")

    def test_tiktok_that_cannot_be_reached_leaves_no_list(
        self, as_alice: Client, ready: Post, simulator: Simulator
    ) -> None:
        simulator.fault("creator_info", "drop_before", times=None)
        page = open_page(as_alice, ready)
        assert "TikTok could not be reached" in page.words_of("account-block")
        assert page.post_button.is_disabled
        assert not page.has("privacy_level")
        assert "Friends" not in page.words
        simulator.control("DELETE", "/faults")
        assert not open_page(as_alice, ready).post_button.is_disabled

    def test_an_account_without_tokens_offers_to_reconnect(
        self, as_alice: Client, workspace: Workspace, account: TikTokAccount, simulator: Simulator
    ) -> None:
        TikTokAccount.objects.update(state=AccountState.NEEDS_RECONNECT)
        post = make_post(workspace, account=account)
        page = open_page(as_alice, post)
        assert "Reconnect it; your draft is kept." in page.words_of("account-block")
        assert f'formaction="{reverse("accounts:reconnect", args=[account.pk])}"' in page.html
        assert page.sends()["next"] == edit_url(post)

    def test_an_account_without_the_permission_says_which(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator
    ) -> None:
        connect(as_alice, "poppy.public", scopes=["user.info.basic"])
        post = make_post(workspace, account=TikTokAccount.objects.get())
        assert "video.publish" in open_page(as_alice, post).words_of("account-block")

    def test_an_account_that_went_to_another_workspace_is_none(
        self, as_alice: Client, bobs_workspace: Workspace, ready: Post, poppy: TikTokAccount
    ) -> None:
        TikTokAccount.objects.filter(pk=poppy.pk).update(workspace=bobs_workspace)
        page = open_page(as_alice, ready)
        assert "No TikTok account is connected yet." in page.words
        assert "Poppy" not in page.words_of("post-form")
        save(as_alice, ready, page, caption="Still mine")
        assert (stored(ready).caption, stored(ready).account) == ("Still mine", None)

    def test_a_video_too_long_for_this_creator_is_explained(
        self, as_alice: Client, workspace: Workspace, ready: Post, simulator: Simulator
    ) -> None:
        simulator.control("POST", "/creators/poppy.public", {"max_seconds": 10})
        page = open_page(as_alice, ready)
        assert "This video is 12 s long, and TikTok takes at most 10 s from Poppy Parade." in page.words_of(
            "video-line"
        )
        assert page.post_button.is_disabled


class TestBeforeTheAudit:
    def test_explains_what_tiktok_will_refuse(
        self, as_alice: Client, ready: Post, simulator: Simulator, settings: Any
    ) -> None:
        settings.TIKTOK_CLIENT_AUDITED = False
        page = open_page(as_alice, ready)
        assert "TikTok has not audited this site yet." in page.words_of("client-notice")
        assert "five people" in page.words_of("client-notice")
        assert "On TikTok Poppy Parade is a public account" in page.words_of("account-block")
        assert page.post_button.is_disabled

    def test_a_private_account_may_post_to_itself(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator, settings: Any
    ) -> None:
        settings.TIKTOK_CLIENT_AUDITED = False
        connect(as_alice, "priya.private")
        post = make_post(workspace, account=TikTokAccount.objects.get(), privacy_level="")
        page = open_page(as_alice, post)
        operable = [each.attrs["value"] for each in page["privacy_level"].options if not each.is_disabled]
        assert operable == ["", ONLY_ME]
        page = save(as_alice, post, page, privacy_level=ONLY_ME)
        assert not page.post_button.is_disabled


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
    assert page.words_of("older-videos").startswith("Show older videos")
    assert "film 13" in page.words_of("older-videos")
    assert "film 14" not in page.words_of("older-videos")


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
