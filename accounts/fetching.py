"""Fetching a small picture from an address TikTok gave us, and from nowhere else than the public internet."""

from collections.abc import Sequence

from accounts.addresses import Address
from accounts.errors import AccountsError
from accounts.safe_http import SafeHttpError, Terms, Trouble, open_url, public_https

MAX_BYTES = 1_000_000
# For everything together: resolving, connecting, reading.
BUDGET_SECONDS = 3.0

_OK = 200


class FetchError(AccountsError):
    """The picture could not be had; the text names no address."""


def fetch_picture(url: str, *, allow_loopback: bool) -> bytes:
    """Return the bytes behind `url`: https only, no redirect, at most 1 MB, within 3 seconds.

    `allow_loopback` also lets plain http to this machine pass, for the simulated TikTok. Raises FetchError.
    """
    terms = Terms(seconds=BUDGET_SECONDS, rule=_loopback_too if allow_loopback else public_https)
    try:
        with open_url(url, terms, accept="image/*") as answer:
            if answer.status != _OK:
                raise FetchError(f"The answer was {answer.status}.")
            received = bytearray()
            for block in answer.blocks:
                received += block
                if len(received) > MAX_BYTES:
                    raise FetchError("It is larger than 1 MB.")
            return bytes(received)
    except SafeHttpError as error:
        raise FetchError(str(error)) from None


def _loopback_too(scheme: str, port: int, addresses: Sequence[Address]) -> Trouble | None:
    if all(address.is_loopback for address in addresses):
        return None
    return public_https(scheme, port, addresses)
