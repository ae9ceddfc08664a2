"""Files on their way in: begun within the limits, given up after days, cleared away; links and uploads alike."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from composer.arriving import (
    begin_arrival,
    cancel_arrival,
    expected_names,
    expires_at,
    fail_arrival,
    finish_receiving,
    look_after_uploads,
    path_of,
    received_bytes,
    require_workspace_room,
    taken_bytes,
)
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile, MediaState
from composer.receiving import NoSpaceError, UploadTooLargeError, WorkspaceFullError
from composer.storing import incoming_folder
from composer.tasks import look_after_uploads_due, remove_leftovers_due
from tests.factories import make_media

pytestmark = pytest.mark.on_postgres

NOW = timezone.now()
DAY = 24 * 3600


def begin(workspace: Workspace, size: int | None = 100, **wanted: Any) -> Arrival:
    source = wanted.pop("source", ArrivalSource.TUS)
    return begin_arrival(workspace, user=None, name="fog.mp4", size=size, source=source, now=NOW, **wanted)


def age(path: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))


class TestBeginning:
    def test_a_link_is_due_at_once_and_need_not_know_its_size(self, workspace: Workspace) -> None:
        arrival = begin(workspace, None, source=ArrivalSource.LINK, url="https://example.com/fog.mp4")
        assert (arrival.next_try_at, arrival.size_bytes) == (NOW, None)
        assert arrival.url == "https://example.com/fog.mp4"
        assert path_of(arrival.pk).read_bytes() == b""

    def test_an_upload_waits_for_its_bytes(self, workspace: Workspace) -> None:
        assert begin(workspace).next_try_at is None

    def test_a_disk_without_room_begins_nothing(self, workspace: Workspace) -> None:
        with pytest.raises(UploadTooLargeError):
            begin(workspace, 2**60)
        assert not Arrival.objects.exists()

    def test_a_refusal_leaves_neither_row_nor_file(
        self, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.MEDIA_MAX_BYTES = 2**62
        settings.WORKSPACE_MAX_BYTES = 2**62
        with pytest.raises(NoSpaceError):
            begin(workspace, 2**60)
        assert not Arrival.objects.exists()
        assert list(incoming_folder().iterdir()) == []


class TestRoom:
    def test_counts_what_is_kept_and_what_is_announced(self, workspace: Workspace) -> None:
        for state in MediaState:
            make_media(workspace, state=state, size_bytes=1000)
        make_media(workspace, size_bytes=500, is_proposal=True)
        begin(workspace, 70)
        given_up = begin(workspace, 20_000)
        cancel_arrival(given_up, now=NOW)
        begin(workspace, None, source=ArrivalSource.LINK)
        assert taken_bytes(workspace) == 3 * 1000 + 500 + 70

    def test_the_limit_itself_is_allowed(self, workspace: Workspace, settings: Any) -> None:
        settings.WORKSPACE_MAX_BYTES = 1000
        begin(workspace, 900)
        require_workspace_room(workspace, 100)
        with pytest.raises(WorkspaceFullError):
            require_workspace_room(workspace, 101)


class TestFinishing:
    def test_happens_once(self, workspace: Workspace) -> None:
        arrival = begin(workspace)
        assert finish_receiving(arrival.pk, size=100, now=NOW)
        assert not finish_receiving(arrival.pk, size=100, now=NOW)
        arrival.refresh_from_db()
        assert (arrival.state, arrival.next_try_at, arrival.tries) == (ArrivalState.CHECKING, NOW, 0)

    def test_of_a_link_ends_its_lease_and_forgets_the_address(self, workspace: Workspace) -> None:
        arrival = begin(workspace, None, source=ArrivalSource.LINK, url="https://example.com/secret")
        lease = Arrival.objects.claim(arrival.pk, seconds=60)
        assert lease is not None
        assert finish_receiving(arrival.pk, size=55, now=NOW, lease=lease)
        arrival.refresh_from_db()
        assert (arrival.size_bytes, arrival.url, arrival.lease_token, arrival.tries) == (55, "", None, 0)

    def test_by_somebody_without_the_lease_does_nothing(self, workspace: Workspace) -> None:
        arrival = begin(workspace, None, source=ArrivalSource.LINK)
        old = Arrival.objects.claim(arrival.pk, seconds=-1)
        assert old is not None
        assert Arrival.objects.claim(arrival.pk, seconds=60) is not None
        assert not finish_receiving(arrival.pk, size=55, now=NOW, lease=old)
        assert not fail_arrival(old, "No.", now=NOW)
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.RECEIVING
        assert path_of(arrival.pk).exists()

    def test_of_what_was_given_up_does_nothing(self, workspace: Workspace) -> None:
        arrival = begin(workspace)
        assert cancel_arrival(arrival, now=NOW)
        assert not finish_receiving(arrival.pk, size=100, now=NOW)
        assert not cancel_arrival(arrival, now=NOW)
        assert not path_of(arrival.pk).exists()


class TestExpiring:
    def test_counts_from_the_last_byte(self, workspace: Workspace) -> None:
        paused, lost, other = begin(workspace), begin(workspace), begin(workspace)
        for arrival, silent in ((paused, 7 * DAY - 60), (lost, 7 * DAY + 60), (other, 0)):
            path_of(arrival.pk).write_bytes(b"x" * 10)
            age(path_of(arrival.pk), silent)
        # However long ago they were begun.
        Arrival.objects.update(created_at=NOW - timedelta(days=30))
        assert look_after_uploads(now=NOW) == 1
        states = dict(Arrival.objects.values_list("pk", "state"))
        assert states == {
            paused.pk: ArrivalState.RECEIVING,
            lost.pk: ArrivalState.EXPIRED,
            other.pk: ArrivalState.RECEIVING,
        }
        assert not path_of(lost.pk).exists()
        assert received_bytes(paused) == 10

    def test_is_said_beforehand(self, workspace: Workspace) -> None:
        arrival = begin(workspace)
        age(path_of(arrival.pk), DAY)
        assert abs((expires_at(arrival, now=NOW) - NOW).total_seconds() - 6 * DAY) < 5

    def test_a_row_whose_bytes_are_gone_is_over(self, workspace: Workspace) -> None:
        arrival = begin(workspace)
        path_of(arrival.pk).unlink()
        look_after_uploads_due()
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.EXPIRED

    def test_a_whole_file_that_nobody_looks_at_is_handed_on(self, workspace: Workspace) -> None:
        arrival = begin(workspace, 10)
        path_of(arrival.pk).write_bytes(b"x" * 10)
        age(path_of(arrival.pk), 8 * DAY)
        assert look_after_uploads(now=NOW) == 1
        arrival.refresh_from_db()
        assert (arrival.state, arrival.next_try_at) == (ArrivalState.CHECKING, NOW)

    def test_a_link_is_not_an_upload(self, workspace: Workspace) -> None:
        arrival = begin(workspace, None, source=ArrivalSource.LINK)
        age(path_of(arrival.pk), 8 * DAY)
        assert look_after_uploads(now=NOW) == 0


class TestLeftovers:
    def test_go_after_a_day_unless_they_are_awaited(self, workspace: Workspace) -> None:
        awaited, ended = begin(workspace), begin(workspace)
        cancel_arrival(ended, now=NOW)
        folder = incoming_folder()
        left = {
            f"{awaited.pk.hex}": 30, f"{awaited.pk.hex}.unproven": 30, f"{ended.pk.hex}": 30,
            "old.part": 25, "old": 25, "young.part": 23, "young": 23,
        }  # fmt: skip
        for name, hours in left.items():
            (folder / name).write_bytes(b"x")
            age(folder / name, hours * 3600)
        assert expected_names() == {awaited.pk.hex}
        remove_leftovers_due()
        assert {path.name for path in folder.iterdir()} == {
            awaited.pk.hex, f"{awaited.pk.hex}.unproven", "young.part", "young",
        }  # fmt: skip

    def test_bytes_that_were_half_stored_go_with_their_row(self, workspace: Workspace, settings: Any) -> None:
        make_media(workspace, content=b"old", state=MediaState.CHECKING)
        young = make_media(workspace, content=b"young", state=MediaState.CHECKING)
        ready = make_media(workspace, content=b"ready")
        MediaFile.objects.exclude(pk=young.pk).update(created_at=NOW - timedelta(hours=25))
        remove_leftovers_due()
        assert set(MediaFile.objects.values_list("pk", flat=True)) == {young.pk, ready.pk}
        stored = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
        assert sorted(stored) == [b"ready", b"young"]


def test_a_person_who_leaves_does_not_take_the_arrival_along(workspace: Workspace, bob: User) -> None:
    arrival = begin_arrival(workspace, user=bob, name="fog.mp4", size=5, source=ArrivalSource.TUS, now=NOW)
    bob.delete()
    arrival.refresh_from_db()
    assert arrival.user is None
