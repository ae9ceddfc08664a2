"""Lets writers that come at the same moment share one transaction: each returns once its own row is committed.

SQLite has one writer, who waits for the disk: two hundred small transactions a second would queue up behind each
other. So whoever gets the turn writes for everybody who waits. Nobody waits for company.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass
class _Entry(Generic[Item]):
    item: Item
    is_done: bool = False
    error: Exception | None = None


class Intake(Generic[Item]):
    """Hands what several threads put in to `write`, in the order it came, as much at a time as has come."""

    def __init__(self, write: Callable[[Sequence[Item]], None]) -> None:
        self._write = write
        self._guard = threading.Lock()
        self._waiting: list[_Entry[Item]] = []
        self._turn = threading.Lock()

    def put(self, item: Item) -> None:
        """Return when it is written; raise what kept it from being."""
        entry = _Entry(item)
        with self._guard:
            self._waiting.append(entry)
        with self._turn:
            if not entry.is_done:
                self._write_all()
        if entry.error is not None:
            raise entry.error

    def _write_all(self) -> None:
        with self._guard:
            batch, self._waiting = self._waiting, []
        try:
            self._write([entry.item for entry in batch])
        except Exception as error:  # noqa: BLE001 - everybody in the batch raises it
            for entry in batch:
                entry.error = error
        finally:
            for entry in batch:
                entry.is_done = True
