"""Asking for fixes and deciding upon their results: once is once, nothing is in use that nobody accepted."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from composer.fixes import (
    FixNotPossibleError,
    accept_fix,
    ask_fix,
    cancel_fix,
    discard_fix,
    drafts_to_switch,
    fix_to_show,
)
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaState, Post, PostPhoto
from tests.at_once import at_once
from tests.composer.test_library_page import make_photo, words_of
from tests.factories import make_consent, make_media, make_post

NOW = timezone.now


@pytest.fixture
def film(workspace: Workspace) -> MediaFile:
    """A video that a conversion makes fit."""
    return make_media(
        workspace,
        content=b"the original",
        original_name="walk.avi",
        state=MediaState.FIXABLE,
        fix=Recipe.VIDEO_MP4,
        faults=[{"code": "container", "text": "TikTok takes MP4, MOV or WebM. This is AVI.", "advice": "-"}],
    )


def done(media: MediaFile, **fields: Any) -> Fix:
    """A fix whose result waits to be decided upon."""
    result = make_media(
        media.workspace,
        content=b"the new file",
        original_name="walk.mp4",
        original=media,
        recipe=Recipe.VIDEO_MP4,
        is_proposal=True,
    )
    return Fix.objects.create(
        media=media,
        **{"recipe": Recipe.VIDEO_MP4, "state": FixState.DONE, "result": result, "progress": 1000, **fields},
    )


class TestAsking:
    def test_leaves_a_row_that_is_due(self, film: MediaFile, alice: User) -> None:
        now = NOW()
        fix = ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=now)
        fix.refresh_from_db()
        assert (fix.state, fix.next_try_at, fix.user, fix.progress, fix.tries) == (
            FixState.WAITING,
            now,
            alice,
            0,
            0,
        )

    @pytest.mark.parametrize("state", [FixState.WAITING, FixState.RUNNING, FixState.DONE])
    @pytest.mark.on_postgres
    def test_twice_is_once(self, film: MediaFile, alice: User, state: FixState) -> None:
        first = ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())
        Fix.objects.update(state=state)
        assert ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW()) == first
        assert Fix.objects.count() == 1

    @pytest.mark.parametrize("state", [FixState.FAILED, FixState.CANCELLED, FixState.DISCARDED])
    def test_after_an_end_begins_anew(self, film: MediaFile, alice: User, state: FixState) -> None:
        first = ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())
        Fix.objects.update(state=state)
        assert ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW()) != first

    def test_for_what_is_in_use_finds_it(self, film: MediaFile, alice: User) -> None:
        fix = done(film)
        result = accept_fix(fix, now=NOW())
        assert ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW()) == fix
        MediaFile.objects.filter(pk=result.pk).update(state=MediaState.DELETED)
        assert ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW()) != fix

    def test_for_what_not_every_browser_plays_is_taken(self, workspace: Workspace, alice: User) -> None:
        odd, usual = make_media(workspace, video_codec="hevc"), make_media(workspace, video_codec="h264")
        assert ask_fix(odd, Recipe.VIDEO_MP4, user=alice, now=NOW()).state == FixState.WAITING
        with pytest.raises(FixNotPossibleError):
            ask_fix(usual, Recipe.VIDEO_MP4, user=alice, now=NOW())

    @pytest.mark.parametrize("recipe", [Recipe.PHOTO_JPEG, "", "rm -rf", Recipe.COVER_PICTURE])
    def test_for_what_does_not_help_is_refused(self, film: MediaFile, alice: User, recipe: str) -> None:
        with pytest.raises(FixNotPossibleError):
            ask_fix(film, recipe, user=alice, now=NOW())
        assert not Fix.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{"state": MediaState.DELETED}, {"is_proposal": True}, {"fix": "", "video_codec": "h264"}]
    )
    def test_for_what_is_not_in_the_library_is_refused(
        self, film: MediaFile, alice: User, fields: dict[str, Any]
    ) -> None:
        MediaFile.objects.filter(pk=film.pk).update(**fields)
        with pytest.raises(FixNotPossibleError):
            ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())

    def test_for_a_file_that_is_gone_is_refused(self, film: MediaFile, alice: User) -> None:
        MediaFile.objects.all().delete()
        with pytest.raises(FixNotPossibleError, match="deleted"):
            ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.on_postgres
    def test_many_times_at_once_is_once(self, film: MediaFile, alice: User) -> None:
        asked = at_once(*[lambda: ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())] * 6)
        assert (len(set(asked)), Fix.objects.count()) == (1, 1)


class TestAskingForACover:
    def test_takes_a_photo_of_the_workspace(self, workspace: Workspace, alice: User) -> None:
        video, photo, other = make_media(workspace), make_photo(workspace), make_photo(workspace)
        fix = ask_fix(video, Recipe.COVER_PICTURE, user=alice, picture=photo, now=NOW())
        assert fix.picture == photo
        assert ask_fix(video, Recipe.COVER_PICTURE, user=alice, picture=photo, now=NOW()) == fix
        assert ask_fix(video, Recipe.COVER_PICTURE, user=alice, picture=other, now=NOW()) != fix

    def test_takes_nothing_else(
        self, workspace: Workspace, bobs_workspace: Workspace, film: MediaFile, alice: User
    ) -> None:
        video, photo = make_media(workspace), make_photo(workspace)
        for target, picture in (
            (video, None),
            (video, make_media(workspace)),
            (video, make_photo(bobs_workspace)),
            (video, make_photo(workspace, state=MediaState.FIXABLE)),
            (video, make_photo(workspace, is_proposal=True)),
            (film, photo),
            (photo, photo),
        ):
            with pytest.raises(FixNotPossibleError):
                ask_fix(target, Recipe.COVER_PICTURE, user=alice, picture=picture, now=NOW())
        assert not Fix.objects.exists()


class TestUsingTheResult:
    def test_puts_it_into_the_library(self, film: MediaFile) -> None:
        fix = done(film)
        assert list(MediaFile.objects.ready()) == []
        result = accept_fix(fix, now=NOW())
        assert list(MediaFile.objects.ready()) == [result]
        film.refresh_from_db()
        assert film.state == MediaState.FIXABLE
        fix.refresh_from_db()
        assert fix.state == FixState.ACCEPTED

    @pytest.mark.on_postgres
    def test_switches_the_drafts_that_were_ticked_and_no_others(
        self, film: MediaFile, workspace: Workspace
    ) -> None:
        fix = done(film)
        ticked, other = (make_post(workspace, media=film, account=None) for _ in range(2))
        stranger = make_post(workspace, account=None)
        assert set(drafts_to_switch(fix)) == {ticked, other}
        result = accept_fix(fix, drafts=[ticked.pk, stranger.pk], now=NOW())
        assert list(Post.objects.order_by("pk").values_list("media", "version")) == [
            (result.pk, 2),
            (film.pk, 1),
            (stranger.media_id, 1),
        ]

    @pytest.mark.on_postgres
    def test_leaves_a_locked_post_and_somebody_elses_alone(
        self, film: MediaFile, workspace: Workspace, bobs_workspace: Workspace, alice: User
    ) -> None:
        fix = done(film)
        locked = make_post(workspace, media=film)
        make_consent(locked, alice)
        Post.objects.filter(pk=locked.pk).update(locked_at=NOW())
        bobs = make_post(bobs_workspace, media=film, account=None)
        assert set(drafts_to_switch(fix)) == {bobs}  # never so in truth: files do not cross workspaces
        accept_fix(fix, drafts=[locked.pk, bobs.pk], now=NOW())
        assert set(Post.objects.values_list("media", "version")) == {(film.pk, 1)}

    def test_of_a_cover_points_the_cover_there(self, workspace: Workspace) -> None:
        video, photo = make_media(workspace), make_photo(workspace)
        fix = done(video, recipe=Recipe.COVER_PICTURE, picture=photo)
        draft = make_post(workspace, media=video, account=None, cover_timestamp_ms=5000)
        result = accept_fix(fix, drafts=[draft.pk], now=NOW())
        draft.refresh_from_db()
        assert (draft.media_id, draft.cover_timestamp_ms) == (result.pk, 0)

    @pytest.mark.on_postgres
    def test_keeps_a_carousels_order(self, workspace: Workspace) -> None:
        photos = [make_photo(workspace) for _ in range(3)]
        draft = make_post(workspace, media=None, account=None)
        for position, photo in enumerate(photos):
            PostPhoto.objects.create(post=draft, media=photo, position=position)
        result = accept_fix(done(photos[1], recipe=Recipe.PHOTO_JPEG), drafts=[draft.pk], now=NOW())
        assert [photo.media_id for photo in draft.post_photos.all()] == [
            photos[0].pk,
            result.pk,
            photos[2].pk,
        ]

    def test_twice_changes_nothing_more(self, film: MediaFile, workspace: Workspace) -> None:
        fix = done(film)
        draft = make_post(workspace, media=film, account=None)
        first = accept_fix(fix, drafts=[draft.pk], now=NOW())
        assert accept_fix(Fix.objects.get(), drafts=[draft.pk], now=NOW()) == first
        draft.refresh_from_db()
        assert draft.version == 2

    @pytest.mark.parametrize(
        "state", [FixState.WAITING, FixState.RUNNING, FixState.FAILED, FixState.DISCARDED]
    )
    def test_that_is_not_there_is_refused(self, film: MediaFile, state: FixState) -> None:
        fix = Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=state)
        with pytest.raises(FixNotPossibleError):
            accept_fix(fix, now=NOW())
        fix.refresh_from_db()
        assert fix.state == state


class TestDiscarding:
    def test_removes_the_result_and_leaves_the_original(self, film: MediaFile) -> None:
        fix = done(film)
        assert fix.result is not None
        path = Path(fix.result.file.path)
        assert discard_fix(fix)
        assert not path.exists()
        assert Path(film.file.path).read_bytes() == b"the original"
        assert list(MediaFile.objects.all()) == [film]
        fix.refresh_from_db()
        assert (fix.state, fix.result_id) == (FixState.DISCARDED, None)
        assert not discard_fix(fix)

    def test_leaves_a_file_that_was_in_the_library_before(
        self, film: MediaFile, workspace: Workspace
    ) -> None:
        known = make_media(workspace, content=b"the same bytes")
        fix = Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=FixState.DONE, result=known)
        assert discard_fix(fix)
        assert known in MediaFile.objects.ready()
        assert Path(known.file.path).exists()

    def test_after_it_was_taken_is_too_late(self, film: MediaFile) -> None:
        fix = done(film)
        result = accept_fix(fix, now=NOW())
        assert not discard_fix(fix)
        assert Path(result.file.path).exists()


class TestStopping:
    @pytest.mark.parametrize("state", [FixState.WAITING, FixState.RUNNING])
    @pytest.mark.on_postgres
    def test_takes_the_lease_away(self, film: MediaFile, alice: User, state: FixState) -> None:
        fix = ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())
        lease = Fix.objects.claim(fix.pk, seconds=30)
        assert lease is not None
        Fix.objects.update(state=state)
        assert cancel_fix(fix)
        assert not Fix.objects.renew(lease, progress=500)
        assert not Fix.objects.settle(lease, state=FixState.DONE)
        fix.refresh_from_db()
        assert (fix.state, fix.next_try_at, fix.progress) == (FixState.CANCELLED, None, 0)
        assert not cancel_fix(fix)

    def test_what_has_ended_stays_as_it_ended(self, film: MediaFile) -> None:
        fix = done(film)
        assert not cancel_fix(fix)
        fix.refresh_from_db()
        assert fix.state == FixState.DONE


class TestWhatIsShown:
    def test_is_the_newest_that_was_not_put_away(self, film: MediaFile) -> None:
        assert fix_to_show(film) is None
        Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=FixState.FAILED, error="No.")
        assert fix_to_show(film) is not None
        for state in (FixState.DISCARDED, FixState.CANCELLED, FixState.ACCEPTED):
            Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=state)
            assert fix_to_show(film) is None


class TestThePage:
    def detail(self, client: Client, media: MediaFile, query: str = "") -> str:
        response = client.get(f"/library/{media.pk}/{query}")
        assert response.status_code == 200
        return str(response.text)

    def test_asks_and_shows_that_it_waits(self, as_alice: Client, film: MediaFile) -> None:
        response = as_alice.post(f"/library/{film.pk}/fix/", {"recipe": Recipe.VIDEO_MP4})
        assert response["Location"] == f"/library/{film.pk}/#fix"
        fix = Fix.objects.get()
        html = self.detail(as_alice, film)
        assert "Converting to MP4 (H.264)" in html
        assert "Waiting for its turn" in html
        assert f'hx-get="/library/fixes/{fix.pk}/" hx-trigger="every 1s"' in html
        # One thing to press: the offer gives way to what goes on.
        assert f'action="/library/{film.pk}/fix/"' not in html

    def test_shows_how_far_it_is_also_after_a_reload(self, as_alice: Client, film: MediaFile) -> None:
        fix = Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=FixState.RUNNING, progress=434)
        fragment = as_alice.get(f"/library/fixes/{fix.pk}/").text
        for html in (fragment, self.detail(as_alice, film)):
            assert '<progress class="progress__bar" aria-label="Made so far" max="100" value="43">' in html
            assert "43 %" in html
        assert fragment.startswith('<section class="fix card" id="fix"')
        assert "every 1s" in fragment

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (FixState.FAILED, "No new file was made"),
            (FixState.CANCELLED, "Stopped"),
            (FixState.ACCEPTED, "The new file is in your library"),
        ],
    )
    def test_stops_asking_once_it_has_ended(
        self, as_alice: Client, film: MediaFile, state: FixState, said: str
    ) -> None:
        fix = Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=state, error="It was cut off.")
        fragment = as_alice.get(f"/library/fixes/{fix.pk}/").text
        assert "every 1s" not in fragment
        assert said in fragment

    def test_a_failure_says_why_and_what_to_press(self, as_alice: Client, film: MediaFile) -> None:
        fix = Fix.objects.create(
            media=film, recipe=Recipe.VIDEO_MP4, state=FixState.FAILED, error="It was cut off."
        )
        html = self.detail(as_alice, film)
        assert "It was cut off." in html
        assert "Try again" in html
        as_alice.post(f"/library/fixes/{fix.pk}/discard/")
        assert "It was cut off." not in self.detail(as_alice, film)

    def test_both_are_seen_side_by_side_before_the_new_one_is_used(
        self, as_alice: Client, film: MediaFile
    ) -> None:
        fix = done(film)
        assert fix.result is not None
        MediaFile.objects.filter(pk=fix.result.pk).update(size_bytes=5_000_000, width=720, height=1280)
        html = self.detail(as_alice, film)
        sides = html.split('<div class="compare__side">')[1:]
        assert len(sides) == 2
        assert "12 bytes" in sides[0]
        assert "1080 × 1920 pixels" in sides[0]  # noqa: RUF001
        assert "4.77 MB" in sides[1]
        assert "720 × 1280 pixels" in sides[1]  # noqa: RUF001
        assert f'src="/library/{fix.result.pk}/file/"' in sides[1]
        assert "every 1s" not in html
        # The proposal can be played, and is in no list.
        played = as_alice.get(f"/library/{fix.result.pk}/file/")
        assert b"".join(played.streaming_content) == b"the new file"  # type: ignore[attr-defined]
        assert "walk.mp4" not in as_alice.get("/library/").text

    def test_using_it_from_a_draft_goes_back_there(
        self, as_alice: Client, film: MediaFile, workspace: Workspace
    ) -> None:
        fix = done(film)
        here = make_post(workspace, media=film, account=None, caption="Here")
        there = make_post(workspace, media=film, account=None, caption="There")
        html = self.detail(as_alice, film, f"?post={here.pk}")
        assert f'value="{here.pk}" checked' in html
        assert f'value="{there.pk}"><span>There</span>' in html
        response = as_alice.post(
            f"/library/fixes/{fix.pk}/use/", {"draft": [str(here.pk)], "post": str(here.pk)}
        )
        assert response["Location"] == f"/posts/{here.pk}/edit/"
        here.refresh_from_db()
        there.refresh_from_db()
        assert (here.media_id, there.media_id) == (fix.result_id, film.pk)

    def test_using_it_without_a_draft_shows_the_new_file(self, as_alice: Client, film: MediaFile) -> None:
        fix = done(film)
        response = as_alice.post(f"/library/fixes/{fix.pk}/use/")
        assert response["Location"] == f"/library/{fix.result_id}/"
        said = words_of(as_alice.get(response["Location"]).text)
        assert "“walk.mp4” is in your library. The original is kept." in said
        # Pressed again, it says the same.
        assert as_alice.post(f"/library/fixes/{fix.pk}/use/")["Location"] == f"/library/{fix.result_id}/"

    def test_asking_for_what_was_made_before_shows_it(self, as_alice: Client, film: MediaFile) -> None:
        result = accept_fix(done(film), now=NOW())
        response = as_alice.post(f"/library/{film.pk}/fix/", {"recipe": Recipe.VIDEO_MP4})
        assert response["Location"] == f"/library/{result.pk}/"

    def test_discarding_says_so_once(self, as_alice: Client, film: MediaFile) -> None:
        fix = done(film)
        assert as_alice.post(f"/library/fixes/{fix.pk}/discard/")["Location"] == f"/library/{film.pk}/"
        assert "The new file is discarded." in self.detail(as_alice, film)
        assert as_alice.post(f"/library/fixes/{fix.pk}/discard/").status_code == 302

    def test_cancelling_says_so(self, as_alice: Client, film: MediaFile, alice: User) -> None:
        fix = ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW())
        as_alice.post(f"/library/fixes/{fix.pk}/cancel/")
        html = self.detail(as_alice, film)
        assert "Stopped. The original is as it was." in html
        assert "Convert to MP4 (H.264)" in html

    def test_a_recipe_that_does_not_help_is_refused_in_words(self, as_alice: Client, film: MediaFile) -> None:
        as_alice.post(f"/library/{film.pk}/fix/", {"recipe": Recipe.PHOTO_JPEG})
        assert "This file needs no such fix." in self.detail(as_alice, film)

    def test_a_cover_is_chosen_among_the_photos(self, as_alice: Client, workspace: Workspace) -> None:
        video = make_media(workspace)
        assert "Add a photo to your" in self.detail(as_alice, video)
        photo = make_photo(workspace, original_name="tea.jpg")
        make_photo(workspace, original_name="unfit.png", state=MediaState.FIXABLE)
        html = self.detail(as_alice, video)
        assert f'name="picture" value="{photo.pk}"' in html
        assert "unfit.png" not in html
        as_alice.post(f"/library/{video.pk}/fix/", {"recipe": Recipe.COVER_PICTURE, "picture": str(photo.pk)})
        assert Fix.objects.get().picture == photo
        as_alice.post(f"/library/{video.pk}/fix/", {"recipe": Recipe.COVER_PICTURE})
        assert "Choose a photo from your library for the cover." in self.detail(as_alice, video)

    @pytest.mark.parametrize("press", ["cancel/", "use/", "discard/"])
    def test_changes_nothing_by_get(self, as_alice: Client, film: MediaFile, press: str) -> None:
        assert as_alice.get(f"/library/fixes/{done(film).pk}/{press}").status_code == 405
        assert as_alice.get(f"/library/{film.pk}/fix/").status_code == 405
