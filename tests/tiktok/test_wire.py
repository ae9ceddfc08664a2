"""The client over real sockets: what breaks there, and what it means."""

import json
import logging
import logging.config
import socket
import ssl
import threading
import time

import httpx
import pytest

from tests.tiktok.conftest import Connection
from tiktok import wire as wire_module
from tiktok.client import Client
from tiktok.errors import TransportError, TransportKind
from tiktok.logs import QueryFilter

STATUS = json.dumps({"data": {"status": "PROCESSING_UPLOAD"}, "error": {"code": "ok"}}).encode()


def answer(body: bytes, *, says: int | None = None) -> bytes:
    length = len(body) if says is None else says
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        length,
        body,
    )


def fetch_status(url: str, timeout: float = 5.0) -> str:
    with Client(url, "act.x", timeout=timeout) as client:
        return client.fetch_status("v_pub_file~v2-1.1").status


def broken(url: str, timeout: float = 5.0) -> TransportError:
    with pytest.raises(TransportError) as caught:
        fetch_status(url, timeout)
    return caught.value


def test_many_calls_share_one_connection(serve):
    def script(connection: Connection) -> None:
        while connection.read_head():
            connection.read_body(len(b'{"publish_id": "v_pub_file~v2-1.1"}'))
            connection.send(answer(STATUS))

    server = serve(script)
    with Client(server.url, "act.x") as client:
        for _ in range(5):
            assert client.fetch_status("v_pub_file~v2-1.1").status == "PROCESSING_UPLOAD"
    assert server.connections == 1


def test_a_closed_port_means_nothing_was_sent():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        error = broken(f"http://127.0.0.1:{bound.getsockname()[1]}")
    assert (error.kind, error.is_sent) == (TransportKind.CONNECT, False)
    assert error.is_outcome_unknown is False


def test_a_reset_after_the_request_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.reset()

    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.RESET, None)


def test_a_close_without_an_answer_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(35)

    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.RESET, None)


def test_no_answer_in_time_leaves_the_outcome_unknown(serve):
    done = threading.Event()

    def script(connection: Connection) -> None:
        connection.read_head()
        done.wait(10)

    error = broken(serve(script).url, timeout=0.2)
    done.set()
    assert (error.kind, error.is_sent) == (TransportKind.TIMEOUT, True)


def test_an_answer_cut_in_half_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(35)
        connection.send(answer(STATUS[: len(STATUS) // 2], says=len(STATUS)))

    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.UNREADABLE, True)


def test_an_answer_reset_in_the_middle_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(35)
        connection.send(answer(STATUS[:20], says=len(STATUS)))
        time.sleep(0.1)
        connection.reset()

    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.UNREADABLE, True)


def test_an_answer_that_trickles_has_an_end(serve, monkeypatch):
    monkeypatch.setattr(wire_module, "ANSWER_SECONDS", 0.3)

    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(35)
        connection.send(answer(b"", says=1000))
        for _ in range(100):
            connection.send(b" ")
            time.sleep(0.05)

    began = time.monotonic()
    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.TIMEOUT, True)
    assert time.monotonic() - began < 3


def test_what_is_not_http_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.send(b"SSH-2.0-OpenSSH_9.2\r\n")

    error = broken(serve(script).url)
    assert (error.kind, error.is_sent) == (TransportKind.RESET, None)


def test_a_late_but_whole_answer_is_an_answer(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(35)
        for byte in answer(STATUS).partition(b"\r\n\r\n"):
            connection.send(byte)
            time.sleep(0.05)

    assert fetch_status(serve(script).url) == "PROCESSING_UPLOAD"


def test_no_proxy_and_no_netrc_is_taken_from_the_environment(serve, monkeypatch, tmp_path):
    heads: list[bytes] = []

    def script(connection: Connection) -> None:
        heads.append(connection.read_head())
        connection.read_body(35)
        connection.send(answer(STATUS))

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert fetch_status(serve(script).url) == "PROCESSING_UPLOAD"
    assert b"\r\nauthorization: bearer act.x\r\n" in heads[0].lower()


def test_the_certificates_are_read_for_the_first_client_only(monkeypatch):
    read: list[object] = []
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **more: read.append(more) or real(**more))
    wire_module._authorities.cache_clear()
    for _ in range(3):
        Client("https://open.tiktokapis.com", "act.x").close()
    assert len(read) == 1


def test_every_wait_has_a_limit():
    for timeout in (wire_module.API_TIMEOUT, wire_module.session_options(7, None)["timeout"]):
        assert None not in timeout.as_dict().values()


def test_the_query_filter_takes_queries_out_of_the_lines_of_httpx_and_httpcore_only():
    def passed(name: str, msg: str, *args: object) -> str:
        record = logging.LogRecord(name, logging.INFO, "x.py", 1, msg, args, None)
        assert QueryFilter().filter(record) is True
        return record.getMessage()

    url = httpx.URL("https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=SENTINEL")
    assert passed("httpx", 'HTTP Request: %s %s "%s %d %s"', "PUT", url, "HTTP/1.1", 206, "Partial") == (
        'HTTP Request: PUT https://open-upload.tiktokapis.com/video/?[hidden] "HTTP/1.1 206 Partial"'
    )
    assert passed("httpcore.http11", "headers=[(b'Location', b'/u?token=SENTINEL')]") == (
        "headers=[(b'Location', b'/u?[hidden]')]"
    )
    assert passed("django.request", "GET %s", "/posts/?page=2") == "GET /posts/?page=2"


def test_a_logging_configuration_does_not_bring_the_queries_back(capsys):
    Client("https://open.tiktokapis.com", "act.x").close()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"console": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
            "loggers": {"httpx": {"handlers": ["console"], "level": "INFO", "propagate": False}},
        }
    )
    try:
        logging.getLogger("httpx").info("PUT %s", httpx.URL("https://u/?upload_token=SENTINEL"))
    finally:
        logging.getLogger("httpx").handlers.clear()
        logging.getLogger("httpx").propagate = True
        logging.getLogger("httpx").setLevel(logging.NOTSET)
    assert capsys.readouterr().out == "PUT https://u/?[hidden]\n"
