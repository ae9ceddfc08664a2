"""Beat is its worker's child, and ends with it however early the worker dies."""

from pathlib import Path

from tests.config.starting import environment, python

# What Celery does: the worker says that it begins, forks, and the child says that it is beat.
DIES_AT_ONCE = """if True:
    import os, time
    from config.celery import end_with_worker, remember_the_worker
    remember_the_worker()
    worker = os.getpid()
    if os.fork():
        os._exit(0)  # killed before beat has said a word
    while os.getppid() == worker:
        time.sleep(0.01)
    end_with_worker()
    time.sleep(5)
    print("beat has outlived its worker")
"""


def test_beat_ends_with_a_worker_that_died_before_it_began(tmp_path: Path) -> None:
    done = python("-c", DIES_AT_ONCE, environ=environment(tmp_path / "var"))
    assert (done.stdout, done.stderr) == ("", "")
