"""The webhook's door: TikTok's own events are kept once and answered at once, everybody else's leave no trace."""

import io
import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.clock import database_now
from accounts.policy import MAX_WEBHOOK_BYTES
from publishing.models import WebhookDelivery
from publishing.webhook_view import webhook_tiktok
from publishing.webhooks import KEPT_FOR, forget_old_deliveries, hear_due_deliveries
from tests.webhooks import PATH, post, sign

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]

BODY = b'{"event":"post.publish.complete"}'


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.TIKTOK_CLIENT_SECRET = "the present secret"
    settings.TIKTOK_CLIENT_SECRET_PREVIOUS = "the one before"


@pytest.mark.rule("5e", at="server")
def test_an_event_is_kept_as_it_came() -> None:
    before = int(time.time())
    answer = post(BODY)
    assert (answer.status_code, answer.content) == (200, b"")
    delivery = WebhookDelivery.objects.get()
    assert bytes(delivery.body) == BODY
    assert before <= delivery.signed_at.timestamp() <= time.time()
    assert delivery.next_try_at is not None
    assert delivery.outcome == ""


def test_keeping_it_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        post(BODY)
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 1, statements


def test_the_same_bytes_are_kept_once() -> None:
    assert [post(BODY).status_code for _ in range(3)] == [200, 200, 200]
    assert post(BODY, sign(BODY, at=time.time() - 60)).status_code == 200
    assert WebhookDelivery.objects.count() == 1
    assert post(BODY + b" ").status_code == 200
    assert WebhookDelivery.objects.count() == 2


def test_the_previous_secret_still_counts(settings: Any) -> None:
    header = sign(BODY, secret="the one before")
    assert post(BODY, header).status_code == 200
    settings.TIKTOK_CLIENT_SECRET_PREVIOUS = ""
    assert post(BODY, header).status_code == 401


@pytest.mark.parametrize(
    "forge",
    [
        lambda: "",
        lambda: "t=1,s=" + "0" * 64,
        lambda: sign(BODY, secret="guessed"),
        lambda: sign(BODY, secret=""),
        lambda: sign(BODY + b" "),
        lambda: sign(BODY).replace("t=", "t=1"),
    ],
)
def test_what_tiktok_did_not_sign_touches_no_table(forge: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = post(BODY, forge())
    assert answer.status_code == 401
    assert len(queries) == 0
    assert not WebhookDelivery.objects.exists()


def test_without_any_secret_nothing_is_taken(settings: Any) -> None:
    settings.TIKTOK_CLIENT_SECRET = settings.TIKTOK_CLIENT_SECRET_PREVIOUS = ""
    assert post(BODY, sign(BODY, secret="")).status_code == 401


class Counting(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


def raw(body: Counting, **meta: Any) -> Any:
    request = RequestFactory().post(PATH, content_type="application/json")
    request.META |= {"wsgi.input": body, "HTTP_TIKTOK_SIGNATURE": sign(body.getvalue()), **meta}
    return request


def test_an_event_of_64_kb_is_taken() -> None:
    body = b" " * (MAX_WEBHOOK_BYTES - len(BODY)) + BODY
    assert len(body) == 65536
    assert post(body).status_code == 200


def test_one_byte_more_is_refused_unread() -> None:
    body = Counting(b" " * (MAX_WEBHOOK_BYTES + 1))
    request = raw(body, CONTENT_LENGTH=str(MAX_WEBHOOK_BYTES + 1))
    assert webhook_tiktok(request).status_code == 413
    assert body.taken == 0


def test_a_body_of_unknown_length_is_read_no_further_than_that() -> None:
    body = Counting(b" " * 10 * MAX_WEBHOOK_BYTES)
    request = raw(body, HTTP_TRANSFER_ENCODING="chunked")
    request.META.pop("CONTENT_LENGTH", None)
    assert webhook_tiktok(request).status_code == 413
    assert body.taken == MAX_WEBHOOK_BYTES + 1
    small = raw(Counting(BODY), HTTP_TRANSFER_ENCODING="chunked")
    small.META.pop("CONTENT_LENGTH", None)
    assert webhook_tiktok(small).status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options", "patch"])
def test_only_post_is_answered(method: str) -> None:
    answer = getattr(Client(), method)(PATH)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"no json", "unreadable"),
        (b"{}", "unreadable"),
        (b'{"event":"post.publish.complete","client_key":"another_app"}', "other_app"),
        (b'{"event":"portability.download.ready","content":"{}"}', "unknown_event"),
        (b'{"event":"post.publish.complete","content":"{\\"publish_id\\":\\"nobody\'s\\"}"}', "unknown_publish_id"),
        (b'{"event":"authorization.removed","user_openid":"nobody","content":"{}"}', "unknown_account"),
    ],
)  # fmt: skip
def test_whatever_it_says_it_is_worked_on_once(body: bytes, outcome: str) -> None:
    post(body)
    now = database_now()
    assert hear_due_deliveries(now=now) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.outcome, delivery.next_try_at) == (outcome, None)
    assert hear_due_deliveries(now=now) == 0


def test_old_events_are_forgotten_once_they_were_worked_on() -> None:
    post(BODY)
    later = database_now() + KEPT_FOR
    assert forget_old_deliveries(now=later) == 0, "it still waits to be worked on"
    hear_due_deliveries(now=database_now())
    assert forget_old_deliveries(now=later - KEPT_FOR) == 0
    assert forget_old_deliveries(now=later) == 1


def test_a_replay_after_that_is_too_old_to_be_believed() -> None:
    assert KEPT_FOR.total_seconds() > django_settings.TIKTOK_WEBHOOK_TOLERANCE_SECONDS
