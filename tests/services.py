"""Starts a private, throwaway PostgreSQL, Redis and S3 for tests; each goes away with the test, whatever happens."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import psycopg
import redis

from config.media_store import ObjectStore, media_storage
from tests.processes import free_port

START_SECONDS = 30
STOP_SECONDS = 10
_PR_SET_PDEATHSIG = 1
# What moto's server tells S3's requests from other services' by.
_S3_HEADERS = {"Authorization": "AWS4-HMAC-SHA256 Credential=test-key/20261121/us-east-1/s3/aws4_request"}


@dataclass(frozen=True)
class Service:
    """A running server, and the address its users set."""

    url: str
    server: "Server"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own with an empty database; yields its DATABASE_URL."""
    with postgres_server() as service:
        yield service.url


@contextmanager
def postgres_server(*options: str) -> Iterator[Service]:
    """A PostgreSQL of our own with an empty database and perhaps further `options` as `name=value`.

    It listens on a Unix socket in its own folder and nowhere else. Nothing waits for the disk, because nobody pulls
    the plug; a commit is with the kernel before it is answered, so that a killed server loses none. As root it runs
    as another user, because PostgreSQL refuses root.
    """
    binaries = _postgres_binaries()
    # Not below pytest's folder: that one is closed to the user PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="greenroom-postgres-"))
    user = _unprivileged_user() if os.geteuid() == 0 else None
    try:
        if user is not None:
            shutil.chown(folder, user)
        subprocess.run(
            [binaries / "initdb", "--no-sync", "-A", "trust", "-U", "greenroom", "-E", "UTF8", "-D", folder / "data"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        url = f"postgres://greenroom@{quote(str(folder), safe='')}/postgres"
        command = [
            str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-h", "",
            *(word for option in ("fsync=off", "full_page_writes=off", *options) for word in ("-c", option)),
        ]  # fmt: skip
        # SIGINT is PostgreSQL's fast shutdown: clients are cut off, nothing is waited for.
        with Server(
            command, folder, stop=signal.SIGINT, user=user, answers=lambda: _postgres_answers(folder)
        ) as server:
            yield Service(url, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own on a free port, in memory only; yields its REDIS_URL."""
    with redis_service() as service:
        yield service.url


@contextmanager
def redis_service() -> Iterator[Service]:
    """The same, to be killed: it comes back empty."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise FileNotFoundError("redis-server is not installed (Debian: apt-get install redis-server)")
    folder = Path(tempfile.mkdtemp(prefix="greenroom-redis-"))
    url = f"redis://127.0.0.1:{free_port()}/0"
    command = [
        binary, "--port", url.rpartition(":")[2].partition("/")[0], "--bind", "127.0.0.1",
        "--save", "", "--appendonly", "no", "--dir", str(folder),
    ]  # fmt: skip
    try:
        with Server(
            command, folder, stop=signal.SIGTERM, user=None, answers=lambda: _redis_answers(url)
        ) as server:
            yield Service(url, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class ObjectStoreServer:
    """A running S3 with one empty bucket."""

    url: str
    bucket: str
    pid: int

    def storage(self, *, url: str = "", prefix: str = "") -> dict[str, Any]:
        """What belongs into STORAGES; `url` where the way to the store leads over something else."""
        return media_storage(
            ObjectStore(
                bucket=self.bucket,
                endpoint_url=url or self.url,
                region="",
                access_key_id="test-key",
                secret_access_key="test-secret",
                prefix=prefix,
            )
        )


@contextmanager
def s3_server() -> Iterator[ObjectStoreServer]:
    """An S3 of our own on a free port: moto's server, a process that speaks the protocol and keeps objects."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-s3-"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    try:
        with Server(
            command, folder, stop=signal.SIGTERM, user=None, answers=lambda: _http_answers(url)
        ) as server:
            httpx.put(f"{url}/greenroom-media", headers=_S3_HEADERS).raise_for_status()
            yield ObjectStoreServer(url, "greenroom-media", server.pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """One server process, a context manager; it can be killed and started again on what it left in its folder."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        *,
        stop: signal.Signals,
        user: str | None,
        answers: Callable[[], bool],
    ) -> None:
        self._command = command
        self._folder = folder
        self._stop = stop
        self._user = user
        self._answers = answers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill(self._stop)
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill(self._stop)

    def start(self) -> None:
        """Start the process and wait until it answers."""
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, stdout=output, stderr=output, user=self._user,
                preexec_fn=_end_with_us(self._stop),  # noqa: PLW1509 - one system call, which takes no lock
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.02)

    def kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """End the process with that signal; PostgreSQL's own word for being killed is SIGQUIT."""
        if self._process is None:
            return
        self._process.send_signal(sig)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _end_with_us(stop: signal.Signals) -> Callable[[], None] | None:
    """On Linux the kernel stops the server when the test run itself is killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, int(stop))


def _postgres_answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="greenroom", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(url: str) -> bool:
    client = redis.Redis.from_url(url)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()


def _http_answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=5)
    except httpx.TransportError:
        return False
    return True


def _postgres_binaries() -> Path:
    """Debian keeps them outside PATH, one folder for each version."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for folder in [*folders, *([Path(on_path).parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _unprivileged_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
