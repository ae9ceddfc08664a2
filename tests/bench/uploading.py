"""How 4 GiB come in by tus, are checked, and leave to TikTok again; against a plain copy of them over loopback.

The client speaks the browser's protocol in the parts that the page uses; web and worker are the processes that
`make run` starts. Everything lies on the same disk: the file, the library, what TikTok got.
"""

import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.bench.figures import Figure
from tests.bench.sending import MEGABYTE, Memory, film, state_of, upload_seconds
from tests.installation import Installation

SIZE = 4 * 1024**3
SMALL = 24 * MEGABYTE
MOST_MEMORY_MB = 64
BENCH = "tests.bench.inside"
_PATIENCE_SECONDS = 1800


def measure(installation: Installation, folder: Path) -> list[Figure]:
    """Once up and once out; the file is as large as any may be."""
    web, worker = installation.start("web"), installation.start("worker")
    browser = _sign_in(installation)
    # Once with a small file, so that everything is loaded and "at rest" means processes that have worked.
    _publish(installation, _take(installation, browser, film(folder / "small.mp4", SMALL))[0])
    large = film(folder / "large.mp4", SIZE)
    copied = _copy_over_loopback(large, folder / "copy")
    memories = {"web": Memory(_serving(web.pid)), "worker": Memory(worker.pid)}
    with ExitStack() as watched:
        for memory in memories.values():
            watched.enter_context(memory.watched())
        media, uploaded, checked = _take(installation, browser, large)
        large.unlink()
        sent = _publish(installation, media)
    web.end()
    worker.end()
    return [
        Figure("a plain copy over loopback to the disk", _speed(copied)),
        Figure("by tus into the incoming folder", _speed(uploaded)),
        Figure("  tus / plain copy", f"{copied / uploaded:.2f}"),
        Figure("hashed, checked and in the library after", f"{checked:.1f} s"),
        Figure("out of the library to the simulator", _speed(sent)),
        *(
            Figure(
                f"memory of the {name}, above rest",
                f"{memory.peak_above_rest():.1f} MB",
                f"under {MOST_MEMORY_MB} MB",
                memory.peak_above_rest() < MOST_MEMORY_MB,
            )
            for name, memory in memories.items()
        ),
    ]


def _sign_in(installation: Installation) -> dict[str, Any]:
    browser: dict[str, Any] = installation.ask("sign_in", module=BENCH)

    def answers() -> bool:
        try:
            return httpx.get(installation.url, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    installation.wait_for("front page", answers)
    return browser


def _take(installation: Installation, browser: dict[str, Any], path: Path) -> tuple[int, float, float]:
    """Upload one file; returns its key, the seconds to the last byte, and those from there to the library."""
    size, part = path.stat().st_size, int(browser["part_bytes"])
    with httpx.Client(
        base_url=installation.url, cookies=browser["cookies"], headers=browser["headers"], trust_env=False, timeout=60
    ) as client, path.open("rb", buffering=0) as file:  # fmt: skip
        started = time.perf_counter()
        opened = client.post("/library/uploads/", headers={"Upload-Length": str(size)})
        assert opened.status_code == 201, opened.text
        address = opened.headers["Location"]
        for offset in range(0, size, part):
            length = min(part, size - offset)
            answer = client.patch(
                address,
                content=_blocks(file, length),
                headers={
                    "Content-Type": "application/offset+octet-stream",
                    "Content-Length": str(length),
                    "Upload-Offset": str(offset),
                },
            )
            assert answer.headers["Upload-Offset"] == str(offset + length), answer.text
        uploaded = time.perf_counter() - started

        def media() -> Any:
            arrival = client.get(address.replace("/uploads/", "/arrivals/")).json()
            assert arrival["state"] in {"checking", "done"}, arrival
            return arrival["media"] if arrival["state"] == "done" else None

        pk = installation.wait_for("file in the library", media, seconds=_PATIENCE_SECONDS, pause=0.2)
        return pk, uploaded, time.perf_counter() - started - uploaded


def _publish(installation: Installation, media: int) -> float:
    """Post it and wait until TikTok has it; returns the seconds that sending took."""
    pk = installation.ask("publish_media", media, module=BENCH)
    installation.wait_for(
        "published publication",
        lambda: state_of(installation, pk) == "published",
        seconds=_PATIENCE_SECONDS,
        pause=0.5,
    )
    return upload_seconds(installation, pk)


def _blocks(file: Any, length: int) -> Iterator[bytes]:
    while length:
        block = file.read(min(MEGABYTE, length))
        length -= len(block)
        yield block


def _serving(pid: int) -> int:
    """gunicorn's one worker: its master only watches."""
    (child,) = psutil.Process(pid).children()
    return int(child.pid)


def _copy_over_loopback(path: Path, copy: Path) -> float:
    """What is possible at best: one connection, no protocol, blocks of 1 MiB, and at the end on the disk."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sender = multiprocessing.get_context("spawn").Process(
            target=_send_all, args=(path, server.getsockname()[1])
        )
        sender.start()
        connection, _address = server.accept()
        buffer = bytearray(MEGABYTE)
        with connection, copy.open("wb", buffering=0) as file:
            started = time.perf_counter()
            while count := connection.recv_into(buffer):
                file.write(memoryview(buffer)[:count])
            os.fsync(file.fileno())
        seconds = time.perf_counter() - started
        sender.join()
    copy.unlink()
    return seconds


def _send_all(path: Path, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection, path.open("rb", buffering=0) as file:
        while block := file.read(MEGABYTE):
            connection.sendall(block)


def _speed(seconds: float) -> str:
    return f"{SIZE / 1e6 / seconds:.0f} MB/s"
