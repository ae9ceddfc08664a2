"""Points 3 and 4: commercial content and the declaration."""

from dataclasses import replace

import pytest

from composer.rules import Act, Choices, Media, NoAccount, Unreachable
from tests.composer.people import (
    EVERYONE,
    FINE,
    FOLLOWERS,
    FRIENDS,
    ONLY_ME,
    PRIYA,
    box,
    creator,
    only_block,
    option,
    ruling,
)

PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NO_PRIVATE = "Branded content visibility cannot be set to private."
BRANDED = replace(FINE, discloses=True, branded_content=True)
OWN = replace(FINE, discloses=True, your_brand=True)
BOTH = replace(FINE, discloses=True, your_brand=True, branded_content=True)


@pytest.mark.rule("3a-i", at="server")
def test_rule_3a_i_the_toggle_is_off_at_first_and_says_what_it_is_for():
    disclosure = ruling(choices=Choices()).disclosure
    assert disclosure.label == "Disclose commercial content"
    assert (
        disclosure.sentence == "Indicate whether this content promotes yourself, a brand, product or service"
    )
    assert disclosure.is_on is False
    assert [b.is_shown for b in disclosure.boxes] == [False, False]
    assert disclosure.prompt == ""


@pytest.mark.rule("3a-ii", at="server")
def test_rule_3a_ii_the_toggle_shows_two_boxes_unticked_and_both_may_be_ticked():
    boxes = ruling(choices=replace(FINE, discloses=True)).disclosure.boxes
    assert [(b.name, b.label) for b in boxes] == [
        ("your_brand", "Your brand"),
        ("branded_content", "Branded content"),
    ]
    assert [(b.is_shown, b.is_ticked, b.is_disabled) for b in boxes] == [(True, False, False)] * 2
    assert [b.is_ticked for b in ruling(choices=BOTH).disclosure.boxes] == [True, True]
    assert ruling(choices=BOTH).can_post


@pytest.mark.rule("3a-iii", at="page")
def test_rule_3a_iii_your_brand_is_explained():
    assert box(ruling(), "your_brand").help == (
        "You are promoting yourself or your own business. This content will be classified as Brand Organic."
    )


@pytest.mark.rule("3a-iv", at="page")
def test_rule_3a_iv_your_brand_shows_the_promotional_content_prompt():
    assert ruling(choices=OWN).disclosure.prompt == PROMOTIONAL


@pytest.mark.rule("3a-v", at="page")
def test_rule_3a_v_branded_content_is_explained():
    assert box(ruling(), "branded_content").help == (
        "You are promoting another brand or a third party. "
        "This content will be classified as Branded Content."
    )


@pytest.mark.rule("3a-vi", at="page")
def test_rule_3a_vi_branded_content_shows_the_paid_partnership_prompt():
    assert ruling(choices=BRANDED).disclosure.prompt == PAID


@pytest.mark.rule("3a-vii", at="page")
def test_rule_3a_vii_both_boxes_show_the_paid_partnership_prompt_alone():
    assert ruling(choices=BOTH).disclosure.prompt == PAID


@pytest.mark.rule("3a-viii", at="server")
def test_rule_3a_viii_a_toggle_that_says_nothing_blocks_with_tiktoks_sentence():
    given = ruling(choices=replace(FINE, discloses=True))
    block = only_block(given)
    assert (block.rule, block.field, block.text) == ("3a-viii", "discloses", NOTHING_INDICATED)
    assert given.button_reason == NOTHING_INDICATED
    assert given.disclosure.prompt == ""


def test_rule_3a_viii_is_what_the_button_says_before_anything_else():
    given = ruling(Unreachable(), Media(), Choices(discloses=True))
    assert [b.rule for b in given.blocks] == ["1", "G-1", "3a-viii"]
    assert given.button_reason == NOTHING_INDICATED


def test_boxes_left_ticked_under_a_toggle_that_is_off_stay_ticked_and_count_for_nothing():
    leftover = Choices("Hello", ONLY_ME, your_brand=True, branded_content=True)
    given = ruling(choices=leftover)
    assert given.can_post
    assert given.disclosure.prompt == ""
    assert given.declaration.text == MUSIC
    assert [b.is_ticked for b in given.disclosure.boxes] == [True, True]
    assert not option(given, ONLY_ME).is_disabled


@pytest.mark.parametrize("level", [EVERYONE, FRIENDS])
def test_rule_3b_i_branded_content_may_be_shown_to_everyone_or_to_friends(level):
    assert ruling(choices=replace(BRANDED, privacy_level=level)).can_post


def test_rule_3b_i_with_branded_content_followers_are_disabled_in_our_own_words():
    followers = option(ruling(PRIYA, choices=replace(BRANDED, privacy_level="")), FOLLOWERS)
    assert (followers.is_disabled, followers.rule) == (True, "3b-i")
    assert (
        followers.reason == "Branded content can be shown to everyone or to friends, not to followers only."
    )


def test_rule_3b_i_with_followers_chosen_branded_content_is_disabled():
    given = ruling(PRIYA, choices=replace(FINE, privacy_level=FOLLOWERS, discloses=True, your_brand=True))
    branded = box(given, "branded_content")
    assert (branded.is_disabled, branded.rule) == (True, "3b-i")
    assert branded.reason == (
        "Branded content can be shown to everyone or to friends, not to followers only. "
        "Choose “Friends” first."
    )
    assert given.can_post


@pytest.mark.rule("3b-i", at="server")
def test_rule_3b_i_branded_content_for_followers_blocks_and_both_sides_can_be_changed():
    given = ruling(PRIYA, choices=replace(BRANDED, privacy_level=FOLLOWERS))
    block = only_block(given)
    assert (block.rule, block.field) == ("3b-i", "privacy_level")
    assert block.text == (
        "Branded content can be shown to everyone or to friends, not to followers only. "
        "Choose “Friends”, or untick Branded content."
    )
    assert not box(given, "branded_content").is_disabled
    assert not option(given, FRIENDS).is_disabled


@pytest.mark.parametrize("options", [(ONLY_ME,), (FOLLOWERS,), (FOLLOWERS, ONLY_ME)])
def test_rule_3b_i_where_nobody_may_be_shown_branded_content_its_box_is_disabled(options):
    narrow = creator(*options)
    reason = "Branded content can be shown to everyone or to friends, and TikTok offers this account neither."
    branded = box(ruling(narrow, choices=Choices(discloses=True)), "branded_content")
    assert (branded.is_disabled, branded.reason) == (True, reason)
    forged = ruling(narrow, choices=replace(BRANDED, privacy_level=options[0]))
    assert only_block(forged).field == "branded_content"
    assert only_block(forged).text == f"{reason} Untick Branded content."
    assert not box(forged, "branded_content").is_disabled


def test_rule_3b_ii_with_only_me_chosen_branded_content_is_disabled_and_says_why():
    given = ruling(choices=replace(OWN, privacy_level=ONLY_ME))
    branded = box(given, "branded_content")
    assert (branded.is_disabled, branded.rule) == (True, "3b-ii")
    assert branded.reason == f"{NO_PRIVATE} Choose “Everyone” or “Friends” first."
    assert given.can_post


@pytest.mark.rule("3b-ii", at="server")
def test_rule_3b_ii_a_forged_private_branded_post_blocks_and_is_not_rewritten():
    given = ruling(choices=replace(BRANDED, privacy_level=ONLY_ME))
    block = only_block(given)
    assert (block.rule, block.field, block.act) == ("3b-ii", "privacy_level", Act.CHANGE)
    assert block.text == f"{NO_PRIVATE} Choose “Everyone” or “Friends”, or untick Branded content."
    assert given.chosen_privacy_label == "Only me"
    assert option(given, ONLY_ME).is_chosen
    assert box(given, "branded_content").is_ticked
    assert not box(given, "branded_content").is_disabled
    assert given.declaration.text == POLICY_AND_MUSIC


def test_rule_3b_ii_is_kept_even_while_tiktok_cannot_be_reached():
    given = ruling(Unreachable(), choices=replace(BRANDED, privacy_level=ONLY_ME))
    assert [b.rule for b in given.blocks] == ["1", "3b-ii"]
    assert given.blocks[1].text == (
        f"{NO_PRIVATE} Choose “Everyone” or “Friends”, or untick Branded content."
    )


@pytest.mark.rule("3b-iii", at="server")
def test_rule_3b_iii_with_branded_content_ticked_first_only_me_is_disabled_with_tiktoks_text():
    only_me = option(ruling(choices=replace(BRANDED, privacy_level="")), ONLY_ME)
    assert (only_me.is_disabled, only_me.rule, only_me.reason) == (True, "3b-iii", NO_PRIVATE)


def test_rule_3b_iii_your_brand_alone_leaves_only_me_open():
    assert not option(ruling(choices=OWN), ONLY_ME).is_disabled
    assert ruling(choices=replace(OWN, privacy_level=ONLY_ME)).can_post


@pytest.mark.rule("4-i", "4-ii", "4-iii", at="server")
@pytest.mark.parametrize(
    ("choices", "rule", "text"),
    [
        (FINE, "4-i", MUSIC),
        (replace(FINE, discloses=True), "4-i", MUSIC),
        (OWN, "4-i", MUSIC),
        (BRANDED, "4-ii", POLICY_AND_MUSIC),
        (BOTH, "4-iii", POLICY_AND_MUSIC),
    ],
)
def test_rule_4_the_declaration_follows_the_disclosure(choices, rule, text):
    declaration = ruling(choices=choices).declaration
    assert (declaration.rule, declaration.text) == (rule, text)


@pytest.mark.rule("2-NOTE", at="server")
def test_rule_2_note_the_music_usage_confirmation_is_a_link_and_always_there():
    parts = ruling(NoAccount(), Media(), Choices()).declaration.parts
    assert [(p.text, p.url) for p in parts] == [
        ("By posting, you agree to TikTok's ", ""),
        (
            "Music Usage Confirmation",
            "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
        ),
        (".", ""),
    ]


def test_rule_4_ii_both_policies_are_links():
    parts = ruling(choices=BRANDED).declaration.parts
    assert [(p.text, p.url) for p in parts] == [
        ("By posting, you agree to TikTok's ", ""),
        ("Branded Content Policy", "https://www.tiktok.com/legal/page/global/bc-policy/en"),
        (" and ", ""),
        (
            "Music Usage Confirmation",
            "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
        ),
        (".", ""),
    ]
