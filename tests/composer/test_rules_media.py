"""The files of a post: photos each ready and fetchable, a cover that the video has."""

from dataclasses import replace

import pytest

from composer.rules import Act, Choices, Media, PostKind, Readiness, carousel_of
from tests.composer.people import (
    EVERYONE,
    FINE,
    FOG,
    NO_PULL,
    PHOTOS,
    SEA,
    VIDEO,
    box,
    creator,
    only_block,
    ruling,
)

FOUR_SECONDS = replace(VIDEO, duration_ms=4000)


def test_photos_can_be_posted():
    given = ruling(media=PHOTOS)
    assert given.can_post
    assert given.longest_video == ""


def test_rule_2c_iii_photos_show_comments_alone():
    given = ruling(media=PHOTOS)
    assert [tick.name for tick in given.interactions if tick.is_shown] == ["allow_comment"]
    assert box(given, "allow_comment").label == "Allow Comment"


@pytest.mark.parametrize(
    ("readiness", "act", "text"),
    [
        (
            Readiness.FIXABLE,
            Act.CHOOSE_MEDIA,
            "TikTok would refuse photo 2 (“sea.webp”) as it is. Fix it, or take it out.",
        ),
        (Readiness.CHECKING, Act.WAIT, "Photo 2 (“sea.webp”) is still being checked. Wait a moment."),
        (
            Readiness.REFUSED,
            Act.CHOOSE_MEDIA,
            "TikTok would refuse photo 2 (“sea.webp”): see what is wrong with it. Take it out.",
        ),
        (
            Readiness.DELETED,
            Act.CHOOSE_MEDIA,
            "Photo 2 (“sea.webp”) is no longer in the library. Take it out.",
        ),
    ],
)
def test_the_very_photo_that_keeps_the_post_back_is_named(readiness, act, text):
    block = only_block(ruling(media=carousel_of([FOG, replace(SEA, readiness=readiness), FOG])))
    assert (block.rule, block.field, block.act, block.text) == ("G-1", "media", act, text)


def test_every_bad_photo_is_named():
    bad = replace(FOG, readiness=Readiness.FIXABLE, name="")
    blocks = ruling(media=carousel_of([bad, SEA, bad])).blocks
    assert [block.text.partition(" as it is")[0] for block in blocks] == [
        "TikTok would refuse photo 1",
        "TikTok would refuse photo 3",
    ]


@pytest.mark.rule("API-4", at="server")
@pytest.mark.parametrize(("count", "can_post"), [(1, True), (35, True), (36, False)])
def test_1_to_35_photos(count, can_post):
    assert ruling(media=carousel_of([FOG] * count)).can_post is can_post


def test_too_many_photos_are_counted():
    block = only_block(ruling(media=carousel_of([FOG] * 37)))
    assert (block.rule, block.act) == ("API-4", Act.CHOOSE_MEDIA)
    assert block.text == "These are 37 photos, and TikTok takes at most 35 in one post. Take 2 out."


def test_no_photo_at_all():
    block = only_block(ruling(media=Media(kind=PostKind.PHOTO)))
    assert (block.rule, block.text) == ("G-1", "No photo is chosen. Choose one.")


@pytest.mark.rule("API-5", at="server")
def test_photos_wait_for_an_address_that_tiktok_can_fetch_from_and_the_operator_is_told_which_setting():
    block = only_block(ruling(media=PHOTOS, client=NO_PULL))
    assert (block.rule, block.field, block.act) == ("API-5", "media", Act.ASK_OPERATOR)
    assert "set MEDIA_PULL_BASE_URL" in block.text
    assert ruling(media=VIDEO, client=NO_PULL).can_post


@pytest.mark.rule("API-7", at="server")
@pytest.mark.parametrize(
    ("at", "can_post"), [(None, True), (0, True), (3000, True), (3999, True), (4000, False)]
)
def test_the_cover_is_a_frame_of_the_video(at, can_post):
    assert ruling(media=FOUR_SECONDS, choices=replace(FINE, cover_timestamp_ms=at)).can_post is can_post


def test_a_cover_beyond_the_end_says_where_the_end_is():
    block = only_block(ruling(media=FOUR_SECONDS, choices=replace(FINE, cover_timestamp_ms=9500)))
    assert (block.rule, block.field, block.act) == ("API-7", "cover_timestamp_ms", Act.CHANGE)
    assert block.text == (
        "The cover frame is set at 9.5 s, and this video ends at 4 s. Choose the cover again."
    )


def test_a_cover_kept_from_a_video_does_not_bind_photos():
    assert ruling(media=PHOTOS, choices=replace(FINE, cover_timestamp_ms=9500)).can_post


@pytest.mark.rule("API-8", at="server")
def test_a_title_of_90_units_passes_and_one_more_is_refused():
    assert ruling(media=PHOTOS, choices=replace(FINE, title="😀" * 45)).can_post
    given = ruling(media=PHOTOS, choices=replace(FINE, title="😀" * 45 + "x"))
    block = only_block(given)
    assert (block.rule, block.field) == ("API-8", "title")
    assert "The title has 91 characters" in block.text
    assert "TikTok takes 90. Shorten it by 1." in block.text
    assert (given.title.used, given.title.limit) == (91, 90)


def test_the_long_text_of_photos_is_called_by_its_name():
    block = only_block(ruling(media=PHOTOS, choices=replace(FINE, caption="x" * 4001)))
    assert block.text.startswith("The description has 4,001 characters")


def test_a_title_kept_from_photos_does_not_bind_a_video():
    given = ruling(choices=replace(FINE, title="x" * 91))
    assert given.can_post
    assert given.title is None


@pytest.mark.rule("API-9", at="server")
def test_the_label_of_ai_generated_content_is_off_at_first_and_in_tiktoks_words():
    assert not Choices().is_aigc
    assert ruling().aigc_label == ""
    assert ruling(choices=replace(FINE, is_aigc=True)).aigc_label == "Creator labeled as AI-generated"
    assert ruling(media=PHOTOS, choices=replace(FINE, is_aigc=True)).aigc_label == (
        "Creator labeled as AI-generated"
    )


def test_rule_1c_does_not_bind_photos_of_a_creator_without_a_limit():
    assert ruling(creator(EVERYONE, seconds=0), PHOTOS).can_post
