"""The composer's page for a draft to the TikTok inbox: what is shown, what stays unseen, what keeps it back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import TikTokAccount, Workspace
from composer.models import Consent, Post
from publishing.models import Publication
from tests.composer.composing import open_page, save, stored
from tests.consent import connect
from tests.factories import make_carousel
from tests.processes import Simulator

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."


@pytest.fixture
def draft(ready: Post) -> Post:
    """A post with everything set, sent to the inbox instead."""
    Post.objects.filter(pk=ready.pk).update(
        destination="inbox",
        caption="Line one\nline two",
        allow_duet=True,
        allow_stitch=True,
        discloses=True,
        branded_content=True,
        is_aigc=True,
        cover_timestamp_ms=3000,
        title="Kept",
        auto_add_music=True,
    )
    ready.refresh_from_db()
    return ready


def test_a_post_is_direct_until_somebody_says_otherwise(as_alice: Client, empty: Post) -> None:
    page = open_page(as_alice, empty)
    assert page.sends()["destination"] == "direct"
    assert not page.has("inbox-terms")


class TestADraft:
    def test_shows_the_creator_and_not_what_it_cannot_carry(self, as_alice: Client, draft: Post) -> None:
        page = open_page(as_alice, draft)
        assert "Poppy Parade" in page.words
        for name in ("caption", "privacy_level", "allow_comment", "discloses", "is_aigc"):
            assert not page.has(name), name
        assert "cover" not in page.ids
        assert "visibility" not in page.ids

    @pytest.mark.rule("API-10", at="page")
    def test_says_what_stays_behind_and_how_it_is_finished(self, as_alice: Client, draft: Post) -> None:
        page = open_page(as_alice, draft)
        terms = page.words_of("inbox-terms")
        for left in (
            "no caption",
            "no cover frame",
            "no visibility",
            "no commercial disclosure",
            "no AI label",
        ):
            assert left in terms
        assert "notification in the inbox of its app" in page.words_of("processing-notice")
        assert "31.8" not in page.words
        assert "Videos up to 10 min" in page.words

    def test_asks_how_many_drafts_wait(self, as_alice: Client, draft: Post) -> None:
        address = reverse("publishing:pending-drafts", args=[draft.account_id])
        assert f'hx-get="{address}"' in open_page(as_alice, draft).html
        assert "0 of the 5 drafts" in as_alice.get(address).text

    def test_has_its_own_button_under_the_declaration(self, as_alice: Client, draft: Post) -> None:
        page = open_page(as_alice, draft)
        assert page.words_of("post-button") == "Send to TikTok inbox"
        assert not page.post_button.is_disabled
        # Branded content is chosen, and a draft does not carry it.
        assert page.words_of("declaration") == MUSIC

    def test_keeps_every_choice_untouched(self, as_alice: Client, draft: Post) -> None:
        before = Post.objects.filter(pk=draft.pk).values().get()
        page = save(as_alice, draft, open_page(as_alice, draft))
        after = Post.objects.filter(pk=draft.pk).values().get()
        kept = {"creator_info", "creator_asked_at", "editor", "editor_seq", "updated_at"}
        assert {name: value for name, value in after.items() if name not in kept} == {
            name: value for name, value in before.items() if name not in kept
        }
        page = save(as_alice, draft, page, 2, destination="direct")
        assert page["caption"].words.strip() == "Line one\nline two"
        assert (page["branded_content"].is_ticked, page["is_aigc"].is_ticked) == (True, True)
        assert page.words_of("cover-at") == "0:03.000"

    def test_of_photos_carries_title_and_description(
        self, as_alice: Client, workspace: Workspace, poppy: TikTokAccount
    ) -> None:
        post = make_carousel(workspace, account=poppy, destination="inbox", auto_add_music=True)
        page = open_page(as_alice, post)
        assert page.has("title")
        assert page.has("caption")
        assert not page.has("auto_add_music")
        assert "version 31.8 or newer" in page.words_of("processing-notice")
        assert "no music" in page.words_of("inbox-terms")
        save(as_alice, post, page, title="Fog", caption="In the morning")
        after = stored(post)
        assert (after.title, after.caption, after.auto_add_music) == ("Fog", "In the morning", True)


class TestWhoMay:
    @pytest.mark.rule("API-3", at="page")
    def test_an_account_connected_before_is_told_to_reconnect(self, as_alice: Client, ready: Post) -> None:
        TikTokAccount.objects.update(granted_scopes=["user.info.basic", "video.publish"])
        page = open_page(as_alice, ready)
        assert "connected without the permission to be sent drafts. Reconnect it" in page.words_of(
            "destination-inbox-note"
        )
        assert not page.post_button.is_disabled
        page = save(as_alice, ready, page, destination="inbox")
        assert page.post_button.is_disabled
        assert "(video.upload)" in page.words_of("account-block")
        assert reverse("accounts:reconnect", args=[ready.account_id]) in page.html

    def test_an_account_that_gave_no_leave_to_post_may_be_sent_drafts(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator
    ) -> None:
        connect(as_alice, scopes=["user.info.basic", "video.upload"])
        account = TikTokAccount.objects.get()
        post = make_carousel(workspace, account=account, destination="inbox")
        page = open_page(as_alice, post)
        assert account.nickname in page.words
        assert not page.post_button.is_disabled
        page = save(as_alice, post, page, destination="direct")
        assert page.post_button.is_disabled
        assert "(video.publish)" in page.words_of("account-block")

    @pytest.mark.parametrize(("username", "can_send"), [("lena.limit", True), ("benny.banned", False)])
    def test_a_cap_on_posts_is_none_on_drafts_and_a_ban_is(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator, username: str, can_send: bool
    ) -> None:
        connect(as_alice, username)
        account = TikTokAccount.objects.get()
        post = make_carousel(workspace, account=account, destination="inbox")
        assert open_page(as_alice, post).post_button.is_disabled is not can_send


class TestSending:
    def test_stores_a_consent_to_a_draft(self, as_alice: Client, draft: Post) -> None:
        page = open_page(as_alice, draft)
        response = as_alice.post(reverse("publishing:post-publish", args=[draft.pk]), page.sends())
        assert response["Location"] == reverse("publishing:post-detail", args=[draft.pk])
        consent = Consent.objects.get()
        assert consent.choices["destination"] == "inbox"
        # Everything chosen is on record, sent or not.
        assert consent.choices["caption"] == "Line one\nline two"
        assert consent.declaration == MUSIC

    def test_without_leave_to_post_is_agreed_to_all_the_same(
        self, as_alice: Client, workspace: Workspace, simulator: Simulator
    ) -> None:
        connect(as_alice, scopes=["user.info.basic", "video.upload"])
        post = make_carousel(workspace, account=TikTokAccount.objects.get(), destination="inbox")
        page = open_page(as_alice, post)
        as_alice.post(reverse("publishing:post-publish", args=[post.pk]), page.sends())
        consent = Consent.objects.get()
        assert consent.creator_shown == {}
        assert consent.photos.count() == 3
        assert Publication.objects.get().consent == consent

    def test_is_held_back_where_a_post_would_not_be(
        self, as_alice: Client, draft: Post, settings: Any
    ) -> None:
        TikTokAccount.objects.update(granted_scopes=["user.info.basic", "video.publish"])
        page = open_page(as_alice, draft)
        response = as_alice.post(reverse("publishing:post-publish", args=[draft.pk]), page.sends())
        assert response.status_code == 422
        assert not Consent.objects.exists()
