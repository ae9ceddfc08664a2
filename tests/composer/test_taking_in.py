"""The one way from a whole file to the library, crossed by people: by those who delete, and by those who cancel."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from composer import library
from composer.deleting import Deletion, delete_media
from composer.library import DeletedMeanwhileError, clean_name, take_in
from composer.models import MediaFile, MediaState
from composer.receiving import Received
from composer.storing import incoming_folder
from tests.composer.conftest import VideoMaker


def arrived(data: bytes) -> Received:
    path = incoming_folder() / hashlib.sha256(data).hexdigest()[:12]
    path.write_bytes(data)
    return Received(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.on_postgres
def test_a_refusal_that_is_undone_deletes_no_row_that_has_its_number_by_now(workspace: Workspace) -> None:
    """An insert that is rolled back gives its number free: whoever comes next gets it."""

    def give_up(_media: MediaFile) -> None:
        raise RuntimeError("cancelled in this very moment")

    with CaptureQueriesContext(connection) as queries, pytest.raises(RuntimeError):
        take_in(workspace, arrived(b"no film"), name="n.mp4", user=None, on_recorded=give_up)
    assert not MediaFile.objects.exists()
    said = [query["sql"] for query in queries]
    assert any(sql.startswith("INSERT") and "composer_mediafile" in sql for sql in said)
    assert [sql for sql in said if sql.startswith("DELETE")] == []


@pytest.mark.on_postgres
def test_a_file_deleted_while_it_is_stored_does_not_come_back(
    workspace: Workspace, video: VideoMaker, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = library.keep_file

    def keep_then_delete(media: MediaFile, *args: Any, **kwargs: Any) -> None:
        real(media, *args, **kwargs)
        shown = MediaFile.objects.get(pk=media.pk)
        assert delete_media(shown, told_drafts=(), now=timezone.now()).outcome is Deletion.DONE

    monkeypatch.setattr(library, "keep_file", keep_then_delete)
    received = arrived(video().read_bytes())
    with pytest.raises(DeletedMeanwhileError):
        take_in(workspace, received, name="f.mp4", user=None)
    assert not MediaFile.objects.exists()
    assert stored(settings) == [received.path]


@pytest.mark.django_db(transaction=True)
def test_what_is_here_already_is_here_still_when_the_row_says_so(
    workspace: Workspace, video: VideoMaker
) -> None:
    """Found outside of the transaction that writes it down, the file might be deleted in between."""
    data = video().read_bytes()
    take_in(workspace, arrived(data), name="first.mp4", user=None)
    is_deleting = False

    def delete_after_a_look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal is_deleting
        found = execute(sql, params, many, context)
        is_look = sql.startswith("SELECT") and "composer_mediafile" in sql and not is_deleting
        if is_look and not connection.in_atomic_block:
            is_deleting = True
            for media in MediaFile.objects.all():
                delete_media(media, told_drafts=(), now=timezone.now())
            is_deleting = False
        return found

    told: list[MediaFile] = []
    with connection.execute_wrapper(delete_after_a_look):
        taken = take_in(workspace, arrived(data), name="again.mp4", user=None, on_recorded=told.append)
    assert told == [taken.media]
    assert MediaFile.objects.get() == taken.media
    assert taken.media.state == MediaState.READY


def test_half_a_character_is_no_part_of_a_name() -> None:
    """A server's `filename*=unicode_escape''` may hold what no database stores."""
    assert clean_name("fog\ud800.mp4") == "fog.mp4"
