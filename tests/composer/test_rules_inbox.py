"""Drafts for the creator's TikTok inbox: what blocks them, what they leave behind, what stays as chosen."""

from dataclasses import replace

import pytest

from composer.rules import (
    Act,
    CannotPost,
    ConsentSnapshot,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    Unreachable,
    check_send,
    to_photo_post_info,
    to_photo_texts,
    to_post_info,
)
from tests.composer.people import (
    AUDITED,
    DRAFT,
    FINE,
    NO_PULL,
    ONLY_ME,
    PHOTOS,
    POPPY,
    UNAUDITED,
    VIDEO,
    only_block,
    ruling,
)

EVERYTHING_WRONG_FOR_A_POST = replace(
    DRAFT, privacy_level="", discloses=True, caption="x" * 2201, cover_timestamp_ms=10**9
)


@pytest.mark.parametrize(
    "answer",
    [
        POPPY,
        MissingScope("video.publish"),
        CannotPost("spam_risk_too_many_posts"),
        CannotPost("reached_active_user_cap"),
    ],
)
@pytest.mark.parametrize("media", [VIDEO, PHOTOS])
def test_a_draft_needs_no_leave_to_post_and_counts_as_none(answer, media):
    assert ruling(answer, media, DRAFT).blocks == ()
    assert not ruling(answer, media, FINE).can_post or answer is POPPY


@pytest.mark.parametrize(
    ("answer", "rule", "act"),
    [
        (NoAccount(), "1", Act.CHOOSE_ACCOUNT),
        (NeedsReconnect(), "1", Act.RECONNECT),
        (Unreachable(), "1", Act.ASK_AGAIN),
        (MissingScope("video.upload"), "API-3", Act.RECONNECT),
        (CannotPost("spam_risk_user_banned_from_posting"), "1b", Act.OPEN_TIKTOK),
        (CannotPost("spam_risk_something_new"), "1b", Act.WAIT),
    ],
)
def test_what_keeps_a_draft_back(answer, rule, act):
    block = only_block(ruling(answer, choices=DRAFT))
    assert (block.rule, block.field, block.act) == (rule, "account", act)


@pytest.mark.rule("API-3", at="server")
def test_the_missing_permission_is_named_in_words_and_by_name():
    text = only_block(ruling(MissingScope("video.upload"), choices=DRAFT)).text
    assert "the permission to send drafts to its TikTok inbox (video.upload)" in text
    assert "Reconnect it" in text


def test_a_site_without_an_audit_may_send_drafts_to_public_accounts():
    given = ruling(choices=DRAFT, client=UNAUDITED)
    assert given.can_post
    assert given.client_notice == ""


def test_what_a_video_draft_does_not_carry_does_not_keep_it_back():
    assert ruling(choices=EVERYTHING_WRONG_FOR_A_POST).blocks == ()
    assert not ruling(choices=replace(EVERYTHING_WRONG_FOR_A_POST, destination="direct")).can_post


def test_what_photos_carry_into_a_draft_is_held_to_its_limits():
    long = replace(DRAFT, title="x" * 91, caption="x" * 4001)
    assert [block.rule for block in ruling(media=PHOTOS, choices=long).blocks] == ["API-8", "API-2"]


def test_photos_for_the_inbox_are_fetched_too():
    assert only_block(ruling(media=PHOTOS, choices=DRAFT, client=NO_PULL)).rule == "API-5"


@pytest.mark.rule("API-6", at="server")
@pytest.mark.parametrize(("milliseconds", "can_post"), [(60_001, True), (600_000, True), (600_001, False)])
def test_a_draft_lasts_at_most_ten_minutes_whatever_the_creators_own_limit(milliseconds, can_post):
    given = ruling(media=replace(VIDEO, duration_ms=milliseconds), choices=DRAFT)
    assert given.can_post is can_post
    assert given.longest_video == "10 min"


def test_the_sentence_on_the_length_names_the_inbox():
    block = only_block(ruling(media=replace(VIDEO, duration_ms=601_000), choices=DRAFT))
    assert (block.rule, block.field) == ("API-6", "media")
    assert block.text == (
        "This video is 10 min 1 s long, and TikTok takes at most 10 min for the inbox. Choose a shorter one."
    )


def test_a_draft_of_unknown_length_is_not_sent():
    assert only_block(ruling(media=replace(VIDEO, duration_ms=None), choices=DRAFT)).rule == "API-6"


@pytest.mark.rule("API-10", at="server")
def test_the_page_says_what_stays_behind_and_that_the_creator_finishes_in_the_app():
    video = ruling(choices=DRAFT)
    assert video.inbox.most_pending == 5
    assert "no caption" in video.inbox.leaves_behind
    assert "notification" in video.inbox.finish
    assert "31.8" not in video.inbox.finish
    assert not video.carries_caption
    photos = ruling(media=PHOTOS, choices=DRAFT)
    assert "no music" in photos.inbox.leaves_behind
    assert "31.8 or newer" in photos.inbox.finish
    assert photos.carries_caption
    assert ruling().inbox is None


def test_choices_that_a_draft_cannot_carry_stay_and_count_again_for_a_post():
    chosen = replace(DRAFT, privacy_level=ONLY_ME, discloses=True, branded_content=True)
    draft = ruling(choices=chosen)
    assert draft.can_post
    assert draft.chosen_privacy_label == "Only me"
    assert draft.declaration.rule == "4-i"
    assert draft.warnings == ()
    assert [block.rule for block in ruling(choices=replace(chosen, destination="direct")).blocks] == ["3b-ii"]


def test_the_worker_holds_a_draft_to_the_same_rules():
    consent = ConsentSnapshot(DRAFT, ruling(choices=DRAFT).declaration.text, VIDEO.sha256)
    assert check_send(consent, MissingScope("video.publish"), VIDEO, AUDITED) == ()
    banned = CannotPost("spam_risk_user_banned_from_posting")
    assert [block.rule for block in check_send(consent, banned, VIDEO, AUDITED)] == ["1b"]


@pytest.mark.parametrize("to_section", [to_post_info, to_photo_post_info])
def test_a_draft_has_no_section_of_choices(to_section):
    with pytest.raises(ValueError, match="A draft for the inbox"):
        to_section(DRAFT, POPPY)


def test_photos_carry_title_and_description_into_a_draft():
    assert to_photo_texts(replace(DRAFT, title="Fog", caption="In\r\nthe morning")) == (
        "Fog",
        "In\nthe morning",
    )
