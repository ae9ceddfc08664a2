"""Fetching a small picture from an address TikTok gave us, and from nowhere else than the public internet.

The name is resolved once, every address it has must be public, and the connection is made to the very address
that was checked (TLS still proves the name), so that a name which answers differently the second time gains
nothing.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx

from accounts.errors import AccountsError

MAX_BYTES = 1_000_000
# For everything together: resolving, connecting, reading.
BUDGET_SECONDS = 3.0

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OK = 200

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(AccountsError):
    """The picture could not be had; the text names no address."""


def fetch_picture(url: str, *, allow_loopback: bool) -> bytes:
    """Return the bytes behind `url`: https only, no redirect, at most 1 MB, within 3 seconds.

    `allow_loopback` also lets plain http to this machine pass, for the simulated TikTok. Raises FetchError.
    """
    try:
        return asyncio.run(_fetch_in_time(url, allow_loopback=allow_loopback))
    except TimeoutError:
        raise FetchError("It took too long.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise FetchError(f"The connection failed ({type(error).__name__}).") from None


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, also where an IPv4 address hides in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if hidden is None and address in _NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
    return address.is_global and not address.is_multicast and not address.is_reserved


async def _fetch_in_time(url: str, *, allow_loopback: bool) -> bytes:
    async with asyncio.timeout(BUDGET_SECONDS):
        return await _fetch(httpx.URL(url), allow_loopback=allow_loopback)


async def _fetch(url: httpx.URL, *, allow_loopback: bool) -> bytes:
    if url.scheme not in {"https", "http"} or not url.host or url.userinfo:
        raise FetchError("The address is not an https address.")
    addresses = await _resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    is_loopback = allow_loopback and all(address.is_loopback for address in addresses)
    if not is_loopback and (url.scheme != "https" or url.port not in {None, 443}):
        raise FetchError("The address is not an https address.")
    if not is_loopback and not all(is_public(address) for address in addresses):
        raise FetchError("The address is not on the public internet.")
    pinned = url.copy_with(host=str(addresses[0]))
    headers = {"Host": url.netloc.decode(), "Accept": "image/*", "Accept-Encoding": "identity"}
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=BUDGET_SECONDS) as client,
        client.stream("GET", pinned, headers=headers, extensions={"sni_hostname": url.host}) as response,
    ):
        if response.status_code != _OK:
            raise FetchError(f"The answer was {response.status_code}.")
        received = bytearray()
        async for block in response.aiter_raw():
            received += block
            if len(received) > MAX_BYTES:
                raise FetchError("It is larger than 1 MB.")
        return bytes(received)


async def _resolve(host: str, port: int) -> list[Address]:
    # Not the loop's own threads: leaving the loop would wait for a name server that never answers.
    threads = ThreadPoolExecutor(1)
    try:
        found = await asyncio.get_running_loop().run_in_executor(
            threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    finally:
        threads.shutdown(wait=False)
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
