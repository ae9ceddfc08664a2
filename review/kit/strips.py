"""What is written around the browser window and never over it: what this is, and what is seen just now."""

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from review.kit.desk import WIDTH

# Even, because the film halves the rows of its colours.
TOP, BOTTOM = 36, 96
_MARGIN = 28
_DARK, _WARN, _WHITE, _MUTED = "#0b1d15", "#8a4b12", "#f6f1e2", "#b5c6b8"
REHEARSAL = "REHEARSAL with a simulated TikTok. Nothing here reaches tiktok.com; not for handing in."


@dataclass(frozen=True)
class Words:
    """The two lines below the window."""

    heading: str = ""
    text: str = ""


@lru_cache(maxsize=1)
def top_strip() -> Image.Image:
    """The line above the window: in a rehearsal."""
    strip = Image.new("RGB", (WIDTH, TOP), _WARN)
    ImageDraw.Draw(strip).text((WIDTH // 2, TOP // 2), REHEARSAL, "#ffffff", _font(20), anchor="mm")
    return strip


@lru_cache(maxsize=64)
def bottom_strip(words: Words) -> Image.Image:
    """Heading and text, the text made smaller until it fits."""
    strip = Image.new("RGB", (WIDTH, BOTTOM), _DARK)
    draw = ImageDraw.Draw(strip)
    draw.text((_MARGIN, 22), words.heading, _MUTED, _font(17), anchor="lm")
    size = next(
        (size for size in range(26, 13, -1) if _font(size).getlength(words.text) <= WIDTH - 2 * _MARGIN), 13
    )
    draw.text((_MARGIN, 60), words.text, _WHITE, _font(size), anchor="lm")
    return strip


def around(window: Image.Image, words: Words, *, is_rehearsal: bool) -> Image.Image:
    """The picture of a window with its strips."""
    above = TOP if is_rehearsal else 0
    whole = Image.new("RGB", (WIDTH, above + window.height + BOTTOM))
    if is_rehearsal:
        whole.paste(top_strip(), (0, 0))
    whole.paste(window, (0, above))
    whole.paste(bottom_strip(words), (0, above + window.height))
    return whole


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
