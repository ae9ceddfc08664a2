"""Kinds of work do not wait for each other, and what a lane has no room for is dropped, not kept."""

import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from config.celery import app
from config.lanes import CHORES, TASK_ROUTES, Lane, LanePool, LaneThreads, lanes

SOON = 5


@pytest.fixture
def pool() -> Iterator[LanePool]:
    pool = LanePool(limit=1, app=app)
    yield pool
    pool.on_stop()


class Message:
    """A message as Celery hands it to its pool; `work` runs in the lane's thread."""

    def __init__(self, pool: LanePool, queue: str, work: Any, *, body: str = "[]") -> None:
        self.accepted = threading.Event()
        self.done = threading.Event()
        pool.on_apply(
            lambda *_args: work(),
            ("a.task", "an id", {"delivery_info": {"routing_key": queue}}, body, "application/json", "utf-8"),
            {},
            callback=lambda _answer: self.done.set(),
            accept_callback=lambda _pid, _at: self.accepted.set(),
        )


def test_uploads_that_fill_all_their_threads_keep_nothing_else_waiting(pool: LanePool) -> None:
    over = threading.Event()
    try:
        count = lanes()["uploads"].threads + 3
        uploads = [Message(pool, "uploads", over.wait, body=str(number)) for number in range(count)]
        others = [Message(pool, queue, lambda: None) for queue in ("sweep", "steps", "media", CHORES)]
        assert all(other.done.wait(SOON) for other in others)
        # What waits for a thread has left the broker too: it does not stand before other messages.
        assert all(upload.accepted.is_set() for upload in uploads)
        assert not any(upload.done.is_set() for upload in uploads)
    finally:
        over.set()


def test_threads_take_short_turns_for_as_long_as_a_large_file_is_sent(pool: LanePool) -> None:
    """The senders need them; everybody else gets half as much done with them."""
    usual, over = sys.getswitchinterval(), [threading.Event(), threading.Event()]
    began = [threading.Event(), threading.Event()]

    def send(number: int) -> None:
        began[number].set()
        over[number].wait(SOON)

    uploads = [Message(pool, "uploads", partial(send, number), body=str(number)) for number in range(2)]
    assert all(event.wait(SOON) for event in began)
    assert sys.getswitchinterval() < usual / 5
    over[0].set()
    assert uploads[0].done.wait(SOON)
    assert sys.getswitchinterval() < usual / 5
    over[1].set()
    pool.on_stop()
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_a_step_takes_turns_of_the_usual_length(pool: LanePool) -> None:
    usual, seen = sys.getswitchinterval(), list[float]()
    step = Message(pool, "steps", lambda: seen.append(sys.getswitchinterval()))
    assert step.done.wait(SOON)
    assert seen == [usual]


def test_a_lane_takes_no_message_twice_and_no_more_than_it_has_room_for() -> None:
    over, began = threading.Event(), threading.Event()
    lane = LaneThreads("test", Lane(threads=1, room=2))
    did: list[str] = []

    def first() -> None:
        began.set()
        over.wait()

    try:
        assert lane.offer(("task", "first"), first) is not None
        assert began.wait(SOON)
        assert lane.offer(("task", "second"), lambda: did.append("second")) is not None
        assert lane.offer(("task", "second"), lambda: did.append("again")) is None
        assert lane.offer(("task", "third"), lambda: did.append("third")) is not None
        assert lane.offer(("task", "fourth"), lambda: did.append("fourth")) is None
    finally:
        over.set()
        lane.stop(wait=False)
        lane.stop(wait=True)
    assert did == [], "a lane that is stopped begins nothing more"


def test_what_waited_is_done_once_a_thread_is_free_and_may_then_come_again() -> None:
    lane = LaneThreads("test", Lane(threads=1, room=1))
    did: list[int] = []
    for number in range(3):
        future = lane.offer(("task", "same"), lambda number=number: did.append(number))
        assert future is not None
        future.result(SOON)
    lane.stop(wait=True)
    assert did == [0, 1, 2]


def test_a_message_that_is_dropped_counts_as_done(pool: LanePool) -> None:
    """Celery would otherwise remember it for ever."""
    over = threading.Event()
    try:
        lane = lanes()["sweep"]
        for number in range(lane.threads):
            Message(pool, "sweep", over.wait, body=f"first {number}")
        deadline = time.monotonic() + SOON
        while pool._lanes["sweep"]._waiting and time.monotonic() < deadline:
            time.sleep(0.01)
        waiting = [Message(pool, "sweep", over.wait, body=str(number)) for number in range(lane.room)]
        dropped = Message(pool, "sweep", lambda: pytest.fail("done although dropped"), body="one too many")
        assert dropped.accepted.is_set()
        assert dropped.done.is_set()
        assert not any(message.done.is_set() for message in waiting)
    finally:
        over.set()


def test_every_queue_is_a_lane_of_the_worker_and_every_routed_task_exists() -> None:
    app.loader.import_default_modules()
    assert {queue.name for queue in app.conf.task_queues} == set(lanes())
    assert {route["queue"] for route in TASK_ROUTES.values()} <= set(lanes())
    assert set(TASK_ROUTES) <= set(app.tasks)
    assert app.conf.task_default_queue in lanes()


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.django_db
def test_a_thread_that_is_seldom_at_work_gives_its_connection_back(keeps: bool) -> None:
    lane = LaneThreads("test", Lane(threads=1, room=2, keeps_connection=keeps))
    held: list[object] = []
    try:
        for number in range(2):
            began = lane.offer(("task", str(number)), lambda: held.append(connection.connection) or ask())
            assert began is not None
            began.result(SOON)
    finally:
        lane.stop(wait=True)
    assert [each is not None for each in held] == [False, keeps]


def ask() -> None:
    connection.ensure_connection()


def test_what_is_done_many_times_a_second_keeps_its_connection() -> None:
    assert {name for name, lane in lanes().items() if lane.keeps_connection} == {"sweep", "steps", "hints"}
