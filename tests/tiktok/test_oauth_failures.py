"""OAuth refused, unreadable or broken off, and what must never get out."""

import httpx
import pytest

from tests.tiktok.conftest import Connection, Wire
from tests.tiktok.oauth_examples import (
    ACCESS,
    CALLS,
    CODE,
    KEY,
    REDIRECT,
    REFRESH,
    SECRET,
    SUCCESS,
    VERIFIER,
    every_call,
    every_grant,
    form,
    oauth_at,
)
from tiktok.errors import (
    InvalidClientError,
    InvalidGrantError,
    OAuthError,
    TikTokError,
    TransportError,
    TransportKind,
)
from tiktok.oauth import OAuthClient


@pytest.fixture
def oauth(wire: Wire) -> OAuthClient:
    return oauth_at("https://open.tiktokapis.com", wire.transport)


@every_call
@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_request", OAuthError),
        ("invalid_grant", InvalidGrantError),
        ("invalid_client", InvalidClientError),
        ("unauthorized_client", InvalidClientError),
        ("server_error", OAuthError),
        ("an_error_of_tomorrow", OAuthError),
    ],
)
def test_a_refusal_is_read_from_the_body_whatever_the_status(wire, oauth, call, status, code, kind):
    wire.answers_with(status, json={"error": code, "error_description": "Why.", "log_id": "L1"})
    with pytest.raises(OAuthError) as caught:
        call(oauth)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.message, error.http_status, error.log_id) == (code, "Why.", status, "L1")


@every_call
def test_a_refusal_in_the_envelope_of_the_api_is_understood_too(wire, oauth, call):
    wire.answers_with(
        400, json={"data": {}, "error": {"code": "invalid_params", "message": "m", "log_id": "L"}}
    )
    with pytest.raises(OAuthError) as caught:
        call(oauth)
    assert (caught.value.code, caught.value.message, caught.value.log_id) == ("invalid_params", "m", "L")


@every_call
def test_a_rate_limit_without_a_body_is_temporary(wire, oauth, call):
    wire.answers_with(429, content=b"<html>slow down</html>")
    with pytest.raises(OAuthError) as caught:
        call(oauth)
    assert (caught.value.code, caught.value.is_temporary) == ("rate_limit_exceeded", True)


@every_grant
@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"", TransportKind.UNREADABLE),
        (200, b"{}", TransportKind.UNREADABLE),
        (200, b"[]", TransportKind.UNREADABLE),
        (200, b"<html>", TransportKind.UNREADABLE),
        (403, b"<html>Access Denied</html>", TransportKind.UNREADABLE),
        (200, b'{"access_token":"act.new', TransportKind.UNREADABLE),
        (200, b'{"access_token":""}', TransportKind.UNREADABLE),
        (200, b'{"access_token":null,"error":""}', TransportKind.UNREADABLE),
        (200, b'{"access_token":"two words"}', TransportKind.UNREADABLE),
        (500, b"", TransportKind.SERVER_FAULT),
        (502, b"<html>Bad Gateway</html>", TransportKind.SERVER_FAULT),
        (503, b"{}", TransportKind.SERVER_FAULT),
        (302, b'{"error":"invalid_request"}', TransportKind.REDIRECT),
        (307, b"", TransportKind.REDIRECT),
    ],
)
def test_an_answer_that_says_neither_leaves_the_outcome_unknown(wire, oauth, call, status, content, kind):
    headers = {"x-tt-logid": "L1", "Location": "https://evil.example/"}
    wire.answers_with(status, content=content, headers=headers)
    with pytest.raises(TransportError) as caught:
        call(oauth)
    error = caught.value
    assert (error.kind, error.is_sent, error.http_status, error.log_id) == (kind, True, status, "L1")
    assert error.is_retry_safe is False
    assert len(wire.requests) == 1


@every_call
@pytest.mark.parametrize(
    ("broken", "kind", "is_sent"),
    [
        (httpx.ConnectError("x"), TransportKind.CONNECT, False),
        (httpx.ConnectTimeout("x"), TransportKind.CONNECT, False),
        (httpx.ReadTimeout("x"), TransportKind.TIMEOUT, True),
        (httpx.ReadError("x"), TransportKind.RESET, None),
        (httpx.RemoteProtocolError("x"), TransportKind.RESET, None),
    ],
)
def test_only_what_was_never_sent_or_does_no_harm_may_be_repeated(wire, oauth, call, broken, kind, is_sent):
    wire.breaks_with(broken)
    with pytest.raises(TransportError) as caught:
        call(oauth)
    assert (caught.value.kind, caught.value.is_sent) == (kind, is_sent)
    assert caught.value.is_retry_safe is (is_sent is False or call is CALLS["revoke"])


# --- Addresses, secrets, sockets --------------------------------------------------------------------------


def test_addresses_may_be_of_a_stand_in_on_this_machine(wire):
    oauth = OAuthClient(
        KEY, SECRET, "http://localhost:8100/", "http://localhost:8100/", transport=wire.transport
    )
    url = oauth.authorize_url(REDIRECT, ["s"], "s", "a" * 43)
    assert url.startswith("http://localhost:8100/v2/auth/authorize/?")
    wire.answers_with(json=SUCCESS)
    oauth.refresh(REFRESH)
    assert str(wire.request.url) == "http://localhost:8100/v2/oauth/token/"


@pytest.mark.parametrize(
    ("auth_url", "api_url"),
    [
        ("http://www.tiktok.com", "https://open.tiktokapis.com"),
        ("https://www.tiktok.com", "http://open.tiktokapis.com"),
        ("www.tiktok.com", "https://open.tiktokapis.com"),
    ],
)
def test_refuses_plain_http_to_any_other_machine(auth_url, api_url):
    with pytest.raises(ValueError, match="TikTok's address must"):
        OAuthClient(KEY, SECRET, auth_url, api_url)


@every_call
def test_no_error_repr_or_log_line_shows_a_secret(wire, oauth, call, everything_logged):
    assert repr(oauth) == f"<OAuthClient {KEY}>"
    echo = " ".join([SECRET, CODE, VERIFIER, ACCESS, REFRESH])
    errors: list[TikTokError] = []
    wire.answers_with(200, json={"error": "invalid_request", "error_description": f"You sent {echo}"})
    wire.answers_with(200, content=f"<html>{echo}</html>".encode())
    wire.breaks_with(httpx.ReadError(echo))
    for _ in range(3):
        with pytest.raises(TikTokError) as caught:
            call(oauth)
        errors.append(caught.value)
    sent = {"code": CODE, "code_verifier": VERIFIER, "token": ACCESS, "refresh_token": REFRESH}
    for error in errors:
        assert error.__cause__ is None
        assert error.__context__ is None
        shown = f"{error} {error!r} {error.args} {vars(error)}"
        assert SECRET not in shown
        for name, value in form(wire.requests[0]):
            assert name not in sent or value not in shown
    assert errors[0].message.startswith("You sent [hidden] ")
    assert "SENTINEL" not in everything_logged.text


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_a_token_answer_cut_off_on_the_wire_leaves_the_outcome_unknown(serve, cut):
    body = b'{"access_token":"act.new","open_id":"o","expires_in":7200,"refresh_token":"rft.new"}'

    def script(connection: Connection) -> None:
        connection.read_head()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.send(head + body[: int(len(body) * cut)])

    with pytest.raises(TransportError) as caught:
        oauth_at(serve(script).url).refresh(REFRESH)
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.UNREADABLE, True)
    assert caught.value.is_retry_safe is False


def test_a_refresh_over_a_real_socket_sends_a_plain_form(serve):
    requests: list[bytes] = []

    def script(connection: Connection) -> None:
        head = connection.read_head()
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        requests.append(head + b"\r\n\r\n" + connection.read_body(length))
        connection.send(b'HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\n{"access_token":"act.new"}')

    assert oauth_at(serve(script).url).refresh("rft.old!1").access_token == "act.new"
    head, body = requests[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/oauth/token/ HTTP/1.1\r\n")
    assert body == (
        b"grant_type=refresh_token&refresh_token=rft.old%211"
        b"&client_key=sbawclientkey&client_secret=SENTINEL-secret%26%3D%2B%25"
    )
