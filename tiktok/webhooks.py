"""What TikTok posts to our webhook: whether it is really TikTok's, and what it says. Pure.

Sources: https://developers.tiktok.com/doc/webhooks-verification and https://developers.tiktok.com/doc/webhooks-events;
the posting events are named on https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tiktok import answers

_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class WebhookName(StrEnum):
    """The events we act on. TikTok documents others, and may add more without notice."""

    PUBLISH_FAILED = "post.publish.failed"
    PUBLISH_COMPLETE = "post.publish.complete"
    INBOX_DELIVERED = "post.publish.inbox_delivered"
    PUBLICLY_AVAILABLE = "post.publish.publicly_available"
    # TikTok's own spelling; its Business API writes the word correctly, and either is read as this one.
    NO_LONGER_PUBLIC = "post.publish.no_longer_publicaly_available"
    AUTHORIZATION_REMOVED = "authorization.removed"


_OTHER_SPELLINGS = {"post.publish.no_longer_publicly_available": WebhookName.NO_LONGER_PUBLIC}


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event. Whatever TikTok left out, or wrote in another form than documented, is empty or None.

    `name` is a `WebhookName` where we know the event, else the word as it came. `create_time` is in seconds since
    1970. Ids are strings. `reason` is a fail_reason, or the number that says why an authorization was removed.
    """

    name: str
    client_key: str
    user_openid: str
    create_time: int | None
    publish_id: str
    post_id: str
    publish_type: str
    reason: str


def signed_at(header: str, body: bytes, secrets: Iterable[str]) -> int | None:
    """When TikTok signed this `body` (seconds since 1970), by one of our client secrets; None when it did not.

    `header` is `TikTok-Signature`, `body` the raw bytes: JSON written anew has another signature. Takes equally long
    for every wrong signature of the right form. How old one may be, TikTok does not say: the caller judges.
    """
    stamp, signature = _read_header(header)
    if not stamp or not signature:
        return None
    message = stamp.encode() + b"." + body
    # All of them are tried, so that the time does not tell which one fits. An empty secret is none at all.
    matches = [
        hmac.compare_digest(hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(), signature)
        for secret in secrets
        if secret
    ]
    return int(stamp) if any(matches) else None


def webhook_signature(body: bytes, secret: str, *, at: int) -> str:
    """The `TikTok-Signature` that TikTok would give these bytes at that second: to try our own door with."""
    message = f"{at}.".encode() + body
    return f"t={at},s={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def read_webhook(body: bytes) -> Webhook | None:
    """The event in `body`, known or not; None when it is no JSON object that names one."""
    envelope = answers.parse_object(body)
    name = answers.word(envelope.get("event")) if envelope else ""
    if not envelope or not name:
        return None
    content = _read_content(envelope.get("content"))
    return Webhook(
        name=_OTHER_SPELLINGS.get(name, name),
        client_key=answers.opaque(envelope.get("client_key")),
        user_openid=answers.opaque(envelope.get("user_openid")),
        create_time=answers.count(envelope.get("create_time")),
        publish_id=answers.opaque(content.get("publish_id")),
        post_id=answers.opaque(content.get("post_id")),
        publish_type=answers.word(content.get("publish_type")),
        reason=answers.word(content.get("reason")),
    )


def _read_header(header: str) -> tuple[str, str]:
    """The time and the signature as written; empty when one is missing, doubled or of another form."""
    pairs = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name == "t"]
    signatures = [value for name, value in pairs if name == "s"]
    if len(stamps) != 1 or len(signatures) != 1:
        return "", ""
    if not _SECONDS.fullmatch(stamps[0]) or not _HEX_SHA256.fullmatch(signatures[0]):
        return "", ""
    return stamps[0], signatures[0]


def _read_content(content: object) -> dict[str, object]:
    """TikTok writes the content as JSON inside a string; an object is taken as it is."""
    if isinstance(content, str):
        return answers.parse_object(content.encode("utf-8", "replace")) or {}
    return content if isinstance(content, dict) else {}
