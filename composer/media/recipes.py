"""The ways in which Greenroom can make a file fit for TikTok, and which faults each of them mends."""

from collections.abc import Iterable
from enum import StrEnum

from composer.media.limits import Fault


class Recipe(StrEnum):
    """What a derivative is made by; the original is always kept."""

    # Any still picture to a JPEG within TikTok's limits.
    PHOTO_JPEG = "photo_jpeg"
    # Any video to an MP4 with H.264 and AAC within TikTok's limits.
    VIDEO_MP4 = "video_mp4"
    # A video to one that opens with a picture of one's own, for TikTok takes only a frame as the cover.
    COVER_PICTURE = "cover_picture"


# The codes of the faults and warnings that each recipe takes away; every other fault needs another file.
_MENDS = {
    Recipe.PHOTO_JPEG: frozenset(
        {
            "photo_format",
            "photo_animated",
            "photo_rotated",
            "photo_colours",
            "photo_extras",
            "photo_location",
            "photo_transparent",
            "picture_size",
            "file_size",
        }
    ),
    Recipe.VIDEO_MP4: frozenset({"container", "video_codec", "frame_rate", "picture_size"}),
}
# A warning about these alone is worth the offer of a fix; the file may be posted without it.
_WORTH_OFFERING = frozenset({"photo_location", "photo_transparent"})


def find_recipe(kind: str, faults: Iterable[Fault], warnings: Iterable[Fault]) -> Recipe | None:
    """The one recipe that takes away every fault of a `video` or `photo`, or its warnings; None without one."""
    recipe = Recipe.PHOTO_JPEG if kind == "photo" else Recipe.VIDEO_MP4
    codes = {fault.code for fault in faults}
    if codes:
        return recipe if codes <= _MENDS[recipe] else None
    warned = {warning.code for warning in warnings} & _WORTH_OFFERING
    return recipe if warned & _MENDS[recipe] else None
