"""An HTTPS server on this machine with an authority of its own, and the terms that lead our requests to it."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts.addresses import Address
from accounts.safe_http import Terms, Trouble

NAME = "media.example"
# What stands for the public internet and for somebody's own network in these tests; both are this machine.
PUBLIC = ipaddress.ip_address("127.0.0.2")
PRIVATE = ipaddress.ip_address("127.0.0.3")


class Request(BaseHTTPRequestHandler):
    """One request; a route is a function that is given it and answers."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self.server.seen.append(Seen(self.path, dict(self.headers.items()), self.connection.getsockname()[0]))
        route = self.server.routes.get(self.path.partition("?")[0])
        with suppress(ConnectionError, ssl.SSLError):
            if route is None:
                self.answer(b"Not here.", status=404)
            else:
                route(self)

    def answer(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.head(status=status, **{"content_length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, *, status: int = 200, **headers: str) -> None:
        """The head alone; `content_type="video/mp4"` makes a Content-Type."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Nothing: the test looks at `seen`."""


Route = Callable[[Request], None]


@dataclass(frozen=True)
class Seen:
    """One request as it came: its path, its headers, and the address it was made to."""

    path: str
    headers: dict[str, str]
    address: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    routes: dict[str, Route]
    seen: list[Seen]

    def handle_error(self, *_args: Any) -> None:
        """A client that leaves is no error of the server."""


@dataclass
class HttpsServer:
    """The running server: `routes` by path, what was `seen`, and how to get there."""

    port: int
    tls: ssl.SSLContext
    routes: dict[str, Route] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    # What the name server says, one answer a question; the last one is said again and again.
    addresses: list[Sequence[Address]] = field(default_factory=lambda: [[PUBLIC]])
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, *, name: str = NAME) -> str:
        return f"https://{name}:{self.port}{path}"

    def file(self, path: str, body: bytes, content_type: str = "video/mp4") -> str:
        """Serve these bytes there; returns the address."""
        self.routes[path] = lambda request: request.answer(body, content_type=content_type)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        self.routes[path] = lambda request: request.answer(b"", status=status, location=to)
        return self.url(path)

    def terms(self, **changes: Any) -> Terms:
        """The product's terms with this server as the public internet."""
        return Terms(
            **{
                "seconds": 20.0,
                "silence_seconds": 5.0,
                "connect_seconds": 2.0,
                "max_redirects": 3,
                "rule": self._rule,
                "resolver": self._resolve,
                "tls": self.tls,
                **changes,
            }
        )

    def _rule(self, scheme: str, port: int, addresses: Sequence[Address]) -> Trouble | None:
        if scheme != "https":
            return Trouble.NOT_HTTPS
        if port != self.port:
            return Trouble.PORT
        return None if all(address == PUBLIC for address in addresses) else Trouble.NOT_PUBLIC

    def _resolve(self, host: str, _port: int) -> Sequence[Address]:
        self.asked.append(host)
        with suppress(ValueError):
            return [ipaddress.ip_address(host.strip("[]"))]
        return self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]


@contextmanager
def https_server(folder: Path) -> Iterator[HttpsServer]:
    """Run a server on every loopback address, with a certificate for NAME from an authority made for it."""
    certificate, key, authority = _make_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server(("0.0.0.0", 0), Request, bind_and_activate=False)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.server_bind()
    server.server_activate()
    running = HttpsServer(
        port=server.server_address[1], tls=ssl.create_default_context(cafile=str(authority))
    )
    server.routes, server.seen = running.routes, running.seen
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_certificates(folder: Path) -> tuple[Path, Path, Path]:
    now = datetime.datetime.now(datetime.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority for tests")])

    def build(subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
        )

    authority = (
        build(issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                key_encipherment=False, data_encipherment=False, key_agreement=False,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .sign(authority_key, hashes.SHA256())
    )  # fmt: skip
    certificate = (
        build(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), key.public_key())
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(NAME), x509.DNSName("xn--kse-qla.example")]),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key", folder / "authority.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    paths[2].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return paths
