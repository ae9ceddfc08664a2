"""Background work as rows: what is due, who is at it, until when; a worker that dies leaves it to the next."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q

from accounts.clock import database_now


@dataclass(frozen=True, slots=True)
class WorkLease:
    """The right to do one piece of work; every write carries the token and stops when it matches no row."""

    pk: Any
    token: uuid.UUID
    now: datetime  # the database's clock at the claim
    seconds: float


Row = TypeVar("Row", bound="LeasedWork")


class WorkQuerySet(models.QuerySet[Row]):
    """Claiming, renewing and settling by one conditional UPDATE each: the same on SQLite and PostgreSQL."""

    def due(self, now: datetime) -> Self:
        """Work whose time has come and that nobody is at, the longest waiting first."""
        return (
            self.filter(next_try_at__lte=now)
            .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
            .order_by("next_try_at", "pk")
        )

    def to_hand_out(self, now: datetime) -> "models.QuerySet[Row, Any]":
        """Keys of what is due and has no message on its way."""
        rows = self.due(now).filter(Q(handed_out_until__isnull=True) | Q(handed_out_until__lt=now))
        return rows.values_list("pk", flat=True)

    def hand_out(self, pk: Any, *, now: datetime, until: datetime) -> bool:
        """Note that a message is on its way; False when another sweep was quicker."""
        return bool(self.to_hand_out(now).order_by().filter(pk=pk).update(handed_out_until=until))

    def claim(self, pk: Any, *, seconds: float) -> WorkLease | None:
        """Take the lease on one due piece of work; None when it is not due or somebody has it."""
        now = database_now()
        token = uuid.uuid4()
        claimed = (
            self.due(now)
            .order_by()
            .filter(pk=pk)
            .update(
                lease_token=token,
                lease_until=now + timedelta(seconds=seconds),
                handed_out_until=None,
                tries=F("tries") + 1,
            )
        )
        return WorkLease(pk=pk, token=token, now=now, seconds=seconds) if claimed else None

    def renew(self, lease: WorkLease, **fields: Any) -> bool:
        """Push the lease's end out and write progress; False means that it is lost: stop, and write nothing."""
        until = database_now() + timedelta(seconds=lease.seconds)
        return bool(self.filter(pk=lease.pk, lease_token=lease.token).update(lease_until=until, **fields))

    def settle(self, lease: WorkLease, *, next_try_at: datetime | None = None, **fields: Any) -> bool:
        """Give the lease back and write what came of it; `next_try_at` None means that nothing is left to do."""
        return bool(
            self.filter(pk=lease.pk, lease_token=lease.token).update(
                lease_token=None, lease_until=None, next_try_at=next_try_at, **fields
            )
        )


class LeasedWork(models.Model):
    """A row that says by itself whether there is work to do: `next_try_at` is null when there is none."""

    next_try_at = models.DateTimeField(null=True, blank=True)
    # How often it was begun: work that kills its worker must not be begun without end.
    tries = models.PositiveIntegerField(default=0)
    handed_out_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
