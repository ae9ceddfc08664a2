"""The inside of the child process that looks at one hostile file and answers in JSON.

Started by `composer.media.check` only. Its answer is one JSON object on standard output: `media` ("video" or
"photo"), `facts` and `poster` (base64), or `refusal` and `kind`. Sentences for people are made outside, never
here.
"""

import base64
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from composer.media.confine import limit_oneself


def answer(path: Path) -> dict[str, Any]:
    """Look at one file; what is wrong with it is part of the answer, not an error."""
    from composer.media.facts import ProbeError

    try:
        media, facts, poster = _look(path)
    except ProbeError as error:
        return {"refusal": error.refusal, "kind": error.kind}
    return {
        "media": media,
        "facts": asdict(facts),
        "poster": base64.b64encode(poster).decode() if poster else None,
    }


def _look(path: Path) -> tuple[str, Any, bytes | None]:
    from composer.media.facts import ProbeError, Refusal
    from composer.media.sniff import MEASURABLE, OTHER_VIDEOS, PHOTOS, sniff

    with path.open("rb") as file:
        kind = sniff(file)
    # A reader is loaded only for a file that is meant for it.
    if kind in PHOTOS:
        from composer.media.photo import probe_photo

        return ("photo", *probe_photo(path, kind))
    if kind in MEASURABLE or kind in OTHER_VIDEOS or kind == "empty":
        from composer.media.poster import make_poster
        from composer.media.probe import probe_video

        facts = probe_video(path)
        return "video", facts, make_poster(path, facts)
    raise ProbeError(Refusal.CAMERA_RAW if kind == "raw" else Refusal.NOT_MEDIA, kind)


def main(path: str, seconds: str) -> None:
    """Entry of the process: look at `path` within `seconds` of processor time."""
    limit_oneself(int(seconds))
    found = json.dumps(answer(Path(path))).encode()
    sys.stdout.buffer.write(found)
    sys.stdout.buffer.flush()
    # Nothing is left to tidy up, and a library's clean-up after a broken file may hang or crash.
    os._exit(0)
