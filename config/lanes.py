"""The worker's threads in lanes: each kind of work has its own, so that none keeps another waiting.

Celery's pool of threads is one queue for everything: eight uploads of an hour each, and nothing else happens. Here
the queue a message came by names its lane. A message is only a hint, because the database remembers what is due. So
it is taken off the broker at once, one that its lane holds already is dropped, and so is one for which there is no
room: its row is handed out again within seconds.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from celery.concurrency.base import BasePool, apply_target
from celery.concurrency.thread import ApplyResult  # type: ignore[attr-defined]  # the stubs lack it
from django.conf import settings
from django.db import connections

# Where what has no queue of its own goes: mail, pictures, clearing up.
CHORES = "greenroom"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lane:
    """How many pieces of one kind of work are done side by side, and how many more may wait for them.

    A thread that is seldom at work gives its connection to the database back each time: PostgreSQL has a hundred by
    default, for all workers and the web together.
    """

    threads: int
    room: int
    keeps_connection: bool = False
    shortens_turns: bool = False


def lanes() -> dict[str, Lane]:
    """The lanes by the name of their queue."""
    uploads = settings.WORKER_UPLOAD_THREADS
    return {
        # Nothing but finding out what is due: it must never wait for anything else.
        "sweep": Lane(threads=2, room=4, keeps_connection=True),
        # Short steps of publications: asking, `init`, small files, status.
        "steps": Lane(threads=settings.WORKER_STEP_THREADS, room=256, keeps_connection=True),
        # What TikTok's events say: a flood of them keeps nothing else waiting.
        "hints": Lane(threads=1, room=2, keeps_connection=True),
        # Whatever reads a large file whole, to hash or to send it.
        "uploads": Lane(threads=uploads, room=uploads, shortens_turns=True),
        # As many as composer.tasks lets be under way at once.
        "media": Lane(threads=5 + settings.MEDIA_FIXES_AT_ONCE, room=32),
        CHORES: Lane(threads=4, room=32),
    }


# Which task goes into which queue; what is not named here is a chore.
TASK_ROUTES = {
    "publishing.tasks.publish_due": {"queue": "sweep"},
    "composer.tasks.work_due": {"queue": "sweep"},
    "publishing.tasks.beat_steps": {"queue": "steps"},
    "publishing.tasks.advance_one": {"queue": "steps"},
    "publishing.tasks.hear_webhooks_due": {"queue": "hints"},
    "accounts.tasks.refresh_ahead_one": {"queue": "steps"},
    "accounts.tasks.keep_alive_one": {"queue": "steps"},
    "accounts.tasks.check_access_one": {"queue": "steps"},
    "publishing.tasks.advance_large_one": {"queue": "uploads"},
    "composer.tasks.check_one": {"queue": "media"},
    "composer.tasks.fetch_one": {"queue": "media"},
    "composer.tasks.fix_one": {"queue": "media"},
}


class ShortTurns:
    """Has all threads of a worker take short turns at Python's lock, for as long as anybody needs them to.

    Whoever sends a large file asks for the lock at every block, and would wait up to 5 ms for each step beside it:
    1 GB goes out at 0.84 of what a bare loop does instead of 0.74. Not always, because every thread that waits
    wakes up at the end of each turn: eight that take steps got half as much done on two busy cores.
    """

    SECONDS = 0.0005

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._needed_by = 0
        self._usual = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Short turns until the last of those inside has left."""
        with self._lock:
            if self._needed_by == 0:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(self.SECONDS)
            self._needed_by += 1
        try:
            yield
        finally:
            with self._lock:
                self._needed_by -= 1
                if self._needed_by == 0:
                    sys.setswitchinterval(self._usual)


_short_turns = ShortTurns()


class LaneThreads:
    """The threads of one lane, and what waits for one of them."""

    def __init__(self, name: str, lane: Lane) -> None:
        self._executor = ThreadPoolExecutor(lane.threads, thread_name_prefix=name)
        self._lane = lane
        self._lock = threading.Lock()
        self._waiting: set[Key] = set()

    def offer(self, key: Key, work: Callable[[], None]) -> "Future[None] | None":
        """Have it done by the next free thread; None when the very same waits already, or there is no room."""
        with self._lock:
            if key in self._waiting or len(self._waiting) >= self._lane.room:
                return None
            self._waiting.add(key)

        def run() -> None:
            with self._lock:
                self._waiting.discard(key)
            try:
                with _short_turns.taken() if self._lane.shortens_turns else nullcontext():
                    work()
            finally:
                if not self._lane.keeps_connection:
                    connections.close_all()

        return self._executor.submit(run)

    def stop(self, *, wait: bool) -> None:
        """Begin nothing more; with `wait`, return once everything begun has ended."""
        self._executor.shutdown(wait=wait, cancel_futures=True)


class LanePool(BasePool):
    """Celery's pool, with a set of threads for each queue."""

    body_can_be_buffer = True
    signal_safe = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lanes = {name: LaneThreads(name, lane) for name, lane in lanes().items()}

    def on_stop(self) -> None:
        for lane in self._lanes.values():
            lane.stop(wait=False)
        for lane in self._lanes.values():
            lane.stop(wait=True)
        super().on_stop()

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        callback: Callable[..., Any],
        accept_callback: Callable[..., Any],
        **_options: Any,
    ) -> ApplyResult:
        """Called by Celery for each message: `args` begins with the task's name, its id, its headers and its body."""
        name, _id, headers, body, *_encoding = args
        # Acknowledged here and not when its turn comes: what waits must not keep the rest in the broker.
        accept_callback(os.getpid(), time.monotonic())
        lane = self._lanes.get(headers["delivery_info"]["routing_key"], self._lanes[CHORES])
        future = lane.offer((name, str(body)), lambda: apply_target(target, args, kwargs, callback))
        if future is None:
            future = Future()
            future.set_result(None)
            callback((False, None, 0.0))
        return ApplyResult(future)
