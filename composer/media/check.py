"""Checks a media file from the outside: a child process looks at it, the judgement is made here."""

import base64
import binascii
import json
import logging
import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from composer.media.facts import CONTENT_TYPES, PhotoFacts, ProbeError, Refusal, VideoFacts
from composer.media.limits import Fault, explain_refusal, find_faults, find_warnings
from composer.media.photo_limits import find_photo_faults, find_photo_warnings
from composer.media.recipes import Recipe, find_recipe
from composer.media.sandbox import ChildError, ChildTimeoutError, program_of, run_child
from composer.media.sniff import MEASURABLE, OTHER_PICTURES, PHOTOS

logger = logging.getLogger(__name__)

_PROGRAM = program_of("composer.media.child")
# Facts and a preview of 960 x 960 stay far below; more is no answer of ours.
_MAX_ANSWER_BYTES = 4 * 1024 * 1024
_COLOURS = frozenset({"srgb", "cmyk", "other"})


@dataclass(frozen=True)
class CheckResult:
    """What a check found. `facts` is None when the file could not be measured; then there is a fault.

    `kind` is "video" or "photo"; a file that is neither counts as a photo when it is some other picture, else as
    a video. `poster_jpeg` is a preview of at most 960 pixels a side. `fix` names the recipe that takes away every
    fault, or, of a file without faults, a warning worth a fix. `is_conclusive` is False when the check itself
    failed (time, crash): looking again may help.
    """

    kind: str
    facts: VideoFacts | PhotoFacts | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    poster_jpeg: bytes | None
    fix: Recipe | None

    @property
    def is_ok(self) -> bool:
        return not self.faults

    @property
    def is_conclusive(self) -> bool:
        return not any(fault.code in {Refusal.TIMED_OUT, Refusal.CHECK_FAILED} for fault in self.faults)


def check_media(path: Path, *, timeout_s: float = 20) -> CheckResult:
    """Look at one file in a child process and judge it by TikTok's limits; raises nothing for what is in it.

    The file is recognised by its content, never by its name. The child gets `timeout_s` seconds by the clock and
    by the processor, 1.5 GB of address space, and no right to write files; it inherits neither environment nor
    open files. May be called from any thread.
    """
    try:
        return _judge(_ask_child(path.resolve(), timeout_s))
    except ProbeError as error:
        return _refuse(error)


def _refuse(error: ProbeError) -> CheckResult:
    kind = "photo" if error.kind in PHOTOS or error.kind in OTHER_PICTURES else "video"
    return CheckResult(
        kind=kind, facts=None, faults=(explain_refusal(error),), warnings=(), poster_jpeg=None, fix=None
    )


def _judge(answer: dict[str, Any]) -> CheckResult:
    try:
        if "refusal" in answer:
            raise ProbeError(Refusal(answer["refusal"]), str(answer["kind"]))
        kind = str(answer["media"])
        facts = _read_photo(answer["facts"]) if kind == "photo" else _read_video(answer["facts"])
        poster = _read_poster(answer["poster"])
    except (KeyError, TypeError, ValueError) as error:
        logger.warning("media check answered nonsense: %r", error)
        raise ProbeError(Refusal.CHECK_FAILED, "unknown") from error
    if isinstance(facts, PhotoFacts):
        faults, warnings = find_photo_faults(facts), find_photo_warnings(facts)
    else:
        faults, warnings = find_faults(facts), find_warnings(facts)
    return CheckResult(
        kind="photo" if isinstance(facts, PhotoFacts) else "video",
        facts=facts,
        faults=faults,
        warnings=warnings,
        poster_jpeg=poster,
        fix=find_recipe(kind, faults, warnings),
    )


def _read_video(raw: dict[str, Any]) -> VideoFacts:
    facts = VideoFacts(**_read_values(raw, VideoFacts))
    if facts.container not in MEASURABLE:
        raise ValueError("container")
    codecs = [facts.video_codec, facts.audio_codec] if facts.audio_codec else [facts.video_codec]
    if not all(codec.replace("_", "").isalnum() and len(codec) <= 30 for codec in codecs):
        raise ValueError("codec")
    return facts


def _read_photo(raw: dict[str, Any]) -> PhotoFacts:
    facts = PhotoFacts(**_read_values(raw, PhotoFacts))
    if facts.container not in PHOTOS or facts.container not in CONTENT_TYPES:
        raise ValueError("container")
    if facts.colours not in _COLOURS or not 1 <= facts.orientation <= 8:
        raise ValueError("colours or orientation")
    return facts


def _read_values(raw: dict[str, Any], kind: type[VideoFacts] | type[PhotoFacts]) -> dict[str, Any]:
    """Facts from the child, every value of the type it must have: a hostile file may speak through it."""
    values = {field.name: raw[field.name] for field in fields(kind)}
    for field in fields(kind):
        value = values[field.name]
        if field.type is float and type(value) is int:
            value = values[field.name] = float(value)
        if type(value) is not field.type:
            raise TypeError(field.name)
        if field.type in {int, float} and not 0 <= value < 2**53:
            raise ValueError(field.name)
    return values


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
    try:
        arguments = [str(path), str(math.ceil(timeout_s))]
        answer = json.loads(run_child(_PROGRAM, arguments, timeout_s=timeout_s, max_bytes=_MAX_ANSWER_BYTES))
    except ChildTimeoutError as error:
        logger.warning("media check: %s", error)
        raise ProbeError(Refusal.TIMED_OUT, "unknown") from error
    except (ChildError, ValueError) as error:
        logger.warning("media check ended without an answer: %s", error)
        raise ProbeError(Refusal.CHECK_FAILED, "unknown") from error
    if not isinstance(answer, dict):
        raise ProbeError(Refusal.CHECK_FAILED, "unknown")
    return answer
