"""HTTP requests to addresses that strangers name: only to where our rules allow, whatever name leads there.

The check sits in the connection itself. A name is resolved once, the rules judge every address it has, and the
socket is opened to an address that was judged, while TLS proves the name: a name that answers differently the next
time gains nothing, because there is no next time. Every redirect is a new connection with the same checks.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import httpcore
import httpx

from accounts.addresses import Address, is_public
from accounts.errors import AccountsError

HTTPS_PORT = 443
MAX_URL_LENGTH = 4000
_MOST_ADDRESSES_TRIED = 4
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_MAX_NAME_LENGTH = 253
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Resolver = Callable[[str, int], Sequence[Address]]


class Trouble(StrEnum):
    """Why there is no answer, or why it ended in the middle."""

    NO_ADDRESS = "no_address"  # not an address that could be asked at all
    NOT_HTTPS = "not_https"
    PORT = "port"  # another port than https has
    CREDENTIALS = "credentials"  # a user name or password stands in it
    NOT_PUBLIC = "not_public"  # one of its addresses at least is in somebody's own network
    UNKNOWN_NAME = "unknown_name"  # no name server knows it
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"  # the connection was there and broke
    TOO_SLOW = "too_slow"
    REDIRECTS = "redirects"  # it sends on and on, or to nowhere


_FORBIDDEN = {
    Trouble.NOT_HTTPS: "The address is not an https address.",
    Trouble.PORT: "The address is not an https address: it names another port.",
    Trouble.NOT_PUBLIC: "The address is not on the public internet.",
}


class SafeHttpError(AccountsError):
    """There is no answer, or not all of it. The text names no address."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble


# What stands against connecting by this scheme to this port of a host with these addresses; None: nothing.
Rule = Callable[[str, int, Sequence[Address]], Trouble | None]


def public_https(scheme: str, port: int, addresses: Sequence[Address]) -> Trouble | None:
    """The rule for the world outside: https on its own port, and every address of the name is public."""
    if scheme != "https":
        return Trouble.NOT_HTTPS
    if port != HTTPS_PORT:
        return Trouble.PORT
    return None if all(is_public(address) for address in addresses) else Trouble.NOT_PUBLIC


def resolve(host: str, port: int) -> list[Address]:
    """All addresses the system's resolver has for a name. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0])) for entry in found))


@dataclass(frozen=True)
class Terms:
    """How requests are made. All that production changes are the times; tests bring their own internet.

    `seconds` is the time for everything together, resolving and redirects included; `head_seconds` the part of it
    in which the head of the last answer has to be there; `silence_seconds` the longest wait for one step: a
    connection, the next bytes.
    """

    seconds: float
    head_seconds: float = 60.0
    silence_seconds: float = 20.0
    connect_seconds: float = 10.0
    max_redirects: int = 0
    rule: Rule = public_https
    resolver: Resolver = resolve
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Answer:
    """An answer under way: its head is here, its body comes as `blocks` are taken.

    `blocks` raises SafeHttpError when the body ends before its announced end, or takes too long.
    """

    status: int
    headers: Mapping[str, str]  # by names in small letters; of several with one name the last
    url: str
    blocks: Iterator[bytes]


def parse_url(url: str) -> httpx.URL:
    """The address as the connection will use it: there is no second parser that could read it otherwise.

    Raises SafeHttpError for what is no http address, carries credentials, or hides a number in its host.
    """
    text = url.strip()
    try:
        parsed = httpx.URL(text) if len(text) <= MAX_URL_LENGTH else None
    except (httpx.InvalidURL, UnicodeError):
        parsed = None
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise SafeHttpError(Trouble.NO_ADDRESS, "It is not a web address.")
    if parsed.userinfo:
        raise SafeHttpError(Trouble.CREDENTIALS, "The address carries a user name or a password.")
    # Port 0 means "the usual one" to some readers.
    if "\\" in text or parsed.port == 0 or _is_odd_host(parsed.raw_host.decode("ascii")):
        raise SafeHttpError(Trouble.NO_ADDRESS, "It is not a web address.")
    return parsed


@contextmanager
def open_url(url: str, terms: Terms, *, accept: str = "*/*") -> Iterator[Answer]:
    """GET an address; the body is streamed and the connection closed at the end of the `with` block.

    No cookie, no credential, no proxy and no packed body: nothing but the request. A redirect that may not be
    followed any more is an answer like any other when `max_redirects` is 0. Raises SafeHttpError.
    """
    began = time.monotonic()
    deadline = _Deadline(began + min(terms.seconds, terms.head_seconds))
    current = parse_url(url)
    for followed in range(terms.max_redirects + 1):
        with _ask(current, terms, deadline, accept) as (answer, location):
            if answer.status not in _REDIRECTS or not terms.max_redirects:
                deadline.at = began + terms.seconds
                yield answer
                return
            if not location:
                raise SafeHttpError(Trouble.REDIRECTS, "It sends on without saying where to.")
        if followed < terms.max_redirects:
            current = _next_url(current, location)
    raise SafeHttpError(Trouble.REDIRECTS, "It sends on too many times.")


def _next_url(current: httpx.URL, location: str) -> httpx.URL:
    try:
        joined = current.join(location)
    except (httpx.InvalidURL, UnicodeError):
        raise SafeHttpError(Trouble.REDIRECTS, "It sends on to what is no web address.") from None
    return parse_url(str(joined))


def _is_odd_host(host: str) -> bool:
    """Whether a host is neither a name, nor an IPv6 address, nor an IPv4 address in its plain notation.

    Resolvers take 2130706433, 0x7f.1 and 0177.0.0.1 for addresses; nobody means them well.
    """
    if ":" in host:
        return False
    if not _NAME.fullmatch(host) or len(host) > _MAX_NAME_LENGTH:
        return True
    last = host.rstrip(".").rpartition(".")[2]
    if not last.isdigit() and not last.startswith("0x"):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


@contextmanager
def _ask(url: httpx.URL, terms: Terms, deadline: "_Deadline", accept: str) -> Iterator[tuple[Answer, str]]:
    port = {"https": HTTPS_PORT, "http": 80}[url.scheme] if url.port is None else url.port
    backend = _JudgedBackend(url.scheme, terms, deadline)
    waits = {"connect": terms.connect_seconds, "read": terms.silence_seconds, "write": terms.silence_seconds}
    headers = [
        (b"Host", url.netloc),
        (b"Accept", accept.encode("ascii")),
        (b"Accept-Encoding", b"identity"),
        (b"User-Agent", b"Greenroom"),
        (b"Connection", b"close"),
    ]
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path)
    with (
        _said_plainly(),
        httpcore.ConnectionPool(
            ssl_context=terms.tls or _public_tls(), network_backend=backend, max_connections=1
        ) as pool,
        pool.stream("GET", target, headers=headers, extensions={"timeout": waits}) as response,
    ):
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        answer = Answer(response.status, named, str(url), _blocks_of(response))
        yield answer, named.get("location", "")


def _blocks_of(response: httpcore.Response) -> Iterator[bytes]:
    with _said_plainly():
        yield from response.iter_stream()


@cache
def _public_tls() -> ssl.SSLContext:
    """The well-known authorities, and nothing that an environment variable might add."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """The many ways a connection fails, in ours. What the body of the `with` raises itself passes through."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise SafeHttpError(Trouble.TOO_SLOW, "It took too long.") from error
    except httpcore.ConnectError as error:
        is_certificate = isinstance(_root_of(error), ssl.SSLCertVerificationError)
        if is_certificate:
            raise SafeHttpError(Trouble.CERTIFICATE, "Its certificate does not prove its name.") from error
        raise SafeHttpError(Trouble.UNREACHABLE, "It cannot be reached.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise SafeHttpError(Trouble.BROKEN, "The connection broke.") from error


def _root_of(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


@dataclass
class _Deadline:
    """The moment at which everything ends, by the monotonic clock; it moves once the head is there."""

    at: float

    def time_left(
        self, most: float | None, error: type[httpcore.TimeoutException] = httpcore.ConnectTimeout
    ) -> float:
        """How long the next step may take, at most `most` seconds; raises `error` when nothing is left."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise error
        return left if most is None else min(left, most)


class _JudgedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore: resolve, judge, and connect to the very addresses that were judged."""

    def __init__(self, scheme: str, terms: Terms, deadline: _Deadline) -> None:
        self._scheme = scheme
        self._terms = terms
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        if not addresses:
            raise SafeHttpError(Trouble.UNKNOWN_NAME, "No name server knows that name.")
        trouble = self._terms.rule(self._scheme, port, addresses)
        if trouble is not None:
            raise SafeHttpError(trouble, _FORBIDDEN[trouble])
        failure: Exception | None = None
        for address in addresses[:_MOST_ADDRESSES_TRIED]:
            try:
                stream = self._sockets.connect_tcp(
                    str(address),
                    port,
                    timeout=self._deadline.time_left(timeout),
                    socket_options=socket_options,
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError

    def _resolve(self, host: str, port: int) -> Sequence[Address]:
        # In a thread, because no name server's silence can be interrupted; it ends by itself later.
        threads = ThreadPoolExecutor(1, thread_name_prefix="resolve")
        try:
            asked = threads.submit(self._terms.resolver, host, port)
            return asked.result(self._deadline.time_left(self._terms.connect_seconds))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError, ValueError) as error:
            raise SafeHttpError(Trouble.UNKNOWN_NAME, "No name server knows that name.") from error
        finally:
            threads.shutdown(wait=False)


class _TimedStream(httpcore.NetworkStream):
    """A connection that ends at a moment in time, however lively it is until then."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.time_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.time_left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.time_left(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
