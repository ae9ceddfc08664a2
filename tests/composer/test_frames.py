"""Single pictures out of a video: exactly the right one, upright, and only from what is a video."""

import io
import time
from pathlib import Path

import pytest
from PIL import Image

from composer.media import frames
from composer.media.frames import FrameError, read_filmstrip, read_frame
from composer.media.sandbox import program_of
from tests.media import cut, make_picture

BAR = 18  # its width in a picture of 360 pixels


def bar_at(jpeg: bytes, *, y: int = 170) -> int:
    """Which frame a picture shows: the white bar moves 7 pixels with each."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        row = picture.crop((0, y, picture.width, y + 1)).convert("L")
        left = next(x for x in range(picture.width) if row.getpixel((x, 0)) > 160)
    return round(left / 7)


@pytest.mark.parametrize(
    ("codec", "container"),
    [("h264", "mp4"), ("hevc", "mp4"), ("vp9", "webm"), ("mpeg4", "avi"), ("h264", "mkv"), ("av1", "mp4")],
)
@pytest.mark.parametrize(
    ("at_ms", "number"), [(0, 0), (32, 0), (33, 1), (66, 1), (67, 2), (500, 15), (999, 29), (1000, 30)]
)
def test_the_picture_at_or_before_the_moment(
    video, codec: str, container: str, at_ms: int, number: int
) -> None:
    path = video(codec=codec, container=container, audio=False, seconds=1.5)
    assert bar_at(read_frame(path, at_ms)) == number


@pytest.mark.parametrize("at_ms", [1467, 1500, 60_000, 10**12])
def test_beyond_the_end_it_is_the_last(video, at_ms: int) -> None:
    assert bar_at(read_frame(video(audio=False, seconds=1.5), at_ms)) == 44


def test_before_the_beginning_it_is_the_first(video) -> None:
    assert bar_at(read_frame(video(audio=False, seconds=1.5), -5)) == 0


@pytest.mark.parametrize(
    ("rotation", "size", "red_at"),
    [
        (0, (360, 640), (20, 40)),
        (90, (640, 360), (40, 20)),
        (180, (360, 640), (20, 600)),
        (270, (640, 360), (600, 20)),
    ],
)
def test_stands_upright(video, rotation: int, size: tuple[int, int], red_at: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(read_frame(video(rotation=rotation, seconds=1), 0))) as picture:
        found = picture.getpixel(red_at)
        assert picture.size == size
    assert found[0] > 150 > found[2]


def test_is_never_larger_than_asked_nor_enlarged(video) -> None:
    path = video(audio=False, seconds=1.5)
    sizes = []
    for side in (100, 960):
        with Image.open(io.BytesIO(read_frame(path, 0, max_side=side))) as picture:
            sizes.append(picture.size)
    assert sizes == [(56, 100), (360, 640)]


def test_a_strip_shows_the_middles_of_equal_parts(video) -> None:
    path = video(audio=False, seconds=1.5)
    with Image.open(io.BytesIO(read_filmstrip(path, count=5, max_side=640))) as strip:
        assert strip.size == (5 * 360, 640)
        found = []
        for number in range(5):
            part = io.BytesIO()
            strip.crop((number * 360, 0, (number + 1) * 360, 640)).save(part, "PNG")
            found.append(bar_at(part.getvalue()))
    # The middles of five parts of 1,500 ms at 30 pictures a second.
    assert found == [4, 13, 22, 31, 40]


def test_a_strip_is_small(video) -> None:
    with Image.open(io.BytesIO(read_filmstrip(video(audio=False, seconds=1.5)))) as strip:
        assert (strip.format, strip.size) == ("JPEG", (12 * 90, 160))


def test_a_picture_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(FrameError, match="no picture that we could read"):
        read_frame(make_picture(tmp_path / "a.mp4", "JPEG"), 0)


@pytest.mark.parametrize(
    "content", [b"", b"ffconcat version 1.0\nfile /etc/passwd\n", b"\x00\x00\x00\x18ftypmp42"]
)
def test_what_is_no_video_has_no_picture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    for read in (lambda: read_frame(path, 0), lambda: read_filmstrip(path)):
        with pytest.raises(FrameError, match="no picture that we could read"):
            read()


def test_a_file_without_its_end_shows_what_it_has(video) -> None:
    path = cut(video(audio=False, seconds=1.5), 0.7)
    assert 15 < bar_at(read_frame(path, 1400)) < 44


def test_a_file_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_frame(tmp_path / "gone.mp4", 0)


def test_time_has_an_end(video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_PROGRAM", "import time; time.sleep(60)")
    started = time.monotonic()
    with pytest.raises(FrameError, match="took too long"):
        read_frame(video(), 0, timeout_s=0.5)
    assert time.monotonic() - started < 5


def test_a_crash_is_no_picture(video, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_PROGRAM", "import os; os.kill(os.getpid(), 11)")
    with pytest.raises(FrameError, match="could not be read"):
        read_frame(video(), 0)


def test_the_child_is_the_one_that_takes_limits() -> None:
    assert program_of("composer.media.frame_child") == frames._PROGRAM
