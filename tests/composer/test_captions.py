"""Captions are counted, marked and cut in TikTok's unit, whatever a browser did to the line ends."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from composer.captions import (
    PHOTO_CAPTION_LIMIT,
    VIDEO_CAPTION_LIMIT,
    CaptionParts,
    CaptionSpan,
    SpanKind,
    add_hashtags,
    caption_length,
    list_hashtags,
    normalise_caption,
    parse_caption,
    suggest_cut,
    utf16_length,
)
from tests.composer.captions import CAPTIONS, CUTS, FAMILY

# Texts as people write them, and worse: signs, spaces of all kinds, emoji of many units, halves of pairs.
pieces = st.sampled_from(
    ["#", "@", " ", "\n", "\u3000", "a", "é", "e\u0301", "😀", FAMILY, "🇩🇪", ",", "_", "1"]
)
captions = st.lists(pieces | st.text(max_size=3), max_size=30).map("".join)


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


def test_the_official_example_has_its_hashtags_and_its_mention():
    assert parse_caption("this will be a funny #cat video on your @tiktok #fyp") == CaptionParts(
        hashtags=("#cat", "#fyp"),
        mentions=("@tiktok",),
        spans=(
            CaptionSpan(SpanKind.HASHTAG, 21, 25, "#cat"),
            CaptionSpan(SpanKind.MENTION, 40, 47, "@tiktok"),
            CaptionSpan(SpanKind.HASHTAG, 48, 52, "#fyp"),
        ),
    )


@pytest.mark.parametrize(("text", "hashtags", "mentions"), CAPTIONS)
def test_hashtags_and_mentions_are_words_between_spaces_and_new_lines(text, hashtags, mentions):
    parts = parse_caption(text)
    assert (list(parts.hashtags), list(parts.mentions)) == (hashtags, mentions)


@given(captions)
@example("😀 #a\n😀@b @c")
def test_every_span_lies_where_a_browser_would_find_it(text):
    units = text.encode("utf-16-le", "surrogatepass")
    end = 0
    for span in parse_caption(text).spans:
        assert end <= span.start < span.end
        end = span.end
        assert units[2 * span.start : 2 * span.end] == span.text.encode("utf-16-le", "surrogatepass")
        assert span.text.startswith("#" if span.kind is SpanKind.HASHTAG else "@")
        assert not any(each in span.text for each in " \n\u3000")
        before = units[2 * span.start - 2 : 2 * span.start].decode("utf-16-le", "surrogatepass")
        assert before == "" or before.isspace()


@given(captions)
def test_parts_name_every_span_once_in_order(text):
    parts = parse_caption(text)
    for kind, names in ((SpanKind.HASHTAG, parts.hashtags), (SpanKind.MENTION, parts.mentions)):
        assert names == tuple(dict.fromkeys(span.text for span in parts.spans if span.kind is kind))


@pytest.mark.parametrize(("text", "limit", "kept"), CUTS)
def test_suggests_a_cut_before_what_does_not_fit(text, limit, kept):
    cut = suggest_cut(text, limit)
    assert (cut.kept, cut.kept + cut.dropped) == (kept, text)


@given(captions, st.integers(0, 60))
def test_a_cut_keeps_as_much_as_fits_and_tears_no_character(text, limit):
    cut = suggest_cut(text, limit)
    assert cut.kept + cut.dropped == text
    assert utf16_length(cut.kept) <= limit
    assert regex.findall(r"\X", cut.kept) + regex.findall(r"\X", cut.dropped) == regex.findall(r"\X", text)
    if cut.dropped:
        assert utf16_length(cut.kept + regex.match(r"\X", cut.dropped)[0]) > limit
    else:
        assert utf16_length(text) <= limit


def test_a_cut_names_the_last_words_that_fit_in_one_line():
    text = "long ago " * 10 + "and then\nwe\u3000went home"
    assert suggest_cut(text, len(text) - 5).last_words == "…g ago long ago long ago and then we went"
    assert suggest_cut("x" * 100, 50).last_words == "…" + "x" * 40
    assert suggest_cut("x" * 100, 40).last_words == "x" * 40
    assert suggest_cut("short", 0).last_words == ""


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("", ""),
        ("no tag, only @somebody", ""),
        ("#Cat, #cat (and) #CAT! #dog.\n#bird", "#Cat #dog #bird"),
        ("#a #b #a", "#a #b"),
        ("#one#two", "#one#two"),
        ("#ÄRGER #ärger", "#ÄRGER"),
        ("#what?!", "#what"),
        ("#c++ #r&b", "#c++ #r&b"),
    ],
)
def test_lists_each_hashtag_once_and_without_the_punctuation_behind_it(text, listed):
    assert list_hashtags(text) == listed


@pytest.mark.parametrize(
    ("caption", "hashtags", "result"),
    [
        ("", "#a #b", "#a #b"),
        ("Look", "#a #b", "Look #a #b"),
        ("Look ", "#a", "Look #a"),
        ("Look\n", "#a", "Look\n#a"),
        ("Look #A, now", "#a #b", "Look #A, now #b"),
        ("Look #a", "#a", "Look #a"),
        ("Look", "", "Look"),
        ("Look 😀", "#a", "Look 😀 #a"),
    ],
)
def test_adds_only_hashtags_that_are_missing(caption, hashtags, result):
    assert add_hashtags(caption, hashtags) == result


@given(captions, captions)
def test_adding_twice_adds_nothing_more_and_never_changes_what_stands(caption, text):
    hashtags = list_hashtags(text)
    once = add_hashtags(caption, hashtags)
    assert once.startswith(caption)
    assert add_hashtags(once, hashtags) == once
    assert set(hashtags.lower().split(" ")) <= {"", *list_hashtags(once).lower().split(" ")}


@given(captions)
def test_a_list_of_hashtags_is_its_own_list(text):
    assert list_hashtags(list_hashtags(text)) == list_hashtags(text)
