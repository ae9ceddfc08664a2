"""The ruling as a whole, point 5, and the list of rules."""

import subprocess
import sys
from dataclasses import replace

import pytest

from composer.rules import RULES, Act, Choices, Media, NoAccount
from tests.composer.people import EVERYONE, FRIENDS, ONLY_ME, VIDEO, creator, only_block, ruling

PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NO_PRIVATE = "Branded content visibility cannot be set to private."
OWN_HELP = (
    "You are promoting yourself or your own business. This content will be classified as Brand Organic."
)
BRANDED_HELP = (
    "You are promoting another brand or a third party. This content will be classified as Branded Content."
)


def test_a_post_that_keeps_every_rule_can_be_sent():
    given = ruling()
    assert given.can_post
    assert given.blocks == ()
    assert given.button_reason == ""
    assert given.field_errors == {}
    assert given.warnings == ()
    assert given.client_notice == ""


@pytest.mark.rule("5d", at="server")
def test_rule_5d_the_page_says_that_processing_may_take_a_few_minutes():
    notice = ruling(NoAccount(), Media(), Choices()).processing_notice
    assert "a few minutes" in notice
    assert "profile" in notice


def test_blocks_stand_in_tiktoks_order_and_by_field_for_the_form():
    given = ruling(
        creator(EVERYONE, FRIENDS, comment_disabled=True),
        replace(VIDEO, duration_ms=90_000),
        Choices("x" * 2201, ONLY_ME, allow_comment=True, discloses=True, branded_content=True),
    )
    assert [b.rule for b in given.blocks] == ["1c", "API-2", "2b-i", "2c-i", "3b-ii"]
    assert list(given.field_errors) == ["media", "caption", "privacy_level", "allow_comment"]
    assert len(given.field_errors["privacy_level"]) == 2
    assert given.button_reason == given.blocks[0].text


def test_a_creator_without_a_nickname_is_called_by_the_handle_or_a_neutral_word():
    without = creator(ONLY_ME, nickname="")
    assert "@poppy.public" in only_block(ruling(without)).text
    assert "to this account now" in only_block(ruling(replace(without, username=""))).text


@pytest.mark.parametrize(
    ("act", "is_temporary"),
    [(act, act in (Act.WAIT, Act.ASK_AGAIN)) for act in Act],
)
def test_only_waiting_lifts_a_temporary_block(act, is_temporary):
    assert replace(only_block(ruling(NoAccount())), act=act).is_temporary is is_temporary


def test_the_registry_lists_every_rule_of_the_guideline_in_its_order():
    own = [rule.number for rule in RULES if rule.number[0] not in "AUG"]
    points = (
        ("IU-1", "IU-2"),
        ("1", "1a", "1b", "1c"),
        ("2a", "2b-i", "2b-ii", "2c-i", "2c-ii", "2c-iii", "2-NOTE"),
        ("3a-i", "3a-ii", "3a-iii", "3a-iv", "3a-v", "3a-vi", "3a-vii", "3a-viii", "3b-i", "3b-ii", "3b-iii"),
        ("4-i", "4-ii", "4-iii"),
        ("5a", "5b", "5c", "5d", "5e"),
        ("T-1", "T-2"),
    )
    assert own == [number for point in points for number in point]
    assert len({rule.number for rule in RULES}) == len(RULES)


def test_the_registry_carries_tiktoks_texts_to_the_letter():
    mandated = {rule.number: rule.mandated for rule in RULES if rule.mandated}
    assert mandated == {
        "2c-i": ("Allow Comment", "Duet", "Stitch"),
        "2c-iii": ("Allow Comment",),
        "2-NOTE": ("By posting, you agree to TikTok's Music Usage Confirmation",),
        "3a-i": ("Indicate whether this content promotes yourself, a brand, product or service",),
        "3a-ii": ("Your brand", "Branded content"),
        "3a-iii": (OWN_HELP,),
        "3a-iv": (PROMOTIONAL,),
        "3a-v": (BRANDED_HELP,),
        "3a-vi": (PAID,),
        "3a-vii": (PAID,),
        "3a-viii": (NOTHING_INDICATED,),
        "3b-iii": (NO_PRIVATE,),
        "API-9": ("Creator labeled as AI-generated",),
        "4-i": (MUSIC,),
        "4-ii": (POLICY_AND_MUSIC,),
        "4-iii": (POLICY_AND_MUSIC,),
    }


def test_the_rules_need_neither_django_nor_celery():
    probe = "import sys, composer.rules; print(sorted({'django', 'celery'} & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert seen.stdout == "[]\n"
