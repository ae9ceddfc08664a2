"""What the bench of due posts does inside an installation on PostgreSQL: a million rows, bursts, statements timed."""

import json
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.inside import answer

PER_WORKSPACE = 10
CLAIM = 'UPDATE "publishing_publication"'


def fill(count: str) -> Any:
    """So many publications that are due in the coming year, made by the database itself; the seconds it took."""
    from django.db import connection

    from composer.models import Post
    from publishing.models import Publication
    from tests.factories import make_publication

    template = make_publication()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        # A row of its own for each post, as a year of scheduling leaves them; the consent is shared.
        posts = _copied(Post, {})
        cursor.execute(
            f"INSERT INTO composer_post ({posts[0]}) SELECT {posts[1]} FROM composer_post t, generate_series(1, %s)"
            " WHERE t.id = %s",
            [int(count), template.post_id],
        )
        columns, values = _copied(Publication, {
            "post_id": "p.id",
            "due_at": "now() + interval '1 hour' + random() * interval '365 days'",
            "next_try_at": "now() + interval '1 hour' + random() * interval '365 days'",
        })  # fmt: skip
        cursor.execute(
            f"INSERT INTO publishing_publication ({columns}) SELECT {values} FROM publishing_publication t,"
            " composer_post p WHERE t.id = %s AND p.id > %s",
            [template.pk, template.post_id],
        )
        cursor.execute("ANALYZE")
    return time.perf_counter() - began


def _copied(model: Any, instead: dict[str, str]) -> tuple[str, str]:
    """The columns of a table but its key, and what each is filled with: the template's, or what stands `instead`."""
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    return ", ".join(f'"{name}"' for name in names), ", ".join(instead.get(n, f't."{n}"') for n in names)


def make_due(order_path: str) -> Any:
    """Posts of small videos, over workspaces of ten accounts each, due as the order says; their keys.

    Those that are not to be sent leave the schedule like all others, and end there: somebody has asked for that.
    """
    from django.db.models import F

    from accounts.clock import database_now
    from accounts.models import Workspace
    from publishing.models import Publication
    from tests.chaos.inside import make_accounts, make_media_of, make_posts
    from tests.factories import make_person

    order = json.loads(Path(order_path).read_text())
    spaces = Workspace.objects.bulk_create(
        Workspace(name=f"Bench {number}") for number in range(-(-len(order["members"]) // PER_WORKSPACE))
    )
    accounts = make_accounts(order["members"], spaces)
    media = [make_media_of(space, order["files"]) for space in spaces]
    last = Publication.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    # Far away until all are there: a worker that is awake would begin with the first of them.
    dice, begin = random.Random(1), database_now() + timedelta(days=1)
    user = make_person()
    for first in range(0, order["posts"], 500):
        numbers = range(first, min(first + 500, order["posts"]))
        make_posts(numbers, order, accounts, media, user, begin, dice)
    made = Publication.objects.filter(pk__gt=last)
    if not order["is_sent"]:
        made.update(cancel_asked_at=database_now())
    shift = begin - (database_now() + timedelta(seconds=4))
    made.update(due_at=F("due_at") - shift, next_try_at=F("next_try_at") - shift)
    return {"first": last + 1, "count": made.count()}


def claims(count: str) -> Any:
    """Time the claim statement, among all those rows; with the plans of the claim and of the sweep's question."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.clock import database_now
    from publishing.models import Publication

    now = database_now()
    pks = list(
        Publication.objects.filter(next_try_at__gt=now)
        .order_by("?")[: int(count)]
        .values_list("pk", flat=True)
    )
    Publication.objects.filter(pk__in=pks).update(next_try_at=now - timedelta(seconds=1))
    timed: list[tuple[str, float]] = []

    def timing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            timed.append((sql, time.perf_counter() - began))

    with connection.execute_wrapper(timing):
        for pk in pks:
            Publication.objects.claim(pk, seconds=15)
    seconds = [took for sql, took in timed if sql.startswith(CLAIM)]
    Publication.objects.filter(pk=pks[0]).update(lease_token=None, lease_until=None)
    with CaptureQueriesContext(connection) as queries:
        Publication.objects.claim(pks[0], seconds=15)
    claim = next(query["sql"] for query in queries.captured_queries if query["sql"].startswith(CLAIM))
    with CaptureQueriesContext(connection) as queries:
        Publication.objects.on_large_files(is_large=False).to_hand_out(now, per_account=4, most=100)
    sweep = queries.captured_queries[-1]["sql"]
    Publication.objects.filter(pk__in=pks).update(
        next_try_at=now + timedelta(days=30), lease_token=None, lease_until=None
    )
    with connection.cursor() as cursor:
        plans = {}
        for name, sql in (("claim", claim), ("sweep", sweep)):
            cursor.execute("EXPLAIN " + sql)
            plans[name] = [row[0] for row in cursor.fetchall()]
    return {"seconds": seconds, "plans": plans}


if __name__ == "__main__":
    answer({"fill": fill, "make_due": make_due, "claims": claims})
