"""The door for TikTok's events: stored as they came and answered at once; what they mean is found out later."""

from datetime import UTC, datetime

from django.http import HttpResponse

from accounts.policy import WebhookRequest, signed_webhook
from publishing.webhooks import store_delivery


@signed_webhook
def webhook_tiktok(request: WebhookRequest) -> HttpResponse:
    """Store one event, once however often it comes, and answer 200; TikTok repeats it for 72 hours otherwise.

    An old signature is no reason to refuse it: TikTok does not say whether it signs its repetitions anew, so what we
    missed during an outage may come with the time of its first try. Every event is only a hint
    (publishing/webhooks.py), so a replayed one costs at most a question; the tolerance
    (`TIKTOK_WEBHOOK_TOLERANCE_SECONDS`) decides whether more than the hint is believed.
    """
    store_delivery(request.raw_body, signed_at=datetime.fromtimestamp(request.signed_at, UTC))
    return HttpResponse(status=200, content_type="text/plain")
