"""Which tests prove a rule where: read from `proofs.json`, which is written from the marks in the test suite."""

import json
from functools import cache
from pathlib import Path

from review.guideline.requirement import Place

# Written by `python -m tests.proofs`; a test in tests/house fails while it differs from the suite.
PROOFS_PATH = Path(__file__).with_name("proofs.json")


def proofs_of(number: str, place: Place) -> tuple[str, ...]:
    """The tests that prove this rule at this place, as pytest names them; none where none claims to."""
    return tuple(_read().get(number, {}).get(place, ()))


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    proofs: dict[str, dict[str, list[str]]] = json.loads(PROOFS_PATH.read_text())
    return proofs
