"""Writes the lines of a publication's history that are no move: what TikTok was asked and how it answered."""

from typing import Any

from publishing.models import Attempt, Event, EventKind
from publishing.steps import Step


def record_call(
    step: Step, attempt: Attempt, name: str, code: str = "", log_id: str = "", **detail: Any
) -> None:
    """Add one line; belongs into the transaction of what it tells."""
    Event.objects.create(
        publication=step.publication,
        attempt=attempt,
        kind=EventKind.CALL,
        name=name,
        code=code,
        tiktok_log_id=log_id,
        detail=detail,
    )
