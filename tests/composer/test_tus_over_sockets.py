"""Uploads into the real processes: connections that break, servers that are killed, files that mean harm."""

import hashlib
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.hostile import hostile_files
from tests.installation import Installation, Running, still_alive
from tests.media import make_large_video, make_video
from tests.processes import Simulator

pytestmark = pytest.mark.slow

MB = 1024**2
PART = {"Content-Type": "application/offset+octet-stream"}


class Browser:
    """Alice's, at a running installation."""

    def __init__(self, installation: Installation) -> None:
        signed_in = installation.ask("sign_in", module="tests.bench.inside")
        self.installation = installation
        self.folder = installation.folder / "var" / "media"
        self.headers: dict[str, str] = signed_in["headers"]
        self.cookies: dict[str, str] = signed_in["cookies"]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.installation.url, headers=self.headers, cookies=self.cookies, trust_env=False, timeout=60
        )  # fmt: skip

    def create(self, size: int) -> str:
        with self.client() as client:
            return str(
                client.post("/library/uploads/", headers={"Upload-Length": str(size)}).headers["Location"]
            )

    def offset(self, address: str) -> int:
        with self.client() as client:
            return int(client.head(address).headers["Upload-Offset"])

    def patch(self, address: str, data: bytes, offset: int) -> httpx.Response:
        with self.client() as client:
            return client.patch(address, content=data, headers={**PART, "Upload-Offset": str(offset)})

    def state(self, address: str) -> dict[str, Any]:
        with self.client() as client:
            found: dict[str, Any] = client.get(address.replace("/uploads/", "/arrivals/")).json()
            return found

    def ended(self, address: str) -> dict[str, Any]:
        """The arrival once nothing is to be done about it any more."""
        return self.installation.wait_for(
            "end of the check",
            lambda: found if (found := self.state(address))["state"] in {"done", "failed"} else None,
        )

    def begin_patch(self, address: str, announced: int, offset: int, data: bytes) -> socket.socket:
        """Send the head of a part and some of its bytes; the connection stays open."""
        host = urlsplit(self.installation.url).netloc
        lines = {
            "Host": host,
            "Content-Length": str(announced),
            "Upload-Offset": str(offset),
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **PART,
            **self.headers,
        }
        head = f"PATCH {address} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )
        connection = socket.create_connection(("127.0.0.1", self.installation.port))
        connection.sendall(head.encode() + b"\r\n" + data)
        return connection


@pytest.fixture(scope="module")
def installation(
    simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("uploads")
    with Installation(folder, simulator_process, UPLOAD_SILENCE_SECONDS=2) as installation:
        yield installation


@pytest.fixture(scope="module")
def start_web(installation: Installation) -> Callable[[], Running]:
    def start() -> Running:
        web = installation.start("web")

        def answers() -> bool:
            try:
                return httpx.get(installation.url, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        installation.wait_for("front page", answers)
        return web

    return start


@pytest.fixture(scope="module")
def processes(installation: Installation, start_web: Callable[[], Running]) -> dict[str, Running]:
    return {"web": start_web(), "worker": installation.start("worker")}


@pytest.fixture(scope="module")
def browser(installation: Installation, processes: dict[str, Running]) -> Browser:
    return Browser(installation)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_large_video(tmp_path_factory.mktemp("film") / "film.mp4", 6 * MB).read_bytes()


def test_a_connection_cut_in_every_way_costs_at_most_a_block(
    browser: Browser, processes: dict[str, Running], start_web: Callable[[], Running], film: bytes
) -> None:
    address = browser.create(len(film))

    def ends(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_WR)
        connection.close()

    def resets(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def falls_silent(connection: socket.socket) -> None:
        # Half open, as after a tunnel: the other end never hears that it is over.
        browser.installation.wait_for("answer to the silence", lambda: connection.recv(100))
        connection.close()

    def server_dies(connection: socket.socket) -> None:
        processes["web"].clear_away()
        connection.close()
        processes["web"] = start_web()

    for cut in (ends, resets, falls_silent, server_dies):
        before = browser.offset(address)
        sent = film[before : before + MB]
        connection = browser.begin_patch(address, 2 * MB, before, sent)
        place = browser.folder / "incoming" / address.split("/")[-2].replace("-", "")
        least = before + MB - 256 * 1024
        _wait_for_bytes(browser, place, least)
        cut(connection)
        after = _settled(browser, address)
        # Bytes that the system had not handed over yet are sent again; not one wrong byte is kept.
        assert least <= after <= before + MB, cut.__name__
        assert place.read_bytes() == film[:after], cut.__name__
    for offset in iter(lambda: browser.offset(address), len(film)):
        assert browser.patch(address, film[offset : offset + 2 * MB], offset).status_code == 204
    arrival = browser.ended(address)
    assert (arrival["state"], arrival["media_state"]) == ("done", "ready")
    stored = [path for path in (browser.folder / "media").iterdir() if path.stat().st_size == len(film)]
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in stored] == [
        hashlib.sha256(film).hexdigest()
    ]


def _wait_for_bytes(browser: Browser, place: Path, least: int) -> None:
    browser.installation.wait_for("bytes on the disk", lambda: place.stat().st_size >= least)


def _settled(browser: Browser, address: str) -> int:
    """The offset once nobody is writing any more: an empty part finds the upload free."""

    def free() -> bool:
        return browser.patch(address, b"", browser.offset(address)).status_code == 204

    browser.installation.wait_for("free upload", free)
    return browser.offset(address)


def test_of_two_who_send_the_same_part_one_is_told_to_wait(browser: Browser, film: bytes) -> None:
    address = browser.create(len(film))
    connection = browser.begin_patch(address, MB, 0, film[:1000])
    place = browser.folder / "incoming" / address.split("/")[-2].replace("-", "")
    time.sleep(0.3)
    assert browser.patch(address, film[:MB], 0).status_code == 423
    connection.sendall(film[1000:MB])
    assert b" 204 " in connection.recv(1000)
    connection.close()
    assert browser.patch(address, film[:MB], 0).status_code == 409
    assert place.read_bytes() == film[:MB]
    with browser.client() as client:
        assert client.delete(address).status_code == 204
    assert not place.exists()


# Some hundred checks, each in a process of its own, on a machine that may be busy with others.
@pytest.mark.timeout(600)
def test_hostile_files_are_refused_by_name_and_harm_nothing(
    browser: Browser, processes: dict[str, Running], tmp_path: Path
) -> None:
    """By tus and by the plain form; afterwards the same processes take a good file in."""
    before = {path for path in browser.folder.rglob("*") if path.is_file()}
    families = [member for running in processes.values() for member in running.family()]
    wrong = []
    uploads = []
    with browser.client() as client:
        for file in hostile_files(tmp_path / "hostile"):
            data = file.path.read_bytes()
            if data:
                uploads.append((file, browser.create(len(data))))
                assert browser.patch(uploads[-1][1], data, 0).status_code == 204
            files = {"upload": (file.path.name, data, "video/mp4")}
            answer = client.post("/library/upload/", files=files)
            page = unescape(client.get(answer.headers["Location"]).text)
            if answer.headers["Location"] != "/library/" or file.why not in page:
                wrong.append((str(file), "form", answer.headers["Location"]))
    for file, address in uploads:
        arrival = browser.ended(address)
        if arrival["state"] != "failed" or not arrival["error"].startswith(file.why):
            wrong.append((str(file), "tus", str(arrival)))
    assert wrong == []
    assert {path for path in browser.folder.rglob("*") if path.is_file()} == before
    assert len(still_alive(families)) >= 4
    good = make_video(tmp_path / "good.mp4", seconds=3.3).read_bytes()
    address = browser.create(len(good))
    browser.patch(address, good, 0)
    assert browser.ended(address)["media_state"] == "ready"


def test_a_worker_killed_in_the_middle_leaves_the_check_to_the_next(
    browser: Browser, installation: Installation, processes: dict[str, Running], tmp_path: Path
) -> None:
    data = make_large_video(tmp_path / "killed.mp4", 40 * MB, seconds=1.2).read_bytes()
    address = browser.create(len(data))
    for offset in range(0, len(data), 8 * MB):
        assert browser.patch(address, data[offset : offset + 8 * MB], offset).status_code == 204
    processes["worker"].end(signal.SIGKILL)
    processes["worker"].clear_away()
    processes["worker"] = installation.start("worker")
    arrival = browser.ended(address)
    assert (arrival["state"], arrival["media_state"]) == ("done", "ready")
