"""The documented answer of the token endpoint, and every OAuth call with a marked secret in each place."""

from urllib.parse import parse_qsl

import httpx
import pytest

from tiktok.oauth import OAuthClient
from tiktok.types import Scope, TokenGrant

KEY = "sbawclientkey"
SECRET = "SENTINEL-secret&=+%"
CODE = "SENTINEL-code+a*b!c%2Fd e~*0!6410"
VERIFIER = "SENTINEL-verifier-._~" + "v" * 30
ACCESS = "act.SENTINEL-access!4821.va"
REFRESH = "rft.SENTINEL-refresh!4822.va"
REDIRECT = "https://greenroom.example/accounts/connect/callback/"
SUCCESS = {
    "access_token": "act.new!1.va",
    "expires_in": 7200,
    "open_id": "-000open",
    "refresh_expires_in": 15_552_000,
    "refresh_token": "rft.new!2.va",
    "scope": "user.info.basic,video.publish",
    "token_type": "Bearer",
}
GRANT = TokenGrant(
    access_token="act.new!1.va",
    refresh_token="rft.new!2.va",
    expires_in=7200,
    refresh_expires_in=15_552_000,
    open_id="-000open",
    scopes=frozenset({Scope.USER_INFO_BASIC, Scope.VIDEO_PUBLISH}),
)
CALLS = {
    "exchange": lambda oauth: oauth.exchange_code(CODE, REDIRECT, VERIFIER),
    "refresh": lambda oauth: oauth.refresh(REFRESH),
    "revoke": lambda oauth: oauth.revoke(ACCESS),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
every_grant = pytest.mark.parametrize(
    "call", [CALLS["exchange"], CALLS["refresh"]], ids=["exchange", "refresh"]
)


def oauth_at(url: str, transport: httpx.BaseTransport | None = None, timeout: float = 5.0) -> OAuthClient:
    return OAuthClient(KEY, SECRET, "https://www.tiktok.com", url, transport=transport, timeout=timeout)


def form(request: httpx.Request) -> list[tuple[str, str]]:
    return sorted(parse_qsl(request.content.decode("ascii"), keep_blank_values=True, strict_parsing=True))
