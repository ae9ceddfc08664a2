"""Starts the project's real processes for tests, and ends them by their ids."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
STOP_SECONDS = 10

CALLBACK = "http://localhost:8000/accounts/connect/callback/"
# A loopback callback on any port, and one on the web as a production app has it.
REDIRECT_URIS = (
    "http://localhost:*/accounts/connect/callback/",
    "http://127.0.0.1:*/accounts/connect/callback/",
    "https://greenroom.example.com/accounts/connect/callback/",
)


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Simulator:
    """A running simulator, with its control endpoints as methods."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self.port = int(environ["SIMULATOR_PORT"])
        self.url = f"http://localhost:{self.port}"
        self.client_key = environ["SIMULATOR_CLIENT_KEY"]
        self.client_secret = environ["SIMULATOR_CLIENT_SECRET"]
        self.log_path = folder / "simulator.log"
        # No connection is kept: a server that is told to stop waits for the ones that are.
        self._http = httpx.Client(
            base_url=f"{self.url}/_simulator", timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "simulator"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if self._http.get("/health").json() == {"ok": True}:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the simulator did not start:\n{self.log()}")

    def stop(self) -> None:
        """End the process, gently at first."""
        self._end(signal.SIGTERM)
        self._http.close()

    def restart(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """End the process with the signal given and start it again on what it left behind."""
        self._end(sig)
        self.start()

    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the simulator is not running")
        return self._process.pid

    def control(self, method: str, path: str, json: dict[str, Any] | None = None) -> dict[str, Any]:
        """One control call, `path` below /_simulator; a refusal raises httpx.HTTPStatusError."""
        response = self._http.request(method, path, json=json)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def reset(self) -> None:
        self.control("POST", "/reset")

    def ledger(self) -> dict[str, Any]:
        """The truth: posts, inits, calls, connections."""
        return self.control("GET", "/ledger")

    def posts(self) -> list[dict[str, Any]]:
        posts: list[dict[str, Any]] = self.ledger()["posts"]
        return posts

    def calls(self, name: str) -> int:
        """How often a call has arrived since the last reset."""
        return int(self.ledger()["calls"].get(name, 0))

    def wait_until_checked(self, publish_id: str) -> dict[str, Any]:
        """The ledger's post once its file has been looked at (processing may still be running)."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            post = next(post for post in self.posts() if post["publish_id"] == publish_id)
            if post["sha256"]:
                return post
            time.sleep(0.02)
        raise AssertionError(f"{publish_id} was never checked")

    def wait_until_ended(self, publish_id: str) -> dict[str, Any]:
        """The ledger's post once it is out of processing: on the profile, in the inbox, or failed."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            post = next(post for post in self.posts() if post["publish_id"] == publish_id)
            if not post["status"].startswith("PROCESSING"):
                return post
            time.sleep(0.02)
        raise AssertionError(f"{publish_id} never left processing")

    def tap(self, publish_id: str, *, times: int = 1, privacy_level: str | None = None) -> dict[str, Any]:
        """The creator taps the notification and posts the draft; the ledger's post afterwards."""
        wanted = {"times": times, "privacy_level": privacy_level}
        return self.control("POST", f"/inbox/{publish_id}/post", wanted)

    def fault(self, on: str, kind: str, **details: Any) -> dict[str, Any]:
        """Plan a fault; once unless `times` says otherwise (None: until cleared)."""
        return self.control("POST", "/faults", {"on": on, "kind": kind, **details})

    def events(self) -> list[dict[str, Any]]:
        """What the app was told, oldest first, and how it answered."""
        events: list[dict[str, Any]] = self.control("GET", "/events")["events"]
        return events

    def set_audience(self, publish_id: str, privacy_level: str) -> None:
        """The creator changes who can view what was made of a publish."""
        self.control("POST", f"/posts/{publish_id}/audience", {"privacy_level": privacy_level})

    def faults(self) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = self.control("GET", "/faults")["faults"]
        return faults

    def clear_faults(self) -> None:
        self.control("DELETE", "/faults")

    def switch(self, **changes: Any) -> dict[str, Any]:
        return self.control("POST", "/switches", changes)

    def creator(self, username: str, **changes: Any) -> dict[str, Any]:
        """Change a creator: private, banned, nickname, posts_today, max_seconds and so on."""
        return self.control("POST", f"/creators/{username}", changes)

    def revoke(self, username: str) -> None:
        """The creator removes the app's access in TikTok."""
        self.control("POST", f"/revoke/{username}")

    def expire(self, username: str, *, access: bool = True, refresh: bool = False) -> None:
        self.control("POST", f"/expire/{username}", {"access": access, "refresh": refresh})

    def advance(self, seconds: float) -> None:
        """Turn the simulator's clock forward."""
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def _end(self, sig: signal.Signals) -> None:
        if self._process is None:
            return
        # The master and its one worker; a killed master cannot take the worker along.
        children = _children_of(self._process.pid)
        self._process.send_signal(sig)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        for pid in children:
            _end_orphan(pid)
        self._process = None


def start_simulator(folder: Path, **settings: Any) -> Simulator:
    """A simulator on a free port with its data under `folder`.

    Settings are the environment variables without their prefix, in any case: `audited=False`,
    `processing_seconds=0`. Time between upload and post is 0 unless set.
    """
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SIMULATOR_")}
    environ |= {
        "SIMULATOR_PORT": str(port),
        "SIMULATOR_DATA_DIR": str(folder / "simulator"),
        "SIMULATOR_CLIENT_KEY": "sbtestclientkey",
        "SIMULATOR_CLIENT_SECRET": "test-client-secret",
        "SIMULATOR_REDIRECT_URIS": ",".join(REDIRECT_URIS),
        "SIMULATOR_PROCESSING_SECONDS": "0",
        "SIMULATOR_MODERATION_SECONDS": "0",
    }
    for name, value in settings.items():
        environ[f"SIMULATOR_{name.upper()}"] = str(value).lower() if isinstance(value, bool) else str(value)
    folder.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(folder, environ)
    simulator.start()
    return simulator


def _children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _end_orphan(pid: int) -> None:
    """Make sure a worker is gone; it notices by itself that its master is, within a second or two."""
    deadline = time.monotonic() + STOP_SECONDS
    while _is_alive(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
