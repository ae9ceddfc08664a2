"""The broker in a folder: whoever looks into the folder finds whole messages or none."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from kombu.transport.virtual import Channel

from config.broker import FOLDER_URL

MESSAGES = 300


@pytest.fixture
def queue_folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def channel(tmp_path: Path, queue_folder: Path) -> Iterator[Channel]:
    for name in ("queue", "processed", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(queue_folder),
        "data_folder_out": str(queue_folder),
        "processed_folder": str(tmp_path / "processed"),
        "control_folder": str(tmp_path / "control"),
        "store_processed": False,
    }
    with Connection(FOLDER_URL, transport_options=options) as connection:
        yield connection.channel()


def test_a_message_is_seen_whole_or_not_at_all(channel: Channel, queue_folder: Path) -> None:
    seen: list[str] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            for path in queue_folder.glob("*.greenroom.msg"):
                seen.append(path.read_text())  # noqa: PERF401 - the list is read while it grows

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(MESSAGES):
            channel._put("greenroom", {"body": "x" * 50_000, "number": number})
    finally:
        is_over.set()
        watcher.join()
    assert seen
    assert "" not in seen
    assert {len(json.loads(text)["body"]) for text in seen} == {50_000}


def test_messages_come_out_as_they_went_in_and_leave_nothing(channel: Channel, queue_folder: Path) -> None:
    for number in range(3):
        channel._put("greenroom", {"number": number})
        channel._put("another", {"number": 10 + number})
    taken = [channel._get("greenroom")["number"] for _ in range(3)]
    assert sorted(taken) == [0, 1, 2]
    assert [path.name.rpartition(".another.msg")[1] for path in queue_folder.iterdir()] == [
        ".another.msg"
    ] * 3


def test_an_older_message_comes_first_whatever_the_length_of_its_time(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in (9_999.9, 10_000.1):
        monkeypatch.setattr("config.broker.monotonic", lambda moment=moment: moment)
        channel._put("greenroom", {"moment": moment})
    assert [channel._get("greenroom")["moment"] for _ in range(2)] == [9_999.9, 10_000.1]


def test_a_queue_can_be_entered_while_another_process_makes_the_table(
    channel: Channel, tmp_path: Path
) -> None:
    def bind(number: int) -> None:
        channel._queue_bind("greenroom", f"key-{number}", "", f"queue-{number}")

    threads = [threading.Thread(target=bind, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    table = json.loads((tmp_path / "control" / "greenroom.exchange").read_text())
    assert sorted(queue for _key, _pattern, queue in table) == sorted(
        f"queue-{number}" for number in range(20)
    )


@pytest.mark.parametrize("content", ["", '{"body": "cut o'])
def test_a_message_that_a_power_cut_left_half_written_is_skipped(
    channel: Channel, queue_folder: Path, content: str
) -> None:
    (queue_folder / "000000000000000_0.greenroom.msg").write_text(content)
    channel._put("greenroom", {"number": 2})
    assert channel._get("greenroom") == {"number": 2}
    assert list(queue_folder.iterdir()) == []
