"""Hostile files behind links: each is fetched, refused with its own sentence, and leaves nothing on the disk."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from accounts.clock import database_now
from accounts.models import User, Workspace
from composer.arriving import begin_arrival
from composer.checking import check_arrival
from composer.importing import fetch_arrival
from composer.links import WEB_PAGE
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile, MediaState
from composer.storing import incoming_folder
from tests.hostile import HostileFile, hostile_files
from tests.https_server import HttpsServer, https_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https")) as running:
        yield running


def import_it(server: HttpsServer, workspace: Workspace, user: User, file: HostileFile) -> Arrival:
    """Fetch and check one file; it says that it is a video, under the name it was given."""
    body = file.path.read_bytes()
    path = f"/{quote(file.path.name)}"
    server.routes[path] = lambda request: request.answer(
        body,
        content_type="video/mp4",
        content_disposition=f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
    )
    arrival = begin_arrival(
        workspace,
        user=user,
        name="link",
        size=None,
        source=ArrivalSource.LINK,
        now=database_now(),
        url=server.url(path),
    )
    assert fetch_arrival(arrival.pk, terms=server.terms())
    check_arrival(arrival.pk)
    arrival.refresh_from_db()
    return arrival


def test_every_one_is_refused_with_its_own_sentence_and_nothing_is_left(
    server: HttpsServer, workspace: Workspace, alice: User, tmp_path: Path
) -> None:
    wrong = []
    for file in hostile_files(tmp_path / "hostile"):
        arrival = import_it(server, workspace, alice, file)
        # Behind a link a page is mostly the page around a file: that has words of its own.
        is_page = file.why == "This is a web page, not a video or a photo."
        expected = WEB_PAGE if is_page else file.why
        if arrival.state != ArrivalState.FAILED or not arrival.error.startswith(expected):
            wrong.append((file.path.name, arrival.state, arrival.error))
        if "/" in arrival.name or "\\" in arrival.name:
            wrong.append((file.path.name, arrival.name, "a path is no name"))
    assert wrong == []
    assert list(incoming_folder().iterdir()) == []
    assert [path for path in incoming_folder().parent.rglob("*") if path.is_file()] == []
    assert set(MediaFile.objects.values_list("state", flat=True)) == {MediaState.REFUSED}
