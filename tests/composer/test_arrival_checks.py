"""A whole file becomes a file of the library, or says why not, whoever is killed, cancelled or frozen meanwhile."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.clock import database_now
from accounts.models import Workspace
from composer import checking, library, tasks
from composer.arriving import begin_arrival, cancel_arrival, finish_receiving, path_of
from composer.checking import check_arrival
from composer.library import take_in
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile, MediaState
from composer.receiving import Received
from composer.storing import incoming_folder
from tests.at_once import at_once
from tests.composer.conftest import VideoMaker
from tests.media import make_picture


@pytest.fixture
def arrive(workspace: Workspace) -> Callable[..., Arrival]:
    """Have a file arrive whole."""

    def arrive(data: bytes, name: str = "fog.mp4", where: Workspace | None = None) -> Arrival:
        now = timezone.now()
        arrival = begin_arrival(
            where or workspace, user=None, name=name, size=len(data), source=ArrivalSource.TUS, now=now
        )
        path_of(arrival.pk).write_bytes(data)
        assert finish_receiving(arrival.pk, size=len(data), now=database_now())
        return arrival

    return arrive


@pytest.fixture(autouse=True)
def slow_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat is a write on a connection of its own, and the test's transaction has SQLite's only lock."""
    monkeypatch.setattr("composer.leases.BEAT_SECONDS", 60)


def state_of(arrival: Arrival) -> str:
    return Arrival.objects.get(pk=arrival.pk).state


def stored(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


class TestAGoodFile:
    def test_is_kept_as_it_came(
        self, arrive: Callable[..., Arrival], workspace: Workspace, video: VideoMaker, settings: Any
    ) -> None:
        data = video().read_bytes()
        arrival = arrive(data, "My fog.mp4")
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        media = MediaFile.objects.get()
        assert (arrival.state, arrival.media, arrival.error) == (ArrivalState.DONE, media, "")
        assert (arrival.lease_token, arrival.next_try_at) == (None, None)
        assert (media.state, media.workspace, media.original_name) == (
            MediaState.READY,
            workspace,
            "My fog.mp4",
        )
        assert (media.size_bytes, media.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        with media.file.open("rb") as file:
            assert file.read() == data
        assert list(incoming_folder().iterdir()) == []
        assert len(stored(settings)) == 2

    def test_is_looked_at_once(self, arrive: Callable[..., Arrival], video: VideoMaker) -> None:
        arrival = arrive(video().read_bytes())
        assert check_arrival(arrival.pk)
        assert not check_arrival(arrival.pk)
        assert MediaFile.objects.count() == 1

    def test_that_is_here_already_is_kept_once(
        self, arrive: Callable[..., Arrival], bobs_workspace: Workspace, video: VideoMaker, settings: Any
    ) -> None:
        data = video().read_bytes()
        first, again, bobs = arrive(data), arrive(data, "again.mp4"), arrive(data, where=bobs_workspace)
        for arrival in (first, again, bobs):
            assert check_arrival(arrival.pk)
            arrival.refresh_from_db()
        assert first.media == again.media
        assert bobs.media != first.media
        assert MediaFile.objects.count() == 2
        assert len(stored(settings)) == 4

    def test_reports_how_far_it_is(
        self, arrive: Callable[..., Arrival], video: VideoMaker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[int] = []
        monkeypatch.setattr("composer.receiving.BLOCK_BYTES", 1000)
        real = checking.Heart.check

        def check(heart: checking.Heart) -> None:
            told.append(heart.fields.get("progress_bytes", 0))
            real(heart)

        monkeypatch.setattr(checking.Heart, "check", check)
        data = video().read_bytes()
        check_arrival(arrive(data).pk)
        assert told[:2] == [1000, 2000]
        assert told[-1] == len(data)


class TestAWrongFile:
    def test_is_refused_in_words_and_nothing_is_kept(
        self, arrive: Callable[..., Arrival], settings: Any
    ) -> None:
        arrival = arrive(b"no video " * 100, "notes.mp4")
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        media = MediaFile.objects.get()
        (fault,) = media.faults
        assert (arrival.state, arrival.media) == (ArrivalState.FAILED, media)
        assert arrival.error == f"{fault['text']} {fault['advice']}"
        assert "text" in arrival.error
        assert media.state == MediaState.REFUSED
        assert stored(settings) == []

    def test_whose_check_came_to_no_end_is_looked_at_again(
        self, arrive: Callable[..., Arrival], video: VideoMaker, settings: Any
    ) -> None:
        settings.MEDIA_CHECK_SECONDS = 0.001
        arrival = arrive(video().read_bytes())
        for tried in (1, 2):
            assert check_arrival(arrival.pk)
            arrival.refresh_from_db()
            assert (arrival.state, arrival.tries) == (ArrivalState.CHECKING, tried)
            assert arrival.next_try_at is not None
            assert arrival.next_try_at > database_now()
            Arrival.objects.update(next_try_at=database_now())
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.FAILED
        assert arrival.error.startswith("Checking this file took too long and was stopped.")
        assert stored(settings) == []

    def test_whose_bytes_are_gone_says_so(self, arrive: Callable[..., Arrival]) -> None:
        arrival = arrive(b"x" * 100)
        path_of(arrival.pk).unlink()
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert (arrival.state, arrival.error) == (
            ArrivalState.FAILED,
            "The server has lost what had arrived of this file. Upload it again.",
        )


class TestAWorkerThatEnds:
    def test_leaves_the_work_to_the_next(
        self, arrive: Callable[..., Arrival], video: VideoMaker, settings: Any
    ) -> None:
        """Killed with everything stored and no row made yet: the very worst moment."""
        arrival = arrive(video().read_bytes())

        class Killed(BaseException):
            pass

        def kill(*_: object, **__: object) -> None:
            raise Killed

        with pytest.MonkeyPatch.context() as deadly:
            # Neither the row nor the clearing away is reached.
            deadly.setattr(library, "_record", kill)
            with pytest.raises(Killed):
                check_arrival(arrival.pk)
        assert state_of(arrival) == ArrivalState.CHECKING
        assert path_of(arrival.pk).exists()
        assert MediaFile.objects.get().state == MediaState.CHECKING
        # Its lease still holds; then it runs out.
        assert not check_arrival(arrival.pk)
        Arrival.objects.update(lease_until=database_now() - timedelta(seconds=1))
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.DONE
        assert arrival.media is not None
        assert arrival.media.state == MediaState.READY
        # What the killed one had stored is known by its row, and goes with the leftovers.
        MediaFile.objects.update(created_at=database_now() - library.LEFTOVER_AGE * 2)
        tasks.remove_leftovers_due()
        assert MediaFile.objects.get() == arrival.media
        assert len(stored(settings)) == 2

    def test_three_times_is_given_up(self, arrive: Callable[..., Arrival], settings: Any) -> None:
        arrival = arrive(b"a file that kills")
        for _ in range(3):
            assert Arrival.objects.claim(arrival.pk, seconds=-1) is not None
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.FAILED
        assert arrival.error.startswith("We could not look at this file: the check was begun 3 times")
        assert stored(settings) == []
        assert not check_arrival(arrival.pk)

    def test_when_asked_to_gives_the_work_back_uncounted(
        self, arrive: Callable[..., Arrival], video: VideoMaker
    ) -> None:
        arrival = arrive(video().read_bytes())
        stopping = threading.Event()
        stopping.set()
        for _ in range(5):
            assert check_arrival(arrival.pk, stopping=stopping)
            arrival.refresh_from_db()
            assert (arrival.state, arrival.tries, arrival.lease_token) == (ArrivalState.CHECKING, 0, None)
        assert check_arrival(arrival.pk)
        assert state_of(arrival) == ArrivalState.DONE

    def test_after_a_fault_of_ours_tries_again(
        self,
        arrive: Callable[..., Arrival],
        video: VideoMaker,
        monkeypatch: pytest.MonkeyPatch,
        settings: Any,
    ) -> None:
        arrival = arrive(video().read_bytes())

        def fail(*_: object, **__: object) -> None:
            raise OSError("the disk is not there")

        with monkeypatch.context() as broken:
            broken.setattr(library, "keep_file", fail)
            assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert (arrival.state, arrival.tries, arrival.lease_token) == (ArrivalState.CHECKING, 1, None)
        assert not MediaFile.objects.exists()
        Arrival.objects.update(next_try_at=database_now())
        assert check_arrival(arrival.pk)
        assert state_of(arrival) == ArrivalState.DONE


class TestGivenUp:
    def test_in_the_middle_of_storing_leaves_nothing(
        self,
        arrive: Callable[..., Arrival],
        video: VideoMaker,
        monkeypatch: pytest.MonkeyPatch,
        settings: Any,
    ) -> None:
        arrival = arrive(video().read_bytes())
        real = library.keep_file

        def cancel_then_keep(*args: Any, **kwargs: Any) -> None:
            real(*args, **kwargs)
            assert cancel_arrival(arrival, now=timezone.now())

        monkeypatch.setattr(library, "keep_file", cancel_then_keep)
        assert check_arrival(arrival.pk)
        assert state_of(arrival) == ArrivalState.CANCELLED
        assert (MediaFile.objects.count(), stored(settings)) == (0, [])

    def test_a_frozen_worker_that_wakes_up_destroys_nothing(
        self,
        arrive: Callable[..., Arrival],
        video: VideoMaker,
        monkeypatch: pytest.MonkeyPatch,
        settings: Any,
    ) -> None:
        data = video().read_bytes()
        arrival = arrive(data)
        real = library.keep_file

        def freeze(*args: Any, **kwargs: Any) -> None:
            real(*args, **kwargs)
            monkeypatch.setattr(library, "keep_file", real)
            Arrival.objects.update(lease_until=database_now() - timedelta(seconds=1))
            assert check_arrival(arrival.pk)

        monkeypatch.setattr(library, "keep_file", freeze)
        assert check_arrival(arrival.pk)
        media = MediaFile.objects.get()
        arrival.refresh_from_db()
        assert (arrival.state, arrival.media) == (ArrivalState.DONE, media)
        with media.file.open("rb") as file:
            assert file.read() == data
        assert len(stored(settings)) == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_the_same_moment_is_kept_once(
    workspace: Workspace, video: VideoMaker, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = video().read_bytes()
    meeting = threading.Barrier(4, timeout=30)
    real = library.keep_file

    def keep(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        meeting.wait()  # all have stored it, none has its row

    monkeypatch.setattr(library, "keep_file", keep)

    def take(number: int) -> tuple[int, bool]:
        path = incoming_folder() / f"twin-{number}"
        path.write_bytes(data)
        received = Received(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
        taken = take_in(workspace, received, name=f"{number}.mp4", user=None)
        return taken.media.pk, taken.is_new

    found = at_once(*(partial(take, number) for number in range(4)))
    assert len({pk for pk, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False, False, False, True]
    assert MediaFile.objects.count() == 1
    assert len(stored(settings)) == 2
    assert list(incoming_folder().iterdir()) == []


class TestTheSweep:
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The keys of the messages sent."""
        keys: list[str] = []
        monkeypatch.setattr(tasks.check_one, "apply_async", lambda args, **_options: keys.append(args[0]))
        return keys

    def test_hands_out_two_at_once_and_each_once(
        self, arrive: Callable[..., Arrival], sent: list[str]
    ) -> None:
        arrivals = [arrive(b"x" * (10 + number)) for number in range(4)]
        assert tasks.work_due() == 2
        assert tasks.work_due() == 0
        assert sent == [str(arrival.pk) for arrival in arrivals[:2]]
        for key in sent[:2]:
            assert Arrival.objects.claim(key, seconds=60) is not None
        assert tasks.work_due() == 0
        Arrival.objects.filter(pk=sent[0]).update(state=ArrivalState.DONE, lease_token=None, lease_until=None)
        assert tasks.work_due() == 1
        assert sent[2:] == [str(arrivals[2].pk)]

    def test_takes_up_what_a_killed_worker_held(
        self, arrive: Callable[..., Arrival], sent: list[str]
    ) -> None:
        arrival = arrive(b"x" * 10)
        assert Arrival.objects.claim(arrival.pk, seconds=-1) is not None
        assert tasks.work_due() == 1

    def test_a_file_after_its_check_makes_room_for_the_next(
        self, arrive: Callable[..., Arrival], sent: list[str]
    ) -> None:
        arrivals = [arrive(b"text " * (10 + number)) for number in range(3)]
        tasks.work_due()
        tasks.check_one(str(arrivals[0].pk))
        assert sent == [str(arrival.pk) for arrival in arrivals]

    def test_a_message_that_comes_too_late_does_nothing(
        self, arrive: Callable[..., Arrival], sent: list[str]
    ) -> None:
        arrival = arrive(b"x" * 10)
        cancel_arrival(arrival, now=timezone.now())
        tasks.check_one(str(arrival.pk))
        arrival.refresh_from_db()
        assert (arrival.state, arrival.tries) == (ArrivalState.CANCELLED, 0)

    def test_has_a_thread_for_everything_that_may_be_under_way(self) -> None:
        from config.lanes import lanes

        assert sum(line.at_once for line in tasks._lines()) == lanes()["media"].threads

    def test_is_on_the_clock(self) -> None:
        from config.celery import app

        beat = app.conf.beat_schedule
        assert beat["composer-work-due"]["task"] == tasks.work_due.name
        assert beat["composer-work-due"]["schedule"] <= 1
        assert beat["look-after-uploads"]["task"] == tasks.look_after_uploads_due.name
        assert beat["remove-leftovers"]["task"] == tasks.remove_leftovers_due.name


class TestWhatAFileIs:
    """Recognised by its content; what a recipe mends is kept for it."""

    @pytest.mark.parametrize(
        ("kind", "state", "recipe"),
        [("JPEG", MediaState.READY, ""), ("PNG", MediaState.FIXABLE, "photo_jpeg")],
    )
    def test_a_photo(
        self, arrive: Callable[..., Arrival], tmp_path: Path, kind: str, state: str, recipe: str
    ) -> None:
        data = make_picture(tmp_path / "photo.mp4", kind).read_bytes()
        arrival = arrive(data)
        check_arrival(arrival.pk)
        arrival.refresh_from_db()
        media = MediaFile.objects.get()
        assert (arrival.state, arrival.media, arrival.error) == (ArrivalState.DONE, media, "")
        assert (media.kind, media.state, media.fix) == ("photo", state, recipe)
        assert (media.width, media.height, media.duration_ms) == (400, 600, None)
        with media.file.open("rb") as file:
            assert file.read() == data

    def test_a_video_that_a_fix_makes_fit(
        self, arrive: Callable[..., Arrival], video: VideoMaker, settings: Any
    ) -> None:
        arrival = arrive(video(container="mkv").read_bytes())
        check_arrival(arrival.pk)
        media = MediaFile.objects.get()
        assert (media.kind, media.state, media.fix) == ("video", MediaState.FIXABLE, "video_mp4")
        assert [fault["code"] for fault in media.faults] == ["container"]
        assert len(stored(settings)) == 2
        # The same bytes are not kept twice, fit or not.
        assert check_arrival(arrive(video(container="mkv").read_bytes()).pk)
        assert MediaFile.objects.count() == 1
