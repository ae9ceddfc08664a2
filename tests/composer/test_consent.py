"""Consent: stored whole when the button is pressed, voided by any later edit, held against the rules at sending."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from composer.consents import (
    ConsentError,
    check_consent,
    choices_of,
    consent_to_post,
    lock_post,
    post_info_of,
    unlock_post,
    void_consent,
)
from composer.drafts import DraftContent, PageState, SaveOutcome, save_draft
from composer.judging import rule_on_post
from composer.models import Consent, MediaState, Post
from composer.rules import Choices, Ruling
from tests.composer.people import EVERYONE, ONLY_ME
from tests.factories import CREATOR_INFO, make_consent, make_media, make_post
from tiktok.types import PrivacyLevel, VideoPostInfo


@pytest.fixture
def post(workspace: Workspace) -> Post:
    return make_post(workspace, allow_duet=True, discloses=True, branded_content=True)


@pytest.fixture
def ruling(post: Post) -> Ruling:
    return rule_on_post(post, CREATOR_INFO)


class TestGiving:
    @pytest.mark.rule("5a", "5c", at="server")
    def test_stores_who_when_what_and_what_was_seen(self, post: Post, alice: User, ruling: Ruling) -> None:
        now = timezone.now()
        consent = consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=now)
        consent.refresh_from_db()
        assert (consent.post, consent.given_by, consent.given_at) == (post, alice, now)
        assert (consent.account, consent.media) == (post.account, post.media)
        assert post.media is not None
        assert consent.media_sha256 == post.media.sha256
        assert consent.creator_shown == CREATOR_INFO.to_json()
        assert consent.creator_shown["nickname"] == "Poppy"
        assert consent.choices == {
            "caption": "A walk through the fog",
            "privacy_level": EVERYONE,
            "allow_comment": True,
            "allow_duet": True,
            "allow_stitch": False,
            "discloses": True,
            "your_brand": False,
            "branded_content": True,
            "title": "",
            "auto_add_music": False,
            "is_aigc": False,
            "destination": "direct",
            "cover_timestamp_ms": None,
        }
        assert not consent.photos.exists()
        assert consent.declaration == (
            "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
        )
        assert consent.voided_at is None

    def test_a_new_one_voids_the_old_one(self, post: Post, alice: User, ruling: Ruling) -> None:
        old = make_consent(post, alice)
        now = timezone.now()
        new = consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=now)
        old.refresh_from_db()
        assert old.voided_at == now
        assert Consent.objects.get(post=post, voided_at__isnull=True) == new

    def test_there_are_never_two_valid_ones(self, post: Post, alice: User) -> None:
        make_consent(post, alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_consent(post, alice)

    @pytest.mark.rule("5c", at="server")
    def test_is_refused_for_a_post_the_rules_hold_back(self, post: Post, alice: User) -> None:
        post.privacy_level = ONLY_ME
        ruling = rule_on_post(post, CREATOR_INFO)
        with pytest.raises(ConsentError):
            consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now())
        assert not Consent.objects.exists()

    def test_a_ruling_about_another_state_of_the_post_is_no_excuse(
        self, post: Post, alice: User, ruling: Ruling
    ) -> None:
        post.media = None
        with pytest.raises(ConsentError):
            consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now())


class TestVoiding:
    def test_happens_once(self, post: Post, alice: User) -> None:
        make_consent(post, alice)
        assert void_consent(post, now=timezone.now())
        assert not void_consent(post, now=timezone.now())

    @pytest.mark.parametrize(
        "change",
        [
            {"caption": "Other words"},
            {"privacy_level": "MUTUAL_FOLLOW_FRIENDS"},
            {"allow_comment": False},
            {"allow_duet": True},
            {"allow_stitch": True},
            {"discloses": True},
            {"your_brand": True},
            {"branded_content": True},
        ],
    )
    def test_any_choice_changed_voids(
        self, workspace: Workspace, alice: User, change: dict[str, object]
    ) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice)
        choices = Choices(caption=post.caption, privacy_level=post.privacy_level, allow_comment=True)
        self.save(post, DraftContent(replace(choices, **change), post.account_id, post.media_id))  # type: ignore[arg-type]
        consent.refresh_from_db()
        assert consent.voided_at is not None

    @pytest.mark.parametrize("gone", ["account", "media"])
    def test_another_account_or_file_voids(self, workspace: Workspace, alice: User, gone: str) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice)
        choices = Choices(caption=post.caption, privacy_level=post.privacy_level, allow_comment=True)
        other = make_media(workspace)
        content = DraftContent(
            choices,
            None if gone == "account" else post.account_id,
            other.pk if gone == "media" else post.media_id,
        )
        self.save(post, content)
        consent.refresh_from_db()
        assert consent.voided_at is not None

    def save(self, post: Post, content: DraftContent) -> None:
        page = PageState("a" * 32, 1, post.version)
        assert save_draft(post, content, page=page, now=timezone.now()).outcome is SaveOutcome.SAVED


class TestLocking:
    def test_closes_the_post_once(self, post: Post) -> None:
        now = timezone.now()
        assert lock_post(post, now=now)
        assert not lock_post(post, now=now)
        post.refresh_from_db()
        assert post.locked_at == now
        assert not post.is_editable

    def test_fails_when_the_post_was_edited_since_it_was_read(self, post: Post) -> None:
        Post.objects.filter(pk=post.pk).update(version=2)
        assert not lock_post(post, now=timezone.now())
        assert post.locked_at is None
        post.refresh_from_db()
        assert post.locked_at is None

    def test_unlocking_makes_open_pages_outdated(self, post: Post) -> None:
        lock_post(post, now=timezone.now())
        unlock_post(post)
        assert (post.locked_at, post.version) == (None, 2)
        content = DraftContent(Choices(caption="From before"), None, None)
        saved = save_draft(post, content, page=PageState("a" * 32, 1, 1), now=timezone.now())
        assert saved.outcome is SaveOutcome.CONFLICT


class TestAtSending:
    def test_a_fresh_consent_passes(self, workspace: Workspace, alice: User) -> None:
        consent = make_consent(make_post(workspace), alice)
        assert check_consent(consent, CREATOR_INFO) == ()

    def test_a_creator_who_changed_is_noticed(self, workspace: Workspace, alice: User) -> None:
        consent = make_consent(make_post(workspace), alice)
        blocks = check_consent(consent, replace(CREATOR_INFO, comment_disabled=True))
        assert [block.rule for block in blocks] == ["2c-i"]

    @pytest.mark.rule("5a", at="worker")
    def test_a_file_that_changed_is_noticed(self, workspace: Workspace, alice: User) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice, media_sha256="0" * 64)
        assert [block.rule for block in check_consent(consent, CREATOR_INFO)] == ["5c"]

    @pytest.mark.rule("G-1", at="worker")
    def test_a_file_that_was_refused_since_is_noticed(self, workspace: Workspace, alice: User) -> None:
        consent = make_consent(make_post(workspace), alice)
        consent.media.state = MediaState.REFUSED
        assert [block.rule for block in check_consent(consent, CREATOR_INFO)] == ["G-1"]

    @pytest.mark.rule("U-3", at="worker")
    def test_a_client_without_audit_sends_nothing_public(
        self, workspace: Workspace, alice: User, settings: Any
    ) -> None:
        settings.TIKTOK_CLIENT_AUDITED = False
        consent = make_consent(make_post(workspace), alice)
        rules = {block.rule for block in check_consent(consent, CREATOR_INFO)}
        assert rules == {"U-2", "U-3"}

    def test_what_goes_to_tiktok_is_what_was_agreed_to(self, post: Post, alice: User, ruling: Ruling) -> None:
        consent = consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now())
        post.caption = "Changed later"
        assert choices_of(consent).caption == "A walk through the fog"
        assert post_info_of(consent) == VideoPostInfo(
            title="A walk through the fog",
            privacy_level=PrivacyLevel.PUBLIC_TO_EVERYONE,
            disable_comment=False,
            disable_duet=False,
            disable_stitch=True,
            brand_content_toggle=True,
            brand_organic_toggle=False,
        )
