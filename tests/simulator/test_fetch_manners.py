"""The fetcher's manners: in pieces, at once, twice, slowly, cut short; and inside init or after it."""

import hashlib
import threading
import time

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.pictures import make_photo
from tests.simulator.serving import FileServer
from tests.simulator.speaking import Phone, noise
from tests.simulator.test_fetching import (
    HASTY,
    LANDED,
    NOT_PULLED,
    fate,
    post_photos,
    post_video,
    wait_for,
)

pytestmark = pytest.mark.slow


def test_head_first(poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]) -> None:
    simulator.switch(pull_profile=["head_first"])
    assert fate(simulator, post_photos(poppy, [server.put("a.jpg", photos[0])])) == LANDED
    assert [hit.method for hit in server.hits] == ["HEAD", "GET"]


def test_ranged(poppy: Phone, simulator: Simulator, server: FileServer) -> None:
    picture = make_photo(900, 900, quality=95) + noise(3000)
    simulator.fault("fetch", "ranged")
    publish_id = post_photos(poppy, [server.put("a.jpg", picture)])
    assert fate(simulator, publish_id) == LANDED
    assert simulator.posts()[0]["photos"][0]["sha256"] == hashlib.sha256(picture).hexdigest()
    assert server.hits[0].range == "bytes=0-1023"
    assert len(server.hits) == 4
    assert server.hits[3].range.endswith(f"-{len(picture) - 1}")
    assert [fetch["status"] for fetch in simulator.ledger()["fetches"]] == [206] * 4
    assert simulator.posts()[0]["downloaded_bytes"] == len(picture)


def test_a_server_without_ranges_sends_all_at_once(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.fault("fetch", "ranged")
    assert fate(simulator, post_photos(poppy, [server.put("a.jpg", photos[0], takes_ranges=False)])) == LANDED
    assert len(server.hits) == 1


def test_parallel_pictures(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    gates = [threading.Event() for _ in photos]
    urls = [server.put(f"{number}.jpg", photo, gate=gates[number]) for number, photo in enumerate(photos)]
    simulator.fault("fetch", "parallel")
    publish_id = post_photos(poppy, urls)
    wait_for(lambda: len(server.hits) == 3)
    for gate in gates:
        gate.set()
    assert fate(simulator, publish_id) == LANDED
    assert server.most_busy == 3


def test_a_video_in_parallel_pieces(
    poppy: Phone, simulator: Simulator, server: FileServer, film: bytes
) -> None:
    simulator.switch(pull_profile=["parallel", "repeat"])
    publish_id = post_video(poppy, server.put("film.mp4", film, content_type="video/mp4"))
    assert fate(simulator, publish_id) == LANDED
    assert simulator.posts()[0]["sha256"] == hashlib.sha256(film).hexdigest()
    assert [hit.range == "" for hit in server.hits] == [False] * 4 + [True]


def test_repeated(poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]) -> None:
    simulator.fault("fetch", "repeat")
    publish_id = post_photos(poppy, [server.put("a.jpg", photos[0]), server.put("b.jpg", photos[1])])
    assert fate(simulator, publish_id) == LANDED
    assert [hit.path for hit in server.hits] == ["/a.jpg", "/a.jpg", "/b.jpg"]
    assert simulator.posts()[0]["downloaded_bytes"] == len(photos[0]) + len(photos[1])


def test_a_cut_fetch_comes_again(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(**HASTY)
    simulator.fault("fetch", "cut", bytes=100, picture=1)
    publish_id = post_photos(poppy, [server.put("a.jpg", photos[0]), server.put("b.jpg", photos[1])])
    assert fate(simulator, publish_id) == LANDED
    assert [hit.path for hit in server.hits] == ["/a.jpg", "/b.jpg", "/b.jpg"]
    problems = [fetch["problem"] for fetch in simulator.ledger()["fetches"]]
    assert problems == ["", "hung up after 100 bytes", ""]


def test_a_slow_fetch_shows_its_progress(
    poppy: Phone, simulator: Simulator, server: FileServer, film: bytes
) -> None:
    simulator.fault("fetch", "slow", seconds=2)
    publish_id = post_video(poppy, server.put("film.mp4", film))
    begun = time.monotonic()
    wait_for(lambda: 0 < simulator.posts()[0]["downloaded_bytes"] < len(film))
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_DOWNLOAD"
    assert fate(simulator, publish_id) == LANDED
    assert time.monotonic() - begun > 1.5


@pytest.mark.parametrize(
    ("on", "kind", "says"),
    [
        ("fetch", "html", "fetch knows cut, head_first, parallel, ranged, repeat, slow only"),
        ("status", "ranged", "ranged goes on fetch only"),
        ("content_init", "cut", "cut goes on fetch only"),
    ],
)
def test_manners_belong_to_fetches(simulator: Simulator, on: str, kind: str, says: str) -> None:
    plan = {"on": on, "kind": kind, "bytes": 5} if kind == "cut" else {"on": on, "kind": kind}
    response = httpx.post(f"{simulator.url}/_simulator/faults", json=plan)
    assert (response.status_code, response.json()["error"]) == (400, says)


def test_a_fetch_inside_init_is_over_when_init_answers(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(pull_inside_init=True)
    poppy.init_photos([server.put("a.jpg", photos[0])])
    (post,) = simulator.posts()
    assert post["received_at"] is not None
    assert len(server.hits) == 1


def test_init_answers_ok_though_the_fetch_inside_failed(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    """What a withheld byte meets when TikTok fetches before it answers."""
    simulator.switch(pull_inside_init=True, pull_request_seconds=0.3, pull_attempts=2, **HASTY)
    url = server.put("a.jpg", photos[0], gate=threading.Event())
    begun = time.monotonic()
    publish_id = post_photos(poppy, [url])
    assert time.monotonic() - begun >= 0.6
    (post,) = simulator.posts()
    assert (post["publish_id"], post["status"], post["fail_reason"]) == (publish_id, *NOT_PULLED)


def test_a_probe_inside_init(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(pull_probe=True)
    gates = [threading.Event() for _ in photos]
    urls = [server.put(f"{n}.jpg", photo + noise(2000), gate=gates[n]) for n, photo in enumerate(photos)]
    publish_id = post_photos(poppy, urls)
    probes = [(hit.method, hit.path, hit.range) for hit in server.hits[:6]]
    assert probes == [
        probe
        for number in range(3)
        for probe in (("HEAD", f"/{number}.jpg", ""), ("GET", f"/{number}.jpg", "bytes=0-1023"))
    ]
    for gate in gates:
        gate.set()
    assert fate(simulator, publish_id) == LANDED


def test_a_probe_that_finds_nothing_decides_nothing(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    simulator.switch(pull_probe=True)
    publish_id = post_photos(poppy, [server.put("a.jpg", photos[0], statuses=[404])])
    assert fate(simulator, publish_id) == LANDED
