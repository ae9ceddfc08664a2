"""Secrets of a local run: made once under `var/`, readable by their owner only."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_make_secret(directory: Path, name: str, make: Callable[[], str]) -> str:
    """Return the secret stored as `directory/name`; make it first if it is not there.

    Several processes may start at once: whoever links its file first wins, and all read the same value.
    The file has mode 0600. Raises OSError when the directory cannot be written.
    """
    path = directory / name
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, candidate = tempfile.mkstemp(dir=directory, prefix=f".{name}-")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make())
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(candidate, path)
        finally:
            Path(candidate).unlink()
    return path.read_text().strip()
