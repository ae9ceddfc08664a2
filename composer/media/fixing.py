"""Makes a file fit for TikTok: a recipe is carried out in a child process, watched, and its result checked."""

import json
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

from composer.media.check import CheckResult, check_media
from composer.media.recipes import Recipe
from composer.media.sandbox import ChildError, ChildTimeoutError, program_of, run_child

logger = logging.getLogger(__name__)

_PROGRAM = program_of("composer.media.fix_child")
# A line a quarter of a second for a day is less.
_MAX_OUTPUT_BYTES = 32 * 1024 * 1024
_CANCEL_EVERY_S = 0.5
_PART_SUFFIX = ".part"

FAILURES = {
    "unreadable": "This file could not be read to its end, so no copy was made. Export it again from the app it "
    "was made in, and upload that file.",
    "no_cover": "The picture for the cover could not be read. Choose another one, or save it again as JPEG.",
    "too_many_pixels": "This picture has too many pixels to be opened here. Make it smaller in a photo app, and "
    "upload that file.",
    "memory": "This file needs more memory than a copy may take here. Export it smaller, for example 1080 x 1920 "
    "pixels, and upload that file.",
    "too_large": "The copy grew larger than TikTok takes. Cut the original shorter or export it smaller, and "
    "upload that file.",
    "disk_full": "There is no room left on the server for the copy. Ask the person who runs this site to free some.",
}
_STOPPED = (
    "Making the copy stopped in the middle. Try once more. If it happens again, export the original again "
    "as MP4 with H.264, or as JPEG, and upload that file."
)
_TOO_LONG = (
    "Making the copy took too long and was stopped. Export the original smaller or shorter, and upload it."
)


class FixError(Exception):
    """No derivative could be made; nothing is left of it. Its text is for people."""


class FixCancelledError(Exception):
    """The one who asked for a derivative no longer wants it; nothing is left of it."""


def make_fix(
    recipe: Recipe,
    source: Path,
    destination: Path,
    *,
    picture: Path | None = None,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
    timeout_s: float,
) -> CheckResult:
    """Carry out one recipe: read `source`, write `destination`, and give the check of the result, which is fine.

    `picture` is the other ingredient of COVER_PICTURE. `on_progress` gets numbers that grow from 0 to 1,
    `is_cancelled` is asked twice a second; both run in the caller's thread, and what they raise ends the work.
    The work is done by a child process of lower priority with bounded memory and file size, on two processors at
    most, for `timeout_s` seconds by the clock. While it lasts the result grows in a file beside `destination`
    whose name ends in `.part`.

    Raises FixCancelledError, FixError with a sentence for people, FileNotFoundError when `source` is gone. Then,
    and when the callbacks raise, nothing is at `destination`.
    """
    if (recipe is Recipe.COVER_PICTURE) != (picture is not None):
        raise ValueError("a picture is the ingredient of COVER_PICTURE alone")
    part = destination.with_name(destination.name + _PART_SUFFIX)
    arguments = [
        recipe.value,
        str(source.resolve(strict=True)),
        str(part.absolute()),
        str(math.ceil(timeout_s)),
        "" if picture is None else str(picture.resolve(strict=True)),
    ]
    try:
        _run(arguments, on_progress, is_cancelled, timeout_s)
        result = check_media(part)
        if not result.is_ok or result.kind != _kind_of(recipe):
            logger.error("%s made a file with faults: %s", recipe, [fault.code for fault in result.faults])
            raise FixError(_STOPPED)
        on_progress(1.0)
        part.replace(destination)
    finally:
        part.unlink(missing_ok=True)
    return result


def _kind_of(recipe: Recipe) -> str:
    return "photo" if recipe is Recipe.PHOTO_JPEG else "video"


def _run(
    arguments: list[str],
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
    timeout_s: float,
) -> None:
    listener = _Listener(on_progress, is_cancelled)
    try:
        run_child(
            _PROGRAM,
            arguments,
            timeout_s=timeout_s,
            max_bytes=_MAX_OUTPUT_BYTES,
            on_output=listener.hear,
            on_tick=listener.ask,
        )
    except ChildTimeoutError as error:
        raise FixError(_TOO_LONG) from error
    except ChildError as error:
        logger.warning("a fix ended without an answer: %s", error)
        raise FixError(_STOPPED) from error
    if not listener.is_done:
        raise FixError(_STOPPED)


class _Listener:
    """Reads the lines of the child, and asks now and then whether its work is still wanted."""

    def __init__(self, on_progress: Callable[[float], None], is_cancelled: Callable[[], bool]) -> None:
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled
        self._rest = b""
        self._told = 0.0
        self._asked_at = -math.inf
        self.is_done = False

    def ask(self) -> None:
        now = time.monotonic()
        if now - self._asked_at < _CANCEL_EVERY_S:
            return
        self._asked_at = now
        if self._is_cancelled():
            raise FixCancelledError

    def hear(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError as error:
            raise ChildError("no JSON") from error
        match said:
            case {"failure": str(word)}:
                raise FixError(FAILURES.get(word, _STOPPED))
            case {"done": True}:
                self.is_done = True
            case {"progress": float() | int() as progress} if self._told < progress < 1:
                self._told = progress
                self._on_progress(progress)
