"""Photos, cover, destination and label in a draft: stored as sent, in their order, and never lost on the way."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from composer.consents import (
    ConsentError,
    check_consent,
    choices_of,
    consent_to_post,
    cover_index_of,
    photo_post_info_of,
    photo_texts_of,
    photos_agreed_to,
    post_info_of,
)
from composer.drafts import DraftContent, PageState, SaveOutcome, content_of, save_draft
from composer.judging import photos_of, rule_on_post
from composer.models import Consent, ConsentPhoto, MediaFile, MediaState, Post, PostPhoto
from composer.rules import Choices, MissingScope, photos_sha256
from tests.factories import (
    CREATOR_INFO,
    make_account,
    make_carousel,
    make_consent,
    make_media,
    make_photo,
    make_post,
)

PAGE_A, PAGE_B = "a" * 32, "b" * 32


@pytest.fixture
def photos(workspace: Workspace) -> list[MediaFile]:
    return [make_photo(workspace) for _ in range(4)]


@pytest.fixture
def carousel(workspace: Workspace, photos: list[MediaFile]) -> Post:
    return make_carousel(workspace, photos=photos)


def keys(files: list[MediaFile]) -> tuple[int, ...]:
    return tuple(file.pk for file in files)


def save(post: Post, content: DraftContent, *, seq: int = 1, version: int = 1) -> SaveOutcome:
    page = PageState(PAGE_A, seq, version)
    return save_draft(post, content, page=page, now=timezone.now()).outcome


def in_order(post: Post) -> tuple[int, ...]:
    return tuple(PostPhoto.objects.filter(post=post).values_list("media_id", flat=True))


def form(post: Post, **fields: Any) -> dict[str, Any]:
    """What an open page of this draft sends, changed by `fields`."""
    sent = {
        "editor": PAGE_A,
        "seq": "1",
        "version": str(post.version),
        "caption": post.caption,
        "privacy_level": post.privacy_level,
        "allow_comment": "on",
        "account": str(post.account_id),
        "media": str(post.media_id or ""),
        "kind": post.kind,
        "destination": post.destination,
        "photos": [str(pk) for pk in in_order(post)],
    }
    return {name: value for name, value in {**sent, **fields}.items() if value is not None}


def send(client: Client, post: Post, **fields: Any) -> Any:
    return client.post(reverse("composer:post-save", args=[post.pk]), form(post, **fields))


class TestKeeping:
    def test_the_order_is_kept_as_sent(self, carousel: Post, photos: list[MediaFile]) -> None:
        content = content_of(carousel)
        for number, order in enumerate([(3, 0, 1, 2), (3, 2, 1, 0), (1,), ()], start=1):
            wanted = tuple(photos[each].pk for each in order)
            assert save(carousel, replace(content, photo_ids=wanted), seq=number) is SaveOutcome.SAVED
            assert in_order(carousel) == wanted
            places = PostPhoto.objects.filter(post=carousel).values_list("position", flat=True)
            assert list(places) == list(range(len(wanted)))

    def test_the_same_photos_again_are_no_edit(self, carousel: Post) -> None:
        assert save(carousel, content_of(carousel)) is SaveOutcome.UNCHANGED

    @pytest.mark.parametrize(
        "change",
        [
            {"title": "Fog"},
            {"auto_add_music": True},
            {"is_aigc": True},
            {"destination": "inbox"},
            {"cover_timestamp_ms": 3000},
            {"cover_timestamp_ms": 0},
        ],
    )
    def test_every_new_choice_is_stored_and_voids_a_consent(
        self, workspace: Workspace, alice: User, change: dict[str, Any]
    ) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice)
        content = content_of(post)
        content = replace(content, choices=replace(content.choices, **change))
        assert save(post, content) is SaveOutcome.SAVED
        assert content_of(Post.objects.get(pk=post.pk)) == content
        consent.refresh_from_db()
        assert consent.voided_at is not None

    def test_another_order_or_cover_voids_a_consent(
        self, carousel: Post, photos: list[MediaFile], alice: User
    ) -> None:
        content = content_of(carousel)
        for change in ({"photo_ids": content.photo_ids[::-1]}, {"cover_photo_id": photos[2].pk}):
            Consent.objects.update(voided_at=timezone.now())
            consent = make_consent(Post.objects.get(pk=carousel.pk), alice)
            carousel.refresh_from_db()
            content = replace(content, **change)  # type: ignore[arg-type]
            assert save(carousel, content, seq=carousel.version) is SaveOutcome.SAVED
            consent.refresh_from_db()
            assert consent.voided_at is not None

    def test_an_outdated_page_reorders_nothing(self, carousel: Post, photos: list[MediaFile]) -> None:
        content = content_of(carousel)
        save(carousel, replace(content, photo_ids=keys(photos[::-1])))
        page = PageState(PAGE_B, 1, 1)
        mine = replace(content, photo_ids=keys(photos[:1]))
        saved = save_draft(carousel, mine, page=page, now=timezone.now())
        assert saved.outcome is SaveOutcome.CONFLICT
        assert in_order(carousel) == keys(photos[::-1])


class TestWhatAPageSends:
    def test_photos_in_their_order_with_everything_of_theirs(
        self, as_alice: Client, carousel: Post, photos: list[MediaFile]
    ) -> None:
        order = [str(photos[each].pk) for each in (2, 0, 3)]
        response = send(
            as_alice,
            carousel,
            photos=order,
            cover_photo=str(photos[3].pk),
            title="Fog\r\nand sea",
            auto_add_music="on",
            is_aigc="on",
            destination="inbox",
        )
        assert response.status_code == 204
        post = Post.objects.get(pk=carousel.pk)
        assert [str(pk) for pk in in_order(post)] == order
        assert (post.kind, post.cover_photo_id, post.title) == ("photo", photos[3].pk, "Fog\nand sea")
        assert (post.auto_add_music, post.is_aigc, post.destination) == (True, True, "inbox")

    def test_a_cover_frame_to_the_millisecond(self, as_alice: Client, workspace: Workspace) -> None:
        post = make_post(workspace)
        send(as_alice, post, cover_timestamp_ms="3000")
        assert Post.objects.get(pk=post.pk).cover_timestamp_ms == 3000
        send(as_alice, post, seq="2", cover_timestamp_ms="")
        assert Post.objects.get(pk=post.pk).cover_timestamp_ms is None

    @pytest.mark.parametrize("place", ["-1", "2147483648", "three"])
    def test_a_cover_no_page_sends_changes_nothing(
        self, as_alice: Client, workspace: Workspace, place: str
    ) -> None:
        post = make_post(workspace, cover_timestamp_ms=1000)
        assert send(as_alice, post, caption="Other", cover_timestamp_ms=place).status_code == 422
        stored = Post.objects.get(pk=post.pk)
        assert (stored.cover_timestamp_ms, stored.caption) == (1000, post.caption)

    @pytest.mark.parametrize("missing", ["kind", "destination"])
    def test_a_page_that_does_not_say_where_it_goes_or_what_it_is_changes_nothing_about_it(
        self, as_alice: Client, workspace: Workspace, missing: str
    ) -> None:
        post = make_carousel(workspace, destination="inbox")
        send(as_alice, post, caption="Other", **{missing: None})
        stored = Post.objects.get(pk=post.pk)
        assert (stored.kind, stored.destination, stored.caption) == ("photo", "inbox", "Other")

    @pytest.mark.parametrize("fields", [{"kind": "story"}, {"destination": "elsewhere"}])
    def test_words_of_nobodys_change_nothing(
        self, as_alice: Client, carousel: Post, fields: dict[str, str]
    ) -> None:
        assert send(as_alice, carousel, caption="Other", **fields).status_code == 422
        assert Post.objects.get(pk=carousel.pk).caption == carousel.caption

    def test_both_kinds_are_kept_and_the_kind_says_which_is_posted(
        self, as_alice: Client, workspace: Workspace, carousel: Post
    ) -> None:
        film = make_media(workspace)
        before = in_order(carousel)
        send(as_alice, carousel, kind="video", media=str(film.pk))
        post = Post.objects.get(pk=carousel.pk)
        assert (post.kind, post.media, in_order(post)) == ("video", film, before)
        assert rule_on_post(post, CREATOR_INFO).can_post

    def test_a_photo_named_twice_is_one(
        self, as_alice: Client, carousel: Post, photos: list[MediaFile]
    ) -> None:
        order = [str(photos[0].pk), str(photos[1].pk), str(photos[0].pk)]
        assert send(as_alice, carousel, photos=order).status_code == 204
        assert in_order(carousel) == keys(photos[:2])

    def test_a_cover_that_is_none_of_the_photos_is_no_cover(
        self, as_alice: Client, carousel: Post, photos: list[MediaFile]
    ) -> None:
        send(as_alice, carousel, photos=[str(photos[0].pk)], cover_photo=str(photos[1].pk))
        assert Post.objects.get(pk=carousel.pk).cover_photo_id is None

    def test_more_than_35_photos_are_refused_by_name(
        self, as_alice: Client, workspace: Workspace, carousel: Post, photos: list[MediaFile]
    ) -> None:
        many = [str(make_photo(workspace).pk) for _ in range(36)]
        response = as_alice.post(
            reverse("composer:post-save", args=[carousel.pk]),
            form(carousel, photos=many),
            headers={"hx-request": "true"},
        )
        assert response.status_code == 422
        assert "more than the 35 photos that TikTok takes in one post" in response.text
        assert in_order(carousel) == keys(photos)

    @pytest.mark.parametrize("kind", ["video", "photo"])
    def test_a_file_deleted_from_the_library_goes_on_being_named_and_is_explained(
        self, as_alice: Client, workspace: Workspace, kind: str
    ) -> None:
        post = make_carousel(workspace) if kind == "photo" else make_post(workspace)
        MediaFile.objects.update(state=MediaState.DELETED)
        assert send(as_alice, post, caption="Still saving").status_code == 204
        assert Post.objects.get(pk=post.pk).caption == "Still saving"
        blocks = rule_on_post(Post.objects.get(pk=post.pk), CREATOR_INFO).blocks
        assert all("is no longer in the library" in block.text for block in blocks)
        assert len(blocks) == (3 if kind == "photo" else 1)

    @pytest.mark.parametrize("state", [MediaState.REFUSED, MediaState.DELETED, MediaState.CHECKING])
    def test_a_photo_that_cannot_be_had_cannot_be_added(
        self, as_alice: Client, workspace: Workspace, carousel: Post, state: MediaState
    ) -> None:
        gone = make_photo(workspace, state=state)
        before = in_order(carousel)
        response = send(as_alice, carousel, photos=[*map(str, before), str(gone.pk)])
        assert (response.status_code, in_order(carousel)) == (404, before)

    def test_what_nobody_has_accepted_yet_cannot_be_added(
        self, as_alice: Client, workspace: Workspace, carousel: Post
    ) -> None:
        proposal = make_photo(workspace, is_proposal=True)
        assert send(as_alice, carousel, photos=[str(proposal.pk)]).status_code == 404

    def test_a_photo_that_needs_a_fix_may_wait_in_the_draft_and_keeps_the_post_back(
        self, as_alice: Client, workspace: Workspace, carousel: Post
    ) -> None:
        fixable = make_photo(workspace, state=MediaState.FIXABLE, fix="photo_jpeg", original_name="fog.png")
        assert send(as_alice, carousel, photos=[str(fixable.pk)]).status_code == 204
        (block,) = rule_on_post(Post.objects.get(pk=carousel.pk), CREATOR_INFO).blocks
        assert block.text == "TikTok would refuse photo 1 (“fog.png”) as it is. Fix it, or take it out."

    @pytest.mark.parametrize("field", ["photos", "media"])
    def test_a_file_of_the_other_kind_is_nobodys(
        self, as_alice: Client, workspace: Workspace, carousel: Post, field: str
    ) -> None:
        other = make_media(workspace) if field == "photos" else make_photo(workspace)
        assert send(as_alice, carousel, **{field: str(other.pk)}).status_code == 404

    @pytest.mark.parametrize("key", ["0", "x", "-1", "9" * 30])
    def test_keys_of_nothing_are_nobodys(self, as_alice: Client, carousel: Post, key: str) -> None:
        assert send(as_alice, carousel, photos=[key]).status_code == 404

    def test_bobs_photo_cannot_be_named(
        self, as_alice: Client, carousel: Post, photos: list[MediaFile], bobs_workspace: Workspace
    ) -> None:
        bobs = make_photo(bobs_workspace)
        assert send(as_alice, carousel, photos=[str(bobs.pk)]).status_code == 404
        assert in_order(carousel) == keys(photos)

    def test_bob_cannot_reorder_alices_photos(
        self, as_bob: Client, carousel: Post, photos: list[MediaFile]
    ) -> None:
        assert send(as_bob, carousel, photos=[str(photos[1].pk)]).status_code == 404
        assert in_order(carousel) == keys(photos)


class TestConsentToPhotos:
    def test_stores_each_photo_in_its_place_with_its_bytes(
        self, carousel: Post, photos: list[MediaFile], alice: User
    ) -> None:
        carousel.cover_photo = photos[2]
        carousel.save()
        ruling = rule_on_post(carousel, CREATOR_INFO)
        now = timezone.now()
        consent = consent_to_post(carousel, user=alice, creator=CREATOR_INFO, ruling=ruling, now=now)
        agreed = [(each.media, each.position, each.sha256) for each in photos_agreed_to(consent)]
        assert agreed == [(photo, place, photo.sha256) for place, photo in enumerate(photos)]
        assert (consent.media, cover_index_of(consent)) == (photos[2], 2)
        assert consent.media_sha256 == photos_sha256(photo.sha256 for photo in photos)
        assert check_consent(consent, CREATOR_INFO) == ()

    def test_without_a_chosen_cover_it_is_the_first(self, carousel: Post, alice: User) -> None:
        ruling = rule_on_post(carousel, CREATOR_INFO)
        consent = consent_to_post(
            carousel, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now()
        )
        assert cover_index_of(consent) == 0

    def test_what_goes_to_tiktok_is_what_was_agreed_to(self, workspace: Workspace, alice: User) -> None:
        post = make_carousel(workspace, title="Fog", auto_add_music=True, is_aigc=True)
        consent = make_consent(post, alice)
        info = photo_post_info_of(consent)
        assert (info.title, info.description, info.auto_add_music, info.disable_comment) == (
            "Fog",
            "A walk through the fog",
            True,
            False,
        )
        assert choices_of(consent).is_labelled_aigc

    def test_a_photo_that_changed_since_is_noticed(self, carousel: Post, alice: User) -> None:
        consent = make_consent(carousel, alice)
        MediaFile.objects.filter(pk=photos_of(carousel)[1].pk).update(sha256="0" * 64)
        assert [block.rule for block in check_consent(consent, CREATOR_INFO)] == ["5c"]

    def test_a_photo_deleted_since_is_noticed_by_name(self, carousel: Post, alice: User) -> None:
        consent = make_consent(carousel, alice)
        photo = photos_of(carousel)[1]
        MediaFile.objects.filter(pk=photo.pk).update(state=MediaState.DELETED)
        (block,) = check_consent(consent, CREATOR_INFO)
        assert block.text == f"Photo 2 (“{photo.original_name}”) is no longer in the library. Take it out."

    def test_is_refused_for_no_photo_at_all(self, workspace: Workspace, alice: User) -> None:
        post = make_carousel(workspace)
        ruling = rule_on_post(post, CREATOR_INFO)
        PostPhoto.objects.all().delete()
        with pytest.raises(ConsentError):
            consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now())
        assert not ConsentPhoto.objects.exists()

    def test_a_video_kept_beside_the_photos_is_not_agreed_to(self, workspace: Workspace, alice: User) -> None:
        post = make_carousel(workspace, media=make_media(workspace))
        ruling = rule_on_post(post, CREATOR_INFO)
        consent = consent_to_post(post, user=alice, creator=CREATOR_INFO, ruling=ruling, now=timezone.now())
        assert consent.media.is_photo


class TestConsentToDrafts:
    def test_needs_no_answer_about_the_creator(self, workspace: Workspace, alice: User) -> None:
        account = make_account(workspace, granted_scopes=["user.info.basic", "video.upload"])
        post = make_post(workspace, account=account, destination="inbox")
        answer = MissingScope("video.publish")
        ruling = rule_on_post(post, answer)
        consent = consent_to_post(post, user=alice, creator=None, ruling=ruling, now=timezone.now())
        assert consent.creator_shown == {}
        assert check_consent(consent, answer) == ()
        assert choices_of(consent).is_inbox
        with pytest.raises(ValueError, match="A draft for the inbox"):
            post_info_of(consent)

    def test_a_permission_taken_back_since_is_noticed(self, workspace: Workspace, alice: User) -> None:
        consent = make_consent(make_post(workspace, destination="inbox"), alice)
        assert check_consent(consent, CREATOR_INFO) == ()
        consent.account.granted_scopes = ["user.info.basic", "video.publish"]
        assert [block.rule for block in check_consent(consent, CREATOR_INFO)] == ["API-3"]

    def test_carries_title_and_description_of_photos(self, workspace: Workspace, alice: User) -> None:
        consent = make_consent(make_carousel(workspace, title="Fog", destination="inbox"), alice)
        assert photo_texts_of(consent) == ("Fog", "A walk through the fog")


def test_a_consent_from_before_there_were_photos_still_sends_what_it_agreed_to(
    workspace: Workspace, alice: User
) -> None:
    post = make_post(workspace)
    before = Choices(caption="Then", privacy_level="SELF_ONLY", allow_comment=True).to_json()
    later = {"title", "auto_add_music", "is_aigc", "destination", "cover_timestamp_ms"}
    consent = make_consent(
        post, alice, choices={name: value for name, value in before.items() if name not in later}
    )
    assert check_consent(consent, CREATOR_INFO) == ()
    info = post_info_of(consent)
    assert (info.title, info.is_aigc, info.video_cover_timestamp_ms) == ("Then", False, None)
