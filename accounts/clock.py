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
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
