"""The page for creators who cannot post now, for a TikTok that does not answer, and before the audit."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountState, TikTokAccount, Workspace
from composer.models import Post
from tests.composer.composing import edit_url, open_page, save, stored
from tests.composer.people import FRIENDS, ONLY_ME
from tests.consent import connect
from tests.factories import make_post
from tests.processes import Simulator


class TestACreatorWhoCannotPost:
    @pytest.mark.rule("1b", at="page")
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

    @pytest.mark.rule("API-1", at="page")
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

    @pytest.mark.rule("1c", at="page")
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
    @pytest.mark.rule("U-1", "U-2", "U-3", at="page")
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
        page = save(as_alice, post, page, privacy_level=FRIENDS)
        assert page.post_button.is_disabled
        assert "every post must be “Only me”" in page.words_of("finish-reasons")
        page = save(as_alice, post, page, seq=2, privacy_level=ONLY_ME)
        assert not page.post_button.is_disabled
