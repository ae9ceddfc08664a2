"""TikTok's fetcher: what it takes, what it gives up on, and in which manners it comes."""

import hashlib
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.media import make_video
from tests.processes import Simulator, start_simulator
from tests.simulator.pictures import make_animation, make_photo
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone, noise

pytestmark = pytest.mark.slow

HASTY = {"pull_pause_seconds": 0}


def wait_for(what: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.02)


def post_photos(poppy: Phone, urls: list[str], **details: Any) -> str:
    response = poppy.init_photos(urls, **details)
    assert response.json()["error"]["code"] == "ok"
    return str(response.json()["data"]["publish_id"])


def post_video(poppy: Phone, url: str, **details: Any) -> str:
    response = poppy.init(source={"source": "PULL_FROM_URL", "video_url": url}, **details)
    assert response.json()["error"]["code"] == "ok"
    return str(response.json()["data"]["publish_id"])


def fate(simulator: Simulator, publish_id: str) -> tuple[str, str]:
    post = simulator.wait_until_ended(publish_id)
    return post["status"], post["fail_reason"]


LANDED = ("PUBLISH_COMPLETE", "")
NOT_PULLED = ("FAILED", "photo_pull_failed")


def test_a_video_is_fetched_and_posted(
    poppy: Phone, simulator: Simulator, server: FileServer, film: bytes
) -> None:
    url = server.put("film.mp4", film, content_type="video/mp4")
    publish_id = post_video(poppy, url, privacy_level="PUBLIC_TO_EVERYONE")
    assert publish_id.startswith("v_pub_url~v2-1.")
    assert fate(simulator, publish_id) == LANDED
    (post,) = simulator.posts()
    assert post["sha256"] == hashlib.sha256(film).hexdigest()
    assert (post["source"], post["content_type"], post["video_size"]) == ("PULL_FROM_URL", "video/mp4", 0)
    (fetch,) = simulator.ledger()["fetches"]
    wanted = {"publish_id": publish_id, "position": 0, "method": "GET", "range": "", "status": 200}
    assert fetch.items() >= (wanted | {"bytes": len(film), "problem": ""}).items()
    assert simulator.calls("fetch") == 1
    assert len(server.hits) == 1


def test_a_fetched_video_passes_the_same_checks(
    poppy: Phone, simulator: Simulator, server: FileServer, tmp_path: Path
) -> None:
    slow = make_video(tmp_path / "slow.mp4", fps=15, seconds=1).read_bytes()
    assert fate(simulator, post_video(poppy, server.put("slow.mp4", slow)))[1] == "frame_rate_check_failed"
    assert (
        fate(simulator, post_video(poppy, server.put("noise.mp4", noise(5000))))[1]
        == "file_format_check_failed"
    )


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (make_photo(1080, 1920), ""),
        (make_photo(941, 1672), ""),
        (make_photo(1920, 1080), ""),
        (make_photo(3000, 1080), ""),
        (make_photo(kind="WEBP"), ""),
        (make_photo(kind="MPO", save_all=True, append_images=[Image.new("RGB", (360, 480))]), ""),
        (make_photo(1086, 1448), "picture_size_check_failed"),
        (make_photo(1254, 1254, kind="WEBP"), "picture_size_check_failed"),
        (make_photo(kind="PNG"), "file_format_check_failed"),
        (make_photo(kind="GIF"), "file_format_check_failed"),
        (make_animation(), "file_format_check_failed"),
        (make_photo(900, 900, quality=95)[:2000], "file_format_check_failed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_format_check_failed"),
        (b"", "file_format_check_failed"),
        (make_photo() + bytes(20_000_000), "file_format_check_failed"),
    ],
)
def test_pictures_are_judged_by_their_bytes(
    poppy: Phone, simulator: Simulator, server: FileServer, picture: bytes, reason: str
) -> None:
    publish_id = post_photos(poppy, [server.put("a.jpg", picture)])
    assert fate(simulator, publish_id) == ("FAILED" if reason else "PUBLISH_COMPLETE", reason)


def test_animation_is_a_switch(poppy: Phone, simulator: Simulator, server: FileServer) -> None:
    simulator.switch(photo_animation=True)
    assert fate(simulator, post_photos(poppy, [server.put("a.webp", make_animation())])) == LANDED


def test_one_bad_picture_fails_them_all(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    urls = [server.put("0.jpg", photos[0]), server.put("1.jpg", make_photo(1200, 1200))]
    publish_id = post_photos(poppy, urls)
    assert fate(simulator, publish_id) == ("FAILED", "picture_size_check_failed")
    state = poppy.state_of(publish_id)
    assert state["publicaly_available_post_id"] == []
    assert "1.jpg" not in str(state)
    (post,) = simulator.posts()
    assert post["landings"] == []
    assert [photo["width"] for photo in post["photos"]] == [360, 1200]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_the_end(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes], status: int
) -> None:
    url = server.put("a.jpg", photos[0], statuses=[status])
    server.put("elsewhere", photos[0])
    assert fate(simulator, post_photos(poppy, [url])) == NOT_PULLED
    assert [hit.path for hit in server.hits] == ["/a.jpg"]


@pytest.mark.parametrize("status", [404, 410, 403, 500, 503, 206])
def test_what_is_refused_is_asked_for_three_times(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes], status: int
) -> None:
    simulator.switch(**HASTY)
    lasting = server.put("a.jpg", photos[0], statuses=[status] * 9)
    assert fate(simulator, post_photos(poppy, [lasting])) == NOT_PULLED
    assert len(server.hits) == 3
    passing = server.put("b.jpg", photos[0], statuses=[status] * 2)
    assert fate(simulator, post_photos(poppy, [passing])) == LANDED
    (pull,) = simulator.posts()[1]["pulls"]
    assert (pull["attempts"], pull["is_done"], pull["problem"]) == (3, True, "")


def test_the_number_of_attempts_is_a_switch(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(pull_attempts=1)
    url = server.put("a.jpg", photos[0], statuses=[410])
    assert fate(simulator, post_photos(poppy, [url])) == NOT_PULLED
    assert len(server.hits) == 1


def test_a_body_that_ends_early_is_fetched_again(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(**HASTY)
    assert fate(simulator, post_photos(poppy, [server.put("a.jpg", photos[0], missing=1)])) == NOT_PULLED
    fetches = simulator.ledger()["fetches"]
    assert [fetch["problem"] for fetch in fetches] == ["the body ended 1 bytes early"] * 3
    mended = server.put("b.jpg", photos[0], missing=50, missing_times=1)
    assert fate(simulator, post_photos(poppy, [mended])) == LANDED


def test_nobody_listening_is_a_failed_pull(poppy: Phone, simulator: Simulator, server: FileServer) -> None:
    simulator.switch(**HASTY)
    assert fate(simulator, post_photos(poppy, ["http://localhost:9/a.jpg"])) == NOT_PULLED
    assert fate(simulator, post_video(poppy, "http://localhost:9/a.mp4")) == ("FAILED", "video_pull_failed")
    assert simulator.ledger()["fetches"][0]["status"] is None


def test_a_withheld_last_byte_holds_the_post(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    gate = threading.Event()
    url = server.put("a.jpg", photos[0], gate=gate)
    publish_id = post_photos(poppy, [url])
    wait_for(lambda: poppy.app.simulator.posts()[0]["downloaded_bytes"] == len(photos[0]) - 1)
    state = poppy.state_of(publish_id)
    assert (state["status"], state["downloaded_bytes"]) == ("PROCESSING_DOWNLOAD", len(photos[0]) - 1)
    gate.set()
    assert fate(simulator, publish_id) == LANDED


def test_a_request_without_a_byte_times_out(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(pull_request_seconds=0.3, **HASTY)
    publish_id = post_photos(poppy, [server.put("a.jpg", photos[0], gate=threading.Event())])
    assert fate(simulator, publish_id) == NOT_PULLED
    assert [fetch["problem"] for fetch in simulator.ledger()["fetches"]] == ["timed out"] * 3


def test_the_task_ends_after_an_hour(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    url = server.put("a.jpg", photos[0], gate=threading.Event())
    publish_id = post_photos(poppy, [url])
    wait_for(lambda: server.hits)
    simulator.advance(3599)
    assert simulator.posts()[0]["status"] == "PROCESSING_DOWNLOAD"
    simulator.advance(2)
    post = simulator.posts()[0]
    assert (post["status"], post["fail_reason"]) == ("FAILED", "photo_pull_failed")
    assert post["completed_at"] == pytest.approx(post["created_at"] + 3600)
    server.files["/a.jpg"].gate.set()  # type: ignore[union-attr]
    time.sleep(0.3)
    assert simulator.posts()[0]["landings"] == []
    assert post["publish_id"] == publish_id


@pytest.fixture
def own_simulator(tmp_path: Path) -> Iterator[Simulator]:
    simulator = start_simulator(tmp_path)
    yield simulator
    simulator.stop()


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_a_fetch_outlives_the_process(
    own_simulator: Simulator, server: FileServer, photos: list[bytes], sig: signal.Signals
) -> None:
    simulator = own_simulator
    gate = threading.Event()
    urls = [server.put("0.jpg", photos[0]), server.put("1.jpg", photos[1], gate=gate)]
    with App(simulator) as app:
        publish_id = post_photos(app.connect("poppy.public"), urls)
    wait_for(lambda: len(server.hits_on("1.jpg")) == 1)
    begun = time.monotonic()
    simulator.restart(sig)
    # A thread that waits for a byte keeps no process alive.
    assert time.monotonic() - begun < 15
    gate.set()
    assert fate(simulator, publish_id) == LANDED
    assert len(server.hits_on("0.jpg")) == 1
    assert len(server.hits_on("1.jpg")) == 2


def test_a_reset_hangs_up(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    gate = threading.Event()
    post_photos(poppy, [server.put("a.jpg", photos[0], gate=gate)])
    wait_for(lambda: server.hits)
    simulator.reset()
    videos = simulator.folder / "simulator" / "videos"
    wait_for(lambda: list(videos.iterdir()) == [])
    gate.set()
    time.sleep(0.2)
    assert simulator.posts() == []
    assert simulator.ledger()["fetches"] == []
