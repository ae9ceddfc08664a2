"""While a step waits for the network, its lease lives on and the bytes sent are stored at least every second."""

import threading
import time
from datetime import timedelta

import pytest
from django.db.backends.utils import CursorWrapper

from accounts.clock import database_now
from publishing.heartbeats import Heartbeat, Progress
from publishing.models import Attempt, LeaseLostError, Publication
from tests.factories import make_attempt, make_publication

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def attempt(db: None) -> Attempt:
    return make_attempt(make_publication(next_try_at=database_now() - timedelta(seconds=1)))


def test_bytes_are_stored_at_least_every_second(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Publication.objects.claim(attempt.publication_id, seconds=15)
    assert lease is not None
    stored: list[float] = []
    execute = CursorWrapper.execute

    def watch(cursor: CursorWrapper, sql: str, params: object = None) -> object:
        answer = execute(cursor, sql, params)
        if threading.current_thread().name.startswith("heartbeat-") and "bytes_sent" in sql:
            stored.append(time.monotonic())
        return answer

    monkeypatch.setattr(CursorWrapper, "execute", watch)
    progress = Progress(attempt)
    with Heartbeat(lease, progress) as heartbeat:
        progress.sent = 7
        time.sleep(2.9)
        heartbeat.raise_if_lost()
    # A gap of a whole second and the writing itself would leave room for two.
    assert len(stored) >= 3
    attempt.refresh_from_db()
    assert (attempt.bytes_sent, attempt.next_byte) == (7, 0)


def test_a_lease_that_was_taken_is_noticed(attempt: Attempt) -> None:
    lease = Publication.objects.claim(attempt.publication_id, seconds=15)
    assert lease is not None
    progress = Progress(attempt)
    with Heartbeat(lease, progress) as heartbeat:
        Publication.objects.filter(pk=attempt.publication_id).update(lease_token=None, lease_until=None)
        progress.sent = 7
        time.sleep(1.5)
        with pytest.raises(LeaseLostError):
            heartbeat.raise_if_lost()
    attempt.refresh_from_db()
    assert attempt.bytes_sent == 0
