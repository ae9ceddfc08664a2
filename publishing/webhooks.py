"""What an event of TikTok's means here: a hint that its status is worth asking now, never a change of state.

Therefore nobody can harm a post with events, be they forged, replayed, doubled, late or out of order: all that comes
of one is a question to TikTok, asked with our own token within its rates, and only the answer counts. One thing is
taken from the events themselves, because no status tells it: when a post became visible to everyone, or ceased to be.
It is shown only for post ids that TikTok's status has named for the same publish id (publishing/visibility.py).
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from accounts.doubting import doubt_access
from publishing.intake import Intake
from publishing.models import Attempt, Publication, VisibilityChange, WebhookDelivery
from publishing.states import State
from tiktok import Webhook, WebhookName, read_webhook

logger = logging.getLogger(__name__)

# Longer than TikTok repeats an event, and than the tolerance: a replay finds its row, or is too old to be believed.
KEPT_FOR = timedelta(days=14)
BATCH = 500
# A worker is asking at this moment, perhaps from before the event: come back when it is done.
BUSY = timedelta(seconds=1)
# An event cannot be older than itself by more than clocks differ.
CLOCK_DIFFERENCE = timedelta(minutes=5)
# Where the engine asks for TikTok's status, or can do so once more.
_ASKED = frozenset({State.PROCESSING, State.UNCONFIRMED, State.IN_INBOX, State.PUBLISHED})
# There it would not be asked any more without one.
_ASKED_ON_A_HINT = frozenset({State.IN_INBOX, State.PUBLISHED})
_ABOUT_NOBODY = frozenset({"unknown_account", "unknown_publish_id"})
_VISIBILITY = {WebhookName.PUBLICLY_AVAILABLE: True, WebhookName.NO_LONGER_PUBLIC: False}
_ABOUT_POSTS = frozenset(
    {
        WebhookName.PUBLISH_FAILED,
        WebhookName.PUBLISH_COMPLETE,
        WebhookName.INBOX_DELIVERED,
        WebhookName.PUBLICLY_AVAILABLE,
        WebhookName.NO_LONGER_PUBLIC,
    }
)


def store_delivery(body: bytes, *, signed_at: datetime) -> None:
    """Keep an event whose signature was right; the same bytes are kept once. Returns when it is committed."""
    _intake.put(WebhookDelivery(body_sha256=hashlib.sha256(body).hexdigest(), body=body, signed_at=signed_at))


def _write(deliveries: Sequence[WebhookDelivery]) -> None:
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)


_intake = Intake(_write)


def hear_due_deliveries(*, now: datetime) -> int:
    """Work on what has come; returns how many are done. Two at once do the same thing twice, which harms nothing."""
    done = 0
    for delivery in WebhookDelivery.objects.due(now)[:BATCH]:
        outcome = _hear(delivery, now=now)
        rows = WebhookDelivery.objects.filter(pk=delivery.pk)
        if outcome in _ABOUT_NOBODY:
            # Somebody who has left, or never was here: the hash suffices to know it again.
            rows.update(outcome=outcome, next_try_at=None, body=b"")
            done += 1
        elif outcome:
            rows.update(outcome=outcome, next_try_at=None)
            done += 1
        else:
            rows.update(next_try_at=now + BUSY)
    return done


def forget_old_deliveries(*, now: datetime) -> int:
    """Forget events that were worked on long ago; returns how many."""
    old = WebhookDelivery.objects.filter(received_at__lt=now - KEPT_FOR, next_try_at__isnull=True)
    return old.delete()[0]


def _hear(delivery: WebhookDelivery, *, now: datetime) -> str:
    """What came of it, in a word; empty when it must be looked at again."""
    webhook = read_webhook(bytes(delivery.body))
    if webhook is None:
        return "unreadable"
    if webhook.client_key and webhook.client_key != settings.TIKTOK_CLIENT_KEY:
        return "other_app"
    if webhook.name == WebhookName.AUTHORIZATION_REMOVED:
        is_ours = doubt_access(webhook.user_openid, reason=webhook.reason, now=now)
        return "access_doubted" if is_ours else "unknown_account"
    if webhook.name not in _ABOUT_POSTS:
        logger.info("TikTok sent an event we do nothing about: %s", webhook.name)
        return "unknown_event"
    return _hear_about_post(delivery, webhook, now=now)


def _hear_about_post(delivery: WebhookDelivery, webhook: Webhook, *, now: datetime) -> str:
    attempts = Attempt.objects.select_related("publication__account")
    attempt = attempts.filter(publish_id=webhook.publish_id).first() if webhook.publish_id else None
    if attempt is None:
        return "unknown_publish_id"
    if attempt.publication.account.open_id != webhook.user_openid:
        return "other_account"
    with transaction.atomic():
        _note_visibility(delivery, webhook, attempt)
        return _hurry(attempt, now=now)


def _hurry(attempt: Attempt, *, now: datetime) -> str:
    """Make the next question about this attempt due now, where there is one to ask."""
    newest = Attempt.objects.filter(publication_id=attempt.publication_id).exclude(publish_id=None)
    if newest.latest("number").pk != attempt.pk:
        return "earlier_attempt"
    rows = Publication.objects.filter(pk=attempt.publication_id)
    if not rows.filter(state__in=_ASKED).exists():
        return "nothing_to_ask"
    is_due = When(next_try_at__lte=now, then=F("next_try_at"))
    free = rows.filter(state__in=_ASKED).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    is_hint = When(state__in=_ASKED_ON_A_HINT, then=Value(now))
    hurried = free.update(
        hinted_at=Case(is_hint, default=F("hinted_at")), next_try_at=Case(is_due, default=Value(now))
    )
    return "asked" if hurried else ""


def _note_visibility(delivery: WebhookDelivery, webhook: Webhook, attempt: Attempt) -> None:
    """Keep what it says about who sees the post, unless it is too old for us to know that it was not replayed."""
    if webhook.name not in _VISIBILITY or not webhook.post_id or webhook.create_time is None:
        return
    tolerance = timedelta(seconds=settings.TIKTOK_WEBHOOK_TOLERANCE_SECONDS)
    if abs(delivery.received_at - delivery.signed_at) > tolerance:
        return
    latest = (delivery.signed_at + CLOCK_DIFFERENCE).timestamp()
    if webhook.create_time > latest:
        return
    change = VisibilityChange(
        publication_id=attempt.publication_id,
        post_id=webhook.post_id[:100],
        is_public=_VISIBILITY[WebhookName(webhook.name)],
        at=datetime.fromtimestamp(webhook.create_time, UTC),
    )
    VisibilityChange.objects.bulk_create([change], ignore_conflicts=True)
