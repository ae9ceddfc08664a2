"""The product as `make run` starts it, with a simulated TikTok, on free ports and in a folder that is thrown away."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from dotenv import dotenv_values

from config.env import BASE_DIR
from review.kit.errors import KitError

_START_SECONDS = 90
_STOP_SECONDS = 30
# What the operator says of the site is what the film shows; everything else of theirs must not be touched.
_OPERATORS = ("PRODUCT_", "OPERATOR_", "TIKTOK_SCOPES")
_OF_THE_MACHINE = ("PATH", "HOME", "LANG", "LC_", "TMPDIR", "TZ", "PYTHON", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Rehearsal:
    """A running product and the wires behind its simulated TikTok."""

    url: str
    tiktok_url: str

    def creator(self, username: str, **changes: Any) -> None:
        """Change what TikTok says of a creator."""
        url = f"{self.tiktok_url}/_simulator/creators/{username}"
        httpx.post(url, json=changes, trust_env=False, timeout=30).raise_for_status()


@contextmanager
def rehearsal(folder: Path) -> Iterator[Rehearsal]:
    """Start everything and stop it again. Raises KitError with the end of the log when it does not start."""
    port, tiktok_port = _free_ports(2)
    running = Rehearsal(f"http://localhost:{port}", f"http://localhost:{tiktok_port}")
    environ = _environ() | {
        "VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "SIMULATOR_PORT": str(tiktok_port),
        # As it is when the film is made.
        "TIKTOK_CLIENT_AUDITED": "false",
    }
    log_path = folder / "product.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=BASE_DIR,
            env=environ,
            stdout=log,
            stderr=log,
            process_group=0,
        )
    try:
        _wait_until_ready(running, process, log_path)
        yield running
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)


def _environ() -> dict[str, str]:
    """The machine's own variables and the operator's words; an empty value hides what .env says."""
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(_OF_THE_MACHINE + _OPERATORS)
    }
    hidden = {name: "" for name in dotenv_values(BASE_DIR / ".env") if not name.startswith(_OPERATORS)}
    return hidden | kept | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def _wait_until_ready(running: Rehearsal, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        is_working = " ready." in log_path.read_text()
        if is_working and _answers(running.url) and _answers(running.tiktok_url):
            return
        time.sleep(0.1)
    raise KitError("The product did not start. The end of its log:\n" + log_path.read_text()[-2000:])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on; all held open until the last is found, so that they differ."""
    held = []
    try:
        for _ in range(count):
            held.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            held[-1].bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
    finally:
        for each in held:
            each.close()
