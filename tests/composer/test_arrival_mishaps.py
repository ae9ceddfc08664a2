"""Arrivals that meet with a mishap: nothing that came whole is lost for it, and nothing half is kept."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.clock import database_now
from accounts.models import Workspace
from composer import library
from composer.arriving import begin_arrival, finish_receiving, path_of
from composer.checking import MAX_TRIES, STORE_GAP, check_arrival
from composer.deleting import delete_media
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile, MediaState
from composer.storages import MediaUnreachableError
from tests.composer.conftest import VideoMaker


@pytest.fixture(autouse=True)
def slow_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat is a write on a connection of its own, and the test's transaction has SQLite's only lock."""
    monkeypatch.setattr("composer.leases.BEAT_SECONDS", 60)


@pytest.fixture
def arrival(workspace: Workspace, video: VideoMaker) -> Arrival:
    """A file that has arrived whole."""
    data = video().read_bytes()
    begun = begin_arrival(
        workspace, user=None, name="fog.mp4", size=len(data), source=ArrivalSource.TUS, now=timezone.now()
    )
    path_of(begun.pk).write_bytes(data)
    assert finish_receiving(begun.pk, size=len(data), now=database_now())
    return begun


def check(arrival: Arrival) -> Arrival:
    Arrival.objects.filter(state=ArrivalState.CHECKING).update(next_try_at=database_now())
    assert check_arrival(arrival.pk)
    arrival.refresh_from_db()
    return arrival


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def no_store(*_: object, **__: object) -> None:
    raise MediaUnreachableError("The object store did not do what was asked.")


def test_a_store_that_is_away_for_long_costs_nobody_an_upload(
    arrival: Arrival, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(library, "keep_file", no_store)
        for _ in range(MAX_TRIES * 3):
            before = database_now()
            check(arrival)
            assert (arrival.state, arrival.tries, arrival.lease_token) == (ArrivalState.CHECKING, 0, None)
            assert arrival.next_try_at is not None
            assert STORE_GAP <= arrival.next_try_at - before < STORE_GAP + timedelta(seconds=10)
            assert path_of(arrival.pk).exists()
    assert not MediaFile.objects.exists()
    assert check(arrival).state == ArrivalState.DONE


def test_a_plain_form_says_that_the_store_is_away(
    as_alice: Client, video: VideoMaker, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(library, "keep_file", no_store)
    upload = SimpleUploadedFile("fog.mp4", video().read_bytes())
    answer = as_alice.post("/library/upload/", {"upload": upload}, follow=True)
    assert answer.redirect_chain == [("/library/", 302)]
    assert "The place where this installation keeps its files does not answer" in answer.content.decode()
    assert stored(settings) == []


def test_a_file_that_is_shorter_than_announced_is_not_taken_for_whole(
    arrival: Arrival, settings: Any
) -> None:
    with path_of(arrival.pk).open("r+b") as file:
        file.truncate(1000)
    assert check(arrival).state == ArrivalState.FAILED
    assert arrival.error == "The server has lost what had arrived of this file. Upload it again."
    assert not MediaFile.objects.exists()
    assert stored(settings) == []


@pytest.mark.on_postgres
def test_whose_file_is_deleted_while_it_is_stored_is_cancelled(
    arrival: Arrival, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    real = library.keep_file

    def keep_then_delete(media: MediaFile, *args: Any, **kwargs: Any) -> None:
        real(media, *args, **kwargs)
        delete_media(MediaFile.objects.get(pk=media.pk), told_drafts=(), now=timezone.now())

    monkeypatch.setattr(library, "keep_file", keep_then_delete)
    assert check(arrival).state == ArrivalState.CANCELLED
    assert (arrival.next_try_at, arrival.lease_token, arrival.media) == (None, None, None)
    assert not MediaFile.objects.exists()
    assert stored(settings) == []


def test_a_worker_that_was_killed_while_storing_leaves_nothing_behind(
    arrival: Arrival, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The next worker begins anew, and the row that said *being checked* goes with its bytes."""
    real = library.keep_file

    def keep_then_die(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(library, "keep_file", keep_then_die)
        killed.setattr(library, "forget_media", lambda media: None)
        with pytest.raises(KeyboardInterrupt):
            check(arrival)
    half = MediaFile.objects.get()
    assert half.state == MediaState.CHECKING
    Arrival.objects.update(lease_until=database_now() - timedelta(seconds=1))
    assert check(arrival).state == ArrivalState.DONE
    media = MediaFile.objects.get()
    assert (media.state, media, arrival.media) == (MediaState.READY, media, media)
    assert media != half
    kept = {Path(media.file.path), Path(media.poster.path)}
    assert {path for path in stored(settings) if "incoming" not in path.parts} == kept


@pytest.mark.on_postgres
def test_a_deleted_twin_is_stored_anew(arrival: Arrival, workspace: Workspace) -> None:
    first = check(arrival).media
    assert first is not None
    again = begin_arrival(
        workspace, user=None, name="again.mp4", size=first.size_bytes, source=ArrivalSource.TUS,
        now=timezone.now(),
    )  # fmt: skip
    with first.file.open("rb") as file:
        path_of(again.pk).write_bytes(file.read())
    assert finish_receiving(again.pk, size=first.size_bytes, now=database_now())
    MediaFile.objects.filter(pk=first.pk).update(state=MediaState.DELETED)
    assert check(again).state == ArrivalState.DONE
    assert again.media is not None
    assert (again.media != first, again.media.state) == (True, MediaState.READY)
