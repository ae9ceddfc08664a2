"""Status: from the first byte to the public post id, and every error."""

import json

import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of, noise


def test_a_post_only_for_its_owner_never_gets_an_id(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    publish_id = poppy.post(film, privacy_level="SELF_ONLY")
    simulator.advance(86400)
    poppy = poppy.app.connect("poppy.public")
    response = poppy.status(publish_id)
    assert error_of(response) == (200, "ok", "")
    assert response.json()["data"] == {
        "status": "PUBLISH_COMPLETE",
        "fail_reason": "",
        "publicaly_available_post_id": [],
        "uploaded_bytes": len(film),
    }
    (post,) = simulator.posts()
    assert (post["status"], post["post_id"], post["public"]) == ("PUBLISH_COMPLETE", None, False)


def test_a_public_post_takes_its_time(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(processing_seconds=100, moderation_seconds=50)
    publish_id = poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE")
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_UPLOAD"
    simulator.advance(95)
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_UPLOAD"
    simulator.advance(6)
    state = poppy.state_of(publish_id)
    assert (state["status"], state["publicaly_available_post_id"]) == ("PUBLISH_COMPLETE", [])
    (post,) = simulator.posts()
    assert (post["public"], post["post_id"]) == (True, None)
    assert post["completed_at"] == pytest.approx(post["received_at"] + 100)
    simulator.advance(50)
    response = poppy.status(publish_id)
    (post_id,) = response.json()["data"]["publicaly_available_post_id"]
    assert type(post_id) is int
    assert len(str(post_id)) == 19
    # A number on the wire, and one that a double cannot hold.
    assert f"[{post_id}]" in response.text
    assert (
        int(json.loads(response.text, parse_int=float)["data"]["publicaly_available_post_id"][0]) != post_id
    )
    assert simulator.posts()[0]["post_id"] == post_id
    assert poppy.state_of(publish_id)["publicaly_available_post_id"] == [post_id]


def test_an_unfinished_upload_stays_in_processing(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(1000)
    simulator.advance(5000)
    assert poppy.state_of(upload.publish_id) == {
        "status": "PROCESSING_UPLOAD",
        "fail_reason": "",
        "publicaly_available_post_id": [],
        "uploaded_bytes": 0,
    }


def test_empty_fields_may_be_left_out(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(omit_empty_fields=True)
    good = poppy.post(film)
    assert poppy.state_of(good) == {"status": "PUBLISH_COMPLETE", "uploaded_bytes": len(film)}
    bad = poppy.post(noise(1000))
    assert poppy.state_of(bad) == {"status": "FAILED", "fail_reason": "file_format_check_failed"}


def test_an_unknown_id_has_two_shapes(poppy: Phone, simulator: Simulator) -> None:
    assert error_of(poppy.status("v_pub_file~v2-1.1")) == (400, "invalid_publish_id", "")
    simulator.switch(unknown_id_shape="invalid_params")
    assert error_of(poppy.status("v_pub_file~v2-1.1")) == (400, "invalid_params", "invalid_publish_id")


@pytest.mark.parametrize("publish_id", [None, "", 5, ["a"]])
def test_a_publish_id_is_a_word(poppy: Phone, publish_id: object) -> None:
    assert error_of(poppy.status(publish_id))[:2] == (400, "invalid_params")


@pytest.mark.parametrize(("setting", "calls"), [(True, 1), (3, 3)])
def test_a_fresh_id_may_be_unknown_for_a_moment(
    poppy: Phone, simulator: Simulator, setting: bool | int, calls: int
) -> None:
    simulator.switch(status_forgets_fresh_id=setting)
    upload = poppy.begin(1000)
    for _ in range(calls):
        assert error_of(poppy.status(upload.publish_id))[:2] == (400, "invalid_publish_id")
    assert error_of(poppy.status(upload.publish_id))[:2] == (200, "ok")


def test_somebody_elses_id_is_refused(poppy: Phone, priya: Phone) -> None:
    upload = priya.begin(1000)
    code = "token_not_authorized_for_specified_publish_id"
    assert error_of(poppy.status(upload.publish_id))[:2] == (400, code)


@pytest.mark.parametrize("scope", ["video.upload", "video.publish"])
def test_either_posting_scope_will_do(app: App, simulator: Simulator, scope: str) -> None:
    poppy = app.connect("poppy.public")
    upload = poppy.begin(1000)
    assert error_of(app.connect("poppy.public", scopes=(scope,)).status(upload.publish_id))[1] == "ok"


def test_no_posting_scope_will_not(app: App) -> None:
    poppy = app.connect("poppy.public", scopes=("video.list",))
    assert error_of(poppy.status("x"))[:2] == (401, "scope_not_authorized")


def test_removed_access_fails_what_is_on_its_way(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    done = poppy.post(film)
    poppy.state_of(done)
    simulator.switch(processing_seconds=100)
    waiting = poppy.send(film)
    poppy.app.revoke(poppy.access_token)
    poppy = poppy.app.connect("poppy.public")
    assert poppy.state_of(done)["status"] == "PUBLISH_COMPLETE"
    state = poppy.state_of(waiting)
    assert (state["status"], state["fail_reason"]) == ("FAILED", "auth_removed")


def test_what_changes_during_processing_is_looked_at_again(
    poppy: Phone, simulator: Simulator, film: bytes
) -> None:
    simulator.switch(processing_seconds=100)
    first = poppy.post(film)
    simulator.creator("poppy.public", posts_today=15)
    simulator.advance(101)
    assert poppy.state_of(first)["fail_reason"] == "spam_risk_too_many_posts"
    simulator.creator("poppy.public", posts_today=0)
    second = poppy.post(film)
    simulator.creator("poppy.public", banned=True)
    simulator.advance(101)
    assert poppy.state_of(second)["fail_reason"] == "spam_risk_user_banned_from_posting"
