"""Starts one of our own programs in a child process that may be lost: no secrets, little time, a short answer.

Everything that decodes a hostile file runs in such a child. What it may use of the machine it gives up itself
(`composer.media.confine`), before it reads the first byte.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
_BLOCK = 64 * 1024
# How often a caller who watches gets the word while a child is silent.
_TICK_S = 0.2


class ChildError(Exception):
    """A child ended without an answer: it crashed, or said more than any answer of ours has."""


class ChildTimeoutError(ChildError):
    """A child was stopped because its time was up."""


def program_of(module: str) -> str:
    """The program that runs `main` of one of our modules with the arguments of the command line.

    Python runs it isolated: no environment variable, working directory or personal folder may change what is
    imported.
    """
    return f"import sys; sys.path.insert(0, {ROOT!r}); from {module} import main; main(*sys.argv[1:])"


def run_child(
    program: str,
    arguments: Sequence[str],
    *,
    timeout_s: float,
    max_bytes: int,
    on_output: Callable[[bytes], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> bytes:
    """Run a program to its end and give what it wrote to its standard output.

    `on_output` gets each new part of the output as it comes; `on_tick` is called about five times a second.
    What either raises ends the child. The child is gone and reaped in every case. May be called from any thread.
    Raises ChildTimeoutError after `timeout_s` seconds, ChildError when the child crashed or wrote more than
    `max_bytes`.
    """
    deadline = time.monotonic() + timeout_s
    process = subprocess.Popen(  # noqa: S603  our own interpreter; a path is one argument, never a command
        [sys.executable, "-I", "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_bare_environment(),
        # Its own session: Ctrl-C in the terminal must not look like a broken file.
        start_new_session=True,
    )
    try:
        with process:
            try:
                raw = _read_output(process, deadline, max_bytes, on_output, on_tick)
            finally:
                process.kill()
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise ChildTimeoutError(f"stopped after {timeout_s} s") from error
    if process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
        raise ChildTimeoutError(f"stopped by {signal.Signals(-process.returncode).name}")
    if process.returncode:
        raise ChildError(f"ended with {process.returncode}")
    return raw


def _read_output(
    process: subprocess.Popen[bytes],
    deadline: float,
    max_bytes: int,
    on_output: Callable[[bytes], None] | None,
    on_tick: Callable[[], None] | None,
) -> bytes:
    """Everything up to the end of the child's output; TimeoutError at the deadline."""
    pipe = process.stdout
    assert pipe is not None  # noqa: S101  PIPE was asked for
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    raw = bytearray()
    while len(raw) <= max_bytes:
        if on_tick is not None:
            on_tick()
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if not poll.poll(1000 * (left if on_tick is None else min(left, _TICK_S))):
            continue
        block = os.read(pipe.fileno(), _BLOCK)
        if not block:
            # Let it end by itself: how it ended tells a crash from an answer.
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
            return bytes(raw)
        raw += block
        if on_output is not None:
            on_output(block)
    raise ChildError(f"more than {max_bytes} bytes of output")


def _bare_environment() -> dict[str, str]:
    """No secret of ours; only what a Python outside the system's folders needs to start."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept}
