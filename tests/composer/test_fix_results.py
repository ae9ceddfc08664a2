"""Results of fixes that change under whoever looks at them: deleted from the library, discarded, or not storable."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, Workspace
from composer import library
from composer.deleting import Deletion, delete_media
from composer.fix_runs import MAX_TRIES, STORE_GAP, run_fix
from composer.fixes import FixNotPossibleError, accept_fix, ask_fix, discard_fix
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaKind, MediaState
from composer.storages import MediaUnreachableError
from composer.storing import incoming_folder
from tests.factories import make_consent, make_media, make_post
from tests.media import make_picture

NOW = timezone.now


@pytest.fixture
def film(workspace: Workspace) -> MediaFile:
    return make_media(workspace, state=MediaState.FIXABLE, fix=Recipe.VIDEO_MP4)


def done_with(film: MediaFile, result: MediaFile) -> Fix:
    """A fix that came to the very bytes of a file that the library had before."""
    return Fix.objects.create(media=film, recipe=Recipe.VIDEO_MP4, state=FixState.DONE, result=result)


class TestAResultThatIsDeletedFromTheLibrary:
    def delete(self, media: MediaFile) -> None:
        assert delete_media(media, told_drafts=(), now=NOW()).outcome is Deletion.DONE

    def test_leaves_the_fix_to_be_asked_for_anew(
        self, workspace: Workspace, alice: User, film: MediaFile
    ) -> None:
        fix = done_with(film, known := make_media(workspace))
        self.delete(known)
        fix.refresh_from_db()
        assert fix.state == FixState.CANCELLED
        assert ask_fix(film, Recipe.VIDEO_MP4, user=alice, now=NOW()).state == FixState.WAITING

    def test_comes_into_no_draft(self, workspace: Workspace, alice: User, film: MediaFile) -> None:
        """Its row stays, because a post that went out with it names it."""
        known = make_media(workspace)
        posted = make_post(workspace, media=known)
        make_consent(posted, alice)
        type(posted).objects.filter(pk=posted.pk).update(locked_at=NOW(), media_released_at=NOW())
        fix = done_with(film, known)
        draft = make_post(workspace, media=film, account=None)
        self.delete(known)
        assert MediaFile.objects.get(pk=known.pk).state == MediaState.DELETED
        with pytest.raises(FixNotPossibleError):
            accept_fix(fix, drafts=[draft.pk], now=NOW())
        draft.refresh_from_db()
        assert draft.media == film

    def test_however_it_was_marked(self, workspace: Workspace, film: MediaFile) -> None:
        known = make_media(workspace, state=MediaState.DELETED)
        fix = done_with(film, known)
        with pytest.raises(FixNotPossibleError):
            accept_fix(fix, now=NOW())
        fix.refresh_from_db()
        assert fix.state == FixState.DONE


@pytest.mark.on_postgres
def test_accepting_after_the_original_was_deleted_is_refused_in_words(
    workspace: Workspace, film: MediaFile
) -> None:
    """Read before the deletion and pressed after it: the fix itself is gone by then."""
    result = make_media(workspace, is_proposal=True)
    fix = Fix.objects.in_workspace(workspace).get(pk=done_with(film, result).pk)
    assert delete_media(film, told_drafts=(), now=NOW()).outcome is Deletion.DONE
    assert not Fix.objects.exists()
    with pytest.raises(FixNotPossibleError):
        accept_fix(fix, now=NOW())
    assert discard_fix(fix) is False


@pytest.mark.on_postgres
def test_discarding_locks_the_file_before_the_fix(workspace: Workspace, film: MediaFile) -> None:
    """In the order in which accepting and deleting do: two presses at once must not wait for each other."""
    fix = done_with(film, make_media(workspace, is_proposal=True))
    with CaptureQueriesContext(connection) as queries:
        assert discard_fix(fix)
    first = next(query["sql"] for query in queries if "SAVEPOINT" not in query["sql"])
    assert first.startswith("SELECT")
    assert 'FROM "composer_mediafile"' in first


@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_away_for_long_ends_no_fix(
    workspace: Workspace, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_picture(tmp_path / "tea.png", "PNG").read_bytes()
    png = make_media(
        workspace, content=content, kind=MediaKind.PHOTO, state=MediaState.FIXABLE, fix=Recipe.PHOTO_JPEG
    )
    fix = ask_fix(png, Recipe.PHOTO_JPEG, user=alice, now=NOW() - timedelta(seconds=1))

    def no_store(*_: Any, **__: Any) -> None:
        raise MediaUnreachableError("The object store did not do what was asked.")

    with monkeypatch.context() as away:
        away.setattr(library, "keep_file", no_store)
        for _ in range(MAX_TRIES + 1):
            before = NOW()
            assert run_fix(fix.pk)
            fix.refresh_from_db()
            assert (fix.state, fix.tries, fix.lease_token) == (FixState.WAITING, 0, None)
            assert fix.next_try_at is not None
            assert fix.next_try_at - before >= STORE_GAP - timedelta(seconds=1)
            Fix.objects.update(next_try_at=NOW() - timedelta(seconds=1))
    assert run_fix(fix.pk)
    fix.refresh_from_db()
    assert fix.state == FixState.DONE


@pytest.mark.django_db(transaction=True)
def test_a_result_that_does_not_fit_the_workspace_is_not_kept(
    workspace: Workspace, alice: User, tmp_path: Path, settings: Any
) -> None:
    content = make_picture(tmp_path / "tea.png", "PNG").read_bytes()
    png = make_media(
        workspace, content=content, kind=MediaKind.PHOTO, state=MediaState.FIXABLE, fix=Recipe.PHOTO_JPEG
    )
    settings.WORKSPACE_MAX_BYTES = png.size_bytes + 100
    fix = ask_fix(png, Recipe.PHOTO_JPEG, user=alice, now=NOW() - timedelta(seconds=1))
    assert run_fix(fix.pk)
    fix.refresh_from_db()
    assert fix.state == FixState.FAILED
    assert fix.error.startswith("This workspace may hold ")
    assert list(MediaFile.objects.all()) == [png]
    assert not list(incoming_folder().iterdir())
