"""A worker's threads take turns so quickly that one that sends a file is not kept from it by the sweeps."""

from pathlib import Path

from tests.config.starting import environment, python

BEGINS = """if True:
    import sys
    from celery.signals import worker_init
    import config.celery
    worker_init.send(None)
    print(sys.getswitchinterval())
"""


def test_a_worker_shortens_their_turns(tmp_path: Path) -> None:
    done = python("-c", BEGINS, environ=environment(tmp_path / "var"))
    assert float(done.stdout) < 0.001, done.stderr
