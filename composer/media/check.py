"""Checks an uploaded video from the outside: a child process looks at it, the judgement is made here."""

import base64
import binascii
import json
import logging
import math
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from composer.media.facts import CONTENT_TYPES, ProbeError, Refusal, VideoFacts
from composer.media.limits import Fault, explain_refusal, find_faults, find_warnings
from composer.media.sniff import KINDS

logger = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[2])
# Isolated (-I): no environment variable, working directory or personal folder may change what is imported.
_PROGRAM = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from composer.media.child import main; main(*sys.argv[1:])"
)
# Facts and a poster of 960 x 540 stay far below; more is no answer of ours.
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class CheckResult:
    """What a check found. `facts` is None when the file could not be measured; then there is a fault.

    `is_conclusive` is False when the check itself failed (time, crash): looking again may help.
    """

    facts: VideoFacts | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    poster_jpeg: bytes | None

    @property
    def is_ok(self) -> bool:
        return not self.faults

    @property
    def is_conclusive(self) -> bool:
        return not any(fault.code in {Refusal.TIMED_OUT, Refusal.CHECK_FAILED} for fault in self.faults)


def check_video(path: Path, *, timeout_s: float = 20) -> CheckResult:
    """Look at one file in a child process and judge it by TikTok's limits; raises nothing for what is in it.

    The child gets `timeout_s` seconds by the clock and by the processor, 1.5 GB of address space, and no
    right to write files; it inherits neither environment nor open files. May be called from any thread.
    """
    try:
        return _judge(_ask_child(path.resolve(), timeout_s))
    except ProbeError as error:
        return CheckResult(facts=None, faults=(explain_refusal(error),), warnings=(), poster_jpeg=None)


def _judge(answer: dict[str, Any]) -> CheckResult:
    try:
        if "refusal" in answer:
            raise ProbeError(Refusal(answer["refusal"]), str(answer["kind"]))
        facts = _read_facts(answer["facts"])
        poster = _read_poster(answer["poster"])
    except (KeyError, TypeError, ValueError) as error:
        logger.warning("media check answered nonsense: %r", error)
        raise ProbeError(Refusal.CHECK_FAILED, "unknown") from error
    return CheckResult(
        facts=facts, faults=find_faults(facts), warnings=find_warnings(facts), poster_jpeg=poster
    )


def _read_facts(raw: dict[str, Any]) -> VideoFacts:
    """Facts from the child, every value of the type it must have: a hostile file may speak through it."""
    values = {field.name: raw[field.name] for field in fields(VideoFacts)}
    for field in fields(VideoFacts):
        value = values[field.name]
        if field.type is float and type(value) is int:
            value = values[field.name] = float(value)
        if type(value) is not field.type:
            raise TypeError(field.name)
        if field.type in {int, float} and not 0 <= value < 2**53:
            raise ValueError(field.name)
    facts = VideoFacts(**values)
    if facts.container not in CONTENT_TYPES or not KINDS.get(facts.container):
        raise ValueError("container")
    if not all(codec.replace("_", "").isalnum() and len(codec) <= 30 for codec in _codecs(facts)):
        raise ValueError("codec")
    return facts


def _codecs(facts: VideoFacts) -> list[str]:
    return [facts.video_codec, facts.audio_codec] if facts.audio_codec else [facts.video_codec]


def _read_poster(raw: object) -> bytes | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise TypeError("poster")
    try:
        poster = base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValueError("poster") from error
    if not poster.startswith(b"\xff\xd8\xff"):
        raise ValueError("poster")
    return poster


def _ask_child(path: Path, timeout_s: float) -> dict[str, Any]:
    """The child's JSON answer. Raises ProbeError when there is none in time; the child is gone either way."""
    deadline = time.monotonic() + timeout_s
    process = subprocess.Popen(  # noqa: S603  our own interpreter; the path is one argument, never a command
        [sys.executable, "-I", "-c", _PROGRAM, str(path), str(math.ceil(timeout_s))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_bare_environment(),
        # Its own session: Ctrl-C in the terminal must not look like a broken file.
        start_new_session=True,
    )
    try:
        with process:
            try:
                raw = _read_answer(process, deadline)
            finally:
                process.kill()
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        logger.warning("media check stopped after %s s", timeout_s)
        raise ProbeError(Refusal.TIMED_OUT, "unknown") from error
    if process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
        raise ProbeError(Refusal.TIMED_OUT, "unknown")
    try:
        answer = json.loads(raw)
    except ValueError as error:
        logger.warning("media check ended with %s and no answer", process.returncode)
        raise ProbeError(Refusal.CHECK_FAILED, "unknown") from error
    if not isinstance(answer, dict):
        raise ProbeError(Refusal.CHECK_FAILED, "unknown")
    return answer


def _read_answer(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    """Everything up to the end of the child's output; TimeoutError at the deadline."""
    pipe = process.stdout
    assert pipe is not None  # noqa: S101  PIPE was asked for
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    raw = bytearray()
    while len(raw) <= _MAX_ANSWER_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError
        block = os.read(pipe.fileno(), _BLOCK)
        if not block:
            # Let it end by itself: how it ended tells a crash from an answer.
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
            return bytes(raw)
        raw += block
    return b""


def _bare_environment() -> dict[str, str]:
    """No secret of ours; only what a Python outside the system's folders needs to start."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept}
