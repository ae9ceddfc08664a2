"""Files on their way into the library: sent by a browser in parts, or fetched from a link."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User, Workspace

from .media import MediaFile
from .work import LeasedWork, WorkQuerySet


class ArrivalSource(models.TextChoices):
    """How the bytes come."""

    TUS = "tus", "Uploaded"
    LINK = "link", "Imported by link"


class ArrivalState(models.TextChoices):
    """How far a file is on its way in."""

    RECEIVING = "receiving", "Being received"
    # Every byte is there: it is hashed, looked for in the library, and checked.
    CHECKING = "checking", "Being checked"
    DONE = "done", "In the library"
    FAILED = "failed", "Not taken in"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class ArrivalQuerySet(WorkQuerySet["Arrival"]):
    def visible_to(self, user: User) -> Self:
        """The arrivals of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def in_workspace(self, workspace: Workspace) -> Self:
        """The arrivals of one workspace, the newest first."""
        return self.filter(workspace=workspace).order_by("-created_at")

    def under_way(self) -> Self:
        """Those that are still coming, or being looked at."""
        return self.filter(state__in=[ArrivalState.RECEIVING, ArrivalState.CHECKING])


class Arrival(LeasedWork):
    """One file on its way in. Its bytes lie in the incoming folder under its key; their number is the offset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="arrivals")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=10, choices=ArrivalSource)
    state = models.CharField(max_length=12, choices=ArrivalState, default=ArrivalState.RECEIVING)
    name = models.CharField(max_length=255)
    # Null while a link has not said how long its file is.
    size_bytes = models.BigIntegerField(null=True, blank=True)
    # The address a link import fetches; emptied once it has ended.
    url = models.TextField(blank=True)
    # Bytes fetched (link) or hashed (check) so far, for the page; never the offset of an upload.
    progress_bytes = models.BigIntegerField(default=0)
    media = models.ForeignKey(
        MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="arrivals"
    )
    # Why nothing came of it, in sentences for the person who sent it.
    error = models.TextField(blank=True)
    # The person has seen how it ended and put it away.
    dismissed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="arrival_newest"),
            models.Index(
                fields=["next_try_at", "id"], name="arrival_due", condition=Q(next_try_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ArrivalState.values), name="arrival_state_known"),
            models.CheckConstraint(
                condition=Q(size_bytes__isnull=True) | Q(size_bytes__gte=0), name="arrival_size_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"
