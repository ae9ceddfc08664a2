"""What a converted video is to look like: frame rate and sides within TikTok's limits, as near as can be."""

import math
from dataclasses import dataclass
from fractions import Fraction

from composer.media.limits import MAX_FPS, MAX_SIDE, MIN_FPS, MIN_SIDE

# For a file that does not tell its own.
_USUAL_FPS = Fraction(30)
# Rates that cameras and films have; an average that is this near means one of them.
_KNOWN_RATES = tuple(
    Fraction(*rate)
    for rate in (
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
    )
)
_NEAR = Fraction(1, 400)


def choose_rate(fps: float) -> Fraction:
    """The frame rate to convert to: the same when TikTok takes it, else a whole multiple or part of it.

    So every picture is shown equally long. 0 stands for unknown.
    """
    if not math.isfinite(fps) or fps <= 0:
        return _USUAL_FPS
    rate = Fraction(fps).limit_denominator(1001)
    if rate == 0:
        return Fraction(MIN_FPS)
    if rate < MIN_FPS:
        rate *= math.ceil(MIN_FPS / rate)
    elif rate > MAX_FPS:
        # Averages wander: 60.02 means 60, and halving it would be a loss.
        rate /= 1 if rate <= MAX_FPS * (1 + _NEAR) else math.ceil(rate / MAX_FPS)
    known = min(_KNOWN_RATES, key=lambda known: abs(rate - known))
    if abs(rate - known) <= known * _NEAR:
        rate = known
    return min(max(rate, Fraction(MIN_FPS)), Fraction(MAX_FPS)).limit_denominator(1001)


@dataclass(frozen=True)
class Frame:
    """Where the picture lies: scaled to `inner` pixels, in the middle of `outer`, both even on every side.

    The two differ only for a picture so narrow that both of TikTok's limits cannot be kept otherwise.
    """

    inner: tuple[int, int]
    outer: tuple[int, int]


def choose_sides(width: int, height: int) -> Frame:
    """The sides to convert to, from those displayed: unchanged when TikTok takes them, else the nearest it takes."""
    scale = Fraction(1)
    if max(width, height) > MAX_SIDE:
        scale = Fraction(MAX_SIDE, max(width, height))
    elif min(width, height) < MIN_SIDE:
        scale = min(Fraction(MIN_SIDE, min(width, height)), Fraction(MAX_SIDE, max(width, height)))
    inner = _even(width * scale), _even(height * scale)
    return Frame(inner=inner, outer=(max(MIN_SIDE, inner[0]), max(MIN_SIDE, inner[1])))


def _even(side: Fraction) -> int:
    return min(MAX_SIDE, max(2, 2 * round(side / 2)))
