"""The very bytes that are sent are compared with those agreed to: a changed file never gets its last chunk."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import TikTokAccount, User
from composer.storing import MediaReader
from publishing import init_file
from publishing.checksums import CHECKSUM_LENGTH, SentChecksum, take_checksum
from publishing.models import AttemptOutcome, Publication
from publishing.reasons import Reason
from publishing.states import State
from tests.processes import Simulator
from tests.publishing.crashing import points
from tests.publishing.driving import due, film, in_state, run
from tests.publishing.ways import CHUNK, FILM_BYTES
from tiktok import ChunkPlan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))


def change(publication: Publication, at: int) -> Callable[[], None]:
    """Turn one byte of the stored file into another."""

    def work() -> None:
        with Path(publication.consent.media.file.path).open("r+b") as file:
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1]))

    return work


def assert_held(publication: Publication, simulator: Simulator, *, chunks: int) -> None:
    assert (publication.state, publication.reason) == (State.HELD, Reason.FILE_CHANGED)
    attempt = publication.attempts.get()
    assert (attempt.outcome, attempt.fail_reason) == (AttemptOutcome.FAILED, Reason.FILE_CHANGED)
    assert (attempt.final_intent_at, attempt.may_be_public) == (None, False)
    assert simulator.calls("chunk") == chunks
    assert [post["bytes"] for post in simulator.posts()] == [chunks * CHUNK]


@pytest.mark.rule("5a", at="worker")
@pytest.mark.parametrize("at", [10, FILM_BYTES - 10], ids=["in what is sent", "in the last chunk"])
def test_a_file_changed_after_its_init_never_gets_its_last_chunk(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, at: int
) -> None:
    publication = run(
        due(poppy, film(tmp_path, pad_to=FILM_BYTES), user=alice), until=in_state(State.UPLOADING)
    )
    change(publication, at)()
    assert_held(run(publication), simulator, chunks=1)


def test_after_a_resume_what_tiktok_has_is_read_first(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    """Changed where the chunk had already gone out: only the stored file's first bytes tell."""
    simulator.fault("chunk", "http", status=503, chunk=1)
    publication = run(
        due(poppy, film(tmp_path, pad_to=FILM_BYTES), user=alice), until=in_state(State.UPLOADING)
    )
    publication = run(publication, until=lambda p: p.attempts.get().next_byte == CHUNK and p.tries == 1)
    assert publication.attempts.get().final_intent_at is not None  # the fault struck the last chunk
    change(publication, 10)()
    publication = run(publication, until=lambda p: p.state != State.UPLOADING)
    # The last chunk may have arrived then, for all we know: nothing more is sent, and TikTok's status decides.
    assert publication.state == State.PROCESSING
    assert simulator.calls("chunk") == 2


def test_what_changes_behind_the_sender_is_no_matter(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = run(
        due(poppy, film(tmp_path, pad_to=FILM_BYTES), user=alice), until=in_state(State.UPLOADING)
    )
    with points(monkeypatch, None, lambda _name: None) as watch:
        watch.on("after put_chunk", change(publication, 10))
        publication = run(publication, until=lambda p: p.state != State.UPLOADING)
    # What was sent is what was agreed to, and what was compared is what was sent: it may go on.
    assert run(publication).state == State.PUBLISHED


def test_changed_between_the_look_ahead_and_the_sending_the_last_block_stays_here(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = run(
        due(poppy, film(tmp_path, pad_to=FILM_BYTES), user=alice), until=in_state(State.UPLOADING)
    )
    changed = change(publication, FILM_BYTES - 10)
    with points(monkeypatch, None, lambda _name: None) as watch:
        # The second chunk: its checksum has matched, the intent is committed.
        watch.on("after put_chunk", lambda: watch.on("before put_chunk", changed))
        publication = run(publication, until=lambda p: p.state != State.UPLOADING)
    assert publication.state == State.PROCESSING
    [post] = simulator.posts()
    assert post["bytes"] < FILM_BYTES
    assert post["landings"] == []


def test_an_attempt_from_before_there_were_checksums_is_compared_all_the_same(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    publication = run(
        due(poppy, film(tmp_path, pad_to=FILM_BYTES), user=alice), until=in_state(State.UPLOADING)
    )
    publication.attempts.update(media_checksum="")
    change(publication, 10)()
    assert_held(run(publication), simulator, chunks=0)


def test_a_checksum_follows_whatever_is_resumed_or_sent_again() -> None:
    content = bytes(range(256)) * 40
    whole = checksum_of(content)
    checksum = SentChecksum(reader(content), whole, lambda: None)
    for first, last in (
        (3000, 6000),
        (6000, 9000),
        (3000, 6000),
        (6000, 9000),
        (1000, 3000),
        (3000, 9000),
    ):
        checksum.begin(first)
        checksum.feed(content[first:last])
        assert checksum.of_whole(len(content)) == whole
    checksum.feed(content[9000:])
    assert checksum.so_far() == whole


def test_a_checksum_is_drawn_anew_for_the_same_bytes_and_only_for_those() -> None:
    content = bytes(range(256)) * 40
    first, second = checksum_of(content), checksum_of(content)
    assert first != second
    assert len(first) == len(second) == CHECKSUM_LENGTH
    assert take_checksum(reader(content + b"."), hashlib.sha256(content).hexdigest()) is None
    other = SentChecksum(reader(content), first, lambda: None)
    other.feed(content[:-1] + b".")
    assert other.so_far() != first


def reader(content: bytes) -> MediaReader:
    return io.BytesIO(content)  # type: ignore[return-value]


def checksum_of(content: bytes) -> str:
    checksum = take_checksum(reader(content), hashlib.sha256(content).hexdigest())
    assert checksum is not None
    return checksum
