"""Photos made fit for TikTok: the same picture as a JPEG within bounds, and nothing else of the file."""

import math
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageCms

from composer.media.check import CheckResult, check_media
from composer.media.fixing import FixError, make_fix
from composer.media.recipes import Recipe
from tests.media import cut, exif_of, make_animation, make_picture, make_video, make_wide_profile

pytestmark = pytest.mark.slow

RED, BLUE = (200, 30, 30), (30, 30, 200)


def fix(source: Path, destination: Path) -> CheckResult:
    return make_fix(
        Recipe.PHOTO_JPEG,
        source,
        destination,
        on_progress=lambda _: None,
        is_cancelled=lambda: False,
        timeout_s=30,
    )


def near(found: object, wanted: tuple[int, int, int], by: int = 8) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "HEIF", "AVIF", "GIF", "BMP", "TIFF"])
def test_every_kind_becomes_a_jpeg_that_passes(tmp_path: Path, kind: str) -> None:
    source = make_picture(tmp_path / "a", kind, size=(1500, 3000))
    before = source.read_bytes()
    result = fix(source, tmp_path / "b.jpg")
    assert (result.kind, result.faults, result.warnings, result.fix) == ("photo", (), (), None)
    assert check_media(tmp_path / "b.jpg") == result
    assert source.read_bytes() == before
    with Image.open(tmp_path / "b.jpg") as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (1080, 2160), "RGB")
        assert near(picture.getpixel((500, 200)), RED)
        assert near(picture.getpixel((500, 2000)), BLUE)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a", "b.jpg"]


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((400, 600), (400, 600)),
        ((3024, 4032), (1080, 1440)),
        ((4032, 3024), (1440, 1080)),
        ((1254, 1254), (1080, 1080)),
        ((9000, 900), (4096, 410)),
        ((900, 9000), (410, 4096)),
        ((8000, 1), (4096, 1)),
    ],
)
def test_fits_the_limits_and_keeps_the_proportions(
    tmp_path: Path, size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    fix(make_picture(tmp_path / "a.png", "PNG", size=size), tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        assert picture.size == fitted


@pytest.mark.parametrize("orientation", range(1, 9))
def test_stands_upright_by_itself(tmp_path: Path, orientation: int) -> None:
    exif = exif_of(orientation=orientation)
    source = make_picture(tmp_path / "a.jpg", "JPEG", size=(1600, 3200), exif=exif)
    fix(source, tmp_path / "b.jpg")
    red_at = {1: "top", 2: "top", 3: "bottom", 4: "bottom", 5: "left", 6: "right", 7: "right", 8: "left"}
    spots = {"top": (540, 60), "bottom": (540, 2100), "left": (60, 540), "right": (2100, 540)}
    with Image.open(tmp_path / "b.jpg") as picture:
        assert picture.size == ((1080, 2160) if orientation < 5 else (2160, 1080))
        assert near(picture.getpixel(spots[red_at[orientation]]), RED)
        assert picture.getexif().get(ExifTags.Base.Orientation, 1) == 1


def test_nothing_is_left_of_what_the_file_said(tmp_path: Path) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="52,31.2N"/></x:xmpmeta>'
    source = make_picture(
        tmp_path / "a.jpg",
        "JPEG",
        exif=exif_of(has_location=True),
        xmp=xmp,
        comment=b"at home",
        icc_profile=make_wide_profile(),
        dpi=(300, 300),
    )
    fix(source, tmp_path / "b.jpg")
    made = (tmp_path / "b.jpg").read_bytes()
    assert not [
        word for word in (b"GPS", b"Phone", b"Exif", b"xmpmeta", b"at home", b"ICC_PROFILE") if word in made
    ]
    with Image.open(tmp_path / "b.jpg") as picture:
        assert dict(picture.getexif()) == {}


def test_colours_of_a_wide_profile_look_the_same_in_srgb(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    Image.new("RGB", (50, 50), (200, 120, 60)).save(source, icc_profile=make_wide_profile())
    with Image.open(source) as picture:
        raw = ImageCms.ImageCmsProfile(str(_write(tmp_path / "wide.icc", make_wide_profile())))
        seen = ImageCms.profileToProfile(picture, raw, ImageCms.createProfile("sRGB"), outputMode="RGB")
        assert seen is not None
        wanted = seen.getpixel((5, 5))
    assert isinstance(wanted, tuple)
    assert not near(wanted, (200, 120, 60))
    fix(source, tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        assert near(picture.getpixel((25, 25)), wanted, by=4)  # type: ignore[arg-type]


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_print_colours_become_screen_colours(tmp_path: Path) -> None:
    fix(make_picture(tmp_path / "a.jpg", "JPEG", mode="CMYK"), tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        assert picture.mode == "RGB"
        assert near(picture.getpixel((200, 50)), RED)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(tmp_path: Path, mode: str) -> None:
    picture = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (0, 0, 30, 60))
    picture.convert(mode).save(tmp_path / "a.png")
    fix(tmp_path / "a.png", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as made:
        assert near(made.getpixel((10, 30)), (0, 0, 0), by=3)
        assert near(made.getpixel((50, 30)), (255, 255, 255), by=3)


def test_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    Image.new("I;16", (50, 50), 0x4000).save(tmp_path / "a.png")
    fix(tmp_path / "a.png", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        assert near(picture.getpixel((25, 25)), (64, 64, 64), by=1)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_becomes_its_first_picture(tmp_path: Path, kind: str) -> None:
    fix(make_animation(tmp_path / "a", kind), tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as picture:
        assert picture.size == (200, 300)
        # The white bar of frame 0 begins at the left edge.
        row = [picture.convert("L").getpixel((x, 80)) for x in range(40)]
    assert row[3] > 200 > row[20]  # type: ignore[operator]


def test_a_picture_of_noise_stays_below_the_limit(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    Image.effect_noise((4096, 1080), 120).convert("RGB").save(source, compress_level=1)
    result = fix(source, tmp_path / "b.jpg")
    assert result.facts is not None
    assert 1_000_000 < result.facts.size_bytes < 20_000_000


def test_looks_like_the_original(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    gradient = Image.merge(
        "RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.new("L", (256, 256), 90)]
    )
    gradient.resize((800, 800)).save(source)
    fix(source, tmp_path / "b.jpg")
    with Image.open(source) as a, Image.open(tmp_path / "b.jpg") as b:
        pairs = zip(a.convert("RGB").tobytes(), b.tobytes(), strict=True)
        error = sum((x - y) ** 2 for x, y in pairs) / (800 * 800 * 3)
    assert 10 * math.log10(255**2 / error) > 40


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_half_a_photo_makes_none(tmp_path: Path, kind: str, fraction: float) -> None:
    source = tmp_path / f"a.{kind.lower()}"
    Image.effect_noise((300, 400), 80).convert("RGB").save(make_picture(source, kind), kind)
    short = cut(source, fraction)
    with pytest.raises(FixError, match="could not be read to its end"):
        fix(short, tmp_path / "b.jpg")
    assert sorted(tmp_path.iterdir()) == sorted([source, short])


def test_a_video_is_no_photo(tmp_path: Path) -> None:
    source = make_video(tmp_path / "a.jpg", seconds=0.2)
    with pytest.raises(FixError, match="could not be read"):
        fix(source, tmp_path / "b.jpg")
    assert list(tmp_path.iterdir()) == [source]
