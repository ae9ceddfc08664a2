"""What the simulator is told from outside: environment variables, read once at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from simulator.ownership import DOMAIN_MARK, is_property

KNOWN_SCOPES = (
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.publish",
    "video.upload",
)
TOKEN_PROFILES = ("2026-11", "legacy")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1"})

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class SettingsError(Exception):
    """A variable holds something unusable; the message names it and what would do."""


@dataclass(frozen=True)
class Settings:
    """Everything a run of the simulator is configured by. Durations are seconds."""

    host: str
    port: int
    data_dir: Path
    public_url: str
    client_key: str
    client_secret: str
    client_name: str
    client_scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    token_profile: str
    token_mark: str
    processing_seconds: float
    moderation_seconds: float
    upload_url_seconds: float
    rate_window_seconds: float
    day_seconds: float
    is_audited: bool
    verified_properties: tuple[str, ...]
    webhook_url: str
    webhook_retry_seconds: float


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises SettingsError for a value that cannot be used."""
    port = _port(environ)
    return Settings(
        host=environ.get("SIMULATOR_HOST", "127.0.0.1"),
        port=port,
        data_dir=Path(environ.get("SIMULATOR_DATA_DIR", "var/simulator")),
        public_url=environ.get("SIMULATOR_PUBLIC_URL", f"http://localhost:{port}").rstrip("/"),
        client_key=environ.get("SIMULATOR_CLIENT_KEY", "simulated-client-key"),
        client_secret=environ.get("SIMULATOR_CLIENT_SECRET", "simulated-client-secret"),
        client_name=environ.get("SIMULATOR_CLIENT_NAME", "Greenroom"),
        client_scopes=_scopes(environ),
        redirect_uris=_redirect_uris(environ),
        token_profile=_token_profile(environ),
        token_mark=environ.get("SIMULATOR_TOKEN_MARK", ""),
        processing_seconds=_seconds(environ, "SIMULATOR_PROCESSING_SECONDS", 4),
        moderation_seconds=_seconds(environ, "SIMULATOR_MODERATION_SECONDS", 4),
        upload_url_seconds=_seconds(environ, "SIMULATOR_UPLOAD_URL_SECONDS", 3600),
        rate_window_seconds=_seconds(environ, "SIMULATOR_RATE_WINDOW_SECONDS", 60),
        day_seconds=_seconds(environ, "SIMULATOR_DAY_SECONDS", 86400),
        is_audited=_flag(environ, "SIMULATOR_AUDITED"),
        verified_properties=_verified_properties(environ),
        webhook_url=_webhook_url(environ),
        webhook_retry_seconds=_seconds(environ, "SIMULATOR_WEBHOOK_RETRY_SECONDS", 10),
    )


def is_loopback(uri: str) -> bool:
    """Whether a redirect URI belongs to TikTok's Desktop platform, which is loopback only."""
    return urlsplit(uri.replace(":*", "")).hostname in LOOPBACK_HOSTS


def _port(environ: Mapping[str, str]) -> int:
    text = environ.get("SIMULATOR_PORT", "8100")
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"SIMULATOR_PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, str(default))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise SettingsError(f"{name} must be a number of seconds, 0 or more, not {text!r}.")
    return seconds


def _flag(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "true").lower()
    if text not in _TRUE | _FALSE:
        raise SettingsError(f"{name} must be true or false, not {text!r}.")
    return text in _TRUE


def _words(environ: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in environ.get(name, default).split(",") if word.strip())


def _scopes(environ: Mapping[str, str]) -> tuple[str, ...]:
    scopes = _words(environ, "SIMULATOR_CLIENT_SCOPES", ",".join(KNOWN_SCOPES))
    for scope in scopes:
        if scope not in KNOWN_SCOPES:
            raise SettingsError(f"SIMULATOR_CLIENT_SCOPES knows no scope {scope!r}.")
    return scopes


def _token_profile(environ: Mapping[str, str]) -> str:
    profile = environ.get("SIMULATOR_TOKEN_PROFILE", TOKEN_PROFILES[0])
    if profile not in TOKEN_PROFILES:
        names = " or ".join(TOKEN_PROFILES)
        raise SettingsError(f"SIMULATOR_TOKEN_PROFILE must be {names}, not {profile!r}.")
    return profile


def _redirect_uris(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "SIMULATOR_REDIRECT_URIS"
    uris = _words(environ, name, "http://localhost:8000/accounts/connect/callback/")
    if len(uris) > 10:
        raise SettingsError(f"{name} may hold 10 addresses, not {len(uris)}.")
    for uri in uris:
        if "?" in uri or "#" in uri or len(uri) >= 512:
            raise SettingsError(f"{name}: {uri!r} must be under 512 characters, without ? and #.")
        if not uri.startswith("https://") and not (uri.startswith("http://") and is_loopback(uri)):
            raise SettingsError(f"{name}: {uri!r} must be https, or http to localhost or 127.0.0.1.")
    return uris


def _webhook_url(environ: Mapping[str, str]) -> str:
    """Where the app wants its events: https as TikTok has it, or http to this machine; empty for nowhere."""
    url = environ.get("SIMULATOR_WEBHOOK_URL", "")
    is_usable = url.startswith("https://") or (url.startswith("http://") and is_loopback(url))
    if url and not is_usable:
        raise SettingsError(
            f"SIMULATOR_WEBHOOK_URL: {url!r} must be https, or http to localhost or 127.0.0.1."
        )
    return url


def _verified_properties(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "SIMULATOR_VERIFIED_PREFIXES"
    entries = _words(environ, name, "")
    for entry in entries:
        if not is_property(entry):
            raise SettingsError(
                f"{name}: {entry!r} must be https://host/path/ with a slash at its end, "
                f"or {DOMAIN_MARK}example.com."
            )
    return entries
