"""What a step of the engine is given and what it may answer; nothing here decides anything about a post."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings

from accounts.hosts import api_host, is_silent
from publishing.models import Attempt, Lease, Publication
from publishing.states import State

# Retries in a row without progress, with gaps that double: about half an hour in all.
MAX_TRIES = 12
FIRST_GAP_SECONDS = 2.0
# Doubling ends here: the longest gap is long reached, and 2 ** tries would one day leave the range of a float.
MAX_DOUBLINGS = 16


class Wait(StrEnum):
    """What a publication waits for, where a person should see it."""

    TIKTOK = "tiktok"  # TikTok does not answer at all
    RATE = "rate"  # room within TikTok's rate for this account


class HandOverError(Exception):
    """This worker is being stopped: give the publication back at once, another goes on."""


@dataclass(frozen=True)
class Step:
    """One claimed publication and what a step may need besides."""

    publication: Publication
    lease: Lease
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def now(self) -> datetime:
        """The database's clock at the claim."""
        return self.lease.now


@dataclass(frozen=True)
class Stay:
    """The state stays; the next step is due `after` seconds from now.

    `write` runs in the same transaction. `is_progress` starts the count of fruitless tries anew; without it
    the step counts as one more, or as the first after something was achieved (`is_first_try`), unless `is_try` says
    that it only waited its turn.
    """

    after: float = 0.0
    is_progress: bool = True
    is_try: bool = True
    is_first_try: bool = False
    waiting_for: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    write: Callable[[], None] | None = None


@dataclass(frozen=True)
class Go:
    """The state changes, with an event; the next step is due in `after` seconds, or never by itself (None)."""

    to: State
    reason: str = ""
    after: float | None = None
    attempt: Attempt | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    write: Callable[[], None] | None = None


Result = Stay | Go


class InsteadError(Exception):
    """Raised by a `write`: nothing of it may stand, because the rows are no longer as thought; do this instead."""

    def __init__(self, result: Result) -> None:
        super().__init__("the rows have changed meanwhile")
        self.result = result


def gap_seconds(tries: int, chance: Callable[[], float] = random.random) -> float:
    """How long to wait after so many fruitless tries: 2 s, doubling up to the setting, spread by a fifth."""
    gap = min(settings.PUBLISHING_LONGEST_GAP_SECONDS, FIRST_GAP_SECONDS * 2.0 ** min(tries, MAX_DOUBLINGS))
    return gap * (0.8 + 0.4 * chance())


def wait_turn(seconds: float, *, waiting_for: str = "") -> Stay:
    """Wait for room within TikTok's rates, or for another worker: nothing was tried, so no try is used up."""
    return Stay(after=seconds, is_progress=False, is_try=False, waiting_for=waiting_for)


def retry_later(
    step: Step, give_up: Go, *, least: float = 0.0, write: Callable[[], None] | None = None
) -> Result:
    """Try the same step again after a growing gap; after too many fruitless tries, `give_up`.

    While TikTok answers nobody, that says nothing about this post: nothing is given up then.
    """
    tries = step.publication.tries
    if tries + 1 >= MAX_TRIES and not is_silent(api_host()):
        return give_up
    return Stay(after=max(least, gap_seconds(tries)), is_progress=False, write=write)


def seconds_until(moment: datetime, now: datetime) -> float:
    """Seconds from `now` to `moment`, never negative."""
    return max(0.0, (moment - now) / timedelta(seconds=1))
