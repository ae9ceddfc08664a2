"""Frames of videos over HTTP: the right moment, asked for again, refused, and never too many at once."""

import threading
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from accounts.models import Workspace
from composer import frames
from composer.frames import FrameCache
from composer.models import MediaFile, MediaState
from tests.composer.conftest import VideoMaker
from tests.composer.test_library_page import make_photo
from tests.factories import make_media


@pytest.fixture
def film(workspace: Workspace, video: VideoMaker) -> MediaFile:
    """Two seconds of H.265, of which many browsers show nothing."""
    content = video(codec="hevc", seconds=2, audio=False).read_bytes()
    return make_media(workspace, content=content, video_codec="hevc", duration_ms=2000)


def url(media: MediaFile, at: object = 0) -> str:
    return f"/library/{media.pk}/frame/?at={at}"


def bar_at(jpeg: bytes) -> float:
    """Where the white bar of the test film stands, in parts of the width: it moves with the time."""
    picture = Image.open(BytesIO(jpeg)).convert("L")
    row = picture.height // 4 + picture.height // 40
    bright = [x for x in range(picture.width) if picture.getpixel((x, row)) > 200]
    return sum(bright) / len(bright) / picture.width


class TestAFrame:
    def test_is_the_one_of_that_moment(self, as_alice: Client, film: MediaFile) -> None:
        responses = [as_alice.get(url(film, at)) for at in (0, 1000)]
        assert [response.status_code for response in responses] == [200, 200]
        assert [response["Content-Type"] for response in responses] == ["image/jpeg", "image/jpeg"]
        first, second = (bar_at(response.content) for response in responses)
        # 7 of 360 pixels a frame, 30 frames a second.
        assert second - first == pytest.approx(210 / 360, abs=0.03)

    def test_beyond_the_end_is_the_last(self, as_alice: Client, film: MediaFile) -> None:
        last = as_alice.get(url(film, 2000))
        beyond = as_alice.get(url(film, 999_999_999_999))
        assert beyond.content == last.content
        assert beyond["ETag"] == last["ETag"] == f'"{film.sha256}-2000"'

    def test_is_kept_privately_and_asked_about(self, as_alice: Client, film: MediaFile) -> None:
        response = as_alice.get(url(film, 500))
        assert response["Cache-Control"] == "private, no-cache"
        again = as_alice.get(url(film, 500), headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = as_alice.get(url(film, 600), headers={"if-none-match": response["ETag"]})
        assert other.status_code == 200

    @pytest.mark.parametrize("at", ["x", "-1", "1.5", "1e3", "", "²", "9" * 13])
    def test_of_no_moment_is_refused(self, as_alice: Client, film: MediaFile, at: str) -> None:
        assert as_alice.get(url(film, at)).status_code == 400

    def test_of_a_photo_or_a_deleted_film_is_not_there(self, as_alice: Client, workspace: Workspace) -> None:
        photo, gone = make_photo(workspace, content=b"x"), make_media(workspace, state=MediaState.DELETED)
        assert [as_alice.get(url(media)).status_code for media in (photo, gone)] == [404, 404]

    def test_of_a_film_whose_bytes_are_lost_is_not_there(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        assert as_alice.get(url(make_media(workspace))).status_code == 404

    def test_of_what_shows_none_says_so(self, as_alice: Client, workspace: Workspace) -> None:
        response = as_alice.get(url(make_media(workspace, content=b"no film at all")))
        assert response.status_code == 422
        assert response["Content-Type"].startswith("text/plain")

    def test_by_post_is_refused(self, as_alice: Client, film: MediaFile) -> None:
        assert as_alice.post(url(film)).status_code == 405


class TestTheFilmstrip:
    def test_is_twelve_frames_in_a_row(self, as_alice: Client, film: MediaFile) -> None:
        response = as_alice.get(f"/library/{film.pk}/filmstrip/")
        assert (response.status_code, response["ETag"]) == (200, f'"{film.sha256}-strip"')
        strip = Image.open(BytesIO(response.content))
        assert strip.width % 12 == 0
        assert strip.width // 12 / strip.height == pytest.approx(360 / 640, abs=0.02)


class TestTheCrowd:
    def test_waits_for_a_moment_and_is_then_sent_away(
        self, as_alice: Client, film: MediaFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(frames, "WAIT_SECONDS", 0.05)
        for _ in range(frames.AT_ONCE):
            assert frames._places.acquire(timeout=5)
        try:
            response = as_alice.get(url(film, 700))
            assert (response.status_code, response["Retry-After"]) == (503, "1")
        finally:
            for _ in range(frames.AT_ONCE):
                frames._places.release()
        assert as_alice.get(url(film, 700)).status_code == 200

    def test_is_answered_from_what_is_kept(self, as_alice: Client, film: MediaFile) -> None:
        first = as_alice.get(url(film, 800)).content
        film.file.save("other.mp4", ContentFile(b"no film"))
        assert as_alice.get(url(film, 800)).content == first


class TestTheCache:
    def test_forgets_what_was_not_used_for_longest(self) -> None:
        cache = FrameCache(max_bytes=30)
        for key in "abc":
            cache.put(key, b"x" * 10)
        assert cache.get("a") == b"x" * 10
        cache.put("d", b"y" * 10)
        assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]

    def test_counts_a_key_once_and_keeps_nothing_too_large(self) -> None:
        cache = FrameCache(max_bytes=30)
        for _ in range(10):
            cache.put("a", b"x" * 20)
        cache.put("b", b"y" * 10)
        assert (cache.get("a"), cache.get("b")) == (b"x" * 20, b"y" * 10)
        cache.put("c", b"z" * 31)
        assert [cache.get(key) for key in "abc"] == [None, None, None]
        cache.put("d", b"w" * 30)
        assert cache.get("d") == b"w" * 30

    def test_may_be_used_by_many_threads(self) -> None:
        cache = FrameCache(max_bytes=1000)
        wrong: list[Any] = []

        def use(number: int) -> None:
            for turn in range(500):
                key = f"{(number + turn) % 20}"
                cache.put(key, key.encode() * 50)
                found = cache.get(key)
                if found is not None and found != key.encode() * 50:
                    wrong.append(found)

        threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert sum(len(cache.get(str(key)) or b"") for key in range(20)) <= 1000
