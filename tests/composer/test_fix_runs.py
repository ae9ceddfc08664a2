"""A worker making derivatives: real files, real child processes; killed, cancelled, doubled and outnumbered."""

import hashlib
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.clock import database_now
from accounts.models import User, Workspace
from composer.fix_runs import MAX_TRIES, run_fix
from composer.fixes import accept_fix, ask_fix, cancel_fix
from composer.media.frames import read_frame
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaKind, MediaState
from composer.storing import incoming_folder
from composer.tasks import work_due
from tests.composer.conftest import VideoMaker
from tests.factories import make_media

# The heart of a worker writes from a thread of its own: a test's transaction would keep it waiting.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180), pytest.mark.slow]

NOW = timezone.now


def picture(folder: Path, name: str = "tea.png", size: tuple[int, int] = (2000, 1500)) -> bytes:
    """A PNG that is too large for TikTok."""
    path = folder / name
    Image.linear_gradient("L").resize(size).convert("RGB").save(path)
    return path.read_bytes()


@pytest.fixture
def png(workspace: Workspace, tmp_path: Path) -> MediaFile:
    return make_media(
        workspace,
        content=picture(tmp_path),
        kind=MediaKind.PHOTO,
        original_name="tea.time.png",
        state=MediaState.FIXABLE,
        fix=Recipe.PHOTO_JPEG,
        container="png",
        content_type="image/png",
    )


@pytest.fixture
def avi(workspace: Workspace, video: VideoMaker) -> MediaFile:
    """Long enough to be stopped in the middle."""
    made = video(codec="mpeg4", container="avi", seconds=20, width=720, height=1280, audio=False)
    return make_media(
        workspace,
        content=made.read_bytes(),
        original_name="walk.avi",
        state=MediaState.FIXABLE,
        fix=Recipe.VIDEO_MP4,
        container="avi",
        duration_ms=20_000,
    )


def ask(media: MediaFile, user: User, **fields: Any) -> Fix:
    return ask_fix(media, media.fix, user=user, now=NOW() - timedelta(seconds=1), **fields)


def again(fix: Fix) -> Fix:
    fix.refresh_from_db()
    return fix


def sha256_of(media: MediaFile) -> str:
    return hashlib.sha256(Path(media.file.path).read_bytes()).hexdigest()


def left_behind() -> list[str]:
    return sorted(path.name for path in incoming_folder().iterdir())


def is_lime(jpeg: bytes) -> bool:
    image = Image.open(BytesIO(jpeg)).convert("RGB")
    red, green, blue = image.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return green > 180 and red < 90 and blue < 90


def wait_for(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Worker:
    """`run_fix` in a thread of its own, as a worker runs it."""

    def __init__(self, fix: Fix) -> None:
        self.stopping = threading.Event()
        self._fix = fix
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            run_fix(self._fix.pk, stopping=self.stopping)
        finally:
            connection.close()

    def wait_until_it_moves(self) -> None:
        wait_for(lambda: again(self._fix).progress > 0)

    def seconds_to_its_end(self) -> float:
        began = time.monotonic()
        self._thread.join(60)
        assert not self._thread.is_alive()
        return time.monotonic() - began


@pytest.fixture
def start() -> Iterator[Any]:
    workers: list[Worker] = []

    def start(fix: Fix) -> Worker:
        workers.append(Worker(fix))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stopping.set()
        worker.seconds_to_its_end()


class TestAPhoto:
    def test_becomes_a_proposal_that_fits(self, png: MediaFile, alice: User) -> None:
        fix = ask(png, alice)
        before = sha256_of(png)
        assert run_fix(fix.pk)
        result = again(fix).result
        assert result is not None
        assert (fix.state, fix.progress, fix.next_try_at, fix.lease_token, fix.error) == (
            FixState.DONE,
            1000,
            None,
            None,
            "",
        )
        assert (result.state, result.is_proposal, result.original, result.recipe) == (
            MediaState.READY,
            True,
            png,
            Recipe.PHOTO_JPEG,
        )
        assert (result.original_name, result.content_type, result.kind) == (
            "tea.time.jpg",
            "image/jpeg",
            MediaKind.PHOTO,
        )
        assert (result.width, result.height, result.uploaded_by) == (1440, 1080, alice)
        assert sha256_of(result) == result.sha256
        with Image.open(result.file.path) as image:
            assert (image.format, image.size) == ("JPEG", (1440, 1080))
        assert sha256_of(png) == before
        assert left_behind() == []

    @pytest.mark.on_postgres
    def test_is_done_once(self, png: MediaFile, alice: User) -> None:
        fix = ask(png, alice)
        assert run_fix(fix.pk)
        assert not run_fix(fix.pk)
        assert MediaFile.objects.count() == 2

    def test_whose_result_is_known_uses_that(
        self, png: MediaFile, workspace: Workspace, alice: User, tmp_path: Path
    ) -> None:
        first = ask(png, alice)
        run_fix(first.pk)
        known = accept_fix(again(first), now=NOW())
        # The same picture in other bytes.
        twin = make_media(
            workspace,
            content=picture(tmp_path) + b"\0",
            kind=MediaKind.PHOTO,
            original_name="tea again.png",
            state=MediaState.FIXABLE,
            fix=Recipe.PHOTO_JPEG,
        )
        second = ask(twin, alice)
        run_fix(second.pk)
        assert (again(second).state, second.result) == (FixState.DONE, known)
        assert MediaFile.objects.count() == 3
        assert left_behind() == []

    def test_that_is_broken_fails_in_words(self, workspace: Workspace, alice: User) -> None:
        media = make_media(
            workspace,
            content=b"\x89PNG\r\n\x1a\nand then nothing of the kind",
            kind=MediaKind.PHOTO,
            state=MediaState.FIXABLE,
            fix=Recipe.PHOTO_JPEG,
        )
        fix = ask(media, alice)
        assert run_fix(fix.pk)
        assert again(fix).state == FixState.FAILED
        assert fix.error.endswith(".")
        assert (fix.next_try_at, fix.result, MediaFile.objects.count()) == (None, None, 1)
        assert left_behind() == []

    def test_whose_bytes_are_lost_says_so(self, png: MediaFile, alice: User) -> None:
        Path(png.file.path).unlink()
        fix = ask(png, alice)
        run_fix(fix.pk)
        assert again(fix).state == FixState.FAILED
        assert "no longer there" in fix.error

    def test_that_was_asked_for_later_is_not_begun_before(self, png: MediaFile, alice: User) -> None:
        fix = ask(png, alice)
        Fix.objects.update(next_try_at=NOW() + timedelta(minutes=1))
        assert not run_fix(fix.pk)
        assert again(fix).state == FixState.WAITING


class TestAVideo:
    def test_becomes_an_mp4_of_the_same_length(
        self, workspace: Workspace, video: VideoMaker, alice: User
    ) -> None:
        made = video(codec="mpeg4", container="avi", seconds=2, audio=False)
        media = make_media(
            workspace,
            content=made.read_bytes(),
            original_name="walk.avi",
            state=MediaState.FIXABLE,
            fix=Recipe.VIDEO_MP4,
        )
        fix = ask(media, alice)
        run_fix(fix.pk)
        result = again(fix).result
        assert result is not None, fix.error
        assert (result.original_name, result.container, result.video_codec, result.state) == (
            "walk.mp4",
            "mp4",
            "h264",
            MediaState.READY,
        )
        assert result.duration_ms == pytest.approx(2000, abs=70)
        assert result.poster

    def test_gets_a_cover_of_its_own_in_front(
        self, workspace: Workspace, video: VideoMaker, alice: User, tmp_path: Path
    ) -> None:
        film = make_media(workspace, content=video(seconds=3, audio=False).read_bytes())
        Image.new("RGB", (720, 1280), "lime").save(tmp_path / "cover.jpg")
        photo = make_media(
            workspace,
            content=(tmp_path / "cover.jpg").read_bytes(),
            kind=MediaKind.PHOTO,
            original_name="c.jpg",
        )
        fix = ask_fix(film, Recipe.COVER_PICTURE, user=alice, picture=photo, now=NOW())
        run_fix(fix.pk)
        result = again(fix).result
        assert result is not None, fix.error
        assert (result.recipe, result.state) == (Recipe.COVER_PICTURE, MediaState.READY)
        path = Path(result.file.path)
        assert is_lime(read_frame(path, 0))
        assert not is_lime(read_frame(path, 2000))


class TestStopping:
    def test_by_a_person_takes_a_second_and_leaves_nothing(
        self, avi: MediaFile, alice: User, start: Any
    ) -> None:
        fix = ask(avi, alice)
        worker = start(fix)
        worker.wait_until_it_moves()
        assert again(fix).state == FixState.RUNNING
        assert cancel_fix(fix)
        assert worker.seconds_to_its_end() < 1.5
        assert (again(fix).state, fix.result, fix.next_try_at) == (FixState.CANCELLED, None, None)
        assert (MediaFile.objects.count(), left_behind()) == (1, [])

    def test_a_worker_that_is_asked_to_stop_gives_it_back_uncounted(
        self, avi: MediaFile, alice: User, start: Any
    ) -> None:
        fix = ask(avi, alice)
        worker = start(fix)
        worker.wait_until_it_moves()
        worker.stopping.set()
        assert worker.seconds_to_its_end() < 2
        assert (again(fix).state, fix.tries, fix.progress, fix.lease_token) == (FixState.WAITING, 0, 0, None)
        assert fix.next_try_at is not None
        assert fix.next_try_at <= database_now()
        assert left_behind() == []

    @pytest.mark.on_postgres
    def test_two_workers_make_it_once(self, avi: MediaFile, alice: User, start: Any) -> None:
        fix = ask(avi, alice)
        first = start(fix)
        first.wait_until_it_moves()
        assert not run_fix(fix.pk)
        assert again(fix).tries == 1
        cancel_fix(fix)


class TestAKilledWorker:
    @pytest.mark.on_postgres
    def test_leaves_work_that_begins_anew_after_its_lease(self, png: MediaFile, alice: User) -> None:
        fix = ask(png, alice)
        # As it is left behind: claimed, under way, and nobody there.
        assert Fix.objects.claim(fix.pk, seconds=30) is not None
        Fix.objects.update(state=FixState.RUNNING, progress=400)
        assert not run_fix(fix.pk)
        Fix.objects.update(lease_until=NOW() - timedelta(seconds=1))
        assert run_fix(fix.pk)
        assert (again(fix).state, fix.tries) == (FixState.DONE, 2)

    def test_is_followed_three_times_and_then_it_is_given_up(self, png: MediaFile, alice: User) -> None:
        fix = ask(png, alice)
        for number in range(MAX_TRIES):
            assert Fix.objects.claim(fix.pk, seconds=30) is not None, number
            Fix.objects.update(state=FixState.RUNNING, lease_until=NOW() - timedelta(seconds=1))
        assert run_fix(fix.pk)
        assert again(fix).state == FixState.FAILED
        assert fix.error.startswith("It was begun 3 times and never came to an end")
        assert fix.next_try_at is None
        # Asked for again, it begins anew.
        assert run_fix(ask(png, alice).pk)
        assert Fix.objects.filter(state=FixState.DONE).count() == 1


class TestManyAtOnce:
    def fixes(self, workspace: Workspace, alice: User, count: int) -> list[Fix]:
        return [
            ask(
                make_media(workspace, state=MediaState.FIXABLE, fix=Recipe.PHOTO_JPEG, kind=MediaKind.PHOTO),
                alice,
            )
            for _ in range(count)
        ]

    @pytest.mark.on_postgres
    def test_only_two_are_under_way(self, workspace: Workspace, alice: User, png: MediaFile) -> None:
        one, two = self.fixes(workspace, alice, 2)
        third = ask(png, alice)
        for busy in (one, two):
            assert Fix.objects.claim(busy.pk, seconds=30) is not None
        assert not run_fix(third.pk)
        assert (again(third).state, third.tries) == (FixState.WAITING, 0)
        cancel_fix(one)
        assert run_fix(third.pk)
        assert again(third).state == FixState.DONE

    @pytest.mark.on_postgres
    def test_only_two_are_handed_out(self, workspace: Workspace, alice: User, monkeypatch: Any) -> None:
        sent: list[tuple[str, Any]] = []
        monkeypatch.setattr(
            current_app.tasks["composer.tasks.fix_one"], "apply_async", lambda args, **_: sent.append(args)
        )
        fixes = self.fixes(workspace, alice, 4)
        assert work_due() == 2
        assert sent == [(str(fixes[0].pk),), (str(fixes[1].pk),)]
        assert work_due() == 0
        cancel_fix(fixes[0])
        assert work_due() == 1
