"""A video that lies in an object store goes to TikTok from there: through the real engine, from a real S3 server."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import TikTokAccount, User
from composer import storages
from composer.storing import delete_media_bytes
from publishing.reasons import Reason
from publishing.states import State
from tests.composer.object_store import Cutter, cutter, use_store
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, run
from tests.services import ObjectStoreServer, s3_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.slow]

# Seven chunks.
SIZE = 70_000_000


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStoreServer]:
    with s3_server() as server:
        yield server


@pytest.fixture
def line(s3: ObjectStoreServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cutter]:
    monkeypatch.setattr(storages, "FIRST_PAUSE_SECONDS", 0.01)
    with cutter(s3.url) as made:
        use_store(settings, s3.storage(url=made.url))
        yield made


def sent_whole(simulator: Simulator, path: Path) -> bool:
    (post,) = simulator.posts()
    return bool(post["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_video_of_seven_chunks_arrives_byte_for_byte(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter
) -> None:
    path = film(tmp_path, pad_to=SIZE)
    publication = due(poppy, path, user=alice)
    line.requests.clear()
    assert run(publication).state == State.PUBLISHED
    assert sent_whole(simulator, path)
    assert publication.attempts.get().total_chunk_count == 7
    # Read twice, each time as one stream: hashed before anything is announced, then sent. The last chunk is read
    # ahead, so that the digest of everything is compared before any of it goes out.
    assert line.ranges() == ["bytes=0-", "bytes=0-", "bytes=60000000-"]
    assert not list((tmp_path / "media").rglob("*.*"))


def test_a_line_to_the_store_that_breaks_costs_no_chunk(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter
) -> None:
    path = film(tmp_path, pad_to=SIZE)
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    line.cut_after, line.cuts = 35_000_000, 1
    assert run(publication).state == State.PUBLISHED
    assert line.cuts == 0
    assert sent_whole(simulator, path)
    assert simulator.calls("chunk") == 7


def test_an_upload_goes_on_with_the_chunk_it_stood_at(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter
) -> None:
    path = film(tmp_path, pad_to=SIZE)
    simulator.fault("chunk", "http", status=503, chunk=4)
    publication = run(
        due(poppy, path, user=alice), until=lambda p: p.state == State.UPLOADING and p.tries == 1
    )
    line.requests.clear()
    assert run(publication).state == State.PUBLISHED
    # What TikTok has is read and hashed first; nothing of it is sent again.
    assert line.ranges() == ["bytes=0-", "bytes=60000000-"]
    assert simulator.calls("chunk") == 7 + 1
    assert sent_whole(simulator, path)


def test_a_missing_object_is_said_and_not_retried(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter
) -> None:
    publication = due(poppy, film(tmp_path), user=alice)
    delete_media_bytes(publication.consent.media)
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.FILE_MISSING)
    assert simulator.ledger()["inits"] == []


def test_a_store_that_is_down_is_waited_for_and_at_last_said(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter,
    s3: ObjectStoreServer, settings: Any,
) -> None:  # fmt: skip
    path = film(tmp_path)
    publication = due(poppy, path, user=alice)
    working = settings.STORAGES["default"]
    use_store(settings, s3.storage(url="http://127.0.0.1:9"))
    publication = run(publication, until=lambda p: p.state == State.STARTING and p.tries == 2)
    use_store(settings, working)
    assert run(publication).state == State.PUBLISHED
    assert sent_whole(simulator, path)

    publication = due(poppy, film(tmp_path, pad_to=100_000), user=alice)
    use_store(settings, s3.storage(url="http://127.0.0.1:9"))
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.FAILED, Reason.STORAGE_UNREACHABLE)


def test_a_store_that_goes_down_in_the_middle_of_an_upload_leaves_it_to_be_resumed(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, line: Cutter
) -> None:
    path = film(tmp_path, pad_to=SIZE)
    publication = run(due(poppy, path, user=alice), until=in_state(State.UPLOADING))
    line.cut_after, line.cuts, line.goes_down = 25_000_000, 10**6, True
    publication = run(publication, until=lambda p: p.tries == 1)
    attempt = publication.attempts.get()
    assert (publication.state, attempt.next_byte, attempt.final_intent_at) == (
        State.UPLOADING,
        20_000_000,
        None,
    )
    line.cuts = 0
    assert run(publication).state == State.PUBLISHED
    assert sent_whole(simulator, path)
    assert publication.attempts.count() == 1
