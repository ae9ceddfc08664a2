"""A worker that freezes with a transaction open: PostgreSQL cuts it off, and another goes on with the post."""

import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from accounts.clock import database_now
from publishing.models import Lease, Publication
from publishing.states import State
from tests.factories import make_publication
from tests.publishing.crashing import in_another_worker

FROZEN_SECONDS = 1.0
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        f"idle_in_transaction_session_timeout={round(FROZEN_SECONDS * 1000)} "
        not in settings.DATABASES["default"].get("OPTIONS", {}).get("options", ""),
        reason="runs on PostgreSQL with DATABASE_FROZEN_SECONDS=1, started by tests/databases",
    ),
]


def test_the_sweep_waits_for_nobody_who_holds_a_row() -> None:
    """One that did held the rows it had, and every worker that came for those stood in the queue behind it."""
    now = database_now()
    held, free = (make_publication(next_try_at=now - timedelta(seconds=1)).pk for _ in range(2))
    until = now + timedelta(seconds=3)
    handed_out: list[int] = []

    def sweep() -> None:
        handed_out.extend(Publication.objects.hand_out([held, free], now=now, until=until))

    with transaction.atomic():
        Publication.objects.filter(pk=held).update(reason="half")
        began = time.monotonic()
        in_another_worker(sweep)
        assert time.monotonic() - began < FROZEN_SECONDS
    assert handed_out == [free]


def test_its_rows_are_free_again_and_it_changes_nothing_when_it_wakes_up() -> None:
    publication = make_publication(next_try_at=database_now() - timedelta(seconds=1))
    frozen, awake, lost = threading.Event(), threading.Event(), []
    # Its lease ends while it is frozen.
    lease = Publication.objects.claim(publication.pk, seconds=0.1)
    assert lease is not None

    def freeze() -> None:
        try:
            with Publication.objects.fenced(lease):
                Publication.objects.filter(pk=publication.pk).update(reason="half")
                frozen.set()
                assert awake.wait(30)
                Publication.objects.filter(pk=publication.pk).update(reason="whole")
        except DatabaseError as error:
            lost.append(error)
        finally:
            connection.close()

    worker = threading.Thread(target=freeze)
    worker.start()
    assert frozen.wait(10)
    began = time.monotonic()
    taken: list[Lease | None] = []

    def take_over() -> None:
        while time.monotonic() < began + 20 and not any(taken):
            taken.append(Publication.objects.claim(publication.pk, seconds=15))

    in_another_worker(take_over)
    seconds = time.monotonic() - began
    awake.set()
    worker.join(10)
    assert any(taken)
    assert (
        FROZEN_SECONDS * 0.8 < seconds < 10
    )  # as soon as the connection is cut, with room for a busy machine
    assert len(lost) == 1
    publication.refresh_from_db()
    assert (publication.state, publication.reason, publication.lease_epoch) == (State.SCHEDULED, "", 2)
