"""Point 1: the creator and the file; and what a client without an audit may do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from composer.rules import (
    Act,
    CannotPost,
    Choices,
    Media,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    PostKind,
    Readiness,
    Unreachable,
    duration_words,
)
from tests.composer.people import (
    EVERYONE,
    FINE,
    FOLLOWERS,
    FRIENDS,
    ONLY_ME,
    PHOTOS,
    PRIYA,
    UNAUDITED,
    VIDEO,
    box,
    creator,
    only_block,
    ruling,
)

BRANDED = replace(FINE, discloses=True, branded_content=True)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.rule("1", "API-1", at="server")
@pytest.mark.parametrize(
    ("answer", "rule", "act", "words"),
    [
        (NoAccount(), "1", Act.CHOOSE_ACCOUNT, "Choose the account"),
        (NeedsReconnect(), "1", Act.RECONNECT, "Reconnect it"),
        (MissingScope("video.publish"), "API-1", Act.RECONNECT, "video.publish"),
        (Unreachable(), "1", Act.ASK_AGAIN, "could not be reached"),
        (Unreachable("internal_error"), "1", Act.ASK_AGAIN, "could not be reached"),
        (Unreachable("rate_limit_exceeded"), "1", Act.ASK_AGAIN, "Wait a minute"),
    ],
)
def test_rule_1_without_a_fresh_answer_about_the_creator_nothing_is_sent(answer, rule, act, words):
    given = ruling(answer)
    block = only_block(given)
    assert (block.rule, block.field, block.act) == (rule, "account", act)
    assert words in block.text
    assert given.creator is None
    assert given.button_reason == block.text


def test_rule_1_without_an_answer_there_is_no_list_of_visibilities_to_fall_back_on():
    given = ruling(Unreachable())
    assert given.privacy_options == ()
    assert given.chosen_privacy_label == "Everyone"
    assert [tick.is_disabled for tick in given.interactions] == [True, True, True]
    assert given.longest_video == ""


def test_rule_1_without_an_answer_ticked_interactions_stay_ticked_and_operable():
    given = ruling(Unreachable(), choices=replace(FINE, allow_duet=True))
    duet = box(given, "allow_duet")
    assert (duet.is_ticked, duet.is_greyed, duet.is_disabled) == (True, True, False)


def test_rule_1a_the_page_gets_the_creator_as_tiktok_named_it():
    assert ruling().creator.nickname == "Poppy"
    assert ruling().longest_video == "1 min"


@pytest.mark.rule("1b", at="server")
@pytest.mark.parametrize(
    ("code", "act", "again_at", "words"),
    [
        ("spam_risk_too_many_posts", Act.WAIT, NOON + timedelta(hours=24), "only so many posts a day"),
        ("spam_risk_user_banned_from_posting", Act.OPEN_TIKTOK, None, "stopped this account from posting"),
        ("reached_active_user_cap", Act.WAIT, NOON + timedelta(hours=24), "limited number of people"),
        ("spam_risk_something_new", Act.WAIT, None, "(spam_risk_something_new)"),
    ],
)
def test_rule_1b_a_creator_who_cannot_post_now_is_told_to_try_again_later(code, act, again_at, words):
    given = ruling(CannotPost(code, NOON))
    block = only_block(given)
    assert (block.rule, block.field, block.act) == ("1b", "account", act)
    assert block.try_again_at == again_at
    assert words in block.text
    assert "Try again later" in block.text
    assert not given.can_post


@pytest.mark.rule("U-1", at="server")
def test_rule_1b_an_unaudited_site_at_its_cap_says_that_five_people_have_posted():
    block = only_block(ruling(CannotPost("reached_active_user_cap"), client=UNAUDITED))
    assert "five people in 24 hours" in block.text
    assert block.try_again_at is None


@pytest.mark.rule("1c", at="server")
@pytest.mark.parametrize(("milliseconds", "can_post"), [(59_999, True), (60_000, True), (60_001, False)])
def test_rule_1c_a_video_may_be_as_long_as_the_limit_and_not_a_millisecond_longer(milliseconds, can_post):
    assert ruling(media=replace(VIDEO, duration_ms=milliseconds)).can_post is can_post


def test_rule_1c_the_sentence_names_the_length_found_and_the_limit():
    block = only_block(ruling(media=replace(VIDEO, duration_ms=61_500)))
    assert (block.rule, block.field, block.act) == ("1c", "media", Act.CHOOSE_MEDIA)
    assert block.text == (
        "This video is 1 min 1.5 s long, and TikTok takes at most 1 min from Poppy. Choose a shorter one."
    )


def test_rule_1c_a_video_of_unknown_length_is_not_sent():
    block = only_block(ruling(media=replace(VIDEO, duration_ms=None)))
    assert (block.rule, block.act) == ("1c", Act.CHOOSE_MEDIA)


def test_rule_1c_without_a_limit_from_tiktok_no_video_is_sent():
    block = only_block(ruling(creator(EVERYONE, seconds=0)))
    assert (block.rule, block.act) == ("1c", Act.ASK_AGAIN)


def test_rule_1c_does_not_bind_photos():
    given = ruling(creator(EVERYONE, seconds=0), PHOTOS)
    assert given.can_post
    assert given.longest_video == ""


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 s"),
        (1, "0.001 s"),
        (59_500, "59.5 s"),
        (60_000, "1 min"),
        (60_001, "1 min 0.001 s"),
        (90_000, "1 min 30 s"),
        (600_000, "10 min"),
        (3_661_020, "61 min 1.02 s"),
    ],
)
def test_lengths_are_written_exactly(milliseconds, words):
    assert duration_words(milliseconds) == words


@pytest.mark.rule("G-1", at="server")
@pytest.mark.parametrize(
    ("readiness", "act", "words"),
    [
        (Readiness.MISSING, Act.CHOOSE_MEDIA, "No video is chosen"),
        (Readiness.CHECKING, Act.WAIT, "still being checked"),
        (Readiness.REFUSED, Act.CHOOSE_MEDIA, "see what is wrong"),
    ],
)
def test_only_a_file_that_passed_its_checks_is_sent(readiness, act, words):
    block = only_block(ruling(media=Media(PostKind.VIDEO, readiness)))
    assert (block.rule, block.field, block.act) == ("G-1", "media", act)
    assert words in block.text


def test_unaudited_the_page_explains_all_three_limits_before_anything_is_tried():
    notice = ruling(NoAccount(), client=UNAUDITED).client_notice
    assert "private accounts only" in notice
    assert "“Only me”" in notice
    assert "five people in 24 hours" in notice


@pytest.mark.rule("U-2", at="server")
def test_unaudited_a_public_account_blocks_and_is_told_to_make_the_account_private():
    block = only_block(ruling(choices=replace(FINE, privacy_level=ONLY_ME), client=UNAUDITED))
    assert (block.rule, block.field, block.act) == ("U-2", "account", Act.OPEN_TIKTOK)
    assert "Poppy is a public account" in block.text
    assert "Make the account private in the TikTok app" in block.text


def test_unaudited_a_private_account_may_post_to_only_me():
    assert ruling(PRIYA, choices=replace(FINE, privacy_level=ONLY_ME), client=UNAUDITED).can_post


@pytest.mark.rule("U-3", at="server")
@pytest.mark.parametrize("level", [FOLLOWERS, FRIENDS])
def test_unaudited_every_other_visibility_can_be_shown_says_why_not_and_blocks(level):
    given = ruling(PRIYA, choices=replace(FINE, privacy_level=level), client=UNAUDITED)
    sentence = "Until TikTok has audited this site, every post must be “Only me”."
    assert [(o.value, o.is_disabled, o.reason) for o in given.privacy_options] == [
        (FOLLOWERS, False, sentence),
        (FRIENDS, False, sentence),
        (ONLY_ME, False, ""),
    ]
    block = only_block(given)
    assert (block.rule, block.field) == ("U-3", "privacy_level")
    assert block.text == f"{sentence} Choose “Only me”."


def test_unaudited_every_disclosure_can_be_shown_and_branded_content_is_not_sent():
    """The audit wants to see them, and it is filmed before there is an audit."""
    open_box = box(ruling(PRIYA, choices=Choices(discloses=True), client=UNAUDITED), "branded_content")
    assert not open_box.is_disabled
    given = ruling(PRIYA, choices=replace(BRANDED, privacy_level=FRIENDS), client=UNAUDITED)
    assert given.disclosure.viewer_label == "Paid partnership"
    assert {option.value: option.reason for option in given.privacy_options if option.is_disabled} == {
        FOLLOWERS: "Branded content can be shown to everyone or to friends, not to followers only.",
        ONLY_ME: "Branded content visibility cannot be set to private.",
    }
    assert only_block(given).text == (
        "Until TikTok has audited this site, every post must be “Only me”. "
        "Untick Branded content, then choose “Only me”."
    )


def test_unaudited_with_only_me_chosen_branded_content_is_disabled_and_says_why():
    choices = Choices(privacy_level=ONLY_ME, discloses=True)
    branded = box(ruling(PRIYA, choices=choices, client=UNAUDITED), "branded_content")
    assert branded.is_disabled
    assert branded.reason == (
        "Branded content visibility cannot be set to private. "
        "Until TikTok has audited this site, every post must be “Only me”."
    )


def test_unaudited_branded_content_from_a_forged_form_blocks_and_can_be_unticked():
    given = ruling(PRIYA, choices=replace(BRANDED, privacy_level=ONLY_ME), client=UNAUDITED)
    assert only_block(given).field == "branded_content"
    assert only_block(given).text.endswith("Untick Branded content.")
    assert not box(given, "branded_content").is_disabled
