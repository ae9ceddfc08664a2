"""Derivatives being made: one row for each run of a recipe over a file of the library."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User, Workspace

from .media import MediaFile
from .work import LeasedWork, WorkQuerySet


class FixState(models.TextChoices):
    """How far a fix is."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Under way"
    # The result is there, for a person to look at and to accept or discard.
    DONE = "done", "Done"
    ACCEPTED = "accepted", "In use"
    DISCARDED = "discarded", "Discarded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class FixQuerySet(WorkQuerySet["Fix"]):
    def in_workspace(self, workspace: Workspace) -> Self:
        """The fixes of one workspace's files, the newest first."""
        return self.filter(media__workspace=workspace).select_related("media", "result").order_by("-pk")


class Fix(LeasedWork):
    """One derivative being made from a file; the original is kept."""

    media = models.ForeignKey(MediaFile, on_delete=models.CASCADE, related_name="fixes")
    recipe = models.CharField(max_length=20)
    # A recipe's other ingredient: the picture of an own cover.
    picture = models.ForeignKey(MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=FixState, default=FixState.WAITING)
    # Thousandths of the work.
    progress = models.PositiveSmallIntegerField(default=0)
    result = models.ForeignKey(
        MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="made_by"
    )
    # Why nothing came of it, in sentences for the person who asked.
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = FixQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="fix_due", condition=Q(next_try_at__isnull=False))
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FixState.values), name="fix_state_known"),
            # Pressed twice, a fix is made once.
            models.UniqueConstraint(
                fields=["media", "recipe", "picture"],
                condition=Q(state__in=["waiting", "running", "done"]) & Q(picture__isnull=False),
                name="fix_once_with_picture",
            ),
            models.UniqueConstraint(
                fields=["media", "recipe"],
                condition=Q(state__in=["waiting", "running", "done"]) & Q(picture__isnull=True),
                name="fix_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe} of media {self.media_id} ({self.state})"
