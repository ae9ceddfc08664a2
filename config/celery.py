"""The Celery app and the whole beat schedule: the broker only carries hints, the database remembers."""

import logging
import os
import signal
import sys
import threading
import time
import warnings
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # the stubs lack it
from celery.signals import (
    beat_embedded_init,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutting_down,
)
from django.conf import settings
from django.db import close_old_connections, connections
from kombu import Connection, Queue

from config.broker import FOLDER_URL
from config.lanes import CHORES, TASK_ROUTES, lanes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)
# Against root, because messages might be pickled; ours are JSON and nothing else is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)


RECONNECT_SECONDS = 0.5


class BrokerConnection(Connection):
    """kombu's connection, which looks for a lost broker every half second, for as long as it takes.

    kombu waits ever longer, up to half a minute, and Celery has no setting for that: what became due in the meantime
    would lie there although the broker is back.
    """

    def _ensure_connection(
        self,
        errback: Any = None,
        max_retries: int | None = None,
        interval_start: float = RECONNECT_SECONDS,
        interval_step: float = 0.0,
        interval_max: float = RECONNECT_SECONDS,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        patience: Any = (
            interval_start,
            interval_step,
            interval_max,
        )  # seconds; the stubs know whole ones only
        return super()._ensure_connection(errback, max_retries, *patience, *args, **kwargs)


class Amqp(AMQP):
    """Celery's side of the broker, with our connection."""

    Connection = BrokerConnection


app = Celery("greenroom", amqp=Amqp)


def _broker() -> tuple[str, dict[str, object]]:
    if settings.REDIS_URL:
        return settings.REDIS_URL, {
            # A Redis that has vanished from the network, or stands still, is given up and looked for again.
            "socket_connect_timeout": 2.0,
            "socket_keepalive": True,
            "health_check_interval": 5,
            # Messages of a killed worker come back in about 10 s instead of 93 s (measured).
            "unacked_restore_throttle": 1,
            "unacked_restore_interval": 2,
        }
    folders = {name: settings.BROKER_DIR / name for name in ("queue", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FOLDER_URL, {
        "data_folder_in": str(folders["queue"]),
        "data_folder_out": str(folders["queue"]),
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
        "store_processed": False,
        "polling_interval": 0.05,
    }


_broker_url, _broker_options = _broker()
app.conf.update(
    broker_url=_broker_url,
    broker_transport_options=_broker_options,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_default_queue=CHORES,
    task_queues=[Queue(name) for name in lanes()],
    task_routes=TASK_ROUTES,
    worker_pool="config.lanes:LanePool",
    worker_concurrency=sum(lane.threads for lane in lanes().values()),
    timezone="UTC",
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    beat_max_loop_interval=1,
    beat_schedule={
        "publish-due": {
            "task": "publishing.tasks.publish_due",
            "schedule": settings.PUBLISHING_SWEEP_SECONDS,
            # A sweep that waited longer than this is stale: the next one does its work.
            "options": {"expires": 5},
        },
        "hear-webhooks-due": {
            "task": "publishing.tasks.hear_webhooks_due",
            "schedule": 0.5,
            "options": {"expires": 5},
        },
        "refresh-ahead-due": {
            "task": "publishing.tasks.refresh_ahead_due",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "keep-alive-due": {
            "task": "accounts.tasks.keep_alive_due",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "warn-of-endings-due": {
            "task": "accounts.tasks.warn_of_endings_due",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "check-access-due": {
            "task": "accounts.tasks.check_access_due",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        # Somebody who has just connected looks at the page and waits for the picture.
        "copy-avatars-due": {
            "task": "accounts.tasks.copy_avatars_due",
            "schedule": 1.0,
            "options": {"expires": 5},
        },
        "send-mails-due": {
            "task": "accounts.tasks.send_mails_due",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "composer-work-due": {
            "task": "composer.tasks.work_due",
            "schedule": 0.5,
            "options": {"expires": 5},
        },
        "look-after-uploads": {
            "task": "composer.tasks.look_after_uploads_due",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "beat-steps": {
            "task": "publishing.tasks.beat_steps",
            "schedule": 5.0,
            "options": {"expires": 15},
        },
        "tell-operators": {
            "task": "publishing.tasks.tell_operators_due",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "remove-leftovers": {
            "task": "composer.tasks.remove_leftovers_due",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "forget-webhooks": {
            "task": "publishing.tasks.forget_webhooks_due",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "remove-due": {
            "task": "leaving.tasks.remove_due",
            "schedule": 2.0,
            "options": {"expires": 5},
        },
        "forget-ended-offers": {
            "task": "accounts.tasks.forget_ended_offers",
            "schedule": 600.0,
            "options": {"expires": 600},
        },
    },
)
app.autodiscover_tasks(["accounts", "composer", "publishing", "leaving"])


# --- A thread keeps its connection to the database, as the web server's threads do ---------------------------

# Celery would close it after every task, and a broken one no sooner than a whole one; so many tasks never come.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize


@worker_init.connect
def start_without_connections(**_kwargs: object) -> None:
    """Before beat is forked: two processes on one connection would answer each other's questions."""
    connections.close_all()


@task_prerun.connect
@task_postrun.connect
def close_what_is_broken_or_old(**_kwargs: object) -> None:
    """What Django does around a request: `CONN_MAX_AGE` and `CONN_HEALTH_CHECKS` hold for a worker as well."""
    close_old_connections()


# --- Beat is the worker's child process: neither goes on without the other -----------------------------------

_is_ending = threading.Event()
_worker_pid = 0


@worker_init.connect
def remember_the_worker(**_kwargs: object) -> None:
    """Before beat is forked: one that is slow to begin may find its worker dead already, and another parent."""
    global _worker_pid  # noqa: PLW0603 - the fork hands it on
    _worker_pid = os.getpid()


@worker_shutting_down.connect
def remember_the_end(**_kwargs: object) -> None:
    """The worker was asked to stop, and takes beat along itself."""
    _is_ending.set()


@beat_embedded_init.connect
def end_with_worker(**_kwargs: object) -> None:
    """Without this, beat would outlive a killed worker and sweep beside the next one's."""

    def watch() -> None:
        while os.getppid() == _worker_pid:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, name="end-with-worker", daemon=True).start()


@worker_ready.connect
def end_with_beat(sender: Any, **_kwargs: object) -> None:
    """Without this, a worker whose beat was killed would look well and find nothing to do."""
    beat = sender.controller.beat

    def watch() -> None:
        while beat.is_alive():
            time.sleep(1)
        if not _is_ending.is_set():
            logger.error("beat has ended, and so does its worker")
            os.kill(os.getpid(), signal.SIGTERM)

    if beat is not None:
        threading.Thread(target=watch, name="end-with-beat", daemon=True).start()
