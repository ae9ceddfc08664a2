"""`make bench`: measures each part with processes of its own and prints it; leaves nothing behind.

`python -m tests.bench due sending` measures those two alone.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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

from tests.bench import due  # noqa: E402
from tests.bench.figures import machine, print_table  # noqa: E402
from tests.bench.sending import measure as measure_sending  # noqa: E402
from tests.bench.uploading import measure as measure_uploading  # noqa: E402
from tests.bench.waiting import measure_composer, measure_pickup, measure_start  # noqa: E402
from tests.bench.webhooks import measure_webhooks  # noqa: E402
from tests.installation import Installation  # noqa: E402
from tests.processes import start_simulator  # noqa: E402
from tests.services import postgres_server, redis_service  # noqa: E402


@contextmanager
def installation(folder: Path, *, tiktok: Path | None = None, **settings: object) -> Iterator[Installation]:
    """A fresh one in its default settings but those given, with a simulator that keeps its videos in `tiktok`."""
    simulator = start_simulator(tiktok or folder / "tiktok")
    try:
        with Installation(folder / "installation", simulator, **settings) as installed:
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


@contextmanager
def on_postgres(folder: Path) -> Iterator[tuple[Installation, str]]:
    """The same on a PostgreSQL and a Redis of its own; with the database's address."""
    with (
        postgres_server("max_connections=300") as postgres,
        redis_service() as redis,
        installation(folder, DATABASE_URL=postgres.url, REDIS_URL=redis.url) as installed,
    ):
        yield installed, postgres.url


def measure_due_posts(folder: Path) -> None:
    """What a due post waits for on PostgreSQL and Redis."""
    with on_postgres(folder / "due") as (installed, url):
        print_table("Due posts, PostgreSQL and Redis", due.measure(installed, url, folder / "due"))
    with on_postgres(folder / "takeover") as (installed, url):
        print_table("A killed worker", due.measure_takeover(installed, url, folder / "takeover"))


def measure_sending_video(folder: Path) -> None:
    with memory_folder(folder) as memory, installation(folder / "sending", tiktok=memory) as installed:
        print_table("Sending, median of several turns", measure_sending(installed, folder))


def measure_whole_way(folder: Path) -> None:
    with installation(folder / "uploading") as installed:
        print_table("4 GiB from a browser to TikTok", measure_uploading(installed, folder))


def measure_pages(folder: Path) -> None:
    with installation(folder / "waiting") as installed:
        print_table("A due post, SQLite and the broker in a folder", measure_pickup(installed, folder))
    with installation(folder / "composer") as installed:
        print_table("The composer", measure_composer(installed))
    with installation(folder / "webhooks") as installed:
        print_table("TikTok's events", measure_webhooks(installed, "SQLite"))
    with on_postgres(folder / "webhooks-postgres") as (installed, _url):
        print_table("TikTok's events", measure_webhooks(installed, "PostgreSQL"))
    print_table("Starting", measure_start(folder))


PARTS: dict[str, Callable[[Path], None]] = {
    "due": measure_due_posts,
    "sending": measure_sending_video,
    "uploading": measure_whole_way,
    "pages": measure_pages,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help="all of them unless some are named"
    )
    wanted = parser.parse_args().parts or list(PARTS)
    started = time.monotonic()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="greenroom-bench-"))
    try:
        for name in wanted:
            PARTS[name](folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.monotonic() - started:.0f} s in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
