"""How every connection to TikTok is made, and what it means when an exchange breaks off.

One place for: explicit time limits, no redirects, no proxies or certificates from the environment, no
cookies, answers of bounded size, plain http to this machine only.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypedDict

import httpx

from tiktok import answers, logs
from tiktok.errors import TransportError, TransportKind

# TikTok's answers are a few hundred bytes; more than this is not one.
MAX_ANSWER_BYTES = 1024 * 1024
# A page waits for some of these calls. The limits of httpx hold for each read, so a whole answer has its own.
API_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
ANSWER_SECONDS = 30.0

LOG_ID_HEADER = "x-tt-logid"


class SessionOptions(TypedDict):
    """What every httpx client of this package is made with."""

    transport: httpx.BaseTransport
    timeout: httpx.Timeout
    headers: dict[str, str]
    cookies: CookieJar
    follow_redirects: bool
    trust_env: bool


def session_options(timeout: httpx.Timeout | float, transport: httpx.BaseTransport | None) -> SessionOptions:
    """Arguments for `httpx.Client` (and Authlib's); `transport` replaces the network."""
    logs.hide_queries()
    return {
        "transport": _GuardedTransport(transport or network()),
        "timeout": timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout),
        # No compression: a small answer gains nothing, and a bomb would unpack behind the size limit.
        "headers": {"User-Agent": "greenroom", "Accept-Encoding": "identity"},
        # One client may serve several creators one after the other: what one is given the next must not send.
        "cookies": CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        "follow_redirects": False,
        "trust_env": False,
    }


def network() -> httpx.BaseTransport:
    """A way to TikTok of one's own, with nothing from the environment."""
    return httpx.HTTPTransport(verify=_authorities(), trust_env=False)


@cache
def _authorities() -> ssl.SSLContext:
    """Whom certificates are judged by; read once, because that costs more than all the rest of a call (40 ms)."""
    return httpx.create_ssl_context(trust_env=False)


def is_loopback(host: str) -> bool:
    """True for `localhost` and the addresses of this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def base_address(url: str) -> str:
    """`url` without a closing slash, if it is https, or http to this machine; else ValueError."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    if parsed.userinfo or parsed.query or parsed.fragment or not parsed.host:
        raise ValueError("TikTok's address must be a plain address such as https://open.tiktokapis.com.")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and is_loopback(parsed.host)):
        raise ValueError("TikTok's address must begin with https:// (http:// only on this machine).")
    return str(parsed).rstrip("/")


def broken_exchange(error: httpx.HTTPError, *, is_repeatable: bool) -> TransportError:
    """What is known after httpx gave up: the kind of break, and whether the request may have reached TikTok.

    Raise the result after the `except` block: the error of httpx holds the request with its headers.
    """
    kind, is_sent = _what_broke(error)
    return TransportError(kind, is_sent=is_sent, is_repeatable=is_repeatable)


def _what_broke(error: httpx.HTTPError) -> tuple[TransportKind, bool | None]:
    match error:
        case (
            httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.UnsupportedProtocol()
        ):
            return TransportKind.CONNECT, False
        case httpx.ReadTimeout():
            return TransportKind.TIMEOUT, True
        case httpx.TimeoutException():
            return TransportKind.TIMEOUT, None
        case _CutOffError() | httpx.DecodingError():
            return TransportKind.UNREADABLE, True
        case _:
            # A reset while reading may have come while writing too: httpcore looks for an early answer then.
            return TransportKind.RESET, None


class Answer:
    """An answer of TikTok taken apart; whatever is absent or misshapen is empty.

    The API writes `{"data": {}, "error": {"code", "message", "log_id"}}`, one of its pages the bare error
    object, OAuth `{"error": "code", "error_description", "log_id"}`. Secrets that come back in an error text
    are hidden.
    """

    def __init__(self, response: httpx.Response, secrets: Collection[str] = ()) -> None:
        self.http_status = response.status_code
        self.is_redirect = 300 <= response.status_code < 400
        self.is_empty = not response.content.strip()
        parsed = answers.parse_object(response.content)
        self.is_object = parsed is not None
        self.body: Mapping[str, object] = parsed or {}
        self.data = answers.mapping(self.body.get("data"))
        error = self.body.get("error")
        if isinstance(error, str):
            fields: Mapping[str, object] = {"code": error, "message": self.body.get("error_description")}
        elif error is None:
            fields = self.body
        else:
            fields = answers.mapping(error)
        self.code = answers.word(answers.scrub(fields.get("code"), secrets))
        self.message = answers.text(answers.scrub(fields.get("message"), secrets))
        self.log_id = log_id_of(response, fields, self.body)
        self.retry_after = retry_after_of(response)


def log_id_of(response: httpx.Response, *objects: Mapping[str, object]) -> str:
    """TikTok's log id, from the answer's JSON under either spelling, else from its header, else empty."""
    for fields in objects:
        for name in ("log_id", "logid"):
            if log_id := answers.word(fields.get(name)):
                return log_id
    return answers.word(response.headers.get(LOG_ID_HEADER))


def retry_after_of(response: httpx.Response) -> int | None:
    """Seconds that TikTok asks to wait; None when absent, not written in seconds, or over a day."""
    seconds = answers.whole(response.headers.get("Retry-After"))
    return seconds if seconds is not None and 0 <= seconds <= 86_400 else None


class _CutOffError(httpx.RemoteProtocolError):
    """The answer began and could not be read to its end."""


class _GuardedTransport(httpx.BaseTransport):
    """Passes requests on, and reads answers only up to a size and for a time."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _GuardedStream(response.stream)
        return response

    def close(self) -> None:
        self._inner.close()


class _GuardedStream(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        ends_at = time.monotonic() + ANSWER_SECONDS
        received = 0
        try:
            for block in self._inner:
                received += len(block)
                if received > MAX_ANSWER_BYTES:
                    raise _CutOffError("The answer is too large.")
                if time.monotonic() > ends_at:
                    raise httpx.ReadTimeout("The answer takes too long.")
                yield block
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            raise _CutOffError("The answer broke off.") from None

    def close(self) -> None:
        self._inner.close()
