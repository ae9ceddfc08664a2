"""What TikTok fetches from us: an address per file and attempt, who asked for it, and the switched-off gate."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from composer.models import MediaFile

from .attempts import Attempt


class PullFile(models.Model):
    """One file of one attempt under an address of its own; only the SHA-256 of the address's secret is kept."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="pull_files")
    position = models.PositiveSmallIntegerField()
    media = models.ForeignKey(MediaFile, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    # The last part of the address: says nothing but what kind of file it is.
    name = models.CharField(max_length=20)
    size_bytes = models.BigIntegerField()
    content_type = models.CharField(max_length=50)
    requests = models.PositiveIntegerField(default=0)
    # How far into the file bytes have gone out, for the page.
    bytes_served = models.BigIntegerField(default=0)
    first_asked_at = models.DateTimeField(null=True, blank=True)
    last_asked_at = models.DateTimeField(null=True, blank=True)
    # Committed before the last byte goes out: without it nobody can have the whole file.
    last_byte_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="pull_file_place_once"),
            models.CheckConstraint(
                condition=Q(bytes_served__gte=0) & Q(bytes_served__lte=F("size_bytes")),
                name="pull_file_bytes_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.position + 1} of {self.attempt}"


class PullEnd(models.TextChoices):
    """How one request for a file ended."""

    OPEN = "", "Being answered"
    WHOLE = "whole", "Everything asked for was sent"
    # The last byte was asked for and not given: the gate stayed closed, or too many were waiting.
    WITHHELD = "withheld", "Cut before the last byte"
    LEFT = "left", "Broke off"


class PullHit(models.Model):
    """One request for a file: what was asked for, how much went out. The first of each file only (`MAX_HITS`)."""

    file = models.ForeignKey(PullFile, on_delete=models.CASCADE, related_name="hits")
    at = models.DateTimeField(db_default=Now())
    method = models.CharField(max_length=4)
    first_byte = models.BigIntegerField()
    last_byte = models.BigIntegerField()
    bytes_sent = models.BigIntegerField(default=0)
    end = models.CharField(max_length=10, choices=PullEnd, default=PullEnd.OPEN, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.method} {self.first_byte}-{self.last_byte} of {self.file}"


class GateDoubt(models.Model):
    """TikTok asked for a last byte, and waited its longest, while a worker waited for the answer to that `init`.

    A TikTok that wants the whole file before it answers does so every time; a lost answer looks the same once. The
    rows are those since TikTok last answered with the gate closed (publishing/gates.py).
    """

    at = models.DateTimeField(db_default=Now())
    attempt = models.ForeignKey(Attempt, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"doubt about the gate at {self.at}"


class GateOff(models.Model):
    """The commit gate switched itself off for this installation; on again at `ended_at`, by itself or by somebody."""

    at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=40)
    attempt = models.ForeignKey(Attempt, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # When the operators' mail is next to be tried; null once it went out or nothing is left to try.
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Always 1: with the constraint below, at most one row is in force.
    place = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(ended_at__isnull=True), name="gate_off_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"gate off since {self.at}"
