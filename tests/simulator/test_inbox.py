"""Drafts: into the creator's inbox, out of it onto the profile, once or several times."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.media import make_video
from tests.processes import Simulator
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone, error_of, put

PENDING = "spam_risk_too_many_pending_share"


def test_init_gives_an_id_and_an_upload_url(poppy: Phone, simulator: Simulator) -> None:
    response = poppy.init_inbox()
    data = response.json()["data"]
    assert error_of(response) == (200, "ok", "")
    assert data.keys() == {"publish_id", "upload_url"}
    assert data["publish_id"].startswith("v_inbox_file~v2.")
    assert len(data["publish_id"]) <= 64
    (init,) = simulator.ledger()["inits"]
    assert (init["endpoint"], init["code"], init["publish_id"]) == ("inbox_init", "ok", data["publish_id"])


def test_post_info_is_dropped_without_a_word(poppy: Phone, simulator: Simulator) -> None:
    response = poppy.init_inbox(post_info={"title": "Mine", "privacy_level": "EVERYONE", "is_aigc": True})
    assert error_of(response) == (200, "ok", "")
    (post,) = simulator.posts()
    wanted = {"kind": "video", "mode": "inbox", "source": "FILE_UPLOAD", "title": "", "privacy_level": ""}
    assert {name: post[name] for name in wanted} == wanted
    assert post["is_aigc"] is False


def test_a_draft_waits_for_its_creator(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(processing_seconds=100)
    publish_id = poppy.draft(film)
    assert poppy.state_of(publish_id)["status"] == "PROCESSING_UPLOAD"
    simulator.advance(101)
    assert poppy.state_of(publish_id) == {
        "status": "SEND_TO_USER_INBOX",
        "fail_reason": "",
        "publicaly_available_post_id": [],
        "uploaded_bytes": len(film),
    }
    (post,) = simulator.posts()
    assert (post["landings"], post["public"], post["completed_at"]) == ([], False, None)
    assert post["delivered_at"] == pytest.approx(post["received_at"] + 100)


def test_a_draft_becomes_several_posts(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    publish_id = poppy.draft(film)
    post = simulator.tap(publish_id)
    assert (post["status"], len(post["landings"])) == ("PUBLISH_COMPLETE", 1)
    assert post["landings"][0]["privacy_level"] == "PUBLIC_TO_EVERYONE"
    simulator.tap(publish_id, times=2)
    post = simulator.tap(publish_id, privacy_level="SELF_ONLY")
    ids = [landing["post_id"] for landing in post["landings"]]
    assert [landing["privacy_level"] for landing in post["landings"]] == ["PUBLIC_TO_EVERYONE"] * 3 + [
        "SELF_ONLY"
    ]
    assert ids[3] is None
    assert len(set(ids[:3])) == 3
    assert poppy.state_of(publish_id)["publicaly_available_post_id"] == ids[:3]
    assert post["public_at"] == post["landings"][0]["public_at"]


def test_a_post_from_the_inbox_is_moderated_too(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(moderation_seconds=100)
    publish_id = poppy.draft(film)
    assert simulator.tap(publish_id)["public_at"] is None
    assert poppy.state_of(publish_id)["publicaly_available_post_id"] == []
    simulator.advance(101)
    assert len(poppy.state_of(publish_id)["publicaly_available_post_id"]) == 1
    post = simulator.posts()[0]
    assert post["public_at"] == pytest.approx(post["completed_at"] + 100)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"times": 0}, "times must be a whole number, 1 or more"),
        ({"times": True}, "times must be a whole number, 1 or more"),
        ({"privacy_level": 4}, "privacy_level must be a word"),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, "privacy_level must be one of PUBLIC_TO_EVERYONE"),
    ],
)
def test_a_tap_that_makes_no_sense(
    poppy: Phone, simulator: Simulator, film: bytes, body: dict[str, Any], says: str
) -> None:
    publish_id = poppy.draft(film)
    response = httpx.post(f"{simulator.url}/_simulator/inbox/{publish_id}/post", json=body)
    assert response.status_code == 400
    assert says in response.json()["error"]
    assert simulator.posts()[0]["status"] == "SEND_TO_USER_INBOX"


def test_only_what_is_in_the_inbox_can_be_posted(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    unfinished = poppy.init_inbox().json()["data"]["publish_id"]
    direct = poppy.post(film)
    for publish_id, says in [
        (unfinished, "is not in the creator's inbox"),
        (direct, "is not in the creator's inbox"),
        ("v_inbox_file~v2.1", "there is no post"),
    ]:
        response = httpx.post(f"{simulator.url}/_simulator/inbox/{publish_id}/post")
        assert response.status_code == 400
        assert says in response.json()["error"]


def test_the_scope_is_video_upload(app: App) -> None:
    assert error_of(app.connect("poppy.public", scopes=("video.publish",)).init_inbox())[:2] == (
        401,
        "scope_not_authorized",
    )
    assert error_of(app.connect("poppy.public", scopes=("video.upload",)).init_inbox())[1] == "ok"


def test_six_a_minute(poppy: Phone) -> None:
    for _ in range(6):
        assert error_of(poppy.init_inbox(1000))[1] == "ok"
    assert error_of(poppy.init_inbox(1000))[:2] == (429, "rate_limit_exceeded")
    assert error_of(poppy.init(1000))[1] == "ok"


def test_the_chunk_rules_hold_here_too(poppy: Phone) -> None:
    source = {
        "source": "FILE_UPLOAD",
        "video_size": 94_000_000,
        "chunk_size": 64_000_000,
        "total_chunk_count": 1,
    }
    assert error_of(poppy.init_inbox(source=source)) == (400, "invalid_params", "The chunk size is invalid")
    assert error_of(poppy.init_inbox(source_info=None))[:2] == (400, "invalid_params")


def fill_inbox(poppy: Phone, film: bytes, count: int = 5) -> list[str]:
    return [poppy.draft(film) for _ in range(count)]


def test_five_drafts_may_wait(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(rate_window_seconds=0)
    drafts = fill_inbox(poppy, film)
    assert error_of(poppy.init_inbox()) == (400, PENDING, PENDING)
    assert error_of(poppy.init())[1] == "ok"
    simulator.tap(drafts[0], privacy_level="SELF_ONLY")
    assert error_of(poppy.init_inbox())[1] == "ok"


def test_a_waiting_draft_counts_for_a_day(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(rate_window_seconds=0)
    fill_inbox(poppy, film)
    simulator.advance(86_401)
    tomorrow = poppy.app.connect("poppy.public")
    assert error_of(tomorrow.init_inbox())[1] == "ok"


def test_drafts_on_their_way_count_by_switch_only(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(rate_window_seconds=0, pending_share_cap=2)
    poppy.init_inbox()
    posted = poppy.draft(film)
    simulator.tap(posted)
    assert error_of(poppy.init_inbox())[1] == "ok"
    simulator.switch(pending_share_counts="started", pending_share_status=403)
    assert error_of(poppy.init_inbox()) == (403, PENDING, PENDING)


def test_drafts_are_no_posts_of_the_day(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(daily_cap=1, active_user_cap=1)
    simulator.tap(poppy.draft(film))
    assert poppy.state_of(poppy.post(film))["status"] == "PUBLISH_COMPLETE"
    assert error_of(poppy.init(1000))[1] == "spam_risk_too_many_posts"
    assert error_of(poppy.init_inbox())[1] == "ok"
    # A creator who only gets drafts is no posting user of the client.
    dana = poppy.app.connect("dana.noduet")
    assert error_of(dana.init_inbox())[1] == "ok"
    assert error_of(dana.init())[1] == "reached_active_user_cap"


def test_an_unaudited_client_may_send_drafts(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(audited=False)
    assert poppy.state_of(poppy.draft(film))["status"] == "SEND_TO_USER_INBOX"


def test_a_banned_creator_gets_none(app: App, poppy: Phone, simulator: Simulator, film: bytes) -> None:
    code = "spam_risk_user_banned_from_posting"
    assert error_of(app.connect("benny.banned").init_inbox())[:2] == (403, code)
    simulator.switch(processing_seconds=100)
    publish_id = poppy.draft(film)
    simulator.creator("poppy.public", banned=True)
    simulator.advance(101)
    assert poppy.state_of(publish_id)["fail_reason"] == code


def test_the_longest_draft_is_ten_minutes_whoever_it_is_for(
    app: App, simulator: Simulator, tmp_path: Path
) -> None:
    film = make_video(tmp_path / "two-minutes.mp4", seconds=61, fps=23, audio=False).read_bytes()
    miles = app.connect("miles.sixty")
    assert miles.state_of(miles.post(film))["fail_reason"] == "duration_check_failed"
    assert miles.state_of(miles.draft(film))["status"] == "SEND_TO_USER_INBOX"


def test_removed_access_leaves_what_was_delivered(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    delivered = poppy.draft(film)
    open_upload = poppy.init_inbox(1000).json()["data"]["publish_id"]
    simulator.revoke("poppy.public")
    poppy = poppy.app.connect("poppy.public")
    assert poppy.state_of(delivered)["status"] == "SEND_TO_USER_INBOX"
    assert poppy.state_of(open_upload)["fail_reason"] == "auth_removed"


@pytest.mark.parametrize(("kind", "count"), [("drop_before", 0), ("drop_after", 1), ("reset_after", 1)])
def test_lost_answers(poppy: Phone, simulator: Simulator, kind: str, count: int) -> None:
    simulator.fault("inbox_init", kind)
    with pytest.raises(httpx.TransportError):
        poppy.init_inbox()
    assert len(simulator.posts()) == count


def test_drafts_are_posted_by_hand(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    url = f"{simulator.url}/@poppy.public/inbox"
    assert "Nothing has been sent here." in httpx.get(url).text
    publish_id = poppy.draft(film)
    assert "Not posted yet." in httpx.get(url).text
    form = {"publish_id": publish_id, "privacy_level": "SELF_ONLY"}
    answer = httpx.post(url, data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/@poppy.public/inbox")
    assert "Posted once:" in httpx.get(url).text
    httpx.post(url, data=form)
    page = httpx.get(url).text
    assert "Posted 2 times:" in page
    assert f'href="/@poppy.public/video/{publish_id}-2"' in page
    assert httpx.get(f"{simulator.url}/@poppy.public/video/{publish_id}-2").status_code == 200
    assert "1 from apps" in httpx.get(f"{simulator.url}/@poppy.public").text


def test_nobody_posts_somebody_elses_draft(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    publish_id = poppy.draft(film)
    form = {"publish_id": publish_id, "privacy_level": "SELF_ONLY"}
    response = httpx.post(f"{simulator.url}/@priya.private/inbox", data=form)
    assert response.status_code == 400
    assert "Not posted: there is no such draft." in response.text
    response = httpx.post(f"{simulator.url}/@poppy.public/inbox", data=form | {"privacy_level": "EVERYONE"})
    assert "Not posted: privacy_level must be one of" in response.text
    assert httpx.get(f"{simulator.url}/@nobody/inbox").status_code == 404
    assert httpx.post(f"{simulator.url}/@nobody/inbox").status_code == 404
    assert simulator.posts()[0]["landings"] == []


def test_a_pulled_draft(poppy: Phone, simulator: Simulator, server: FileServer, film: bytes) -> None:
    url = server.put("film.mp4", film, content_type="video/mp4")
    response = poppy.init_inbox(source={"source": "PULL_FROM_URL", "video_url": url})
    data = response.json()["data"]
    assert data.keys() == {"publish_id"}
    assert data["publish_id"].startswith("v_inbox_url~v2.")
    post = simulator.wait_until_ended(data["publish_id"])
    assert (post["status"], post["downloaded_bytes"]) == ("SEND_TO_USER_INBOX", len(film))


def test_an_upload_in_the_inbox_goes_chunk_by_chunk(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    url = poppy.init_inbox(len(film)).json()["data"]["upload_url"]
    assert put(url, film[:-1], 0, len(film)).status_code == 400
    assert put(url, film, 0, len(film)).status_code == 201
    assert put(url, film, 0, len(film)).status_code == 416
