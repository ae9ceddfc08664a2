"""Videos made fit for TikTok: what comes out passes, looks and sounds as before, and stays in step."""

import io
import math
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from composer.media.check import CheckResult, check_media
from composer.media.facts import VideoFacts
from composer.media.fixing import FixError, make_fix
from composer.media.frames import read_frame
from composer.media.recipes import Recipe
from tests.composer.test_frames import bar_at
from tests.media import cut, make_picture, make_video

pytestmark = pytest.mark.slow


def fix(source: Path, destination: Path) -> CheckResult:
    return make_fix(
        Recipe.VIDEO_MP4,
        source,
        destination,
        on_progress=lambda _: None,
        is_cancelled=lambda: False,
        timeout_s=60,
    )


def facts_of(result: CheckResult) -> VideoFacts:
    assert isinstance(result.facts, VideoFacts)
    return result.facts


def top_boxes(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4])
    return found


@pytest.mark.parametrize(
    ("wanted", "sides", "fps"),
    [
        ({"codec": "av1"}, (360, 640), 30),
        ({"codec": "mpeg4"}, (360, 640), 30),
        ({"codec": "prores_ks", "container": "mov", "pixel_format": "yuv422p10le"}, (360, 640), 30),
        ({"codec": "mpeg4", "container": "avi", "audio": False}, (360, 640), 30),
        ({"codec": "png", "container": "avi", "audio": False, "pixel_format": "rgb24"}, (360, 640), 30),
        ({"codec": "mjpeg", "container": "avi", "audio": False, "pixel_format": "yuvj420p"}, (360, 640), 30),
        ({"codec": "vp9", "container": "mkv"}, (360, 640), 30),
        ({"codec": "h264", "container": "avi", "audio": False}, (360, 640), 30),
        ({"fps": 15}, (360, 640), 30),
        ({"fps": 120}, (360, 640), 60),
        ({"codec": "mpeg4", "fps": Fraction(30000, 1001)}, (360, 640), 29.97),
        ({"width": 200, "height": 300}, (360, 540), 30),
        ({"codec": "mpeg4", "width": 1200, "height": 50, "seconds": 1}, (4096, 360), 30),
        ({"codec": "av1", "rotation": 90}, (640, 360), 30),
        ({"codec": "mpeg4", "audio": False}, (360, 640), 30),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)
def test_what_comes_out_passes(
    video, tmp_path: Path, wanted: dict, sides: tuple[int, int], fps: float
) -> None:
    source = video(**({"seconds": 3} | wanted))
    before = source.read_bytes()
    seconds = wanted.get("seconds", 3)
    result = fix(source, tmp_path / "out.mp4")
    facts = facts_of(result)
    assert (result.faults, result.fix) == ((), None)
    assert (facts.container, facts.video_codec) == ("mp4", "h264")
    assert facts.audio_codec == ("aac" if wanted.get("audio", True) else "")
    assert (facts.width, facts.height, facts.rotation) == (*sides, 0)
    assert facts.fps == pytest.approx(fps, abs=0.01)
    assert facts.duration_ms == pytest.approx(seconds * 1000, abs=40)
    assert source.read_bytes() == before
    assert top_boxes(tmp_path / "out.mp4")[:2] == [b"ftyp", b"moov"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_is_stored_as_every_player_wants_it(video, tmp_path: Path) -> None:
    fix(
        video(codec="prores_ks", container="mov", pixel_format="yuv422p10le", seconds=1), tmp_path / "out.mp4"
    )
    with av.open(str(tmp_path / "out.mp4")) as made:
        context, sound = made.streams.video[0].codec_context, made.streams.audio[0].codec_context
        assert (context.profile, context.pix_fmt) == ("High", "yuv420p")
        assert (sound.sample_rate, sound.layout.name) == (48_000, "stereo")


def test_shows_the_same_picture_at_the_same_time(video, tmp_path: Path) -> None:
    fix(video(codec="mpeg4", seconds=2), tmp_path / "out.mp4")
    assert [bar_at(read_frame(tmp_path / "out.mp4", at_ms)) for at_ms in (0, 34, 500, 1000, 1667)] == [
        0,
        1,
        15,
        30,
        50,
    ]


@pytest.mark.parametrize(
    ("fps", "moments"), [(15, {0: 0, 33: 0, 67: 1, 1000: 15}), (120, {0: 0, 17: 2, 500: 60})]
)
def test_a_changed_rate_keeps_the_time(video, tmp_path: Path, fps: int, moments: dict[int, int]) -> None:
    source = video(fps=fps, seconds=1.5, audio=False, width=1400, height=640)
    fix(source, tmp_path / "out.mp4")
    found = {at: bar_at(read_frame(tmp_path / "out.mp4", at, max_side=4000)) for at in moments}
    assert found == moments


@pytest.mark.parametrize(
    ("rotation", "red_at", "blue_at"),
    [(90, (40, 20), (600, 20)), (180, (20, 600), (20, 40)), (270, (600, 20), (40, 20))],
)
def test_stands_upright_by_itself(video, tmp_path: Path, rotation: int, red_at, blue_at) -> None:
    fix(video(codec="mpeg4", rotation=rotation, seconds=1), tmp_path / "out.mp4")
    with Image.open(io.BytesIO(read_frame(tmp_path / "out.mp4", 0))) as picture:
        red, blue = picture.getpixel(red_at), picture.getpixel(blue_at)
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]


@pytest.mark.parametrize("pixel_format", ["rgb24", "rgba"])
def test_colours_stay(video, tmp_path: Path, pixel_format: str) -> None:
    source = video(codec="png", container="avi", audio=False, pixel_format=pixel_format, seconds=0.5)
    fix(source, tmp_path / "out.mp4")
    for path in (source, tmp_path / "out.mp4"):
        with Image.open(io.BytesIO(read_frame(path, 0))) as picture:
            for at, wanted in (((300, 50), (200, 30, 30)), ((300, 600), (30, 30, 200))):
                assert all(abs(a - b) < 12 for a, b in zip(picture.getpixel(at), wanted, strict=True))


def loud_from(path: Path) -> float:
    """When sound begins, in seconds from the beginning of the file."""
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            samples = memoryview(frame.planes[0]).cast("f")
            for number in range(frame.samples):
                if abs(samples[number]) > 0.01:
                    return float(frame.pts * frame.time_base) + number / frame.sample_rate
    return math.inf


def loudness(path: Path) -> list[float]:
    """The mean level of each channel in the middle of a file."""
    sums, count = [0.0, 0.0], 0
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            if frame.time < 0.5:
                continue
            count += frame.samples
            for channel in range(2):
                samples = memoryview(frame.planes[channel]).cast("f")
                sums[channel] += sum(abs(samples[n]) for n in range(frame.samples))
    return [total / count for total in sums]


def test_one_channel_is_heard_on_both_sides_as_loud_as_before(video, tmp_path: Path) -> None:
    fix(video(codec="mpeg4", seconds=1.5), tmp_path / "out.mp4")
    # A sine of 2000 / 32768: its mean level is two pi-ths of that.
    assert loudness(tmp_path / "out.mp4") == pytest.approx([2000 / 32768 * 2 / math.pi] * 2, rel=0.05)


@pytest.mark.parametrize("late", [0.0, 0.5])
def test_sound_begins_when_it_began(tmp_path: Path, late: float) -> None:
    source = make_video(tmp_path / "a.mkv", codec="mpeg4", container="mkv", seconds=2, sound_after=late)
    fix(source, tmp_path / "out.mp4")
    assert loud_from(tmp_path / "out.mp4") == pytest.approx(late, abs=0.03)


def test_pictures_that_begin_late_keep_their_place(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.mkv", codec="mpeg4", container="mkv", seconds=1.5, pictures_after=0.5)
    fix(source, tmp_path / "out.mp4")
    assert loud_from(tmp_path / "out.mp4") == pytest.approx(0, abs=0.03)
    assert [bar_at(read_frame(tmp_path / "out.mp4", at)) for at in (0, 490, 1000)] == [0, 0, 15]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("rotation", [0, 90])
def test_a_wrong_container_alone_costs_no_quality(video, tmp_path: Path, codec: str, rotation: int) -> None:
    source = video(container="mkv", codec=codec, rotation=rotation)
    facts = facts_of(fix(source, tmp_path / "out.mp4"))
    assert (facts.container, facts.video_codec, facts.audio_codec) == ("mp4", codec, "aac")
    with av.open(str(source)) as a, av.open(str(tmp_path / "out.mp4")) as b:
        sizes = [[packet.size for packet in file.demux(video=0) if packet.size] for file in (a, b)]
        tag = b.streams.video[0].codec_context.codec_tag
    assert sizes[0] == sizes[1]
    assert tag in {"avc1", "hvc1"}
    assert (facts.width, facts.height) == ((640, 360) if rotation else (360, 640))
    if not rotation:
        assert bar_at(read_frame(tmp_path / "out.mp4", 500)) == 15


def test_titles_and_places_are_left_out(tmp_path: Path) -> None:
    source = make_video(
        tmp_path / "a.mkv",
        container="mkv",
        seconds=1,
        metadata={"title": "At home", "location": "+52.5+013.4/"},
    )
    fix(source, tmp_path / "out.mp4")
    made = (tmp_path / "out.mp4").read_bytes()
    assert (b"At home" in made, b"+52.5" in made) == (False, False)


def test_hdr_becomes_what_every_screen_shows(tmp_path: Path) -> None:
    source = make_video(
        tmp_path / "a.mp4", codec="hevc", pixel_format="yuv420p10le", fps=15, seconds=0.5, hdr=True
    )
    fix(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as made:
        context = made.streams.video[0].codec_context
        assert (context.pix_fmt, context.color_trc, context.color_primaries) == ("yuv420p", 1, 1)


@pytest.mark.parametrize("fraction", [0.3, 0.9])
def test_half_a_video_that_shows_nothing_makes_none(tmp_path: Path, fraction: float) -> None:
    source = make_video(tmp_path / "a.mp4", codec="mpeg4", seconds=1, options={})
    short = cut(source, fraction)
    with pytest.raises(FixError, match="could not be read"):
        fix(short, tmp_path / "out.mp4")
    assert sorted(tmp_path.iterdir()) == sorted([source, short])


def test_a_photo_is_no_video(tmp_path: Path) -> None:
    source = make_picture(tmp_path / "a.mp4", "PNG")
    with pytest.raises(FixError, match="could not be read"):
        fix(source, tmp_path / "out.mp4")


@pytest.mark.slow
def test_the_largest_source_fits_into_the_childs_memory(tmp_path: Path) -> None:
    source = make_video(
        tmp_path / "a.mp4", codec="hevc", width=8192, height=4320, fps=10, seconds=0.3, audio=False
    )
    assert check_media(source).fix == Recipe.VIDEO_MP4
    facts = facts_of(fix(source, tmp_path / "out.mp4"))
    assert (facts.width, facts.height) == (4096, 2160)


def make_interlaced(path: Path, codec: str, options: dict[str, str], *, pictures: int = 60) -> Path:
    """A white bar on black that has moved on between the even and the odd lines of each picture."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 360, 480, "yuv420p"
        odd_lines = Image.frombytes("L", (360, 480), (bytes(360) + b"\xff" * 360) * 240)
        for number in range(pictures):
            earlier, later = (Image.new("RGB", (360, 480)) for _ in range(2))
            for field, moment in enumerate((earlier, later)):
                left = 20 + 8 * number % 200 + 12 * field
                ImageDraw.Draw(moment).rectangle((left, 0, left + 60, 480), fill="white")
            drawn = Image.composite(later, earlier, odd_lines)
            out.mux(stream.encode(av.VideoFrame.from_image(drawn).reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    return path


def combing(path: Path) -> float:
    """How much neighbouring lines differ in the middle of the film, 0 to 255."""
    grey = Image.open(io.BytesIO(read_frame(path, 1000))).convert("L")
    below = grey.crop((0, 1, grey.width, grey.height))
    difference = ImageChops.difference(grey.crop((0, 0, grey.width, grey.height - 1)), below)
    return ImageStat.Stat(difference).mean[0]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("camcorder.avi", "mpeg4", {"flags": "+ildct+ilme", "top": "1"}),
        ("recorder.mkv", "libx264", {"x264-params": "tff=1", "preset": "ultrafast"}),
    ],
)
def test_interlaced_pictures_are_made_whole(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    """Also where the pictures could have been copied as they are."""
    source = make_interlaced(tmp_path / name, codec, options)
    facts = facts_of(fix(source, tmp_path / "out.mp4"))
    assert (facts.width, facts.height, facts.fps) == (360, 480, 25)
    assert facts.duration_ms == pytest.approx(2400, abs=60)
    assert combing(source) > 10
    assert combing(tmp_path / "out.mp4") < 2
