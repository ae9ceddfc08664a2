"""The posting and user API: what goes over the wire, and what each answer means."""

import json

import httpx
import pytest

from tests.tiktok.conftest import Wire
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
    ServerError,
    TransportError,
    TransportKind,
    UnauditedClientError,
    UnknownPublishIdError,
)
from tiktok.types import CreatorInfo, PrivacyLevel, PublishState, UserInfo, VideoInit, VideoPostInfo
from tiktok.uploads import plan_chunks

API = "https://open.tiktokapis.com"
TOKEN = "act.SENTINEL-access!4821.va"
LOG_ID = "202210112248442CB9319E1FB30C1073F3"
OK = {"code": "ok", "message": "", "log_id": LOG_ID}

CREATOR = {
    "creator_avatar_url": "https://p16.tiktokcdn.com/a.jpeg?x-expires=1",
    "creator_username": "tiktok",
    "creator_nickname": "TikTok Official",
    "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    "comment_disabled": False,
    "duet_disabled": False,
    "stitch_disabled": True,
    "max_video_post_duration_sec": 300,
}
POST = VideoPostInfo(
    title="this will be a funny #cat video on your @tiktok #fyp",
    privacy_level=PrivacyLevel.MUTUAL_FOLLOW_FRIENDS,
    disable_comment=True,
    disable_duet=False,
    disable_stitch=False,
    brand_content_toggle=False,
    brand_organic_toggle=True,
    video_cover_timestamp_ms=1000,
)
CALLS = {
    "creator_info": lambda client: client.query_creator_info(),
    "init": lambda client: client.init_video(POST, plan_chunks(94_000_000)),
    "status": lambda client: client.fetch_status("v_pub_file~v2-1.1"),
    "user_info": lambda client: client.fetch_user_info(["open_id"]),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


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


@pytest.mark.parametrize(
    ("body", "headers", "log_id"),
    [
        ({"error": {"code": "internal_error", "log_id": "L1"}}, {"x-tt-logid": "L9"}, "L1"),
        ({"error": {"code": "internal_error", "logid": "L2"}}, {}, "L2"),
        ({"error": {"code": "internal_error"}, "log_id": "L3"}, {}, "L3"),
        ({"code": "internal_error", "message": "m", "log_id": "L4"}, {}, "L4"),
        ({"error": "internal_error", "error_description": "m", "log_id": "L5"}, {}, "L5"),
        ({"error": {"code": "internal_error"}}, {"X-Tt-Logid": "L6"}, "L6"),
        ({"error": {"code": "internal_error"}}, {}, ""),
    ],
)
def test_finds_the_log_id_wherever_it_stands(wire, client, body, headers, log_id):
    wire.answers_with(500, json=body, headers=headers)
    with pytest.raises(ServerError) as caught:
        client.query_creator_info()
    assert caught.value.code == "internal_error"
    assert caught.value.log_id == log_id


@every_call
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b""),
        (502, b"<html>Bad Gateway</html>"),
        (503, b'{"error":{"code":"","message":"","log_id":"x"}}'),
    ],
)
def test_a_server_fault_needs_no_code(wire, client, call, status, content):
    wire.answers_with(status, content=content)
    with pytest.raises(ServerError) as caught:
        call(client)
    assert (caught.value.code, caught.value.http_status) == ("", status)
    assert caught.value.is_retry_safe is True


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "9999999999"}, None),
    ],
)
@pytest.mark.parametrize(
    "content", [b"", b'{"error":{"code":"rate_limit_exceeded","message":"","log_id":""}}']
)
def test_a_rate_limit_may_say_how_long_and_need_not(wire, client, headers, seconds, content):
    wire.answers_with(429, content=content, headers=headers)
    with pytest.raises(RateLimitError) as caught:
        client.query_creator_info()
    assert caught.value.retry_after == seconds
    assert caught.value.is_retry_safe is True


@every_call
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""),
        (200, b"<!doctype html><title>Please verify</title>"),
        (403, b"<html>Access Denied</html>"),
        (401, b""),
        (200, b'{"data":{"publish_id":"v_pub_fi'),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (
            200,
            b'{"data":{"publish_id":"p","upload_url":"https://u","status":"FAILED","user":{"open_id":"o"}}}',
        ),
        (200, b'{"data":{},"error":{"code":"ok"}}'),
        (200, b'{"data":null,"error":{"code":"ok"}}'),
        (200, b'{"data":[1],"error":{"code":"ok"}}'),
        (200, b'{"error":{"code":"ok"}}'),
        (200, b'{"data":{},"error":[]}'),
        (200, b'{"data":{},"error":{"code":null}}'),
    ],
)
def test_an_answer_that_does_not_say_what_happened_leaves_the_outcome_unknown(
    wire, client, call, status, content
):
    wire.answers_with(status, content=content, headers={"x-tt-logid": LOG_ID})
    with pytest.raises(TransportError) as caught:
        call(client)
    error = caught.value
    assert error.kind == TransportKind.UNREADABLE
    assert error.is_sent is True
    assert error.is_outcome_unknown is True
    assert (error.http_status, error.log_id) == (status, LOG_ID)


@pytest.mark.parametrize(
    "data",
    [
        {"publish_id": "p"},
        {"upload_url": "https://u"},
        {"publish_id": "", "upload_url": "https://u"},
        {"publish_id": "p", "upload_url": None},
        {"publish_id": "p", "upload_url": "not an address"},
    ],
)
def test_an_init_without_both_its_answers_is_unreadable(wire, client, data):
    wire.answers_with(json={"data": data, "error": OK})
    with pytest.raises(TransportError) as caught:
        client.init_video(POST, plan_chunks(1))
    assert caught.value.kind == TransportKind.UNREADABLE
    assert "no publish_id or upload_url in it" in str(caught.value)


def test_success_is_read_from_the_code_and_not_from_the_status(wire, client):
    wire.answers_with(403, json={"data": {"status": "PROCESSING_UPLOAD"}, "error": OK})
    assert client.fetch_status("p").status == "PROCESSING_UPLOAD"


@every_call
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_never_follows_a_redirect(wire, client, call, status):
    wire.answers_with(status, headers={"Location": "https://evil.example/?x=1"})
    with pytest.raises(TransportError) as caught:
        call(client)
    assert caught.value.kind == TransportKind.REDIRECT
    assert caught.value.is_sent is True
    assert len(wire.requests) == 1


@every_call
@pytest.mark.parametrize(
    ("broken", "kind", "is_sent"),
    [
        (httpx.ConnectError("x"), TransportKind.CONNECT, False),
        (httpx.ConnectTimeout("x"), TransportKind.CONNECT, False),
        (httpx.PoolTimeout("x"), TransportKind.CONNECT, False),
        (httpx.ReadTimeout("x"), TransportKind.TIMEOUT, True),
        (httpx.WriteTimeout("x"), TransportKind.TIMEOUT, None),
        (httpx.ReadError("x"), TransportKind.RESET, None),
        (httpx.WriteError("x"), TransportKind.RESET, None),
        (httpx.RemoteProtocolError("x"), TransportKind.RESET, None),
    ],
)
def test_a_broken_connection_says_if_the_request_may_have_arrived(wire, client, call, broken, kind, is_sent):
    wire.breaks_with(broken)
    with pytest.raises(TransportError) as caught:
        call(client)
    assert caught.value.kind == kind
    assert caught.value.is_sent is is_sent
    assert caught.value.is_retry_safe is True
    assert len(wire.requests) == 1


def test_an_answer_that_never_ends_is_cut_off(wire, client):
    wire.answers_with(200, content=b'{"data": "' + b"x" * 2_000_000 + b'"}')
    with pytest.raises(TransportError) as caught:
        client.query_creator_info()
    assert caught.value.kind == TransportKind.UNREADABLE
    assert caught.value.is_sent is True


def test_cookies_are_not_kept(wire, client):
    for _ in range(2):
        wire.answers_with(json={"data": CREATOR, "error": OK}, headers={"Set-Cookie": "tt=1; Path=/"})
        client.query_creator_info()
    assert [request.headers.get("Cookie") for request in wire.requests] == [None, None]


def test_a_base_address_may_end_with_a_slash(wire):
    wire.answers_with(json={"data": CREATOR, "error": OK})
    with Client("https://open.tiktokapis.com/", TOKEN, transport=wire.transport) as client:
        client.query_creator_info()
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/post/publish/creator_info/query/"


@pytest.mark.parametrize(
    "url", ["http://localhost:8100", "http://127.0.0.1:8100", "http://127.8.9.1", "http://[::1]:8100"]
)
def test_plain_http_is_allowed_to_this_machine(wire, url):
    wire.answers_with(json={"data": CREATOR, "error": OK})
    with Client(url, TOKEN, transport=wire.transport) as client:
        assert client.query_creator_info().username == "tiktok"


@pytest.mark.parametrize(
    "url",
    [
        "http://open.tiktokapis.com",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://localhost",
        "open.tiktokapis.com",
        "https://user:pw@open.tiktokapis.com",
        "https://open.tiktokapis.com/?a=1",
        "https://",
        "",
    ],
)
def test_refuses_any_other_address(url):
    with pytest.raises(ValueError, match="TikTok's address must be"):
        Client(url, TOKEN)


@pytest.mark.parametrize("token", ["", "act.SENTINEL\r\nX: y", "act. SENTINEL", "act.SENTINEL\u00e9"])
def test_refuses_a_token_that_cannot_be_one_without_repeating_it(token):
    with pytest.raises(ValueError, match="The access token is empty") as caught:
        Client(API, token)
    assert "SENTINEL" not in repr(caught.value)


def test_no_error_repr_or_log_line_shows_the_token(wire, client, everything_logged):
    assert repr(client) == str(client) == "<Client https://open.tiktokapis.com>"
    wire.answers_with(
        401, json={"error": {"code": TOKEN, "message": f"bad {TOKEN} {TOKEN[:20]}", "log_id": "L"}}
    )
    with pytest.raises(ApiError) as refused:
        client.query_creator_info()
    wire.breaks_with(httpx.ReadError(f"Illegal header value b'Bearer {TOKEN}'"))
    with pytest.raises(TransportError) as broken:
        client.query_creator_info()
    for error in (refused.value, broken.value):
        assert error.__cause__ is None
        assert error.__context__ is None
        assert "SENTINEL" not in f"{error} {error!r} {error.args} {vars(error)}"
    assert "[hidden]" in refused.value.message
    assert "creator_info" in everything_logged.text
    assert "SENTINEL" not in everything_logged.text
