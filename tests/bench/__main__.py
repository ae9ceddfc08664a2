"""`make bench`: measures each part with processes of its own and prints it; leaves nothing behind."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

# Nothing that this machine or a .env says of an installation may reach the ones measured; empty counts as unset.
for _name in (
    "PUBLIC_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "TOKEN_ENCRYPTION_KEYS",
    "DEBUG",
):
    os.environ[_name] = ""

from tests.bench.figures import machine, print_table  # noqa: E402
from tests.bench.sending import measure as measure_sending  # noqa: E402
from tests.bench.uploading import measure as measure_uploading  # noqa: E402
from tests.bench.waiting import measure_composer, measure_pickup, measure_start  # noqa: E402
from tests.installation import Installation  # noqa: E402
from tests.processes import start_simulator  # noqa: E402


@contextmanager
def installation(folder: Path, *, tiktok: Path | None = None) -> Iterator[Installation]:
    """A fresh one in its default settings, with a simulator that keeps its videos in `tiktok`."""
    simulator = start_simulator(tiktok or folder / "tiktok")
    try:
        with Installation(folder / "installation", simulator) as installed:
            yield installed
    finally:
        simulator.stop()


@contextmanager
def memory_folder(otherwise: Path) -> Iterator[Path]:
    """A folder in memory where there is room: the engine is measured, not how this disk takes a gigabyte."""
    shared = Path("/dev/shm")
    has_room = (
        shared.is_dir() and min(psutil.virtual_memory().available, shutil.disk_usage(shared).free) > 4e9
    )
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-", dir=shared if has_room else otherwise))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    started = time.monotonic()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        with memory_folder(folder) as memory, installation(folder / "sending", tiktok=memory) as installed:
            print_table("Sending, median of several turns", measure_sending(installed, folder))
        with installation(folder / "uploading") as installed:
            print_table("4 GiB from a browser to TikTok", measure_uploading(installed, folder))
        with installation(folder / "waiting") as installed:
            print_table("A due post, SQLite and the broker in a folder", measure_pickup(installed, folder))
        with installation(folder / "composer") as installed:
            print_table("The composer", measure_composer(installed))
        print_table("Starting", measure_start(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.monotonic() - started:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
