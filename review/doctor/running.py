"""Runs checks side by side, each within its time; one that breaks or hangs is a fault like any other."""

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connections

from review.doctor.findings import Check, Finding, Outcome, Verdict, fault

# What one check may take, in seconds; its own time-outs are shorter.
CHECK_SECONDS = 12.0
# Each holds a connection to the database at most, and the web server needs some too.
AT_ONCE = 6
_SHORTEST_SECRET = 6

_Done = queue.Queue[tuple[int, Outcome]]


def run_checks(checks: Sequence[Check], *, seconds: float = CHECK_SECONDS) -> list[Finding]:
    """One finding for each check, in their order.

    What has not ended after `seconds` is a fault. Its thread is left behind, because none can be stopped from
    outside, and ends with its own time-outs or with the process.
    """
    outcomes: dict[int, Outcome] = {}
    ends: dict[int, float] = {}
    waiting = deque(range(len(checks)))
    done: _Done = queue.Queue()
    while waiting or ends:
        while waiting and len(ends) < AT_ONCE:
            number = waiting.popleft()
            ends[number] = time.monotonic() + seconds
            threading.Thread(
                target=_look,
                args=(number, checks[number], done),
                name=f"doctor-{checks[number].slug}",
                daemon=True,
            ).start()
        try:
            number, outcome = done.get(timeout=max(min(ends.values()) - time.monotonic(), 0))
        except queue.Empty:
            for late in [number for number, end in ends.items() if end <= time.monotonic()]:
                del ends[late]
                outcomes[late] = _too_slow(seconds)
            continue
        if ends.pop(number, None) is not None:
            outcomes[number] = outcome
    return [_finding(check, outcomes[number]) for number, check in enumerate(checks)]


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict on all of them together."""
    verdicts = {finding.verdict for finding in findings}
    return next((verdict for verdict in (Verdict.FAULT, Verdict.WARNING) if verdict in verdicts), Verdict.OK)


def _look(number: int, check: Check, done: _Done) -> None:
    try:
        outcome = check.look()
    except Exception as error:  # noqa: BLE001 - whatever broke, the others are still worth reading
        outcome = fault(
            f"The check itself broke: {type(error).__name__}: {' '.join(str(error).split())[:300]}",
            "If the other lines explain it, mend those first. Otherwise please report it.",
        )
    finally:
        connections.close_all()
    done.put((number, outcome))


def _too_slow(seconds: float) -> Outcome:
    return fault(
        f"There was no answer within {seconds:.0f} seconds.",
        "Whatever is asked here is away, or cannot be reached from this machine.",
    )


def _finding(check: Check, outcome: Outcome) -> Finding:
    return Finding(
        check.slug,
        check.title,
        outcome.verdict,
        without_secrets(outcome.found),
        without_secrets(outcome.cure),
    )


def without_secrets(text: str) -> str:
    """The text with every secret of this installation hidden: errors of others may quote what they were given."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _secrets() -> set[str]:
    database = settings.DATABASES["default"]
    options = settings.STORAGES["default"].get("OPTIONS", {})
    redis = urlsplit(settings.REDIS_URL)
    found = {
        settings.SECRET_KEY,
        settings.TIKTOK_CLIENT_SECRET,
        settings.TIKTOK_CLIENT_SECRET_PREVIOUS,
        *settings.TOKEN_ENCRYPTION_KEYS,
        database.get("PASSWORD", ""),
        getattr(settings, "EMAIL_HOST_PASSWORD", ""),
        redis.password or "",
        unquote(redis.password or ""),
        options.get("secret_key", ""),
    }
    return {secret for secret in found if secret and len(secret) >= _SHORTEST_SECRET}
