"""The X display that is filmed: one of our own that nobody sees, or the desktop of the person who is at it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from review.kit.errors import KitError

WIDTH, HEIGHT = 1440, 900
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Desk:
    """A display by its X name, as ":1", and the environment that leads programs to it."""

    display: str

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display, "LANGUAGE": "en_GB"}


def program(name: str, package: str) -> str:
    """The full path of a program that must be installed. Raises KitError that names Debian's package."""
    path = shutil.which(name)
    if path is None:
        raise KitError(
            f"{name} is not installed. On Debian and Ubuntu: apt install {package} (as root, or with sudo)."
        )
    return path


@contextmanager
def own_desk() -> Iterator[Desk]:
    """A display of our own in memory, gone afterwards; the pointer of whoever works here is left alone."""
    command = [program("Xvfb", "xvfb"), "-displayfd", "1", "-nolisten", "tcp"]
    screen = f"{WIDTH}x{HEIGHT}x24"
    process = subprocess.Popen(  # noqa: S603  a program of the system, with words of our own
        [*command, "-screen", "0", screen], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None  # noqa: S101  it was asked for above
    try:
        number = process.stdout.readline().strip()
        if not number:
            raise KitError("Xvfb did not start. Run it by hand to see why: Xvfb :99")
        yield Desk(f":{number}")
    finally:
        process.stdout.close()
        process.terminate()
        process.wait(_STOP_SECONDS)


def persons_desk(environ: Mapping[str, str] = os.environ) -> Desk:
    """The desktop this was started from. Raises KitError where there is none that can be filmed."""
    display = environ.get("DISPLAY", "")
    if not display:
        raise KitError(
            "--live needs a desktop, and there is none here (DISPLAY is not set): you sign in to TikTok in the "
            "window that is filmed. Run it on a computer with a screen, or leave --live away for a rehearsal."
        )
    if environ.get("XDG_SESSION_TYPE") == "wayland":
        raise KitError(
            "--live films an X display, and this desktop is Wayland, which shows its picture to nobody. "
            "Sign in again with an X11 (Xorg) session and start it there."
        )
    return Desk(display)
