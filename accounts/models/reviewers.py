"""The row behind a reviewer's link: who opens what with it, until when."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .people import User


class ReviewerLinkQuerySet(models.QuerySet["ReviewerLink"]):
    def live(self, now: datetime) -> Self:
        """Those that open something now."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class ReviewerLink(models.Model):
    """A link that signs its holder in to one demo workspace, and to nothing else, until it ends.

    Only the SHA-256 of its secret is kept. The person behind it has no password and belongs to that one workspace.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="reviewer_link")
    # Whom it was made for, in the operator's words.
    note = models.CharField(max_length=120, blank=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)

    objects = ReviewerLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_used_at__isnull=True, uses=0) | Q(last_used_at__isnull=False, uses__gt=0),
                name="reviewer_link_use_dated",
            )
        ]

    def __str__(self) -> str:
        return self.note or f"reviewer link {self.pk}"

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now
