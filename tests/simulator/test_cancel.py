"""Cancel: a download is given up, anything else goes its way."""

import threading
import time

import pytest

from tests.processes import Simulator
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone, error_of
from tests.simulator.test_fetching import fate, post_photos, post_video, wait_for


def test_a_download_is_cancelled_at_once(
    poppy: Phone, simulator: Simulator, server: FileServer, film: bytes
) -> None:
    publish_id = post_video(poppy, server.put("film.mp4", film, gate=threading.Event()))
    wait_for(lambda: server.hits)
    response = poppy.cancel(publish_id)
    assert error_of(response) == (200, "ok", "")
    assert response.json().keys() == {"error"}
    state = poppy.state_of(publish_id)
    assert (state["status"], state["fail_reason"]) == ("FAILED", "publish_cancelled")
    # The fetcher hung up; it does not wait for its time-out, and it does not come again.
    wait_for(lambda: simulator.ledger()["fetches"], seconds=5)
    time.sleep(0.8)
    assert [fetch["problem"] for fetch in simulator.ledger()["fetches"]] == ["given up"]
    assert simulator.posts()[0]["landings"] == []


def test_what_is_final_is_not_cancellable(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes], film: bytes
) -> None:
    landed = post_photos(poppy, [server.put("a.jpg", photos[0])])
    failed = post_photos(poppy, [server.put("b.jpg", b"no picture")])
    for publish_id in (landed, failed):
        simulator.wait_until_ended(publish_id)
    uploading = poppy.begin(1000).publish_id
    for publish_id in (landed, failed, poppy.draft(film), uploading):
        before = poppy.state_of(publish_id)
        response = poppy.cancel(publish_id)
        assert error_of(response)[:2] == (400, "publish_not_cancellable")
        assert response.json().keys() == {"error"}
        assert poppy.state_of(publish_id) == before
    assert fate(simulator, landed) == ("PUBLISH_COMPLETE", "")


@pytest.mark.parametrize(
    ("switch", "code"), [("ok", "ok"), ("publish_not_cancellable", "publish_not_cancellable")]
)
def test_what_is_in_processing_goes_on(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes], switch: str, code: str
) -> None:
    simulator.switch(processing_seconds=100, late_cancel=switch)
    publish_id = post_photos(poppy, [server.put("a.jpg", photos[0])])
    simulator.wait_until_checked(publish_id)
    assert error_of(poppy.cancel(publish_id))[1] == code
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_DOWNLOAD"
    simulator.advance(101)
    assert poppy.state_of(publish_id)["status"] == "PUBLISH_COMPLETE"


def test_cancelled_twice(poppy: Phone, server: FileServer, film: bytes) -> None:
    publish_id = post_video(poppy, server.put("film.mp4", film, gate=threading.Event()))
    assert error_of(poppy.cancel(publish_id))[1] == "ok"
    assert error_of(poppy.cancel(publish_id))[:2] == (400, "publish_not_cancellable")


def test_whose_and_which(poppy: Phone, priya: Phone, simulator: Simulator) -> None:
    theirs = priya.begin(1000).publish_id
    assert error_of(poppy.cancel(theirs))[:2] == (400, "token_not_authorized_for_specified_publish_id")
    assert error_of(poppy.cancel("v_pub_url~v2-1.1"))[:2] == (400, "invalid_publish_id")
    assert error_of(poppy.cancel(None))[:2] == (400, "invalid_params")
    simulator.switch(unknown_id_shape="invalid_params")
    assert error_of(poppy.cancel("v_pub_url~v2-1.1")) == (400, "invalid_params", "invalid_publish_id")


def test_scopes_and_rate(app: App, poppy: Phone) -> None:
    assert error_of(app.connect("priya.private", scopes=("video.list",)).cancel("x"))[:2] == (
        401,
        "scope_not_authorized",
    )
    for _ in range(30):
        assert error_of(poppy.cancel("x"))[1] == "invalid_publish_id"
    assert error_of(poppy.cancel("x"))[:2] == (429, "rate_limit_exceeded")


def test_faults_on_cancel(poppy: Phone, simulator: Simulator, server: FileServer, film: bytes) -> None:
    publish_id = post_video(poppy, server.put("film.mp4", film, gate=threading.Event()))
    simulator.fault("cancel", "error", code="internal_error")
    response = poppy.cancel(publish_id)
    assert error_of(response)[:2] == (500, "internal_error")
    assert response.json().keys() == {"error"}
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_DOWNLOAD"
