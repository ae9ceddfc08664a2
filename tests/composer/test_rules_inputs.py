"""Answers and choices survive being written down."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from composer.rules import (
    CannotPost,
    Choices,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    Unreachable,
    answer_of,
    refusal_code,
)
from tests.composer.people import FINE, POPPY

BOTH = replace(FINE, discloses=True, your_brand=True, branded_content=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (POPPY, ""),
        (NoAccount(), "no_account"),
        (NeedsReconnect(), "needs_reconnect"),
        (MissingScope("video.publish"), "missing_scope:video.publish"),
        (Unreachable(), "unreachable"),
        (Unreachable("rate_limit_exceeded"), "unreachable:rate_limit_exceeded"),
        (CannotPost("spam_risk_too_many_posts", NOON), "spam_risk_too_many_posts"),
    ],
)
def test_an_answer_can_be_written_down_as_a_word_and_read_back(answer, word):
    assert refusal_code(answer) == word
    if word:
        assert answer_of(word, asked_at=NOON) == answer


def test_an_empty_word_is_no_refusal():
    with pytest.raises(ValueError, match="No refusal"):
        answer_of("")


def test_choices_survive_being_stored():
    assert Choices.from_json(BOTH.to_json()) == BOTH


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {**BOTH.to_json(), "more": True},
        {key: value for key, value in BOTH.to_json().items() if key != "privacy_level"},
        {**BOTH.to_json(), "allow_duet": "false"},
        {**BOTH.to_json(), "caption": None},
    ],
)
def test_choices_with_anything_missing_or_foreign_are_not_filled_up(stored):
    with pytest.raises(ValueError, match="not the choices"):
        Choices.from_json(stored)
