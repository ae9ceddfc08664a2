"""Keeps the lease on background work alive, and its progress on the page, while the work goes on."""

import logging
import threading
from types import TracebackType
from typing import Any, Self

from django.db import Error, connection

from composer.models import WorkLease
from composer.models.work import WorkQuerySet

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0


class LeaseLostError(Exception):
    """Somebody else has the work, or it was given up: stop, and write nothing."""


class Heart:
    """Renews a lease every second in a thread of its own and stores `fields` with it; use it in a `with` block.

    The work sets `fields` (column → value) and calls `check` as often as it likes: that raises LeaseLostError once
    a beat has found the lease gone, and StoppedError once `stopping` is set. A database that cannot be reached is
    not yet a lost lease: the next beat tries again until the lease has run out by itself.
    """

    def __init__(
        self, rows: "WorkQuerySet[Any]", lease: WorkLease, *, stopping: threading.Event | None = None
    ) -> None:
        self.fields: dict[str, Any] = {}
        self._rows = rows
        self._lease = lease
        self._stopping = stopping or threading.Event()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{lease.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LeaseLostError when the lease is gone, StoppedError when the worker is to stop."""
        if self._lost.is_set():
            raise LeaseLostError
        if self._stopping.is_set():
            raise StoppedError

    def _beat(self) -> None:
        try:
            while not self._ended.wait(min(BEAT_SECONDS, self._lease.seconds / 4)):
                try:
                    if not self._rows.renew(self._lease, **self.fields):
                        return
                except Error:
                    logger.warning("the lease on %s was not renewed this time", self._lease.pk)
                    connection.close()
        finally:
            # Also after a fault of ours: a lease that nobody renews is as good as lost.
            self._lost.set()
            connection.close()


class StoppedError(Exception):
    """The worker was asked to stop: give the work back, the next worker begins it anew."""
