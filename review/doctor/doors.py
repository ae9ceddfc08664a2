"""The doors TikTok knocks at: https, the webhook, and the prefix from which it fetches media."""

import hashlib
import json
import secrets
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from accounts.addresses import is_public
from accounts.safe_http import resolve
from publishing.models import Attempt, Event, Route, WebhookDelivery
from review.doctor.asking import SECONDS, NoAnswerError, ask, why_no_connection
from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from review.doctor.rehearsal import fault_in_earnest
from tiktok import webhook_signature
from tiktok.wire import is_loopback

SOON = timedelta(days=14)
# An event that TikTok never sends, so that nothing is done about it.
EVENT = "greenroom.doctor"
UNVERIFIED = "url_ownership_unverified"


def webhook_url() -> str:
    """Where TikTok is to send its events."""
    return f"{settings.PUBLIC_URL}{reverse('publishing:webhook-tiktok')}"


def look_at_https() -> Outcome:
    """Whether the site's certificate is trusted, and for how long still."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme != "https":
        return fault_in_earnest(
            f"{settings.PUBLIC_URL} is not https. TikTok and its reviewers take nothing else.",
            "Put a proxy with a certificate in front (docs/deploy.md), and set PUBLIC_URL to the https address.",
        )
    return judge_certificate(parts.hostname or "", parts.port or 443, now=datetime.now(UTC))


def judge_certificate(
    host: str, port: int, *, now: datetime, tls: ssl.SSLContext | None = None, at: str = ""
) -> Outcome:
    """Shake hands with whoever answers for `host`; `tls` says who is trusted, `at` is another address to try."""
    cure = (
        "Have the proxy fetch a certificate for this very name (docs/deploy.md), and see that it renews it."
    )
    context = tls or ssl.create_default_context()
    try:
        with (
            socket.create_connection((at or host, port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except OSError as error:
        return fault(f"https://{host} cannot be used: {why_no_connection(error)}.", cure)
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if ends - now < SOON:
        return warning(f"The certificate of {host} ends on {ends:%d %B %Y}, and nobody has renewed it.", cure)
    return ok(f"The certificate of {host} is trusted, and good until {ends:%d %B %Y}.")


def look_at_webhook() -> Outcome:
    """Posts an event signed as TikTok signs it, and one signed wrongly, to the public address.

    The first must be answered with 200 and have come to *this* installation, the second must be refused. The event
    has a name that TikTok does not use, so nothing comes of it, and it is removed again.
    """
    url = webhook_url()
    body = json.dumps(
        {
            "client_key": settings.TIKTOK_CLIENT_KEY,
            "event": EVENT,
            "create_time": int(time.time()),
            "user_openid": "",
            "content": json.dumps({"nonce": secrets.token_hex(16)}),
        }
    ).encode()
    try:
        forged = _post(url, body, secrets.token_hex(16))
        signed = _post(url, body, settings.TIKTOK_CLIENT_SECRET)
    except NoAnswerError as error:
        return fault(
            f"{url}: {error}.",
            "See that the proxy passes this path on, and that this machine may connect to its own public address.",
        )
    mine = WebhookDelivery.objects.filter(body_sha256=hashlib.sha256(body).hexdigest())
    has_come = bool(mine.delete()[0])
    if signed != 200:
        return fault(
            f"{url} answered {signed} to an event that was rightly signed; TikTok wants 200.",
            "See that the proxy passes the body and the header TikTok-Signature on unchanged, and that web runs with "
            "the same TIKTOK_CLIENT_SECRET.",
        )
    if not has_come:
        return fault(
            f"{url} answered 200, but the event has not come to this installation.",
            "Something else answers there, or web uses another database than this command.",
        )
    if forged != 401:
        return fault(
            f"{url} answered {forged} to an event with a wrong signature, which must be refused with 401.",
            "Nothing in front may answer in this site's place.",
        )
    return _reached(url)


def _reached(url: str) -> Outcome:
    heard = _last_event()
    last = (
        f"TikTok's last event came on {heard:%d %B %Y at %H:%M} UTC."
        if heard
        else "TikTok has sent no event yet."
    )
    if not settings.TIKTOK_IS_SIMULATED and not _is_public(urlsplit(url).hostname or ""):
        return warning(
            f"{url} took a signed event and refused a forged one; but here its name leads to a private address. "
            f"{last}",
            "Outside, the name must lead to a public address. If it does, this is fine.",
        )
    return ok(f"{url} took a signed event and refused a forged one. {last}")


def _post(url: str, body: bytes, secret: str) -> int:
    signature = webhook_signature(body, secret, at=int(time.time()))
    headers = {"Content-Type": "application/json", "TikTok-Signature": signature}
    return ask(url, method="POST", content=body, headers=headers).status_code


def _last_event() -> datetime | None:
    newest = WebhookDelivery.objects.order_by("-received_at").first()
    return newest.received_at if newest else None


def _is_public(host: str) -> bool:
    try:
        return all(is_public(address) for address in resolve(host, 443))
    except (OSError, ValueError):
        return False


def look_at_media_prefix() -> Outcome:
    """Whether the prefix leads here, and whether TikTok has accepted it for this very client key."""
    prefix = settings.MEDIA_PULL_BASE_URL
    if not prefix:
        return warning(
            "MEDIA_PULL_BASE_URL is not set, so photos cannot be posted. Videos can.",
            f"To post photos, set it to {settings.PUBLIC_URL}/pull/ and verify that prefix with TikTok.",
        )
    parts = urlsplit(prefix)
    if parts.scheme != "https" or is_loopback(parts.hostname or ""):
        wrong: Outcome | None = fault_in_earnest(
            f"{prefix} is not an https address outside: TikTok fetches from no other.",
            "Set MEDIA_PULL_BASE_URL to an https address on a domain of yours that leads to /pull/ here.",
        )
    elif parts.query or parts.username or parts.port not in {None, 443}:
        wrong = fault(
            f"{prefix} has a port, a user or a query.",
            "TikTok fetches from plain addresses: https://host/path/",
        )
    else:
        wrong = None
    return _does_not_lead_here(prefix) or wrong or judge_ownership(prefix)


def _does_not_lead_here(prefix: str) -> Outcome | None:
    """Ask for a file that never was: this installation, and hardly another server, answers it in its own way."""
    url = f"{prefix}{secrets.token_urlsafe(24)}/doctor.jpg"
    cure = "Have the proxy pass that prefix on to /pull/ of this site, past every cache and every sign-in."
    try:
        answer = ask(url)
    except NoAnswerError as error:
        return fault(f"{prefix}: {error}.", cure)
    is_ours = answer.status_code == 404 and answer.headers.get("Cache-Control") == "no-store, private"
    if is_ours and not answer.content:
        return None
    return fault(f"{prefix} does not lead to this installation: the answer was {answer.status_code}.", cure)


def judge_ownership(prefix: str) -> Outcome:
    """What TikTok has said to announcements of files to fetch, under the client key in use."""
    key = settings.TIKTOK_CLIENT_KEY
    kind = "this sandbox" if key.startswith("sb") else "this configuration"
    cure = (
        f"In the portal, with the configuration of {key} chosen, add {prefix} (or its domain) under URL "
        "properties and verify it. What was verified for another configuration does not count: each sandbox "
        "needs it too."
    )
    pulled = [route for route in Route if route.is_pulled]
    accepted = Attempt.objects.filter(
        route__in=pulled, publish_id__isnull=False, publication__account__client_key=key
    ).order_by("-init_started_at")
    refused = Event.objects.filter(code=UNVERIFIED, publication__account__client_key=key).order_by("-pk")
    last_accepted, last_refused = accepted.first(), refused.first()
    if last_refused and (last_accepted is None or last_accepted.init_started_at < last_refused.at):
        return fault(
            f"TikTok refused a post on {last_refused.at:%d %B %Y}: it has not verified {prefix} for {kind}.",
            cure,
        )
    if last_accepted:
        taken = last_accepted.init_started_at
        return ok(f"{prefix} leads here, and TikTok last took an order to fetch on {taken:%d %B %Y}.")
    return warning(
        f"{prefix} leads here. Whether TikTok has verified it for {kind} shows with the first photo.", cure
    )


FAMILY = Family(
    "The doors TikTok knocks at",
    (
        Check("https", "HTTPS", look_at_https),
        Check("webhook", "Webhook", look_at_webhook),
        Check("media-prefix", "Media prefix", look_at_media_prefix),
    ),
)
