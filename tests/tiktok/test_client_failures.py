"""The posting and user API when the answer is a fault, unreadable or missing, and what must never get out."""

import httpx
import pytest

from tests.tiktok.conftest import Wire
from tests.tiktok.examples import API, CALLS, CREATOR, LOG_ID, OK, TOKEN, every_call
from tiktok.client import Client
from tiktok.errors import (
    ApiError,
    RateLimitError,
    ServerError,
    TransportError,
    TransportKind,
)


@pytest.fixture
def client(wire: Wire):
    with Client(API, TOKEN, transport=wire.transport) as client:
        yield client


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
def test_a_server_fault_needs_no_code(wire, client, call, is_repeatable, status, content):
    wire.answers_with(status, content=content)
    with pytest.raises(ServerError) as caught:
        call(client)
    assert (caught.value.code, caught.value.http_status) == ("", status)
    assert caught.value.is_retry_safe is is_repeatable


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
    wire, client, call, is_repeatable, status, content
):
    wire.answers_with(status, content=content, headers={"x-tt-logid": LOG_ID})
    with pytest.raises(TransportError) as caught:
        call(client)
    error = caught.value
    assert error.kind == TransportKind.UNREADABLE
    assert error.is_sent is True
    assert error.is_outcome_unknown is True
    assert error.is_retry_safe is is_repeatable
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
@pytest.mark.parametrize("name", ["init", "inbox_init"])
def test_an_init_without_both_its_answers_is_unreadable(wire, client, name, data):
    wire.answers_with(json={"data": data, "error": OK})
    with pytest.raises(TransportError) as caught:
        CALLS[name](client)
    assert caught.value.kind == TransportKind.UNREADABLE
    assert "no publish_id or upload_url in it" in str(caught.value)


def test_success_is_read_from_the_code_and_not_from_the_status(wire, client):
    wire.answers_with(403, json={"data": {"status": "PROCESSING_UPLOAD"}, "error": OK})
    assert client.fetch_status("p").status == "PROCESSING_UPLOAD"


@every_call
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_never_follows_a_redirect(wire, client, call, is_repeatable, status):
    wire.answers_with(status, headers={"Location": "https://evil.example/?x=1"})
    with pytest.raises(TransportError) as caught:
        call(client)
    assert caught.value.kind == TransportKind.REDIRECT
    assert caught.value.is_sent is True
    assert caught.value.is_retry_safe is is_repeatable
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
def test_a_broken_connection_says_if_the_request_may_have_arrived(
    wire, client, call, is_repeatable, broken, kind, is_sent
):
    wire.breaks_with(broken)
    with pytest.raises(TransportError) as caught:
        call(client)
    assert caught.value.kind == kind
    assert caught.value.is_sent is is_sent
    assert caught.value.is_retry_safe is (is_repeatable or is_sent is False)
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
