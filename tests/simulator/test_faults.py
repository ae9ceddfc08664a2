"""Every fault, on the wire and in what becomes of a post."""

import time
from typing import Any

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of, landing, noise, put

CHUNK = 5_242_880
SIZE = 2 * CHUNK


def inits(simulator: Simulator) -> int:
    return len(simulator.posts())


def test_an_http_status_without_the_work(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("video_init", "http", status=503)
    response = poppy.init(1000)
    assert (response.status_code, response.content) == (503, b"")
    assert inits(simulator) == 0
    assert error_of(poppy.init(1000))[:2] == (200, "ok")


def test_an_http_status_after_the_work(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("video_init", "http", status=502, body="bad gateway", done=True, headers={"X-A": "b"})
    response = poppy.init(1000)
    assert (response.status_code, response.text, response.headers["X-A"]) == (502, "bad gateway", "b")
    assert inits(simulator) == 1


@pytest.mark.parametrize(
    ("on", "code", "status"),
    [
        ("video_init", "spam_risk_too_many_posts", 403),
        ("video_init", "internal_error", 500),
        ("video_init", "never_heard_of_it", 400),
        ("creator_info", "spam_risk_user_banned_from_posting", 200),
        ("creator_info", "scope_not_authorized", 401),
    ],
)
def test_any_error_code_with_its_usual_status(
    poppy: Phone, simulator: Simulator, on: str, code: str, status: int
) -> None:
    simulator.fault(on, "error", code=code)
    response = poppy.init(1000) if on == "video_init" else poppy.creator_info()
    assert error_of(response)[:2] == (status, code)
    assert inits(simulator) == 0


def test_an_error_code_with_a_status_and_message_of_its_own(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("status", "error", code="internal_error", status=504, message="later")
    assert error_of(poppy.status("x")) == (504, "internal_error", "later")


def test_oauth_errors_have_the_flat_shape(app: App, simulator: Simulator) -> None:
    poppy = app.connect("poppy.public")
    simulator.fault("refresh", "error", code="temporarily_unavailable", message="Later.")
    response = app.refresh(poppy.refresh_token)
    assert response.status_code == 200
    assert (response.json()["error"], response.json()["error_description"]) == (
        "temporarily_unavailable",
        "Later.",
    )
    assert "access_token" in app.refresh(poppy.refresh_token).json()


def test_an_authorize_error_is_a_redirect(app: App, simulator: Simulator) -> None:
    simulator.fault("authorize", "error", code="access_denied", error_type="some_reason")
    fields = landing(app.see_consent())
    assert (fields["error"], fields["error_type"], fields["state"]) == (
        "access_denied",
        "some_reason",
        "state-1",
    )
    simulator.fault("authorize", "error", code="server_error", creator="poppy.public")
    assert app.see_consent().status_code == 200
    assert landing(app.decide("poppy.public"))["error"] == "server_error"


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_call(poppy: Phone, simulator: Simulator, kind: str, done: int) -> None:
    simulator.fault("video_init", kind)
    with pytest.raises(httpx.RemoteProtocolError):
        poppy.init(1000)
    assert inits(simulator) == done


@pytest.mark.parametrize(("kind", "done"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_call(poppy: Phone, simulator: Simulator, kind: str, done: int) -> None:
    simulator.fault("video_init", kind)
    with pytest.raises((httpx.ReadError, httpx.WriteError)) as caught:
        poppy.init(1000)
    assert "reset" in str(caught.value).lower()
    assert inits(simulator) == done


@pytest.mark.parametrize(("kind", "done"), [("hang", 0), ("hang_after", 1)])
def test_a_hanging_call(app: App, poppy: Phone, simulator: Simulator, kind: str, done: int) -> None:
    simulator.fault("video_init", kind, seconds=30)
    app.http.timeout = httpx.Timeout(5, read=0.3)
    with pytest.raises(httpx.ReadTimeout):
        poppy.init(1000)
    assert inits(simulator) == done
    simulator.fault("video_init", kind, seconds=0.2)
    app.http.timeout = httpx.Timeout(5)
    with pytest.raises(httpx.RemoteProtocolError):
        poppy.init(1000)


def test_hanging_calls_end_when_the_client_hangs_up(app: App, poppy: Phone, simulator: Simulator) -> None:
    """Else forty impatient callers would leave no thread to answer with."""
    simulator.fault("status", "hang", seconds=60, times=None)
    app.http.timeout = httpx.Timeout(5, read=0.05)
    for _ in range(40):
        with pytest.raises(httpx.ReadTimeout):
            poppy.status("x")
    app.http.timeout = httpx.Timeout(5)
    assert error_of(poppy.creator_info())[1] == "ok"


def test_a_slow_call_is_right_in_the_end(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("creator_info", "slow", seconds=0.5)
    begun = time.monotonic()
    assert error_of(poppy.creator_info())[1] == "ok"
    assert time.monotonic() - begun >= 0.5


def test_a_truncated_answer(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("video_init", "truncated")
    response = poppy.init(1000)
    assert response.status_code == 200
    assert response.text.startswith('{"data": {"publish_id"')
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        response.json()
    assert inits(simulator) == 1


@pytest.mark.parametrize("is_done", [False, True])
def test_a_web_page_in_place_of_json(poppy: Phone, simulator: Simulator, is_done: bool) -> None:
    simulator.fault("video_init", "html", done=is_done)
    response = poppy.init(1000)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert inits(simulator) == int(is_done)


def test_a_lost_refresh_answer_has_rotated_all_the_same(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("refresh", "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        app.refresh(poppy.refresh_token)
    assert app.refresh(poppy.refresh_token).json()["error"] == "invalid_grant"


def test_a_lost_exchange_answer_has_spent_the_code(app: App, simulator: Simulator) -> None:
    simulator.fault("token", "reset_after", creator="poppy.public")
    code = app.code("poppy.public")
    with pytest.raises(httpx.ReadError):
        app.exchange(code)
    assert app.exchange(code).json()["error"] == "invalid_grant"


def test_a_revoke_that_never_arrives(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("revoke", "http", status=500, creator="poppy.public")
    assert app.revoke(poppy.access_token).status_code == 500
    assert error_of(poppy.creator_info())[1] == "ok"


def test_a_chunk_lost_before_and_after(poppy: Phone, simulator: Simulator) -> None:
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    simulator.fault("chunk", "http", status=500, chunk=0)
    assert put(upload.url, film[:CHUNK], 0, SIZE).status_code == 500
    assert simulator.posts()[0]["bytes"] == 0
    assert put(upload.url, film[:CHUNK], 0, SIZE).status_code == 206
    simulator.fault("chunk", "drop_after", chunk=1)
    with pytest.raises(httpx.RemoteProtocolError):
        put(upload.url, film[CHUNK:], CHUNK, SIZE)
    answer = put(upload.url, film[CHUNK:], CHUNK, SIZE)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes 0-{SIZE}/{SIZE}")


def test_a_chunk_reset_halfway(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    simulator.fault("chunk", "reset_before", after_bytes=CHUNK // 2)
    with pytest.raises((httpx.ReadError, httpx.WriteError)):
        put(upload.url, noise(CHUNK), 0, SIZE)
    assert simulator.posts()[0]["bytes"] == 0
    assert put(upload.url, noise(CHUNK), 0, SIZE).status_code == 206


def test_a_fault_may_wait_for_one_chunk(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    simulator.fault("chunk", "http", status=503, chunk=1)
    assert put(upload.url, noise(CHUNK), 0, SIZE).status_code == 206
    assert put(upload.url, noise(CHUNK), CHUNK, SIZE).status_code == 503
    assert put(upload.url, noise(CHUNK), CHUNK, SIZE).status_code == 201


def test_a_fault_may_strike_several_times_or_always(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("creator_info", "http", status=500, times=2)
    assert [poppy.creator_info().status_code for _ in range(3)] == [500, 500, 200]
    simulator.fault("creator_info", "http", status=502, times=None)
    assert [poppy.creator_info().status_code for _ in range(3)] == [502, 502, 502]
    simulator.clear_faults()
    assert poppy.creator_info().status_code == 200


def test_a_fault_may_let_calls_pass_first(poppy: Phone, simulator: Simulator) -> None:
    simulator.fault("creator_info", "http", status=500, skip=2)
    assert [poppy.creator_info().status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_fault_may_be_for_one_creator(poppy: Phone, priya: Phone, simulator: Simulator) -> None:
    simulator.fault("creator_info", "http", status=500, creator="priya.private")
    assert poppy.creator_info().status_code == 200
    assert priya.creator_info().status_code == 500


def test_faults_are_listed_with_what_is_left(poppy: Phone, simulator: Simulator) -> None:
    planned = simulator.fault("creator_info", "http", status=500, times=2, creator="poppy.public")
    poppy.creator_info()
    assert simulator.faults() == [
        {
            "id": planned["id"],
            "on": "creator_info",
            "kind": "http",
            "times": 1,
            "seen": 1,
            "status": 500,
            "creator": "poppy.public",
        }
    ]
    simulator.control("DELETE", f"/faults/{planned['id']}")
    assert simulator.faults() == []


@pytest.mark.parametrize(
    "reason",
    [
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
        "internal",
        "video_pull_failed",
        "photo_pull_failed",
        "publish_cancelled",
        "auth_removed",
        "spam_risk_too_many_posts",
        "spam_risk_user_banned_from_posting",
        "spam_risk_text",
        "spam_risk",
        "a_reason_of_tomorrow",
    ],
)
def test_any_fail_reason(poppy: Phone, simulator: Simulator, film: bytes, reason: str) -> None:
    simulator.fault("status", "fail_reason", reason=reason)
    publish_id = poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE")
    assert poppy.state_of(publish_id) == {
        "status": "FAILED",
        "fail_reason": reason,
        "publicaly_available_post_id": [],
        "uploaded_bytes": len(film),
    }
    (post,) = simulator.posts()
    assert (post["status"], post["fail_reason"], post["public"]) == ("FAILED", reason, False)
    assert poppy.state_of(poppy.post(film))["status"] == "PUBLISH_COMPLETE"


def test_a_fail_reason_waits_for_the_end_of_processing(
    poppy: Phone, simulator: Simulator, film: bytes
) -> None:
    simulator.switch(processing_seconds=100)
    simulator.fault("status", "fail_reason", reason="internal", creator="poppy.public")
    publish_id = poppy.post(film)
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_UPLOAD"
    simulator.advance(101)
    assert poppy.state_of(publish_id)["fail_reason"] == "internal"


def test_a_stuck_post(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.fault("status", "stuck")
    publish_id = poppy.post(film)
    for _ in range(5):
        assert poppy.state_of(publish_id)["status"] == "PROCESSING_UPLOAD"
    assert simulator.posts()[0]["status"] == "PROCESSING_UPLOAD"
    simulator.clear_faults()
    assert poppy.state_of(publish_id)["status"] == "PUBLISH_COMPLETE"


def test_stuck_for_a_number_of_calls(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.fault("status", "stuck", times=2)
    publish_id = poppy.post(film)
    words = [poppy.state_of(publish_id)["status"] for _ in range(3)]
    assert words == ["PROCESSING_UPLOAD", "PROCESSING_UPLOAD", "PUBLISH_COMPLETE"]


def test_an_unknown_status_word(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.fault("status", "status_word", word="TAKING_A_NAP")
    publish_id = poppy.post(film)
    words = [poppy.state_of(publish_id)["status"] for _ in range(2)]
    assert words == ["TAKING_A_NAP", "PUBLISH_COMPLETE"]


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"on": "nowhere", "kind": "http", "status": 500}, "on: must be one of"),
        ({"on": "status", "kind": "mood"}, "kind: must be one of"),
        ({"kind": "http", "status": 500}, "on: must be one of"),
        ({"on": "status", "kind": "http"}, "http needs 'status'"),
        ({"on": "status", "kind": "http", "status": "500"}, "http needs 'status'"),
        ({"on": "status", "kind": "hang"}, "hang needs 'seconds'"),
        ({"on": "status", "kind": "error"}, "error needs 'code'"),
        ({"on": "status", "kind": "fail_reason"}, "fail_reason needs 'reason'"),
        ({"on": "chunk", "kind": "stuck"}, "stuck goes on status only"),
        ({"on": "status", "kind": "html", "colour": "red"}, "html takes no 'colour'"),
        ({"on": "status", "kind": "html", "times": "two"}, "times must be a whole number"),
        ({"on": "status", "kind": "html", "skip": -1}, "skip must be a whole number"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    simulator: Simulator, plan: dict[str, Any], says: str
) -> None:
    response = httpx.post(f"{simulator.url}/_simulator/faults", json=plan)
    assert response.status_code == 400
    assert says in response.json()["error"]
    assert simulator.faults() == []
