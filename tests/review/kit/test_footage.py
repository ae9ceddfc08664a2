"""The videos of the film, and how a length is read from the page."""

from pathlib import Path

import pytest

from composer.media.check import check_media
from composer.media.facts import VideoFacts
from review.kit.footage import seconds_in, write_long_video, write_video


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("1 min", 60), ("10 min", 600), ("45 s", 45), ("Videos up to 1 min 30 s", 90), ("60 min", 3600)],
)
def test_a_length_is_read(words: str, seconds: int) -> None:
    assert seconds_in(words) == seconds


@pytest.mark.parametrize("words", ["", "Videos up to", "12"])
def test_what_is_no_length_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="no length"):
        seconds_in(words)


def test_the_long_video_could_be_posted_by_somebody_who_may(tmp_path: Path) -> None:
    result = check_media(write_long_video(tmp_path, 61))
    assert (result.kind, result.faults) == ("video", ())
    assert isinstance(result.facts, VideoFacts)
    assert result.facts.duration_ms == pytest.approx(61_000, abs=50)


def test_the_video_to_post_could_be_posted(tmp_path: Path) -> None:
    path = write_video(tmp_path, "sunrise")
    assert path.name == "Sunrise over a stage.mp4"
    assert check_media(path).faults == ()
