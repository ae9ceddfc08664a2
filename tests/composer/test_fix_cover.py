"""An own cover picture: the file opens with it, whole and unstretched, and then plays as it did before."""

import io
from pathlib import Path

import pytest
from PIL import Image

from composer.media.facts import VideoFacts
from composer.media.fixing import FixError, make_fix
from composer.media.frames import read_frame
from composer.media.recipes import Recipe
from tests.composer.test_fix_video import loud_from
from tests.composer.test_frames import bar_at
from tests.media import cut, exif_of, make_video

pytestmark = pytest.mark.slow

GREEN = (20, 160, 60)


def make_cover(path: Path, size: tuple[int, int], **save: object) -> Path:
    Image.new("RGB", size, GREEN).save(path, **save)
    return path


def fix(source: Path, picture: Path, destination: Path) -> VideoFacts:
    result = make_fix(
        Recipe.COVER_PICTURE,
        source,
        destination,
        picture=picture,
        on_progress=lambda _: None,
        is_cancelled=lambda: False,
        timeout_s=60,
    )
    assert result.faults == ()
    assert isinstance(result.facts, VideoFacts)
    return result.facts


def pixel(path: Path, at_ms: int, at: tuple[int, int]) -> tuple[int, int, int]:
    with Image.open(io.BytesIO(read_frame(path, at_ms))) as picture:
        found = picture.getpixel(at)
    assert isinstance(found, tuple)
    return found  # type: ignore[return-value]


def is_green(found: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 14 for a, b in zip(found, GREEN, strict=True))


@pytest.mark.parametrize("codec", ["h264", "hevc", "mpeg4"])
def test_the_file_opens_with_the_picture_and_then_plays(video, tmp_path: Path, codec: str) -> None:
    source = video(codec=codec, seconds=2)
    before = source.read_bytes()
    out = tmp_path / "out.mp4"
    facts = fix(source, make_cover(tmp_path / "cover.jpg", (360, 640)), out)
    assert (facts.video_codec, facts.width, facts.height, facts.fps) == ("h264", 360, 640, 30.0)
    assert facts.duration_ms == pytest.approx(2300, abs=30)
    assert [is_green(pixel(out, at, (180, 170))) for at in (0, 150, 266)] == [True, True, True]
    assert [bar_at(read_frame(out, at)) for at in (300, 334, 800, 1300)] == [0, 1, 15, 30]
    assert loud_from(out) == pytest.approx(0.3, abs=0.03)
    assert source.read_bytes() == before


def test_a_video_without_sound_gets_none(video, tmp_path: Path) -> None:
    facts = fix(video(audio=False), make_cover(tmp_path / "c.png", (360, 640)), tmp_path / "out.mp4")
    assert facts.audio_codec == ""


@pytest.mark.parametrize(
    ("size", "green_at", "black_at"),
    [
        ((900, 900), [(5, 320), (355, 320), (180, 145), (180, 495)], [(180, 130), (180, 510)]),
        ((100, 400), [(180, 5), (180, 635), (105, 320), (255, 320)], [(90, 320), (270, 320)]),
        ((36, 64), [(5, 5), (355, 635)], []),
    ],
)
def test_the_whole_picture_is_shown_unstretched(
    video,
    tmp_path: Path,
    size: tuple[int, int],
    green_at: list[tuple[int, int]],
    black_at: list[tuple[int, int]],
) -> None:
    out = tmp_path / "out.mp4"
    fix(video(seconds=1), make_cover(tmp_path / "c.png", size), out)
    assert [at for at in green_at if not is_green(pixel(out, 0, at))] == []
    assert [at for at in black_at if max(pixel(out, 0, at)) > 24] == []


def test_a_turned_video_and_a_turned_picture_both_stand_upright(video, tmp_path: Path) -> None:
    cover = make_cover(tmp_path / "c.jpg", (360, 640), exif=exif_of(orientation=6))
    out = tmp_path / "out.mp4"
    facts = fix(video(rotation=90, seconds=1), cover, out)
    assert (facts.width, facts.height, facts.rotation) == (640, 360, 0)
    assert [is_green(pixel(out, 0, at)) for at in ((5, 5), (635, 355))] == [True, True]
    assert pixel(out, 500, (40, 20))[0] > 150


def test_the_rate_of_a_slow_video_is_mended_on_the_way(video, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    facts = fix(video(fps=15, seconds=2, audio=False), make_cover(tmp_path / "c.png", (360, 640)), out)
    assert facts.fps == 30.0
    assert [bar_at(read_frame(out, at)) for at in (300, 367, 1300)] == [0, 1, 15]


@pytest.mark.parametrize("broken", ["cut", "text", "video"])
def test_a_picture_that_cannot_be_read_makes_none(video, tmp_path: Path, broken: str) -> None:
    source = video(seconds=1)
    cover = tmp_path / "c.png"
    match broken:
        case "cut":
            Image.effect_noise((300, 300), 50).save(cover)
            cover = cut(cover, 0.5)
        case "text":
            cover.write_text("<svg/>")
        case _:
            make_video(cover, seconds=0.2)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FixError, match="The picture for the cover could not be read"):
        fix(source, cover, tmp_path / "out.mp4")
    assert sorted(tmp_path.iterdir()) == before
