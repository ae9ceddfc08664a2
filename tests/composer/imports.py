"""Drives an import by link against the tests' own internet, without a worker and without waiting."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from accounts.clock import database_now
from composer.importing import MAX_TRIES, fetch_arrival
from composer.models import Arrival, ArrivalState
from composer.storing import incoming_folder
from tests.https_server import HttpsServer

Begin = Callable[[str], Arrival]


def make_due(arrival: Arrival) -> None:
    """As if its gap were over."""
    Arrival.objects.filter(pk=arrival.pk).update(next_try_at=database_now())


def fetch(arrival: Arrival, server: HttpsServer, **terms: Any) -> Arrival:
    assert fetch_arrival(arrival.pk, terms=server.terms(**terms))
    arrival.refresh_from_db()
    return arrival


def fetch_to_the_end(arrival: Arrival, server: HttpsServer, **terms: Any) -> Arrival:
    for _ in range(MAX_TRIES):
        make_due(arrival)
        fetch(arrival, server, **terms)
        if arrival.state != ArrivalState.RECEIVING:
            return arrival
    raise AssertionError("still being fetched")


def left_on_disk() -> list[Path]:
    return list(incoming_folder().iterdir())
