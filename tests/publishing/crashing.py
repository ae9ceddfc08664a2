"""The one hook that every remote call and every commit of the engine passes, each under a name; tests strike there.

A call is named by the method of TikTok's client that makes it, a commit by the function that opened the transaction
(or that wrote without one). A run that meets a name which stands in neither list fails; one that stands there is
struck by every test of the matrix whose way passes it.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import Any

import httpx
import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.clock import database_now
from config.celery import close_what_is_broken_or_old
from publishing.engine import advance
from publishing.models import AccountCall, Publication
from publishing.starting import leave_together
from publishing.tasks import _hand_out
from tests.publishing.driving import skip_wait

CALLS = frozenset(
    {
        "query_creator_info",
        "init_video",
        "init_inbox_video",
        "pull_video",
        "pull_inbox_video",
        "post_photos",
        "upload_photos",
        "cancel",
        "put_chunk",
        "fetch_status",
        "fetch_user_info",
        "refresh",
    }
)
COMMITS = frozenset(
    {
        "publications.claim",
        "engine._settle",
        "budgets.take_call",
        "creators._keep",
        "attempts.begin_by_file",
        "attempts.begin_by_pull",
        "attempts.judge_failed_init",
        "attempts._leave_unanswered",
        "pulls.settle_by_log",
        "sending._begin",
        "sending._note_final_intent",
        "cancelling.ask_to_cancel",
        "heartbeats._write",
        "hosts.take_turn",
        "hosts.give_back",
        "hosts.note_silence",
        "hosts.note_answer",
        "tokens._claim",
        "tokens._give_back",
        "tokens._settle_granted",
        "tokens._needs_reconnect",
    }
)
# Of a sweep, which takes no step: tests/publishing/test_leaving_together.py kills it at each, in this order.
SWEEP = ("starting.leave_together", "publications.hand_out")
NAMED = CALLS | COMMITS | set(SWEEP)
WRITES = ("INSERT", "UPDATE", "DELETE")
OURS = ("accounts.", "composer.", "config.", "publishing.", "review.", "tests.", "tiktok.")
# The engine's step, and what a sweep does to the rows.
ENTRIES = frozenset(entry.__code__ for entry in (advance, leave_together, _hand_out))
CLIENTS = ("tiktok.client", "tiktok.upload_client", "tiktok.oauth")
LATER = timedelta(minutes=1)


class Crash(BaseException):
    """The process is gone: no `except Exception` may see this."""


class UnnamedError(AssertionError):
    """The engine called somebody, or committed something, under a name that is in no list."""


@dataclass
class Points:
    """Counts the points a run passes, in order, and calls `strike` at one of them: by its number, or by its name."""

    at: int | Callable[[str], bool] | None = None
    strike: Callable[[str], None] = lambda name: None
    passed: list[str] = field(default_factory=list)
    _once: dict[str, Callable[[], object]] = field(default_factory=dict)
    _thread: int = field(default_factory=threading.get_ident)
    _is_striking: bool = False

    def on(self, name: str, work: Callable[[], object]) -> None:
        """Do `work` when a point of this name is passed for the first time."""
        self._once[name] = work

    def reach(self, name: str) -> None:
        if threading.get_ident() != self._thread or self._is_striking:
            return  # the heartbeat, the worker that takes over, or what a test does at a point
        self.passed.append(name)
        is_struck = self.at(name) if callable(self.at) else len(self.passed) - 1 == self.at
        self._is_striking = True
        try:
            if work := self._once.pop(name, None):
                work()
            if is_struck:
                self.strike(name)
        finally:
            self._is_striking = False


@contextmanager
def points(
    monkeypatch: pytest.MonkeyPatch, at: int | Callable[[str], bool] | None, strike: Callable[[str], None]
) -> Iterator[Points]:
    """Every remote call and every commit of the engine passes here while the context is open."""
    watch = Points(at=at, strike=strike)
    unnamed: set[str] = set()
    send, commit = httpx.HTTPTransport.handle_request, BaseDatabaseWrapper.commit

    def hook(name: str | None, work: Callable[[], Any]) -> Any:
        if name is None:
            return work()
        if name not in NAMED:
            unnamed.add(name)
        watch.reach(f"before {name}")
        answer = work()
        watch.reach(f"after {name}")
        return answer

    def sent(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = hook(name_of_call(request), lambda: send(transport, request))
        return response

    def committed(database: BaseDatabaseWrapper) -> None:
        hook(name_of_commit(), lambda: commit(database))

    def executed(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        # A write outside a transaction is its own commit.
        is_commit = not connection.in_atomic_block and sql.lstrip().startswith(WRITES)
        return hook(name_of_commit() if is_commit else None, lambda: execute(sql, params, many, context))

    with monkeypatch.context() as patch, connection.execute_wrapper(executed):
        patch.setattr(httpx.HTTPTransport, "handle_request", sent)
        patch.setattr(BaseDatabaseWrapper, "commit", committed)
        try:
            yield watch
        finally:
            if unnamed:
                raise UnnamedError(
                    f"in no list of tests/publishing/crashing.py: {', '.join(sorted(unnamed))}"
                )


def name_of_call(request: httpx.Request) -> str | None:
    """The client's method that makes this call, the address of a call by anybody else; None for a test's own."""
    frames = _frames_of_the_engine()
    if frames is None:
        return None
    methods = [frame.f_code.co_name for frame in frames if frame.f_globals["__name__"] in CLIENTS]
    return methods[-1] if methods else f"{request.method} {request.url.copy_with(query=None)}"


def name_of_commit() -> str | None:
    """The function whose transaction it is, as `module.function`; None for a test's own."""
    frames = _frames_of_the_engine()
    if frames is None:
        return None
    frame = next(
        frame
        for frame in frames
        if f"{frame.f_globals['__name__']}.".startswith(OURS)
        and frame.f_globals["__name__"] != __name__
        and frame.f_code.co_name != "fenced"  # opens one for somebody else
    )
    return f"{frame.f_globals['__name__'].rpartition('.')[2]}.{frame.f_code.co_name}"


def _frames_of_the_engine() -> list[FrameType] | None:
    """The callers, from the innermost to the step or sweep they belong to; None outside, or for what a test does."""
    is_heartbeat = threading.current_thread().name.startswith("heartbeat-")
    frames: list[FrameType] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not Points.reach.__code__:
        frames.append(frame)
        if frame.f_code in ENTRIES:
            return frames
        frame = frame.f_back
    return frames if is_heartbeat and frame is None else None


# --- What may strike at a point ------------------------------------------------------------------------------


def die(_name: str) -> None:
    """What `kill -9` leaves: an open transaction is rolled back, nothing after this line runs."""
    connection.close()
    raise Crash


def cut(name: str) -> None:
    """The database connection breaks; the process goes on and learns it from the driver.

    Right after a commit, the commit's own answer is what got lost: it is done and reported as failed.
    """
    broken = connection.connection
    assert broken is not None
    if connection.vendor == "postgresql":
        # By the server, and from another connection, as an operator or a failover does it.
        with psycopg.connect(broken.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [broken.info.backend_pid])
    else:
        broken.close()
    if name.removeprefix("after ") in COMMITS:
        raise OperationalError("the connection broke")


def begin_next_task() -> None:
    """What a worker does with the database around each task, whatever became of the one before."""
    close_what_is_broken_or_old()
    if connection.vendor == "sqlite":
        connection.close()  # nothing but `cut` ever closes a file behind Django's back


def let_time_pass(publication: Publication) -> None:
    """Leases run out, waits end and rate windows empty."""
    AccountCall.objects.all().delete()
    earlier = database_now() - LATER
    Publication.objects.filter(pk=publication.pk, lease_until__isnull=False).update(lease_until=earlier)
    publication.attempts.filter(init_finished_at=None).update(init_started_at=earlier)
    skip_wait(publication)


def in_another_worker(work: Callable[[], None]) -> None:
    """Do it in a thread with its own connection, and wait for the end."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
