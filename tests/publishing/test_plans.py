"""How PostgreSQL finds what is due among many posts: by the index made for that, and by nothing else."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.clock import database_now
from publishing.models import Publication
from tests.bench.due_inside import CLAIM, fill

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.on_postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="runs on PostgreSQL, by tests/databases"),
]

ROWS = 50_000
DUE = 20
# The claim's WHERE names the row it wants, so that either index gives it at once.
INDEXES = {
    "sweep": {"publication_due"},
    "claim": {"publication_due", "publishing_publication_pkey"},
}


@pytest.fixture
def plans() -> dict[str, str]:
    """EXPLAIN of the sweep's question and of a claim, as they are really asked."""
    fill(str(ROWS))
    now = database_now()
    due = list(Publication.objects.filter(next_try_at__gt=now).values_list("pk", flat=True)[:DUE])
    Publication.objects.filter(pk__in=due).update(next_try_at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE publishing_publication")
    with CaptureQueriesContext(connection) as asked:
        found = Publication.objects.on_large_files(is_large=False).to_hand_out(now, per_account=DUE, most=100)
        assert Publication.objects.claim(due[0], seconds=15)
    assert set(found) >= set(due)
    statements = [query["sql"] for query in asked.captured_queries]
    claim = next(sql for sql in statements if sql.startswith(CLAIM))
    with connection.cursor() as cursor:
        plans = {}
        for name, sql in (("sweep", statements[0]), ("claim", claim)):
            cursor.execute(f"EXPLAIN {sql}")
            plans[name] = "\n".join(row[0] for row in cursor.fetchall())
    return plans


@pytest.mark.parametrize("name", INDEXES)
def test_what_is_due_is_found_by_its_index(name: str, plans: dict[str, str]) -> None:
    plan = plans[name]
    assert "Seq Scan on publishing_publication" not in plan, plan
    scanned = set(re.findall(r"Scan using (publi\w+) on publishing_publication", plan))
    scanned |= set(re.findall(r"Bitmap Index Scan on (publi\w+)", plan))
    assert scanned, plan
    assert scanned <= INDEXES[name], plan
