"""The check in a child process: what it answers, and what it survives."""

import io
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from composer.media import check
from composer.media.check import check_media
from composer.media.sandbox import ROOT
from tests.media import cut


def codes(result: check.CheckResult) -> list[str]:
    return [fault.code for fault in result.faults]


def children() -> set[int]:
    """Processes of ours that are alive or not yet reaped."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"PPid:\t{os.getpid()}\n" in (entry / "status").read_text():
                found.add(int(entry.name))
        except OSError:
            continue
    return found


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch):
    """Put another program in the child's place; `LIMITS` in it takes on the real child's limits."""

    def put(source: str) -> None:
        limits = f"import sys; sys.path.insert(0, {ROOT!r}); "
        limits += "from composer.media.confine import limit_oneself; limit_oneself(int(sys.argv[2]))"
        monkeypatch.setattr(check, "_PROGRAM", source.replace("LIMITS", limits))

    return put


def test_a_good_video_passes_with_facts_and_poster(video) -> None:
    result = check_media(video())
    assert (result.is_ok, result.is_conclusive, result.faults, result.warnings) == (True, True, (), ())
    assert result.facts is not None
    assert (result.facts.video_codec, result.facts.duration_ms) == ("h264", 3000)
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as poster:
        assert (poster.format, poster.size) == ("JPEG", (304, 540))
        # Red above, blue below.
        top, bottom = poster.getpixel((150, 40)), poster.getpixel((150, 500))
    assert top[0] > 150 > top[2]
    assert bottom[2] > 150 > bottom[0]


@pytest.mark.parametrize(
    ("rotation", "red_at", "blue_at"),
    [
        (90, (40, 150), (500, 150)),
        (270, (500, 150), (40, 150)),
        (180, (150, 500), (150, 40)),
    ],
)
def test_the_poster_stands_upright(video, rotation: int, red_at, blue_at) -> None:
    result = check_media(video(rotation=rotation, seconds=1))
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as poster:
        assert poster.width <= 960
        assert poster.height <= 540
        red, blue = poster.getpixel(red_at), poster.getpixel(blue_at)
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]


def test_a_wrong_codec_is_a_fault_and_the_facts_are_there(video) -> None:
    result = check_media(video(codec="av1", seconds=1))
    assert codes(result) == ["video_codec"]
    assert result.facts is not None
    assert result.facts.video_codec == "av1"
    assert [warning.code for warning in result.warnings] == ["short"]


def test_a_cut_off_video_is_refused(video) -> None:
    assert codes(check_media(cut(video(), 0.5))) == ["cut_off"]


@pytest.mark.parametrize(
    "name", ["concat:a|b.mp4", "-i.mp4", "a b'\";$(touch x).mp4", "ünïcode 🎬.mp4", "http:/x.mp4"]
)
def test_a_name_is_only_a_name(video, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(video(), path)
    assert check_media(path).is_ok


def test_works_from_many_threads_at_once(video) -> None:
    paths = [video(), cut(video(), 0.5)] * 3
    with ThreadPoolExecutor(4) as pool:
        assert [codes(result) for result in pool.map(check_media, paths)] == [[], ["cut_off"]] * 3


def test_the_child_inherits_no_secret(program, video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    program("import os, json; print(json.dumps({'refusal': 'empty', 'kind': ','.join(sorted(os.environ))}))")
    answer = check._ask_child(video(), 20)
    assert set(answer["kind"].split(",")) <= {"LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"}


def test_the_child_stands_alone(program, video) -> None:
    program(
        "import os, sys, json; seen = [os.getcwd(), sys.stdin.read(), os.getsid(0) == os.getpid(), "
        "sys.flags.isolated, sorted(int(f) for f in os.listdir('/proc/self/fd'))[:3]]; "
        "print(json.dumps({'refusal': 'empty', 'kind': seen}))"
    )
    assert check._ask_child(video(), 20)["kind"] == ["/", "", True, 1, [0, 1, 2]]


def test_the_child_cannot_write_files(program, video, tmp_path: Path) -> None:
    target = tmp_path / "written"
    program(
        f"LIMITS\nimport json\ntry:\n f = open({str(target)!r}, 'w')\n f.write('x')\n f.close()\n"
        " found = 'wrote'\n"
        "except OSError as error:\n found = error.errno\n"
        "print(json.dumps({'refusal': 'empty', 'kind': found}))"
    )
    assert check._ask_child(video(), 20)["kind"] == 27  # EFBIG


def test_memory_without_end_is_a_failed_check(program, video) -> None:
    program("LIMITS\nx = bytearray(4 * 1024**3)\nprint('{}')")
    result = check_media(video())
    assert (codes(result), result.is_conclusive) == (["check_failed"], False)


def test_a_hanging_child_is_ended_and_reaped(program, video) -> None:
    before = children()
    program("import time; time.sleep(60)")
    started = time.monotonic()
    result = check_media(video(), timeout_s=0.5)
    assert time.monotonic() - started < 5
    assert (codes(result), result.is_conclusive) == (["check_timed_out"], False)
    assert children() == before


def test_a_child_that_answers_and_then_hangs_is_ended(program, video) -> None:
    before = children()
    program("import os, time; os.write(1, b'{}'); os.close(1); time.sleep(60)")
    assert codes(check_media(video(), timeout_s=0.5)) == ["check_timed_out"]
    assert children() == before


def test_processor_time_has_an_end_of_its_own(program, video) -> None:
    program(
        f"import sys; sys.path.insert(0, {ROOT!r}); from composer.media.confine import limit_oneself\n"
        "limit_oneself(1)\nimport signal\nsignal.alarm(0)\nwhile True: pass"
    )
    started = time.monotonic()
    result = check_media(video(), timeout_s=60)
    assert codes(result) == ["check_timed_out"]
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.kill(os.getpid(), 11)",
        "raise SystemExit(3)",
        "print('not json')",
        "print('[]')",
        "print('{}')",
        'print(\'{"refusal": "because", "kind": "mp4"}\')',
        'print(\'{"media": "video", "facts": {}, "poster": null}\')',
        'print(\'{"media": "photo", "facts": {}, "poster": null}\')',
        "import sys; sys.stdout.write('x' * 10_000_000)",
        "",
    ],
)
def test_a_crash_or_nonsense_is_a_failed_check(program, video, source: str) -> None:
    before = children()
    program(source)
    result = check_media(video())
    assert (codes(result), result.facts, result.is_conclusive) == (["check_failed"], None, False)
    assert children() == before


@pytest.mark.parametrize(
    ("container", "codec", "fix"),
    [("mkv", "h264", "video_mp4"), ("avi", "mpeg4", "video_mp4"), ("mov", "h264", None)],
)
def test_a_video_that_a_recipe_mends_names_it(video, container: str, codec: str, fix: str | None) -> None:
    result = check_media(video(container=container, codec=codec, audio=False))
    assert (result.kind, result.fix, result.is_ok) == ("video", fix, fix is None)


def test_one_fault_that_no_recipe_mends_leaves_none(video) -> None:
    result = check_media(cut(video(container="mkv", codec="vp9", audio=False), 0.8))
    assert ("cut_off" in codes(result), result.fix) == (True, None)


def test_what_is_neither_video_nor_photo_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"%PDF-1.7\n")
    (fault,) = check_media(path).faults
    assert (fault.code, fault.text) == ("not_media", "This is a PDF document, not a video or a photo.")


GOOD_ANSWER = {
    "container": "mp4",
    "video_codec": "h264",
    "audio_codec": "",
    "width": 360,
    "height": 640,
    "rotation": 0,
    "fps": 30,
    "duration_ms": 3000,
    "size_bytes": 1000,
    "is_complete": True,
    "has_foreign_data": False,
    "is_decodable": True,
}


def test_facts_from_the_child_are_taken_as_they_should_be(program, video) -> None:
    program(f"import json; print(json.dumps({{'media': 'video', 'facts': {GOOD_ANSWER!r}, 'poster': None}}))")
    assert check_media(video()).is_ok


@pytest.mark.parametrize(
    "change",
    [
        {"container": "exe"},
        {"video_codec": "<script>"},
        {"video_codec": "x" * 31},
        {"video_codec": ""},
        {"width": "360"},
        {"width": -1},
        {"width": 10**30},
        {"is_complete": 1},
        {"fps": float("nan")},
    ],
)
def test_facts_that_cannot_be_are_a_failed_check(program, video, change: dict[str, object]) -> None:
    facts = GOOD_ANSWER | change
    program(
        "import json; nan = float('nan'); "
        f"print(json.dumps({{'media': 'video', 'facts': {facts!r}, 'poster': None}}))"
    )
    assert codes(check_media(video())) == ["check_failed"]


GOOD_PHOTO = {
    "container": "jpeg",
    "width": 400,
    "height": 600,
    "orientation": 1,
    "size_bytes": 1000,
    "colours": "srgb",
    "is_complete": True,
    "is_decodable": True,
    "is_animated": False,
    "is_transparent": False,
    "has_location": False,
    "has_extras": False,
    "has_foreign_data": False,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"container": "mp4"}, ["check_failed"]),
        ({"orientation": 9}, ["check_failed"]),
        ({"colours": "<b>"}, ["check_failed"]),
        ({"has_location": "no"}, ["check_failed"]),
    ],
)
def test_facts_of_a_photo_are_held_to_what_can_be(program, video, change, expected) -> None:
    facts = GOOD_PHOTO | change
    program(f"import json; print(json.dumps({{'media': 'photo', 'facts': {facts!r}, 'poster': None}}))")
    assert codes(check_media(video())) == expected


@pytest.mark.parametrize("poster", ["PHNjcmlwdD4=", "%%%", 7])
def test_a_poster_that_is_no_jpeg_is_a_failed_check(program, video, poster: object) -> None:
    program(
        f"import json; print(json.dumps({{'media': 'video', 'facts': {GOOD_ANSWER!r}, 'poster': {poster!r}}}))"
    )
    assert codes(check_media(video())) == ["check_failed"]


def test_a_killed_parent_leaves_no_child_for_long(video) -> None:
    """The child's own clock ends it."""
    source = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from composer.media.confine import limit_oneself\nlimit_oneself(0)\nimport time; time.sleep(60)"
    )
    pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-c", source], {})
    started = time.monotonic()
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) in {14, 24, 9}
    assert time.monotonic() - started < 20


def test_a_file_of_the_largest_size_fits_into_the_childs_memory(video) -> None:
    result = check_media(video(codec="hevc", width=4096, height=4096, fps=23, seconds=0.13, audio=False))
    assert (codes(result), result.poster_jpeg is not None) == ([], True)


def test_a_child_starts_without_the_web_framework(program, video) -> None:
    program(
        f"import sys, json; sys.path.insert(0, {ROOT!r}); import composer.media.poster; "
        "loaded = {name.split('.')[0] for name in sys.modules}; "
        "found = sorted(loaded & {'django', 'celery', 'numpy', 'httpx'}); "
        "print(json.dumps({'refusal': 'empty', 'kind': found}))"
    )
    assert check._ask_child(video(), 20)["kind"] == []
