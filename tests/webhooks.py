"""Plays TikTok's part of the webhooks: events as it writes and signs them; shares no code with either side."""

import hashlib
import hmac
import json
import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

PATH = "/webhooks/tiktok/"


def sign(body: bytes, *, secret: str | None = None, at: float | None = None) -> str:
    """The value of TikTok-Signature; with our secret, now, unless told otherwise."""
    stamp = str(int(time.time() if at is None else at))
    key = settings.TIKTOK_CLIENT_SECRET if secret is None else secret
    return f"t={stamp},s={hmac.new(key.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def event(name: str, open_id: str, *, at: float | None = None, **content: Any) -> bytes:
    """An event of now, of our app, about what `content` says."""
    envelope = {
        "client_key": settings.TIKTOK_CLIENT_KEY,
        "event": name,
        "create_time": int(time.time() if at is None else at),
        "user_openid": open_id,
        "content": json.dumps(content),
    }
    return json.dumps(envelope).encode()


def post(body: bytes, signature: str | None = None, **headers: str) -> HttpResponse:
    """Post it as TikTok does, rightly signed unless told otherwise."""
    client = Client(enforce_csrf_checks=True)
    signed = sign(body) if signature is None else signature
    return client.post(
        PATH, body, content_type="application/json", headers={"TikTok-Signature": signed, **headers}
    )
