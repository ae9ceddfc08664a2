"""Links to servers that take more than their share: a worker's time before the file begins, the workspace's room."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from accounts.clock import database_now
from composer import importing
from composer.arriving import cancel_arrival
from composer.importing import fetch_arrival
from composer.models import Arrival, ArrivalState
from tests.composer.imports import Begin, fetch, left_on_disk
from tests.https_server import HttpsServer, Request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def drip_the_beginning(request: Request) -> None:
    """So slowly that what a file begins with, by which it is recognised, takes longer than anybody waits."""
    request.head(content_length="1000000")
    for _ in range(400):
        request.wfile.write(b"\0")
        time.sleep(0.02)


def drip_the_head(request: Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(400):
        request.wfile.write(b"X-%d: .\r\n" % number)
        time.sleep(0.02)


def test_a_file_whose_beginning_drips_is_left(
    server: HttpsServer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PATIENCE_SECONDS", 0.3)
    server.routes["/drip"] = drip_the_beginning
    started = time.monotonic()
    arrival = fetch(begin(server.url("/drip")), server)
    assert time.monotonic() - started < 4
    assert (arrival.state, arrival.tries) == (ArrivalState.RECEIVING, 1)


def test_cancelling_is_heard_before_a_file_has_begun(
    server: HttpsServer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.leases.BEAT_SECONDS", 0.05)
    server.routes["/drip"] = drip_the_beginning
    arrival = begin(server.url("/drip"))
    worker = threading.Thread(target=fetch_arrival, args=(arrival.pk,), kwargs={"terms": server.terms()})
    worker.start()
    deadline = time.monotonic() + 10
    while arrival.size_bytes is None and time.monotonic() < deadline:
        time.sleep(0.02)
        arrival.refresh_from_db()
    assert arrival.size_bytes == 1_000_000
    assert cancel_arrival(arrival, now=database_now())
    began = time.monotonic()
    worker.join(20)
    assert time.monotonic() - began < 4
    arrival.refresh_from_db()
    assert arrival.state == ArrivalState.CANCELLED
    assert left_on_disk() == []


def test_a_head_that_drips_has_little_time(server: HttpsServer, begin: Begin) -> None:
    """The time for a whole large file is hours: for the few lines before it nobody needs them."""
    server.routes["/drip"] = drip_the_head
    started = time.monotonic()
    arrival = fetch(begin(server.url("/drip")), server, head_seconds=0.5)
    assert time.monotonic() - started < 4
    assert (arrival.state, arrival.tries) == (ArrivalState.RECEIVING, 1)


def test_redirects_take_the_heads_time_together(server: HttpsServer, begin: Begin, film: bytes) -> None:
    def late(to: str) -> Callable[[Request], None]:
        def route(request: Request) -> None:
            time.sleep(0.4)
            request.answer(b"", status=302, location=to)

        return route

    server.routes["/a"], server.routes["/b"] = late("/b"), late("/film.mp4")
    server.file("/film.mp4", film)
    arrival = fetch(begin(server.url("/a")), server, head_seconds=0.6)
    assert (arrival.state, arrival.tries) == (ArrivalState.RECEIVING, 1)
    Arrival.objects.update(next_try_at=database_now())
    assert fetch(arrival, server, head_seconds=10.0).state == ArrivalState.CHECKING


def test_the_body_has_its_own_time(server: HttpsServer, begin: Begin, film: bytes) -> None:
    def slow(request: Request) -> None:
        request.head(content_length=str(len(film)))
        request.wfile.write(film[:5000])
        time.sleep(0.8)
        request.wfile.write(film[5000:])

    server.routes["/slow"] = slow
    assert fetch(begin(server.url("/slow")), server, head_seconds=0.5).state == ArrivalState.CHECKING


def chunked(film: bytes, **headers: str) -> Callable[[Request], None]:
    def route(request: Request) -> None:
        request.head(transfer_encoding="chunked", **headers)
        for at in range(0, len(film), 1000):
            block = film[at : at + 1000]
            request.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
        request.wfile.write(b"0\r\n\r\n")

    return route


@pytest.mark.parametrize("headers", [{}, {"content_length": "100"}], ids=["no length", "a wrong length"])
def test_what_comes_in_chunks_needs_room_in_the_workspace_too(
    server: HttpsServer, begin: Begin, film: bytes, settings: Any, headers: dict[str, str]
) -> None:
    settings.WORKSPACE_MAX_BYTES = len(film) - 1
    server.routes["/film.mp4"] = chunked(film, **headers)
    arrival = fetch(begin(server.url("/film.mp4")), server)
    assert arrival.state == ArrivalState.FAILED
    assert arrival.error.startswith("This workspace may hold ")
    assert left_on_disk() == []
    settings.WORKSPACE_MAX_BYTES = len(film)
    assert fetch(begin(server.url("/film.mp4")), server).size_bytes == len(film)
