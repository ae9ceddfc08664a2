"""Reading values of any shape without ever failing on them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok import answers

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"17",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"data": {"publish_id": "v_pub',
        b"\xff\xfe{",
        b"[" * 100_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
)
def test_anything_but_a_whole_json_object_is_no_object(body):
    assert answers.parse_object(body) is None


def test_parses_numbers_of_19_digits_exactly():
    assert answers.parse_object(b'{"id": [7602997517160123687]}') == {"id": [7602997517160123687]}


@given(anything)
def test_no_value_makes_a_reader_fail(value):
    assert isinstance(answers.opaque(value), str)
    assert isinstance(answers.flag(value), bool)
    assert isinstance(answers.items(value), list)
    assert (answers.count(value) or 0) >= 0
    number = answers.whole(value)
    assert number is None or isinstance(number, int)
    assert len(answers.word(value)) <= 100
    clean = answers.text(value)
    assert len(clean) <= 500
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert "\x00" not in clean
    assert "\n" not in clean


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (300, 300),
        ("300", 300),
        (" 300 ", 300),
        (-1, -1),
        (0, 0),
        (True, None),
        (False, None),
        (1.5, None),
        ("1.5", None),
        ("", None),
        (None, None),
        ("٣", None),
        (10**30, None),
        ([1], None),
    ],
)
def test_reads_whole_numbers(value, number):
    assert answers.whole(value) == number
    assert answers.count(value) == (None if number == -1 else number)


@pytest.mark.parametrize(
    ("value", "is_set"),
    [
        (True, True),
        ("true", True),
        ("True", True),
        (1, True),
        (False, False),
        (None, False),
        ("false", False),
        (0, False),
        ("yes", False),
        ([], False),
        ({}, False),
        (2, False),
    ],
)
def test_reads_flags(value, is_set):
    assert answers.flag(value) is is_set


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("v_pub_file~v2-1.7601447475849021452", "v_pub_file~v2-1.7601447475849021452"),
        (7602997517160123687, "7602997517160123687"),
        ("x" * 5000, "x" * 5000),
        ("two words", ""),
        ("line\nbreak", ""),
        ("nul\x00", ""),
        ("é", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.5, ""),
    ],
)
def test_keeps_ids_and_tokens_whole_or_not_at_all(value, kept):
    assert answers.opaque(value) == kept


def test_keeps_unknown_words_and_makes_them_safe():
    assert answers.word("BRAND_NEW_STATUS") == "BRAND_NEW_STATUS"
    assert answers.word("two words\x00and <b>") == "two_words_and_b_"
    assert answers.word("x" * 300) == "x" * 100
    assert answers.word(None) == ""


def test_makes_text_fit_to_store_and_show():
    assert (
        answers.text(json.loads(r'"Pop\u0000py \ud83d\ude00 \ud800 the\nGreat"')) == "Pop py 😀 ? the Great"
    )


def test_scrubs_the_secrets_it_is_given_and_whatever_looks_like_a_token():
    message = "bad act.Sentinel!1*a, rft.Sentinel-2 and s3cret; contact the factory"
    assert (
        answers.scrub(message, ["s3cret", ""]) == "bad [hidden], [hidden] and [hidden]; contact the factory"
    )
