"""TikTok's limits on a photo, each stated once, and what to tell people about a photo that breaks one.

Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide ("Image restrictions"). TikTok
writes "1080p" and means the shorter side; it names no limit for the longer one.
"""

from collections.abc import Iterable

from composer.media.facts import PhotoFacts
from composer.media.limits import CUT_OFF, Fault
from composer.media.sniff import KINDS
from composer.media.words import say_bytes, say_bytes_beyond

FORMATS = {"jpeg": "JPEG", "webp": "WebP"}
MAX_SHORT_SIDE = 1080
# TikTok says "20MB" without a unit; counted like its "4 GB" for videos.
MAX_PHOTO_BYTES = 20 * 1024**2
# Beyond these nothing is decoded: a few kilobytes may unpack to more than a machine holds. Phones make 50
# megapixels, and more only when asked to. Measured for 80: WebP takes 1.3 GB, the most of all.
MAX_PIXELS = 80_000_000
MAX_READ_BYTES = 256 * 1024**2

FORMATS_SAID = " or ".join(FORMATS.values())
_COPY = "Make a JPEG copy that fits; the original stays as it is"


def find_photo_faults(facts: PhotoFacts) -> tuple[Fault, ...]:
    """Everything for which TikTok would or may refuse this photo; empty when it is fine.

    What no copy could mend comes alone: there is no use in talking about the format of a damaged file.
    """
    hopeless = (
        None if facts.is_complete else CUT_OFF,
        _fault_of_foreign_data(facts),
        _fault_of_pixels(facts),
        _fault_of_reading(facts),
        _fault_of_decoding(facts),
    )
    mendable = (
        _fault_of_format(facts),
        _fault_of_animation(facts),
        _fault_of_sides(facts),
        _fault_of_size(facts),
        _fault_of_orientation(facts),
        _fault_of_colours(facts),
        _fault_of_extras(facts),
    )
    return _present(hopeless) or _present(mendable)


def _present(faults: Iterable[Fault | None]) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault is not None)


def find_photo_warnings(facts: PhotoFacts) -> tuple[Fault, ...]:
    """What people may want to know before they post a photo although no written limit is broken."""
    return _present((_warning_of_location(facts), _warning_of_transparency(facts)))


def _fault_of_foreign_data(facts: PhotoFacts) -> Fault | None:
    if not facts.has_foreign_data:
        return None
    return Fault(
        code="foreign_data",
        limit="a photo and nothing else",
        found="other data behind the picture",
        text="There is something else in this file behind the picture.",
        advice="Open it in a photo app, save it again as JPEG, and upload that file.",
    )


def _fault_of_pixels(facts: PhotoFacts) -> Fault | None:
    if facts.width * facts.height <= MAX_PIXELS:
        return None
    limit, found = f"{MAX_PIXELS // 10**6} megapixels", _say_sides(facts)
    return Fault(
        code="too_many_pixels",
        limit=limit,
        found=found,
        text=f"The picture is {found}. Pictures of more than {limit} are not opened here.",
        advice="Make it smaller in a photo app, for example 1080 x 1920 pixels, and upload that file.",
    )


def _fault_of_reading(facts: PhotoFacts) -> Fault | None:
    if facts.size_bytes <= MAX_READ_BYTES:
        return None
    limit, found = say_bytes(MAX_READ_BYTES), say_bytes_beyond(facts.size_bytes, MAX_READ_BYTES)
    return Fault(
        code="too_large_to_read",
        limit=limit,
        found=found,
        text=f"This picture takes {found}. Pictures of more than {limit} are not opened here.",
        advice="Save it as JPEG in a photo app, and upload that file.",
    )


def _fault_of_decoding(facts: PhotoFacts) -> Fault | None:
    if facts.is_decodable:
        return None
    return Fault(
        code="undecodable",
        limit="a picture that can be shown to its last row",
        found="a part of the picture cannot be decoded",
        text="A part of this picture cannot be shown: its picture data is damaged.",
        advice="Open it on your device. If all of it shows there, save it again; otherwise use another copy.",
    )


def _fault_of_format(facts: PhotoFacts) -> Fault | None:
    if facts.container in FORMATS:
        return None
    kind = KINDS[facts.container]
    return Fault(
        code="photo_format",
        limit=FORMATS_SAID,
        found=kind,
        text=f"This is {kind}. TikTok takes photos as {FORMATS_SAID}.",
        advice=f"{_COPY}.",
    )


def _fault_of_animation(facts: PhotoFacts) -> Fault | None:
    if not facts.is_animated:
        return None
    return Fault(
        code="photo_animated",
        limit="a still picture",
        found="an animation",
        text="This picture is animated. TikTok takes still photos.",
        advice=f"{_COPY}. The copy is a still photo: it shows the first picture only.",
    )


def _fault_of_sides(facts: PhotoFacts) -> Fault | None:
    if min(facts.width, facts.height) <= MAX_SHORT_SIDE:
        return None
    found = _say_sides(facts)
    return Fault(
        code="picture_size",
        limit=f"{MAX_SHORT_SIDE} pixels on the shorter side",
        found=found,
        text=f"The picture is {found}. TikTok takes photos whose shorter side is at most {MAX_SHORT_SIDE} pixels.",
        advice=f"{_COPY}. Nothing is cut away.",
    )


def _fault_of_size(facts: PhotoFacts) -> Fault | None:
    if facts.size_bytes <= MAX_PHOTO_BYTES:
        return None
    found = say_bytes_beyond(facts.size_bytes, MAX_PHOTO_BYTES)
    return Fault(
        code="file_size",
        limit=say_bytes(MAX_PHOTO_BYTES),
        found=found,
        text=f"This photo takes {found}. TikTok takes at most {say_bytes(MAX_PHOTO_BYTES)} for a photo.",
        advice=f"{_COPY}.",
    )


def _fault_of_orientation(facts: PhotoFacts) -> Fault | None:
    if facts.orientation == 1:
        return None
    return Fault(
        code="photo_rotated",
        limit="a picture stored upright",
        found="a picture with a note on how to turn it",
        text="This photo is stored turned or mirrored, with a note on how to show it. TikTok may ignore the note.",
        advice=f"{_COPY}. The copy is upright by itself.",
    )


def _fault_of_colours(facts: PhotoFacts) -> Fault | None:
    if facts.colours == "srgb":
        return None
    if facts.colours == "cmyk":
        found, text = (
            "CMYK",
            "The colours of this photo are meant for print (CMYK). TikTok shows them on screens.",
        )
    else:
        found = "a colour profile other than sRGB"
        text = "This photo has a colour profile other than sRGB. TikTok may show its colours paler or wrong."
    return Fault(
        code="photo_colours",
        limit="colours in sRGB",
        found=found,
        text=text,
        advice=f"{_COPY}. The copy looks the same everywhere.",
    )


def _fault_of_extras(facts: PhotoFacts) -> Fault | None:
    if not facts.has_extras:
        return None
    return Fault(
        code="photo_extras",
        limit="a photo and nothing else",
        found="a camera's additions behind the picture",
        text="Your camera stored something more behind this photo, such as the short film of a moving photo.",
        advice=f"{_COPY}. The copy holds only the photo.",
    )


def _warning_of_location(facts: PhotoFacts) -> Fault | None:
    if not facts.has_location:
        return None
    return Fault(
        code="photo_location",
        limit="no place named in the file",
        found="the place where the photo was taken",
        text="This photo says where it was taken.",
        advice="You can post it as it is. A JPEG copy made here leaves the place out.",
    )


def _warning_of_transparency(facts: PhotoFacts) -> Fault | None:
    if not facts.is_transparent or facts.container not in FORMATS:
        return None
    return Fault(
        code="photo_transparent",
        limit="a picture without transparent parts",
        found="transparent parts",
        text="Parts of this photo are transparent. TikTok may show them black.",
        advice="You can post it as it is. A JPEG copy made here shows them white.",
    )


def _say_sides(facts: PhotoFacts) -> str:
    return f"{facts.width} x {facts.height} pixels"
