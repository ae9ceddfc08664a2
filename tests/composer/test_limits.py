"""TikTok's limits on a file: just inside, just outside, and the words for each."""

from dataclasses import replace

import pytest

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.limits import (
    MAX_BYTES,
    Fault,
    explain_refusal,
    find_faults,
    find_size_fault,
    find_warnings,
)
from composer.media.sniff import KINDS
from composer.media.words import say_bytes

GOOD = VideoFacts(
    container="mp4",
    video_codec="h264",
    audio_codec="aac",
    width=1080,
    height=1920,
    rotation=0,
    fps=30.0,
    duration_ms=15_000,
    size_bytes=20_000_000,
    is_complete=True,
    has_foreign_data=False,
    is_decodable=True,
)


def only_fault(**change: object) -> Fault:
    (fault,) = find_faults(replace(GOOD, **change))  # type: ignore[arg-type]
    return fault


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"container": "mov"},
        {"container": "webm", "video_codec": "vp9", "audio_codec": "opus"},
        {"video_codec": "hevc"},
        {"video_codec": "vp8"},
        {"audio_codec": ""},
        {"fps": 23.0},
        {"fps": 23.976},
        {"fps": 60.0},
        {"fps": 60.04},
        {"width": 360, "height": 360},
        {"width": 4096, "height": 4096},
        {"size_bytes": 4_294_967_296},
        {"duration_ms": 500},
        {"duration_ms": 3_600_000},
    ],
)
def test_takes_what_tiktok_takes(change: dict[str, object]) -> None:
    assert find_faults(replace(GOOD, **change)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code", "limit", "found"),
    [
        ({"container": "mkv"}, "container", "MP4, MOV or WebM", "a Matroska (MKV) video"),
        ({"container": "3gp"}, "container", "MP4, MOV or WebM", "a 3GP video"),
        ({"video_codec": "av1"}, "video_codec", "H.264, H.265, VP8 or VP9", "AV1"),
        ({"video_codec": "mpeg4"}, "video_codec", "H.264, H.265, VP8 or VP9", "MPEG-4 Part 2"),
        ({"video_codec": "rv40"}, "video_codec", "H.264, H.265, VP8 or VP9", "rv40"),
        ({"fps": 22.94}, "frame_rate", "23 to 60 frames per second", "22.9 frames per second"),
        ({"fps": 60.06}, "frame_rate", "23 to 60 frames per second", "60.1 frames per second"),
        ({"fps": 0.0}, "frame_rate", "23 to 60 frames per second", "no stated frame rate"),
        ({"width": 359}, "picture_size", "360 to 4096 pixels on each side", "359 x 1920 pixels"),
        (
            {"width": 8193, "height": 100},
            "too_many_pixels",
            "360 to 4096 pixels on each side",
            "8193 x 100 pixels",
        ),
        (
            {"width": 7680, "height": 7680},
            "too_many_pixels",
            "360 to 4096 pixels on each side",
            "7680 x 7680 pixels",
        ),
        ({"height": 4097}, "picture_size", "360 to 4096 pixels on each side", "1080 x 4097 pixels"),
        ({"size_bytes": 4_294_967_297}, "file_size", "4 GB", "4,294,967,297 bytes"),
        ({"size_bytes": 5 * 1024**3}, "file_size", "4 GB", "5 GB"),
        ({"is_complete": False}, "cut_off", "a complete file", "a file without its end"),
        (
            {"has_foreign_data": True},
            "foreign_data",
            "a video and nothing else",
            "other data after the video",
        ),
        (
            {"is_decodable": False},
            "undecodable",
            "a picture that can be shown",
            "no picture could be decoded",
        ),
        ({"duration_ms": 0}, "no_duration", "a video with a length", "no length"),
    ],
)
def test_names_limit_and_value(change: dict[str, object], code: str, limit: str, found: str) -> None:
    fault = only_fault(**change)
    assert (fault.code, fault.limit, fault.found) == (code, limit, found)


def test_a_fault_speaks_in_sentences() -> None:
    fault = only_fault(fps=120.0)
    assert fault.text == "This video has 120 frames per second. TikTok takes 23 to 60."
    assert fault.advice == "Export it again from your editing app as MP4 with H.264 at 60 frames per second."


def test_advice_goes_in_the_right_direction() -> None:
    assert "at 30 frames" in only_fault(fps=12.0).advice
    assert "smaller" in only_fault(width=8000).advice
    assert "larger" in only_fault(width=200).advice


def test_tells_every_fault_at_once() -> None:
    bad = replace(GOOD, container="mkv", video_codec="av1", fps=10.0, width=100, is_complete=False)
    assert [fault.code for fault in find_faults(bad)] == [
        "cut_off",
        "container",
        "video_codec",
        "frame_rate",
        "picture_size",
    ]


def test_a_short_video_is_a_warning() -> None:
    assert find_warnings(replace(GOOD, duration_ms=3000)) == ()
    (warning,) = find_warnings(replace(GOOD, duration_ms=2940))
    assert (warning.code, warning.limit, warning.found) == ("short", "3 seconds", "2.9 seconds")


def test_a_size_can_be_judged_before_the_upload() -> None:
    assert find_size_fault(MAX_BYTES) is None
    fault = find_size_fault(MAX_BYTES + 1)
    assert fault is not None
    assert fault.text == "This file is 4,294,967,297 bytes. TikTok takes at most 4 GB."


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_whole_sentences(refusal: Refusal) -> None:
    for kind in KINDS:
        fault = explain_refusal(ProbeError(refusal, kind))
        assert (fault.code, type(fault.code)) == (refusal.value, str)
        for sentence in (fault.text, fault.advice):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_what_is_no_media_is_named_and_the_choice_is_told() -> None:
    fault = explain_refusal(ProbeError(Refusal.NOT_MEDIA, "psd"))
    assert fault.text == "This is a Photoshop picture, not a video or a photo."
    assert fault.advice == "Choose a video (MP4, MOV or WebM) or a photo (JPEG, WebP, PNG or HEIC)."


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1536, "1.5 KB"),
        (20_000_000, "19.1 MB"),
        (104_857_600, "100 MB"),
        (679_124, "663 KB"),
        (4 * 1024**3, "4 GB"),
    ],
)
def test_sizes_are_said_shortly(count: int, said: str) -> None:
    assert say_bytes(count) == said
