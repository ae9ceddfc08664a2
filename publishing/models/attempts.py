"""One `init` with all that follows from it, the history, and what was asked of TikTok per account."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import TikTokAccount, User


class Route(models.TextChoices):
    """How the media reaches TikTok, and what becomes of it there."""

    VIDEO_FILE = "video_file", "Video sent as a file"
    INBOX_VIDEO_FILE = "inbox_video_file", "Video sent as a file, as a draft"
    PHOTOS = "photos", "Photos fetched by TikTok"
    INBOX_PHOTOS = "inbox_photos", "Photos fetched by TikTok, as a draft"
    VIDEO_PULL = "video_pull", "Video fetched by TikTok"
    INBOX_VIDEO_PULL = "inbox_video_pull", "Video fetched by TikTok, as a draft"

    @property
    def is_inbox(self) -> bool:
        """Whether it ends in the creator's inbox, to be finished in the TikTok app."""
        return self in {Route.INBOX_VIDEO_FILE, Route.INBOX_PHOTOS, Route.INBOX_VIDEO_PULL}

    @property
    def is_pulled(self) -> bool:
        """Whether TikTok fetches the files from us; else we send them."""
        return self not in {Route.VIDEO_FILE, Route.INBOX_VIDEO_FILE}

    @property
    def has_photos(self) -> bool:
        return self in {Route.PHOTOS, Route.INBOX_PHOTOS}


INBOX_ROUTES = tuple(route for route in Route if route.is_inbox)


class Gate(models.TextChoices):
    """For pulled media: whether our server lets TikTok have the last byte. Empty for pushed files.

    While the gate is closed nothing can become public, so an `init` without an answer may be repeated. It opens
    in the transaction that stores the publish id; where the installation holds no gate it is open from the
    beginning, and the attempt may be public from before its `init`.
    """

    NONE = "", "Not pulled"
    CLOSED = "closed", "Closed"
    OPEN = "open", "Open"
    # Nothing of it is served any more: whatever TikTok has been told, it cannot get the whole.
    REVOKED = "revoked", "Revoked"


class AttemptOutcome(models.TextChoices):
    """How an attempt ended."""

    OPEN = "", "Under way"
    # TikTok has it whole and has told the creator; it may still become public.
    DELIVERED = "delivered", "In the creator's inbox"
    PUBLISHED = "published", "Published"
    # Cannot become public any more: refused by TikTok, expired with bytes missing, or never known to us.
    FAILED = "failed", "Failed"


class Attempt(models.Model):
    """One `init` with all that follows from it.

    At most one attempt of a publication may ever become public: the database holds that (`attempt_one_public`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(
        "publishing.Publication", on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveIntegerField()
    route = models.CharField(max_length=20, choices=Route, default=Route.VIDEO_FILE)
    payload = models.JSONField()
    payload_sha256 = models.CharField(max_length=64)
    media_sha256 = models.CharField(max_length=64)
    # Of the same bytes, for comparing what goes out (publishing/checksums.py); empty for pulled media.
    media_checksum = models.CharField(max_length=48, blank=True)
    total_bytes = models.BigIntegerField()
    # Both 0 where TikTok fetches the files.
    chunk_size = models.BigIntegerField()
    total_chunk_count = models.PositiveIntegerField()
    # Under which lease it was begun: only that worker can hear TikTok's answer to its `init`.
    lease_epoch = models.BigIntegerField(default=0)
    init_started_at = models.DateTimeField()
    init_finished_at = models.DateTimeField(null=True, blank=True)
    publish_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    upload_url_sealed = models.TextField(blank=True)
    upload_expires_at = models.DateTimeField(null=True, blank=True)
    # Bytes TikTok has accepted, always a chunk boundary; `bytes_sent` also counts what is on its way.
    next_byte = models.BigIntegerField(default=0)
    bytes_sent = models.BigIntegerField(default=0)
    upload_started_at = models.DateTimeField(null=True, blank=True)
    # Committed before the last chunk goes out: from then on this attempt may become public.
    final_intent_at = models.DateTimeField(null=True, blank=True)
    upload_finished_at = models.DateTimeField(null=True, blank=True)
    gate = models.CharField(max_length=10, choices=Gate, default=Gate.NONE, blank=True)
    gate_opened_at = models.DateTimeField(null=True, blank=True)
    # What TikTok says it has fetched so far.
    downloaded_bytes = models.BigIntegerField(null=True, blank=True)
    remote_status = models.CharField(max_length=60, blank=True)
    remote_status_at = models.DateTimeField(null=True, blank=True)
    fail_reason = models.CharField(max_length=100, blank=True)
    tiktok_log_id = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=20, choices=AttemptOutcome, default=AttemptOutcome.OPEN, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["publication"],
                condition=(Q(final_intent_at__isnull=False) | Q(gate="open")) & ~Q(outcome="failed"),
                name="attempt_one_public",
            ),
            models.CheckConstraint(
                condition=Q(next_byte__gte=0) & Q(next_byte__lte=F("total_bytes")),
                name="attempt_bytes_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of publication {self.publication_id}"

    @property
    def way(self) -> Route:
        """The route as the enum it is."""
        return Route(self.route)

    @property
    def may_be_public(self) -> bool:
        """Whether TikTok may publish, or have published, what this attempt sent."""
        return (
            self.final_intent_at is not None or self.gate == Gate.OPEN
        ) and self.outcome != AttemptOutcome.FAILED


class EventKind(models.TextChoices):
    """Who or what an event tells of."""

    MOVE = "move", "The state changed"
    CALL = "call", "TikTok was asked"
    PERSON = "person", "A person acted"


class Event(models.Model):
    """One line of a publication's history; only ever added, which the database holds (publishing/guarantees.py)."""

    publication = models.ForeignKey("publishing.Publication", on_delete=models.PROTECT, related_name="events")
    attempt = models.ForeignKey(
        Attempt, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    kind = models.CharField(max_length=10, choices=EventKind)
    name = models.CharField(max_length=60)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    # Which version of the publication this move made; null for a line that is no move.
    version = models.BigIntegerField(null=True, blank=True)
    code = models.CharField(max_length=100, blank=True)
    tiktok_log_id = models.CharField(max_length=100, blank=True)
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "version"], name="event_one_move_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class AccountCall(models.Model):
    """One counted call to TikTok for an account, so that all workers together stay within its rates."""

    account = models.ForeignKey(TikTokAccount, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "endpoint", "at"], name="account_call_window")]

    def __str__(self) -> str:
        return f"{self.endpoint} for account {self.account_id}"
