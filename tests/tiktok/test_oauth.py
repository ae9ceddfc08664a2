"""TikTok's OAuth with all its oddities: the exact requests, and what counts as success."""

import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.tiktok.conftest import Wire
from tests.tiktok.oauth_examples import (
    ACCESS,
    CODE,
    GRANT,
    KEY,
    REDIRECT,
    REFRESH,
    SECRET,
    SUCCESS,
    VERIFIER,
    every_grant,
    form,
    oauth_at,
)
from tiktok.errors import (
    InvalidClientError,
    InvalidGrantError,
    OAuthError,
    TransportError,
    TransportKind,
)
from tiktok.oauth import OAuthClient
from tiktok.types import Scope, TokenGrant


@pytest.fixture
def oauth(wire: Wire) -> OAuthClient:
    return oauth_at("https://open.tiktokapis.com", wire.transport)


# --- Consent ----------------------------------------------------------------------------------------------


def test_sends_people_to_the_consent_page_with_exactly_these_parameters(oauth):
    url = oauth.authorize_url(REDIRECT, ["user.info.basic", "video.publish"], "st+at e", "a" * 43)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.tiktok.com", "/v2/auth/authorize/")
    assert sorted(parse_qsl(parts.query, strict_parsing=True)) == [
        ("client_key", KEY),
        ("code_challenge", hashlib.sha256(b"a" * 43).hexdigest()),
        ("code_challenge_method", "S256"),
        ("disable_auto_auth", "1"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "user.info.basic,video.publish"),
        ("state", "st+at e"),
    ]
    assert "scope=user.info.basic%2Cvideo.publish" in url


def test_the_challenge_is_lower_case_hex_as_in_the_known_vector(oauth):
    url = oauth.authorize_url(
        REDIRECT, [Scope.VIDEO_PUBLISH], "s", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    # The verifier of RFC 7636, appendix B, whose octets 19, 211, 30, 150 … the RFC itself writes in base64url.
    challenge = "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"
    assert dict(parse_qsl(urlsplit(url).query))["code_challenge"] == challenge


def test_scopes_may_come_as_tiktok_writes_them(oauth):
    url = oauth.authorize_url(REDIRECT, "user.info.basic,video.publish", "s", "a" * 43)
    assert dict(parse_qsl(urlsplit(url).query))["scope"] == "user.info.basic,video.publish"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:8000/accounts/connect/callback/",
        "http://127.0.0.1:8000/accounts/connect/callback",
        "https://greenroom.example/a%20b/",
        "https://Greenroom.Example/A/../b/",
    ],
)
def test_the_redirect_address_goes_out_byte_for_byte(wire, oauth, redirect_uri):
    query = dict(parse_qsl(urlsplit(oauth.authorize_url(redirect_uri, ["s"], "s", "a" * 43)).query))
    assert query["redirect_uri"] == redirect_uri
    wire.answers_with(json=SUCCESS)
    oauth.exchange_code("c", redirect_uri, "a" * 43)
    assert dict(form(wire.request))["redirect_uri"] == redirect_uri


@pytest.mark.parametrize(
    "verifier", ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "é", "", "a" * 43 + "\n"]
)
def test_refuses_a_verifier_that_tiktok_would_refuse(oauth, verifier):
    with pytest.raises(ValueError, match="A verifier has 43 to 128 characters"):
        oauth.authorize_url(REDIRECT, ["s"], "s", verifier)


def test_every_new_verifier_is_different_and_fits(oauth):
    verifiers = {oauth.new_verifier() for _ in range(100)}
    assert len(verifiers) == 100
    for verifier in verifiers:
        assert len(verifier) == 64
        oauth.authorize_url(REDIRECT, ["s"], "s", verifier)


# --- Exchange and refresh ---------------------------------------------------------------------------------


def test_exchanges_a_code_with_exactly_this_request(wire, oauth):
    wire.answers_with(json=SUCCESS)
    assert oauth.exchange_code(CODE, REDIRECT, VERIFIER) == GRANT
    assert wire.request.method == "POST"
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/oauth/token/"
    assert wire.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert wire.request.headers["Content-Length"] == str(len(wire.request.content))
    assert "Authorization" not in wire.request.headers
    assert form(wire.request) == [
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("code", CODE),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
    ]


def test_refreshes_with_exactly_this_request(wire, oauth):
    wire.answers_with(json=SUCCESS)
    assert oauth.refresh(REFRESH) == GRANT
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/oauth/token/"
    assert wire.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert wire.request.headers["Content-Length"] == str(len(wire.request.content))
    assert "Authorization" not in wire.request.headers
    assert form(wire.request) == [
        ("client_key", KEY),
        ("client_secret", SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH),
    ]


@pytest.mark.parametrize(
    "code", ["a+b", "a%2Bb", "a b", "a*b!c", "a&b=c", "a%", "%zz", "ä", "a~b-._", "a/b?c#d", "a;b", "'\"<>{}"]
)
def test_a_code_survives_with_every_character_it_has(wire, oauth, code):
    wire.answers_with(json=SUCCESS)
    oauth.exchange_code(code, REDIRECT, VERIFIER)
    assert dict(form(wire.request))["code"] == code


@every_grant
@pytest.mark.parametrize("status", [200, 201, 400, 401, 500])
def test_success_is_the_presence_of_an_access_token(wire, oauth, call, status):
    wire.answers_with(status, json=SUCCESS)
    assert call(oauth) == GRANT


@every_grant
@pytest.mark.parametrize("error", ["", None, "invalid_request", {"code": "ok"}])
def test_an_access_token_outweighs_an_error_field_beside_it(wire, oauth, call, error):
    wire.answers_with(json={**SUCCESS, "error": error, "error_description": "", "log_id": "L"})
    assert call(oauth) == GRANT


@pytest.mark.parametrize(
    ("change", "grant"),
    [
        ({"expires_in": "86400", "refresh_expires_in": "31536000"}, (86_400, 31_536_000)),
        ({"expires_in": None, "refresh_expires_in": None}, (0, 0)),
        ({"expires_in": -5, "refresh_expires_in": "soon"}, (0, 0)),
        ({"expires_in": 1.5, "refresh_expires_in": True}, (0, 0)),
    ],
)
def test_lifetimes_come_from_the_answer_and_are_never_invented(wire, oauth, change, grant):
    wire.answers_with(json={**SUCCESS, **change})
    answer = oauth.refresh(REFRESH)
    assert (answer.expires_in, answer.refresh_expires_in) == grant


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("user.info.basic,video.publish", {"user.info.basic", "video.publish"}),
        ("user.info.basic, video.publish,", {"user.info.basic", "video.publish"}),
        ("user.info.basic video.publish", {"user.info.basic", "video.publish"}),
        ("a.scope.of.tomorrow", {"a.scope.of.tomorrow"}),
        ("", set()),
        (None, set()),
        (["video.publish"], set()),
    ],
)
def test_reads_the_granted_scopes(wire, oauth, scope, scopes):
    wire.answers_with(json={**SUCCESS, "scope": scope})
    assert oauth.exchange_code(CODE, REDIRECT, VERIFIER).scopes == scopes


@pytest.mark.parametrize("refresh_token", ["", None])
def test_a_refresh_that_names_no_new_token_carries_the_old_one_on(wire, oauth, refresh_token):
    wire.answers_with(json={**SUCCESS, "refresh_token": refresh_token})
    assert oauth.refresh(REFRESH).refresh_token == REFRESH


def test_a_refresh_may_leave_out_everything_but_the_access_token(wire, oauth):
    wire.answers_with(json={"access_token": "act.new"})
    assert oauth.refresh(REFRESH) == TokenGrant(
        access_token="act.new",
        refresh_token=REFRESH,
        expires_in=0,
        refresh_expires_in=0,
        open_id="",
        scopes=frozenset(),
    )


def test_an_exchange_without_a_refresh_token_says_so_with_an_empty_one(wire, oauth):
    wire.answers_with(json={**SUCCESS, "refresh_token": None})
    assert oauth.exchange_code(CODE, REDIRECT, VERIFIER).refresh_token == ""


def test_an_exchange_must_say_whose_tokens_these_are(wire, oauth):
    wire.answers_with(json={**SUCCESS, "open_id": ""})
    with pytest.raises(TransportError) as caught:
        oauth.exchange_code(CODE, REDIRECT, VERIFIER)
    assert caught.value.kind == TransportKind.UNREADABLE
    assert "no open_id in it" in str(caught.value)


def test_without_a_code_or_a_refresh_token_nothing_is_asked(wire, oauth):
    with pytest.raises(OAuthError, match="There is no code to exchange"):
        oauth.exchange_code("", REDIRECT, VERIFIER)
    with pytest.raises(InvalidGrantError, match="There is no refresh token"):
        oauth.refresh("")
    assert wire.requests == []


# --- Revoke -----------------------------------------------------------------------------------------------


def test_revokes_the_access_token_with_exactly_this_request(wire, oauth):
    wire.answers_with(json={})
    assert oauth.revoke(ACCESS) is None
    assert wire.request.method == "POST"
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/oauth/revoke/"
    assert wire.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert wire.request.headers["Content-Length"] == str(len(wire.request.content))
    assert "Authorization" not in wire.request.headers
    assert form(wire.request) == [("client_key", KEY), ("client_secret", SECRET), ("token", ACCESS)]


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""),
        (200, b"{}"),
        (200, b" \n"),
        (204, b""),
        (200, b'{"error":""}'),
        (200, b'{"error":{"code":"ok"}}'),
    ],
)
def test_an_empty_answer_means_revoked(wire, oauth, status, content):
    wire.answers_with(status, content=content)
    assert oauth.revoke(ACCESS) is None


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"<html>", TransportKind.UNREADABLE),
        (200, b'{"err', TransportKind.UNREADABLE),
        (200, b"[]", TransportKind.UNREADABLE),
        (403, b"", TransportKind.UNREADABLE),
        (404, b"{}", TransportKind.UNREADABLE),
        (500, b"", TransportKind.SERVER_FAULT),
        (503, b"{}", TransportKind.SERVER_FAULT),
        (302, b"", TransportKind.REDIRECT),
    ],
)
def test_any_other_answer_leaves_open_whether_it_is_revoked(wire, oauth, status, content, kind):
    wire.answers_with(status, content=content)
    with pytest.raises(TransportError) as caught:
        oauth.revoke(ACCESS)
    assert (caught.value.kind, caught.value.is_sent, caught.value.is_retry_safe) == (kind, True, True)


# --- The credentials alone ----------------------------------------------------------------------------------


def test_proves_key_and_secret_by_the_grant_that_needs_no_person(wire, oauth):
    wire.answers_with(json={"access_token": "clt.x", "expires_in": 7200, "token_type": "Bearer"})
    oauth.prove_credentials()
    assert str(wire.request.url) == "https://open.tiktokapis.com/v2/oauth/token/"
    assert dict(form(wire.request)) == {
        "client_key": KEY,
        "client_secret": SECRET,
        "grant_type": "client_credentials",
    }


@pytest.mark.parametrize("status", [200, 400, 401])
def test_wrong_credentials_are_told_by_the_body(wire, oauth, status):
    wire.answers_with(status, json={"error": "invalid_client", "error_description": "wrong", "log_id": "1"})
    with pytest.raises(InvalidClientError) as caught:
        oauth.prove_credentials()
    assert SECRET not in str(caught.value)


def test_an_empty_answer_proves_nothing(wire, oauth):
    wire.answers_with(json={})
    with pytest.raises(TransportError):
        oauth.prove_credentials()
