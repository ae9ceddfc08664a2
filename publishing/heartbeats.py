"""Keeps a lease alive, and the progress on the page, while a step waits for the network."""

import logging
import sqlite3
import threading
from types import TracebackType
from typing import Self

from django.db import Error, connection

from publishing.models import Attempt, Lease, LeaseLostError, Publication

logger = logging.getLogger(__name__)

# Progress must be stored at least every second; writing it takes a moment too.
BEAT_SECONDS = 0.5


class Progress:
    """How far an upload is: written by the sender, read by the heartbeat."""

    def __init__(self, attempt: Attempt | None = None) -> None:
        self.attempt = attempt
        self.sent = attempt.bytes_sent if attempt else 0
        self.accepted = attempt.next_byte if attempt else 0


class Heartbeat:
    """Renews the lease in a thread of its own, twice a second, and stores progress with it.

    Every network call of a step ends by its own time-out, so a heart that beats means a step that moves. When
    the lease is lost the sender learns it from `raise_if_lost` before its next byte. A database that cannot be
    reached is not yet a lost lease: the next beat tries again until the lease has run out by itself.
    """

    def __init__(self, lease: Lease, progress: Progress | None = None) -> None:
        self._lease = lease
        self._progress = progress or Progress()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, name=f"heartbeat-{lease.publication_id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def raise_if_lost(self) -> None:
        """Raise LeaseLostError once a beat found that the lease is somebody else's."""
        if self._lost.is_set():
            raise LeaseLostError

    def _beat(self) -> None:
        try:
            while not self._ended.wait(min(BEAT_SECONDS, self._lease.seconds / 4)):
                try:
                    self._write()
                except LeaseLostError:
                    return
                except (Error, sqlite3.Error):  # of a closed one Django lets sqlite3's own through
                    logger.warning("heartbeat of publication %s missed", self._lease.publication_id)
                    connection.close()
        finally:
            # Also after a fault of ours: a lease that nobody renews is as good as lost.
            self._lost.set()
            connection.close()

    def _write(self) -> None:
        attempt = self._progress.attempt
        with Publication.objects.fenced(self._lease):
            if attempt is not None:
                Attempt.objects.filter(pk=attempt.pk).update(
                    next_byte=self._progress.accepted, bytes_sent=self._progress.sent
                )
