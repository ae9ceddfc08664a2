"""Leads through the product with the real pointer, says what is seen, and keeps the proof of every requirement."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator, Page, expect

from review.guideline import requirement
from review.kit.camera import Camera
from review.kit.errors import KitError, StateNotShownError
from review.kit.pointer import Pointer
from review.kit.strips import Words

# People read about 16 letters a second.
_LETTERS_A_SECOND = 16
_SHORTEST_SECONDS = 1.6
# What must stay free above and below a thing that is shown.
_FREE_ABOVE, _FREE_BELOW = 110, 150
_WHEEL_PIXELS = 110
_HOVER_SECONDS = 10
# A page that several processes answer for on a busy machine.
WAIT_MS = 20_000
# How long a person may take at TikTok.
_PERSON_SECONDS = 600


@dataclass(frozen=True)
class Shot:
    """The picture that proves a requirement, and where in the film it was taken (seconds)."""

    number: str
    picture: Path
    film_seconds: float


@dataclass
class Guide:
    """Whoever shows the product around. `is_quick` keeps no time for anybody to read."""

    page: Page
    pointer: Pointer
    camera: Camera
    folder: Path
    is_quick: bool
    heading: str = ""
    shots: list[Shot] = field(default_factory=list)

    # --- Saying -----------------------------------------------------------------------------------------------

    def begin(self, heading: str) -> None:
        """A new part of the film."""
        self.heading = heading
        print(f"  {heading}", flush=True)

    def say(self, text: str) -> None:
        """Write this below the window, and for whoever waits; leave time to read it."""
        print(f"    {text}", flush=True)
        self.camera.words = Words(self.heading, text)
        self.hold(max(len(text) / _LETTERS_A_SECOND, _SHORTEST_SECONDS))

    def hold(self, seconds: float) -> None:
        """Let it be looked at; the page goes on living."""
        if not self.is_quick:
            self.page.wait_for_timeout(seconds * 1000)

    # --- Doing ------------------------------------------------------------------------------------------------

    def point(self, target: Locator) -> None:
        """Bring it into view and rest the pointer on it."""
        self.bring(target)
        box = _box(target)
        left, top = self._origin()
        # In a wide thing the words are at its left.
        x = box["x"] + min(box["width"] / 2, 160)
        self.pointer.glide(left + x, top + box["y"] + box["height"] / 2)

    def press(self, target: Locator) -> None:
        """Press it with the real pointer."""
        self.point(target)
        self.hold(0.25)
        self.pointer.press()

    def write(self, target: Locator, text: str) -> None:
        """Press into a field and type."""
        self.press(target)
        expect(target).to_be_focused(timeout=WAIT_MS)
        self.pointer.type(text)

    def go_to(self, url: str) -> None:
        """Type an address into the address bar."""
        self.pointer.key("ctrl+l")
        self.pointer.type(url)
        self.hold(0.6)
        self.pointer.key("Return")

    def reload(self) -> None:
        """The browser's own key for it."""
        with self.page.expect_navigation():
            self.pointer.key("F5")

    def choose_file(self, target: Locator, path: Path) -> None:
        """Press a file field; the system's own window for files is answered before it opens."""
        with self.page.expect_file_chooser() as chooser:
            self.press(target)
        chooser.value.set_files(path)

    def hover(self, target: Locator, text: str | None = None) -> str:
        """Rest on it until its hover text is to be seen; returns the text. With `text` it must be exactly that."""
        before = self._leave(target)
        self.point(target)
        said = self._title_under_pointer()
        if not said or (text is not None and said != text):
            raise AssertionError(f"the hover text is {said!r}, expected {text or 'one'!r}")
        self._wait_for(lambda: self.pointer.count_windows() > before, "the hover text did not open")
        self.hold(max(len(said) / _LETTERS_A_SECOND, _SHORTEST_SECONDS))
        return said

    def bring(self, target: Locator) -> None:
        """Turn the wheel until it stands well inside the window."""
        expect(target).to_be_visible(timeout=WAIT_MS)
        for _ in range(12):
            box, height = _box(target), self.page.evaluate("innerHeight")
            too_low = box["y"] + box["height"] - (height - _FREE_BELOW)
            too_high = _FREE_ABOVE - box["y"]
            if too_low <= 0 and too_high <= 0:
                return
            if too_high > 0:
                clicks = -max(round(too_high / _WHEEL_PIXELS), 1)
            else:
                # What is taller than the window shows its head.
                clicks = max(round(min(too_low, -too_high) / _WHEEL_PIXELS), 0)
            if not clicks or not self._scroll(clicks):
                return

    # --- Proving ----------------------------------------------------------------------------------------------

    @contextmanager
    def proves(self, *numbers: str) -> Iterator[None]:
        """What happens inside shows these requirements; a picture of the end is kept for each.

        Raises StateNotShownError with the first number when anything inside was not to be seen.
        """
        try:
            yield
        except (AssertionError, BrowserError, ValueError) as error:
            first = requirement(numbers[0])
            self._keep(f"failed-{first.slug}", first.rule.summary)
            raise StateNotShownError(
                f"{' and '.join(numbers)} did not show. Expected: {first.see} {first_words(error)}"
            ) from error
        needed = [requirement(number) for number in numbers]
        at = self.camera.seconds
        shots = [Shot(each.number, self.folder / f"{each.slug}.png", at) for each in needed]
        words = [Words(f"Requirement {each.number}", each.rule.summary) for each in needed]
        self.camera.save({shot.picture: said for shot, said in zip(shots, words, strict=True)})
        self.shots += shots

    def keep_failure(self) -> None:
        """A picture of where a scene went no further."""
        self._keep("failed", "The scene went no further.")

    def ask_person(self, what: str, until: Callable[[], bool]) -> None:
        """Have the person at the desk do something, and go on once it is seen. Raises KitError after ten minutes."""
        print(f"\n  >>> Your turn: {what}\n", flush=True)
        deadline = time.monotonic() + _PERSON_SECONDS
        while not until():
            if time.monotonic() > deadline:
                raise KitError(f"Nothing happened for ten minutes. It was your turn: {what}")
            self.page.wait_for_timeout(300)

    def ask_person_and_wait(self, what: str) -> None:
        """The same for what cannot be seen: until Enter is pressed in the terminal."""
        enter = threading.Thread(target=sys.stdin.readline, daemon=True)
        enter.start()
        self.ask_person(what, lambda: not enter.is_alive())

    # --- Inside -----------------------------------------------------------------------------------------------

    def _keep(self, name: str, text: str) -> None:
        self.camera.save({self.folder / f"{name}.png": Words(self.heading, text)})

    def _origin(self) -> tuple[float, float]:
        """Where on the screen the page's own upper left corner is."""
        left, top = self.page.evaluate(
            "[screenX + (outerWidth - innerWidth) / 2, screenY + outerHeight - innerHeight]"
        )
        return float(left), float(top)

    def _leave(self, target: Locator) -> int:
        """Take the pointer off whatever has a hover text; returns how many windows are open without one."""
        self.bring(target)
        box, (left, top) = _box(target), self._origin()
        self.pointer.glide(max(left + box["x"] - 14, 0), top + box["y"] + box["height"] / 2)
        time.sleep(0.1)
        return self.pointer.count_windows()

    def _title_under_pointer(self) -> str:
        left, top = self._origin()
        script = "([x, y]) => document.elementFromPoint(x, y)?.closest('[title]')?.title ?? ''"
        return str(self.page.evaluate(script, [self.pointer.x - left, self.pointer.y - top]))

    def _scroll(self, clicks: int) -> bool:
        """Whether the page moved."""
        before = self.page.evaluate("scrollY")
        self.pointer.wheel(clicks)
        last: Any = None
        for _ in range(40):
            self.page.wait_for_timeout(60)
            now = self.page.evaluate("scrollY")
            if now == last:
                break
            last = now
        return bool(last != before)

    def _wait_for(self, condition: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + _HOVER_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(complaint)
            self.page.wait_for_timeout(60)


def first_words(error: Exception) -> str:
    """What a browser's error says before it goes on about how it looked."""
    return " ".join(str(error).split("Call log:")[0].split())


def _box(target: Locator) -> Any:
    box = target.bounding_box()
    if box is None:
        raise AssertionError(f"{target} is not to be seen")
    return box
