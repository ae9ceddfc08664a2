"""The colours keep the contrast that makes them readable, in both themes."""

import re

import pytest

from config.env import BASE_DIR

TOKENS = re.sub(r"/\*.*?\*/", "", (BASE_DIR / "static/css/tokens.css").read_text(), flags=re.DOTALL)
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--color-([a-z-]+):\s*light-dark\(\s*(#[0-9a-f]{6})\s*,\s*(#[0-9a-f]{6})\s*\)", TOKENS, re.IGNORECASE
    )
}
TEXT = 4.5
CONTROL = 3.0
NEEDED = [
    ("text", "bg", TEXT),
    ("text", "surface", TEXT),
    ("text", "sunken", TEXT),
    ("muted", "bg", TEXT),
    ("muted", "surface", TEXT),
    ("muted", "sunken", TEXT),
    ("accent", "surface", TEXT),
    ("accent", "bg", TEXT),
    ("danger", "surface", TEXT),
    ("danger", "danger-soft", TEXT),
    ("warn", "surface", TEXT),
    ("warn", "warn-soft", TEXT),
    ("info", "info-soft", TEXT),
    ("line-strong", "surface", CONTROL),
    ("focus", "surface", CONTROL),
    ("focus", "bg", CONTROL),
]


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), NEEDED, ids=str)
def test_readable(front: str, back: str, least: float, theme: int) -> None:
    assert contrast(PAIRS[front][theme], PAIRS[back][theme]) >= least
