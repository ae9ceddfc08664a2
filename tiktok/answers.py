"""Reads what TikTok answers: any JSON in, plain values of known types out, and never an exception on the way.

TikTok leaves fields out, writes numbers as strings and adds words without notice. Text from outside is also
made fit to store and show: no control characters, no half surrogates (PostgreSQL and UTF-8 refuse them), no
secret that we sent and that came back in an error text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

MAX_TEXT = 500
MAX_WORD = 100
HIDDEN = "[hidden]"

# Access, refresh and client tokens as TikTok writes them.
_TOKEN = re.compile(r"\b(?:act|rft|clt)\.[\w!*.~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_WORD = re.compile(r"[^\w.~-]+", re.ASCII)
_OPAQUE = re.compile(r"[\x21-\x7e]+")
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def parse_object(body: bytes) -> dict[str, object] | None:
    """The JSON object in `body`; None when it is anything else, cut off included."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def mapping(value: object) -> Mapping[str, object]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def opaque(value: object) -> str:
    """An id, token or address exactly as TikTok wrote it, numbers as digits; empty when not visible ASCII.

    Neither shortened nor mended: half an id is worse than none.
    """
    written = _written(value)
    return written if _OPAQUE.fullmatch(written) else ""


def text(value: object, *, limit: int = MAX_TEXT) -> str:
    """Text for people on one line, at most `limit` characters, safe to store and show; else empty."""
    clean = _CONTROL.sub(" ", _written(value)).encode("utf-8", "replace").decode("utf-8")
    return clean.strip()[:limit]


def word(value: object) -> str:
    """An enum word, code or log id: ASCII letters, digits and `_.~-`, at most 100 characters; else empty.

    Unknown words pass; characters that no word has become one underscore.
    """
    return _NOT_WORD.sub("_", text(value))[:MAX_WORD]


def whole(value: object) -> int | None:
    """A whole number, also when written as a string; None when there is none or it has over 19 digits."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = str(value).strip()
    return int(digits) if _WHOLE.fullmatch(digits) else None


def count(value: object) -> int | None:
    """A whole number from 0 up, also when written as a string; else None."""
    number = whole(value)
    return number if number is not None and number >= 0 else None


def flag(value: object) -> bool:
    """True only for JSON true, 1 or "true"; an absent flag is False, as TikTok leaves out empty fields."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() == "true")


def items(value: object) -> list[object]:
    """The list, a single value as a list of one, and nothing for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def scrub(value: object, secrets: Iterable[str] = ()) -> str:
    """What TikTok wrote, without the given secrets and without anything that looks like a TikTok token."""
    written = _written(value)
    for secret in secrets:
        if secret:
            written = written.replace(secret, HIDDEN)
    return _TOKEN.sub(HIDDEN, written)


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""
