"""The database's clock, and what it is compared with."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from accounts.clock import database_now, from_sqlite


@pytest.mark.parametrize(
    "stamp", ["2026-11-27 13:17:15.000", "2026-11-27 13:17:15.001", "2026-11-27 13:17:15.999"]
)
def test_what_sqlite_stamped_in_the_same_millisecond_is_not_in_the_future(stamp: str) -> None:
    now = connection.ops.adapt_datetimefield_value(from_sqlite(stamp))
    assert stamp <= str(now), "SQLite compares the two as texts"
    assert str(now) < stamp.replace("13:17:15", "13:17:16")


@pytest.mark.django_db
def test_it_is_the_same_time_as_everybody_elses() -> None:
    assert abs((database_now() - datetime.now(UTC)).total_seconds()) < 5
