"""Writers that come together share one write; each returns when its own is done, or raises what prevented it."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from publishing.intake import Intake


def test_one_alone_is_written_at_once() -> None:
    written: list[list[int]] = []
    Intake[int](lambda batch: written.append(list(batch))).put(7)
    assert written == [[7]]


def test_whoever_comes_during_a_write_goes_with_the_next() -> None:
    written: list[list[int]] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def write(batch: Sequence[int]) -> None:
        if not written:
            first_is_in.set()
            assert go_on.wait(10)
        written.append(list(batch))

    intake = Intake[int](write)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(intake.put, 0)
        assert first_is_in.wait(10)
        others = [pool.submit(intake.put, number) for number in range(1, 8)]
        while len(intake._waiting) < 7:
            pass
        assert not any(other.done() for other in others)
        go_on.set()
        for each in [first, *others]:
            each.result(10)
    assert written[0] == [0]
    assert sorted(written[1]) == list(range(1, 8))
    assert len(written) == 2


def test_a_failed_write_is_raised_by_all_it_was_for_and_by_nobody_else() -> None:
    def write(batch: Sequence[int]) -> None:
        if 1 in batch:
            raise OSError("the disk is full")

    intake = Intake[int](write)
    with pytest.raises(OSError, match="full"):
        intake.put(1)
    intake.put(2)


def test_nothing_is_lost_or_doubled_among_many() -> None:
    written: list[int] = []
    intake = Intake[int](written.extend)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(intake.put, range(2000)))
    assert sorted(written) == list(range(2000))
