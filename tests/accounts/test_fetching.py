"""Where pictures may be fetched from, and where from not, whatever the address looks like."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from accounts.addresses import is_public
from accounts.fetching import FetchError, fetch_picture


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"],
)
def test_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
        "2002:7f00:1::1", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://1.1.1.1/a.png", "ftp://1.1.1.1/a.png", "file:///etc/passwd", "gopher://1.1.1.1/", "", "//1.1.1.1/a",
        "https://", "https://user@1.1.1.1/a.png", "https://1.1.1.1:8443/a.png", "data:image/png;base64,AAAA",
    ],
)  # fmt: skip
def test_refuses_addresses_that_are_not_plain_https(url: str) -> None:
    with pytest.raises(FetchError):
        fetch_picture(url, allow_loopback=False)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "169.254.169.254", "10.0.0.1", "0.0.0.0", "[64:ff9b::7f00:1]"],
)  # fmt: skip
def test_refuses_hosts_that_are_not_public(host: str) -> None:
    with pytest.raises(FetchError, match=r"not on the public internet|not a web address"):
        fetch_picture(f"https://{host}/a.png", allow_loopback=False)


class Server:
    """Answers every connection with the same bytes, on this machine."""

    def __init__(self, answer: bytes, *, drip: float = 0.0) -> None:
        self.answer = answer
        self.drip = drip
        self.requests: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536))
                try:
                    if self.drip:
                        for byte in self.answer:
                            connection.sendall(bytes([byte]))
                            time.sleep(self.drip)
                    else:
                        connection.sendall(self.answer)
                except OSError:
                    continue

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    running = Server(**request.param)
    yield running
    running.close()


def answer(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("server", [{"answer": answer("200 OK", b"picture")}], indirect=True)
def test_fetches_from_this_machine_only_while_simulated(server: Server) -> None:
    url = f"http://localhost:{server.port}/a.png?x=1"
    assert fetch_picture(url, allow_loopback=True) == b"picture"
    assert server.requests[0].startswith(b"GET /a.png?x=1 HTTP/1.1\r\n")
    assert f"host: localhost:{server.port}".encode() in server.requests[0].lower()
    with pytest.raises(FetchError):
        fetch_picture(url, allow_loopback=False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "server", [{"answer": answer("302 Found", b"", "Location: http://127.0.0.1/secret")}], indirect=True
)
def test_follows_no_redirect(server: Server) -> None:
    with pytest.raises(FetchError, match="The answer was 302"):
        fetch_picture(f"http://localhost:{server.port}/", allow_loopback=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("server", [{"answer": answer("200 OK", b"x" * 1_000_001)}], indirect=True)
def test_reads_no_more_than_a_megabyte(server: Server) -> None:
    with pytest.raises(FetchError, match="larger than 1 MB"):
        fetch_picture(f"http://localhost:{server.port}/", allow_loopback=True)


@pytest.mark.parametrize("server", [{"answer": answer("200 OK", b"x" * 1000), "drip": 0.1}], indirect=True)
def test_gives_up_after_three_seconds_even_if_bytes_keep_coming(server: Server) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        fetch_picture(f"http://localhost:{server.port}/", allow_loopback=True)
    assert 2.5 < time.monotonic() - started < 5


@pytest.mark.parametrize("server", [{"answer": answer("200 OK", b"picture")}], indirect=True)
def test_a_name_with_one_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that mixes a public address with a private one."""
    entries = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: entries)
    with pytest.raises(FetchError, match="not on the public internet"):
        fetch_picture("https://rebind.example/a.png", allow_loopback=True)
    assert server.requests == []


def test_connects_to_the_address_that_was_checked_and_proves_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name is asked once; the connection carries the name in TLS and goes to the checked address."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []
    names: list[str | None] = []

    def resolve(host: str, port: int, **_kwargs: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", listener.getsockname()[1]))]

    def note_name(_socket: object, name: str | None, _context: object) -> int:
        names.append(name)
        return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = note_name

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *args, **kw: (
            resolve(host, port) if host == "cdn.example" else real(host, port, *args, **kw)
        ),
    )
    port = listener.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch_picture(f"https://cdn.example:{port}/a.png", allow_loopback=True)
    thread.join(5)
    listener.close()
    assert asked == ["cdn.example"]
    assert names == ["cdn.example"]
