"""Captions are counted in TikTok's unit, whatever a browser did to the line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.captions import (
    PHOTO_CAPTION_LIMIT,
    VIDEO_CAPTION_LIMIT,
    caption_length,
    normalise_caption,
    utf16_length,
)


def test_limits_are_those_of_tiktok():
    assert VIDEO_CAPTION_LIMIT == 2200
    assert PHOTO_CAPTION_LIMIT == 4000


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 2),
        ("日本", 2),
        ("\uffff", 1),
        ("\U00010000", 2),
        ("😀", 2),
        ("👩‍👩‍👧", 8),
        ("🇩🇪", 4),
        ("\ud83d", 1),
        ("a\nb", 3),
    ],
)
def test_counts_what_a_browser_counts(text, units):
    assert utf16_length(text) == units


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a\r\n\r\nb\n", "a\n\nb\n"),
        ("a\n\rb", "a\n\nb"),
        ("  #a\tb  ", "  #a\tb  "),
        ("a\u2028b", "a\u2028b"),
    ],
)
def test_makes_every_line_end_one_newline_and_touches_nothing_else(sent, kept):
    assert normalise_caption(sent) == kept


def test_a_full_caption_with_line_ends_is_still_full_when_a_browser_submits_it():
    typed = "\n".join("x" * 9 for _ in range(220)) + "\n"
    assert utf16_length(typed) == VIDEO_CAPTION_LIMIT
    assert caption_length(typed.replace("\n", "\r\n")) == VIDEO_CAPTION_LIMIT


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    once = normalise_caption(text)
    assert normalise_caption(once) == once
    assert "\r" not in once


@given(st.text(), st.text())
def test_length_adds_up_and_lies_between_one_and_two_per_code_point(left, right):
    assert utf16_length(left + right) == utf16_length(left) + utf16_length(right)
    assert len(left) <= utf16_length(left) <= 2 * len(left)
