"""Photos in the check: what is fine, what a JPEG copy mends, and what no recipe mends."""

import io
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageCms

from composer.media.check import CheckResult, check_media
from composer.media.facts import PhotoFacts
from tests.media import cut, exif_of, make_animation, make_picture, make_video, make_wide_profile


def codes(result: CheckResult) -> list[str]:
    return [fault.code for fault in result.faults]


@pytest.mark.parametrize(("kind", "container"), [("JPEG", "jpeg"), ("WEBP", "webp")])
def test_a_photo_that_tiktok_takes_passes(tmp_path: Path, kind: str, container: str) -> None:
    path = make_picture(tmp_path / "a.mp4", kind, size=(1080, 1920))
    result = check_media(path)
    assert (result.kind, result.is_ok, result.is_conclusive) == ("photo", True, True)
    assert (result.faults, result.warnings, result.fix) == ((), (), None)
    assert result.facts == PhotoFacts(
        container=container,
        width=1080,
        height=1920,
        orientation=1,
        size_bytes=path.stat().st_size,
        colours="srgb",
        is_complete=True,
        is_decodable=True,
        is_animated=False,
        is_transparent=False,
        has_location=False,
        has_extras=False,
        has_foreign_data=False,
    )
    assert result.facts.content_type == f"image/{container}"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "HEIF", "AVIF", "GIF", "BMP", "TIFF"])
def test_the_preview_is_a_small_jpeg(tmp_path: Path, kind: str) -> None:
    result = check_media(make_picture(tmp_path / "a", kind, size=(1200, 2400)))
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as preview:
        assert (preview.format, preview.size, preview.mode) == ("JPEG", (480, 960), "RGB")
        top, bottom = preview.getpixel((200, 60)), preview.getpixel((200, 900))
    assert top[0] > 150 > top[2]
    assert bottom[2] > 150 > bottom[0]


@pytest.mark.parametrize(
    ("kind", "container"),
    [("PNG", "png"), ("HEIF", "heic"), ("AVIF", "avif"), ("GIF", "gif"), ("BMP", "bmp"), ("TIFF", "tiff")],
)
def test_another_format_is_mended_by_a_jpeg(tmp_path: Path, kind: str, container: str) -> None:
    result = check_media(make_picture(tmp_path / "a.jpg", kind))
    assert (result.kind, codes(result), result.fix) == ("photo", ["photo_format"], "photo_jpeg")
    assert result.facts is not None
    assert result.facts.container == container


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1080, 5000), []),
        ((5000, 1080), []),
        ((1081, 1081), ["picture_size"]),
        ((1086, 1448), ["picture_size"]),
    ],
)
def test_the_shorter_side_counts(tmp_path: Path, size: tuple[int, int], expected: list[str]) -> None:
    result = check_media(make_picture(tmp_path / "a.jpg", "JPEG", size=size))
    assert (codes(result), result.fix) == (expected, "photo_jpeg" if expected else None)


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "PNG", "AVIF"])
def test_an_animation_is_said_to_become_a_still_photo(tmp_path: Path, kind: str) -> None:
    result = check_media(make_animation(tmp_path / "a", kind))
    of_its_format = [] if kind == "WEBP" else ["photo_format"]
    assert (codes(result), result.fix) == ([*of_its_format, "photo_animated"], "photo_jpeg")
    assert result.faults[-1].text == "This picture is animated. TikTok takes still photos."
    assert result.faults[-1].advice.endswith("The copy is a still photo: it shows the first picture only.")


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_photo_is_measured_and_shown_as_people_see_it(tmp_path: Path, orientation: int) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG", size=(300, 600), exif=exif_of(orientation=orientation))
    result = check_media(path)
    assert (codes(result), result.fix) == (["photo_rotated"], "photo_jpeg")
    assert result.facts is not None
    sideways = orientation >= 5
    assert (result.facts.width, result.facts.height) == ((600, 300) if sideways else (300, 600))
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as preview:
        assert preview.size == ((600, 300) if sideways else (300, 600))
        red = {2: (20, 20), 3: (20, 580), 4: (20, 580), 5: (20, 20), 6: (580, 20), 7: (580, 20), 8: (20, 20)}
        found = preview.getpixel(red[orientation])
    assert found[0] > 150 > found[2]


def test_a_heic_is_upright_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    with Image.open(make_picture(tmp_path / "a.jpg", "JPEG", size=(300, 600))) as picture:
        # Its writer takes the note from the picture and stores a turn of the format's own.
        picture.getexif()[0x0112] = 6
        pillow_heif.register_heif_opener()
        picture.save(path, "HEIF")
    result = check_media(path)
    assert codes(result) == ["photo_format"]
    assert result.facts is not None
    assert (result.facts.width, result.facts.height) == (600, 300)
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as preview:
        right = preview.getpixel((580, 20))
    assert right[0] > 150 > right[2]


def test_colours_for_print_are_mended(tmp_path: Path) -> None:
    result = check_media(make_picture(tmp_path / "a.jpg", "JPEG", mode="CMYK"))
    assert (codes(result), result.fix) == (["photo_colours"], "photo_jpeg")
    assert result.faults[0].found == "CMYK"


def test_a_profile_of_other_colours_is_mended(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG", icc_profile=make_wide_profile())
    assert (codes(check_media(path)), check_media(path).fix) == (["photo_colours"], "photo_jpeg")


@pytest.mark.parametrize("profile", ["srgb", "garbage"])
def test_a_profile_that_changes_nothing_is_fine(tmp_path: Path, profile: str) -> None:
    raw = {
        "srgb": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        "garbage": b"no profile at all" * 20,
    }
    assert check_media(make_picture(tmp_path / "a.jpg", "JPEG", icc_profile=raw[profile])).faults == ()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_place_in_the_photo_is_a_warning_with_a_fix(tmp_path: Path, kind: str) -> None:
    result = check_media(make_picture(tmp_path / "a.jpg", kind, exif=exif_of(has_location=True)))
    assert (result.is_ok, [w.code for w in result.warnings]) == (True, ["photo_location"])
    assert result.fix == "photo_jpeg"


def test_a_place_in_xmp_counts_too(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="52,31.2N"/></x:xmpmeta>'
    result = check_media(make_picture(tmp_path / "a.jpg", "JPEG", xmp=xmp))
    assert [w.code for w in result.warnings] == ["photo_location"]


def test_see_through_parts_of_a_webp_are_a_warning(tmp_path: Path) -> None:
    opaque, hollow = tmp_path / "opaque.webp", tmp_path / "hollow.webp"
    picture = Image.new("RGBA", (40, 40), (9, 9, 9, 255))
    picture.save(opaque, "WEBP", lossless=True, exact=True)
    picture.putpixel((0, 0), (0, 0, 0, 0))
    picture.save(hollow, "WEBP", lossless=True)
    assert check_media(opaque).warnings == ()
    result = check_media(hollow)
    assert ([w.code for w in result.warnings], result.is_ok, result.fix) == (
        ["photo_transparent"],
        True,
        "photo_jpeg",
    )


@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.6, 0.95, 0.999])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "HEIF", "AVIF", "GIF"])
def test_a_photo_without_its_end_is_refused(tmp_path: Path, kind: str, fraction: float) -> None:
    path = tmp_path / f"a.{kind.lower()}"
    Image.effect_noise((300, 400), 80).convert("RGB").save(make_picture(path, kind), kind)
    result = check_media(cut(path, fraction))
    assert (codes(result), result.fix, result.is_conclusive) == (["cut_off"], None, True)


@pytest.mark.parametrize("progressive", [False, True])
def test_damage_in_the_middle_of_a_jpeg_is_noticed(tmp_path: Path, progressive: bool) -> None:
    path = tmp_path / "a.jpg"
    Image.effect_noise((600, 800), 60).convert("RGB").save(path, quality=85, progressive=progressive)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1000] = bytes((n * 151 + 43) % 255 for n in range(1000))
    path.write_bytes(data)
    result = check_media(path)
    assert (codes(result), result.fix, result.poster_jpeg) == (["undecodable"], None, None)


def test_a_grey_and_a_restarting_jpeg_are_sound(tmp_path: Path) -> None:
    grey = make_picture(tmp_path / "grey.jpg", "JPEG", mode="L")
    restarting = make_picture(tmp_path / "restarting.jpg", "JPEG", restart_marker_blocks=4)
    assert [codes(check_media(path)) for path in (grey, restarting)] == [[], []]


def test_an_archive_behind_the_picture_is_refused(tmp_path: Path) -> None:
    for kind in ("JPEG", "WEBP", "PNG", "GIF", "HEIF", "BMP", "TIFF"):
        path = make_picture(tmp_path / kind, kind)
        with path.open("ab") as file, zipfile.ZipFile(file, "a") as archive:
            archive.writestr("payload.html", "<script>alert(1)</script>")
        result = check_media(path)
        assert "foreign_data" in codes(result)
        assert result.fix is None


def test_zeros_behind_the_picture_are_a_cards_padding(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG")
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert check_media(path).is_ok


def test_a_second_picture_behind_the_first_is_the_cameras_own(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG")
    path.write_bytes(
        path.read_bytes() + make_picture(tmp_path / "b.jpg", "JPEG", size=(90, 120)).read_bytes()
    )
    result = check_media(path)
    assert (result.is_ok, result.facts is not None and result.facts.height) == (True, 600)


def test_the_film_of_a_moving_photo_is_taken_away(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG")
    film = make_video(tmp_path / "film.mp4", seconds=0.2, audio=False)
    path.write_bytes(path.read_bytes() + film.read_bytes())
    result = check_media(path)
    assert (codes(result), result.fix) == (["photo_extras"], "photo_jpeg")


def test_words_behind_the_picture_are_refused(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "a.jpg", "JPEG")
    path.write_bytes(path.read_bytes() + b"<script>alert(1)</script>")
    assert (codes(check_media(path)), check_media(path).fix) == (["foreign_data"], None)


def _bomb(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes that says it has this many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("sides", [(50_000, 50_000), (2_000_000_000, 2), (10_001, 8_000)])
def test_a_picture_of_absurd_size_is_never_unpacked(tmp_path: Path, sides: tuple[int, int]) -> None:
    path = _bomb(tmp_path / "bomb.png", *sides)
    started = time.monotonic()
    result = check_media(path)
    assert time.monotonic() - started < 1
    assert result.faults[0].code == "too_many_pixels"
    assert result.faults[0].text == (
        f"The picture is {sides[0]} x {sides[1]} pixels. Pictures of more than 80 megapixels are not opened here."
    )
    assert result.fix is None


def test_a_head_of_a_picture_before_anything_else_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"<html>" * 50 + bytes(20))
    result = check_media(path)
    assert (result.kind, result.fix) == ("photo", None)
    assert codes(result)[0] in {"cut_off", "unreadable"}


def test_a_cameras_raw_picture_has_to_be_developed_first(tmp_path: Path) -> None:
    small = make_picture(tmp_path / "a.dng", "TIFF", tiffinfo={254: 1})
    (fault,) = check_media(small).faults
    assert fault.text == "This is a camera's raw picture, which has to be developed first."


def test_sixteen_bits_do_not_turn_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("I;16", (50, 50), 0x4000).save(path)
    result = check_media(path)
    assert result.poster_jpeg is not None
    with Image.open(io.BytesIO(result.poster_jpeg)) as preview:
        assert preview.getpixel((25, 25)) == (64, 64, 64)
