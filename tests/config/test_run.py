"""`make run`: everything starts in one terminal, says where it is, and leaves nothing behind when it ends."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import psutil
import pytest

from tests.config.starting import environment, refusal
from tests.installation import Running, still_alive
from tests.migrated import lay_migrated_database
from tests.processes import Simulator, free_port

RUN = (sys.executable, "-m", "config.run")
START_SECONDS = 60
STOP_SECONDS = 25
# A second, on a machine that has nothing else to do.
GONE_SECONDS = 10


class Run(Running):
    """`make run` on ports of its own."""

    def __init__(self, folder: Path, *, command: Sequence[str] = RUN, **variables: str) -> None:
        self.port, self.simulator_port = free_port(), free_port()
        ports = {"PORT": str(self.port), "SIMULATOR_PORT": str(self.simulator_port)}
        environ = environment(folder / "var", **ports | variables)
        super().__init__("run", list(command), environ, folder / "log")

    def wait_until_announced(self) -> None:
        self.wait_for_line(f"Greenroom is at http://localhost:{self.port}")

    def wait_for_line(self, text: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while text not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def both(self, word: str) -> tuple[psutil.Process, psutil.Process]:
        """Of the two processes with this word in their command line, the parent and its child."""
        found = {member.pid: member for member in self.family() if word in member.cmdline()}
        assert len(found) == 2
        child = next(member for member in found.values() if member.ppid() in found)
        return found[child.ppid()], child


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    lay_migrated_database(tmp_path / "var")
    run = Run(tmp_path)
    yield run
    run.clear_away()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def page(port: int, path: str = "/") -> httpx.Response:
    return httpx.get(f"http://localhost:{port}{path}", trust_env=False)


# --- Ports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
@pytest.mark.parametrize(
    ("setting", "what"), [("PORT", "the web server"), ("SIMULATOR_PORT", "the TikTok simulator")]
)
def test_a_taken_port_is_one_line_that_names_it_and_the_setting(
    setting: str, what: str, host: str, tmp_path: Path
) -> None:
    ports = {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(tmp_path, **ports | {setting: str(port)})
    other_port = port + 10 if port < 65000 else port - 10
    assert said == (
        f"Port {port} for {what} is taken. Stop what uses it, or choose another: make run {setting}={other_port}"
    )
    assert not (tmp_path / "greenroom.sqlite3").exists()


# --- Starting ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_starts_everything_under_its_name_and_says_where_it_is(run: Run) -> None:
    run.wait_until_announced()
    assert page(run.port).status_code == 200
    assert page(run.simulator_port, "/_simulator/health").json() == {"ok": True}
    run.wait_for_line("ready.")
    log = run.log()
    for name in ("tiktok", "web", "worker"):
        assert re.search(rf"\b{name} +\|", log) or f"{name} started" in log, log
    assert "(TikTok is simulated)" in log
    assert "Traceback" not in log
    assert "Warning" not in log


@pytest.mark.slow
def test_with_a_client_key_no_simulator_is_started_and_a_simulated_tiktok_is_still_called_so(
    simulator_process: Simulator, tmp_path: Path
) -> None:
    lay_migrated_database(tmp_path / "var")
    run = Run(
        tmp_path,
        TIKTOK_CLIENT_KEY=simulator_process.client_key,
        TIKTOK_CLIENT_SECRET=simulator_process.client_secret,
        TIKTOK_AUTH_URL=simulator_process.url,
        TIKTOK_API_URL=simulator_process.url,
    )
    try:
        run.wait_until_announced()
        assert not any("simulator" in member.cmdline() for member in run.family())
        with pytest.raises(httpx.ConnectError):
            page(run.simulator_port)
        assert "TikTok is simulated" in page(run.port).text
    finally:
        run.clear_away()


# --- Ending -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda sig: sig.name)
def test_ends_everything_within_seconds(run: Run, sig: signal.Signals) -> None:
    run.wait_until_announced()
    run.wait_for_line("ready.")
    family = run.family()
    assert len(family) >= 6  # itself, the simulator and its server, web and its server, worker, beat
    assert run.end(sig) < STOP_SECONDS
    assert still_alive(family, seconds=GONE_SECONDS) == []
    assert run.process.returncode == 0
    assert "Traceback" not in run.log()


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ["", "tiktok started", "worker started"], ids=["at once", "between", "at the end"]
)
def test_ends_everything_when_it_has_hardly_started(run: Run, tmp_path: Path, line: str) -> None:
    if line:
        run.wait_for_line(line)
    else:
        wait_until((tmp_path / "var" / "greenroom.sqlite3-wal").exists)  # it migrates
    family = run.family()
    assert run.end(signal.SIGINT) < STOP_SECONDS
    assert still_alive(family, seconds=GONE_SECONDS) == []
    assert "Traceback" not in run.log()
    for port in (run.port, run.simulator_port):
        with pytest.raises(httpx.ConnectError):
            page(port)


@pytest.mark.slow
def test_ctrl_c_reaches_it_through_make(tmp_path: Path) -> None:
    run = Run(tmp_path, command=["make", "run"])
    try:
        run.wait_until_announced()
        family = run.family()
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to everybody in the foreground
        run.process.wait(STOP_SECONDS)
        assert still_alive(family, seconds=GONE_SECONDS) == []
        assert "Traceback" not in run.log()
    finally:
        run.clear_away()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "beat", "web", "tiktok"])
def test_ends_everything_when_one_process_is_killed(run: Run, victim: str) -> None:
    run.wait_until_announced()
    run.wait_for_line("ready.")
    family = run.family()
    word = {"web": "gunicorn", "tiktok": "simulator"}.get(victim, "celery")
    parent, child = run.both(word)
    (child if victim == "beat" else parent).kill()
    run.process.wait(STOP_SECONDS)
    assert still_alive(family, seconds=GONE_SECONDS) == []
    assert run.process.returncode != 0


@pytest.mark.slow
def test_a_second_start_finds_everything_as_it_was(run: Run, tmp_path: Path) -> None:
    run.wait_until_announced()
    run.end(signal.SIGINT)
    secret = (tmp_path / "var" / "secrets" / "secret_key").read_text()
    again = Run(tmp_path)
    try:
        again.wait_until_announced()
        assert page(again.port).status_code == 200
        assert (tmp_path / "var" / "secrets" / "secret_key").read_text() == secret
    finally:
        again.clear_away()
