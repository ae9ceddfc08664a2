"""The database's clock: the one clock by which all processes decide what is due, held or expired."""

from datetime import UTC, datetime

from django.db import connection


def database_now() -> datetime:
    """Ask the database for the time (UTC, aware). A worker's own clock serves socket time-outs only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Not CURRENT_TIMESTAMP, which stands still within a transaction.
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
            return moment.astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")
        return from_sqlite(cursor.fetchone()[0])


def from_sqlite(text: str) -> datetime:
    """The moment SQLite's clock tells, in milliseconds, such that it compares rightly with what SQLite wrote itself.

    SQLite compares times as texts, and Django writes a whole second without a fraction: "13:17:15" would come before
    the "13:17:15.000" of a row that the database stamped in that very millisecond. So no moment is a whole second.
    """
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return moment if moment.microsecond else moment.replace(microsecond=1)
