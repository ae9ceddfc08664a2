"""Point 2: caption, visibility and interactions."""

from dataclasses import replace

import pytest

from composer.rules import Act, Choices
from tests.composer.people import (
    EVERYONE,
    FINE,
    ONLY_ME,
    PHOTOS,
    PRIYA,
    box,
    creator,
    only_block,
    option,
    ruling,
)


@pytest.mark.rule("2a", at="server")
def test_rule_2a_a_post_needs_no_caption():
    assert ruling(choices=replace(FINE, caption="")).can_post


@pytest.mark.rule("API-2", at="server")
def test_a_caption_of_2200_units_passes_and_one_more_is_refused_with_both_numbers():
    full = "😀" * 1100
    assert ruling(choices=replace(FINE, caption=full)).can_post
    given = ruling(choices=replace(FINE, caption=full + "x"))
    block = only_block(given)
    assert (block.rule, block.field) == ("API-2", "caption")
    assert "2,201" in block.text
    assert "2,200" in block.text
    assert "Shorten it by 1." in block.text
    assert (given.caption.used, given.caption.limit, given.caption.is_over) == (2201, 2200, True)


def test_line_ends_of_a_browser_count_once():
    assert ruling(choices=replace(FINE, caption="\r\n" * 2200)).can_post


def test_a_photo_caption_may_have_4000_units():
    assert ruling(media=PHOTOS, choices=replace(FINE, caption="x" * 4000)).can_post
    assert only_block(ruling(media=PHOTOS, choices=replace(FINE, caption="x" * 4001))).rule == "API-2"


def test_rule_2b_i_the_list_is_what_tiktok_returned_in_its_order_and_nothing_else():
    assert [(o.value, o.label) for o in ruling().privacy_options] == [
        ("PUBLIC_TO_EVERYONE", "Everyone"),
        ("MUTUAL_FOLLOW_FRIENDS", "Friends"),
        ("SELF_ONLY", "Only me"),
    ]
    assert [(o.value, o.label) for o in ruling(PRIYA).privacy_options] == [
        ("FOLLOWER_OF_CREATOR", "Followers"),
        ("MUTUAL_FOLLOW_FRIENDS", "Friends"),
        ("SELF_ONLY", "Only me"),
    ]
    reversed_and_doubled = creator(ONLY_ME, EVERYONE, ONLY_ME)
    assert [o.value for o in ruling(reversed_and_doubled).privacy_options] == [ONLY_ME, EVERYONE]


@pytest.mark.rule("2b-i", at="server")
def test_rule_2b_i_a_visibility_tiktok_no_longer_offers_stays_chosen_is_shown_and_blocks():
    given = ruling(PRIYA)
    assert given.chosen_privacy_label == "Everyone"
    assert not any(o.is_chosen for o in given.privacy_options)
    block = only_block(given)
    assert (block.rule, block.field, block.act) == ("2b-i", "privacy_level", Act.CHANGE)
    assert block.text == (
        "“Everyone” is chosen, but TikTok does not offer it to Priya now. "
        "Choose again who can view this post."
    )


def test_rule_2b_i_a_word_we_do_not_know_is_shown_by_its_name_and_cannot_be_chosen():
    given = ruling(creator(EVERYONE, "CLOSE_FRIENDS"), choices=replace(FINE, privacy_level="CLOSE_FRIENDS"))
    unknown = option(given, "CLOSE_FRIENDS")
    assert (unknown.label, unknown.is_chosen, unknown.is_disabled) == ("CLOSE_FRIENDS", True, True)
    assert unknown.reason
    assert only_block(given).rule == "2b-i"
    assert "Choose another visibility." in only_block(given).text


@pytest.mark.parametrize("options", [(), ("CLOSE_FRIENDS",)])
def test_rule_2b_i_where_tiktok_offers_nothing_usable_the_page_says_so(options):
    block = only_block(ruling(creator(*options), choices=Choices()))
    assert (block.rule, block.act) == ("2b-i", Act.ASK_AGAIN)


@pytest.mark.rule("2b-ii", at="server")
def test_rule_2b_ii_no_visibility_is_chosen_at_first_even_when_one_is_left():
    given = ruling(creator(ONLY_ME), choices=Choices())
    assert given.chosen_privacy_label == "Select…"
    assert [o.is_chosen for o in given.privacy_options] == [False]
    block = only_block(given)
    assert (block.rule, block.field, block.text) == (
        "2b-ii",
        "privacy_level",
        "Choose who can view this post.",
    )


def test_rule_2c_i_interactions_tiktok_reports_as_off_are_disabled_and_say_why():
    dana = creator(EVERYONE, nickname="Dana", comment_disabled=True, duet_disabled=True, stitch_disabled=True)
    given = ruling(dana)
    assert [(t.name, t.label) for t in given.interactions] == [
        ("allow_comment", "Allow Comment"),
        ("allow_duet", "Duet"),
        ("allow_stitch", "Stitch"),
    ]
    assert [(t.is_shown, t.is_greyed, t.is_disabled) for t in given.interactions] == [(True, True, True)] * 3
    assert [t.reason for t in given.interactions] == [
        "In TikTok's settings Dana allows nobody to comment.",
        "In TikTok's settings Dana allows nobody to use Duet.",
        "In TikTok's settings Dana allows nobody to use Stitch.",
    ]
    assert given.can_post


def test_rule_2c_i_on_a_private_account_the_reason_is_that_it_is_private():
    assert (
        box(ruling(PRIYA), "allow_duet").reason == "Duet is not available while Priya is a private account."
    )


def test_rule_2c_i_each_interaction_goes_by_its_own_setting():
    given = ruling(creator(EVERYONE, stitch_disabled=True))
    assert [t.is_disabled for t in given.interactions] == [False, False, True]


@pytest.mark.rule("2c-i", at="server")
def test_rule_2c_i_an_interaction_switched_off_after_it_was_ticked_blocks_and_can_be_unticked():
    given = ruling(creator(EVERYONE, duet_disabled=True), choices=replace(FINE, allow_duet=True))
    duet = box(given, "allow_duet")
    assert (duet.is_ticked, duet.is_greyed, duet.is_disabled) == (True, True, False)
    block = only_block(given)
    assert (block.rule, block.field, block.act) == ("2c-i", "allow_duet", Act.CHANGE)
    assert block.text == "In TikTok's settings Poppy allows nobody to use Duet. Untick Duet."


@pytest.mark.rule("2c-ii", at="server")
def test_rule_2c_ii_nothing_is_ticked_at_first():
    assert [t.is_ticked for t in ruling(choices=Choices()).interactions] == [False, False, False]


@pytest.mark.rule("2c-iii", at="server")
def test_rule_2c_iii_a_photo_post_shows_comments_only_and_forgives_what_it_hides():
    given = ruling(
        creator(EVERYONE, duet_disabled=True), PHOTOS, replace(FINE, allow_duet=True, allow_stitch=True)
    )
    assert [(t.label, t.is_shown) for t in given.interactions] == [
        ("Allow Comment", True),
        ("Duet", False),
        ("Stitch", False),
    ]
    assert given.can_post


def test_interactions_on_a_post_only_its_author_sees_are_allowed_with_a_word_on_what_they_do():
    given = ruling(choices=replace(FINE, privacy_level=ONLY_ME, allow_comment=True, allow_duet=True))
    assert given.can_post
    (notice,) = given.warnings
    assert notice.text == (
        "Nobody but you will see this post, so Comment and Duet will matter only if you change in TikTok "
        "who can view it."
    )
