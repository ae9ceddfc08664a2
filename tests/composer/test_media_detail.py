"""The page of one file: what it says, renaming, deleting, and that it is nobody else's."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaState, Post, PostPhoto
from tests.composer.test_library_page import make_photo, words_of
from tests.factories import make_account, make_consent, make_media, make_post

FAULT = {
    "code": "video_codec",
    "text": "TikTok takes H.264, H.265, VP8 or VP9. This video is AV1.",
    "advice": "Export it again as H.264.",
}


def url(media: MediaFile, then: str = "") -> str:
    return f"/library/{media.pk}/{then}"


def words(client: Client, media: MediaFile, query: str = "") -> str:
    response = client.get(url(media, query))
    assert response.status_code == 200
    return words_of(response.text)


def fixable(workspace: Workspace, **fields: Any) -> MediaFile:
    return make_media(
        workspace,
        **{
            "state": MediaState.FIXABLE,
            "fix": Recipe.VIDEO_MP4,
            "faults": [FAULT],
            "video_codec": "av1",
            **fields,
        },
    )


class TestWhatItSays:
    def test_facts_of_a_video(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(
            workspace,
            original_name="fog.mp4",
            size_bytes=20_000_000,
            frames_per_second=29.97,
            audio_codec="aac",
        )
        said = words(as_alice, media)
        for fact in (
            "fog.mp4",
            "Ready",
            "Size 19.1 MB",
            "Dimensions 1080 × 1920 pixels",  # noqa: RUF001
            "Length 0:12",
            "Format MP4",
            "Picture H.264",
            "Frames a second 29.97",
            "Sound AAC",
            "In no draft and no post yet.",
        ):
            assert fact in said

    def test_facts_of_a_photo_leave_out_what_it_has_not(self, as_alice: Client, workspace: Workspace) -> None:
        said = words(as_alice, make_photo(workspace, frames_per_second=None, video_codec=""))
        assert "Format JPEG" in said
        assert not [
            fact for fact in ("Length", "Sound", "Frames a second", "Own cover picture") if fact in said
        ]

    def test_a_video_without_sound(self, as_alice: Client, workspace: Workspace) -> None:
        assert "Sound None" in words(as_alice, make_media(workspace, audio_codec=""))

    def test_every_fault_with_its_limit_and_the_button_that_mends_it(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        media = fixable(workspace)
        html = as_alice.get(url(media)).text
        said = words_of(html)
        assert "TikTok does not take this file as it is." in said
        assert FAULT["text"] in said
        assert FAULT["advice"] not in said  # the button does it
        assert "Convert to MP4 (H.264)" in said
        assert f'action="/library/{media.pk}/fix/"' in html
        assert 'name="recipe" value="video_mp4"' in html

    def test_the_button_for_a_photo(self, as_alice: Client, workspace: Workspace) -> None:
        photo = make_photo(workspace, state=MediaState.FIXABLE, fix=Recipe.PHOTO_JPEG, faults=[FAULT])
        assert "Make a JPEG TikTok takes" in words(as_alice, photo)

    def test_the_button_for_an_animation_says_what_is_lost(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        animation = {"code": "photo_animated", "text": "It moves.", "advice": "Make a copy."}
        photo = make_photo(workspace, state=MediaState.FIXABLE, fix=Recipe.PHOTO_JPEG, faults=[animation])
        said = words(as_alice, photo)
        assert "Makes a JPEG of the first picture: it does not move." in said
        assert "Nothing is cut away" not in said

    def test_a_warning_with_its_advice_and_a_fix_that_is_offered(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        warning = {
            "code": "photo_location",
            "text": "It says where it was taken.",
            "advice": "Take that out.",
        }
        photo = make_photo(workspace, warnings=[warning], fix=Recipe.PHOTO_JPEG)
        said = words(as_alice, photo)
        assert "It says where it was taken. Take that out." in said
        assert "Make a JPEG TikTok takes" in said

    def test_a_video_that_not_every_browser_plays_can_be_converted(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        said = words(as_alice, make_media(workspace, video_codec="hevc"))
        assert "TikTok takes this video as it is. Not every browser plays it." in said
        assert "Convert to MP4 (H.264)" in said
        assert "Convert to" not in words(as_alice, make_media(workspace, video_codec="h264"))

    def test_a_refused_file_says_why_and_offers_nothing(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace, state=MediaState.REFUSED, faults=[FAULT], file="")
        html = as_alice.get(url(media)).text
        assert f"{FAULT['text']} {FAULT['advice']}" in words_of(html)
        assert "<video" not in html
        assert "Delete this file" not in html

    def test_a_deleted_file_says_so(self, as_alice: Client, alice: User, workspace: Workspace) -> None:
        media = make_media(workspace, state=MediaState.DELETED, file="")
        post = make_post(workspace, media=media, caption="Long ago")
        make_consent(post, alice)
        Post.objects.filter(pk=post.pk).update(locked_at=timezone.now(), media_released_at=timezone.now())
        html = as_alice.get(url(media)).text
        assert "This file was deleted." in html
        assert f'<a href="/posts/{post.pk}/">Long ago</a>' in html
        assert "<video" not in html

    def test_a_result_nobody_accepted_is_shown_beside_its_original(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        media = fixable(workspace)
        result = make_media(workspace, original=media, is_proposal=True)
        assert as_alice.get(url(result))["Location"] == url(media)
        orphan = make_media(workspace, is_proposal=True)
        assert as_alice.get(url(orphan)).status_code == 404


class TestThePreview:
    def test_plays_the_very_file_and_has_its_frames_at_hand(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        media = make_media(workspace, video_codec="hevc", duration_ms=4000, frames_per_second=25.0)
        html = as_alice.get(url(media)).text
        assert f'src="/library/{media.pk}/file/"' in html
        assert re.search(r"<details class=\"frames\" data-frames>", html)
        assert f'data-frame="/library/{media.pk}/frame/"' in html
        assert 'max="4000" step="40"' in html

    def test_of_what_no_browser_plays_is_its_frames_at_once(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        media = fixable(workspace, container="avi", content_type="video/x-msvideo")
        html = as_alice.get(url(media)).text
        assert "<video" not in html
        assert '<details class="frames" data-frames open>' in html

    def test_of_a_photo_is_the_photo(self, as_alice: Client, workspace: Workspace) -> None:
        photo = make_photo(workspace)
        assert (
            f'<img class="media-preview__picture" src="/library/{photo.pk}/file/"'
            in as_alice.get(url(photo)).text
        )

    def test_of_a_photo_no_browser_shows_is_our_picture_of_it(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        photo = make_photo(workspace, content_type="image/heic", container="heic")
        photo.poster.save("p.jpg", ContentFile(b"x"))
        assert (
            f'<img class="media-preview__picture" src="/library/{photo.pk}/poster/"'
            in as_alice.get(url(photo)).text
        )


class TestWhereItIsUsed:
    def test_drafts_and_posts_as_links(self, as_alice: Client, alice: User, workspace: Workspace) -> None:
        media = make_media(workspace)
        account = make_account(workspace, nickname="Poppy")
        draft = make_post(workspace, media=media, account=account, caption="Sunday plans")
        nameless = make_post(workspace, media=media, account=None, caption="")
        sent = make_post(workspace, media=media, account=account, caption="Out on Friday")
        make_consent(sent, alice)
        Post.objects.filter(pk=sent.pk).update(locked_at=timezone.now())
        html = as_alice.get(url(media)).text
        assert (
            f'<a href="/posts/{draft.pk}/edit/">Sunday plans</a> <span class="muted">for Poppy</span>' in html
        )
        assert f'<a href="/posts/{nameless.pk}/edit/">Draft {nameless.pk} without a caption</a>' in html
        assert f'<a href="/posts/{sent.pk}/">Out on Friday</a>' in html
        assert "A post that is not finished needs this file" in html

    def test_a_picture_of_a_carousel(self, as_alice: Client, workspace: Workspace) -> None:
        photo = make_photo(workspace)
        draft = make_post(workspace, media=None, account=None, title="Ten pictures of tea", caption="")
        PostPhoto.objects.create(post=draft, media=photo, position=0)
        assert f'<a href="/posts/{draft.pk}/edit/">Ten pictures of tea</a>' in as_alice.get(url(photo)).text

    def test_versions_lead_to_each_other(self, as_alice: Client, workspace: Workspace) -> None:
        media = fixable(workspace, original_name="old.avi")
        made = make_media(workspace, original_name="new.mp4", original=media, recipe=Recipe.VIDEO_MP4)
        make_media(workspace, original_name="undecided.mp4", original=media, is_proposal=True)
        assert (
            f'Converted to MP4 (H.264) from <a href="/library/{media.pk}/">old.avi</a>'
            in as_alice.get(url(made)).text
        )
        original = as_alice.get(url(media)).text
        assert f'<a href="/library/{made.pk}/">new.mp4</a>' in original
        assert "undecided.mp4" not in original

    def test_costs_a_fixed_number_of_queries(
        self, as_alice: Client, workspace: Workspace, django_assert_max_num_queries: Any
    ) -> None:
        media, account = make_media(workspace), make_account(workspace)
        for number in range(12):
            make_post(workspace, media=media, account=account)
            make_photo(workspace)
            make_media(workspace, original=media, recipe=Recipe.VIDEO_MP4, original_name=f"{number}.mp4")
        with django_assert_max_num_queries(12):
            as_alice.get(url(media))


class TestRenaming:
    def test_changes_the_name_alone(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        response = as_alice.post(url(media, "rename/"), {"name": " ../Über den\tWolken.mp4 "})
        assert response["Location"] == url(media)
        renamed = MediaFile.objects.get()
        assert renamed.original_name == "Über den Wolken.mp4"
        assert (renamed.file.name, renamed.sha256) == (media.file.name, media.sha256)

    @pytest.mark.parametrize("name", ["", "   ", "..", "/"])
    def test_to_nothing_keeps_the_old_one(self, as_alice: Client, workspace: Workspace, name: str) -> None:
        media = make_media(workspace, original_name="fog.mp4")
        as_alice.post(url(media, "rename/"), {"name": name})
        assert MediaFile.objects.get().original_name == "fog.mp4"
        assert "A file needs a name." in as_alice.get(url(media)).text

    def test_cuts_a_flood(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace)
        as_alice.post(url(media, "rename/"), {"name": "x" * 5000})
        assert MediaFile.objects.get().original_name == "x" * 255


class TestDeleting:
    def test_a_free_file_goes_at_once(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace, original_name="fog.mp4")
        assert as_alice.post(url(media, "delete/"))["Location"] == "/library/"
        assert not MediaFile.objects.exists()
        assert "“fog.mp4” is deleted." in as_alice.get("/library/").text
        assert as_alice.post(url(media, "delete/"))["Location"] == "/library/"

    def test_a_file_of_drafts_is_asked_about(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace)
        draft = make_post(workspace, media=media, account=None, caption="Sunday plans")
        response = as_alice.post(url(media, "delete/"))
        said = words_of(response.text)
        assert "Delete this file?" in said
        assert "It is taken out of this draft: Sunday plans" in said
        assert f'name="drafts" value="{draft.pk}"' in response.text
        assert Post.objects.get().media_id == media.pk

    def test_a_file_that_is_needed_stays(self, as_alice: Client, alice: User, workspace: Workspace) -> None:
        media = make_media(workspace)
        post = make_post(workspace, media=media, caption="Out on Friday")
        make_consent(post, alice)
        Post.objects.filter(pk=post.pk).update(locked_at=timezone.now())
        assert as_alice.post(url(media, "delete/"))["Location"] == url(media)
        assert "it is needed by a post that is not finished: “Out on Friday”" in words(as_alice, media)

    def test_a_deleted_file_is_served_no_more(
        self, as_alice: Client, alice: User, workspace: Workspace
    ) -> None:
        media = make_media(workspace, content=b"film")
        post = make_post(workspace, media=media)
        make_consent(post, alice)
        Post.objects.filter(pk=post.pk).update(locked_at=timezone.now(), media_released_at=timezone.now())
        as_alice.post(url(media, "delete/"))
        assert as_alice.get(url(media, "file/")).status_code == 404
        assert as_alice.get(url(media)).status_code == 200

    @pytest.mark.parametrize("page", ["file/", "poster/", "frame/", "filmstrip/"])
    def test_is_served_no_more_even_while_its_bytes_are_there(
        self, as_alice: Client, workspace: Workspace, page: str
    ) -> None:
        media = make_media(workspace, content=b"film", state=MediaState.DELETED)
        media.poster.save("p.jpg", ContentFile(b"x"))
        assert as_alice.get(url(media, page)).status_code == 404


class TestSomebodyElse:
    PAGES = ("", "file/", "poster/", "frame/?at=0", "filmstrip/")

    @pytest.mark.parametrize("page", PAGES)
    def test_sees_nothing(self, as_bob: Client, workspace: Workspace, page: str) -> None:
        media = make_media(workspace, content=b"film")
        assert as_bob.get(url(media, page)).status_code == 404

    @pytest.mark.parametrize("press", ["rename/", "delete/", "fix/"])
    def test_changes_nothing(self, as_bob: Client, workspace: Workspace, press: str) -> None:
        media = fixable(workspace, content=b"film", original_name="fog.mp4")
        response = as_bob.post(url(media, press), {"name": "bobs", "recipe": Recipe.VIDEO_MP4})
        assert response.status_code == 404
        media.refresh_from_db()
        assert (media.original_name, media.state) == ("fog.mp4", MediaState.FIXABLE)
        assert not Fix.objects.exists()

    @pytest.mark.parametrize("press", ["", "cancel/", "use/", "discard/"])
    def test_touches_no_fix(self, as_bob: Client, workspace: Workspace, press: str) -> None:
        media = fixable(workspace)
        result = make_media(workspace, original=media, is_proposal=True)
        fix = Fix.objects.create(media=media, recipe=Recipe.VIDEO_MP4, state=FixState.DONE, result=result)
        address = f"/library/fixes/{fix.pk}/{press}"
        response = as_bob.post(address) if press else as_bob.get(address)
        assert response.status_code == 404
        fix.refresh_from_db()
        result.refresh_from_db()
        assert (fix.state, result.is_proposal) == (FixState.DONE, True)

    def test_cannot_use_alices_picture_as_a_cover(
        self, as_bob: Client, workspace: Workspace, bobs_workspace: Workspace
    ) -> None:
        film, picture = make_media(bobs_workspace), make_photo(workspace)
        response = as_bob.post(
            url(film, "fix/"), {"recipe": Recipe.COVER_PICTURE, "picture": str(picture.pk)}
        )
        assert response.status_code == 404
        assert not Fix.objects.exists()


def test_a_file_that_never_was(as_alice: Client) -> None:
    assert as_alice.get("/library/999999/").status_code == 404
