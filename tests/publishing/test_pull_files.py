"""The door TikTok fetches through: right to the byte, open for one attempt only, the last byte behind the gate."""

import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.clock import database_now
from publishing import pull_views
from publishing.heartbeats import BEAT_SECONDS
from publishing.models import (
    Attempt,
    AttemptOutcome,
    Gate,
    GateDoubt,
    Publication,
    PullEnd,
    PullFile,
    PullHit,
)
from publishing.pulls import LIFE, MAX_HITS, add_files, release_last_byte
from publishing.states import State
from tests.factories import make_attempt, make_carousel, make_photo, make_publication
from tests.publishing.web import Web

pytestmark = pytest.mark.django_db(transaction=True)

BODY = bytes(range(256)) * 10


@pytest.fixture
def address(web: Web, workspace: Any, alice: Any) -> str:
    """A photo that TikTok was told of, its gate still closed."""
    photo = make_photo(workspace, content=BODY)
    post = make_carousel(workspace, photos=[photo])
    publication = make_publication(post, user=alice, state=State.STARTING)
    attempt = make_attempt(
        publication, route="photos", gate=Gate.CLOSED, init_finished_at=None, publish_id=None
    )
    [url] = add_files(attempt, [photo])
    assert url.startswith(web.pull_url)
    return url


def put(**fields: object) -> None:
    Attempt.objects.update(**fields)


def put_and_leave(**fields: object) -> None:
    """The same from a thread of its own."""
    put(**fields)
    connection.close()


def requests_written_down() -> list[PullHit]:
    """Every request, once its end is noted: that comes after the last byte."""
    deadline = time.monotonic() + 5
    while PullHit.objects.filter(method="GET", end=PullEnd.OPEN).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return list(PullHit.objects.all())


def get(address: str, **headers: str) -> tuple[int, bytes, httpx.Headers]:
    """All that arrives, also of an answer that is cut."""
    got = b""
    with httpx.stream("GET", address, headers=headers, trust_env=False, timeout=10) as answer:
        try:
            for block in answer.iter_raw():
                got += block
        except httpx.RemoteProtocolError:
            assert len(got) < int(answer.headers["content-length"])
        return answer.status_code, got, answer.headers


def test_an_open_gate_lets_the_whole_file_through_with_its_exact_headers(address: str) -> None:
    put(gate=Gate.OPEN)
    status, body, headers = get(address)
    assert (status, body) == (200, BODY)
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(BODY))
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "no-store, private"
    assert "set-cookie" not in headers
    assert "location" not in headers


def test_head_passes_a_closed_gate(address: str) -> None:
    answer = httpx.head(address, trust_env=False)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(BODY))
    assert answer.headers["content-type"] == "image/jpeg"


def test_behind_a_closed_gate_all_but_the_last_byte_goes_out_and_then_it_is_cut(
    address: str, settings: Any
) -> None:
    settings.PULL_WITHHOLD_SECONDS = 0.3
    began = time.monotonic()
    status, body, headers = get(address)
    assert 0.3 <= time.monotonic() - began < 3
    assert (status, body) == (200, BODY[:-1])
    assert headers["content-length"] == str(len(BODY))
    assert [hit.end for hit in requests_written_down()] == [PullEnd.WITHHELD]
    assert PullFile.objects.get().last_byte_at is None


@pytest.mark.on_postgres
def test_a_gate_that_opens_meanwhile_lets_the_waiting_byte_through(address: str, settings: Any) -> None:
    settings.PULL_WITHHOLD_SECONDS = 5.0
    opener = threading.Timer(0.4, put_and_leave, kwargs={"gate": Gate.OPEN})
    opener.start()
    began = time.monotonic()
    assert get(address)[1] == BODY
    assert 0.3 < time.monotonic() - began < 3
    opener.join()
    assert PullFile.objects.get().last_byte_at is not None


def test_addresses_that_end_meanwhile_cut_the_waiting_request(address: str, settings: Any) -> None:
    settings.PULL_WITHHOLD_SECONDS = 5.0
    revoker = threading.Timer(0.3, put_and_leave, kwargs={"gate": Gate.REVOKED})
    revoker.start()
    began = time.monotonic()
    assert get(address)[1] == BODY[:-1]
    assert time.monotonic() - began < 3
    revoker.join()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=100-199", 100, 199), ("bytes=0-2558", 0, 2558)],
)
def test_a_part_without_the_last_byte_passes_a_closed_gate(
    address: str, asked: str, first: int, last: int
) -> None:
    status, body, headers = get(address, Range=asked)
    assert (status, body) == (206, BODY[first : last + 1])
    assert headers["content-range"] == f"bytes {first}-{last}/2560"
    assert headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize(
    ("asked", "first"),
    [("bytes=0-2559", 0), ("bytes=2559-", 2559), ("bytes=-1", 2559), ("bytes=1000-99999", 1000)],
)
def test_a_part_with_the_last_byte_does_not(address: str, settings: Any, asked: str, first: int) -> None:
    settings.PULL_WITHHOLD_SECONDS = 0.1
    # A connection that is cut before anything went out is not even an answer.
    with pytest.raises(httpx.RemoteProtocolError) if first == 2559 else nullcontext():
        _status, body, _headers = get(address, Range=asked)
        assert body == BODY[first:-1]
    put(gate=Gate.OPEN)
    status, body, headers = get(address, Range=asked)
    assert (status, body) == (206, BODY[first:])
    assert headers["content-range"] == f"bytes {first}-2559/2560"


def test_bytes_that_the_file_does_not_have_are_refused(address: str) -> None:
    answer = httpx.get(address, headers={"Range": "bytes=2560-"}, trust_env=False)
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */2560")


def test_an_address_that_never_was_is_not_found(
    address: str, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    path = address.partition("/pull/")[2]
    token, name = path.split("/")
    for wrong in (
        f"{token[:-1]}x/{name}",
        f"{token}/2.jpg",
        f"{token}/1.webp",
        f"{token}/{name}/",
        f"{token}/{name}/{name}",
        f"{'A' * 43}/1.jpg",
    ):
        assert client.get(f"/pull/{wrong}").status_code == 404
    assert token[:-1] not in caplog.text
    assert not PullHit.objects.exists()


@pytest.mark.parametrize(
    "ended",
    [
        {"gate": Gate.REVOKED},
        {"gate": Gate.OPEN, "outcome": AttemptOutcome.FAILED},
        {"gate": Gate.OPEN, "outcome": AttemptOutcome.PUBLISHED},
        {"gate": Gate.OPEN, "outcome": AttemptOutcome.DELIVERED},
        {"gate": Gate.OPEN, "age": LIFE + timedelta(seconds=1)},
    ],
    ids=str,
)
def test_an_address_of_an_attempt_that_has_ended_is_gone(address: str, ended: dict[str, Any]) -> None:
    age = ended.pop("age", None)
    put(**ended, **({"init_started_at": database_now() - age} if age else {}))
    answer = httpx.get(address, trust_env=False)
    assert (answer.status_code, answer.content) == (410, b"")
    assert httpx.head(address, trust_env=False).status_code == 410
    assert not PullHit.objects.exists()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_answered(address: str, method: str) -> None:
    answer = httpx.request(method, address, trust_env=False)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "GET, HEAD", b"")
    assert not PullHit.objects.exists()


def test_a_name_that_no_file_can_have_is_not_found(address: str) -> None:
    """PostgreSQL takes no NUL in a text, and would answer with a fault."""
    assert httpx.get(f"{address}%00", trust_env=False).status_code == 404
    assert httpx.get(f"{address.rpartition('/')[0]}/%ff", trust_env=False).status_code == 404


def test_a_part_is_not_tied_to_a_version_that_nobody_was_told(address: str) -> None:
    """We name no version of a file, so none can match: then the whole file is the answer (RFC 9110, 13.1.5)."""
    put(gate=Gate.OPEN)
    for version in ('"abc"', "Sat, 21 Nov 2026 10:00:00 GMT"):
        status, body, headers = get(address, **{"Range": "bytes=10-19", "If-Range": version})
        assert (status, body) == (200, BODY)
        assert "content-range" not in headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_no_refusal_and_no_fault_writes_an_address_into_a_log(
    address: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    put(gate=Gate.OPEN)
    path = address.partition("://")[2].partition("/")[2]
    strangers = Client(enforce_csrf_checks=True, raise_request_exception=False)
    with connection.execute_wrapper(failing("SELECT")):
        assert strangers.generic(method, f"/{path}").status_code == (
            503 if method in {"GET", "HEAD"} else 405
        )
    assert ("could not be served" in caplog.text) == (method in {"GET", "HEAD"})
    assert path.split("/")[1] not in caplog.text


def test_a_fault_in_the_middle_of_a_file_is_a_cut_and_no_word_of_the_address(
    address: str, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    put(gate=Gate.OPEN)
    path = address.partition("://")[2].partition("/")[2]
    blocks = client.get(f"/{path}").streaming_content  # type: ignore[attr-defined]
    with connection.execute_wrapper(failing("UPDATE")), pytest.raises(ConnectionResetError):
        list(blocks)
    assert "broke off" in caplog.text
    assert path.split("/")[1] not in caplog.text
    assert PullFile.objects.get().last_byte_at is None


def failing(verb: str) -> Callable[..., Any]:
    """A database that has nothing of the pulled files while it is in force."""

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(verb) and "publishing_pullfile" in sql:
            raise OperationalError("the connection is gone")
        return run(sql, params, many, context)

    return execute


def test_no_more_than_a_few_wait_and_the_others_are_cut_at_once(address: str, settings: Any) -> None:
    settings.PULL_MAX_WITHHELD = 2
    settings.PULL_WITHHOLD_SECONDS = 2.0
    waiting = [threading.Thread(target=get, args=(address,)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    deadline = time.monotonic() + 5
    while pull_views._waiting_room._count < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    began = time.monotonic()
    assert get(address)[1] == BODY[:-1]
    assert time.monotonic() - began < 1.0
    for thread in waiting:
        thread.join()
    assert pull_views._waiting_room._count == 0
    assert {hit.end for hit in requests_written_down()} == {PullEnd.WITHHELD}


def test_a_long_wait_for_a_worker_that_is_gone_leaves_the_gate_as_it_is(address: str, settings: Any) -> None:
    """Without a beating heart nobody waits for an answer: TikTok may well have given it to a dead worker."""
    settings.PULL_WITHHOLD_SECONDS = 0.2
    for lease_until in (None, database_now() + timedelta(seconds=settings.PUBLISHING_LEASE_SECONDS - 5)):
        Publication.objects.update(
            lease_until=lease_until, lease_token="0" * 32 if lease_until is not None else None
        )
        get(address)
    assert not GateDoubt.objects.exists()
    assert Attempt.objects.get().gate == Gate.CLOSED


def test_a_long_wait_tells_nothing_while_another_workers_heart_beats(address: str, settings: Any) -> None:
    """The worker that announced it died; who took over still asks around, and waits for no answer to this."""
    settings.PULL_WITHHOLD_SECONDS = 0.2
    beating = database_now() + timedelta(seconds=settings.PUBLISHING_LEASE_SECONDS + 5)
    lease = Attempt.objects.get().lease_epoch
    for epoch, is_doubt in ((lease + 1, False), (lease, True)):
        Publication.objects.update(lease_epoch=epoch, lease_token="0" * 32, lease_until=beating)
        assert get(address)[1] == BODY[:-1]
        assert GateDoubt.objects.exists() == is_doubt
        assert Attempt.objects.get().gate == (Gate.REVOKED if is_doubt else Gate.CLOSED)


def test_a_short_wait_between_two_beats_of_a_heart_still_finds_its_worker_alive(
    address: str, settings: Any
) -> None:
    settings.PULL_WITHHOLD_SECONDS = 0.2
    beat = database_now() - timedelta(seconds=BEAT_SECONDS)
    Publication.objects.update(
        lease_token="0" * 32, lease_until=beat + timedelta(seconds=settings.PUBLISHING_LEASE_SECONDS)
    )
    get(address)
    assert GateDoubt.objects.exists()


@pytest.mark.on_postgres
def test_what_was_fetched_and_when_is_written_down(address: str) -> None:
    put(gate=Gate.OPEN)
    before = database_now()
    httpx.head(address, trust_env=False)
    get(address, Range="bytes=0-99")
    get(address)
    hits = requests_written_down()
    file = PullFile.objects.get()
    assert (file.requests, file.bytes_served) == (3, len(BODY))
    assert file.first_asked_at is not None
    assert file.last_byte_at is not None
    assert before <= file.first_asked_at <= file.last_byte_at <= database_now()
    assert [(hit.method, hit.first_byte, hit.last_byte, hit.bytes_sent, hit.end) for hit in hits] == [
        ("HEAD", 0, 2559, 0, ""),
        ("GET", 0, 99, 100, "whole"),
        ("GET", 0, 2559, 2560, "whole"),
    ]


@pytest.mark.on_postgres
def test_the_log_does_not_grow_without_end(address: str, client: Client) -> None:
    put(gate=Gate.OPEN)
    path = address.partition("://")[2].partition("/")[2]
    for _ in range(MAX_HITS + 5):
        assert b"".join(client.get(f"/{path}").streaming_content) == BODY  # type: ignore[attr-defined]
    assert PullHit.objects.count() == MAX_HITS
    assert PullFile.objects.get().requests == MAX_HITS + 5


def test_a_file_that_was_cut_short_on_disk_is_never_called_whole(address: str, settings: Any) -> None:
    put(gate=Gate.OPEN)
    file = PullFile.objects.get()
    settings.MEDIA_ROOT.joinpath(file.media.file.name).write_bytes(BODY[:1000])
    assert get(address)[1] == BODY[:1000]
    assert PullFile.objects.get().last_byte_at is None
    assert [hit.end for hit in requests_written_down()] == [PullEnd.LEFT]


def test_only_the_hash_of_an_address_is_kept(address: str) -> None:
    token = address.split("/")[-2]
    assert len(token) >= 43
    assert PullFile.objects.get().token_sha256 == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.on_postgres
def test_revoking_and_releasing_the_last_byte_cannot_both_win(address: str) -> None:
    """Whoever revokes first and then reads the log knows whether anybody has got the whole file."""
    put(gate=Gate.OPEN)
    file = PullFile.objects.select_related("attempt").get()
    put(gate=Gate.REVOKED)
    assert release_last_byte(file) == Gate.REVOKED
    assert PullFile.objects.get().last_byte_at is None
