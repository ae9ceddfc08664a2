"""What tests ask of an installation from outside: runs in its environment, answers with one line of JSON."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def prepare() -> Any:
    """Make the database and the static files, as every start does; returns the commands `make run` would start.

    Each is name → [command, environment on top].
    """
    from config.run import commands, prepare

    prepare()
    return commands()


def settings(*names: str) -> Any:
    """Some settings by name."""
    from django.conf import settings

    return {name: getattr(settings, name) for name in names}


def publish(path: str) -> Any:
    """Alice connects Poppy's account and posts that file; due now. Returns the publication's key.

    The bytes are linked into the installation's media, not read into memory.
    """
    from accounts.clock import database_now
    from tests.factories import make_post, make_publication

    account, user = poppy_of_alice()
    post = make_post(account.workspace, account=account, media=store(account, Path(path)))
    now = database_now()
    return make_publication(post, user=user, due_at=now, next_try_at=now).pk


def show(pk: str) -> Any:
    """Where a publication stands, and its attempts."""
    from django.db import connection

    from publishing.models import Publication

    publication = Publication.objects.get(pk=pk)
    return {
        "vendor": connection.vendor,
        "state": publication.state,
        "reason": publication.reason,
        "is_leased": publication.lease_token is not None,
        "epoch": publication.lease_epoch,
        "states": list(publication.events.exclude(to_state="").values_list("to_state", flat=True)),
        "attempts": [
            {
                "publish_id": attempt.publish_id,
                "next_byte": attempt.next_byte,
                "has_final_intent": attempt.final_intent_at is not None,
                "outcome": attempt.outcome,
            }
            for attempt in publication.attempts.all()
        ],
    }


def silence() -> Any:
    """What the line at the top of every page says, or None while there is none."""
    from dataclasses import asdict

    from accounts.clock import database_now
    from publishing.silence import find_silence

    found = find_silence(database_now())
    return asdict(found) if found else None


def lateness(*pks: str) -> Any:
    """For every publication, or those given, the seconds from its time to the first step a worker took."""
    from publishing.models import Event, Publication
    from publishing.states import State

    events = Event.objects.filter(to_state=State.STARTING)
    if pks:
        events = events.filter(publication__in=pks)
    began = dict(events.values_list("publication_id", "at"))
    return [
        (began[publication.pk] - publication.due_at).total_seconds()
        for publication in Publication.objects.filter(pk__in=began)
    ]


def poppy_of_alice() -> Any:
    from django.test import Client

    from accounts.models import TikTokAccount, User
    from tests.consent import connect
    from tests.factories import make_person

    user = User.objects.filter(email="alice@example.com").first() or make_person("alice@example.com")
    account = TikTokAccount.objects.filter(username="poppy.public").first()
    if account is None:
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        connect(client, "poppy.public")
        account = TikTokAccount.objects.get(username="poppy.public")
    return account, user


def store(account: Any, path: Path) -> Any:
    import hashlib

    from django.conf import settings

    from tests.factories import make_media

    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"media/{sha256}.mp4"
    place = Path(settings.MEDIA_ROOT) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        try:
            os.link(path, place)
        except OSError:  # another file system
            shutil.copyfile(path, place)
    return make_media(
        account.workspace, sha256=sha256, size_bytes=path.stat().st_size, file=name, duration_ms=1500
    )


def pulses() -> Any:
    """Which parts of the machinery have been seen at work."""
    from publishing.models import Pulse

    return sorted(Pulse.objects.values_list("name", flat=True))


QUESTIONS: dict[str, Callable[..., Any]] = {
    "prepare": prepare,
    "settings": settings,
    "publish": publish,
    "show": show,
    "silence": silence,
    "pulses": pulses,
    "lateness": lateness,
}


def answer(questions: dict[str, Callable[..., Any]]) -> None:
    """Answer the question on the command line."""
    django.setup()
    print(json.dumps(questions[sys.argv[1]](*sys.argv[2:]), default=str))


if __name__ == "__main__":
    answer(QUESTIONS)
