"""What TikTok's webhooks brought: each event as it came, and what they told about who can see a post."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Now


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def due(self, now: datetime) -> Self:
        """Those that nobody has worked on yet, the longest waiting first."""
        return self.filter(next_try_at__lte=now).order_by("next_try_at", "pk")


class WebhookDelivery(models.Model):
    """One event as TikTok posted it: stored before it is understood, so that none is lost to a fault of ours.

    The same bytes are stored once, however often they come.
    """

    body_sha256 = models.CharField(max_length=64, unique=True)
    body = models.BinaryField()
    # By the signature of its first arrival.
    signed_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    # When it is next to be worked on; null once it is done.
    next_try_at = models.DateTimeField(null=True, blank=True, db_default=Now())
    # What came of it, in a word of publishing/webhooks.py.
    outcome = models.CharField(max_length=40, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="webhook_delivery_due",
                condition=models.Q(next_try_at__isnull=False),
            ),
            models.Index(fields=["received_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"webhook delivery {self.pk}"


class VisibilityChange(models.Model):
    """TikTok told that one post made of a publication became public, or ceased to be.

    Rows are only added, each at most once, and read in the order of TikTok's own times: so it makes no difference in
    which order, or how often, the events came.
    """

    publication = models.ForeignKey(
        "publishing.Publication", on_delete=models.PROTECT, related_name="visibility_changes"
    )
    post_id = models.CharField(max_length=100)
    is_public = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        # At the same second *no longer* counts last: better nothing claimed than too much.
        ordering = ["at", "-is_public", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "post_id", "is_public", "at"], name="visibility_change_once"
            )
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} {'public' if self.is_public else 'no longer public'}"
