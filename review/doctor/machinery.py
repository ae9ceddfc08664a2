"""Whether what moves posts is there: the database and its tables, the broker, worker and beat."""

from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.clock import database_now
from publishing.models import Pulse, PulseName
from publishing.silence import QUIET_AFTER
from review.doctor.findings import Check, Family, Outcome, fault, ok, warning

BROKER_SECONDS = 3
PING_SECONDS = 2.0

_DATABASE_CURE = "See that the database runs and that DATABASE_URL names it: host, user, password, name."
_UNREADABLE = "The database cannot be read, so nobody knows."
_UNREADABLE_CURE = "See the lines on database and migrations."


def look_at_database() -> Outcome:
    """Whether it answers, and whether it is one for more than a trial."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        return fault(f"It does not answer: {' '.join(str(error).split())[:200]}", _DATABASE_CURE)
    if connection.vendor == "sqlite":
        if settings.IS_PRODUCTION:
            return warning(
                "SQLite answers. It has one writer at a time, and one machine.",
                "Set DATABASE_URL to a PostgreSQL once more than a few people use this.",
            )
        return ok("SQLite answers, which is right for one machine.")
    return ok(f"{connection.display_name} answers.")


def look_at_migrations() -> Outcome:
    """Whether the tables are those this version expects."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return fault(_UNREADABLE, _UNREADABLE_CURE)
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in plan[:3])
        more = f" and {len(plan) - 3} more" if len(plan) > 3 else ""
        return fault(f"{len(plan)} migrations are missing: {names}{more}.", "Run: python manage.py migrate")
    return ok("Every migration of this version is in the database.")


def look_at_broker() -> Outcome:
    """Whether messages can be handed over."""
    if not settings.REDIS_URL:
        folder = Path(settings.BROKER_DIR)
        if not folder.is_dir():
            return fault(f"The folder {folder} is not there.", "Start the worker, which makes it.")
        return ok("Messages go through a folder, which is right for one machine.")
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except Exception as error:  # noqa: BLE001 - each transport has errors of its own
        return fault(
            f"Redis does not answer ({type(error).__name__}).",
            "See that Redis runs and that REDIS_URL names it. Nothing in it needs saving.",
        )
    return ok("Redis answers.")


def look_at_worker() -> Outcome:
    """Whether a message has lately come through a worker's threads that take the steps of posts."""
    try:
        quiet = _quiet_for(PulseName.STEPS)
    except Error:
        return fault(_UNREADABLE, _UNREADABLE_CURE)
    if quiet is not None and quiet <= QUIET_AFTER:
        return ok("A worker is at work.")
    answering = _workers_that_answer()
    if answering:
        return fault(
            f"A worker answers, but takes no steps: {_since(quiet)}.",
            "Without beat nothing is handed to it: see the line on beat. If that is fine, restart the worker.",
        )
    return fault(
        f"No worker takes steps: {_since(quiet)}.", "Start the worker (greenroom-worker, or make run)."
    )


def look_at_beat() -> Outcome:
    """Whether somebody lately looked for what is due: beat, broker and worker together."""
    try:
        quiet = _quiet_for(PulseName.SWEEP)
    except Error:
        return fault(_UNREADABLE, _UNREADABLE_CURE)
    if quiet is not None and quiet <= QUIET_AFTER:
        return ok("What is due is looked for.")
    if _workers_that_answer():
        return fault(
            f"A worker answers, but nobody tells it to look for what is due: {_since(quiet)}.",
            "Start beat (greenroom-beat).",
        )
    return fault(
        f"Nobody looks for what is due: {_since(quiet)}.",
        "Start worker and beat (greenroom-worker and greenroom-beat, or make run).",
    )


def _quiet_for(name: PulseName) -> timedelta | None:
    """How long ago that part was last seen; None when it never was."""
    pulse = Pulse.objects.filter(name=name).first()
    return database_now() - pulse.at if pulse else None


def _since(quiet: timedelta | None) -> str:
    return "it was never seen" if quiet is None else f"last seen {round(quiet.total_seconds())} s ago"


def _workers_that_answer() -> int:
    """How many workers answer over Redis; a folder has no way to ask."""
    if not settings.REDIS_URL:
        return 0
    try:
        return len(current_app.control.ping(timeout=PING_SECONDS) or [])
    except Exception:  # noqa: BLE001 - the line on the broker says so
        return 0


FAMILY = Family(
    "What moves posts",
    (
        Check("database", "Database", look_at_database),
        Check("migrations", "Migrations", look_at_migrations),
        Check("broker", "Broker", look_at_broker),
        Check("worker", "Worker", look_at_worker),
        Check("beat", "Beat", look_at_beat),
    ),
)
