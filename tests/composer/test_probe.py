"""Measuring files: what each kind of video turns out to be, and what is refused before it is opened."""

import math
import struct
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.probe import probe_video
from tests.media import cut, make_picture, make_sound


def refuse(path: Path) -> tuple[Refusal, str]:
    with pytest.raises(ProbeError) as caught:
        probe_video(path)
    return caught.value.refusal, caught.value.kind


def test_measures_an_ordinary_video_exactly(video) -> None:
    path = video()
    assert probe_video(path) == VideoFacts(
        container="mp4",
        video_codec="h264",
        audio_codec="aac",
        width=360,
        height=640,
        rotation=0,
        fps=30.0,
        duration_ms=3000,
        size_bytes=path.stat().st_size,
        is_complete=True,
        has_foreign_data=False,
        is_decodable=True,
    )


@pytest.mark.parametrize(
    ("codec", "container", "content_type"),
    [
        ("h264", "mov", "video/quicktime"),
        ("hevc", "mp4", "video/mp4"),
        ("vp8", "webm", "video/webm"),
        ("vp9", "webm", "video/webm"),
        ("vp9", "mp4", "video/mp4"),
        ("av1", "mp4", "video/mp4"),
        ("av1", "webm", "video/webm"),
        ("mpeg4", "mp4", "video/mp4"),
        ("h264", "mkv", "video/x-matroska"),
        ("h264", "3gp", "video/3gpp"),
        ("mpeg4", "avi", "video/x-msvideo"),
        ("mjpeg", "avi", "video/x-msvideo"),
    ],
)
def test_names_container_and_codec(video, codec: str, container: str, content_type: str) -> None:
    shape = {"pixel_format": "yuvj420p"} if codec == "mjpeg" else {}
    facts = probe_video(
        video(codec=codec, container=container, seconds=1, audio=container not in {"3gp", "avi"}, **shape)
    )
    assert (facts.container, facts.video_codec, facts.content_type) == (container, codec, content_type)
    assert (facts.is_complete, facts.is_decodable) == (True, True)


def test_a_silent_video_has_no_audio_codec(video) -> None:
    assert probe_video(video(audio=False, seconds=1)).audio_codec == ""


@pytest.mark.parametrize(
    ("rotation", "shown", "kept"), [(90, (640, 360), 90), (-90, (640, 360), 270), (180, (360, 640), 180)]
)
def test_sides_are_those_that_people_see(video, rotation: int, shown: tuple[int, int], kept: int) -> None:
    facts = probe_video(video(rotation=rotation, seconds=1))
    assert ((facts.width, facts.height), facts.rotation) == (shown, kept)


@pytest.mark.parametrize(
    ("fps", "measured"),
    [(Fraction(24000, 1001), 23.976), (Fraction(60000, 1001), 59.94), (15, 15.0), (120, 120.0)],
)
def test_measures_the_frame_rate(video, fps: Fraction | int, measured: float) -> None:
    assert probe_video(video(fps=fps, seconds=1, audio=False)).fps == pytest.approx(measured, abs=0.01)


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [("webm", "vp9", {"live": "1"}), ("mp4", "h264", {"movflags": "frag_keyframe+empty_moov"})],
)
def test_counts_a_recording_that_announces_no_length(video, container: str, codec: str, options) -> None:
    facts = probe_video(video(container=container, codec=codec, options=options))
    assert facts.duration_ms == pytest.approx(3000, abs=60)
    assert facts.fps == pytest.approx(30, abs=0.3)
    assert facts.is_complete


@pytest.mark.parametrize("fraction", [0.3, 0.6, 0.95, 0.999])
@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("mp4", "h264", None),
        ("mov", "h264", None),
        ("webm", "vp9", None),
        ("webm", "vp9", {"live": "1"}),
        ("mp4", "h264", {"movflags": "frag_keyframe+empty_moov"}),
        ("avi", "mpeg4", None),
    ],
)
def test_notices_a_file_without_its_end(video, container: str, codec: str, options, fraction: float) -> None:
    assert not probe_video(
        cut(video(container=container, codec=codec, options=options, audio=container != "avi"), fraction)
    ).is_complete


def test_a_cut_file_whose_contents_stood_at_the_end_is_called_cut_off(video) -> None:
    assert refuse(cut(video(options={}), 0.9)) == (Refusal.CUT_OFF, "mp4")


def webm_lasting(video, path: Path, milliseconds: float) -> Path:
    data = bytearray(video(container="webm", codec="vp9").read_bytes())
    at = data.index(b"\x44\x89\x88") + 3  # Duration, a double of 8 bytes, in milliseconds
    data[at : at + 8] = struct.pack(">d", milliseconds)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("said", [math.nan, math.inf, -math.inf, -1e9, 0.0, 1e300])
def test_a_length_that_cannot_be_is_counted_instead(video, tmp_path: Path, said: float) -> None:
    facts = probe_video(webm_lasting(video, tmp_path / "liar.webm", said))
    assert (facts.duration_ms, facts.is_complete) == (pytest.approx(3000, abs=60), True)


def test_a_length_of_centuries_fits_into_a_column(video, tmp_path: Path) -> None:
    facts = probe_video(webm_lasting(video, tmp_path / "liar.webm", 9e12))
    assert (facts.duration_ms, facts.is_complete) == (2**31 - 1, False)


def test_notices_a_webm_that_stops_long_before_its_announced_end(video, tmp_path: Path) -> None:
    facts = probe_video(webm_lasting(video, tmp_path / "liar.webm", 60_000))
    assert (facts.duration_ms, facts.is_complete) == (60_000, False)


def test_zeros_at_the_end_are_a_cameras_padding(video, tmp_path: Path) -> None:
    padded = tmp_path / "padded.mp4"
    padded.write_bytes(video().read_bytes() + bytes(4096))
    facts = probe_video(padded)
    assert (facts.is_complete, facts.has_foreign_data) == (True, False)


@pytest.mark.parametrize(("container", "codec"), [("mp4", "h264"), ("webm", "vp9"), ("avi", "mpeg4")])
def test_notices_an_archive_behind_the_video(video, tmp_path: Path, container: str, codec: str) -> None:
    path = tmp_path / f"polyglot.{container}"
    path.write_bytes(video(container=container, codec=codec, audio=container != "avi").read_bytes())
    with path.open("ab") as file, zipfile.ZipFile(file, "a") as archive:
        archive.writestr("payload.html", "<script>alert(1)</script>")
    facts = probe_video(path)
    assert (facts.is_complete, facts.has_foreign_data) == (True, True)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_named_mp4_is_a_picture(tmp_path: Path, kind: str) -> None:
    assert refuse(make_picture(tmp_path / "holiday.mp4", kind)) == (Refusal.NOT_MEDIA, kind.lower())


def test_an_animated_gif_is_a_picture(video) -> None:
    path = video(codec="gif", container="gif", audio=False, pixel_format="rgb8", seconds=0.5)
    assert refuse(path) == (Refusal.NOT_MEDIA, "gif")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Dear diary,\n", "text"),
        ("Grüße".encode(), "text"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/\n", "playlist"),
        (b"<!doctype html><video src=x>", "html"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PK\x03\x04" + bytes(60), "zip"),
        (b"\x7fELF" + bytes(60), "program"),
        (b"ID3\x04" + bytes(60), "audio"),
        (b"\x8a\x01\x02\xff" * 40, "unknown"),
    ],
)
def test_what_is_no_video_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    assert refuse(path) == (Refusal.NOT_MEDIA, kind)


def test_a_gif_head_before_a_video_is_a_gif(video, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"GIF89a\x01\x00\x01\x00\x00;" + video().read_bytes())
    assert refuse(path) == (Refusal.NOT_MEDIA, "gif")


def test_another_container_of_videos_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"FLV\x01\x05" + bytes(60))
    assert refuse(path) == (Refusal.CONTAINER, "flv")


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.touch()
    assert refuse(path) == (Refusal.EMPTY, "empty")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    assert refuse(make_sound(tmp_path / "song.mp4")) == (Refusal.NO_PICTURE, "mp4")


def test_boxes_of_garbage_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\x00\x00\x00\x14ftypisom" + bytes(8) + b"\x00\x00\x00\x20moov" + b"\xff" * 24)
    assert refuse(path) == (Refusal.UNREADABLE, "mp4")


def test_pictures_of_noise_are_not_decodable(video, tmp_path: Path) -> None:
    data = bytearray(video(audio=False).read_bytes())
    at = data.index(b"mdat") + 4
    data[at:] = bytes((n * 151 + 43) % 256 for n in range(len(data) - at))
    path = tmp_path / "noise.mp4"
    path.write_bytes(data)
    assert not probe_video(path).is_decodable


def test_believes_the_picture_rather_than_the_label(video, tmp_path: Path) -> None:
    data = bytearray(video(audio=False).read_bytes())
    at = data.index(b"avc1", data.index(b"stsd")) + 28  # width and height in the sample description
    assert data[at : at + 4] == (360).to_bytes(2) + (640).to_bytes(2)
    data[at : at + 4] = (720).to_bytes(2) + (1280).to_bytes(2)
    path = tmp_path / "liar.mp4"
    path.write_bytes(data)
    facts = probe_video(path)
    assert (facts.width, facts.height) == (360, 640)


def test_no_recording_is_longer_than_any_number_says(video, tmp_path: Path) -> None:
    """One that announces no length is as long as its last picture says, be that a thousand years."""
    data = bytearray(video(container="mkv", seconds=6, audio=False, options={"live": "1"}).read_bytes())
    last = data.rindex(b"\x1f\x43\xb6\x75")  # a cluster; its checksum's room is taken for a larger time
    at = data.index(b"\xbf\x84", last)
    data[at : at + 10] = b"\xe7\x88" + (2**45).to_bytes(8)
    path = tmp_path / "long.mkv"
    path.write_bytes(data)
    assert probe_video(path).duration_ms == 2**31 - 1
