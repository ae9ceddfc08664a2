"""What TikTok fetches lies in an object store: streamed from there, the last byte behind the gate all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from composer import storages
from publishing.models import Attempt, Gate, PullEnd, PullHit, Route
from publishing.pulls import add_files
from publishing.states import State
from tests.composer.object_store import Cutter, cutter, use_store
from tests.factories import make_attempt, make_carousel, make_photo, make_publication
from tests.publishing.test_pull_files import get, requests_written_down
from tests.publishing.ways import Way
from tests.publishing.web import Web
from tests.services import ObjectStoreServer, s3_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.slow]

BODY = bytes(range(256)) * 8000


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


@pytest.fixture
def address(line: Cutter, web: Web, workspace: Any, alice: Any) -> str:
    """A photo that TikTok was told of, its gate still closed."""
    photo = make_photo(workspace, content=BODY)
    publication = make_publication(make_carousel(workspace, photos=[photo]), user=alice, state=State.STARTING)
    attempt = make_attempt(
        publication, route="photos", gate=Gate.CLOSED, init_finished_at=None, publish_id=None
    )
    [url] = add_files(attempt, [photo])
    line.requests.clear()
    return url


def open_gate() -> None:
    Attempt.objects.update(gate=Gate.OPEN)


def test_a_file_goes_out_whole_and_in_parts(address: str, line: Cutter) -> None:
    open_gate()
    assert get(address)[:2] == (200, BODY)
    status, part, headers = get(address, Range="bytes=100000-199999")
    assert (status, part, headers["content-range"]) == (
        206,
        BODY[100_000:200_000],
        f"bytes 100000-199999/{len(BODY)}",
    )
    assert line.ranges() == ["bytes=0-", "bytes=100000-"]
    answer = httpx.head(address, trust_env=False)
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(BODY)))
    assert [hit.end for hit in requests_written_down() if hit.method == "GET"] == [PullEnd.WHOLE] * 2


def test_the_last_byte_waits_for_the_gate(address: str, settings: Any) -> None:
    settings.PULL_WITHHOLD_SECONDS = 0.2
    assert get(address)[1] == BODY[:-1]
    assert [hit.end for hit in requests_written_down()] == [PullEnd.WITHHELD]
    open_gate()
    assert get(address)[1] == BODY


def test_a_store_that_breaks_off_once_is_not_noticed(address: str, line: Cutter) -> None:
    open_gate()
    line.cut_after, line.cuts = 700_000, 1
    assert get(address)[1] == BODY
    assert len(line.ranges()) == 2


def test_a_store_that_goes_down_cuts_the_answer(address: str, line: Cutter) -> None:
    open_gate()
    line.cut_after, line.cuts, line.goes_down = 700_000, 1000, True
    _, body, _ = get(address)
    assert len(body) < len(BODY)
    assert body == BODY[: len(body)]
    assert PullEnd.WHOLE not in {hit.end for hit in requests_written_down()}


def test_a_store_that_is_away_is_asked_again_later(address: str, line: Cutter) -> None:
    open_gate()
    line.cut_after, line.cuts, line.goes_down = 0, 1000, True
    assert get(address)[0] == 503
    assert not PullHit.objects.exists()


@pytest.mark.parametrize("way", [Route.PHOTOS, Route.VIDEO_PULL], indirect=True)
def test_a_post_arrives_byte_for_byte(line: Cutter, way: Way, tmp_path: Path) -> None:
    """Through the real engine; the store comes first, so that the files were made in it."""
    publication = way.due()
    way.walk(publication)
    way.check(publication, "from an object store")
    assert len(line.ranges()) >= 2 * len(way.files)  # hashed, then fetched
    assert not list((tmp_path / "media").rglob("*.*"))
