"""The whole product as `make run` starts it: one command, all its processes, and nothing left of them at the end."""

import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from tests.installation import Running, still_alive
from tests.migrated import lay_migrated_database
from tests.processes import Simulator, free_port

# Also on a machine that has much else to do.
START_SECONDS = 150
STOP_SECONDS = 10
# `make run` gives its processes twenty seconds to stop in peace.
KILL_SECONDS = 25

# What a machine or its .env says of the product must not reach the one under test.
_FOREIGN = (
    "TIKTOK_", "SIMULATOR_", "PUBLISHING_", "PULL_", "MEDIA_", "WORKSPACE_", "UPLOAD_", "IMPORT_", "WEB_THREADS",
    "EMAIL_", "DATABASE_URL", "DEBUG", "SECRET_KEY",
)  # fmt: skip
_MADE_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}
# Waiting is shortened, never left out.
_SHORTENED = {
    "SIMULATOR_PROCESSING_SECONDS": "0.5",
    "SIMULATOR_MODERATION_SECONDS": "0.5",
    "PUBLISHING_POLL_SECONDS": "0.5,1,2,5,30",
    # After ten seconds, not after a minute; five drafts stay within the rates.
    "PUBLISHING_INBOX_POLL_SECONDS": "10",
}


class Product:
    """A running product on free ports with a folder of its own; a context manager.

    `settings` are environment variables by name, as after `make run`.
    """

    def __init__(self, folder: Path, *, start_seconds: float = START_SECONDS, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._start_seconds = start_seconds
        self.port, simulator_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.log_path = folder / "make-run.log"
        self.database_path = folder / "var" / "greenroom.sqlite3"
        environ = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        self.environ = environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(folder / "var"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "SIMULATOR_PORT": str(simulator_port),
            "TIKTOK_CLIENT_KEY": "",
            "REDIS_URL": "",
            **_SHORTENED,
            **settings,
        }
        credentials = {"SIMULATOR_CLIENT_KEY": "", "SIMULATOR_CLIENT_SECRET": ""}
        # Only its control calls: the process belongs to `make run`.
        self.simulator = Simulator(folder, self.environ | credentials)
        self._running: Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """`make run`, on whatever an earlier one left in the folder; returns when everything answers."""
        self.log_path.write_text("")
        lay_migrated_database(self.database_path.parent)
        self._running = Running("make run", [sys.executable, "-m", "config.run"], self.environ, self.log_path)
        try:
            self._wait_until_ready()
        except BaseException:
            self._running.clear_away()
            raise

    def kill(self) -> None:
        """End every process at once, as a power cut does: nothing is tidied up."""
        assert self._running is not None
        self._running.clear_away()

    def web(self) -> tuple[psutil.Process, psutil.Process]:
        """The web server: the process that `make run` watches, and its child, which answers."""
        assert self._running is not None
        bound = f"127.0.0.1:{self.port}"
        found = {member.pid: member for member in self._running.family() if bound in member.cmdline()}
        [child] = [member for member in found.values() if member.ppid() in found]
        return found[child.ppid()], child

    def workers(self) -> list[psutil.Process]:
        """The processes that send posts, and beat with them."""
        assert self._running is not None
        return [member for member in self._running.family() if "celery" in member.cmdline()]

    def wait_until_ended(self) -> None:
        """Until `make run` has ended by itself, and everything with it."""
        assert self._running is not None
        self._running.process.wait(KILL_SECONDS)
        left = still_alive(self._running.family(), seconds=STOP_SECONDS)
        assert left == [], f"left running: {left}\n{self.log()}"

    def __exit__(self, *_exception: object) -> None:
        """Ctrl-C, in effect; everything it started must go, and say nothing unheard of on its way."""
        assert self._running is not None
        family = self._running.family()
        try:
            self._running.end()
            _gone, left = psutil.wait_procs(family, timeout=STOP_SECONDS)
            assert left == [], f"left running: {left}\n{self.log()}"
            assert self._running.process.returncode == 0, self.log()
        finally:
            for process in family:
                if process.is_running():
                    process.kill()
            self.simulator.stop()

    def forget_everything(self) -> None:
        """As after a first start: no people, no accounts, no posts here; nothing remembered at TikTok.

        Behind the product's back, because a start takes seconds: it holds nothing in memory that a row could
        contradict, and work in flight finds its row gone and stops.
        """
        with closing(sqlite3.connect(self.database_path, timeout=20)) as database, database:
            database.execute("BEGIN IMMEDIATE")
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            # What keeps anybody from deleting histories steps aside, and is back before anybody else can look.
            guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                database.execute(f'DROP TRIGGER "{name}"')
            for (table,) in rows:
                if table not in _MADE_BY_MIGRATIONS and not table.startswith("sqlite_"):
                    database.execute(f'DELETE FROM "{table}"')  # foreign keys are off on this connection
            for _, guard in guards:
                database.execute(guard)
        self.simulator.reset()

    def log(self) -> str:
        return self.log_path.read_text()

    def is_running(self) -> bool:
        return self._running is not None and self._running.process.poll() is None

    def posts(self, **wanted: Any) -> list[dict[str, Any]]:
        """What arrived at TikTok, as far as it looks like this."""
        return [post for post in self.simulator.posts() if wanted.items() <= post.items()]

    def _wait_until_ready(self) -> None:
        """Web and simulator answer, and the worker has said so; raises with the log when one does not."""
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline and self.is_running():
            if " ready." in self.log() and self._answers(self.url) and self._answers(self.simulator.url):
                return
            time.sleep(0.1)
        raise AssertionError(f"the product did not start:\n{self.log()}")

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            return httpx.get(url, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False
