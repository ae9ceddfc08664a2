"""Imports that are cut short: by a line that breaks, a worker that ends or wakes up late, a person who cancels."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.clock import database_now
from composer import importing
from composer.arriving import cancel_arrival, path_of
from composer.importing import MAX_TRIES, fetch_arrival
from composer.models import Arrival, ArrivalState
from composer.storing import incoming_folder
from tests.composer.imports import Begin, fetch, fetch_to_the_end, left_on_disk, make_due
from tests.https_server import HttpsServer, Request

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class TestALineThatBreaks:
    def test_is_tried_again_after_a_growing_gap(self, server: HttpsServer, begin: Begin, film: bytes) -> None:
        answers = iter([len(film) // 3, len(film) // 2, len(film)])

        def cut(request: Request) -> None:
            request.head(content_length=str(len(film)))
            request.wfile.write(film[: next(answers)])

        server.routes["/film.mp4"] = cut
        arrival = begin(server.url("/film.mp4"))
        gaps = []
        for _ in range(2):
            make_due(arrival)
            before = database_now()
            fetch(arrival, server)
            assert (arrival.state, arrival.progress_bytes) == (ArrivalState.RECEIVING, 0)
            assert left_on_disk() == [path_of(arrival.pk)]
            assert arrival.next_try_at is not None
            gaps.append(arrival.next_try_at - before)
        assert timedelta(seconds=4) <= gaps[0] < timedelta(seconds=8)
        assert timedelta(seconds=16) <= gaps[1] < timedelta(seconds=20)
        make_due(arrival)
        assert fetch(arrival, server).state == ArrivalState.CHECKING
        assert path_of(arrival.pk).read_bytes() == film

    @pytest.mark.parametrize(
        ("route", "text"),
        [
            (lambda request: request.head(content_length="9"), "The server behind this link broke off"),
            (lambda request: request.answer(b"", status=503), "The server behind this link is busy"),
            (lambda request: request.answer(b"", status=429), "The server behind this link is busy"),
            (lambda request: time.sleep(1), "The server behind this link is too slow"),
        ],
    )
    def test_is_not_tried_for_ever(
        self, server: HttpsServer, begin: Begin, route: Callable[[Request], None], text: str
    ) -> None:
        server.routes["/film.mp4"] = route
        arrival = fetch_to_the_end(begin(server.url("/film.mp4")), server, silence_seconds=0.3)
        assert arrival.state == ArrivalState.FAILED
        assert arrival.error.startswith(text)
        assert len(server.seen) == MAX_TRIES
        assert left_on_disk() == []

    def test_is_left_when_it_only_drips(
        self, server: HttpsServer, begin: Begin, film: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(importing, "PATIENCE_SECONDS", 0.3)

        def drip(request: Request) -> None:
            request.head(content_length=str(len(film)))
            request.wfile.write(film[:5000])
            for at in range(5000, 10_000):
                request.wfile.write(film[at : at + 1])
                time.sleep(0.02)

        server.routes["/drip"] = drip
        started = time.monotonic()
        arrival = fetch(begin(server.url("/drip")), server)
        assert (arrival.state, arrival.tries) == (ArrivalState.RECEIVING, 1)
        assert time.monotonic() - started < 2

    def test_has_an_end_however_lively_it_is(self, server: HttpsServer, begin: Begin, film: bytes) -> None:
        def drip(request: Request) -> None:
            request.head(content_length=str(len(film)))
            for at in range(5000):
                request.wfile.write(film[at : at + 1])
                time.sleep(0.02)

        server.routes["/drip"] = drip
        started = time.monotonic()
        fetch(begin(server.url("/drip")), server, seconds=0.6)
        assert time.monotonic() - started < 2


class TestAWorkerThatEnds:
    def test_leaves_the_import_to_the_next_which_begins_anew(
        self, server: HttpsServer, begin: Begin, film: bytes
    ) -> None:
        arrival = begin(server.file("/film.mp4", film))
        lease = Arrival.objects.claim(arrival.pk, seconds=0.0)
        assert lease is not None
        half = incoming_folder() / f"{arrival.pk.hex}.{lease.token.hex}.part"
        half.write_bytes(film[:1000])
        assert fetch(arrival, server).state == ArrivalState.CHECKING
        assert path_of(arrival.pk).read_bytes() == film

    def test_three_times_is_the_end_of_it(self, server: HttpsServer, begin: Begin, film: bytes) -> None:
        arrival = begin(server.file("/film.mp4", film))
        for _ in range(MAX_TRIES):
            assert Arrival.objects.claim(arrival.pk, seconds=0.0) is not None
            time.sleep(0.01)
        fetch(arrival, server)
        assert arrival.state == ArrivalState.FAILED
        assert arrival.error.startswith("Fetching this link was begun 3 times")
        assert server.seen == []

    def test_asked_to_stop_gives_it_back_uncounted(
        self, server: HttpsServer, begin: Begin, film: bytes
    ) -> None:
        stopping = threading.Event()
        stopping.set()
        arrival = begin(server.file("/film.mp4", film))
        assert fetch_arrival(arrival.pk, stopping=stopping, terms=server.terms())
        arrival.refresh_from_db()
        assert (arrival.state, arrival.tries, arrival.lease_token) == (ArrivalState.RECEIVING, 0, None)
        assert left_on_disk() == [path_of(arrival.pk)]
        assert fetch(arrival, server).state == ArrivalState.CHECKING

    def test_that_wakes_up_late_touches_nothing_of_its_successor(
        self, server: HttpsServer, begin: Begin, film: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first worker sleeps in the middle and loses its lease; the second one's file must stay whole."""
        monkeypatch.setattr("composer.leases.BEAT_SECONDS", 0.05)
        asleep, wake = threading.Event(), threading.Event()
        first = iter([True])

        def route(request: Request) -> None:
            request.head(content_length=str(len(film)))
            request.wfile.write(film[:10_000])
            if next(first, False):
                asleep.set()
                wake.wait(10)
                request.wfile.write(b"\0" * (len(film) - 10_000))
            else:
                request.wfile.write(film[10_000:])

        server.routes["/film.mp4"] = route
        arrival = begin(server.url("/film.mp4"))
        worker = threading.Thread(target=fetch_arrival, args=(arrival.pk,), kwargs={"terms": server.terms()})
        worker.start()
        assert asleep.wait(10)
        Arrival.objects.filter(pk=arrival.pk).update(
            lease_until=database_now() - timedelta(seconds=1), lease_token=None
        )
        assert fetch(arrival, server).state == ArrivalState.CHECKING
        wake.set()
        worker.join()
        assert path_of(arrival.pk).read_bytes() == film
        assert left_on_disk() == [path_of(arrival.pk)]

    def test_finds_nothing_to_do_in_what_has_moved_on(
        self, server: HttpsServer, begin: Begin, film: bytes
    ) -> None:
        arrival = fetch(begin(server.file("/film.mp4", film)), server)
        assert fetch_arrival(arrival.pk, terms=server.terms()) is False
        arrival.refresh_from_db()
        assert (arrival.state, arrival.tries, arrival.lease_token) == (ArrivalState.CHECKING, 0, None)
        assert arrival.next_try_at is not None


def test_cancelling_ends_the_fetch_within_a_moment_and_leaves_nothing(
    server: HttpsServer, begin: Begin, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composer.leases.BEAT_SECONDS", 0.05)
    started = threading.Event()

    def endless(request: Request) -> None:
        request.head(content_length=str(10**9))
        request.wfile.write(film[:10_000])
        started.set()
        while True:
            request.wfile.write(b"\0" * 1000)
            time.sleep(0.01)

    server.routes["/endless"] = endless
    arrival = begin(server.url("/endless"))
    worker = threading.Thread(target=fetch_arrival, args=(arrival.pk,), kwargs={"terms": server.terms()})
    worker.start()
    assert started.wait(10)
    assert cancel_arrival(arrival, now=database_now())
    worker.join(5)
    assert not worker.is_alive()
    arrival.refresh_from_db()
    assert (arrival.state, arrival.url) == (ArrivalState.CANCELLED, "")
    assert left_on_disk() == []
