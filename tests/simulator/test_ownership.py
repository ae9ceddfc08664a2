"""Whose addresses TikTok fetches from: domains with all below them, prefixes to the letter, nothing else."""

from collections.abc import Iterator

import pytest

from tests.processes import Simulator, start_simulator
from tests.simulator.speaking import App, Phone, error_of
from tests.simulator.test_lasting import run
from tests.simulator.test_video_init import OWNERSHIP, SOURCE_INFO

NOT_OURS = (403, "url_ownership_unverified", OWNERSHIP)
MALFORMED = (400, "invalid_params", SOURCE_INFO)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """A creator connected to an app with a domain and a prefix of its own."""
    simulator = start_simulator(
        tmp_path_factory.mktemp("owner"),
        verified_prefixes="domain:static.example.invalid, https://media.example.invalid/videos/user/",
        rate_window_seconds=0,
    )
    simulator.switch(pull_attempts=1)
    with App(simulator) as app:
        yield app.connect("poppy.public")
    simulator.stop()


@pytest.mark.parametrize(
    "url",
    [
        "https://static.example.invalid/a.mp4",
        "https://video.static.example.invalid/tiktok/example.mp4",
        "https://STATIC.example.invalid:8443/a.mp4?signature=1",
        "https://media.example.invalid/videos/user/123/example.mp4",
        "http://localhost:9/a.mp4",
        "http://localhost/a.mp4",
    ],
)
def test_what_is_ours_is_taken(owner: Phone, url: str) -> None:
    source = {"source": "PULL_FROM_URL", "video_url": url}
    assert error_of(owner.init(source=source)) == (200, "ok", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.invalid/videos/example.mp4",
        "https://notstatic.example.invalid/a.mp4",
        "https://static.example.invalid.evil.com/a.mp4",
        "https://media.example.invalid/videos/2023/user/123/example.mp4",
        "https://media.example.invalid/videos/user",
        "https://MEDIA.example.invalid/videos/user/a.mp4",
        "https://93.184.216.34/a.mp4",
        "https://[2606:2800:220:1::1]/a.mp4",
        "https://2130706433/a.mp4",
        "https://localhost/a.mp4",
    ],
)
def test_what_is_not_ours_is_refused(owner: Phone, url: str) -> None:
    source = {"source": "PULL_FROM_URL", "video_url": url}
    assert error_of(owner.init(source=source)) == NOT_OURS
    assert error_of(owner.init_inbox(source=source)) == NOT_OURS
    assert error_of(owner.init_photos([url])) == NOT_OURS


@pytest.mark.parametrize(
    "url",
    [
        "http://static.example.invalid/a.mp4",
        "http://127.0.0.1:9/a.mp4",
        "http://localhost.example.invalid/a.mp4",
        "http://someone@localhost/a.mp4",
        "https://someone@static.example.invalid/a.mp4",
        "https://static.example.invalid/a.mp4#part",
        "https://static.example.invalid/a b.mp4",
        "https://static.example.invalid/ä.mp4",
        "https://static.example.invalid:port/a.mp4",
        "https:///a.mp4",
        "ftp://static.example.invalid/a.mp4",
        "file:///etc/hostname",
        "static.example.invalid/a.mp4",
        "",
    ],
)
def test_what_is_no_address_to_fetch_is_a_wrong_field(owner: Phone, url: str) -> None:
    source = {"source": "PULL_FROM_URL", "video_url": url}
    assert error_of(owner.init(source=source)) == MALFORMED
    assert error_of(owner.init_inbox(source=source)) == MALFORMED
    assert error_of(owner.init_photos([url])) == MALFORMED


def test_a_host_that_is_not_there_is_a_failed_pull(owner: Phone) -> None:
    simulator: Simulator = owner.app.simulator
    response = owner.init_photos(["https://static.example.invalid/a.jpg"])
    post = simulator.wait_until_ended(response.json()["data"]["publish_id"])
    assert (post["status"], post["fail_reason"]) == ("FAILED", "photo_pull_failed")
    assert post["pulls"][0]["problem"] == "gaierror"


@pytest.mark.parametrize(
    "entry",
    [
        "example.com",
        "https://example.com",
        "https://example.com/videos",
        "http://example.com/videos/",
        "https://93.184.216.34/",
        "domain:93.184.216.34",
        "domain:https://example.com/",
        "domain:",
        "https://one.example.com/,domain:localhost",
    ],
)
def test_a_wrong_property_is_named_in_one_line(tmp_path_factory: pytest.TempPathFactory, entry: str) -> None:
    folder = tmp_path_factory.mktemp("data")
    result = run(SIMULATOR_DATA_DIR=str(folder), SIMULATOR_VERIFIED_PREFIXES=entry)
    assert result.returncode == 2
    assert result.stderr.startswith("SIMULATOR_VERIFIED_PREFIXES: ")
    assert result.stderr.count("\n") == 1
