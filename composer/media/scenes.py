"""The moving pictures of the sample clips: calm, original drawings in the house's own colours."""

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH = 540
HEIGHT = 960

# How far a wave is long, and room above its crest for the shadow, in pixels.
_PERIOD = 270
_SHADOW = 24
_STAGE_TOP = 740
_HILLS_TOP = 500

# A scene is set up once; then it draws the picture at any moment, in seconds.
Scene = Callable[[float], Image.Image]
Colour = tuple[int, int, int]

_PAPER, _INK, _ROOM = (251, 250, 246), (14, 20, 17), (24, 53, 37)
_EVERGREEN, _MINT, _MIST = (12, 105, 63), (114, 214, 153), (220, 246, 229)
_LAMP, _CREAM, _AMBER = (240, 190, 103), (255, 242, 210), (137, 87, 9)
_NIGHT, _SKY = (23, 42, 62), (130, 194, 247)


def draw_lamp() -> Scene:
    """A lamp over a stool is switched on and warms up; dust drifts through its light."""
    dark = _room(_INK, (17, 25, 21))
    lit = _room((33, 48, 36), (58, 62, 40))
    lit.paste(_LAMP, (0, 0), _glow(270, 360, 620, strength=0.55))
    lit.paste(_LAMP, (0, 0), _light_cone())
    for image, shade, bulb in ((dark, (9, 62, 38), (60, 62, 50)), (lit, _EVERGREEN, _CREAM)):
        _hang_lamp(image, shade, bulb)
        _put_stool(image, (8, 12, 10) if image is dark else (66, 44, 12))
    lit.paste(_CREAM, (0, 0), _glow(270, 352, 130, strength=0.8))
    chance = random.Random(7)  # noqa: S311  a drawing, and the same every time
    motes = [(chance.uniform(90, 450), chance.uniform(380, 820), chance.uniform(0, 6.28)) for _ in range(26)]

    def at(seconds: float) -> Image.Image:
        level = _ease((seconds - 0.2) / 2.2)
        if 0.2 < seconds < 0.8:
            level += 0.10 * math.sin(seconds * 40) ** 2
        level *= 0.96 + 0.04 * math.sin(seconds * 2.1)
        image = Image.blend(dark, lit, max(0.0, min(1.0, level)))
        pen = ImageDraw.Draw(image, "RGBA")
        for x, y, phase in motes:
            dx, dy = x + 16 * math.sin(seconds * 0.7 + phase), y - 14 * seconds
            alpha = int(110 * level * (0.5 + 0.5 * math.sin(seconds * 1.3 + phase)))
            pen.ellipse((dx - 2, dy - 2, dx + 2, dy + 2), fill=(*_CREAM, max(0, alpha)))
        return image

    return at


def draw_sunrise() -> Scene:
    """A curtain opens on a small stage, and the sun comes up behind paper hills."""
    night = _gradient([(0.0, _INK), (0.6, _NIGHT), (1.0, (60, 62, 60))])
    dawn = _gradient([(0.0, _SKY), (0.42, _CREAM), (0.66, _LAMP), (1.0, _LAMP)])
    sun = _glow(78, 78, 78, strength=1.0, size=(156, 156), is_sharp=True)
    halo = _glow(200, 300, 300, strength=0.6, size=(400, 600))
    hills = [
        (_hill(560, 46, 1.1, 0.4), (150, 180, 120), (40, 58, 48)),
        (_hill(630, 58, 1.7, 2.2), (60, 140, 88), (24, 44, 34)),
    ]
    boards = _stage()
    left = _curtain()
    right = left.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def at(seconds: float) -> Image.Image:
        day = _ease((seconds - 0.8) / 4.2)
        image = Image.blend(night, dawn, day)
        height = round(720 - 420 * day)
        near = halo.point([int(v * day) for v in range(256)])
        image.paste(_CREAM, (270 - near.width // 2, height - near.height // 2), near)
        image.paste(_CREAM, (270 - sun.width // 2, height - sun.height // 2), sun)
        for mask, bright, dim in hills:
            image.paste(_mix(dim, bright, day), (0, _HILLS_TOP), mask)
        image.paste(boards, (0, _STAGE_TOP))
        opened = round(_ease(seconds / 2.6) * 196)
        image.paste(left, (-opened, 0))
        image.paste(right, (WIDTH - right.width + opened, 0))
        return image

    return at


def draw_waves() -> Scene:
    """Sheets of cut paper roll like a sea, with a paper boat on them."""
    sky = _gradient([(0.0, _PAPER), (0.55, _CREAM), (1.0, _MIST)])
    sky.paste((247, 215, 150), (0, 0), _glow(380, 250, 86, strength=1.0, is_sharp=True))
    colours = (_MIST, (168, 230, 193), _MINT, (48, 150, 98), _EVERGREEN, _ROOM)
    sheets = [
        (_wave_crest(26 + 5 * number, number), colour, 440 + 88 * number, 34 + 13 * number)
        for number, colour in enumerate(colours)
    ]
    boat = _boat()

    def at(seconds: float) -> Image.Image:
        image = sky.copy()
        for number, ((mask, shadow), colour, top, speed) in enumerate(sheets):
            direction = 1 if number % 2 else -1
            shift = round(direction * speed * seconds) % _PERIOD
            rise = top + round(9 * math.sin(seconds * 1.1 + number))
            if number == 3:
                tilt = 7 * math.sin(seconds * 1.4)
                turned = boat.rotate(tilt, resample=Image.Resampling.BILINEAR)
                spot = (round(96 + 22 * seconds), rise - 146 + round(7 * math.sin(seconds * 1.4 + 1)))
                image.paste(turned, spot, turned)
            window = (shift, 0, shift + WIDTH, mask.height)
            image.paste(_INK, (0, rise - _SHADOW - 12), shadow.crop(window))
            image.paste(colour, (0, rise - _SHADOW), mask.crop(window))
            image.paste(colour, (0, rise - _SHADOW + mask.height, WIDTH, HEIGHT))
        return image

    return at


def _ease(part: float) -> float:
    part = max(0.0, min(1.0, part))
    return part * part * (3 - 2 * part)


def _mix(a: Colour, b: Colour, part: float) -> Colour:
    red, green, blue = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _gradient(stops: Sequence[tuple[float, Colour]], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A vertical run of colours; each stop is (how far down, colour)."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        part = y / (size[1] - 1)
        after = next(index for index, stop in enumerate(stops) if stop[0] >= part)
        (start, a), (end, b) = stops[max(0, after - 1)], stops[after]
        column.putpixel((0, y), _mix(a, b, (part - start) / (end - start) if end > start else 1.0))
    return column.resize(size)


def _glow(
    x: int,
    y: int,
    radius: int,
    *,
    strength: float,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    is_sharp: bool = False,
) -> Image.Image:
    """A round mask: soft light that fades out at `radius`, or a disc with a smooth edge."""
    if is_sharp:
        disc = Image.new("L", (radius * 8, radius * 8), 0)
        ImageDraw.Draw(disc).ellipse((0, 0, radius * 8 - 1, radius * 8 - 1), fill=int(255 * strength))
        spot = disc.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)
    else:
        # Pillow's gradient reaches its edge colour on the inner circle's rim at about 181 of 256.
        fade = [int(255 * strength * max(0.0, 1 - v / 127) ** 2) for v in range(256)]
        spot = (
            Image.radial_gradient("L").point(fade).resize((radius * 2, radius * 2), Image.Resampling.BICUBIC)
        )
    mask = Image.new("L", size, 0)
    mask.paste(spot, (x - radius, y - radius))
    return mask


def _room(wall: Colour, floor: Colour) -> Image.Image:
    return _gradient(
        [(0.0, _mix(wall, _INK, 0.4)), (0.77, wall), (0.775, floor), (1.0, _mix(floor, _INK, 0.6))]
    )


def _light_cone() -> Image.Image:
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon([(200, 380), (340, 380), (470, 830), (70, 830)], fill=70)
    pen.ellipse((60, 780, 480, 880), fill=120)
    return mask.filter(ImageFilter.GaussianBlur(26))


def _smooth(
    draw: Callable[[ImageDraw.ImageDraw, int], None], size: tuple[int, int] = (WIDTH, HEIGHT)
) -> Image.Image:
    """A mask drawn four times as large and shrunk, so that its edges are smooth."""
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    draw(ImageDraw.Draw(large), 4)
    return large.resize(size, Image.Resampling.BOX)


def _hang_lamp(image: Image.Image, shade: Colour, bulb: Colour) -> None:
    def draw_bulb(pen: ImageDraw.ImageDraw, k: int) -> None:
        pen.ellipse((238 * k, 326 * k, 302 * k, 390 * k), fill=255)

    def draw_shade(pen: ImageDraw.ImageDraw, k: int) -> None:
        pen.rectangle((267 * k, 0, 273 * k, 250 * k), fill=255)
        pen.rounded_rectangle((250 * k, 226 * k, 290 * k, 270 * k), radius=10 * k, fill=255)
        pen.pieslice((160 * k, 246 * k, 380 * k, 470 * k), 180, 360, fill=255)

    image.paste(bulb, (0, 0), _smooth(draw_bulb))
    image.paste(shade, (0, 0), _smooth(draw_shade))


def _put_stool(image: Image.Image, colour: Colour) -> None:
    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        pen.rounded_rectangle((196 * k, 640 * k, 344 * k, 664 * k), radius=11 * k, fill=255)
        for top, bottom in ((218, 192), (322, 348)):
            pen.line((top * k, 660 * k, bottom * k, 836 * k), fill=255, width=11 * k)
        pen.line((206 * k, 760 * k, 334 * k, 760 * k), fill=255, width=7 * k)

    image.paste(colour, (0, 0), _smooth(draw))


def _hill(top: int, swing: int, waves: float, phase: float) -> Image.Image:
    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        crest = [
            (x * k, k * (top - _HILLS_TOP + swing * math.sin(phase + waves * 2 * math.pi * x / WIDTH)))
            for x in range(-4, WIDTH + 9, 4)
        ]
        pen.polygon([*crest, (WIDTH * k, HEIGHT * k), (0, HEIGHT * k)], fill=255)

    return _smooth(draw, (WIDTH, _STAGE_TOP - _HILLS_TOP))


def _stage() -> Image.Image:
    """The boards of the stage floor."""
    size = (WIDTH, HEIGHT - _STAGE_TOP)
    boards = _gradient([(0.0, (172, 118, 48)), (0.1, (150, 98, 32)), (1.0, (84, 52, 10))], size)
    pen = ImageDraw.Draw(boards)
    for x in range(-400, WIDTH + 401, 90):
        pen.line((270 + (x - 270) * 0.6, 0, x, size[1]), fill=(96, 60, 14), width=3)
    pen.rectangle((0, 0, WIDTH, 7), fill=(214, 160, 84))
    return boards


def _curtain() -> Image.Image:
    """The left half of a curtain in folds, as wide as half the picture."""
    folds = Image.new("RGB", (WIDTH // 2, 1))
    for x in range(WIDTH // 2):
        fold = 0.5 + 0.5 * math.sin(x / 9.0 + 0.8 * math.sin(x / 31))
        folds.putpixel((x, 0), _mix((6, 52, 32), (20, 128, 80), fold))
    curtain = folds.resize((WIDTH // 2, HEIGHT))
    shade = _gradient([(0.0, (150, 150, 150)), (0.5, (255, 255, 255)), (1.0, (190, 190, 190))], curtain.size)
    curtain = ImageChops.multiply(curtain, shade)
    pen = ImageDraw.Draw(curtain)
    pen.rectangle((WIDTH // 2 - 9, 0, WIDTH // 2 - 1, HEIGHT), fill=_LAMP)
    return curtain


def _wave_crest(swing: int, number: int) -> tuple[Image.Image, Image.Image]:
    """Mask and soft shadow of one sheet's edge, a period wider than the picture: a window slides."""
    size = (WIDTH + _PERIOD, 2 * swing + 2 * _SHADOW)

    def draw(pen: ImageDraw.ImageDraw, k: int) -> None:
        crest = [
            (x * k, k * (_SHADOW + swing + swing * math.sin(2 * math.pi * x / _PERIOD + number)))
            for x in range(-3, size[0] + 4, 3)
        ]
        pen.polygon([*crest, (size[0] * k, size[1] * k), (0, size[1] * k)], fill=255)

    mask = _smooth(draw, size)
    return mask, mask.filter(ImageFilter.BoxBlur(9)).point([v * 60 // 255 for v in range(256)])


def _boat() -> Image.Image:
    size = (190, 190)

    def fold(*points: tuple[int, int]) -> Callable[[ImageDraw.ImageDraw, int], None]:
        return lambda pen, k: pen.polygon([(x * k, y * k) for x, y in points], fill=255)

    boat = Image.new("RGBA", size, (*_PAPER, 0))
    for colour, shape in (
        ((236, 232, 220), fold((95, 34), (95, 126), (44, 126))),
        ((255, 255, 255), fold((95, 34), (95, 126), (146, 126))),
        ((250, 247, 238), fold((12, 112), (178, 112), (146, 164), (44, 164))),
        ((222, 217, 202), fold((12, 112), (95, 112), (44, 164))),
    ):
        boat.paste((*colour, 255), (0, 0), _smooth(shape, size))
    return boat
