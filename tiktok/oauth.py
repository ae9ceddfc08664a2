"""Connects accounts: TikTok's OAuth, whose oddities live here and nowhere else, on top of Authlib.

TikTok says `client_key` for `client_id`, separates scopes by commas, wants the PKCE challenge in hex, takes
the credentials in the body, revokes by access token, and reports errors with HTTP 200: whether an answer is
a success is told by the presence of `access_token` alone.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import httpx
from authlib.common.urls import add_params_to_qs
from authlib.deprecate import AuthlibDeprecationWarning

from tiktok import answers, wire
from tiktok.errors import InvalidGrantError, OAuthError, TransportError, TransportKind, oauth_error
from tiktok.types import TokenGrant

with warnings.catch_warnings():
    # Authlib announces a successor of httpx on import, in every process that starts; httpx is our choice.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client as Session

Result = TypeVar("Result")

_CREDENTIALS_IN_BODY = "tiktok_post"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


class OAuthClient:
    """TikTok's OAuth for one app (client key).

    `auth_url` is where people consent (https://www.tiktok.com), `api_url` where tokens come from
    (https://open.tiktokapis.com); https, or http to this machine. `transport` replaces the network. Calls
    raise `OAuthError` when TikTok refuses and `TransportError` when there is no usable answer. After the
    latter an exchange or a refresh may have used up its code or token, unless `is_sent` is False.
    Source: https://developers.tiktok.com/doc/oauth-user-access-token-management
    """

    def __init__(
        self,
        client_key: str,
        client_secret: str,
        auth_url: str,
        api_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout | float = wire.API_TIMEOUT,
    ) -> None:
        self._client_key = client_key
        self._client_secret = client_secret
        self._authorize_url = wire.base_address(auth_url) + "/v2/auth/authorize/"
        api = wire.base_address(api_url)
        self._token_url = api + "/v2/oauth/token/"
        self._revoke_url = api + "/v2/oauth/revoke/"
        self._transport = transport
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"<OAuthClient {self._client_key}>"

    @staticmethod
    def new_verifier() -> str:
        """A fresh PKCE verifier: 64 random characters, to be kept until the exchange."""
        return secrets.token_urlsafe(48)

    def authorize_url(self, redirect_uri: str, scopes: Sequence[str], state: str, verifier: str) -> str:
        """Where to send a person to give consent; `redirect_uri` is a registered one, byte for byte.

        The consent page always shows: without that, TikTok would quietly reconnect the account that the
        browser used last. The challenge is the verifier's SHA-256 in lower-case hex, unlike RFC 7636.
        Sources: https://developers.tiktok.com/doc/login-kit-web and
        https://developers.tiktok.com/doc/login-kit-desktop (PKCE)
        """
        if not _VERIFIER.fullmatch(verifier):
            raise ValueError("A verifier has 43 to 128 characters of A-Z, a-z, 0-9 and -._~.")
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._authorize_url,
                state=state,
                redirect_uri=redirect_uri,
                # As one string: Authlib joins a list with spaces.
                scope=scopes if isinstance(scopes, str) else ",".join(scopes),
                client_key=self._client_key,
                disable_auto_auth=1,
                code_challenge=hashlib.sha256(verifier.encode("ascii")).hexdigest(),
                code_challenge_method="S256",
            )
        # Authlib cannot leave this one out.
        return str(httpx.URL(url).copy_remove_param("client_id"))

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> TokenGrant:
        """Tokens for a code; `code` as a web framework hands it over, decoded once, `redirect_uri` as before.

        A code works once. The answer always names `open_id`, else it counts as unreadable.
        """
        if not code:
            raise OAuthError("invalid_request", "There is no code to exchange.")
        grant = self._grant(
            lambda session: session.fetch_token(
                self._token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
                headers=_headers(),
            ),
            (code, verifier),
        )
        if not grant.open_id:
            raise TransportError(TransportKind.UNREADABLE, is_sent=True, detail="no open_id in it")
        return grant

    def refresh(self, refresh_token: str) -> TokenGrant:
        """A new pair for a refresh token, which is dead from then on.

        `InvalidGrantError`: dead already. `TransportError`: unless `is_sent` is False, the new pair may be
        lost.
        """
        if not refresh_token:
            raise InvalidGrantError("invalid_grant", "There is no refresh token.")
        return self._grant(
            lambda session: session.refresh_token(
                self._token_url, refresh_token=refresh_token, headers=_headers()
            ),
            (refresh_token,),
        )

    def prove_credentials(self) -> None:
        """Have TikTok check client key and secret, with the one grant that needs no person; its token is dropped.

        `InvalidClientError`: they are wrong, or do not belong together. Any other `OAuthError` came after TikTok had
        looked at them, or says nothing of them.
        Source: https://developers.tiktok.com/doc/client-access-token-management
        """
        self._grant(
            lambda session: session.fetch_token(
                self._token_url, grant_type="client_credentials", headers=_headers()
            ),
            (),
        )

    def revoke(self, access_token: str) -> None:
        """Take the app out of the creator's connected apps; TikTok wants the *access* token for it.

        May be repeated. An `OAuthError` that is not temporary usually means that the token was dead already.
        """
        response = self._ask(
            lambda session: session.revoke_token(self._revoke_url, token=access_token, headers=_headers()),
            is_repeatable=True,
        )
        answer = wire.Answer(response, (self._client_secret, access_token))
        is_success = 200 <= answer.http_status < 300 and (answer.is_empty or answer.is_object)
        if answer.code not in {"", "ok"} or not is_success:
            raise _refusal(answer, is_repeatable=True)

    def _grant(self, call: Callable[[Any], Mapping[str, object]], sent: tuple[str, ...]) -> TokenGrant:
        def judge(response: httpx.Response) -> httpx.Response:
            """Raise unless there is an access token; hand Authlib only what a success holds."""
            answer = wire.Answer(response, (self._client_secret, *sent))
            if answer.is_redirect or not answers.opaque(answer.body.get("access_token")):
                raise _refusal(answer, is_repeatable=False)
            return httpx.Response(200, json=_token_fields(answer.body))

        def ask(session: Any) -> Mapping[str, object]:
            session.register_compliance_hook("access_token_response", judge)
            session.register_compliance_hook("refresh_token_response", judge)
            return call(session)

        token = self._ask(ask, is_repeatable=False)
        scope = answers.text(token.get("scope"), limit=2000)
        return TokenGrant(
            access_token=answers.opaque(token.get("access_token")),
            refresh_token=answers.opaque(token.get("refresh_token")),
            expires_in=answers.whole(token.get("expires_in")) or 0,
            refresh_expires_in=answers.whole(token.get("refresh_expires_in")) or 0,
            open_id=answers.opaque(token.get("open_id")),
            scopes=frozenset(scope.replace(",", " ").split()),
        )

    def _ask(self, call: Callable[[Any], Result], *, is_repeatable: bool) -> Result:
        try:
            with self._session() as session:
                return call(session)
        except httpx.HTTPError as error:
            failure = wire.broken_exchange(error, is_repeatable=is_repeatable)
        raise failure

    def _session(self) -> Session:
        # One for each call: an Authlib session remembers the token, and nothing here should outlive its use.
        session = Session(
            client_id=self._client_key,
            client_secret=self._client_secret,
            token_endpoint_auth_method=_CREDENTIALS_IN_BODY,
            revocation_endpoint_auth_method=_CREDENTIALS_IN_BODY,
            **wire.session_options(self._timeout, self._transport),
        )
        session.register_client_auth_method((_CREDENTIALS_IN_BODY, _add_credentials))
        return session


def _add_credentials(
    session: Any, method: str, uri: str, headers: httpx.Headers, body: bytes
) -> tuple[str, httpx.Headers, str]:
    """Authlib's hook to sign a request: `client_key` and `client_secret` into the form, no HTTP Basic."""
    credentials = [("client_key", session.client_id), ("client_secret", session.client_secret)]
    return uri, headers, add_params_to_qs(body.decode("ascii"), credentials)


def _headers() -> dict[str, str]:
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Cache-Control": "no-cache",
    }


def _token_fields(body: Mapping[str, object]) -> dict[str, object]:
    """What Authlib may see of a success: its own idea of an error must not overrule the access token."""
    fields: dict[str, object] = {
        "access_token": answers.opaque(body.get("access_token")),
        "token_type": "Bearer",
        "expires_in": max(answers.whole(body.get("expires_in")) or 0, 0),
        "refresh_expires_in": max(answers.whole(body.get("refresh_expires_in")) or 0, 0),
        "open_id": answers.opaque(body.get("open_id")),
        "scope": answers.text(body.get("scope"), limit=2000),
    }
    if refresh_token := answers.opaque(body.get("refresh_token")):
        # Left out when there is none: a refresh then carries the old one on.
        fields["refresh_token"] = refresh_token
    return fields


def _refusal(answer: wire.Answer, *, is_repeatable: bool) -> OAuthError | TransportError:
    code = "rate_limit_exceeded" if answer.http_status == 429 and not answer.code else answer.code
    if code not in {"", "ok"} and not answer.is_redirect:
        return oauth_error(code, answer.message, http_status=answer.http_status, log_id=answer.log_id)
    if answer.is_redirect:
        kind = TransportKind.REDIRECT
    elif answer.http_status >= 500:
        kind = TransportKind.SERVER_FAULT
    else:
        kind = TransportKind.UNREADABLE
    return TransportError(
        kind,
        is_sent=True,
        is_repeatable=is_repeatable,
        log_id=answer.log_id,
        http_status=answer.http_status,
    )
