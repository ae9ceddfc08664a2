"""Requests to addresses that strangers name: not one connection to anywhere but the public internet."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from accounts.addresses import is_public
from accounts.safe_http import (
    Answer,
    SafeHttpError,
    Terms,
    Trouble,
    open_url,
    parse_url,
    public_https,
)
from tests.accounts.hostile_addresses import hostile_resolutions, hostile_urls
from tests.https_server import NAME, PRIVATE, PUBLIC, HttpsServer, Request, https_server

_connections: list[Any] = []
_is_watching = threading.Event()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _is_watching.is_set():
        _connections.append(arguments[1])


# The interpreter itself tells of every connection, whatever code makes it; such a hook stays for good.
sys.addaudithook(_watch)


@pytest.fixture
def connections() -> Iterator[list[Any]]:
    """Every address that any socket of this process is connected to meanwhile."""
    _connections.clear()
    _is_watching.set()
    yield _connections
    _is_watching.clear()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def server(running: HttpsServer) -> HttpsServer:
    running.routes.clear()
    running.seen.clear()
    running.asked.clear()
    running.addresses[:] = [[PUBLIC]]
    return running


def fetch(url: str, terms: Terms) -> tuple[Answer, bytes]:
    with open_url(url, terms) as answer:
        return answer, b"".join(answer.blocks)


def trouble_of(url: str, terms: Terms) -> Trouble:
    with pytest.raises(SafeHttpError) as caught:
        fetch(url, terms)
    return caught.value.trouble


def test_no_hostile_address_leads_to_a_connection(connections: list[Any]) -> None:
    urls = hostile_urls()
    assert len(urls) >= 300
    terms = Terms(seconds=5, connect_seconds=2, max_redirects=3)
    for url in urls:
        trouble = trouble_of(url, terms)
        assert trouble in {
            Trouble.NO_ADDRESS,
            Trouble.NOT_HTTPS,
            Trouble.CREDENTIALS,
            Trouble.PORT,
            Trouble.NOT_PUBLIC,
            Trouble.UNKNOWN_NAME,
        }, url
    # Python's resolver connects a datagram socket to order its answers; no packet leaves by that.
    assert [address for address in connections if address[1] != 0] == []


def test_no_hostile_name_leads_to_a_connection(connections: list[Any]) -> None:
    resolutions = hostile_resolutions()
    assert len(resolutions) >= 200
    for said in resolutions:
        terms = Terms(seconds=5, resolver=lambda _host, _port, said=said: [ip_address(text) for text in said])
        assert trouble_of("https://media.example/film.mp4", terms) == Trouble.NOT_PUBLIC, said
    assert connections == []


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2a00:1450::1"],
)
def test_public_addresses_are_not_shut_out(text: str) -> None:
    assert is_public(ip_address(text))
    assert public_https("https", 443, [ip_address(text)]) is None


def test_a_file_comes_whole_and_nothing_but_the_request_goes_out(server: HttpsServer) -> None:
    url = server.file("/film.mp4", b"the film")
    answer, body = fetch(url + "?a=1", server.terms())
    assert (answer.status, body, answer.headers["content-type"]) == (200, b"the film", "video/mp4")
    (seen,) = server.seen
    assert seen.path == "/film.mp4?a=1"
    assert seen.headers == {
        "Host": f"{NAME}:{server.port}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "User-Agent": "Greenroom",
        "Connection": "close",
    }


def test_the_name_is_asked_once_and_the_socket_goes_to_what_was_judged(
    server: HttpsServer, connections: list[Any]
) -> None:
    """A name server that answers differently the second time is not asked a second time."""
    url = server.file("/film.mp4", b"the film")
    server.addresses[:] = [[PUBLIC], [PRIVATE]]
    fetch(url, server.terms())
    assert server.asked == [NAME]
    assert connections == [(str(PUBLIC), server.port)]


def test_a_name_that_moves_between_two_hops_is_judged_anew(
    server: HttpsServer, connections: list[Any]
) -> None:
    server.file("/film.mp4", b"the film")
    server.addresses[:] = [[PUBLIC], [PRIVATE]]
    assert trouble_of(server.redirect("/go", "/film.mp4"), server.terms()) == Trouble.NOT_PUBLIC
    assert server.asked == [NAME, NAME]
    assert connections == [(str(PUBLIC), server.port)]
    assert [seen.path for seen in server.seen] == ["/go"]


@pytest.mark.parametrize(
    ("to", "trouble"),
    [
        ("https://127.0.0.3:{port}/film.mp4", Trouble.NOT_PUBLIC),
        ("https://[::1]:{port}/film.mp4", Trouble.NOT_PUBLIC),
        ("https://[::ffff:127.0.0.1]:{port}/", Trouble.NOT_PUBLIC),
        ("https://169.254.169.254:{port}/latest/meta-data/", Trouble.NOT_PUBLIC),
        ("https://2130706433:{port}/", Trouble.NO_ADDRESS),
        ("https://user:secret@media.example:{port}/film.mp4", Trouble.CREDENTIALS),
        ("http://media.example:{port}/film.mp4", Trouble.NOT_HTTPS),
        ("https://media.example/film.mp4", Trouble.PORT),
        ("https://media.example:22/film.mp4", Trouble.PORT),
        ("file:///etc/passwd", Trouble.NO_ADDRESS),
        ("gopher://127.0.0.1:6379/_X", Trouble.NO_ADDRESS),
        ("//127.0.0.3:{port}/film.mp4", Trouble.NOT_PUBLIC),
        ("\\\\127.0.0.3:{port}\\film.mp4", Trouble.NO_ADDRESS),
        ("https://[", Trouble.NO_ADDRESS),
        ("https://[::1", Trouble.REDIRECTS),
        ("", Trouble.REDIRECTS),
    ],
)
def test_a_redirect_leads_nowhere_that_an_address_may_not(
    server: HttpsServer, connections: list[Any], to: str, trouble: Trouble
) -> None:
    server.file("/film.mp4", b"the film")
    url = server.redirect("/go", to.format(port=server.port))
    assert trouble_of(url, server.terms()) == trouble
    assert connections == [(str(PUBLIC), server.port)]
    assert [seen.path for seen in server.seen] == ["/go"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_a_fourth_is_not(server: HttpsServer, status: int) -> None:
    server.file("/film.mp4", b"the film")
    server.redirect("/3", "/film.mp4", status)
    server.redirect("/2", server.url("/3"), status)
    server.redirect("/1", "../2", status)
    answer, body = fetch(server.url("/1"), server.terms())
    assert (answer.url, body) == (server.url("/film.mp4"), b"the film")
    server.redirect("/0", "/1", status)
    assert trouble_of(server.url("/0"), server.terms()) == Trouble.REDIRECTS
    assert trouble_of(server.redirect("/round", "/round", status), server.terms()) == Trouble.REDIRECTS


def test_nothing_a_server_sets_is_sent_on(server: HttpsServer) -> None:
    server.file("/film.mp4", b"the film")
    server.routes["/go"] = lambda request: request.answer(
        b"", status=302, location="/film.mp4", set_cookie="session=1", www_authenticate="Basic"
    )
    fetch(server.url("/go"), server.terms())
    assert not {"Cookie", "Authorization", "Referer"} & set(server.seen[1].headers)


def test_without_redirects_the_first_answer_is_the_answer(server: HttpsServer) -> None:
    answer, _ = fetch(server.redirect("/go", "/film.mp4"), server.terms(max_redirects=0))
    assert answer.status == 302


def test_proxies_and_authorities_of_the_environment_mean_nothing(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch, connections: list[Any], tmp_path: Path
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fetch(server.file("/film.mp4", b"the film"), server.terms())
    assert connections == [(str(PUBLIC), server.port)]


def test_a_certificate_for_another_name_or_from_nobody_is_refused(server: HttpsServer) -> None:
    server.file("/film.mp4", b"the film")
    assert trouble_of(server.url("/film.mp4", name="other.example"), server.terms()) == Trouble.CERTIFICATE
    assert trouble_of(server.url("/film.mp4"), server.terms(tls=None)) == Trouble.CERTIFICATE
    assert server.seen == []


def test_a_name_in_letters_of_its_own_is_asked_for_in_its_plain_form(server: HttpsServer) -> None:
    server.file("/film.mp4", b"the film")
    _, body = fetch(server.url("/film.mp4", name="käse.example"), server.terms())
    assert body == b"the film"
    assert server.asked == ["xn--kse-qla.example"]
    assert server.seen[0].headers["Host"] == f"xn--kse-qla.example:{server.port}"


def test_an_address_that_does_not_answer_leaves_the_next_one(server: HttpsServer) -> None:
    server.file("/film.mp4", b"the film")
    # Nobody listens to IPv6 here.
    terms = server.terms(
        rule=lambda _scheme, _port, _addresses: None,
        resolver=lambda _host, _port: [ip_address("::1"), PUBLIC],
    )
    assert fetch(server.url("/film.mp4"), terms)[1] == b"the film"


def test_a_server_that_drips_is_left_when_its_time_is_over(server: HttpsServer) -> None:
    def drip(request: Request) -> None:
        request.head(content_length="1000")
        for _ in range(1000):
            request.wfile.write(b".")
            time.sleep(0.05)

    server.routes["/drip"] = drip
    started = time.monotonic()
    assert trouble_of(server.url("/drip"), server.terms(seconds=1.0)) == Trouble.TOO_SLOW
    assert 0.8 < time.monotonic() - started < 3


def test_a_server_that_falls_silent_is_left(server: HttpsServer) -> None:
    def stall(request: Request) -> None:
        request.head(content_length="1000")
        request.wfile.write(b"half")
        time.sleep(3)

    server.routes["/stall"] = stall
    assert trouble_of(server.url("/stall"), server.terms(silence_seconds=0.5)) == Trouble.TOO_SLOW


def test_a_name_server_that_falls_silent_is_left(server: HttpsServer) -> None:
    def never(_host: str, _port: int) -> list[Any]:
        time.sleep(3)
        return [PUBLIC]

    started = time.monotonic()
    terms = server.terms(resolver=never, connect_seconds=0.3)
    assert trouble_of(server.url("/"), terms) == Trouble.TOO_SLOW
    assert time.monotonic() - started < 2


def test_a_connection_that_nobody_takes_is_given_up(server: HttpsServer) -> None:
    with socket.socket() as full:
        full.bind((str(PUBLIC), 0))
        port = full.getsockname()[1]
        terms = server.terms(rule=lambda _scheme, _port, _addresses: None)
        assert trouble_of(f"https://{NAME}:{port}/", terms) == Trouble.UNREACHABLE


def test_a_body_that_breaks_off_is_no_file(server: HttpsServer) -> None:
    def cut(request: Request) -> None:
        request.head(content_length="1000")
        request.wfile.write(b"half")

    server.routes["/cut"] = cut
    assert trouble_of(server.url("/cut"), server.terms()) == Trouble.BROKEN


def test_a_head_without_end_is_not_read_without_end(server: HttpsServer) -> None:
    def flood(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            request.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))

    server.routes["/flood"] = flood
    assert trouble_of(server.url("/flood"), server.terms()) == Trouble.BROKEN


@pytest.mark.parametrize("error", [KeyError, OSError, TimeoutError])
def test_an_error_of_the_caller_passes_through(server: HttpsServer, error: type[Exception]) -> None:
    url = server.file("/film.mp4", b"x" * 5_000_000)
    with pytest.raises(error), open_url(url, server.terms()) as answer:
        raise error(next(answer.blocks)[:1])


def test_the_address_that_is_shown_is_the_one_that_is_used() -> None:
    assert str(parse_url("  https://media.example/a b.mp4 ")) == "https://media.example/a%20b.mp4"
    with pytest.raises(SafeHttpError):
        parse_url("https://media.example\\@evil.example/")
