"""TikTok's limits on a photo: just inside, just outside, the words for each, and which recipe mends what."""

from dataclasses import replace

import pytest

from composer.media.facts import PhotoFacts
from composer.media.limits import Fault
from composer.media.photo_limits import find_photo_faults, find_photo_warnings
from composer.media.recipes import Recipe, find_recipe

GOOD = PhotoFacts(
    container="jpeg",
    width=1080,
    height=1920,
    orientation=1,
    size_bytes=2_000_000,
    colours="srgb",
    is_complete=True,
    is_decodable=True,
    is_animated=False,
    is_transparent=False,
    has_location=False,
    has_extras=False,
    has_foreign_data=False,
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"container": "webp"},
        {"width": 9000, "height": 1080},
        {"width": 1, "height": 1},
        {"size_bytes": 20 * 1024**2},
    ],
)
def test_takes_what_tiktok_takes(change: dict[str, object]) -> None:
    assert find_photo_faults(replace(GOOD, **change)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code", "limit", "found", "fix"),
    [
        ({"container": "png"}, "photo_format", "JPEG or WebP", "a PNG picture", Recipe.PHOTO_JPEG),
        ({"container": "heic"}, "photo_format", "JPEG or WebP", "an HEIC picture", Recipe.PHOTO_JPEG),
        (
            {"container": "webp", "is_animated": True},
            "photo_animated",
            "a still picture",
            "an animation",
            Recipe.PHOTO_JPEG,
        ),
        (
            {"width": 1081},
            "picture_size",
            "1080 pixels on the shorter side",
            "1081 x 1920 pixels",
            Recipe.PHOTO_JPEG,
        ),
        (
            {"size_bytes": 20 * 1024**2 + 1},
            "file_size",
            "20 MB",
            "20,971,521 bytes",
            Recipe.PHOTO_JPEG,
        ),
        (
            {"orientation": 6},
            "photo_rotated",
            "a picture stored upright",
            "a picture with a note on how to turn it",
            Recipe.PHOTO_JPEG,
        ),
        ({"colours": "cmyk"}, "photo_colours", "colours in sRGB", "CMYK", Recipe.PHOTO_JPEG),
        (
            {"colours": "other"},
            "photo_colours",
            "colours in sRGB",
            "a colour profile other than sRGB",
            Recipe.PHOTO_JPEG,
        ),
        (
            {"has_extras": True},
            "photo_extras",
            "a photo and nothing else",
            "a camera's additions behind the picture",
            Recipe.PHOTO_JPEG,
        ),
        ({"is_complete": False}, "cut_off", "a complete file", "a file without its end", None),
        (
            {"has_foreign_data": True},
            "foreign_data",
            "a photo and nothing else",
            "other data behind the picture",
            None,
        ),
        (
            {"width": 20_000, "height": 4_001},
            "too_many_pixels",
            "80 megapixels",
            "20000 x 4001 pixels",
            None,
        ),
        ({"size_bytes": 300 * 1024**2}, "too_large_to_read", "256 MB", "300 MB", None),
        (
            {"is_decodable": False},
            "undecodable",
            "a picture that can be shown to its last row",
            "a part of the picture cannot be decoded",
            None,
        ),
    ],
)
def test_names_limit_and_value(
    change: dict[str, object], code: str, limit: str, found: str, fix: Recipe | None
) -> None:
    faults = find_photo_faults(replace(GOOD, **change))  # type: ignore[arg-type]
    (fault,) = faults
    assert (fault.code, fault.limit, fault.found) == (code, limit, found)
    assert find_recipe("photo", faults, ()) == fix


def test_a_fault_speaks_in_sentences() -> None:
    (fault,) = find_photo_faults(replace(GOOD, width=3024, height=4032))
    assert fault.text == (
        "The picture is 3024 x 4032 pixels. TikTok takes photos whose shorter side is at most 1080 pixels."
    )
    assert fault.advice == ("Make a JPEG copy that fits; the original stays as it is. Nothing is cut away.")


def test_tells_every_mendable_fault_at_once() -> None:
    bad = replace(GOOD, container="heic", width=3024, height=4032, colours="other")
    faults = find_photo_faults(bad)
    assert [fault.code for fault in faults] == ["photo_format", "picture_size", "photo_colours"]
    assert find_recipe("photo", faults, ()) == Recipe.PHOTO_JPEG


def test_what_cannot_be_mended_comes_alone() -> None:
    bad = replace(GOOD, container="png", width=3024, height=4032, is_complete=False)
    assert [fault.code for fault in find_photo_faults(bad)] == ["cut_off"]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"has_location": True}, "photo_location"), ({"is_transparent": True}, "photo_transparent")],
)
def test_a_warning_may_offer_a_fix(change: dict[str, bool], code: str) -> None:
    warnings = find_photo_warnings(replace(GOOD, **change))
    assert [warning.code for warning in warnings] == [code]
    assert find_recipe("photo", (), warnings) == Recipe.PHOTO_JPEG


def test_a_short_video_is_offered_no_fix() -> None:
    short = Fault(code="short", limit="", found="", text="", advice="")
    assert find_recipe("video", (), (short,)) is None


@pytest.mark.parametrize(
    ("codes", "fix"),
    [
        (["container"], Recipe.VIDEO_MP4),
        (["container", "video_codec", "frame_rate", "picture_size"], Recipe.VIDEO_MP4),
        (["cut_off"], None),
        (["video_codec", "file_size"], None),
        (["video_codec", "foreign_data"], None),
        (["too_many_pixels"], None),
    ],
)
def test_a_recipe_for_a_video_mends_every_fault_or_none(codes: list[str], fix: Recipe | None) -> None:
    faults = [Fault(code=code, limit="", found="", text="", advice="") for code in codes]
    assert find_recipe("video", faults, ()) == fix


@pytest.mark.parametrize("has_location", [False, True])
def test_every_sentence_is_whole(has_location: bool) -> None:
    bad = replace(
        GOOD,
        container="webp",
        width=2000,
        height=2000,
        size_bytes=21 * 1024**2,
        orientation=8,
        colours="other",
        is_animated=True,
        is_transparent=True,
        has_location=has_location,
        has_extras=True,
    )
    faults = find_photo_faults(bad) + find_photo_warnings(bad)
    assert len(faults) == 7 + has_location
    for fault in faults:
        for sentence in (fault.text, fault.advice):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
