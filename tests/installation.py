"""An installation of the product as an operator has it, with real processes, next to a simulated TikTok."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil

from tests.migrated import lay_migrated_database
from tests.processes import ROOT, Simulator, free_port

STOP_SECONDS = 30
# Also on a machine that has much else to do.
START_SECONDS = 150
ANSWER_SECONDS = 300

Answer = TypeVar("Answer")


def still_alive(processes: Iterable[psutil.Process], *, seconds: float = 0) -> list[psutil.Process]:
    """Those that have not ended after so many seconds; one that nobody has collected yet has ended."""

    def is_alive(process: psutil.Process) -> bool:
        try:
            return bool(process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + seconds
    while True:
        alive = [process for process in processes if is_alive(process)]
        if not alive or time.monotonic() >= deadline:
            return alive
        time.sleep(0.05)


class Running:
    """One started process and whatever it starts itself; ends by process ids only."""

    def __init__(self, name: str, command: list[str], environ: dict[str, str], log_path: Path) -> None:
        self.name = name
        self.log_path = log_path
        self._family: dict[int, psutil.Process] = {}
        with log_path.open("ab") as log:
            # A process group of its own, so that a test may press Ctrl-C for all of it.
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=log, stderr=log, process_group=0
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> str:
        return self.log_path.read_text()

    def family(self) -> list[psutil.Process]:
        """The process and everything below it; what was seen once is known even when its parent is gone."""
        try:
            own = psutil.Process(self.pid)
            self._family |= {member.pid: member for member in [own, *own.children(recursive=True)]}
        except psutil.NoSuchProcess:
            pass
        return still_alive(self._family.values())

    def end(self, sig: signal.Signals = signal.SIGTERM) -> float:
        """Send the signal and wait for the process itself; returns how many seconds that took."""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{self.name} did not end:\n{self.log()}") from error
        return time.monotonic() - started

    def clear_away(self) -> None:
        """End it and its family, whatever state they are in."""
        family = self.family()
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(STOP_SECONDS)
        if still_alive(family, seconds=STOP_SECONDS):
            raise AssertionError(f"{self.name} cannot be killed")


class Installation:
    """Settings, folder, database and processes of one installation; a context manager that leaves nothing running.

    `settings` are environment variables by name, as an operator would set them.
    """

    def __init__(self, folder: Path, simulator: Simulator, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.simulator = simulator
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "TIKTOK_CLIENT_KEY": simulator.client_key,
            "TIKTOK_CLIENT_SECRET": simulator.client_secret,
            "TIKTOK_AUTH_URL": simulator.url,
            "TIKTOK_API_URL": simulator.url,
            **{name: str(value) for name, value in settings.items()},
        }
        self._running: list[Running] = []
        self._commands: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if not self.environ.get("DATABASE_URL"):
            lay_migrated_database(self.folder / "var")
        self._commands = self.ask("prepare")
        return self

    def __exit__(self, *_exception: object) -> None:
        for running in self._running:
            running.clear_away()

    def ask(
        self, question: str, *arguments: object, module: str = "tests.inside", seconds: float = ANSWER_SECONDS
    ) -> Any:
        """Have one function of that module run in this installation's own environment; returns its answer."""
        done = subprocess.run(
            [sys.executable, "-m", module, question, *map(str, arguments)],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{question} failed:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def command(self, name: str) -> tuple[list[str], dict[str, str]]:
        """How `make run` starts `web` or `worker`: the command line, and the environment on top."""
        command, extra = self._commands[name]
        return command, extra

    def start(self, name: str, *more: str) -> Running:
        """Start `web` or `worker` by the very command that `make run` uses, with `more` at its end."""
        command, extra = self.command(name)
        number = len(self._running)
        running = Running(name, [*command, *more], self.environ | extra, self.folder / f"{name}-{number}.log")
        self._running.append(running)
        return running

    def logs(self) -> str:
        return "\n".join(f"--- {running.name}\n{running.log()}" for running in self._running)

    def wait_for(
        self,
        what: str,
        answer: Callable[[], Answer | None],
        *,
        seconds: float = START_SECONDS,
        pause: float = 0.05,
    ) -> Answer:
        """Ask until there is an answer; returns it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = answer()
            if found:
                return found
            time.sleep(pause)
        raise AssertionError(f"no {what} within {seconds:.0f} s\n{self.logs()}")
