"""One simulator process for all tests of this folder, forgetful between them, and people to speak to it."""

from collections.abc import Iterator

import pytest

from tests.media import make_video
from tests.processes import Simulator, start_simulator
from tests.simulator.pictures import make_photo
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = start_simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.stop()
    assert simulator.log() == f"Simulated TikTok: {simulator.url}\n"


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    simulator_process.reset()
    return simulator_process


@pytest.fixture
def app(simulator: Simulator) -> Iterator[App]:
    """The client application, speaking bare HTTP."""
    with App(simulator) as app:
        yield app


@pytest.fixture
def poppy(app: App) -> Phone:
    """A public creator who has granted everything."""
    return app.connect("poppy.public")


@pytest.fixture
def priya(app: App) -> Phone:
    """A private creator who has granted everything."""
    return app.connect("priya.private")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of H.264 in an MP4, fine by every rule."""
    return make_video(tmp_path_factory.mktemp("films") / "fine.mp4", seconds=2).read_bytes()


@pytest.fixture
def server() -> Iterator[FileServer]:
    """A web server with nothing on it yet."""
    server = FileServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def photos() -> list[bytes]:
    """Three JPEGs, fine by every rule and all different."""
    return [make_photo(colour=colour) for colour in ("red", "green", "blue")]
