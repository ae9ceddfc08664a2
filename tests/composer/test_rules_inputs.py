"""Answers and choices survive being written down."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from composer.rules import (
    INBOX,
    CannotPost,
    Choices,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    Unreachable,
    answer_of,
    carousel_of,
    photos_sha256,
    refusal_code,
)
from tests.composer.people import FINE, FOG, POPPY, SEA

BOTH = replace(FINE, discloses=True, your_brand=True, branded_content=True)
DRAFT_OF_PHOTOS = replace(FINE, title="Fog", auto_add_music=True, is_aigc=True, destination=INBOX)
LATER = ("title", "auto_add_music", "is_aigc", "destination", "cover_timestamp_ms")
# As consents were stored before there were photos, drafts, covers and the AI label.
BEFORE = {name: value for name, value in BOTH.to_json().items() if name not in LATER}
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


@pytest.mark.parametrize("choices", [BOTH, DRAFT_OF_PHOTOS, replace(FINE, cover_timestamp_ms=3000)])
def test_choices_survive_being_stored(choices):
    assert Choices.from_json(choices.to_json()) == choices


def test_choices_stored_before_there_were_photos_and_drafts_are_read_as_what_they_were():
    assert len(BEFORE) == 8
    read = Choices.from_json(BEFORE)
    assert read == BOTH
    assert (read.destination, read.title, read.auto_add_music, read.is_aigc, read.cover_timestamp_ms) == (
        "direct",
        "",
        False,
        False,
        None,
    )


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {**BOTH.to_json(), "more": True},
        {key: value for key, value in BOTH.to_json().items() if key != "privacy_level"},
        {**BOTH.to_json(), "allow_duet": "false"},
        {**BOTH.to_json(), "caption": None},
        {**BEFORE, "allow_duet": "false"},
        {**BEFORE, "is_aigc": True},
        {**BEFORE, "destination": "direct", "title": ""},
        {key: value for key, value in BEFORE.items() if key != "discloses"},
        {**BOTH.to_json(), "destination": "elsewhere"},
        {**BOTH.to_json(), "destination": None},
        {**BOTH.to_json(), "cover_timestamp_ms": -1},
        {**BOTH.to_json(), "cover_timestamp_ms": True},
        {**BOTH.to_json(), "cover_timestamp_ms": 3000.0},
        {**BOTH.to_json(), "is_aigc": None},
    ],
)
def test_choices_with_anything_missing_or_foreign_are_not_filled_up(stored):
    with pytest.raises(ValueError, match="not the choices"):
        Choices.from_json(stored)


def test_photos_are_the_same_only_in_the_same_order():
    hashes = [FOG.sha256, SEA.sha256]
    one_a_line = hashlib.sha256(("b" * 64 + "\n" + "c" * 64).encode()).hexdigest()
    assert photos_sha256(hashes) == one_a_line == carousel_of([FOG, SEA]).sha256
    assert photos_sha256(reversed(hashes)) != photos_sha256(hashes)
    assert photos_sha256(hashes[:1]) != FOG.sha256


@pytest.mark.parametrize("hashes", [[], [""], ["b" * 64, ""]])
def test_photos_of_which_one_has_no_hash_have_none_together(hashes):
    assert photos_sha256(hashes) == ""
