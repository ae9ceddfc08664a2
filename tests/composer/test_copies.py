"""Copies for decoders: one for many looks, never more than their share of the disk, none in use removed."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from composer import copies
from composer.copies import CopyFolder


@pytest.fixture
def folder(tmp_path: Path) -> CopyFolder:
    return CopyFolder(tmp_path, most_bytes=100, keep_seconds=60)


class Store:
    """Counts how often it is asked for which bytes."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def gives(self, data: bytes) -> Callable[[Path], None]:
        def make(path: Path) -> None:
            self.asked.append(data)
            path.write_bytes(data)

        return make


@pytest.fixture
def store() -> Store:
    return Store()


def look(folder: CopyFolder, store: Store, key: str, data: bytes) -> bytes:
    with folder.hold(key, len(data), store.gives(data)) as path:
        return path.read_bytes()


def names(folder: CopyFolder) -> list[str]:
    return sorted(path.name for path in folder.folder.iterdir() if not path.name.startswith("making-"))


def age(folder: CopyFolder, name: str, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(folder.folder / name, (moment, moment))


def test_many_looks_ask_the_store_once(folder: CopyFolder, store: Store) -> None:
    assert [look(folder, store, "a", b"film") for _ in range(5)] == [b"film"] * 5
    assert store.asked == [b"film"]
    assert look(folder, store, "b", b"other") == b"other"
    assert store.asked == [b"film", b"other"]


def test_many_at_once_wait_for_the_first(folder: CopyFolder, store: Store) -> None:
    def slowly(path: Path) -> None:
        time.sleep(0.2)
        store.gives(b"film")(path)

    seen: list[bytes] = []

    def ask() -> None:
        with folder.hold("a", 4, slowly) as path:
            seen.append(path.read_bytes())

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (seen, store.asked) == ([b"film"] * 6, [b"film"])


def test_what_nobody_used_for_long_goes_and_a_look_counts_as_use(folder: CopyFolder, store: Store) -> None:
    for key in ("old", "used"):
        look(folder, store, key, b"film")
    for key in ("old", "used"):
        age(folder, key, 61)
    look(folder, store, "used", b"film")
    assert folder.sweep() == 1
    assert names(folder) == ["used"]
    assert folder.sweep() == 0


def test_the_oldest_make_room_and_no_more_than_needed(folder: CopyFolder, store: Store) -> None:
    for number, key in enumerate(("first", "second", "third")):
        look(folder, store, key, bytes(30))
        age(folder, key, 30 - number)
    look(folder, store, "fourth", bytes(40))
    assert names(folder) == ["fourth", "second", "third"]


def test_a_file_larger_than_all_room_is_copied_alone(folder: CopyFolder, store: Store) -> None:
    look(folder, store, "small", bytes(30))
    assert look(folder, store, "large", bytes(200)) == bytes(200)
    assert names(folder) == ["large"]
    look(folder, store, "small", bytes(30))
    assert names(folder) == ["small"]


def test_a_full_disk_costs_the_copies_first(
    folder: CopyFolder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(folder, store, "first", bytes(30))
    free = SimpleNamespace(free=copies.RESERVE_BYTES + 10)
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _: free)
    look(folder, store, "second", bytes(30))
    assert names(folder) == ["second"]


def test_what_is_in_use_stays_where_it_is(folder: CopyFolder, store: Store) -> None:
    with folder.hold("a", 4, store.gives(b"film")) as path:
        age(folder, "a", 1000)
        assert folder.sweep(needed=1000) == 0
        assert path.read_bytes() == b"film"
    age(folder, "a", 1000)
    assert folder.sweep() == 1
    assert names(folder) == []


def test_a_forgotten_one_is_fetched_anew(folder: CopyFolder, store: Store) -> None:
    with folder.hold("a", 4, store.gives(b"film")) as path, path.open("rb") as file:
        folder.forget("a")
        assert (names(folder), file.read()) == ([], b"film")
    folder.forget("a")
    look(folder, store, "a", b"film")
    assert len(store.asked) == 2


def test_what_fails_leaves_nothing_and_may_be_tried_again(folder: CopyFolder, store: Store) -> None:
    def breaks(path: Path) -> None:
        path.write_bytes(b"half")
        raise ConnectionResetError

    for _ in range(2):
        with pytest.raises(ConnectionResetError), folder.hold("a", 4, breaks):
            pass
        assert names(folder) == []
    assert look(folder, store, "a", b"film") == b"film"


def test_what_a_killed_program_left_is_no_copy_and_goes_with_time(folder: CopyFolder, store: Store) -> None:
    half = folder.folder / "a.1234.half"
    half.write_bytes(bytes(90))
    assert look(folder, store, "a", bytes(90)) == bytes(90)
    # It may still be growing.
    assert names(folder) == ["a", "a.1234.half"]
    age(folder, "a.1234.half", 61)
    assert folder.sweep() == 1
    assert names(folder) == ["a"]
