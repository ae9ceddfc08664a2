"""The posting and user API: what goes over the wire, and what each answer means."""

import json

import pytest

from tests.tiktok.conftest import Wire
from tests.tiktok.examples import API, CREATOR, LOG_ID, OK, POST, TOKEN
from tiktok.client import Client
from tiktok.errors import (
    AccessTokenInvalidError,
    ActiveUserCapError,
    ApiError,
    BannedFromPostingError,
    ForeignPublishIdError,
    InvalidParamsError,
    PostingCapError,
    PrivacyLevelMismatchError,
    RateLimitError,
    ScopeNotAuthorizedError,
    UnauditedClientError,
    UnknownPublishIdError,
)
from tiktok.types import CreatorInfo, PublishState, UserInfo, VideoInit, VideoPostInfo
from tiktok.uploads import plan_chunks


@pytest.fixture
def client(wire: Wire):
    with Client(API, TOKEN, transport=wire.transport) as client:
        yield client


def test_asks_for_creator_info(wire, client):
    wire.answers_with(json={"data": CREATOR, "error": OK})
    assert client.query_creator_info() == CreatorInfo(
        avatar_url="https://p16.tiktokcdn.com/a.jpeg?x-expires=1",
        username="tiktok",
        nickname="TikTok Official",
        privacy_level_options=("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"),
        comment_disabled=False,
        duet_disabled=False,
        stitch_disabled=True,
        max_video_post_duration_sec=300,
    )
    assert wire.request.method == "POST"
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/post/publish/creator_info/query/"
    assert wire.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert wire.request.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert wire.request.headers["Content-Length"] == "0"
    assert wire.request.content == b""


def test_creator_info_keeps_unknown_words_and_survives_absent_fields(wire, client):
    wire.answers_with(
        json={
            "data": {"creator_nickname": "P", "privacy_level_options": ["CLOSE_CIRCLE", 7, None]},
            "error": OK,
        }
    )
    assert client.query_creator_info() == CreatorInfo(
        avatar_url="",
        username="",
        nickname="P",
        privacy_level_options=("CLOSE_CIRCLE", "7"),
        comment_disabled=False,
        duet_disabled=False,
        stitch_disabled=False,
        max_video_post_duration_sec=0,
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("spam_risk_too_many_posts", PostingCapError),
        ("spam_risk_user_banned_from_posting", BannedFromPostingError),
        ("reached_active_user_cap", ActiveUserCapError),
    ],
)
def test_a_creator_who_cannot_post_is_an_error_although_http_says_200(wire, client, code, kind):
    wire.answers_with(200, json={"data": {}, "error": {"code": code, "message": "m", "log_id": LOG_ID}})
    with pytest.raises(kind) as caught:
        client.query_creator_info()
    assert (caught.value.code, caught.value.http_status, caught.value.log_id) == (code, 200, LOG_ID)


def test_opens_an_upload_exactly_as_documented(wire, client):
    wire.answers_with(
        json={
            "data": {
                "publish_id": "v_pub_file~v2-1.123456789",
                "upload_url": "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=Xza123",
            },
            "error": OK,
        }
    )
    assert client.init_video(POST, plan_chunks(94_000_000)) == VideoInit(
        publish_id="v_pub_file~v2-1.123456789",
        upload_url="https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=Xza123",
        log_id=LOG_ID,
    )
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/post/publish/video/init/"
    assert wire.request.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert json.loads(wire.request.content) == {
        "post_info": {
            "title": "this will be a funny #cat video on your @tiktok #fyp",
            "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
            "disable_comment": True,
            "disable_duet": False,
            "disable_stitch": False,
            "brand_content_toggle": False,
            "brand_organic_toggle": True,
            "is_aigc": False,
            "video_cover_timestamp_ms": 1000,
        },
        "source_info": {
            "source": "FILE_UPLOAD",
            "video_size": 94_000_000,
            "chunk_size": 10_000_000,
            "total_chunk_count": 9,
        },
    }


def test_leaves_out_an_empty_caption_and_an_unchosen_cover(wire, client):
    wire.answers_with(json={"data": {"publish_id": "p", "upload_url": "https://u"}, "error": OK})
    client.init_video(
        VideoPostInfo(
            title="",
            privacy_level="SELF_ONLY",
            disable_comment=False,
            disable_duet=True,
            disable_stitch=True,
            brand_content_toggle=True,
            brand_organic_toggle=False,
            is_aigc=True,
        ),
        plan_chunks(17),
    )
    assert json.loads(wire.request.content) == {
        "post_info": {
            "privacy_level": "SELF_ONLY",
            "disable_comment": False,
            "disable_duet": True,
            "disable_stitch": True,
            "brand_content_toggle": True,
            "brand_organic_toggle": False,
            "is_aigc": True,
        },
        "source_info": {"source": "FILE_UPLOAD", "video_size": 17, "chunk_size": 17, "total_chunk_count": 1},
    }


def test_a_caption_arrives_with_every_character_it_has(wire, client):
    wire.answers_with(json={"data": {"publish_id": "p", "upload_url": "https://u"}, "error": OK})
    title = 'Zwölf "Boxkämpfer"\n😀 مرحبا \\ </script>'
    client.init_video(
        VideoPostInfo(
            title=title,
            privacy_level="SELF_ONLY",
            disable_comment=True,
            disable_duet=True,
            disable_stitch=True,
            brand_content_toggle=False,
            brand_organic_toggle=False,
        ),
        plan_chunks(1),
    )
    assert json.loads(wire.request.content)["post_info"]["title"] == title


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_param", InvalidParamsError),
        (400, "invalid_params", InvalidParamsError),
        (403, "spam_risk_too_many_posts", PostingCapError),
        (403, "spam_risk_user_banned_from_posting", BannedFromPostingError),
        (403, "reached_active_user_cap", ActiveUserCapError),
        (403, "unaudited_client_can_only_post_to_private_accounts", UnauditedClientError),
        (403, "privacy_level_option_mismatch", PrivacyLevelMismatchError),
        (401, "access_token_invalid", AccessTokenInvalidError),
        (401, "scope_not_authorized", ScopeNotAuthorizedError),
        (429, "rate_limit_exceeded", RateLimitError),
        (403, "a_code_of_tomorrow", ApiError),
    ],
)
def test_init_is_refused_with_tiktoks_code_message_and_log_id(wire, client, status, code, kind):
    wire.answers_with(status, json={"data": {}, "error": {"code": code, "message": "Why.", "log_id": LOG_ID}})
    with pytest.raises(ApiError) as caught:
        client.init_video(POST, plan_chunks(1))
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.message, error.http_status, error.log_id) == (code, "Why.", status, LOG_ID)


def test_asks_for_the_status(wire, client):
    wire.answers_with(
        json={
            "data": {
                "status": "PUBLISH_COMPLETE",
                "fail_reason": "",
                "publicaly_available_post_id": [7602997517160123687, "7602997517160123688"],
                "uploaded_bytes": 94_000_000,
                "downloaded_bytes": 0,
            },
            "error": OK,
        }
    )
    assert client.fetch_status("v_pub_file~v2-1.1") == PublishState(
        status="PUBLISH_COMPLETE",
        fail_reason="",
        post_ids=("7602997517160123687", "7602997517160123688"),
        uploaded_bytes=94_000_000,
        downloaded_bytes=0,
        log_id=LOG_ID,
    )
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/post/publish/status/fetch/"
    assert json.loads(wire.request.content) == {"publish_id": "v_pub_file~v2-1.1"}


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (
            {"fail_reason": "file_format_check_failed", "status": "FAILED"},
            PublishState("FAILED", "file_format_check_failed", (), None, LOG_ID),
        ),
        (
            {"status": "FAILED", "fail_reason": "a_reason_of_tomorrow", "uploaded_bytes": "17"},
            PublishState("FAILED", "a_reason_of_tomorrow", (), 17, LOG_ID),
        ),
        (
            {"status": "A_STATUS_OF_TOMORROW", "publicaly_available_post_id": None, "uploaded_bytes": -1},
            PublishState("A_STATUS_OF_TOMORROW", "", (), None, LOG_ID),
        ),
        (
            {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [], "uploaded_bytes": 0},
            PublishState("PUBLISH_COMPLETE", "", (), 0, LOG_ID),
        ),
        (
            {"status": "PROCESSING_DOWNLOAD", "downloaded_bytes": "10000"},
            PublishState("PROCESSING_DOWNLOAD", "", (), None, LOG_ID, 10_000),
        ),
        (
            {"status": "PROCESSING_DOWNLOAD", "downloaded_bytes": -7},
            PublishState("PROCESSING_DOWNLOAD", "", (), None, LOG_ID, None),
        ),
        (
            {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": 7602997517160123687},
            PublishState("PUBLISH_COMPLETE", "", ("7602997517160123687",), None, LOG_ID),
        ),
        (
            {"status": "PUBLISH_COMPLETE", "publicly_available_post_id": ["7602997517160123687"]},
            PublishState("PUBLISH_COMPLETE", "", ("7602997517160123687",), None, LOG_ID),
        ),
        (
            {"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [0, "", None, True, 1.5, {}]},
            PublishState("PUBLISH_COMPLETE", "", (), None, LOG_ID),
        ),
    ],
)
def test_survives_every_shape_of_a_status(wire, client, data, state):
    wire.answers_with(json={"data": data, "error": OK})
    assert client.fetch_status("p") == state


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("invalid_publish_id", "The publish id is unknown."),
        ("invalid_params", "invalid_publish_id"),
        ("invalid_param", "invalid_publish_id"),
    ],
)
def test_an_unknown_publish_id_is_recognised_in_both_shapes(wire, client, code, message):
    wire.answers_with(400, json={"error": {"code": code, "message": message, "log_id": LOG_ID}})
    with pytest.raises(UnknownPublishIdError) as caught:
        client.fetch_status("p")
    assert caught.value.is_retry_safe is True


def test_somebody_elses_publish_id_is_its_own_error(wire, client):
    code = "token_not_authorized_for_specified_publish_id"
    wire.answers_with(400, json={"error": {"code": code, "message": "", "log_id": LOG_ID}})
    with pytest.raises(ForeignPublishIdError):
        client.fetch_status("p")


def test_asks_who_the_person_is(wire, client):
    user = {"open_id": "-000o", "union_id": "u-1", "display_name": "Poppy", "avatar_url": "https://p/a.jpeg"}
    wire.answers_with(json={"data": {"user": user}, "error": OK})
    assert client.fetch_user_info(["open_id", "union_id", "display_name", "avatar_url"]) == UserInfo(
        open_id="-000o", union_id="u-1", display_name="Poppy", avatar_url="https://p/a.jpeg"
    )
    assert wire.request.method == "GET"
    assert wire.request.url.path == "/v2/user/info/"
    assert dict(wire.request.url.params) == {"fields": "open_id,union_id,display_name,avatar_url"}
    assert wire.request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_user_info_without_some_fields_is_empty_there(wire, client):
    wire.answers_with(json={"data": {"user": {"open_id": "o"}}, "error": OK})
    assert client.fetch_user_info(["open_id"]) == UserInfo("o", "", "", "")
