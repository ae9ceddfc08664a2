"""Which rate and sides a converted video gets: inside TikTok's limits for any source, and as near as can be."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.media.targets import choose_rate, choose_sides


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (30.0, Fraction(30)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (60.02, Fraction(60)),
        (59.94, Fraction(60000, 1001)),
        (25.0, Fraction(25)),
        (15.0, Fraction(30)),
        (12.5, Fraction(25)),
        (10.0, Fraction(30)),
        (20.0, Fraction(40)),
        (1.0, Fraction(23)),
        (119.88, Fraction(60000, 1001)),
        (120.0, Fraction(60)),
        (240.0, Fraction(60)),
        (90.0, Fraction(45)),
        (0.0, Fraction(30)),
        (float("nan"), Fraction(30)),
        (float("inf"), Fraction(30)),
    ],
)
def test_the_rate_shows_every_picture_equally_long(fps: float, rate: Fraction) -> None:
    assert choose_rate(fps) == rate


@given(st.floats(min_value=0, max_value=100_000))
def test_any_rate_ends_inside_the_limits(fps: float) -> None:
    assert 23 <= choose_rate(fps) <= 60


@pytest.mark.parametrize(
    ("sides", "inner", "outer"),
    [
        ((1080, 1920), (1080, 1920), (1080, 1920)),
        ((1081, 1921), (1080, 1920), (1080, 1920)),
        ((359, 640), (360, 642), (360, 642)),
        ((200, 300), (360, 540), (360, 540)),
        ((7680, 4320), (4096, 2304), (4096, 2304)),
        ((4320, 7680), (2304, 4096), (2304, 4096)),
        ((8000, 100), (4096, 52), (4096, 360)),
        ((1200, 50), (4096, 170), (4096, 360)),
        ((2, 2), (360, 360), (360, 360)),
    ],
)
def test_sides_are_the_nearest_that_tiktok_takes(
    sides: tuple[int, int], inner: tuple[int, int], outer: tuple[int, int]
) -> None:
    frame = choose_sides(*sides)
    assert (frame.inner, frame.outer) == (inner, outer)


@given(st.integers(1, 8192), st.integers(1, 8192))
def test_any_sides_end_inside_the_limits_with_their_proportions(width: int, height: int) -> None:
    frame = choose_sides(width, height)
    for inner, outer in zip(frame.inner, frame.outer, strict=True):
        assert 360 <= outer <= 4096
        assert (inner % 2, outer % 2) == (0, 0)
        assert inner <= outer
    # Within a pixel or two on either side: both are rounded to even numbers.
    assert abs(frame.inner[0] * height - frame.inner[1] * width) <= 2 * (width + height)
    if min(width, height) >= 360 and max(width, height) <= 4096:
        assert max(abs(width - frame.outer[0]), abs(height - frame.outer[1])) <= 1
