"""The real pointer and keyboard of a display, moved by XTEST so that a person can follow."""

import subprocess
from itertools import chain

from review.kit.desk import HEIGHT, WIDTH, Desk, program

_FRAME_SECONDS = 1 / 60
# Pixels a second at full speed: the eye follows.
_SPEED = 1100
_SHORTEST, _LONGEST = 0.25, 1.1


class Pointer:
    """Moves, presses and types on one display. `is_quick` leaves away what only serves the eye."""

    def __init__(self, desk: Desk, *, is_quick: bool) -> None:
        self._xdotool = program("xdotool", "xdotool")
        self._environ = desk.environ
        self._is_quick = is_quick
        self.x, self.y = WIDTH // 2, HEIGHT // 2
        self._do("mousemove", self.x, self.y)

    def glide(self, x: float, y: float) -> None:
        """Go there in a straight line, slow at both ends."""
        distance = ((x - self.x) ** 2 + (y - self.y) ** 2) ** 0.5
        seconds = min(max(distance / _SPEED, _SHORTEST), _LONGEST)
        steps = 4 if self._is_quick else max(int(seconds / _FRAME_SECONDS), 1)
        # Hermite's smooth step, from 0 to 1.
        parts = [(n / steps) ** 2 * (3 - 2 * n / steps) for n in range(1, steps + 1)]
        places = [(self.x + (x - self.x) * part, self.y + (y - self.y) * part) for part in parts]
        moves = (("mousemove", round(px), round(py), "sleep", f"{_FRAME_SECONDS:.3f}") for px, py in places)
        self._do(*chain.from_iterable(moves))
        self.x, self.y = round(x), round(y)

    def press(self) -> None:
        self._do("click", 1)

    def wheel(self, clicks: int) -> None:
        """Turn the wheel, down for positive numbers."""
        delay = 15 if self._is_quick else 60
        self._do("click", "--repeat", abs(clicks), "--delay", delay, 5 if clicks > 0 else 4)

    def type(self, text: str) -> None:
        self._do("type", "--delay", 8 if self._is_quick else 45, text)

    def key(self, name: str) -> None:
        """One key or chord by its X name, as "ctrl+l"."""
        self._do("key", name)

    def count_windows(self) -> int:
        """How many windows are to be seen; a hover text is one of its own."""
        found = self._do("search", "--onlyvisible", "--name", ".*")
        return len(found.split())

    def _do(self, *words: object) -> str:
        done = subprocess.run(  # noqa: S603  a program of the system; each word is one argument
            [self._xdotool, *map(str, words)], env=self._environ, check=True, capture_output=True, text=True
        )
        return done.stdout
