"""Inbox videos, pulled media, photos and cancelling: what goes over the wire, and what must never get out."""

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiktok.conftest import Wire
from tests.tiktok.examples import (
    API,
    LOG_ID,
    OK,
    PHOTO_URLS,
    PHOTOS,
    POST,
    SECRET,
    TOKEN,
    VIDEO_URL,
    every_pull,
)
from tiktok.client import Client
from tiktok.errors import (
    AccessTokenInvalidError,
    ActiveUserCapError,
    ApiError,
    AppVersionError,
    BannedFromPostingError,
    ForeignPublishIdError,
    InvalidParamsError,
    NotCancellableError,
    PendingShareCapError,
    PostingCapError,
    PrivacyLevelMismatchError,
    RateLimitError,
    ScopeNotAuthorizedError,
    ServerError,
    TransportError,
    TransportKind,
    UnauditedClientError,
    UnknownPublishIdError,
    UrlOwnershipError,
)
from tiktok.types import PhotoPostInfo, PullInit, VideoInit
from tiktok.uploads import plan_chunks

INITS = {
    "inbox_init": lambda client: client.init_inbox_video(plan_chunks(1)),
    "pull": lambda client: client.pull_video(POST, VIDEO_URL),
    "inbox_pull": lambda client: client.pull_inbox_video(VIDEO_URL),
    "photos": lambda client: client.post_photos(PHOTOS, PHOTO_URLS, 0, is_aigc=False),
    "inbox_photos": lambda client: client.upload_photos("", "", PHOTO_URLS, 0, is_aigc=False),
}
every_init = pytest.mark.parametrize("call", INITS.values(), ids=INITS.keys())


@pytest.fixture
def client(wire: Wire):
    with Client(API, TOKEN, transport=wire.transport) as client:
        yield client


def takes(wire: Wire, publish_id: str) -> None:
    wire.answers_with(json={"data": {"publish_id": publish_id}, "error": OK})


def sent(wire: Wire) -> tuple[str, object]:
    assert wire.request.method == "POST"
    assert wire.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert wire.request.headers["Content-Type"] == "application/json; charset=UTF-8"
    return wire.request.url.path, json.loads(wire.request.content)


def test_opens_the_upload_of_an_inbox_video_and_sends_no_choices_along(wire, client):
    wire.answers_with(
        json={
            "data": {"publish_id": "v_inbox_file~v2.123456789", "upload_url": "https://u/?t=1"},
            "error": OK,
        }
    )
    assert client.init_inbox_video(plan_chunks(94_000_000)) == VideoInit(
        publish_id="v_inbox_file~v2.123456789", upload_url="https://u/?t=1", log_id=LOG_ID
    )
    assert sent(wire) == (
        "/v2/post/publish/inbox/video/init/",
        {
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": 94_000_000,
                "chunk_size": 10_000_000,
                "total_chunk_count": 9,
            }
        },
    )


def test_lets_tiktok_fetch_a_video_and_post_it(wire, client):
    takes(wire, "v_pub_url~v2.123456789")
    assert client.pull_video(POST, VIDEO_URL) == PullInit(publish_id="v_pub_url~v2.123456789", log_id=LOG_ID)
    assert sent(wire) == (
        "/v2/post/publish/video/init/",
        {
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
            "source_info": {"source": "PULL_FROM_URL", "video_url": VIDEO_URL},
        },
    )


def test_lets_tiktok_fetch_a_video_into_the_inbox_and_sends_no_choices_along(wire, client):
    takes(wire, "v_inbox_url~v2.123456789")
    assert client.pull_inbox_video(VIDEO_URL) == PullInit("v_inbox_url~v2.123456789", LOG_ID)
    assert sent(wire) == (
        "/v2/post/publish/inbox/video/init/",
        {"source_info": {"source": "PULL_FROM_URL", "video_url": VIDEO_URL}},
    )


def test_posts_35_photos_in_their_order_with_the_label_beside_the_choices(wire, client):
    takes(wire, "p_pub_url~v2.123456789")
    answer = client.post_photos(PHOTOS, PHOTO_URLS, 34, is_aigc=True)
    assert answer == PullInit("p_pub_url~v2.123456789", LOG_ID)
    assert sent(wire) == (
        "/v2/post/publish/content/init/",
        {
            "media_type": "PHOTO",
            "post_mode": "DIRECT_POST",
            "post_info": {
                "title": "funny cat",
                "description": "this will be a #funny photo on your @tiktok #fyp",
                "privacy_level": "PUBLIC_TO_EVERYONE",
                "disable_comment": False,
                "auto_add_music": True,
                "brand_content_toggle": True,
                "brand_organic_toggle": False,
            },
            "source_info": {
                "source": "PULL_FROM_URL",
                "photo_images": list(PHOTO_URLS),
                "photo_cover_index": 34,
            },
            "is_aigc": True,
        },
    )


def test_always_sends_both_brand_toggles_and_leaves_out_empty_texts(wire, client):
    takes(wire, "p")
    post_info = PhotoPostInfo(
        title="",
        description="",
        privacy_level="SELF_ONLY",
        disable_comment=True,
        auto_add_music=False,
        brand_content_toggle=False,
        brand_organic_toggle=False,
    )
    client.post_photos(post_info, PHOTO_URLS[:1], 0, is_aigc=False)
    _, body = sent(wire)
    assert body["post_info"] == {
        "privacy_level": "SELF_ONLY",
        "disable_comment": True,
        "auto_add_music": False,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }
    assert body["is_aigc"] is False


@pytest.mark.parametrize(
    ("title", "description", "post_info"),
    [
        ("Cats", "A #cat 😀\nand two", {"title": "Cats", "description": "A #cat 😀\nand two"}),
        ("", "Only this", {"description": "Only this"}),
        ("", "", {}),
    ],
)
def test_photos_for_the_inbox_carry_only_their_texts(wire, client, title, description, post_info):
    takes(wire, "p_inbox_url~v2.7655426304623413270")
    answer = client.upload_photos(title, description, PHOTO_URLS[:2], 1, is_aigc=True)
    assert answer == PullInit("p_inbox_url~v2.7655426304623413270", LOG_ID)
    assert sent(wire) == (
        "/v2/post/publish/content/init/",
        {
            "media_type": "PHOTO",
            "post_mode": "MEDIA_UPLOAD",
            "post_info": post_info,
            "source_info": {
                "source": "PULL_FROM_URL",
                "photo_images": list(PHOTO_URLS[:2]),
                "photo_cover_index": 1,
            },
            "is_aigc": True,
        },
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_number_of_photos_and_any_cover_arrive_as_given_or_not_at_all(data):
    count = data.draw(st.integers(0, 40))
    cover = data.draw(st.integers(-2, count + 1))
    urls = [
        f"https://media.example.com/{data.draw(st.integers(0, 9))}/{number}.jpg" for number in range(count)
    ]
    wire = Wire()
    takes(wire, "p")
    takes(wire, "p")
    with Client(API, TOKEN, transport=wire.transport) as client:
        if 1 <= count <= 35 and 0 <= cover < count:
            client.post_photos(PHOTOS, urls, cover, is_aigc=False)
            client.upload_photos("", "", tuple(urls), cover, is_aigc=False)
            sources = [json.loads(request.content)["source_info"] for request in wire.requests]
            expected = {"source": "PULL_FROM_URL", "photo_images": urls, "photo_cover_index": cover}
            assert sources == [expected, expected]
        else:
            with pytest.raises(ValueError, match="photo"):
                client.post_photos(PHOTOS, urls, cover, is_aigc=False)
            with pytest.raises(ValueError, match="photo"):
                client.upload_photos("", "", urls, cover, is_aigc=False)
            assert wire.requests == []


def test_one_address_in_place_of_a_list_is_not_taken_for_many_letters(wire, client):
    with pytest.raises(ValueError, match="1 to 35 photos"):
        client.post_photos(PHOTOS, "https://a.example/1.jpg", 0, is_aigc=False)


@pytest.mark.parametrize(
    ("title", "description"), [("t" * 91, ""), ("😀" * 45 + "t", ""), ("", "d" * 4001), ("", "😀" * 2001)]
)
def test_texts_too_long_for_photos_never_leave_the_house(wire, client, title, description):
    with pytest.raises(ValueError, match="of photos has at most"):
        client.upload_photos(title, description, PHOTO_URLS, 0, is_aigc=False)
    assert wire.requests == []


@pytest.mark.parametrize(
    "broken", ["", "SENTINEL\r\nX: y", "ftp://SENTINEL", "https://a/SENTINEL b", "SENTINEL"]
)
def test_refuses_what_is_no_address_without_repeating_it(wire, client, broken):
    for call in (
        lambda: client.pull_video(POST, broken),
        lambda: client.pull_inbox_video(broken),
        lambda: client.post_photos(PHOTOS, [PHOTO_URLS[0], broken], 0, is_aigc=False),
        lambda: client.upload_photos("", "", [PHOTO_URLS[0], broken], 0, is_aigc=False),
    ):
        with pytest.raises(ValueError, match="A media address is empty, not http") as caught:
            call()
        assert "SENTINEL" not in repr(caught.value)
    assert wire.requests == []


@every_init
@pytest.mark.parametrize(
    ("status", "code", "kind", "is_retry_safe"),
    [
        (400, "invalid_param", InvalidParamsError, False),
        (400, "invalid_params", InvalidParamsError, False),
        (400, "app_version_check_failed", AppVersionError, False),
        (400, "spam_risk_too_many_pending_share", PendingShareCapError, False),
        (403, "spam_risk_too_many_pending_share", PendingShareCapError, False),
        (200, "spam_risk_too_many_pending_share", PendingShareCapError, False),
        (403, "spam_risk_too_many_posts", PostingCapError, False),
        (403, "spam_risk_user_banned_from_posting", BannedFromPostingError, False),
        (403, "reached_active_user_cap", ActiveUserCapError, False),
        (403, "unaudited_client_can_only_post_to_private_accounts", UnauditedClientError, False),
        (403, "url_ownership_unverified", UrlOwnershipError, False),
        (403, "privacy_level_option_mismatch", PrivacyLevelMismatchError, False),
        (401, "access_token_invalid", AccessTokenInvalidError, False),
        (401, "scope_not_authorized", ScopeNotAuthorizedError, False),
        (429, "rate_limit_exceeded", RateLimitError, True),
        (403, "a_code_of_tomorrow", ApiError, False),
    ],
)
def test_each_refusal_is_known_by_its_code(wire, client, call, status, code, kind, is_retry_safe):
    wire.answers_with(status, json={"data": {}, "error": {"code": code, "message": code, "log_id": LOG_ID}})
    with pytest.raises(ApiError) as caught:
        call(client)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.message, error.http_status, error.log_id) == (code, code, status, LOG_ID)
    assert error.is_retry_safe is is_retry_safe


@every_pull
@pytest.mark.parametrize("data", [{}, {"publish_id": ""}, {"publish_id": "two words"}, {"publish_id": None}])
def test_a_pull_without_its_publish_id_may_have_begun(wire, client, call, data):
    wire.answers_with(json={"data": data, "error": OK})
    with pytest.raises(TransportError) as caught:
        call(client)
    assert caught.value.kind == TransportKind.UNREADABLE
    assert caught.value.is_outcome_unknown is True
    assert caught.value.is_retry_safe is False
    assert "no publish_id in it" in str(caught.value)


@every_pull
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_inside_tiktok_may_have_begun_a_pull(wire, client, call, status):
    wire.answers_with(status, json={"error": {"code": "internal_error", "message": "", "log_id": LOG_ID}})
    with pytest.raises(ServerError) as caught:
        call(client)
    assert caught.value.is_retry_safe is False


def test_cancels_with_the_publish_id_and_needs_no_data_in_the_answer(wire, client):
    wire.answers_with(json={"error": OK})
    assert client.cancel("p_pub_url~v2.1") is None
    assert sent(wire) == ("/v2/post/publish/cancel/", {"publish_id": "p_pub_url~v2.1"})


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "is_retry_safe"),
    [
        (400, "publish_not_cancellable", "m", NotCancellableError, False),
        (409, "publish_not_cancellable", "m", NotCancellableError, False),
        (400, "invalid_publish_id", "m", UnknownPublishIdError, True),
        (400, "invalid_params", "invalid_publish_id", UnknownPublishIdError, True),
        (400, "token_not_authorized_for_specified_publish_id", "m", ForeignPublishIdError, False),
        (403, "url_ownership_unverified", "m", UrlOwnershipError, False),
        (401, "access_token_invalid", "m", AccessTokenInvalidError, False),
        (401, "scope_not_authorized", "m", ScopeNotAuthorizedError, False),
        (429, "rate_limit_exceeded", "m", RateLimitError, True),
        (500, "internal_error", "m", ServerError, True),
        (400, "a_code_of_tomorrow", "m", ApiError, False),
    ],
)
def test_cancelling_is_refused_by_code(wire, client, status, code, message, kind, is_retry_safe):
    wire.answers_with(status, json={"error": {"code": code, "message": message, "log_id": LOG_ID}})
    with pytest.raises(ApiError) as caught:
        client.cancel("p")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.is_retry_safe) == (code, is_retry_safe)


def test_a_cancel_without_an_answer_may_be_sent_again(wire, client):
    wire.breaks_with(httpx.ReadTimeout("x"))
    with pytest.raises(TransportError) as caught:
        client.cancel("p")
    assert caught.value.is_outcome_unknown is True
    assert caught.value.is_retry_safe is True


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"{}", b'{"error":[]}', b'{"error":{"code":""}}'])
def test_a_cancel_that_does_not_say_ok_is_not_taken_for_done(wire, client, content):
    wire.answers_with(200, content=content)
    with pytest.raises(TransportError) as caught:
        client.cancel("p")
    assert caught.value.kind == TransportKind.UNREADABLE


@every_pull
@pytest.mark.parametrize(
    "quote",
    [
        lambda url: f"Cannot fetch {url}.",
        lambda url: f"Cannot fetch {url.replace('/', '%2F')}",
        lambda url: f"GET {httpx.URL(url).path} failed",
        lambda url: f'{{"url": "{url}?from=tiktok&amp;n=1"}}',
    ],
)
def test_no_error_repr_or_log_line_shows_a_media_address(wire, client, call, quote, everything_logged):
    takes(wire, "p")
    answer = call(client)
    assert SECRET not in f"{answer!r} {answer} {client!r}"
    source = json.loads(wire.request.content)["source_info"]
    quoted = " ".join(quote(url) for url in source.get("photo_images", [source.get("video_url")])[:3])
    assert SECRET in quoted
    wire.answers_with(403, json={"error": {"code": "url_ownership_unverified", "message": quoted}})
    with pytest.raises(UrlOwnershipError) as refused:
        call(client)
    wire.answers_with(400, json={"error": {"code": quoted, "message": "m"}})
    with pytest.raises(ApiError) as odd:
        call(client)
    wire.breaks_with(httpx.ReadError(f"While sending {quoted}"))
    with pytest.raises(TransportError) as broken:
        call(client)
    for error in (refused.value, odd.value, broken.value):
        assert error.__cause__ is None
        assert error.__context__ is None
        assert SECRET not in f"{error} {error!r} {error.args} {vars(error)}"
    assert "[hidden]" in refused.value.message
    assert "/v2/post/publish/" in everything_logged.text
    assert "SENTINEL" not in everything_logged.text
