"""The media library's rows: a file's bytes never change, so a fix makes another file."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User, Workspace


class MediaState(models.TextChoices):
    """Whether a file may be posted."""

    CHECKING = "checking", "Being checked"
    READY = "ready", "Ready"
    # TikTok would refuse it as it is, and a fix is offered: `MediaFile.fix` names the recipe.
    FIXABLE = "fixable", "Needs a fix"
    REFUSED = "refused", "Cannot be posted"
    # Its bytes are gone; the row stays for the history of what was posted.
    DELETED = "deleted", "Deleted"


class MediaKind(models.TextChoices):
    """What kind of post a file belongs to."""

    VIDEO = "video", "Video"
    PHOTO = "photo", "Photo"


class MediaFileQuerySet(models.QuerySet["MediaFile"]):
    def visible_to(self, user: User) -> Self:
        """The files of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def in_workspace(self, workspace: Workspace) -> Self:
        """The files of one workspace, the newest first."""
        return self.filter(workspace=workspace).order_by("-pk")

    def ready(self) -> Self:
        """Those that passed their checks."""
        return self.filter(state=MediaState.READY, is_proposal=False)

    def kept(self) -> Self:
        """What the library shows: files whose bytes are there, without results that nobody has accepted yet."""
        return self.filter(state__in=[MediaState.READY, MediaState.FIXABLE], is_proposal=False)

    def with_bytes(self) -> Self:
        """Files that take room, whatever became of them."""
        return self.exclude(state__in=[MediaState.REFUSED, MediaState.DELETED])


class MediaFile(models.Model):
    """One file of a workspace. Its bytes never change: a fix makes another file."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="media")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=MediaKind, default=MediaKind.VIDEO)
    state = models.CharField(max_length=20, choices=MediaState, default=MediaState.CHECKING)
    # What was made from another file: the recipe it was made by, and whether a person still has to accept it.
    original = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="derivatives"
    )
    recipe = models.CharField(max_length=20, blank=True)
    is_proposal = models.BooleanField(default=False)
    # The recipe (composer.media.recipes) that makes this file fit; offered with a warning, needed when FIXABLE.
    fix = models.CharField(max_length=20, blank=True)
    is_sample = models.BooleanField(default=False)
    original_name = models.CharField(max_length=255)
    file = models.FileField(upload_to="media/", max_length=200)
    poster = models.FileField(upload_to="posters/", max_length=200, blank=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=50, blank=True)
    container = models.CharField(max_length=20, blank=True)
    video_codec = models.CharField(max_length=30, blank=True)
    audio_codec = models.CharField(max_length=30, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    frames_per_second = models.FloatField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    # Each: {"code", "text", "advice"}; why the file cannot be posted, or what to know about it.
    faults = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())

    objects = MediaFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="media_newest_of_workspace"),
            models.Index(fields=["workspace", "sha256"], name="media_by_content"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MediaState.values), name="media_state_known"),
            models.CheckConstraint(condition=Q(kind__in=MediaKind.values), name="media_kind_known"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="media_not_empty"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_ready(self) -> bool:
        return self.state == MediaState.READY and not self.is_proposal

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are there and it is somebody's choice, fit as it is or after a fix."""
        return self.state in {MediaState.READY, MediaState.FIXABLE} and not self.is_proposal

    @property
    def is_photo(self) -> bool:
        return self.kind == MediaKind.PHOTO
