"""The rows of what: media files, the post being written, and the consent given for it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import TikTokAccount, User, Workspace


class MediaState(models.TextChoices):
    """Whether a file may be posted."""

    CHECKING = "checking", "Being checked"
    READY = "ready", "Ready"
    REFUSED = "refused", "Cannot be posted"


class MediaKind(models.TextChoices):
    """What kind of post a file belongs to."""

    VIDEO = "video", "Video"


class MediaFileQuerySet(models.QuerySet["MediaFile"]):
    def visible_to(self, user: User) -> Self:
        """The files of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def in_workspace(self, workspace: Workspace) -> Self:
        """The files of one workspace, the newest first."""
        return self.filter(workspace=workspace).order_by("-pk")

    def ready(self) -> Self:
        """Those that passed their checks."""
        return self.filter(state=MediaState.READY)


class MediaFile(models.Model):
    """One file of a workspace. Its bytes never change: a fix makes another file."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="media")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=MediaKind, default=MediaKind.VIDEO)
    state = models.CharField(max_length=20, choices=MediaState, default=MediaState.CHECKING)
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
        indexes = [models.Index(fields=["workspace", "-id"], name="media_newest_of_workspace")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MediaState.values), name="media_state_known"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="media_not_empty"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_ready(self) -> bool:
        return self.state == MediaState.READY


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User) -> Self:
        """The posts of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def in_workspace(self, workspace: Workspace) -> Self:
        """The posts of one workspace, each with its account and its file."""
        return self.filter(workspace=workspace).select_related("account", "media")

    def untouched(self) -> Self:
        """Drafts as they were made: no save has changed them, and nothing was ever sent or agreed to."""
        return self.filter(version=1, media__isnull=True, caption="", consents__isnull=True)


class Post(models.Model):
    """A post as the person writes it; it saves itself and keeps every choice exactly as made.

    `locked_at` is set by publishing while the post is on its way: a locked post cannot be edited.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=MediaKind, default=MediaKind.VIDEO)
    account = models.ForeignKey(
        TikTokAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    media = models.ForeignKey(
        MediaFile, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    caption = models.TextField(blank=True)
    privacy_level = models.CharField(max_length=60, blank=True)
    allow_comment = models.BooleanField(default=False)
    allow_duet = models.BooleanField(default=False)
    allow_stitch = models.BooleanField(default=False)
    discloses = models.BooleanField(default=False)
    your_brand = models.BooleanField(default=False)
    branded_content = models.BooleanField(default=False)
    # What TikTok said when the page was last opened: the answer, or the code of its refusal.
    creator_info = models.JSONField(null=True, blank=True)
    creator_refusal = models.CharField(max_length=100, blank=True)
    creator_asked_at = models.DateTimeField(null=True, blank=True)
    # Which open page saves, and its count of saves: a late or foreign save is noticed, never applied.
    editor = models.CharField(max_length=40, blank=True)
    editor_seq = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    locked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["workspace", "-id"], name="post_newest_of_workspace")]

    def __str__(self) -> str:
        return self.caption[:60] or f"Post {self.pk}"

    @property
    def is_editable(self) -> bool:
        return self.locked_at is None


class Consent(models.Model):
    """What a person agreed to by pressing the button: who, when, what they saw and every choice.

    Never changed afterwards, except that a later edit of the post voids it.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="consents")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    account = models.ForeignKey(TikTokAccount, on_delete=models.PROTECT, related_name="+")
    creator_shown = models.JSONField()
    choices = models.JSONField()
    declaration = models.TextField()
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="+")
    media_sha256 = models.CharField(max_length=64)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(voided_at__isnull=True), name="consent_one_valid_per_post"
            )
        ]

    def __str__(self) -> str:
        return f"consent for post {self.post_id}"
