"""What the worker refuses at send time, and what exactly it tells TikTok."""

from dataclasses import replace

import pytest

from composer.rules import (
    Act,
    CannotPost,
    Choices,
    ConsentSnapshot,
    Media,
    NeedsReconnect,
    Readiness,
    Unreachable,
    carousel_of,
    check_send,
    to_photo_post_info,
    to_post_info,
)
from tests.composer.people import (
    AUDITED,
    EVERYONE,
    FINE,
    FOLLOWERS,
    FRIENDS,
    ONLY_ME,
    PHOTOS,
    POPPY,
    PRIYA,
    UNAUDITED,
    VIDEO,
    creator,
    ruling,
)
from tiktok.types import PhotoPostInfo, VideoPostInfo

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."


def consent(choices=FINE, declaration=MUSIC, media_sha256=VIDEO.sha256) -> ConsentSnapshot:
    return ConsentSnapshot(choices, declaration, media_sha256)


def send(consented=None, answer=POPPY, media=VIDEO, client=AUDITED):
    return check_send(consented or consent(), answer, media, client)


def test_sends_what_was_agreed_to_while_tiktok_still_allows_it():
    assert send() == ()


def test_refuses_with_the_very_blocks_the_page_would_show():
    choices = replace(FINE, allow_duet=True, discloses=True)
    dana = creator(FRIENDS, ONLY_ME, duet_disabled=True)
    assert send(consent(choices), dana) == ruling(dana, choices=choices).blocks
    assert [block.rule for block in send(consent(choices), dana)] == ["2b-i", "2c-i", "3a-viii"]


@pytest.mark.rule("2b-i", at="worker")
def test_refuses_when_the_account_became_private_since():
    (block,) = send(answer=PRIYA)
    assert (block.rule, block.field, block.is_temporary) == ("2b-i", "privacy_level", False)


@pytest.mark.rule("2c-i", at="worker")
def test_refuses_when_the_creator_switched_an_agreed_interaction_off():
    (block,) = send(consent(replace(FINE, allow_stitch=True)), creator(EVERYONE, stitch_disabled=True))
    assert (block.rule, block.field) == ("2c-i", "allow_stitch")


@pytest.mark.rule("1c", at="worker")
def test_refuses_when_the_limit_on_length_shrank():
    (block,) = send(answer=creator(EVERYONE, seconds=10))
    assert block.rule == "1c"


@pytest.mark.rule("U-2", at="worker")
def test_refuses_when_the_site_is_not_audited_and_the_account_is_public():
    assert [block.rule for block in send(client=UNAUDITED)] == ["U-2", "U-3"]


@pytest.mark.parametrize(
    ("answer", "is_temporary"),
    [
        (Unreachable(), True),
        (CannotPost("spam_risk_too_many_posts"), True),
        (CannotPost("reached_active_user_cap"), True),
        (CannotPost("spam_risk_user_banned_from_posting"), False),
        (NeedsReconnect(), False),
    ],
)
def test_tells_what_may_be_waited_out_from_what_needs_a_person(answer, is_temporary):
    (block,) = send(answer=answer)
    assert block.is_temporary is is_temporary


@pytest.mark.rule("3a-viii", "3b-i", "3b-ii", "3b-iii", at="worker")
@pytest.mark.parametrize(
    ("answer", "choices", "rules"),
    [
        (POPPY, replace(FINE, discloses=True), ["3a-viii"]),
        (PRIYA, replace(FINE, privacy_level=FOLLOWERS, discloses=True, branded_content=True), ["3b-i"]),
        (POPPY, replace(FINE, privacy_level=ONLY_ME, discloses=True, branded_content=True), ["3b-ii"]),
    ],
)
def test_refuses_a_disclosure_that_no_page_lets_pass(answer, choices, rules):
    declaration = POLICY_AND_MUSIC if choices.branded_content else MUSIC
    assert [block.rule for block in send(consent(choices, declaration), answer)] == rules


@pytest.mark.rule("4-i", "4-ii", "4-iii", at="worker")
@pytest.mark.parametrize(
    ("choices", "right", "wrong", "rule"),
    [
        (FINE, MUSIC, POLICY_AND_MUSIC, "4-i"),
        (replace(FINE, discloses=True, your_brand=True), MUSIC, POLICY_AND_MUSIC, "4-i"),
        (replace(FINE, discloses=True, branded_content=True), POLICY_AND_MUSIC, MUSIC, "4-ii"),
        (
            replace(FINE, discloses=True, your_brand=True, branded_content=True),
            POLICY_AND_MUSIC,
            MUSIC,
            "4-iii",
        ),
    ],
)
def test_refuses_every_declaration_but_the_one_for_these_choices(choices, right, wrong, rule):
    assert send(consent(choices, right)) == ()
    assert [(block.rule, block.act) for block in send(consent(choices, wrong))] == [(rule, Act.CONSENT_AGAIN)]


@pytest.mark.rule("5c", at="worker")
@pytest.mark.parametrize("media_sha256", ["", "c" * 64])
def test_refuses_rule_5c_another_file_than_the_one_agreed_to(media_sha256):
    (block,) = send(consent(media_sha256=media_sha256))
    assert (block.rule, block.field, block.act) == ("5c", "consent", Act.CONSENT_AGAIN)


def test_refuses_rule_5c_a_file_nobody_hashed():
    (block,) = send(consent(media_sha256=""), media=replace(VIDEO, sha256=""))
    assert block.rule == "5c"


@pytest.mark.rule("2-NOTE", at="worker")
def test_refuses_rule_4_a_declaration_that_is_not_the_one_for_these_choices():
    branded = replace(FINE, discloses=True, branded_content=True)
    assert send(consent(branded, POLICY_AND_MUSIC)) == ()
    (block,) = send(consent(branded, MUSIC))
    assert (block.rule, block.field, block.act) == ("4-ii", "consent", Act.CONSENT_AGAIN)


def test_refuses_a_file_that_is_not_ready():
    media = Media(readiness=Readiness.REFUSED, sha256=VIDEO.sha256)
    assert [block.rule for block in send(media=media)] == ["G-1"]


@pytest.mark.rule("2c-ii", at="worker")
def test_allowances_become_their_opposites():
    info = to_post_info(Choices("Hello", EVERYONE, allow_comment=True, allow_stitch=True), POPPY)
    assert info == VideoPostInfo(
        title="Hello",
        privacy_level="PUBLIC_TO_EVERYONE",
        disable_comment=False,
        disable_duet=True,
        disable_stitch=False,
        brand_content_toggle=False,
        brand_organic_toggle=False,
    )


@pytest.mark.rule("2c-i", at="worker")
def test_what_the_creator_switched_off_stays_off():
    closed = creator(EVERYONE, comment_disabled=True, duet_disabled=True, stitch_disabled=True)
    info = to_post_info(replace(FINE, allow_comment=True, allow_duet=True, allow_stitch=True), closed)
    assert (info.disable_comment, info.disable_duet, info.disable_stitch) == (True, True, True)


@pytest.mark.rule("3a-i", "3a-ii", at="worker")
@pytest.mark.parametrize(
    ("discloses", "your_brand", "branded_content", "organic", "content"),
    [
        (False, False, False, False, False),
        (False, True, True, False, False),
        (True, True, False, True, False),
        (True, False, True, False, True),
        (True, True, True, True, True),
    ],
)
def test_boxes_count_only_while_the_toggle_is_on(discloses, your_brand, branded_content, organic, content):
    choices = replace(FINE, discloses=discloses, your_brand=your_brand, branded_content=branded_content)
    info = to_post_info(choices, POPPY)
    assert (info.brand_organic_toggle, info.brand_content_toggle) == (organic, content)


@pytest.mark.rule("2a", "5b", at="worker")
def test_the_caption_goes_out_with_single_line_ends_and_otherwise_untouched():
    assert to_post_info(replace(FINE, caption=" a\r\n#b "), POPPY).title == " a\n#b "


@pytest.mark.rule("2b-ii", at="worker")
@pytest.mark.parametrize("level", ["", "CLOSE_FRIENDS", "public_to_everyone"])
def test_there_is_no_visibility_to_fall_back_on(level):
    for post_info in (to_post_info, to_photo_post_info):
        with pytest.raises(ValueError, match="PrivacyLevel"):
            post_info(replace(FINE, privacy_level=level), POPPY)


@pytest.mark.parametrize("level", [EVERYONE, FRIENDS, FOLLOWERS, ONLY_ME])
def test_the_visibility_goes_out_as_chosen(level):
    assert to_post_info(replace(FINE, privacy_level=level), POPPY).privacy_level == level


@pytest.mark.rule("API-7", "API-9", at="worker")
def test_the_cover_and_the_label_go_out_as_chosen():
    info = to_post_info(replace(FINE, cover_timestamp_ms=3000, is_aigc=True), POPPY)
    assert (info.video_cover_timestamp_ms, info.is_aigc) == (3000, True)
    plain = to_post_info(FINE, POPPY)
    assert (plain.video_cover_timestamp_ms, plain.is_aigc) == (None, False)


@pytest.mark.rule("2c-iii", at="worker")
def test_photos_have_a_section_of_their_own():
    choices = replace(
        FINE,
        title="Fog",
        caption="In\r\nthe morning",
        auto_add_music=True,
        allow_comment=True,
        allow_duet=True,
    )
    assert to_photo_post_info(choices, POPPY) == PhotoPostInfo(
        title="Fog",
        description="In\nthe morning",
        privacy_level="PUBLIC_TO_EVERYONE",
        disable_comment=False,
        auto_add_music=True,
        brand_content_toggle=False,
        brand_organic_toggle=False,
    )


def test_comments_the_creator_switched_off_stay_off_under_photos():
    closed = creator(EVERYONE, comment_disabled=True)
    assert to_photo_post_info(replace(FINE, allow_comment=True), closed).disable_comment


def test_refuses_photos_in_another_order_than_the_one_agreed_to():
    reordered = carousel_of(reversed(PHOTOS.photos))
    agreed = consent(media_sha256=PHOTOS.sha256)
    assert send(agreed, media=PHOTOS) == ()
    (block,) = send(agreed, media=reordered)
    assert (block.rule, block.act) == ("5c", Act.CONSENT_AGAIN)
    assert block.text == "These are not the photos agreed to. Look at the post and send it again."
