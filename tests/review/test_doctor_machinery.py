"""The doctor's lines on what moves posts: database, migrations, broker, worker, beat."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.clock import database_now
from config.celery import app as celery_app
from publishing.models import Pulse, PulseName
from review.doctor.findings import Verdict
from review.doctor.machinery import (
    look_at_beat,
    look_at_broker,
    look_at_database,
    look_at_migrations,
    look_at_worker,
)
from tests.processes import free_port
from tests.services import redis_server


@contextmanager
def database_away() -> Iterator[None]:
    """Every statement fails, as on a connection to a server that is gone."""

    def refuse(*_args: Any) -> Any:
        raise OperationalError("connection to server at 127.0.0.1 failed")

    with connection.execute_wrapper(refuse):
        yield


def test_the_database_answers_or_not(db: None) -> None:
    assert look_at_database().verdict == Verdict.OK
    with database_away():
        outcome = look_at_database()
        assert (outcome.verdict, "failed" in outcome.found) == (Verdict.FAULT, True)


def test_sqlite_in_production_is_worth_a_thought(db: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    outcome = look_at_database()
    is_sqlite = connection.vendor == "sqlite"
    assert outcome.verdict == (Verdict.WARNING if is_sqlite else Verdict.OK)


@pytest.mark.parametrize("look", [look_at_migrations, look_at_worker, look_at_beat])
def test_without_a_database_nobody_knows_the_rest(db: None, look: Any) -> None:
    with database_away():
        outcome = look()
    assert (outcome.verdict, "cannot be read" in outcome.found) == (Verdict.FAULT, True)


def test_a_missing_migration_is_found(db: None) -> None:
    assert look_at_migrations().verdict == Verdict.OK
    [(app, newest)] = MigrationLoader(connections["default"]).graph.leaf_nodes("publishing")
    MigrationRecorder(connections["default"]).record_unapplied(app, newest)
    outcome = look_at_migrations()
    assert outcome.verdict == Verdict.FAULT
    assert f"publishing.{newest}" in outcome.found
    assert outcome.cure == "Run: python manage.py migrate"


def test_the_broker_in_a_folder_needs_its_folder(settings: Any, tmp_path: Path) -> None:
    settings.BROKER_DIR = tmp_path
    assert look_at_broker().verdict == Verdict.OK
    settings.BROKER_DIR = tmp_path / "gone"
    assert look_at_broker().verdict == Verdict.FAULT


@pytest.fixture
def redis_at(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Point product and Celery at a Redis address."""

    def point(url: str) -> None:
        settings.REDIS_URL = url
        monkeypatch.setattr(celery_app.conf, "broker_url", url)

    return point


def test_a_redis_that_is_away_is_a_fault_within_seconds(redis_at: Any, db: None) -> None:
    redis_at(f"redis://:guarded-word@127.0.0.1:{free_port()}/0")
    outcome = look_at_broker()
    assert outcome.verdict == Verdict.FAULT
    assert "guarded-word" not in outcome.found + outcome.cure
    assert look_at_worker().verdict == Verdict.FAULT


@pytest.mark.services
def test_a_redis_that_answers_is_fine(redis_at: Any) -> None:
    with redis_server() as url:
        redis_at(url)
        assert look_at_broker().verdict == Verdict.OK


@pytest.mark.parametrize(
    ("look", "name"), [(look_at_worker, PulseName.STEPS), (look_at_beat, PulseName.SWEEP)]
)
def test_worker_and_beat_are_told_by_their_pulse(db: None, look: Any, name: PulseName) -> None:
    never = look()
    assert (never.verdict, "never seen" in never.found) == (Verdict.FAULT, True)
    now = database_now()
    Pulse.objects.beat(name, now=now)
    assert look().verdict == Verdict.OK
    Pulse.objects.filter(name=name).update(at=now - timedelta(seconds=60))
    silent = look()
    assert (silent.verdict, "last seen 6" in silent.found) == (Verdict.FAULT, True)
