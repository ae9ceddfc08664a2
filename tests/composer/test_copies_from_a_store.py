"""Looks into a file that lies in an object store: fetched once for many, and its copy goes when the file does."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from composer import copies, receiving, storages, tasks
from composer.deleting import delete_media
from composer.frames import FrameCache
from composer.models import MediaFile
from composer.storing import copies_for_decoders, local_path
from tests.composer.conftest import VideoMaker
from tests.composer.object_store import Cutter, cutter, use_store
from tests.factories import make_media
from tests.services import ObjectStoreServer, s3_server

pytestmark = [pytest.mark.django_db, pytest.mark.services, pytest.mark.slow]


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStoreServer]:
    with s3_server() as server:
        yield server


@pytest.fixture
def line(s3: ObjectStoreServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cutter]:
    """The library lies in the store; frames that were decoded before are not remembered."""
    monkeypatch.setattr(storages, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("composer.frames._cache", FrameCache(0))
    with cutter(s3.url) as made:
        use_store(settings, s3.storage(url=made.url, prefix=f"test-{uuid4().hex}"))
        yield made


@pytest.fixture
def film(line: Cutter, workspace: Workspace, video: VideoMaker) -> MediaFile:
    content = video(codec="hevc", seconds=2, audio=False).read_bytes()
    media = make_media(workspace, content=content, video_codec="hevc", duration_ms=2000)
    line.requests.clear()
    return media


def kept() -> list[Path]:
    return [path for path in copies_for_decoders().folder.iterdir() if not path.name.startswith("making-")]


def test_scrubbing_fetches_the_film_once(as_alice: Client, film: MediaFile, line: Cutter) -> None:
    pictures = {as_alice.get(f"/library/{film.pk}/frame/?at={at}").content for at in range(0, 2000, 250)}
    assert len(pictures) == 8
    assert as_alice.get(f"/library/{film.pk}/filmstrip/").status_code == 200
    assert line.ranges() == ["bytes=0-"]
    assert [path.stat().st_size for path in kept()] == [film.size_bytes]


def test_a_deleted_film_leaves_no_copy(as_alice: Client, film: MediaFile) -> None:
    with local_path(film):
        assert len(kept()) == 1
        delete_media(film, told_drafts=(), now=timezone.now())
    assert kept() == []


def test_the_sweep_takes_what_nobody_looks_into(film: MediaFile, monkeypatch: pytest.MonkeyPatch) -> None:
    with local_path(film):
        pass
    tasks.remove_leftovers_due()
    assert len(kept()) == 1
    later = copies.time.time() + copies.KEEP_SECONDS + 1
    monkeypatch.setattr(copies.time, "time", lambda: later)
    tasks.remove_leftovers_due()
    assert kept() == []


def test_other_bytes_under_its_name_are_not_it(film: MediaFile, workspace: Workspace) -> None:
    other = make_media(workspace, content=bytes(film.size_bytes))
    MediaFile.objects.filter(pk=film.pk).update(file=other.file.name)
    film.refresh_from_db()
    with pytest.raises(FileNotFoundError), local_path(film):
        pass
    assert kept() == []


def test_a_line_that_breaks_for_good_leaves_nothing(film: MediaFile, line: Cutter, as_alice: Client) -> None:
    line.cut_after, line.cuts, line.goes_down = 3000, 1000, True
    assert as_alice.get(f"/library/{film.pk}/frame/?at=0").status_code == 503
    assert kept() == []


def test_a_full_disk_is_no_error_of_ours(
    film: MediaFile, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    answer = as_alice.get(f"/library/{film.pk}/frame/?at=0")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert kept() == []
