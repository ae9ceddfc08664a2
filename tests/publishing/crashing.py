"""Ends, or freezes, a step of the engine at a named point: around each remote call and around each commit."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.clock import database_now
from publishing.models import AccountCall, Publication
from tests.publishing.driving import skip_wait
from tiktok.client import Client
from tiktok.upload_client import UploadClient

REMOTE = (
    (Client, "query_creator_info"),
    (Client, "init_video"),
    (Client, "init_inbox_video"),
    (Client, "pull_video"),
    (Client, "pull_inbox_video"),
    (Client, "post_photos"),
    (Client, "upload_photos"),
    (Client, "cancel"),
    (UploadClient, "put_chunk"),
    (Client, "fetch_status"),
)
WRITES = ("INSERT", "UPDATE", "DELETE")
LATER = timedelta(minutes=1)


class Crash(BaseException):
    """The process is gone: no `except Exception` may see this."""


@dataclass
class Points:
    """Counts the points a run passes, in order, and calls `strike` at one of them."""

    at: int | None = None
    strike: Callable[[str], None] = lambda name: None
    passed: list[str] = field(default_factory=list)
    _once: dict[str, Callable[[], object]] = field(default_factory=dict)
    _thread: int = field(default_factory=threading.get_ident)

    def on(self, name: str, work: Callable[[], object]) -> None:
        """Do `work` when a point of this name is passed for the first time."""
        self._once[name] = work

    def reach(self, name: str) -> None:
        if threading.get_ident() != self._thread:
            return  # the heartbeat, or the worker that takes over
        self.passed.append(name)
        if work := self._once.pop(name, None):
            work()
        if len(self.passed) - 1 == self.at:
            self.strike(name)


def die(_name: str) -> None:
    """What `kill -9` leaves: an open transaction is rolled back, nothing after this line runs."""
    connection.close()
    raise Crash


@contextmanager
def points(
    monkeypatch: pytest.MonkeyPatch, at: int | None, strike: Callable[[str], None]
) -> Iterator[Points]:
    """Every remote call and every commit of this thread passes here while the context is open."""
    watch = Points(at=at, strike=strike)
    with monkeypatch.context() as patch:
        for owner, name in REMOTE:
            patch.setattr(owner, name, _around(watch, name, getattr(owner, name)))
        commit = connection.commit
        patch.setattr(connection, "commit", _around(watch, "commit", commit, is_method=False))
        with connection.execute_wrapper(_Autocommitted(watch)):
            yield watch


def _around(
    watch: Points, name: str, work: Callable[..., Any], *, is_method: bool = True
) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        watch.reach(f"before {name}")
        answer = work(*args, **kwargs)
        watch.reach(f"after {name}")
        return answer

    return wrapped


class _Autocommitted:
    """A write outside a transaction is its own commit."""

    def __init__(self, watch: Points) -> None:
        self.watch = watch

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if connection.in_atomic_block or not sql.lstrip().startswith(WRITES):
            return execute(sql, params, many, context)
        name = " ".join(sql.split()[:3]).replace('"', "").replace(" SET", "")
        self.watch.reach(f"before {name}")
        answer = execute(sql, params, many, context)
        self.watch.reach(f"after {name}")
        return answer


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
