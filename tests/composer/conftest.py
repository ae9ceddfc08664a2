"""Video files, each made once in a run, the drafts that the page tests open, and links to import."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts.clock import database_now
from accounts.models import TikTokAccount, User, Workspace
from composer.arriving import begin_arrival
from composer.models import Arrival, ArrivalSource, Post
from tests.factories import make_post
from tests.https_server import PUBLIC, HttpsServer, https_server
from tests.media import make_video

VideoMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> VideoMaker:
    """Make a video by `make_video`'s arguments; the same arguments give the same file. Do not change it."""
    folder = tmp_path_factory.mktemp("videos")
    made: dict[str, Path] = {}

    def make(**wanted: object) -> Path:
        key = repr(sorted(wanted.items()))
        if key not in made:
            container = wanted.get("container", "mp4")
            made[key] = make_video(folder / f"{len(made)}.{container}", **wanted)  # type: ignore[arg-type]
        return made[key]

    return make


@pytest.fixture
def empty(workspace: Workspace, poppy: TikTokAccount) -> Post:
    return Post.objects.create(workspace=workspace, account=poppy)


@pytest.fixture
def ready(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft of poppy's with all that a post needs."""
    return make_post(workspace, account=poppy)


@pytest.fixture(scope="session")
def running_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def server(running_https: HttpsServer) -> HttpsServer:
    """The tests' own public internet, on which nothing lies yet."""
    running_https.routes.clear()
    running_https.seen.clear()
    running_https.asked.clear()
    running_https.addresses[:] = [[PUBLIC]]
    return running_https


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_video(tmp_path_factory.mktemp("film") / "film.mp4", width=540, height=960).read_bytes()


@pytest.fixture
def begin(workspace: Workspace, alice: User) -> Callable[[str], Arrival]:
    """An import of that address, due now; its port is the test server's, which a person could not name."""

    def begin(url: str) -> Arrival:
        return begin_arrival(
            workspace,
            user=alice,
            name="link",
            size=None,
            source=ArrivalSource.LINK,
            now=database_now(),
            url=url,
        )

    return begin
