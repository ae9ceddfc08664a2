"""The rows of what people are told: the event, each person's copy of it, and the mails that are to go out."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.clock import database_now

from .people import Membership, TikTokAccount, User, Workspace


class Kind(models.TextChoices):
    """What a workspace's people are told of; what each is like stands in accounts/notifications/kinds.py."""

    HELD = "held", "A post is held"
    UNCONFIRMED = "unconfirmed", "A post is unconfirmed"
    FAILED = "failed", "A post failed"
    NEEDS_RECONNECT = "needs_reconnect", "An account needs reconnecting"
    ENDS_SOON = "ends_soon", "An account's permission ends soon"
    PAUSED = "paused", "An account pauses"
    MOVED_AWAY = "moved_away", "An account was moved to another workspace"
    PUBLISHED = "published", "A post is published"
    DELIVERED = "delivered", "A draft is in the creator's inbox"


class MailTime(models.TextChoices):
    """When a person wants a mail about a kind of event. In the app they are told in any case."""

    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "In the daily digest"
    OFF = "off", "No e-mail"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unsettled(self, about: str) -> Self:
        """What was told of this thing and still stands."""
        return self.filter(about=about, settled_at__isnull=True)


class Notification(models.Model):
    """One event that a workspace's people are told of, written in the event's own transaction.

    `key` names the event, so that the same one is told once, whoever tells it. The words are stored as they
    were true then; the account and the post may be renamed, moved or gone by the time somebody reads them.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="notifications")
    account = models.ForeignKey(TikTokAccount, on_delete=models.SET_NULL, null=True, related_name="+")
    account_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    reason = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=200, unique=True)
    # What it is about, for whoever settles it later: "publication:7", "account:3".
    about = models.CharField(max_length=60)
    # What the post is called; empty where it is about an account.
    subject = models.CharField(max_length=200, blank=True)
    happened = models.TextField(blank=True)
    to_do = models.TextField(blank=True)
    # When it changes by itself: the end of a pause, or of a permission.
    until = models.DateTimeField(null=True, blank=True)
    action = models.CharField(max_length=60)
    # Addresses of ours, without the host.
    path = models.CharField(max_length=300)
    picture_path = models.CharField(max_length=300, blank=True)
    # Since when nothing needs doing any more: somebody dealt with it, or it went on by itself.
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notification_kind_known")
        ]
        indexes = [
            models.Index(
                fields=["about"], name="notification_unsettled", condition=Q(settled_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def group(self) -> str:
        """What is told together in one mail: the same for the same reason at the same account."""
        return f"{self.kind}:{self.account_id}:{self.reason}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> Self:
        """This person's own, as long as they belong to the workspace."""
        here = Membership.objects.filter(user=user, workspace=OuterRef("notification__workspace"))
        return self.filter(Exists(here), person=user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def to_pack(self, now: datetime) -> Self:
        """What is to be put into a mail by now."""
        return self.filter(mail__isnull=True, mail_due_at__lte=now)


class Delivery(models.Model):
    """One person's copy of a notification: whether it was read here, and when it is to go out by mail."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deliveries")
    read_at = models.DateTimeField(null=True, blank=True)
    # From when it may go into a mail; null when it need not.
    mail_due_at = models.DateTimeField(null=True, blank=True)
    in_digest = models.BooleanField(default=False)
    # The mail it went into.
    mail = models.ForeignKey(
        "accounts.Mail", on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    # Nobody knows whether an earlier mail about it arrived: the server's answer was lost.
    mail_in_doubt = models.BooleanField(default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "person"], name="delivery_once_per_person")
        ]
        indexes = [
            models.Index(fields=["person", "-notification"], name="delivery_newest"),
            models.Index(fields=["person"], name="delivery_unread", condition=Q(read_at__isnull=True)),
            models.Index(
                fields=["mail_due_at"],
                name="delivery_to_pack",
                condition=Q(mail_due_at__isnull=False, mail__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"notification {self.notification_id} for person {self.person_id}"


class MailOutcome(models.TextChoices):
    """How a mail ended."""

    OPEN = "", "Not sent yet"
    SENT = "sent", "The mail server took it"
    # It had every byte, and its answer never came. Not sent again: it may have arrived.
    IN_DOUBT = "in_doubt", "The mail server may have taken it"
    REFUSED = "refused", "The mail server refused it, or could not be reached for days"
    NOT_NEEDED = "not_needed", "Everything in it was read or dealt with before it went out"


@dataclass(frozen=True)
class MailLease:
    """The right to send one mail; every write of its sender carries the token."""

    mail_id: int
    token: uuid.UUID


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: datetime) -> Self:
        """Those to be sent now that nobody is sending, the longest waiting first."""
        return (
            self.filter(outcome=MailOutcome.OPEN, handed_at__isnull=True, due_at__lte=now)
            .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
            .order_by("due_at", "pk")
        )

    def left_in_doubt(self, now: datetime) -> Self:
        """Those whose last byte may have gone out, and whose sender has not been heard of since."""
        return self.filter(outcome=MailOutcome.OPEN, handed_at__isnull=False, lease_until__lt=now)

    def claim(self, pk: int, *, seconds: float) -> MailLease | None:
        """Take the lease on one mail; None when it is not due or another worker sends it."""
        now = database_now()
        lease = MailLease(pk, uuid.uuid4())
        claimed = (
            self.due(now)
            .order_by()
            .filter(pk=pk)
            .update(
                lease_token=lease.token,
                lease_until=now + timedelta(seconds=seconds),
                tries=models.F("tries") + 1,
            )
        )
        return lease if claimed else None

    def held_by(self, lease: MailLease) -> Self:
        """The mail, for as long as nobody else has taken it over."""
        return self.filter(pk=lease.mail_id, lease_token=lease.token)


class Mail(models.Model):
    """One e-mail to one person: the outbox. What it says is in its deliveries.

    Its Message-ID is made with the row, so that a mail that were ever sent again could be known by it.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    is_digest = models.BooleanField(default=False)
    group = models.CharField(max_length=200, blank=True)
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Committed before the last byte goes to the mail server: from then on it may have been taken.
    handed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=MailOutcome, default=MailOutcome.OPEN, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=MailOutcome.values), name="mail_outcome_known"),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_until__isnull=True)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="mail_lease_whole",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="sent") | Q(handed_at__isnull=False), name="mail_sent_was_handed_over"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=Q(outcome="")),
            models.Index(fields=["person", "group", "-created_at"], name="mail_last_of_group"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk} to person {self.person_id}"


class MailChoice(models.Model):
    """When one person wants mails about one kind, where that is not the usual."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mail_choices")
    kind = models.CharField(max_length=20, choices=Kind)
    time = models.CharField(max_length=10, choices=MailTime)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="mail_choice_once_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="mail_choice_kind_known"),
            models.CheckConstraint(condition=Q(time__in=MailTime.values), name="mail_choice_time_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.time}"
