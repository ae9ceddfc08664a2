"""TikTok's clients, built from the settings: where addresses and credentials meet the client code."""

import httpx
from django.conf import settings
from django.urls import reverse

from accounts.hosts import API, UPLOAD, ListeningTransport
from accounts.models import TikTokAccount
from tiktok.client import Client
from tiktok.oauth import OAuthClient
from tiktok.upload_client import UploadClient
from tiktok.wire import API_TIMEOUT


def oauth_client() -> OAuthClient:
    """For consent, exchange, refresh and revocation."""
    return OAuthClient(
        settings.TIKTOK_CLIENT_KEY,
        settings.TIKTOK_CLIENT_SECRET,
        settings.TIKTOK_AUTH_URL,
        settings.TIKTOK_API_URL,
        transport=ListeningTransport(API),
        # People wait for it, and a refresh holds a lease meanwhile (accounts/tokens.py).
        timeout=httpx.Timeout(10.0, connect=5.0),
    )


def tiktok_client(
    account: TikTokAccount, access_token: str, *, timeout: httpx.Timeout = API_TIMEOUT
) -> Client:
    """For calls on behalf of one account, with a token from `accounts.tokens.access_token_for`."""
    if account.client_key != settings.TIKTOK_CLIENT_KEY:
        raise ValueError("The account belongs to another TikTok app than the one in the settings.")
    return Client(settings.TIKTOK_API_URL, access_token, transport=ListeningTransport(API), timeout=timeout)


def upload_client() -> UploadClient:
    """For sending chunks; plain http is allowed to this machine only, and only while TikTok is simulated."""
    return UploadClient(
        settings.TIKTOK_UPLOAD_HOSTS,
        allow_http_loopback=settings.TIKTOK_IS_SIMULATED,
        transport=ListeningTransport(UPLOAD),
    )


def callback_url() -> str:
    """Where TikTok sends people back to. Must be registered with TikTok byte for byte."""
    return f"{settings.PUBLIC_URL}{reverse('accounts:connect-callback')}"
