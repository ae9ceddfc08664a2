"""A worker's threads keep their connections to the database for as long as these are good."""

from pathlib import Path

from tests.config.starting import environment, python

KEEPS = """if True:
    from config.celery import app
    import django; django.setup()
    from celery.fixups.django import DjangoWorkerFixup
    from celery.signals import task_postrun, task_prerun
    from django.db import connection
    app.loader.import_default_modules()
    task = app.tasks["publishing.tasks.beat_steps"]
    DjangoWorkerFixup(app).install()

    def between_tasks():
        connection.ensure_connection()
        before = connection.connection
        task_postrun.send(task)
        task_prerun.send(task)
        return connection.connection is before

    connection.ensure_connection()
    connection.close_at = None
    print("whole", between_tasks())
    connection.close_at = 0
    print("old", between_tasks())
    connection.ensure_connection()
    connection.errors_occurred = True
    connection.is_usable = lambda: False
    print("broken", between_tasks())
"""


def test_a_thread_keeps_its_connection_until_it_is_old_or_broken(tmp_path: Path) -> None:
    done = python("-c", KEEPS, environ=environment(tmp_path / "var"))
    assert done.stdout.split("\n")[:3] == ["whole True", "old False", "broken False"], done.stderr
