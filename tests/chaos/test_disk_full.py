"""The disk fills up while posts are due: what cannot be written down is not begun, and with room it all goes on."""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.bench.sending import BENCH
from tests.installation import Installation
from tests.processes import Simulator
from tests.publishing.driving import film

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# Uploads leave 256 MiB of it free (composer/receiving.py).
DISK = "320m"
POSTS = 12
DELAYS = ",".join(str(0.5 * number) for number in range(POSTS))
FULL_SECONDS = 5
# The database says the one, the broker in its folder the other; which of them comes first is a matter of bytes.
FULL = ("database or disk is full", "No space left on device")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "greenroom-test", folder],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("a file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing more goes on the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return filler


def states(folder: Path) -> list[str]:
    """Of every publication, by the time it was due."""
    with closing(sqlite3.connect(folder / "var" / "greenroom.sqlite3", timeout=10)) as database:
        rows = database.execute("SELECT state, reason FROM publishing_publication ORDER BY due_at").fetchall()
    return [f"{state} {reason}".strip() for state, reason in rows]


def answers(person: httpx.Client) -> bool:
    try:
        return person.get("/posts/").status_code == 200
    except httpx.TransportError:
        return False


def test_nothing_is_lost_or_doubled(simulator_process: Simulator, small_disk: Path, tmp_path: Path) -> None:
    simulator_process.reset()
    simulator_process.switch(rate_window_seconds=1)
    upload = {"Upload-Length": "1000"}
    # Shrunk on both sides: TikTok's window for its rates.
    with Installation(small_disk, simulator_process, TIKTOK_RATE_WINDOW_SECONDS=1) as installation:
        installation.start("web")
        worker = installation.start("worker")
        known = installation.ask("sign_in", module=BENCH)
        with httpx.Client(
            base_url=installation.url,
            trust_env=False,
            timeout=60,
            cookies=known["cookies"],
            headers=known["headers"],
        ) as person:
            installation.wait_for("page", lambda: answers(person))
            installation.ask("publish_later", film(tmp_path), DELAYS, module=BENCH)
            filler = fill(small_disk)

            installation.wait_for(
                "full disk in the log", lambda: any(words in worker.log() for words in FULL)
            )
            assert person.get("/posts/").status_code == 200
            refused = person.post("/library/uploads/", headers=upload)
            assert (refused.status_code, "room" in refused.text) == (507, True)
            time.sleep(FULL_SECONDS)
            assert worker.process.poll() is None
            assert states(small_disk).count("published") < POSTS

            filler.unlink()
            installation.wait_for(
                "end of all posts", lambda: set(states(small_disk)) == {"published"}, seconds=200, pause=1
            )
            assert person.post("/library/uploads/", headers=upload).status_code == 201
    landings = [len(post["landings"]) for post in simulator_process.posts()]
    assert [number for number in landings if number] == [1] * POSTS
