"""The composer's page about what the post is made of: photos in order, a video with its cover, never both."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import TikTokAccount, User, Workspace
from composer.fixes import accept_fix, ask_fix
from composer.models import Fix, FixState, MediaFile, MediaState, Post, PostPhoto
from tests.composer.browser_form import ComposerPage
from tests.composer.composing import edit_url, open_page, save, stored
from tests.factories import make_carousel, make_media, make_photo, make_post

Files = list[MediaFile]


@pytest.fixture
def photos(workspace: Workspace) -> Files:
    return [make_photo(workspace, original_name=f"{name}.jpg") for name in ("fog", "sea", "dune")]


@pytest.fixture
def carousel(workspace: Workspace, poppy: TikTokAccount, photos: Files) -> Post:
    return make_carousel(workspace, account=poppy, photos=photos)


def check(client: Client, post: Post, **pressed: Any) -> Any:
    """Press a plain button of the page as it stands; where that leads."""
    data = open_page(client, post).sends() | pressed
    return client.post(reverse("composer:post-check", args=[post.pk]), data)


def order(post: Post) -> list[int]:
    return list(PostPhoto.objects.filter(post=post).values_list("media_id", flat=True))


def marks_in_preview(page: ComposerPage) -> list[str]:
    return re.findall(r"\d/\d(?: · Cover)?", page.words_of("preview-photos"))


def places(*files: MediaFile) -> list[int]:
    return [file.pk for file in files]


class TestPhotos:
    def test_are_sent_as_they_are_shown(self, as_alice: Client, carousel: Post, photos: Files) -> None:
        page = open_page(as_alice, carousel)
        assert page.sends()["photos"] == [str(photo.pk) for photo in photos]
        assert page.sends()["kind"] == "photo"
        assert "3 of 35 photos" in page.words_of("photos-count")
        assert "The first is the cover until you choose another." in page.words_of("photos-count")

    @pytest.mark.rule("2c-iii", at="page")
    @pytest.mark.rule("API-8", at="page")
    def test_ask_for_a_title_and_a_description_and_show_comments_alone(
        self, as_alice: Client, carousel: Post
    ) -> None:
        page = open_page(as_alice, carousel)
        assert page.words_of("title-count").startswith("0 / 90")
        assert page.words_of("caption-count").startswith("22 / 4000")
        assert "Description" in page.words_of("part-caption")
        assert page.has("allow_comment")
        assert not page.has("allow_duet")
        assert not page.has("allow_stitch")
        assert not page["auto_add_music"].is_ticked
        assert "cover_timestamp_ms" in page.sends()

    def test_can_be_posted(self, as_alice: Client, carousel: Post) -> None:
        page = open_page(as_alice, carousel)
        assert not page.post_button.is_disabled
        assert page.words_of("post-button") == "Post to TikTok"

    def test_keep_what_only_a_video_has(self, as_alice: Client, workspace: Workspace, carousel: Post) -> None:
        film = make_media(workspace, original_name="fog.mp4")
        Post.objects.filter(pk=carousel.pk).update(
            media=film, allow_duet=True, allow_stitch=True, cover_timestamp_ms=3000
        )
        page = open_page(as_alice, carousel)
        assert "“fog.mp4” stays with this draft and is not posted." in page.words
        save(as_alice, carousel, page, title="Fog", auto_add_music=True, is_aigc=True)
        post = stored(carousel)
        assert (post.media, post.allow_duet, post.allow_stitch, post.cover_timestamp_ms) == (
            film,
            True,
            True,
            3000,
        )
        assert (post.title, post.auto_add_music, post.is_aigc) == ("Fog", True, True)

    def test_sends_back_exactly_what_is_stored(self, as_alice: Client, carousel: Post) -> None:
        Post.objects.filter(pk=carousel.pk).update(
            title="  Fog & <b>sea</b> ", cover_photo_id=order(carousel)[1], is_aigc=True
        )
        before = Post.objects.filter(pk=carousel.pk).values().get()
        photos_before = order(carousel)
        save(as_alice, carousel, open_page(as_alice, carousel))
        after = Post.objects.filter(pk=carousel.pk).values().get()
        kept = {"creator_info", "creator_asked_at", "editor", "editor_seq", "updated_at"}
        assert {name: value for name, value in after.items() if name not in kept} == {
            name: value for name, value in before.items() if name not in kept
        }
        assert order(carousel) == photos_before

    def test_the_preview_shows_them_in_order_with_the_cover_marked(
        self, as_alice: Client, carousel: Post, photos: Files
    ) -> None:
        page = open_page(as_alice, carousel)
        assert marks_in_preview(page) == ["1/3 · Cover", "2/3", "3/3"]
        page = save(as_alice, carousel, page, cover_photo=str(photos[2].pk))
        assert marks_in_preview(page) == ["1/3", "2/3", "3/3 · Cover"]
        files = [reverse("composer:media-file", args=[photo.pk]) for photo in photos]
        shown = [page.html.index(f'src="{address}"') for address in files]
        assert shown == sorted(shown)

    @pytest.mark.rule("G-1", at="page")
    def test_one_that_needs_a_fix_is_marked_with_the_way_there(
        self, as_alice: Client, workspace: Workspace, carousel: Post
    ) -> None:
        bad = make_photo(workspace, original_name="dune.png", state=MediaState.FIXABLE, fix="photo_jpeg")
        PostPhoto.objects.create(post=carousel, media=bad, position=3)
        page = open_page(as_alice, carousel)
        way = f"{reverse('composer:media-detail', args=[bad.pk])}?post={carousel.pk}"
        assert f'href="{way}"' in page.html
        assert "TikTok would refuse photo 4 (“dune.png”) as it is." in page.words_of("finish-reasons")
        assert page.post_button.is_disabled

    def test_the_fixed_one_takes_its_place(
        self, as_alice: Client, workspace: Workspace, alice: User, carousel: Post, photos: Files
    ) -> None:
        now = timezone.now()
        MediaFile.objects.filter(pk=photos[1].pk).update(state=MediaState.FIXABLE, fix="photo_jpeg")
        fix = ask_fix(MediaFile.objects.get(pk=photos[1].pk), "photo_jpeg", user=alice, now=now)
        result = make_photo(workspace, is_proposal=True, original=photos[1], recipe="photo_jpeg")
        Fix.objects.filter(pk=fix.pk).update(state=FixState.DONE, result=result, next_try_at=None)
        fix.refresh_from_db()
        accept_fix(fix, drafts=[carousel.pk], now=now)
        assert order(carousel) == places(photos[0], result, photos[2])
        assert not open_page(as_alice, carousel).post_button.is_disabled

    @pytest.mark.rule("API-5", at="page")
    def test_cannot_be_chosen_where_nothing_can_fetch_them_and_the_operator_is_told(
        self, as_alice: Client, ready: Post, settings: Any
    ) -> None:
        settings.MEDIA_PULL_BASE_URL = ""
        page = open_page(as_alice, ready)
        (choice,) = [each for each in page.controls if each.attrs.get("id") == "kind-photo"]
        assert choice.is_disabled
        assert "set MEDIA_PULL_BASE_URL" in page.words_of("photos-note")

    def test_chosen_before_they_stay_chosen_and_say_why_they_wait(
        self, as_alice: Client, carousel: Post, settings: Any
    ) -> None:
        settings.MEDIA_PULL_BASE_URL = ""
        page = open_page(as_alice, carousel)
        assert page.post_button.is_disabled
        assert "MEDIA_PULL_BASE_URL" in page.words_of("finish-reasons")
        save(as_alice, carousel, page, title="Still mine")
        assert (stored(carousel).kind, len(order(carousel))) == ("photo", 3)

    def test_costs_a_fixed_number_of_queries(
        self, as_alice: Client, workspace: Workspace, carousel: Post, django_assert_num_queries: Any
    ) -> None:
        as_alice.get(edit_url(carousel))
        with django_assert_num_queries(23):
            as_alice.get(edit_url(carousel))
        for place in range(3, 30):
            PostPhoto.objects.create(post=carousel, media=make_photo(workspace), position=place)
        with django_assert_num_queries(23):
            as_alice.get(edit_url(carousel))


class TestByPlainButtons:
    def test_photos_are_moved(self, as_alice: Client, carousel: Post, photos: Files) -> None:
        fog, sea, dune = photos
        response = check(as_alice, carousel, photo_left=str(dune.pk))
        assert response["Location"] == edit_url(carousel) + "#part-media"
        assert order(carousel) == places(fog, dune, sea)
        check(as_alice, carousel, photo_right=str(fog.pk))
        assert order(carousel) == places(dune, fog, sea)

    def test_a_button_pressed_twice_moves_once(self, as_alice: Client, carousel: Post, photos: Files) -> None:
        fog, sea, dune = photos
        data = open_page(as_alice, carousel).sends() | {"photo_right": str(fog.pk)}
        for _ in range(2):
            as_alice.post(reverse("composer:post-check", args=[carousel.pk]), data)
        assert order(carousel) == places(sea, fog, dune)

    def test_photos_are_taken_out_and_added_again(
        self, as_alice: Client, carousel: Post, photos: Files
    ) -> None:
        fog, sea, dune = photos
        check(as_alice, carousel, photo_remove=str(sea.pk))
        assert order(carousel) == places(fog, dune)
        check(as_alice, carousel, photo_add=str(sea.pk))
        assert order(carousel) == places(fog, dune, sea)

    def test_what_else_stands_on_the_page_is_saved_along(
        self, as_alice: Client, carousel: Post, photos: Files
    ) -> None:
        check(as_alice, carousel, photo_left=str(photos[1].pk), caption="Typed before")
        assert stored(carousel).caption == "Typed before"

    def test_the_library_offers_each_photo_to_add_or_take_out(
        self, as_alice: Client, workspace: Workspace, carousel: Post, photos: Files
    ) -> None:
        other = make_photo(workspace)
        page = open_page(as_alice, carousel)
        offered = {
            each.attrs["value"]: each.attrs["name"]
            for each in page.controls
            if each.attrs.get("id", "").startswith("offered-")
        }
        assert offered == {str(other.pk): "photo_add"} | {str(pk): "photo_remove" for pk in places(*photos)}

    def test_bobs_photo_is_not_found(
        self, as_alice: Client, carousel: Post, bobs_workspace: Workspace
    ) -> None:
        before = order(carousel)
        assert check(as_alice, carousel, photo_add=str(make_photo(bobs_workspace).pk)).status_code == 404
        assert order(carousel) == before

    def test_the_cover_frame_is_stepped(self, as_alice: Client, ready: Post) -> None:
        for step, after in (("1000", 1000), ("1000", 2000), ("-100", 1900), ("first", None)):
            check(as_alice, ready, cover_step=step)
            assert stored(ready).cover_timestamp_ms == after


class TestNeverMixed:
    @pytest.mark.rule("API-4", at="page")
    def test_a_photo_picked_beside_a_video_is_not_added_and_the_page_says_so(
        self, as_alice: Client, workspace: Workspace, ready: Post
    ) -> None:
        photo = make_photo(workspace, original_name="fog.jpg")
        before = stored(ready)
        response = check(as_alice, ready, photo_add=str(photo.pk), caption="Typed before")
        page = ComposerPage(as_alice.get(response["Location"]).text)
        assert "TikTok never mixes photos and a video in one post." in page.words
        assert "“fog.jpg” is in your library; choose Photos above" in page.words
        after = stored(ready)
        assert (after.kind, after.media, order(after)) == ("video", before.media, [])
        assert after.caption == "Typed before"

    def test_an_uploaded_photo_neither(self, as_alice: Client, ready: Post, tmp_path: Any) -> None:
        Image.new("RGB", (720, 960), "teal").save(tmp_path / "fog.jpg")
        file = SimpleUploadedFile("fog.jpg", (tmp_path / "fog.jpg").read_bytes())
        data = open_page(as_alice, ready).sends() | {"upload": file}
        response = as_alice.post(reverse("composer:post-check", args=[ready.pk]), data)
        page = ComposerPage(as_alice.get(response["Location"]).text)
        assert "TikTok never mixes photos and a video in one post." in page.words
        assert (stored(ready).kind, order(ready)) == ("video", [])
        assert MediaFile.objects.filter(kind="photo").count() == 1

    def test_an_empty_draft_becomes_what_is_uploaded(
        self, as_alice: Client, empty: Post, tmp_path: Any
    ) -> None:
        Image.new("RGB", (720, 960), "teal").save(tmp_path / "fog.jpg")
        file = SimpleUploadedFile("fog.jpg", (tmp_path / "fog.jpg").read_bytes())
        data = open_page(as_alice, empty).sends() | {"upload": file}
        as_alice.post(reverse("composer:post-check", args=[empty.pk]), data)
        assert (stored(empty).kind, order(empty)) == ("photo", [MediaFile.objects.get().pk])

    def test_the_other_kind_stays_when_the_kind_is_changed_and_changed_back(
        self, as_alice: Client, workspace: Workspace, carousel: Post, photos: Files
    ) -> None:
        page = save(as_alice, carousel, open_page(as_alice, carousel), kind="video")
        assert "3 photos stay with this draft and are not posted." in page.words
        assert "No video is chosen. Choose one." in page.words_of("finish-reasons")
        save(as_alice, carousel, page, 2, kind="photo")
        assert (stored(carousel).kind, order(carousel)) == ("photo", places(*photos))


class TestTheCover:
    def test_is_the_first_frame_until_one_is_chosen(self, as_alice: Client, ready: Post) -> None:
        page = open_page(as_alice, ready)
        assert page.sends()["cover_timestamp_ms"] == ""
        assert page.words_of("cover-at") == "first frame"
        assert f"{reverse('composer:media-frame', args=[ready.media_id])}?at=0" in page.html

    def test_is_shown_and_sent_to_the_millisecond(self, as_alice: Client, ready: Post) -> None:
        page = save(as_alice, ready, open_page(as_alice, ready), cover_timestamp_ms=3000)
        assert stored(ready).cover_timestamp_ms == 3000
        assert page.words_of("cover-at") == "0:03.000"
        frame = f"{reverse('composer:media-frame', args=[ready.media_id])}?at=3000"
        assert f'src="{frame}"' in page.html
        assert f'poster="{frame}"' in page.html

    @pytest.mark.rule("API-7", at="page")
    def test_beyond_the_end_is_kept_and_explained(
        self, as_alice: Client, workspace: Workspace, ready: Post
    ) -> None:
        short = make_media(workspace, duration_ms=4000)
        page = save(as_alice, ready, open_page(as_alice, ready), cover_timestamp_ms=9000)
        page = save(as_alice, ready, page, 2, media=short.pk)
        assert stored(ready).cover_timestamp_ms == 9000
        assert "The cover frame is set at 9 s, and this video ends at 4 s." in page.words_of("cover")
        assert page.post_button.is_disabled


class TestACoverPictureOfOnesOwn:
    @pytest.fixture
    def picture(self, workspace: Workspace) -> MediaFile:
        return make_photo(workspace, original_name="portrait.jpg")

    def press(self, client: Client, post: Post, picture: MediaFile, **changes: Any) -> Any:
        data = open_page(client, post).sends(**changes) | {"picture": str(picture.pk)}
        return client.post(reverse("composer:post-cover", args=[post.pk]), data)

    def test_has_a_version_made_and_shown_first(
        self, as_alice: Client, ready: Post, picture: MediaFile
    ) -> None:
        before = ready.media_id
        response = self.press(as_alice, ready, picture, caption="Typed before")
        fix = Fix.objects.get()
        assert (fix.media_id, fix.picture, fix.recipe) == (before, picture, "cover_picture")
        detail = reverse("composer:media-detail", args=[before])
        assert response["Location"] == f"{detail}?post={ready.pk}#fix"
        post = stored(ready)
        assert (post.media_id, post.cover_timestamp_ms, post.caption) == (before, None, "Typed before")

    def test_pressed_twice_is_made_once(self, as_alice: Client, ready: Post, picture: MediaFile) -> None:
        for _ in range(2):
            self.press(as_alice, ready, picture)
        assert Fix.objects.count() == 1

    def test_accepted_becomes_the_video_with_the_cover_at_its_start(
        self, as_alice: Client, workspace: Workspace, ready: Post, picture: MediaFile
    ) -> None:
        self.press(as_alice, ready, picture)
        made = make_media(workspace, is_proposal=True, original=ready.media, recipe="cover_picture")
        Fix.objects.update(state=FixState.DONE, result=made, next_try_at=None)
        accept = reverse("composer:fix-accept", args=[Fix.objects.get().pk])
        response = as_alice.post(accept, {"draft": str(ready.pk), "post": str(ready.pk)})
        assert response["Location"] == edit_url(ready)
        post = stored(ready)
        assert (post.media, post.cover_timestamp_ms) == (made, 0)
        assert open_page(as_alice, ready).words_of("cover-at") == "0:00.000"

    def test_bob_cannot_ask_for_one(self, as_bob: Client, ready: Post, picture: MediaFile) -> None:
        address = reverse("composer:post-cover", args=[ready.pk])
        assert as_bob.post(address, {"picture": str(picture.pk)}).status_code == 404
        assert not Fix.objects.exists()

    def test_bobs_picture_is_not_found(
        self, as_alice: Client, ready: Post, bobs_workspace: Workspace
    ) -> None:
        assert self.press(as_alice, ready, make_photo(bobs_workspace)).status_code == 404
        assert not Fix.objects.exists()

    def test_a_video_that_cannot_be_posted_is_fixed_first(
        self, as_alice: Client, workspace: Workspace, poppy: TikTokAccount, picture: MediaFile
    ) -> None:
        bad = make_media(workspace, state=MediaState.FIXABLE, fix="video_mp4")
        post = make_post(workspace, account=poppy, media=bad)
        response = self.press(as_alice, post, picture)
        page = ComposerPage(as_alice.get(response["Location"]).text)
        assert "Fix the video first." in page.words
        assert "Fix this video" in page.words
        assert not Fix.objects.exists()
