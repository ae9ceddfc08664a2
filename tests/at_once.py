"""Several callers let go at the same moment, each in a thread with its own connection to the database."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")
# Far longer than any of them takes to come to the start; one that broke on its way must not keep the others there.
LONGEST_WAIT_SECONDS = 30


def at_once(*works: Callable[[], Answer]) -> list[Answer]:
    """Their answers in their order. Raises what the first of them raised, after all have ended."""
    if len(works) < 2:
        raise ValueError("One alone races with nobody.")
    start = threading.Barrier(len(works), timeout=LONGEST_WAIT_SECONDS)

    def run(work: Callable[[], Answer]) -> Answer:
        try:
            connection.ensure_connection()
            start.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
