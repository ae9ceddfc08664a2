"""The one door through which settings enter: environment variables, `.env`, or NAME_FILE for secrets."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from environs import EnvValidationError, FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or host.endswith(".localhost")


class SettingsEnv(FileAwareEnv):
    """Reads variables; an empty one counts as unset, as templates and compose files leave them.

    Whatever cannot be used raises EnvError, in one line that names the variable.
    """

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            value = super()._get_value(env_key, default)
        except ValueError as error:  # NAME_FILE names no readable text
            raise EnvValidationError(str(error), [str(error)]) from error
        return default if isinstance(value, str) and not value.strip() else value

    def port(self, name: str, default: int) -> int:
        """A TCP port."""
        port: int = self.int(name, default)
        if not 1 <= port <= 65535:
            raise _invalid(name, "Must be from 1 to 65535.")
        return port

    def site_url(self, name: str, default: str) -> str:
        """Scheme and host, without a slash at the end: the pages lie at the root."""
        url: str = self.str(name, default).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise _invalid(name, "Must be an address like https://greenroom.example.org, without a path.")
        return url

    def private_url(self, name: str, default: str) -> str:
        """An address that secrets are sent to, without a slash at the end: https, or http on this machine.

        Nothing where nothing is set and `default` is empty.
        """
        url: str = self.str(name, default).rstrip("/")
        if not url and not default:
            return ""
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        if not parts.hostname or not is_safe:
            raise _invalid(name, "Must begin with https://; plain http is for this machine only.")
        return url

    def mail_address(self, name: str, default: str) -> str:
        """An e-mail address as people write it, without a name around it, or nothing."""
        address: str = self.str(name, default)
        if address and not _MAIL_ADDRESS.fullmatch(address):
            raise _invalid(name, "Must be an e-mail address like help@example.org.")
        return address

    def one_line(self, name: str, default: str, *, at_most: int) -> str:
        """Words that are shown in titles and in the heads of mails."""
        words: str = self.str(name, default)
        if not words.isprintable() or len(words) > at_most:
            raise _invalid(name, f"Must be one line of at most {at_most} characters.")
        return words

    def picture_path(self, name: str) -> str:
        """The path of a PNG or JPEG file that can be read, or nothing."""
        path: str = self.str(name, "")
        try:
            kind = Path(path).read_bytes()[:3] if path else b""
        except OSError as error:
            raise _invalid(name, "Must be the path of a file that can be read.") from error
        if path and kind not in {b"\x89PN", b"\xff\xd8\xff"}:
            raise _invalid(name, "Must be the path of a PNG or JPEG picture.")
        return path

    def redis_url(self, name: str) -> str:
        """The address of a Redis, or nothing."""
        url: str = self.str(name, "")
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise _invalid(name, "Must begin with redis://, rediss:// or unix://.")
        return url

    def fernet_keys(self, name: str) -> list[str]:
        """Keys of the right form, or none: found out here and not when the first account is connected."""
        keys: list[str] = self.list(name, [])
        try:
            for key in keys:
                Fernet(key)
        except ValueError as error:
            raise _invalid(name, "Must be Fernet keys, 44 characters each, separated by commas.") from error
        return keys


def _invalid(name: str, why: str) -> EnvValidationError:
    return EnvValidationError(f'Environment variable "{name}" invalid: {why}', [why])


env = SettingsEnv(strip_whitespace=True)
env.read_env(str(BASE_DIR / ".env"), recurse=False)
