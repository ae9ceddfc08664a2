"""What an installation that strangers can reach must have before it is allowed to start: pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from config.env import is_loopback

MIN_SECRET_KEY_LENGTH = 50


@dataclass(frozen=True)
class Installation:
    """The settings that decide whether a production start is safe."""

    public_url: str
    is_debug: bool
    has_own_secret_key: bool
    secret_key: str
    has_own_encryption_keys: bool
    tiktok_client_key: str
    tiktok_client_secret: str
    tiktok_auth_url: str
    tiktok_api_url: str
    media_pull_base_url: str


def find_refusals(installation: Installation) -> list[str]:
    """Return one sentence for each reason not to start, or an empty list."""
    refusals = []
    if urlsplit(installation.public_url).scheme != "https":
        refusals.append("PUBLIC_URL must begin with https:// when it is not on this machine.")
    if installation.is_debug:
        refusals.append("DEBUG must be off when PUBLIC_URL is not on this machine.")
    if not installation.has_own_secret_key or len(installation.secret_key) < MIN_SECRET_KEY_LENGTH:
        refusals.append(f"SECRET_KEY must be set to at least {MIN_SECRET_KEY_LENGTH} random characters.")
    if not installation.has_own_encryption_keys:
        refusals.append("TOKEN_ENCRYPTION_KEYS must be set to at least one Fernet key.")
    if not installation.tiktok_client_key or not installation.tiktok_client_secret:
        refusals.append(
            "TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET must be set: the simulator is for local runs only."
        )
    for name, url in (
        ("TIKTOK_AUTH_URL", installation.tiktok_auth_url),
        ("TIKTOK_API_URL", installation.tiktok_api_url),
    ):
        if is_loopback(url):
            refusals.append(f"{name} must not point at this machine: the simulator is for local runs only.")
    pull_url = installation.media_pull_base_url
    if pull_url and (urlsplit(pull_url).scheme != "https" or is_loopback(pull_url)):
        refusals.append(
            "MEDIA_PULL_BASE_URL must begin with https:// and lead to this server from outside: TikTok fetches "
            "from there."
        )
    return refusals
