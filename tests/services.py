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
from typing import Any
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


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own with an empty database; yields its DATABASE_URL.

    It listens on a Unix socket in its own folder and nowhere else. Durability is off: what a test proves is
    locking, and nobody pulls the plug. As root it runs as another user, because PostgreSQL refuses root.
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
            "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
        ]  # fmt: skip
        # SIGINT is PostgreSQL's fast shutdown: clients are cut off, nothing is waited for.
        with _server(
            command, folder, stop=signal.SIGINT, user=user, answers=lambda: _postgres_answers(folder)
        ):
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of our own on a free port, in memory only; yields its REDIS_URL."""
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
        with _server(command, folder, stop=signal.SIGTERM, user=None, answers=lambda: _redis_answers(url)):
            yield url
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
        with _server(
            command, folder, stop=signal.SIGTERM, user=None, answers=lambda: _http_answers(url)
        ) as process:
            httpx.put(f"{url}/greenroom-media", headers=_S3_HEADERS).raise_for_status()
            yield ObjectStoreServer(url, "greenroom-media", process.pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(
    command: list[str], folder: Path, *, stop: signal.Signals, user: str | None, answers: Callable[[], bool]
) -> Iterator["subprocess.Popen[bytes]"]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, user=user,
            preexec_fn=_end_with_us(stop),  # noqa: PLW1509 - one system call, which takes no lock
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
