"""Import by link: fetched from a real HTTPS server, streamed, refused in words, and begun anew when cut short."""

import hashlib
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.clock import database_now
from accounts.models import User, Workspace
from composer import importing, receiving
from composer.arriving import cancel_arrival, path_of
from composer.checking import check_arrival
from composer.importing import MOST_LINKS, LinkRefusedError, ask_import, fetch_arrival
from composer.links import WEB_PAGE
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile
from composer.storing import open_media
from composer.tasks import fetch_one, work_due
from tests.composer.imports import Begin, fetch, left_on_disk
from tests.factories import make_media
from tests.https_server import PRIVATE, HttpsServer, Request
from tests.media import make_picture

pytestmark = pytest.mark.django_db(transaction=True)


class TestAFile:
    def test_comes_into_the_library_byte_for_byte(
        self, server: HttpsServer, begin: Begin, film: bytes, alice: User
    ) -> None:
        arrival = fetch(begin(server.file("/films/fog%20walk.mp4", film)), server)
        assert (arrival.state, arrival.size_bytes, arrival.url) == (ArrivalState.CHECKING, len(film), "")
        assert path_of(arrival.pk).read_bytes() == film
        assert left_on_disk() == [path_of(arrival.pk)]
        assert check_arrival(arrival.pk)
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.DONE
        media = arrival.media
        assert media is not None
        assert (media.original_name, media.uploaded_by, media.is_ready) == ("fog walk.mp4", alice, True)
        with open_media(media) as stored:
            assert hashlib.file_digest(stored, "sha256").hexdigest() == hashlib.sha256(film).hexdigest()
        assert left_on_disk() == []

    def test_may_hide_its_length_and_be_called_anything(
        self, server: HttpsServer, begin: Begin, film: bytes
    ) -> None:
        def chunked(request: Request) -> None:
            request.head(content_type="text/html", transfer_encoding="chunked")
            for at in range(0, len(film), 1000):
                block = film[at : at + 1000]
                request.wfile.write(b"%x\r\n%b\r\n" % (len(block), block))
            request.wfile.write(b"0\r\n\r\n")

        server.routes["/dl"] = chunked
        arrival = fetch(begin(server.url("/dl?id=7")), server)
        assert (arrival.state, arrival.size_bytes) == (ArrivalState.CHECKING, len(film))
        assert path_of(arrival.pk).read_bytes() == film

    def test_shows_how_far_it_is(
        self, server: HttpsServer, begin: Begin, film: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("composer.leases.BEAT_SECONDS", 0.05)
        half, go_on = len(film) // 2, threading.Event()

        def slow(request: Request) -> None:
            request.head(
                content_length=str(len(film)), content_disposition='attachment; filename="../fog.mp4"'
            )
            request.wfile.write(film[:half])
            go_on.wait(10)
            request.wfile.write(film[half:])

        server.routes["/slow"] = slow
        arrival = begin(server.url("/slow"))
        worker = threading.Thread(target=fetch_arrival, args=(arrival.pk,), kwargs={"terms": server.terms()})
        worker.start()
        try:
            deadline = time.monotonic() + 10
            while arrival.progress_bytes == 0 and time.monotonic() < deadline:
                time.sleep(0.05)
                arrival.refresh_from_db()
            assert 0 < arrival.progress_bytes <= half
            assert (arrival.size_bytes, arrival.name) == (len(film), "fog.mp4")
        finally:
            go_on.set()
            worker.join()
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.CHECKING

    def test_may_be_a_photo_behind_redirects(self, server: HttpsServer, begin: Begin, tmp_path: Path) -> None:
        photo = make_picture(tmp_path / "p", "JPEG").read_bytes()
        server.file("/photo.jpg", photo, "image/jpeg")
        server.redirect("/b", "/photo.jpg")
        arrival = fetch(begin(server.redirect("/a", server.url("/b"), 307)), server)
        assert (arrival.state, arrival.name) == (ArrivalState.CHECKING, "photo.jpg")


REFUSED = [
    ("/gone", 404, "There is nothing behind this link any more."),
    ("/gone", 410, "There is nothing behind this link any more."),
    ("/shut", 401, "The server behind this link does not let us in"),
    ("/shut", 403, "The server behind this link does not let us in"),
    ("/odd", 204, "The server behind this link sent no file (it answered 204)."),
    ("/odd", 206, "The server behind this link sent no file (it answered 206)."),
    ("/odd", 418, "The server behind this link sent no file (it answered 418)."),
]


class TestARefusal:
    def is_refused(self, arrival: Arrival, text: str) -> None:
        assert arrival.state == ArrivalState.FAILED, arrival.error
        assert arrival.error.startswith(text)
        assert arrival.url == ""
        assert (arrival.next_try_at, arrival.lease_token) == (None, None)
        assert left_on_disk() == []
        assert not MediaFile.objects.exists()

    @pytest.mark.parametrize(("path", "status", "text"), REFUSED)
    def test_by_the_server(
        self, server: HttpsServer, begin: Begin, path: str, status: int, text: str
    ) -> None:
        server.routes[path] = lambda request: request.answer(b"", status=status)
        self.is_refused(fetch(begin(server.url(path)), server), text)

    @pytest.mark.parametrize(
        ("body", "content_type", "text"),
        [
            (b"<!doctype html><title>Share</title>", "text/html", WEB_PAGE),
            (b"<html>" + b"x" * 10_000, "video/mp4", WEB_PAGE),
            (b"Please sign in", "text/html; charset=utf-8", WEB_PAGE),
            (
                b"PK\x03\x04" + b"\0" * 10_000,
                "video/mp4",
                "This is a ZIP archive or an office document, not",
            ),
            (b"%PDF-1.7", "application/pdf", "This is a PDF document"),
            (b"ffconcat version 1.0\nfile /etc/passwd", "video/mp4", "This is a playlist"),
            (b"#EXTM3U\nhttp://127.0.0.1/a", "application/x-mpegurl", "This is a playlist"),
            (b"\x7fELF", "video/mp4", "This is a program"),
            (b"<svg onload='x'>", "image/svg+xml", "This is an SVG drawing"),
            (b'{"error": "no"}', "application/json", "This is a text file"),
            (b"", "video/mp4", "This file is empty"),
        ],
    )
    def test_of_what_is_no_media_before_it_is_fetched_whole(
        self, server: HttpsServer, begin: Begin, body: bytes, content_type: str, text: str
    ) -> None:
        self.is_refused(fetch(begin(server.file("/file", body, content_type)), server), text)

    def test_of_a_page_does_not_wait_for_its_end(self, server: HttpsServer, begin: Begin) -> None:
        def endless(request: Request) -> None:
            request.head(content_length=str(10**9), content_type="text/html")
            request.wfile.write(b"<!doctype html>" + b" " * 5000)
            time.sleep(5)

        server.routes["/page"] = endless
        started = time.monotonic()
        self.is_refused(fetch(begin(server.url("/page")), server), WEB_PAGE)
        assert time.monotonic() - started < 2

    def test_of_a_packed_body(self, server: HttpsServer, begin: Begin) -> None:
        server.routes["/gz"] = lambda request: request.answer(b"\x1f\x8b", content_encoding="gzip")
        self.is_refused(fetch(begin(server.url("/gz")), server), "The server behind this link packs the file")

    def test_of_an_address_that_is_not_public(self, server: HttpsServer, begin: Begin, film: bytes) -> None:
        url = server.file("/film.mp4", film)
        server.addresses[:] = [[PRIVATE]]
        self.is_refused(fetch(begin(url), server), "This link does not lead to the public internet")
        assert server.seen == []

    def test_of_a_redirect_into_a_network(self, server: HttpsServer, begin: Begin) -> None:
        url = server.redirect("/go", f"https://169.254.169.254:{server.port}/latest/meta-data/")
        self.is_refused(fetch(begin(url), server), "This link does not lead to the public internet")

    def test_of_a_redirect_in_circles(self, server: HttpsServer, begin: Begin) -> None:
        self.is_refused(fetch(begin(server.redirect("/go", "/go")), server), "This link sends on and on")
        assert len(server.seen) == 4

    def test_of_a_wrong_certificate(self, server: HttpsServer, begin: Begin, film: bytes) -> None:
        server.file("/film.mp4", film)
        url = server.url("/film.mp4", name="other.example")
        self.is_refused(fetch(begin(url), server), "The server behind this link cannot prove")

    def test_of_an_unknown_name(self, server: HttpsServer, begin: Begin) -> None:
        arrival = fetch(begin(server.url("/film.mp4")), server, resolver=lambda _host, _port: [])
        self.is_refused(arrival, "There is no server by the name in this link.")

    def test_of_an_announced_size_before_a_byte_comes(
        self, server: HttpsServer, begin: Begin, film: bytes, settings: Any
    ) -> None:
        settings.MEDIA_MAX_BYTES = 1000
        self.is_refused(fetch(begin(server.file("/film.mp4", film)), server), "This file is ")

    def test_of_more_than_allowed_while_it_comes(
        self, server: HttpsServer, begin: Begin, film: bytes, settings: Any
    ) -> None:
        settings.MEDIA_MAX_BYTES = 50_000
        sent: list[int] = []

        def endless(request: Request) -> None:
            request.head()
            request.wfile.write(film[:5000])
            for _ in range(10_000):
                request.wfile.write(b"\0" * 10_000)
                sent.append(10_000)

        server.routes["/endless"] = endless
        self.is_refused(fetch(begin(server.url("/endless")), server), "This file is larger than allowed.")
        assert sum(sent) < 50_000_000

    def test_of_what_the_workspace_has_no_room_for(
        self, server: HttpsServer, begin: Begin, film: bytes, workspace: Workspace, settings: Any
    ) -> None:
        settings.WORKSPACE_MAX_BYTES = 10_000_000 + len(film) - 1
        media = make_media(workspace)
        arrival = fetch(begin(server.file("/film.mp4", film)), server)
        assert arrival.state == ArrivalState.FAILED
        assert arrival.error.startswith("This workspace may hold ")
        media.delete()
        self.is_refused(arrival, "This workspace may hold ")

    def test_of_a_length_nobody_promised_room_for(
        self, server: HttpsServer, begin: Begin, film: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(importing, "_ROOM_CHECK_BYTES", 1000)
        settings.WORKSPACE_MAX_BYTES = 5000

        def unsaid(request: Request) -> None:
            request.head()
            request.wfile.write(film)

        server.routes["/unsaid"] = unsaid
        self.is_refused(fetch(begin(server.url("/unsaid")), server), "This workspace may hold ")

    def test_of_a_full_disk(
        self, server: HttpsServer, begin: Begin, film: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arrival = begin(server.file("/film.mp4", film))
        monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        self.is_refused(fetch(arrival, server), "The server has no room for this file.")


class TestAsking:
    def ask(self, workspace: Workspace, alice: User, link: str) -> Arrival:
        return ask_import(workspace, link, user=alice, now=database_now())

    def test_a_link_is_due_at_once_under_its_own_name(self, workspace: Workspace, alice: User) -> None:
        arrival = self.ask(workspace, alice, "  https://media.example/films/fog.mp4?a=1 \n")
        assert (arrival.source, arrival.state, arrival.name, arrival.user) == (
            ArrivalSource.LINK, ArrivalState.RECEIVING, "fog.mp4", alice,
        )  # fmt: skip
        assert arrival.url == "https://media.example/films/fog.mp4?a=1"
        assert arrival.next_try_at is not None

    def test_pressed_twice_it_is_fetched_once(self, workspace: Workspace, alice: User) -> None:
        first = self.ask(workspace, alice, "https://media.example/fog.mp4")
        assert self.ask(workspace, alice, "https://media.example/fog.mp4") == first
        assert Arrival.objects.count() == 1

    def test_another_workspace_has_its_own(
        self, workspace: Workspace, alice: User, bobs_workspace: Workspace, bob: User
    ) -> None:
        first = self.ask(workspace, alice, "https://media.example/fog.mp4")
        assert self.ask(bobs_workspace, bob, "https://media.example/fog.mp4") != first

    def test_ten_at_once_are_enough(self, workspace: Workspace, alice: User) -> None:
        arrivals = [
            self.ask(workspace, alice, f"https://media.example/{number}.mp4") for number in range(MOST_LINKS)
        ]
        with pytest.raises(LinkRefusedError, match="10 links are being fetched at the moment"):
            self.ask(workspace, alice, "https://media.example/one-more.mp4")
        cancel_arrival(arrivals[0], now=database_now())
        self.ask(workspace, alice, "https://media.example/one-more.mp4")

    @pytest.mark.parametrize(
        ("link", "text"),
        [
            ("", "This is not the link of a file."),
            ("fog.mp4", "This is not the link of a file."),
            ("file:///etc/passwd", "This is not the link of a file."),
            ("https://2130706433/fog.mp4", "This is not the link of a file."),
            ("http://media.example/fog.mp4", "This link does not begin with https://"),
            ("https://user:secret@media.example/fog.mp4", "This link carries a user name or a password"),
            ("https://media.example:8443/fog.mp4", "This link names a port of its own"),
            ("https://drive.google.com/file/d/1/view", "This is a link to a page of Google Drive"),
            ("http://drive.google.com/file/d/1/view", "This is a link to a page of Google Drive"),
        ],
    )
    def test_what_cannot_be_fetched_is_said_at_once(
        self, workspace: Workspace, alice: User, link: str, text: str
    ) -> None:
        with pytest.raises(LinkRefusedError) as caught:
            self.ask(workspace, alice, link)
        assert str(caught.value).startswith(text)
        assert "secret" not in str(caught.value)
        assert not Arrival.objects.exists()
        assert left_on_disk() == []


class TestTheSweep:
    def test_hands_links_out_three_at_a_time(self, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[str] = []
        monkeypatch.setattr(fetch_one, "apply_async", lambda args, **_kwargs: sent.append(args[0]))
        arrivals = [begin(f"https://media.example/{number}.mp4") for number in range(4)]
        assert work_due() == 3
        assert sent == [str(arrival.pk) for arrival in arrivals[:3]]
        assert work_due() == 0

    def test_production_terms_lead_to_the_public_internet_only(
        self, begin: Begin, server: HttpsServer
    ) -> None:
        arrival = begin(f"https://127.0.0.2:{server.port}/film.mp4")
        fetch_one(str(arrival.pk))
        arrival.refresh_from_db()
        assert arrival.error.startswith("This link names a port of its own")
        arrival = begin("https://127.0.0.2/film.mp4")
        fetch_one(str(arrival.pk))
        arrival.refresh_from_db()
        assert arrival.error.startswith("This link does not lead to the public internet")
        assert server.seen == []
