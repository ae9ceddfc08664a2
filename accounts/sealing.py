"""Secrets at rest: sealed with Fernet under the settings' keys, and bound to the row they belong to."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealError(Exception):
    """A stored secret cannot be opened: wrong key, damaged, or moved from another row."""


class Sealer:
    """Seals and opens short secrets.

    `keys` are Fernet keys (32 bytes, URL-safe base64), the first seals, all open. Fernet knows no associated
    data, so the context (table, column and owner) is sealed with the secret and compared on opening: a sealed
    value copied to another row does not open there.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [Fernet(key) for key in keys]
        self._fernet = MultiFernet(self._keys)

    def seal(self, secret: str, context: str) -> str:
        """Seal one secret for one place; `context` names the place and must not hold a newline."""
        return self._fernet.encrypt(f"{context}\n{secret}".encode()).decode()

    def open(self, sealed: str, context: str) -> str:
        """Open a sealed secret. Raises SealError when the key is gone or the place is not the sealed one."""
        try:
            found, _, secret = self._fernet.decrypt(sealed.encode()).decode().partition("\n")
        except InvalidToken as error:
            raise SealError(
                "A stored secret cannot be opened with the keys in TOKEN_ENCRYPTION_KEYS."
            ) from error
        if found != context:
            raise SealError("A stored secret belongs to another row.")
        return secret

    def reseal(self, sealed: str) -> str:
        """Seal the same value under the first key. Raises SealError when no key opens it."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealError(
                "A stored secret cannot be opened with the keys in TOKEN_ENCRYPTION_KEYS."
            ) from error

    def key_number(self, sealed: str) -> int | None:
        """Which key opens it: 0 is the first, the one that seals; None when no key does."""
        for number, key in enumerate(self._keys):
            try:
                key.decrypt(sealed.encode())
            except InvalidToken:
                continue
            return number
        return None


def sealer() -> Sealer:
    """The sealer under the keys of the settings."""
    return _sealer_for(tuple(settings.TOKEN_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _sealer_for(keys: tuple[str, ...]) -> Sealer:
    return Sealer(keys)
