"""The post being written, and the consent given for it."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import TikTokAccount, User, Workspace

from .media import MediaFile, MediaKind

# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
MAX_PHOTOS = 35


class Destination(models.TextChoices):
    """What becomes of a post at TikTok."""

    DIRECT = "direct", "Post to TikTok"
    # Delivered as a draft: the creator finishes it in the TikTok app.
    INBOX = "inbox", "Send to TikTok inbox"


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User) -> Self:
        """The posts of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def in_workspace(self, workspace: Workspace) -> Self:
        """The posts of one workspace, each with its account and its file."""
        return self.filter(workspace=workspace).select_related("account", "media")

    def with_photos(self) -> Self:
        """Each with its photos in their order."""
        return self.prefetch_related("post_photos__media")

    def untouched(self) -> Self:
        """Drafts as they were made: no save has changed them, and nothing was ever sent or agreed to."""
        return self.filter(
            version=1, media__isnull=True, post_photos__isnull=True, caption="", consents__isnull=True
        )


class Post(models.Model):
    """A post as the person writes it; it saves itself and keeps every choice exactly as made.

    `locked_at` is set by publishing while the post is on its way: a locked post cannot be edited.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=MediaKind, default=MediaKind.VIDEO)
    # The post that this one was begun as a copy of.
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    account = models.ForeignKey(
        TikTokAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    media = models.ForeignKey(
        MediaFile, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    photos = models.ManyToManyField(MediaFile, through="PostPhoto", related_name="photo_posts")
    # One of `photos`; none means the first. TikTok is told its place in the order.
    cover_photo = models.ForeignKey(
        MediaFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    destination = models.CharField(max_length=10, choices=Destination, default=Destination.DIRECT)
    # Photos have a title besides; `caption` is the video's caption and the photos' description.
    title = models.TextField(blank=True)
    caption = models.TextField(blank=True)
    auto_add_music = models.BooleanField(default=False)
    is_aigc = models.BooleanField(default=False)
    # The frame TikTok takes as the video's cover, in milliseconds; none means the first frame.
    cover_timestamp_ms = models.PositiveIntegerField(null=True, blank=True)
    privacy_level = models.CharField(max_length=60, blank=True)
    allow_comment = models.BooleanField(default=False)
    allow_duet = models.BooleanField(default=False)
    allow_stitch = models.BooleanField(default=False)
    discloses = models.BooleanField(default=False)
    your_brand = models.BooleanField(default=False)
    branded_content = models.BooleanField(default=False)
    # When it is to go out, as written down (composer/plans.py); once scheduled, its publication says when.
    is_planned = models.BooleanField(default=False)
    plan_date = models.DateField(null=True, blank=True)
    plan_time = models.TimeField(null=True, blank=True)
    plan_zone = models.CharField(max_length=64, blank=True)
    plan_fold = models.PositiveSmallIntegerField(null=True, blank=True)
    # What TikTok said when the page was last opened: the answer, or the code of its refusal.
    creator_info = models.JSONField(null=True, blank=True)
    creator_refusal = models.CharField(max_length=100, blank=True)
    creator_asked_at = models.DateTimeField(null=True, blank=True)
    # Which open page saves, and its count of saves: a late or foreign save is noticed, never applied.
    editor = models.CharField(max_length=40, blank=True)
    editor_seq = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)
    locked_at = models.DateTimeField(null=True, blank=True)
    # Set by publishing when TikTok has everything for good: until then the files of a locked post are needed.
    media_released_at = models.DateTimeField(null=True, blank=True)
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


class PostPhoto(models.Model):
    """One picture of a carousel in its place, counted from 0."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="post_photos")
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="post_photos")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="post_photo_place_once"),
            models.UniqueConstraint(fields=["post", "media"], name="post_photo_file_once"),
            models.CheckConstraint(condition=Q(position__lt=MAX_PHOTOS), name="post_photo_at_most_35"),
        ]

    def __str__(self) -> str:
        return f"photo {self.position + 1} of post {self.post_id}"


class Consent(models.Model):
    """What a person agreed to by pressing the button: who, when, what they saw and every choice.

    Never changed afterwards, except that a later edit of the post voids it.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="consents")
    # Null once that person's account was deleted, where the workspace is others' too.
    given_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())
    account = models.ForeignKey(TikTokAccount, on_delete=models.PROTECT, related_name="+")
    creator_shown = models.JSONField()
    choices = models.JSONField()
    declaration = models.TextField()
    # The video, or the cover of a carousel, whose pictures are in `photos`.
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="consents")
    # Of the video's bytes; for photos over their hashes, in order, one a line.
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

    @property
    def giver(self) -> str:
        """Who gave it, as a page says it."""
        return str(self.given_by) if self.given_by else "Somebody who has left"


class ConsentPhoto(models.Model):
    """One picture of a carousel as it was agreed to: its place and its very bytes."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="photos")
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="consent_photos")
    position = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["consent", "position"], name="consent_photo_place_once")
        ]

    def __str__(self) -> str:
        return f"photo {self.position + 1} of consent {self.consent_id}"


class HashtagGroup(models.Model):
    """Hashtags a workspace uses together, kept under a name."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="hashtag_groups")
    name = models.CharField(max_length=40)
    # As they are added to a caption: "#one #two".
    hashtags = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="hashtag_group_name_once")]

    def __str__(self) -> str:
        return self.name
