"""What a check finds, and how sure that stands against going on: pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out; a fault stops posts or a review, a warning needs somebody's judgement."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Outcome:
    """What one look has found. `cure` says what to do, and is empty where all is well. No secret in either."""

    verdict: Verdict
    found: str
    cure: str = ""


@dataclass(frozen=True)
class Check:
    """One thing to look at. `slug` never changes: scripts and documents name checks by it."""

    slug: str
    title: str
    look: Callable[[], Outcome]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    slug: str
    title: str
    verdict: Verdict
    found: str
    cure: str = ""


@dataclass(frozen=True)
class Family:
    """Checks that belong together on the page."""

    title: str
    checks: tuple[Check, ...]


def ok(found: str) -> Outcome:
    return Outcome(Verdict.OK, found)


def warning(found: str, cure: str) -> Outcome:
    return Outcome(Verdict.WARNING, found, cure)


def fault(found: str, cure: str) -> Outcome:
    return Outcome(Verdict.FAULT, found, cure)


def first_wrong(*outcomes: Outcome | None, otherwise: Outcome) -> Outcome:
    """The worst of what was found, the first of several; `otherwise` where nothing was."""
    found = [outcome for outcome in outcomes if outcome is not None]
    for verdict in (Verdict.FAULT, Verdict.WARNING):
        for outcome in found:
            if outcome.verdict == verdict:
                return outcome
    return otherwise
