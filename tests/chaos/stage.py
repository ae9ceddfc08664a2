"""The processes of a chaos run: started, struck, frozen, thawed and put back, by their ids only."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from tests.chaos.plan import Strike
from tests.chaos.watching import NAME
from tests.installation import Installation, Running
from tests.processes import ROOT
from tests.services import Service


class Worker:
    """One place for a worker process; whoever dies in it is followed by another."""

    def __init__(self, number: int, argv: list[str], folder: Path) -> None:
        self.number = number
        self.argv = argv
        self.log = folder / f"worker-{number}.log"
        self.pid = 0
        self.thaws_at: float | None = None

    def process(self) -> psutil.Process | None:
        """The one that lives here now."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def beat(self) -> psutil.Process | None:
        """Its scheduler, where it has one."""
        process = self.process()
        with suppress(psutil.NoSuchProcess):
            return next(iter(process.children()), None) if process else None
        return None


class Stage:
    """Everything of the product that runs, and how to hit it; a context manager that leaves nothing behind."""

    def __init__(
        self,
        installation: Installation,
        workers: int,
        *,
        postgres: Service | None = None,
        redis: Service | None = None,
    ) -> None:
        self.installation = installation
        self.postgres = postgres
        self.redis = redis
        self.counts: Counter[str] = Counter()
        self._frozen: list[tuple[float, psutil.Process]] = []
        self._down: list[tuple[float, Service]] = []
        self._web: Running | None = None
        command, _extra = installation.command("worker")
        # `python -m celery …` as `make run` has it; two of the workers carry a beat, which must do no harm.
        argv = ["celery", *command[command.index("celery") + 1 :]]
        self.workers = [Worker(n, self._argv(argv, n), installation.folder) for n in range(workers)]
        self._nursery: subprocess.Popen[str] | None = None

    def _argv(self, argv: list[str], number: int) -> list[str]:
        schedule = argv.index("--schedule")
        own = [*argv[: schedule + 1], f"{argv[schedule + 1]}-{number}", *argv[schedule + 2 :]]
        if number >= 2:
            own = [*own[:schedule], *own[schedule + 2 :]]
            own.remove("-B")
        return [*own, "--hostname", f"chaos{number}@localhost"]

    def __enter__(self) -> Self:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            cwd=ROOT, env=self.installation.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._nursery.stdout is not None
        ready = self._nursery.stdout.readline()
        assert ready == "ready\n", f"the nursery did not start: {ready}"
        self._web = self.installation.start("web")
        for worker in self.workers:
            self._bear(worker)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.thaw_all()
        for worker in self.workers:
            for process in (worker.beat(), worker.process()):
                _send(process, signal.SIGKILL)
        if self._nursery is not None:
            with self._nursery as nursery:  # closes its pipes, then waits
                nursery.kill()

    def _bear(self, worker: Worker) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps({"argv": worker.argv, "log": str(worker.log)}) + "\n")
        self._nursery.stdin.flush()
        worker.pid = int(self._nursery.stdout.readline())

    # --- Blows --------------------------------------------------------------------------------------------

    def strike(self, strike: Strike) -> None:
        """Hit once; where the one picked is not there, its neighbour is hit."""
        deed, _space, what = strike.what.partition(" ")
        match what:
            case "worker" | "beat":
                target = self._pick(what, strike.pick)
            case "web":
                target = self._pick_web(strike.pick)
            case _:
                self._strike_service(deed, what, strike)
                return
        if target is None:
            self.counts[f"{strike.what} (nobody there)"] += 1
            return
        if deed == "kill":
            _send(target, signal.SIGKILL)
        else:
            _send(target, signal.SIGSTOP)
            self._frozen.append((time.monotonic() + strike.seconds, target))
        self.counts[strike.what] += 1

    def _pick(self, what: str, pick: int) -> psutil.Process | None:
        for offset in range(len(self.workers)):
            worker = self.workers[(pick + offset) % len(self.workers)]
            process = worker.beat() if what == "beat" else worker.process()
            if process is not None:
                return process
        return None

    def _pick_web(self, pick: int) -> psutil.Process | None:
        """The one that answers, or its master, without which the other ends too."""
        if self._web is None or self._web.process.poll() is not None:
            return None
        with suppress(psutil.NoSuchProcess):
            master = psutil.Process(self._web.pid)
            children = master.children()
            return children[0] if children and pick % 2 else master
        return None

    def _strike_service(self, deed: str, what: str, strike: Strike) -> None:
        service = self.postgres if what == "postgres" else self.redis
        if service is None or any(service is down for _until, down in self._down):
            self.counts[f"{deed} {what} (not there)"] += 1
            return
        if deed == "cut":
            if not _cut_one(service.url, strike.pick):
                self.counts[f"{deed} {what} (nobody there)"] += 1
                return
        elif deed == "flush":
            import redis

            client = redis.Redis.from_url(service.url)
            client.flushall()
            client.close()
        else:
            # PostgreSQL's immediate shutdown is what it does to its processes when one of them crashes.
            service.server.kill(signal.SIGQUIT if what == "postgres" else signal.SIGKILL)
            self._down.append((time.monotonic() + strike.seconds, service))
        self.counts[f"{deed} {what}"] += 1

    # --- Putting back -------------------------------------------------------------------------------------

    def look_after(self) -> None:
        """Thaw who has been frozen long enough, bring services back, follow whoever died."""
        now = time.monotonic()
        for until, process in self._frozen:
            if until <= now:
                _send(process, signal.SIGCONT)
        self._frozen = [(until, process) for until, process in self._frozen if until > now]
        for until, service in self._down:
            if until <= now:
                service.server.start()
        self._down = [(until, service) for until, service in self._down if until > now]
        for worker in self.workers:
            if worker.process() is None:
                self._bear(worker)
                self.counts["workers started again"] += 1
        if self._web is not None and self._web.process.poll() is not None:
            self._web.clear_away()
            self._web = self.installation.start("web")
            self.counts["web started again"] += 1

    def thaw_all(self) -> None:
        """Nobody is frozen and nothing is down any more."""
        for _until, process in self._frozen:
            _send(process, signal.SIGCONT)
        for _until, service in self._down:
            service.server.start()
        self._frozen, self._down = [], []

    def restart_everything(self) -> float:
        """A deployment in one go: all of it is told to stop, the services die, all comes back.

        Returns the seconds from the first new start until the pages answer.
        """
        self.thaw_all()
        processes = [worker.process() for worker in self.workers]
        for process in processes:
            _send(process, signal.SIGTERM)
        assert self._web is not None
        self._web.end()
        psutil.wait_procs([process for process in processes if process], timeout=20)
        for process in processes:
            _send(process, signal.SIGKILL)
        if self.redis is not None:
            self.redis.server.kill(signal.SIGTERM)
        if self.postgres is not None:
            self.postgres.server.kill(signal.SIGINT)
        began = time.monotonic()
        for service in (self.postgres, self.redis):
            if service is not None:
                service.server.start()
        self._web = self.installation.start("web")
        for worker in self.workers:
            self._bear(worker)
        self.installation.wait_for("front page", self.answers, seconds=240)
        self.counts["restart of everything"] += 1
        return time.monotonic() - began

    def answers(self) -> bool:
        """Whether the front page comes."""
        import httpx

        try:
            return httpx.get(self.installation.url, trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False


# Whoever asks for something at this moment comes first: a connection that rests is cut without anybody's noticing.
_CUT = """
    SELECT pg_terminate_backend(pid) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> %s
        ORDER BY state = 'idle', pid OFFSET %s LIMIT 1
    ) AS one
"""


def _cut_one(url: str, pick: int) -> bool:
    """Cut one of the product's connections to the database; whether there was one."""
    import psycopg

    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as database:
        return database.execute(_CUT, [NAME, pick % 3]).fetchone() is not None
    return False


def _send(process: psutil.Process | None, sig: signal.Signals) -> None:
    if process is None:
        return
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        os.kill(process.pid, sig)
