"""Keeping, reading and deleting the library's bytes: the same on the disk and in a real object store."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import TikTokAccount, Workspace
from composer import storages
from composer.models import MediaFile
from composer.serving import ranged_response
from composer.storages import MAX_BREAKS
from composer.storing import (
    MediaUnreachableError,
    delete_media_bytes,
    incoming_folder,
    keep_file,
    local_path,
    open_media,
    open_stored,
)
from tests.composer.object_store import Cutter, cutter, use_store
from tests.factories import make_media
from tests.media import make_video
from tests.processes import ROOT
from tests.services import ObjectStoreServer, s3_server

pytestmark = [pytest.mark.django_db, pytest.mark.services, pytest.mark.slow]

DATA = bytes(n * 7 % 251 for n in range(3_000_000))


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStoreServer]:
    with s3_server() as server:
        yield server


@pytest.fixture
def line(s3: ObjectStoreServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cutter]:
    """The library lies in the store, and the line to it can break."""
    monkeypatch.setattr(storages, "FIRST_PAUSE_SECONDS", 0.01)
    with cutter(s3.url) as made:
        use_store(settings, s3.storage(url=made.url, prefix="greenroom/media"))
        yield made


@pytest.fixture(params=["disk", "object store"])
def place(request: pytest.FixtureRequest, settings: Any) -> str:
    """The library lies there."""
    if request.param == "object store":
        use_store(settings, request.getfixturevalue("s3").storage(prefix=f"test-{uuid4().hex}"))
    return str(request.param)


def arrived(data: bytes = DATA) -> Path:
    path = incoming_folder() / uuid4().hex
    path.write_bytes(data)
    return path


def keep(
    workspace: Workspace, data: bytes = DATA, *, key: str = "", poster: bytes | None = b"jpeg"
) -> MediaFile:
    media = make_media(workspace, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    media.file.name = media.poster.name = ""
    keep_file(media, arrived(data), key=key or uuid4().hex, suffix="mp4", poster_jpeg=poster)
    media.save()
    return media


def read_all(media: MediaFile) -> bytes:
    with open_media(media) as file:
        return b"".join(iter(lambda: file.read(100_000), b""))


class TestEitherWay:
    def test_what_is_kept_is_read_back_byte_for_byte(self, place: str, workspace: Workspace) -> None:
        media = keep(workspace)
        assert str(media.file.name).startswith("media/")
        assert str(media.poster.name).startswith("posters/")
        assert read_all(media) == DATA
        with open_stored(media.poster) as poster:
            assert poster.read() == b"jpeg"

    def test_reading_begins_anywhere(self, place: str, workspace: Workspace) -> None:
        with open_media(keep(workspace)) as file:
            for position in (1_000_000, 10, 2_999_990, 10):
                file.seek(position)
                assert file.read(10) == DATA[position : position + 10]
            assert file.read(5) == DATA[20:25]
            file.seek(len(DATA))
            assert file.read(10) == b""

    def test_it_can_be_hashed_as_any_file(self, place: str, workspace: Workspace) -> None:
        with open_media(keep(workspace)) as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == hashlib.sha256(DATA).hexdigest()

    def test_the_arrived_bytes_stay_until_the_row_is_made_and_nothing_else_does(
        self, place: str, workspace: Workspace
    ) -> None:
        media, path = make_media(workspace), arrived()
        keep_file(media, path, key="k", suffix="mp4")
        assert path.read_bytes() == DATA
        assert list(incoming_folder().iterdir()) == [path]

    def test_a_second_go_replaces_what_the_first_stored(self, place: str, workspace: Workspace) -> None:
        first = keep(workspace, b"half of it", key="same", poster=b"old")
        second = keep(workspace, DATA, key="same", poster=None)
        assert first.file.name == second.file.name == "media/same.mp4"
        assert read_all(second) == DATA
        with pytest.raises(FileNotFoundError):
            open_stored(first.poster)

    def test_deleted_bytes_are_gone_and_deleting_again_is_no_error(
        self, place: str, workspace: Workspace
    ) -> None:
        media = keep(workspace)
        delete_media_bytes(media)
        for stored in (media.file, media.poster):
            with pytest.raises(FileNotFoundError):
                open_stored(stored)
        with pytest.raises(FileNotFoundError), local_path(media):
            pass
        delete_media_bytes(media)

    def test_a_row_without_a_file_has_none(self, place: str, workspace: Workspace) -> None:
        media = make_media(workspace)
        media.file.name = ""
        with pytest.raises(FileNotFoundError):
            open_media(media)
        with pytest.raises(FileNotFoundError), local_path(media):
            pass

    def test_decoders_get_a_path(self, place: str, workspace: Workspace) -> None:
        media = keep(workspace)
        arrived_before = set(incoming_folder().iterdir())
        with local_path(media) as path:
            assert path.read_bytes() == DATA
            if place == "disk":
                assert path == Path(media.file.path)
        assert set(incoming_folder().iterdir()) == arrived_before

    def test_a_preview_that_cannot_be_stored_takes_the_file_along(
        self, place: str, workspace: Workspace
    ) -> None:
        media = make_media(workspace)
        with pytest.raises(TypeError):
            keep_file(media, arrived(), key="k", suffix="mp4", poster_jpeg=object())  # type: ignore[arg-type]
        media.file.name = "media/k.mp4"
        with pytest.raises(FileNotFoundError):
            open_media(media)

    def test_the_library_takes_a_video_in_and_plays_it_in_parts(
        self, place: str, as_alice: Client, tmp_path: Path
    ) -> None:
        data = make_video(tmp_path / "film.mp4").read_bytes()
        answer = as_alice.post("/library/upload/", {"upload": SimpleUploadedFile("film.mp4", data)})
        media = MediaFile.objects.get()
        assert answer["Location"] == f"/library/{media.pk}/"
        assert list(incoming_folder().iterdir()) == []
        url = f"/library/{media.pk}/file/"
        whole = as_alice.get(url)
        assert (whole.status_code, whole.getvalue()) == (200, data)
        part = as_alice.get(url, headers={"Range": "bytes=100-1099"})
        assert (part.status_code, part.getvalue()) == (206, data[100:1100])
        assert part["Content-Range"] == f"bytes 100-1099/{len(data)}"
        assert "Location" not in part
        for query in ("", "?small"):
            poster = as_alice.get(f"/library/{media.pk}/poster/{query}")
            assert poster.getvalue()[:3] == b"\xff\xd8\xff"
        delete_media_bytes(media)
        assert as_alice.get(url).status_code == 404
        assert as_alice.get(f"/library/{media.pk}/poster/").status_code == 404


class TestAnObjectStore:
    def test_one_request_serves_all_blocks_in_a_row(self, line: Cutter, workspace: Workspace) -> None:
        media = keep(workspace)
        line.requests.clear()
        with open_media(media) as file:
            assert b"".join(iter(lambda: file.read(1000), b"")) == DATA
            file.seek(len(DATA))
        assert line.ranges() == ["bytes=0-"]

    def test_a_place_is_asked_for_when_it_is_read(self, line: Cutter, workspace: Workspace) -> None:
        media = keep(workspace)
        line.requests.clear()
        with open_media(media) as file:
            for position in (5, 2_000_000, 1_000_000):
                file.seek(position)
            assert file.read(4) == DATA[1_000_000:1_000_004]
            file.seek(1_000_004)
            assert file.read(4) == DATA[1_000_004:1_000_008]
        assert line.ranges() == ["bytes=1000000-"]

    def test_a_line_that_breaks_is_taken_up_where_it_broke(self, line: Cutter, workspace: Workspace) -> None:
        media = keep(workspace)
        line.requests.clear()
        line.cut_after, line.cuts = 1_200_000, 2
        assert read_all(media) == DATA
        first, second, *more = [int(said.removeprefix("bytes=").removesuffix("-")) for said in line.ranges()]
        assert first == 0
        assert 1_000_000 < second < 1_200_000
        assert len(more) == 1

    def test_breaks_in_a_row_are_not_borne_for_ever(self, line: Cutter, workspace: Workspace) -> None:
        media = keep(workspace)
        with open_media(media) as file:
            line.requests.clear()
            line.cut_after, line.cuts = 0, 10**6
            with pytest.raises(MediaUnreachableError):
                file.read(10)
        assert len([said for said in line.ranges() if said == "bytes=0-"]) >= MAX_BREAKS

    def test_another_object_under_the_same_name_is_not_mixed_in(
        self, line: Cutter, workspace: Workspace
    ) -> None:
        media = keep(workspace, key="swapped")
        with open_media(media) as file:
            assert file.read(10) == DATA[:10]
            keep(workspace, DATA[::-1], key="swapped")
            file.seek(2_000_000)
            with pytest.raises(FileNotFoundError):
                file.read(10)

    def test_a_store_that_is_down_is_not_a_missing_file(
        self, s3: ObjectStoreServer, settings: Any, workspace: Workspace, as_alice: Client
    ) -> None:
        media = make_media(workspace)
        media.poster.name = "posters/x.jpg"
        media.save()
        use_store(settings, s3.storage(url="http://127.0.0.1:9"))
        for act in (
            lambda: open_media(media),
            lambda: delete_media_bytes(media),
            lambda: keep_file(media, arrived(), key="k", suffix="mp4"),
        ):
            with pytest.raises(MediaUnreachableError):
                act()
        answer = as_alice.get(f"/library/{media.pk}/file/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert as_alice.get(f"/library/{media.pk}/poster/").status_code == 503

    def test_a_browser_that_leaves_ends_the_request_to_the_store(
        self, line: Cutter, workspace: Workspace, rf: Any
    ) -> None:
        media = keep(workspace)
        response = ranged_response(
            rf.get("/"), media.file, size=len(DATA), content_type="video/mp4", etag="e", filename="f.mp4"
        )
        block = next(iter(response))
        assert block == DATA[: len(block)]
        reader = response._resource_closers[0].__self__._file
        assert reader._body is not None
        response.close()
        assert reader._body is None

    def test_a_store_that_goes_down_in_the_middle_of_an_answer_cuts_it(
        self, line: Cutter, workspace: Workspace, rf: Any
    ) -> None:
        media = keep(workspace)
        line.cut_after, line.cuts, line.goes_down = 1_000_000, 10**6, True
        response = ranged_response(
            rf.get("/"), media.file, size=len(DATA), content_type="video/mp4", etag="e", filename="f.mp4"
        )
        with pytest.raises(ConnectionResetError):
            list(response)
        response.close()

    def test_small_things_are_kept_and_read_in_djangos_own_way(
        self, line: Cutter, account: TikTokAccount
    ) -> None:
        account.avatar.save("a.png", ContentFile(b"picture"))
        storage, name = account.avatar.storage, str(account.avatar.name)
        assert (storage.exists(name), storage.size(name)) == (True, 7)
        with account.avatar.open("rb") as picture:
            assert picture.read() == b"picture"
        storage.delete(name)
        assert not storage.exists(name)
        with pytest.raises(FileNotFoundError):
            storage.open(name)
        with pytest.raises(ValueError, match="written by `save` only"):
            storage.open(name, "wb")

    def test_objects_lie_below_the_prefix_and_are_nobody_elses(
        self, line: Cutter, workspace: Workspace
    ) -> None:
        keep(workspace, key="mine")
        sent = b"\n".join(line.requests)
        assert b"PUT /greenroom-media/greenroom/media/media/mine.mp4" in sent
        assert b"PUT /greenroom-media/greenroom/media/posters/mine.jpg" in sent
        assert b"x-amz-acl" not in sent.lower()

    def test_a_large_file_goes_in_parts_and_comes_back_with_flat_memory(
        self, s3: ObjectStoreServer, tmp_path: Path
    ) -> None:
        """300 MB in a process of its own, whose peak is the kernel's word."""
        script = ROOT / "tests" / "composer" / "stream_a_large_object.py"
        done = subprocess.run(
            [sys.executable, str(script), str(tmp_path), s3.url],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        grown_mb, parts, is_equal = done.stdout.split()
        assert is_equal == "True"
        assert int(parts) == 18
        assert float(grown_mb) < 64
