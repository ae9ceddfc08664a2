"""What becomes of good and bad files, looked at for real."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.media import cut, make_picture, make_sound, make_video
from tests.processes import Simulator
from tests.simulator.speaking import Phone, noise


def outcome(poppy: Phone, path: Path) -> str:
    """The fail_reason of a file, "" when it lands."""
    publish_id = poppy.post(path.read_bytes())
    state = poppy.state_of(publish_id)
    assert state["status"] == ("FAILED" if state["fail_reason"] else "PUBLISH_COMPLETE")
    return str(state["fail_reason"])


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "h264"), ("mov", "h264"), ("mp4", "hevc"), ("webm", "vp8"), ("webm", "vp9")],
)
def test_every_format_tiktok_names_lands(poppy: Phone, tmp_path: Path, container: str, codec: str) -> None:
    path = make_video(tmp_path / f"film.{container}", container=container, codec=codec, seconds=1)
    assert outcome(poppy, path) == ""


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"codec": "mpeg4"}, "file_format_check_failed"),
        ({"container": "mkv"}, "file_format_check_failed"),
        ({"container": "avi"}, "file_format_check_failed"),
        ({"fps": 15}, "frame_rate_check_failed"),
        ({"fps": 75}, "frame_rate_check_failed"),
        ({"fps": 23}, ""),
        ({"fps": Fraction(24000, 1001)}, ""),
        ({"fps": 60}, ""),
        ({"width": 358}, "picture_size_check_failed"),
        ({"width": 4098, "height": 360}, "picture_size_check_failed"),
        ({"width": 4096, "height": 360}, ""),
        ({"seconds": 0.5}, "duration_check_failed"),
    ],
)
def test_every_limit(poppy: Phone, tmp_path: Path, details: dict[str, Any], reason: str) -> None:
    details = {"seconds": 1} | details
    container = details.get("container", "mp4")
    assert outcome(poppy, make_video(tmp_path / f"film.{container}", **details)) == reason


def test_the_shortest_length_is_a_switch(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(min_video_seconds=3)
    assert poppy.state_of(poppy.post(film))["fail_reason"] == "duration_check_failed"
    simulator.switch(min_video_seconds=0)
    assert poppy.state_of(poppy.post(film))["fail_reason"] == ""


def test_the_longest_length_is_the_creators(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.creator("poppy.public", max_seconds=2)
    assert poppy.state_of(poppy.post(film))["fail_reason"] == ""
    simulator.creator("poppy.public", max_seconds=1)
    assert poppy.state_of(poppy.post(film))["fail_reason"] == "duration_check_failed"


@pytest.mark.parametrize("container", ["mp4", "mov", "webm"])
def test_a_cut_off_file_fails(poppy: Phone, tmp_path: Path, container: str) -> None:
    codec = "vp9" if container == "webm" else "h264"
    path = make_video(tmp_path / f"film.{container}", container=container, codec=codec, seconds=4)
    assert outcome(poppy, cut(path, 0.5)) == "file_format_check_failed"


def test_an_unfaststarted_file_without_its_end_fails(poppy: Phone, tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", options={}, seconds=1)
    assert outcome(poppy, path) == ""
    assert outcome(poppy, cut(path, 0.9)) == "file_format_check_failed"


def test_no_picture_no_film_no_sense(poppy: Phone, tmp_path: Path) -> None:
    assert outcome(poppy, make_sound(tmp_path / "sound.mp4")) == "file_format_check_failed"
    assert outcome(poppy, make_picture(tmp_path / "still.mp4", "JPEG")) == "file_format_check_failed"
    (tmp_path / "noise.mp4").write_bytes(noise(5000))
    assert outcome(poppy, tmp_path / "noise.mp4") == "file_format_check_failed"
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile /etc/hostname\n")
    assert outcome(poppy, tmp_path / "list.mp4") == "file_format_check_failed"
    (tmp_path / "byte.mp4").write_bytes(b"x")
    assert outcome(poppy, tmp_path / "byte.mp4") == "file_format_check_failed"
