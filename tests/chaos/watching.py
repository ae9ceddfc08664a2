"""Looks at the rows from outside while everything falls over: how far the posts are, who took over from the dead."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.checking import ENDED, HELD

LOOK_SECONDS = 0.1
# What PostgreSQL knows the watcher by; its connection is nobody's who is struck.
NAME = "chaos watcher"
_SETTLED = tuple(sorted(ENDED | HELD | {"waiting_reconnect"}))
_PLACES = ", ".join(f"'{state}'" for state in _SETTLED)
# Those that are not where they will stay, and those that nobody has taken up although they are due.
_OPEN = f"SELECT count(*) FROM publishing_publication WHERE state NOT IN ({_PLACES})"
_LEASES = (
    "SELECT id, lease_token::text, lease_until, clock_timestamp() FROM publishing_publication"
    " WHERE lease_token IS NOT NULL"
)


@dataclass(frozen=True)
class _Held:
    token: str
    until: Any


class Watcher:
    """Asks PostgreSQL ten times a second; a database that is down is asked again. A context manager."""

    def __init__(self, url: str, lease_seconds: float) -> None:
        self._url = url
        self._lease_seconds = lease_seconds
        self._held: dict[int, _Held] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        # Seconds from the last sign of life of a worker to the claim of the next, for each post left behind.
        self.takeovers: list[float] = []
        self.open: int | None = None

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            with (
                suppress(psycopg.Error),
                psycopg.connect(self._url, autocommit=True, application_name=NAME) as database,
            ):
                while not self._ended.wait(LOOK_SECONDS):
                    self._look(database)
            self._ended.wait(LOOK_SECONDS)

    def _look(self, database: psycopg.Connection[Any]) -> None:
        held: dict[int, _Held] = {}
        for pk, token, until, now in database.execute(_LEASES).fetchall():
            before = self._held.get(pk)
            if before is not None and before.token != token and before.until <= now:
                self.takeovers.append((now - before.until).total_seconds() + self._lease_seconds)
            held[pk] = _Held(token, until)
        # A lease that has run out stays in its row until somebody takes it; who gave it back is forgotten.
        self._held = held
        row = database.execute(_OPEN).fetchone()
        self.open = row[0] if row else None


def open_in_sqlite(path: Path) -> int:
    """The same count, out of the file."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as database:
        return int(database.execute(_OPEN).fetchone()[0])
