"""The inside of the child process that looks at one hostile file: takes limits upon itself, answers in JSON.

Started by `composer.media.check` only. Its answer is one JSON object on standard output: `facts` and `poster`
(base64), or `refusal` and `kind`. Sentences for people are made outside, never here.
"""

import base64
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

# Address space. Measured for 4096 x 4096 pixels: H.265 of 10 bits 0.64 GB, of 10 bits in 4:4:4 0.97 GB.
MAX_MEMORY_BYTES = 1536 * 1024**2
MAX_OPEN_FILES = 64


def limit_oneself(seconds: int) -> None:
    """Give up what looking at a file does not need, before the first byte of it is read."""
    # An own clock too: it ends this process even when the one that started it was killed.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds + 1)
    _limit(resource.RLIMIT_CPU, seconds, grace=1)
    _limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)


def _limit(what: int, most: int, *, grace: int = 0) -> None:
    """Lower one limit for good. With `grace`, the signal that names the limit comes before the plain kill."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard - grace)
    resource.setrlimit(what, (most, most + grace))


def answer(path: Path) -> dict[str, Any]:
    """Look at one file; what is wrong with it is part of the answer, not an error."""
    from composer.media.facts import ProbeError
    from composer.media.poster import make_poster
    from composer.media.probe import probe_video

    try:
        facts = probe_video(path)
    except ProbeError as error:
        return {"refusal": error.refusal, "kind": error.kind}
    poster = make_poster(path, facts)
    return {"facts": asdict(facts), "poster": base64.b64encode(poster).decode() if poster else None}


def main(path: str, seconds: str) -> None:
    """Entry of the process: look at `path` within `seconds` of processor time."""
    limit_oneself(int(seconds))
    found = json.dumps(answer(Path(path))).encode()
    sys.stdout.buffer.write(found)
    sys.stdout.buffer.flush()
    # Nothing is left to tidy up, and a library's clean-up after a broken file may hang or crash.
    os._exit(0)
