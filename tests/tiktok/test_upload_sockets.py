"""Chunks over real sockets: streaming, and what happens when the wire breaks."""

import contextlib
import hashlib
import logging
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import httpx
import pytest

from tests.tiktok.conftest import Connection
from tiktok.errors import (
    ChunkSourceError,
    TransportError,
    TransportKind,
    UploadUrlExpiredError,
)
from tiktok.types import ChunkAnswer
from tiktok.upload_client import UPLOAD_TIMEOUT, UploadClient
from tiktok.uploads import Chunk, plan_chunks

MIDDLE = Chunk(index=1, first_byte=10, last_byte=19, is_last=False)
TOTAL = 45


def put(uploads: UploadClient, url: str) -> ChunkAnswer:
    return uploads.put_chunk(url, [b"abcde", b"fghij"], MIDDLE, TOTAL, "video/mp4")


def blocks_of(size: int, block: int = 262_144) -> Iterator[bytes]:
    for first in range(0, size, block):
        yield bytes([first // block % 251]) * min(block, size - first)


@contextlib.contextmanager
def local_uploads(timeout: httpx.Timeout | float = 5.0) -> Iterator[UploadClient]:
    with UploadClient(["127.0.0.1"], allow_http_loopback=True, timeout=timeout) as uploads:
        yield uploads


def say(status: str, *headers: str, length: int = 0) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers, "", ""]).encode()


def test_all_chunks_of_a_file_arrive_over_one_connection(serve):
    plan = plan_chunks(64_000_001)
    received = hashlib.sha256()
    heads: list[bytes] = []

    def script(connection: Connection) -> None:
        for chunk in plan.chunks_from(0):
            heads.append(connection.read_head())
            received.update(connection.read_body(chunk.size))
            end = chunk.last_byte + 1
            connection.send(
                say(
                    "201 Created" if chunk.is_last else "206 Partial Content",
                    f"Content-Range: bytes 0-{end}/64000001",
                )
            )

    server = serve(script)
    sent = hashlib.sha256()

    def read(chunk: Chunk) -> Iterator[bytes]:
        for block in blocks_of(chunk.size):
            sent.update(block)
            yield block

    with local_uploads() as uploads:
        for chunk in plan.chunks_from(0):
            answer = uploads.put_chunk(
                f"{server.url}/u?t=1", read(chunk), chunk, plan.video_size, "video/mp4"
            )
            assert answer == ChunkAnswer(201 if chunk.is_last else 206, chunk.last_byte + 1, "")
    assert received.hexdigest() == sent.hexdigest()
    assert server.connections == 1
    assert len(heads) == 6
    for head in heads:
        assert head.startswith(b"PUT /u?t=1 HTTP/1.1\r\n")
        assert b"transfer-encoding" not in head.lower()
    assert b"\r\nContent-Length: 14000001\r\n" in heads[-1] + b"\r\n"
    assert b"\r\nContent-Range: bytes 50000000-64000000/64000001\r\n" in heads[-1] + b"\r\n"


def test_a_chunk_is_streamed_and_never_held_whole(serve):
    size = 20_000_000

    def script(connection: Connection) -> None:
        connection.read_head()
        left = size
        while left:
            left -= len(connection.read_body(min(65_536, left)))
        connection.send(say("201 Created"))

    server = serve(script)
    chunk = Chunk(0, 0, size - 1, is_last=True)
    with local_uploads() as uploads:
        tracemalloc.start()
        try:
            uploads.put_chunk(server.url, blocks_of(size), chunk, size, "video/mp4")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


def test_an_early_refusal_is_read_although_not_everything_was_sent(serve):
    size = 20_000_000

    def script(connection: Connection) -> None:
        connection.read_head()
        connection.send(say("403 Forbidden", "Connection: close", "x-tt-logid: L1"))
        connection.read_body(size)  # a closed socket with unread bytes would be reset

    server = serve(script)
    with local_uploads() as uploads, pytest.raises(UploadUrlExpiredError) as caught:
        uploads.put_chunk(server.url, blocks_of(size), Chunk(0, 0, size - 1, is_last=True), size, "video/mp4")
    assert caught.value.log_id == "L1"


def test_the_status_counts_although_the_body_breaks_off(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(10)
        connection.send(say("206 Partial Content", "Content-Range: bytes 0-20/45", length=500) + b"half")

    with local_uploads() as uploads:
        assert put(uploads, serve(script).url) == ChunkAnswer(206, 20, "")


def test_a_refusal_is_not_kept_waiting_by_a_body_that_never_ends(serve):
    done = threading.Event()

    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(10)
        connection.send(say("403 Forbidden", length=500) + b"half")
        done.wait(10)

    server = serve(script)
    began = time.monotonic()
    with local_uploads(timeout=5.0) as uploads, pytest.raises(UploadUrlExpiredError):
        put(uploads, server.url)
    assert time.monotonic() - began < 3
    done.set()


@pytest.mark.parametrize("end", ["reset", "close"])
def test_a_connection_that_breaks_while_sending_leaves_the_outcome_unknown(serve, end):
    size = 20_000_000

    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(1_000_000)
        getattr(connection, end)()

    server = serve(script)
    with local_uploads() as uploads, pytest.raises(TransportError) as caught:
        uploads.put_chunk(server.url, blocks_of(size), Chunk(0, 0, size - 1, is_last=True), size, "video/mp4")
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.RESET, None)
    assert caught.value.is_retry_safe is True


def test_a_connection_that_breaks_instead_of_the_answer_leaves_the_outcome_unknown(serve):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(10)
        connection.reset()

    with local_uploads() as uploads, pytest.raises(TransportError) as caught:
        put(uploads, serve(script).url)
    assert (caught.value.kind, caught.value.is_outcome_unknown) == (TransportKind.RESET, True)


def test_a_host_that_takes_all_and_never_answers_runs_into_the_time_limit(serve):
    done = threading.Event()

    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(10)
        done.wait(10)

    with local_uploads(timeout=0.2) as uploads, pytest.raises(TransportError) as caught:
        put(uploads, serve(script).url)
    done.set()
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.TIMEOUT, True)


def test_a_host_that_stops_taking_bytes_runs_into_the_time_limit(serve):
    done = threading.Event()
    size = 60_000_000

    def script(connection: Connection) -> None:
        connection.read_head()
        done.wait(10)

    server = serve(script)
    with local_uploads(timeout=0.3) as uploads, pytest.raises(TransportError) as caught:
        uploads.put_chunk(server.url, blocks_of(size), Chunk(0, 0, size - 1, is_last=True), size, "video/mp4")
    done.set()
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.TIMEOUT, None)


def test_nobody_listening_means_nothing_was_sent():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with local_uploads() as uploads, pytest.raises(TransportError) as caught:
            put(uploads, f"http://127.0.0.1:{bound.getsockname()[1]}/u")
    assert (caught.value.kind, caught.value.is_sent) == (TransportKind.CONNECT, False)


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([b"abcde", b"fghi"], "There are 9 bytes instead of the 10 of the chunk"),
        ([], "There are 0 bytes instead of the 10 of the chunk"),
        ([b"abcde", b"fghij", b"k"], "There are more bytes than the 10 of the chunk"),
        ([b"abcdefghijk"], "There are more bytes than the 10 of the chunk"),
    ],
)
def test_a_source_of_another_length_never_becomes_a_whole_chunk(serve, blocks, complaint):
    received: list[bytes] = []
    over = threading.Event()

    def script(connection: Connection) -> None:
        connection.read_head()
        received.append(connection.read_body(10))
        over.set()

    server = serve(script)
    with local_uploads() as uploads, pytest.raises(ChunkSourceError, match=complaint):
        uploads.put_chunk(server.url, blocks, MIDDLE, TOTAL, "video/mp4")
    assert over.wait(5)
    assert len(received[0]) < 10


def test_an_error_of_the_source_comes_through_and_the_client_goes_on(serve):
    def broken_disk() -> Iterator[bytes]:
        yield b"abcde"
        raise OSError(5, "Input/output error")

    def script(connection: Connection) -> None:
        while connection.read_head():
            if len(connection.read_body(10)) == 10:
                connection.send(say("206 Partial Content"))

    server = serve(script)
    with local_uploads() as uploads:
        with pytest.raises(OSError, match="Input/output error"):
            uploads.put_chunk(server.url, broken_disk(), MIDDLE, TOTAL, "video/mp4")
        assert put(uploads, server.url).status == 206
    assert server.connections == 2


def test_empty_blocks_do_no_harm(serve):
    received: list[bytes] = []

    def script(connection: Connection) -> None:
        connection.read_head()
        received.append(connection.read_body(10))
        connection.send(say("206 Partial Content"))

    with local_uploads() as uploads:
        answer = uploads.put_chunk(
            serve(script).url, [b"", b"abcde", b"", b"fghij", b""], MIDDLE, TOTAL, "video/mp4"
        )
    assert answer.status == 206
    assert received == [b"abcdefghij"]


def test_real_log_lines_of_httpx_and_httpcore_hide_the_address(serve, everything_logged):
    def script(connection: Connection) -> None:
        connection.read_head()
        connection.read_body(10)
        connection.send(say("302 Found", "Location: /u?upload_token=SENTINEL-redirect"))

    with local_uploads() as uploads, pytest.raises(TransportError):
        put(uploads, f"{serve(script).url}/u?upload_token=SENTINEL-address")
    names = {record.name for record in everything_logged.records if record.levelno >= logging.DEBUG}
    assert {"httpx", "httpcore.http11", "httpcore.connection"} <= names
    assert "SENTINEL" not in everything_logged.text


def test_every_wait_has_a_limit():
    assert None not in UPLOAD_TIMEOUT.as_dict().values()
