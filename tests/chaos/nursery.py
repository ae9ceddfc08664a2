"""Gives birth to Celery workers quickly: everything is imported once, each worker is a process forked from that.

`python -m tests.chaos.nursery` reads one JSON object a line (`argv`, `log`) and answers with the child's id.
What runs in the child is `celery` itself with the arguments given; only the second of importing is spared.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
from typing import NoReturn

import django

IMPORTED = (
    "celery.apps.worker", "celery.bin.celery", "celery.concurrency.thread", "celery.worker.consumer",
    "config.celery", "accounts.tasks", "composer.tasks", "publishing.tasks",
)  # fmt: skip
_PR_SET_PDEATHSIG = 1


def _live(argv: list[str], log: str) -> NoReturn:
    # Nobody outlives the run, whatever happens to it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, target in ((0, nothing), (1, output), (2, output)):
        os.dup2(target, stream)
    sys.argv = argv
    from celery.bin.celery import main

    main()
    sys.exit(0)


def serve() -> None:
    """Until standard input ends."""
    django.setup()
    for name in IMPORTED:
        importlib.import_module(name)
    # Children that have ended are nobody's business here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(wanted["argv"], wanted["log"])
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
