"""What crosses package borders: frozen, storable, and silent about secrets."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok.types import (
    ChunkAnswer,
    CreatorInfo,
    FailReason,
    PhotoPostInfo,
    PrivacyLevel,
    PublishState,
    PublishStatus,
    PullInit,
    Scope,
    TokenGrant,
    UserInfo,
    VideoInit,
    VideoPostInfo,
)

CREATOR = CreatorInfo(
    avatar_url="https://p16.tiktokcdn.com/a.jpeg?x-expires=1",
    username="poppy.public",
    nickname="Poppy 🌼 “P”",
    privacy_level_options=("PUBLIC_TO_EVERYONE", "SOMETHING_NEW", "SELF_ONLY"),
    comment_disabled=False,
    duet_disabled=True,
    stitch_disabled=False,
    max_video_post_duration_sec=300,
)


def test_creator_info_survives_being_stored_as_json():
    assert CreatorInfo.from_json(json.loads(json.dumps(CREATOR.to_json()))) == CREATOR


def test_stored_creator_info_uses_our_names():
    assert CREATOR.to_json() == {
        "avatar_url": "https://p16.tiktokcdn.com/a.jpeg?x-expires=1",
        "username": "poppy.public",
        "nickname": "Poppy 🌼 “P”",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "SOMETHING_NEW", "SELF_ONLY"],
        "comment_disabled": False,
        "duet_disabled": True,
        "stitch_disabled": False,
        "max_video_post_duration_sec": 300,
    }


def test_creator_info_stored_without_some_keys_reads_as_empty():
    assert CreatorInfo.from_json({"username": "u"}) == CreatorInfo(
        avatar_url="",
        username="u",
        nickname="",
        privacy_level_options=(),
        comment_disabled=False,
        duet_disabled=False,
        stitch_disabled=False,
        max_video_post_duration_sec=0,
    )


@pytest.mark.parametrize(
    "kind",
    [
        ChunkAnswer,
        CreatorInfo,
        PhotoPostInfo,
        PublishState,
        PullInit,
        TokenGrant,
        UserInfo,
        VideoInit,
        VideoPostInfo,
    ],
)
def test_nothing_can_be_changed_after_it_was_made(kind):
    assert kind.__dataclass_params__.frozen


def test_a_field_cannot_be_assigned():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CREATOR.nickname = "Mallory"


def test_no_repr_shows_a_token_or_an_upload_address():
    grant = TokenGrant(
        access_token="act.SENTINEL-a",
        refresh_token="rft.SENTINEL-r",
        expires_in=7200,
        refresh_expires_in=15_552_000,
        open_id="-000open",
        scopes=frozenset({"video.publish"}),
    )
    assert repr(grant) == (
        "TokenGrant(expires_in=7200, refresh_expires_in=15552000, open_id='-000open',"
        " scopes=frozenset({'video.publish'}))"
    )
    assert str(grant) == repr(grant)
    init = VideoInit(
        publish_id="v_pub_file~v2-1.1", upload_url="https://u/?upload_token=SENTINEL-u", log_id="L1"
    )
    assert repr(init) == "VideoInit(publish_id='v_pub_file~v2-1.1', log_id='L1')"
    assert f"{init}" == repr(init)


def photos(title: str, description: str = "") -> PhotoPostInfo:
    return PhotoPostInfo(
        title=title,
        description=description,
        privacy_level=PrivacyLevel.SELF_ONLY,
        disable_comment=False,
        auto_add_music=False,
        brand_content_toggle=False,
        brand_organic_toggle=False,
    )


@pytest.mark.parametrize("full", ["x" * 90, "😀" * 45, "日" * 90, "e\u0301" * 45, "\n" * 90, "\ud83d" * 90])
def test_a_photo_title_holds_90_utf16_units_and_not_one_more(full):
    assert photos(full).title == full
    with pytest.raises(ValueError, match="The title of photos has at most 90 UTF-16 units, not 91") as caught:
        photos(full + "s")
    assert full not in str(caught.value)


@given(st.text(max_size=100), st.text(max_size=100).map(lambda text: text * 41))
def test_photo_texts_are_held_to_what_javascript_counts(title, description):
    def units(text: str) -> int:
        return sum(2 if ord(character) > 0xFFFF else 1 for character in text)

    if units(title) <= 90 and units(description) <= 4000:
        assert photos(title, description).description == description
    else:
        with pytest.raises(ValueError, match="of photos has at most"):
            photos(title, description)


def test_the_words_are_tiktoks_own():
    assert [*PrivacyLevel] == [
        "PUBLIC_TO_EVERYONE",
        "MUTUAL_FOLLOW_FRIENDS",
        "FOLLOWER_OF_CREATOR",
        "SELF_ONLY",
    ]
    assert [*PublishStatus] == [
        "PROCESSING_UPLOAD",
        "PROCESSING_DOWNLOAD",
        "SEND_TO_USER_INBOX",
        "PUBLISH_COMPLETE",
        "FAILED",
    ]
    assert {*FailReason} == {
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
        "internal",
        "video_pull_failed",
        "photo_pull_failed",
        "publish_cancelled",
        "auth_removed",
        "spam_risk_too_many_posts",
        "spam_risk_user_banned_from_posting",
        "spam_risk_text",
        "spam_risk",
    }
    assert {*Scope} == {
        "user.info.basic",
        "user.info.profile",
        "user.info.stats",
        "video.list",
        "video.publish",
        "video.upload",
    }
