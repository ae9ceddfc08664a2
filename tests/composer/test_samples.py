"""The sample clips: they pass our own checks, look alike every time, and move."""

import hashlib
from pathlib import Path

import pytest

from composer.media.check import check_media
from composer.media.facts import VideoFacts
from composer.media.samples import (
    LONG_SAMPLE,
    SAMPLE_PHOTOS,
    SAMPLES,
    Sample,
    SamplePhoto,
    write_sample,
    write_sample_photo,
)
from composer.media.scenes import HEIGHT, WIDTH

pytestmark = pytest.mark.slow


def test_there_are_three_with_their_own_names() -> None:
    assert [sample.name for sample in SAMPLES] == ["lamp", "sunrise", "waves"]
    assert len({sample.title for sample in SAMPLES}) == 3


@pytest.mark.parametrize("sample", [*SAMPLES, LONG_SAMPLE], ids=lambda sample: sample.name)
def test_a_sample_could_be_posted_as_it_is(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / f"{sample.name}.mp4"
    write_sample(sample, path)
    result = check_media(path)
    assert (result.faults, result.warnings) == ((), ())
    assert result.facts == VideoFacts(
        container="mp4",
        video_codec="h264",
        audio_codec="aac",
        width=540,
        height=960,
        rotation=0,
        fps=30.0,
        duration_ms=sample.seconds * 1000,
        size_bytes=path.stat().st_size,
        is_complete=True,
        has_foreign_data=False,
        is_decodable=True,
    )
    assert result.poster_jpeg is not None
    data = path.read_bytes()
    # The table of contents first: the preview plays before all of it is there.
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_sample_is_the_same_every_time(tmp_path: Path) -> None:
    sample = SAMPLES[0]
    seen = set()
    for number in range(2):
        path = tmp_path / f"{number}.mp4"
        write_sample(sample, path)
        seen.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(seen) == 1


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_scene_fills_the_picture_and_moves(sample: Sample) -> None:
    scene = sample.set_up()
    pictures = [scene(seconds) for seconds in (0.0, 1.0, 2.0, 4.5)]
    assert {picture.size for picture in pictures} == {(WIDTH, HEIGHT)}
    assert len({picture.tobytes() for picture in pictures}) == 4


@pytest.mark.parametrize("photo", SAMPLE_PHOTOS, ids=lambda photo: photo.name)
def test_a_sample_photo_could_be_posted_as_it_is(photo: SamplePhoto, tmp_path: Path) -> None:
    paths = [tmp_path / "first.jpg", tmp_path / "second.jpg"]
    for path in paths:
        write_sample_photo(photo, path)
    result = check_media(paths[0])
    assert (result.kind, result.faults, result.warnings, result.fix) == ("photo", (), (), None)
    assert result.poster_jpeg is not None
    assert paths[0].read_bytes() == paths[1].read_bytes()
