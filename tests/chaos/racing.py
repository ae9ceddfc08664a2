"""Eight worker processes go for the same due posts at once, each in its own order; run inside an installation."""

import json
import multiprocessing
import random
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.inside import answer

WORKERS = 8
MODULE = "tests.chaos.racing"


def race(count: str, film: str, sink: str, tokens: str) -> Any:
    """Make so many posts whose one chunk is to go to `sink`/<number>; returns how many steps each worker took."""
    from django.db import connections

    pks = _make_uploads(int(count), Path(film), sink, tokens)
    # Forked: eight processes, each with connections of its own.
    connections.close_all()
    context = multiprocessing.get_context("fork")
    with context.Pool(WORKERS) as pool:
        taken = pool.starmap(_work, [(number, pks) for number in range(WORKERS)], chunksize=1)
    from publishing.models import Publication

    return {
        "taken": taken,
        "states": sorted(set(Publication.objects.values_list("state", flat=True))),
    }


def _work(number: int, pks: list[int]) -> int:
    from publishing.engine import advance
    from publishing.models import Publication
    from publishing.states import State

    # All begin with the same posts, in blocks, so that they meet; within a block in an order of their own.
    dice = random.Random(number)
    taken = 0
    for first in range(0, len(pks), 20):
        block = pks[first : first + 20]
        dice.shuffle(block)
        for pk in block:
            # Sending is what is raced for: whoever comes after it would only ask how it went.
            if Publication.objects.filter(pk=pk, state=State.UPLOADING).exists():
                taken += advance(pk)
    return taken


def _make_uploads(count: int, film: Path, sink: str, tokens: str) -> list[int]:
    """Publications whose `init` was answered, as the sweep finds them."""
    import hashlib

    from django.conf import settings

    from accounts.clock import database_now
    from accounts.tokens import store_grant
    from composer.models import Consent, Post
    from publishing.models import Attempt, Publication
    from publishing.sealed import seal_upload_url
    from publishing.states import State
    from tests.factories import make_account, make_consent, make_media, make_person, make_post
    from tiktok.types import TokenGrant

    user = make_person("race@example.com")
    workspace = user.memberships.get().workspace
    member = json.loads(tokens)
    account = make_account(workspace, client_key=settings.TIKTOK_CLIENT_KEY, open_id=member["open_id"])
    now = database_now()
    grant = TokenGrant(
        access_token=member["access_token"], refresh_token=member["refresh_token"], expires_in=7200,
        refresh_expires_in=72_000, open_id=member["open_id"], scopes=frozenset(member["scopes"]),
    )  # fmt: skip
    store_grant(account, grant, now=now)
    name = f"media/{film.name}"
    target = Path(settings.MEDIA_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(film, target)
    sha256 = hashlib.sha256(film.read_bytes()).hexdigest()
    media = make_media(workspace, file=name, size_bytes=film.stat().st_size, sha256=sha256)
    original = make_consent(make_post(workspace, account=account, media=media), user)
    posts = Post.objects.bulk_create(
        Post(workspace=workspace, account=account, media=media, caption=f"race {n}", locked_at=now)
        for n in range(count)
    )
    consents = Consent.objects.bulk_create(
        Consent(
            post=post, given_by=user, account=account, media=media, creator_shown=original.creator_shown,
            choices=original.choices, declaration=original.declaration, media_sha256=sha256,
        )
        for post in posts
    )  # fmt: skip
    publications = Publication.objects.bulk_create(
        Publication(
            post=post, workspace=workspace, account=account, consent=consent, state=State.UPLOADING, due_at=now,
            next_try_at=now,
        )
        for post, consent in zip(posts, consents, strict=True)
    )  # fmt: skip
    attempts = []
    for number, publication in enumerate(publications):
        attempt = Attempt(
            publication=publication, number=1, payload={}, payload_sha256="0" * 64, media_sha256=sha256,
            total_bytes=media.size_bytes, chunk_size=media.size_bytes, total_chunk_count=1, init_started_at=now,
            init_finished_at=now, publish_id=f"v_pub_file~v2-1.{number}", upload_expires_at=now + timedelta(hours=1),
        )  # fmt: skip
        attempt.upload_url_sealed = seal_upload_url(attempt, f"{sink}/{number}")
        attempts.append(attempt)
    Attempt.objects.bulk_create(attempts)
    return [publication.pk for publication in publications]


if __name__ == "__main__":
    answer({"race": race})
