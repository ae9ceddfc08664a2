"""Deleting files of the library: what a post needs stays, what drafts show is asked about, nothing is left."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from composer.consents import lock_post
from composer.deleting import ORPHAN_AGE, Deletion, bury_what_is_left, delete_media, foresee_deletion
from composer.draft_media import put_in_place
from composer.models import (
    Consent,
    ConsentPhoto,
    Fix,
    FixState,
    MediaFile,
    MediaKind,
    MediaState,
    Post,
    PostPhoto,
)
from tests.factories import make_account, make_consent, make_media, make_post

pytestmark = pytest.mark.on_postgres

NOW = timezone.now


def delete(media: MediaFile, *drafts: Post) -> Deletion:
    return delete_media(media, told_drafts=[draft.pk for draft in drafts], now=NOW()).outcome


def make_photo(workspace: Workspace, **fields: Any) -> MediaFile:
    return make_media(
        workspace,
        **{
            "kind": MediaKind.PHOTO,
            "original_name": "photo.jpg",
            "content_type": "image/jpeg",
            "container": "jpeg",
            "duration_ms": None,
            **fields,
        },
    )


def make_carousel(workspace: Workspace, *photos: MediaFile, **fields: Any) -> Post:
    post = make_post(workspace, media=None, account=None, kind=MediaKind.PHOTO, **fields)
    for position, photo in enumerate(photos):
        PostPhoto.objects.create(post=post, media=photo, position=position)
    return post


def send(post: Post, user: User, *, is_finished: bool = False) -> Post:
    """The post as publishing leaves it behind: agreed to, locked, and released once TikTok has everything."""
    if post.media is not None:
        make_consent(post, user)
    Post.objects.filter(pk=post.pk).update(locked_at=NOW(), media_released_at=NOW() if is_finished else None)
    post.refresh_from_db()
    return post


def paths_of(media: MediaFile) -> list[Path]:
    return [Path(stored.path) for stored in (media.file, media.poster) if stored]


def is_on_record(media: MediaFile) -> bool:
    return MediaFile.objects.filter(pk=media.pk).exists()


class TestAFileUsedNowhere:
    def test_goes_with_its_bytes_and_its_row(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        media.poster.save("p.jpg", ContentFile(b"jpeg"))
        paths = paths_of(media)
        assert [path.exists() for path in paths] == [True, True]
        assert delete(media) is Deletion.DONE
        assert [path.exists() for path in paths] == [False, False]
        assert not is_on_record(media)

    def test_deleting_it_twice_is_harmless(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        assert [delete(media), delete(media)] == [Deletion.DONE, Deletion.DONE]

    def test_deleting_it_does_not_mind_bytes_that_are_gone(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        Path(media.file.path).unlink()
        assert delete(media) is Deletion.DONE
        assert not is_on_record(media)


class TestAFileThatAPostNeeds:
    @pytest.mark.parametrize("told", [False, True])
    def test_a_video_on_its_way_stays(self, workspace: Workspace, alice: User, told: bool) -> None:
        media = make_media(workspace, content=b"film")
        post = send(make_post(workspace, media=media), alice)
        result = delete_media(media, told_drafts=[post.pk] if told else [], now=NOW())
        assert result.outcome is Deletion.NEEDED
        assert result.usage.needing == (post,)
        assert paths_of(MediaFile.objects.get())[0].read_bytes() == b"film"

    def test_a_picture_of_a_carousel_on_its_way_stays(self, workspace: Workspace, alice: User) -> None:
        first, second = make_photo(workspace), make_photo(workspace)
        post = send(make_carousel(workspace, first, second), alice)
        assert delete(second) is Deletion.NEEDED
        assert PostPhoto.objects.filter(post=post).count() == 2

    def test_a_picture_that_was_agreed_to_stays(self, workspace: Workspace, alice: User) -> None:
        """Even if the post's own row no longer named it."""
        cover, second = make_photo(workspace), make_photo(workspace)
        post = make_post(workspace, media=cover)
        consent = make_consent(post, alice)
        ConsentPhoto.objects.create(consent=consent, media=second, position=1, sha256=second.sha256)
        Post.objects.filter(pk=post.pk).update(locked_at=NOW(), media=None)
        assert [delete(cover), delete(second)] == [Deletion.NEEDED, Deletion.NEEDED]

    def test_it_is_said_before(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace)
        post = send(make_post(workspace, media=media), alice)
        foreseen = foresee_deletion(media)
        assert (foreseen.outcome, foreseen.usage.needing) == (Deletion.NEEDED, (post,))


class TestAFileOfDrafts:
    def test_stays_until_every_draft_was_named(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        one, two = make_post(workspace, media=media), make_post(workspace, media=media, account=None)
        asked = delete_media(media, told_drafts=[one.pk], now=NOW())
        assert asked.outcome is Deletion.ASK
        assert set(asked.usage.drafts) == {one, two}
        assert paths_of(media)[0].exists()
        assert set(Post.objects.values_list("media", "version")) == {(media.pk, 1)}

    def test_goes_out_of_them_as_a_real_edit(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace, content=b"film")
        draft = make_post(workspace, media=media, editor="a" * 32, editor_seq=7, cover_timestamp_ms=3000)
        consent = make_consent(draft, alice)
        assert delete(media, draft) is Deletion.DONE
        draft.refresh_from_db()
        assert (draft.media_id, draft.cover_timestamp_ms, draft.version) == (None, None, 2)
        # Whoever has it open did not make this edit.
        assert (draft.editor, draft.editor_seq) == ("", 0)
        consent.refresh_from_db()
        assert consent.voided_at is not None
        assert not Path(media.file.path).exists()
        # What was agreed to once stays on record.
        assert MediaFile.objects.get().state == MediaState.DELETED

    def test_the_other_pictures_of_a_carousel_move_up(self, workspace: Workspace) -> None:
        photos = [make_photo(workspace) for _ in range(4)]
        draft = make_carousel(workspace, *photos, cover_photo=photos[1])
        assert delete(photos[1], draft) is Deletion.DONE
        draft.refresh_from_db()
        assert list(draft.post_photos.values_list("position", "media")) == [
            (0, photos[0].pk),
            (1, photos[2].pk),
            (2, photos[3].pk),
        ]
        assert (draft.cover_photo_id, draft.version) == (None, 2)
        assert not is_on_record(photos[1])

    def test_another_cover_stays(self, workspace: Workspace) -> None:
        photos = [make_photo(workspace) for _ in range(2)]
        draft = make_carousel(workspace, *photos, cover_photo=photos[1])
        delete(photos[0], draft)
        draft.refresh_from_db()
        assert draft.cover_photo_id == photos[1].pk


class TestAFileOfAFinishedPost:
    def test_loses_its_bytes_and_stays_on_record(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace, content=b"film")
        post = send(make_post(workspace, media=media), alice, is_finished=True)
        assert delete(media) is Deletion.DONE
        assert not Path(media.file.path).exists()
        media.refresh_from_db()
        assert (media.state, media.file.name, media.poster.name) == (MediaState.DELETED, "", "")
        assert Consent.objects.get(post=post).media_id == media.pk
        assert (delete(media), MediaFile.objects.count()) == (Deletion.DONE, 1)

    def test_goes_out_of_drafts_all_the_same(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace, content=b"film")
        send(make_post(workspace, media=media), alice, is_finished=True)
        draft = make_post(workspace, media=media, account=None)
        assert delete(media) is Deletion.ASK
        assert delete(media, draft) is Deletion.DONE
        assert Post.objects.get(pk=draft.pk).media_id is None


class TestFixesOfADeletedFile:
    def test_are_stopped_and_their_results_removed(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"original")
        result = make_media(workspace, content=b"derivative", original=media, is_proposal=True)
        Fix.objects.create(media=media, recipe="photo_jpeg", state=FixState.DONE, result=result)
        assert delete(media) is Deletion.DONE
        assert (MediaFile.objects.count(), Fix.objects.count()) == (0, 0)
        assert not Path(result.file.path).exists()

    def test_a_result_in_use_stays(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"original")
        result = make_media(workspace, content=b"derivative", original=media)
        Fix.objects.create(media=media, recipe="photo_jpeg", state=FixState.ACCEPTED, result=result)
        assert delete(media) is Deletion.DONE
        kept = MediaFile.objects.get()
        assert (kept.pk, kept.original_id) == (result.pk, None)
        assert Path(result.file.path).exists()

    def test_a_cover_being_made_with_a_deleted_picture_stops(self, workspace: Workspace) -> None:
        film, picture = make_media(workspace, content=b"film"), make_photo(workspace, content=b"picture")
        fix = Fix.objects.create(media=film, recipe="cover_picture", picture=picture, next_try_at=NOW())
        assert delete(picture) is Deletion.DONE
        fix.refresh_from_db()
        assert (fix.state, fix.next_try_at, fix.picture_id) == (FixState.CANCELLED, None, None)
        assert list(MediaFile.objects.all()) == [film]

    def test_covers_to_decide_upon_keep_their_pictures_rows(self, workspace: Workspace) -> None:
        """Two of them without their pictures would look like the same wish twice."""
        film = make_media(workspace, content=b"film")
        for number in range(2):
            picture = make_photo(workspace, content=b"picture %d" % number)
            Fix.objects.create(media=film, recipe="cover_picture", picture=picture, state=FixState.DONE)
            assert delete(picture) is Deletion.DONE
            picture.refresh_from_db()
            assert (picture.state, picture.file.name) == (MediaState.DELETED, "")


class TestWhatWasCutShort:
    def test_is_finished_by_the_sweep(self, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        # As a process leaves it that ends right after the commit.
        MediaFile.objects.filter(pk=media.pk).update(state=MediaState.DELETED)
        assert bury_what_is_left(now=NOW()) == 1
        assert not Path(media.file.path).exists()
        assert not is_on_record(media)
        assert bury_what_is_left(now=NOW()) == 0

    def test_results_of_killed_workers_go_after_an_hour(self, workspace: Workspace) -> None:
        media = make_media(workspace)
        orphan = make_media(workspace, content=b"x", original=media, is_proposal=True)
        shown = make_media(workspace, content=b"y", original=media, is_proposal=True)
        Fix.objects.create(media=media, recipe="photo_jpeg", state=FixState.DONE, result=shown)
        assert bury_what_is_left(now=NOW()) == 0
        assert bury_what_is_left(now=NOW() + ORPHAN_AGE) == 1
        assert not is_on_record(orphan)
        assert paths_of(shown)[0].exists()


@pytest.mark.django_db(transaction=True)
class TestWhileAPostIsBeingSent:
    """Both lock the post first, then the file: whoever comes second sees what the first has done."""

    def press_post(self, post: Post, user: User, *, agreed: threading.Event, go: threading.Event) -> None:
        """What *Post to TikTok* does in its transaction, with a pause in the middle."""
        try:
            with transaction.atomic():
                stored = Post.objects.select_for_update().get(pk=post.pk)
                agreed.set()
                assert go.wait(10)
                assert stored.media is not None
                make_consent(stored, user)
                assert lock_post(stored, now=NOW())
        finally:
            connection.close()

    def test_the_post_that_came_first_keeps_its_file(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace, content=b"film")
        post = make_post(workspace, media=media)
        agreed, go, outcome = threading.Event(), threading.Event(), []

        def press_delete() -> None:
            try:
                outcome.append(delete(media, post))
            finally:
                connection.close()

        publishing = threading.Thread(
            target=self.press_post, args=(post, alice), kwargs={"agreed": agreed, "go": go}
        )
        publishing.start()
        assert agreed.wait(10)
        deletion = threading.Thread(target=press_delete)
        deletion.start()
        deletion.join(0.3)
        assert deletion.is_alive(), "it did not wait for the post"
        go.set()
        publishing.join(20)
        deletion.join(20)
        assert outcome == [Deletion.NEEDED]
        post.refresh_from_db()
        assert post.media_id == media.pk
        assert Path(media.file.path).read_bytes() == b"film"

    def test_a_post_pressed_after_finds_its_draft_changed(self, workspace: Workspace, alice: User) -> None:
        media = make_media(workspace, content=b"film")
        shown = make_post(workspace, media=media)
        assert delete(media, shown) is Deletion.DONE
        assert not lock_post(shown, now=NOW())

    def test_a_draft_that_takes_the_file_in_the_last_moment_is_not_left_without(
        self, workspace: Workspace
    ) -> None:
        """Between the look at the posts and the lock on the file, as far as the database lets anybody come."""
        media = make_media(workspace, content=b"film")
        account = make_account(workspace)
        writers: list[threading.Thread] = []

        def take_the_file() -> None:
            try:
                with suppress(IntegrityError):
                    make_post(workspace, account=account, media=media)
            finally:
                connection.close()

        def come_in_between(execute: Any, sql: str, *args: Any) -> Any:
            if not writers and sql.startswith("SELECT") and 'FROM "composer_mediafile"' in sql:
                writers.append(threading.Thread(target=take_the_file))
                writers[0].start()
                writers[0].join(1)  # SQLite lets nobody in; there it goes on after the deletion
            return execute(sql, *args)

        with connection.execute_wrapper(come_in_between):
            result = delete_media(media, told_drafts=[], now=NOW())
        writers[0].join(30)
        late = list(Post.objects.all())
        if late:
            assert (result.outcome, result.usage.drafts) == (Deletion.ASK, tuple(late))
            assert Path(media.file.path).read_bytes() == b"film"
        else:
            assert result.outcome is Deletion.DONE
            assert not is_on_record(media)


class TestAnOpenPageOfTheDraft:
    """It still names the file; what it sends is refused as outdated, loses nothing and says so."""

    def sends(self, draft: Post, media: MediaFile, *, seq: int = 1, **fields: str) -> dict[str, str]:
        page = {"editor": "a" * 32, "seq": str(seq), "version": str(draft.version)}
        return page | {"kind": "video", "media": str(media.pk), "caption": "Still typing"} | fields

    def save(self, client: Client, draft: Post, sent: dict[str, str]) -> Any:
        return client.post(f"/posts/{draft.pk}/save/", sent, headers={"hx-request": "true"})

    @pytest.mark.parametrize("is_on_record", [False, True])
    @pytest.mark.parametrize("saved_before", [False, True])
    def test_notices(
        self, as_alice: Client, alice: User, workspace: Workspace, *, saved_before: bool, is_on_record: bool
    ) -> None:
        media = make_media(workspace, content=b"film")
        if is_on_record:
            send(make_post(workspace, media=media), alice, is_finished=True)
        draft = make_post(workspace, media=media, account=None, caption="")
        if saved_before:
            assert self.save(as_alice, draft, self.sends(draft, media)).status_code == 200
        assert delete(media, draft) is Deletion.DONE
        answer = self.save(as_alice, draft, self.sends(draft, media, seq=2))
        assert answer.status_code == 409
        draft.refresh_from_db()
        assert draft.media_id is None
        # Without scripts the whole page comes back with what was typed.
        whole = as_alice.post(f"/posts/{draft.pk}/check/", self.sends(draft, media, seq=3, version="1"))
        assert whole.status_code == 409
        assert "Still typing" in whole.text

    def test_and_one_that_names_anothers_file_is_told_nothing(
        self, as_alice: Client, workspace: Workspace, bobs_workspace: Workspace
    ) -> None:
        draft, foreign = make_post(workspace, media=None, account=None), make_media(bobs_workspace)
        assert self.save(as_alice, draft, self.sends(draft, foreign)).status_code == 404
        draft.refresh_from_db()
        assert (draft.media_id, draft.caption, draft.version) == (None, "A walk through the fog", 1)


class TestPuttingAnotherFileInItsPlace:
    def test_a_video_with_its_cover_in_front(self, workspace: Workspace, alice: User) -> None:
        old, new = make_media(workspace), make_media(workspace)
        draft = make_post(workspace, media=old, cover_timestamp_ms=3000)
        assert put_in_place(draft, old, new, now=NOW(), opens_with_cover=True)
        draft.refresh_from_db()
        assert (draft.media_id, draft.cover_timestamp_ms, draft.version) == (new.pk, 0, 2)

    def test_a_converted_video_keeps_the_cover_that_was_chosen(self, workspace: Workspace) -> None:
        old, new = make_media(workspace), make_media(workspace)
        draft = make_post(workspace, media=old, cover_timestamp_ms=3000)
        put_in_place(draft, old, new, now=NOW(), opens_with_cover=False)
        draft.refresh_from_db()
        assert (draft.media_id, draft.cover_timestamp_ms) == (new.pk, 3000)

    def test_a_picture_keeps_its_place_and_stays_the_cover(self, workspace: Workspace) -> None:
        photos = [make_photo(workspace) for _ in range(3)]
        mended = make_photo(workspace)
        draft = make_carousel(workspace, *photos, cover_photo=photos[1])
        put_in_place(draft, photos[1], mended, now=NOW(), opens_with_cover=False)
        draft.refresh_from_db()
        assert list(draft.post_photos.values_list("media", flat=True)) == [
            photos[0].pk,
            mended.pk,
            photos[2].pk,
        ]
        assert draft.cover_photo_id == mended.pk

    def test_a_picture_that_is_there_already_takes_no_second_place(self, workspace: Workspace) -> None:
        photos = [make_photo(workspace) for _ in range(3)]
        draft = make_carousel(workspace, *photos)
        put_in_place(draft, photos[0], photos[2], now=NOW(), opens_with_cover=False)
        assert list(draft.post_photos.values_list("position", "media")) == [
            (0, photos[1].pk),
            (1, photos[2].pk),
        ]

    def test_a_draft_that_does_not_use_it_is_left_alone(self, workspace: Workspace) -> None:
        draft = make_post(workspace)
        old, new = make_media(workspace), make_media(workspace)
        assert not put_in_place(draft, old, new, now=NOW(), opens_with_cover=False)
        draft.refresh_from_db()
        assert draft.version == 1
