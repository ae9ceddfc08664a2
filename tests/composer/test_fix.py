"""A fix under way: told, cancelled, out of time, crashed; whatever happens, nothing half-made stays."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from composer.media import fixing
from composer.media.fixing import FAILURES, FixCancelledError, FixError, make_fix
from composer.media.recipes import Recipe
from composer.media.sandbox import ROOT
from tests.composer.test_check import children
from tests.media import make_picture, make_video

pytestmark = pytest.mark.slow


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch):
    """Put another program in the child's place. Its arguments: recipe, source, destination, seconds, picture."""

    def put(source: str) -> None:
        monkeypatch.setattr(fixing, "_PROGRAM", f"import sys, os, json, time; {source}")

    return put


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_picture(tmp_path / "a.png", "PNG")


def fix(
    source: Path, *, recipe: Recipe = Recipe.PHOTO_JPEG, timeout_s: float = 30, **watch: object
) -> object:
    watchers = {"on_progress": lambda _: None, "is_cancelled": lambda: False} | watch
    return make_fix(recipe, source, source.parent / "b", timeout_s=timeout_s, **watchers)  # type: ignore[arg-type]


def left(source: Path) -> list[str]:
    return sorted(path.name for path in source.parent.iterdir())


def test_progress_grows_to_one(tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mp4", codec="mpeg4", seconds=20)
    told: list[float] = []
    fix(video, recipe=Recipe.VIDEO_MP4, on_progress=told.append)
    assert len(told) >= 3
    assert told == sorted(set(told))
    assert (0 <= told[0] < 1, told[-1]) == (True, 1.0)
    assert left(video) == ["a.mp4", "b"]


def test_cancelling_stops_within_a_second(tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mp4", codec="mpeg4", width=1920, height=1080, seconds=2, audio=False)
    before = children()
    cancelled_at: list[float] = []

    def cancel(progress: float) -> None:
        cancelled_at.append(time.monotonic())

    with pytest.raises(FixCancelledError):
        fix(video, recipe=Recipe.VIDEO_MP4, on_progress=cancel, is_cancelled=lambda: bool(cancelled_at))
    assert time.monotonic() - cancelled_at[0] < 1
    assert left(video) == ["a.mp4"]
    assert children() == before


def test_a_child_that_says_nothing_is_cancelled_too(program, source: Path) -> None:
    program("open(sys.argv[3], 'w').write('half'); time.sleep(60)")
    before, started = children(), time.monotonic()
    with pytest.raises(FixCancelledError):
        fix(source, is_cancelled=lambda: time.monotonic() - started > 0.6)
    assert time.monotonic() - started < 2
    assert left(source) == ["a.png"]
    assert children() == before


def test_time_has_an_end(program, source: Path) -> None:
    program("open(sys.argv[3], 'w').write('half'); time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(FixError, match="took too long and was stopped"):
        fix(source, timeout_s=0.6)
    assert time.monotonic() - started < 5
    assert left(source) == ["a.png"]


@pytest.mark.parametrize(
    "child",
    [
        "os.kill(os.getpid(), 11)",
        "raise SystemExit(3)",
        "print('{\"progress\": 0.5}')",
        "print('no json')",
        "print('[]')",
        "",
    ],
)
def test_a_crash_or_nonsense_leaves_nothing(program, source: Path, child: str) -> None:
    program(f"open(sys.argv[3], 'w').write('half'); {child}")
    with pytest.raises(FixError, match="stopped in the middle"):
        fix(source)
    assert left(source) == ["a.png"]


@pytest.mark.parametrize("word", sorted(FAILURES))
def test_every_failure_has_its_own_sentence(program, source: Path, word: str) -> None:
    program(f"print(json.dumps({{'failure': {word!r}}}))")
    with pytest.raises(FixError) as caught:
        fix(source)
    assert str(caught.value) == FAILURES[word]
    assert str(caught.value).endswith(".")
    assert left(source) == ["a.png"]


def test_a_result_that_does_not_pass_is_no_result(program, source: Path) -> None:
    program("import shutil; shutil.copy(sys.argv[2], sys.argv[3]); print('{\"done\": true}')")
    with pytest.raises(FixError, match="stopped in the middle"):
        fix(source)
    assert left(source) == ["a.png"]


@pytest.mark.parametrize("watcher", ["on_progress", "is_cancelled"])
def test_what_a_watcher_raises_ends_the_work(program, source: Path, watcher: str) -> None:
    program("print('{\"progress\": 0.5}', flush=True); open(sys.argv[3], 'w').write('half'); time.sleep(60)")

    def fail(*_: object) -> bool:
        raise LookupError("the row is gone")

    before = children()
    with pytest.raises(LookupError, match="the row is gone"):
        fix(source, **{watcher: fail})
    assert left(source) == ["a.png"]
    assert children() == before


def test_what_a_watcher_raises_at_the_very_end_leaves_nothing_either(source: Path) -> None:
    def fail(progress: float) -> None:
        if progress == 1.0:
            raise LookupError("the row is gone")

    with pytest.raises(LookupError):
        fix(source, on_progress=fail)
    assert left(source) == ["a.png"]


def test_what_stood_at_the_destination_stays_when_a_fix_fails(program, source: Path) -> None:
    (source.parent / "b").write_bytes(b"older")
    program("raise SystemExit(3)")
    with pytest.raises(FixError):
        fix(source)
    assert (source.parent / "b").read_bytes() == b"older"


def test_a_source_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fix(tmp_path / "gone.png")


def test_a_cover_needs_a_picture_and_nothing_else_takes_one(source: Path) -> None:
    with pytest.raises(ValueError, match="ingredient"):
        fix(source, recipe=Recipe.COVER_PICTURE)
    with pytest.raises(ValueError, match="ingredient"):
        fix(source, picture=source)


def test_the_child_gives_up_what_it_does_not_need(program, source: Path) -> None:
    program(
        f"sys.path.insert(0, {ROOT!r})\n"
        "from composer.media import fix_child\n"
        "import resource as r\n"
        "def look(*_):\n"
        "    found = [os.nice(0), *(r.getrlimit(what)[0] for what in (r.RLIMIT_CPU, r.RLIMIT_AS, r.RLIMIT_FSIZE)),"
        " sorted(os.environ)]\n"
        "    open('/dev/stdout', 'w').write(json.dumps({'failure': 'unreadable', 'found': found}) + '\\n')\n"
        "    os._exit(0)\n"
        "fix_child.make = look\n"
        "fix_child.main(*sys.argv[1:])"
    )
    heard: list[bytes] = []
    listen = fixing._Listener.hear

    class Listener(fixing._Listener):
        def hear(self, block: bytes) -> None:
            heard.append(block)
            listen(self, block)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixing, "_Listener", Listener)
        with pytest.raises(FixError):
            fix(source, timeout_s=30)
    nice, cpu, memory, size, environment = json.loads(b"".join(heard))["found"]
    assert nice >= min(19, os.nice(0) + 10)
    assert (cpu, memory, size) == (60, 2 * 1024**3, 20 * 1024**2)
    assert set(environment) <= {"LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"}


def test_the_work_of_a_killed_parent_ends_by_itself(tmp_path: Path) -> None:
    """Telling its progress fails when nobody listens any more."""
    video = make_video(tmp_path / "a.mp4", codec="mpeg4", width=1920, height=1080, seconds=6, audio=False)
    program = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from pathlib import Path\nfrom composer.media.fixing import make_fix\n"
        "from composer.media.recipes import Recipe\n"
        f"make_fix(Recipe.VIDEO_MP4, Path({str(video)!r}), Path({str(tmp_path / 'b')!r}), "
        "on_progress=lambda p: print(p, flush=True), is_cancelled=lambda: False, timeout_s=60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    part = tmp_path / "b.part"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_open(part):
        time.sleep(0.1)
    assert not _is_open(part)
    assert not (tmp_path / "b").exists()


def _is_open(path: Path) -> bool:
    """Whether any process still writes to a file."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == path:
                return True
        except OSError:
            continue
    return False
