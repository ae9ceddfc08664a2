"""Colours of still pictures: what their numbers mean, and the same colours in sRGB on white."""

from io import BytesIO

from PIL import Image, ImageCms

# Colours far apart from one another, and how far a profile may move them before people could see it.
_PROBES = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 128, 128, 128, 40, 160, 90, 200, 90, 140])
_TOLERANCE = 8
_SRGB = ImageCms.createProfile("sRGB")
# Pixels above this share of the wanted sides are first averaged in whole steps.
_REDUCING_GAP = 3.0
_WHITE = (255, 255, 255)
# Kinds of pixels whose profile, when there is one, has another number of colours than RGB.
_PROFILE_MODES = {"RGB": "RGB", "RGBA": "RGB", "L": "L", "LA": "L", "CMYK": "CMYK", "LAB": "LAB"}


def find_colours(picture: Image.Image) -> str:
    """`srgb`, `cmyk`, or `other` when a profile makes visibly different colours of the same numbers."""
    if picture.mode in {"CMYK", "LAB"}:
        return "cmyk" if picture.mode == "CMYK" else "other"
    profile = _read_profile(picture)
    if profile is None:
        return "srgb"
    space = profile.profile.xcolor_space.strip()
    if space not in {"RGB", "GRAY"}:
        return "other"
    mode = "RGB" if space == "RGB" else "L"
    probe = Image.frombytes("RGB", (len(_PROBES) // 3, 1), _PROBES).convert(mode)
    try:
        seen = ImageCms.profileToProfile(probe, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, ValueError, OSError):
        return "srgb"
    assert seen is not None  # noqa: S101  only an in-place conversion answers None
    moved = max(abs(a - b) for a, b in zip(probe.convert("RGB").tobytes(), seen.tobytes(), strict=True))
    return "other" if moved > _TOLERANCE else "srgb"


def to_srgb(picture: Image.Image, *, fit: tuple[int, int] | None = None) -> Image.Image:
    """The loaded picture as plain RGB in sRGB, transparent parts on white; shrunk to fit into `fit` pixels.

    The result carries nothing of the original but its pixels: no profile, no EXIF, no remarks.
    """
    image = _to_plain_mode(picture)
    if fit is not None:
        image = _shrink(image, fit)
    image = _apply_profile(image, _read_profile(picture))
    if "A" in image.getbands():
        ground = Image.new("RGB", image.size, _WHITE)
        ground.paste(image.convert("RGB"), mask=image.getchannel("A"))
        return ground
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain


def _read_profile(picture: Image.Image) -> ImageCms.ImageCmsProfile | None:
    raw = picture.info.get("icc_profile")
    if not raw:
        return None
    try:
        return ImageCms.ImageCmsProfile(BytesIO(raw))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # Nobody can read it, TikTok neither.
        return None


def _to_plain_mode(picture: Image.Image) -> Image.Image:
    """One of the modes that can be resized well: L, LA, RGB, RGBA, CMYK, LAB."""
    if picture.mode in _PROFILE_MODES and "transparency" not in picture.info:
        return picture
    if picture.mode.startswith("I;16") or picture.mode == "I":
        # Sixteen bits to eight: a plain conversion would cut everything above 255 to white.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in {"1", "F"} else "RGB")


def _shrink(image: Image.Image, fit: tuple[int, int]) -> Image.Image:
    scale = min(1.0, fit[0] / image.width, fit[1] / image.height)
    if scale == 1.0:
        return image
    sides = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(sides, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def _apply_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    if image.mode == "LAB":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if profile is None:
        return image
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    mode = _PROFILE_MODES[image.mode]
    if profile.profile.xcolor_space.strip() != {"L": "GRAY", "LAB": "Lab"}.get(mode, mode):
        return image
    bare = image if image.mode == mode else image.convert(mode)
    try:
        shown = ImageCms.profileToProfile(bare, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, ValueError, OSError):
        return image
    assert shown is not None  # noqa: S101  only an in-place conversion answers None
    if alpha is not None:
        shown.putalpha(alpha)
    return shown
