"""The wires behind the stage: reset, switches, creators, clock."""

from typing import Any

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of


def refused(simulator: Simulator, path: str, body: object) -> str:
    response = httpx.post(f"{simulator.url}/_simulator{path}", json=body)
    assert response.status_code == 400
    return str(response.json()["error"])


def test_reset_forgets_everything(app: App, poppy: Phone, simulator: Simulator, film: bytes) -> None:
    poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE")
    simulator.switch(audited=False, daily_cap=1)
    simulator.creator("poppy.public", nickname="Somebody")
    simulator.fault("status", "html")
    simulator.advance(5000)
    for _ in range(20):
        poppy.creator_info()
    simulator.reset()
    assert simulator.ledger() == {
        "posts": [],
        "inits": [],
        "fetches": [],
        "calls": {},
        "connections": [],
    }
    assert simulator.faults() == []
    switches = simulator.control("GET", "/switches")
    assert (switches["audited"], switches["daily_cap"]) == (True, 15)
    assert error_of(poppy.creator_info())[1] == "access_token_invalid"
    assert app.refresh(poppy.refresh_token).json()["error"] == "invalid_grant"
    assert app.connect("poppy.public").creator_info().json()["data"]["creator_nickname"] == "Poppy Parade"
    videos = simulator.folder / "simulator" / "videos"
    assert list(videos.iterdir()) == []


def test_switches_answer_what_is_set_now(simulator: Simulator) -> None:
    assert simulator.switch(daily_cap=3)["daily_cap"] == 3
    assert simulator.control("GET", "/switches")["daily_cap"] == 3
    assert simulator.control("GET", "/switches")["processing_seconds"] == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"gravity": 1}, "there is no switch 'gravity'"),
        ({"audited": "yes"}, "audited: must be true or false"),
        ({"oauth_error_status": 418}, "oauth_error_status: must be one of 200, 400, 401"),
        ({"oauth_error_status": True}, "oauth_error_status: must be one of 200, 400, 401"),
        ({"param_code": "bad"}, "param_code: must be one of invalid_params, invalid_param"),
        ({"daily_cap": -1}, "daily_cap: must be a whole number, 0 or more"),
        ({"processing_seconds": "4"}, "processing_seconds: must be a number of seconds, 0 or more"),
        ({"client_scopes": ["video.steal"]}, "client_scopes: must be a list out of user.info.basic"),
        ({"init_order": ["params"]}, "init_order: must name each of params"),
        ({"pull_attempts": 0}, "pull_attempts: must be a whole number, 1 or more"),
        ({"pull_request_seconds": 0}, "pull_request_seconds: must be more than 0 seconds"),
        ({"pull_profile": ["sideways"]}, "pull_profile: must be a list out of head_first, ranged"),
        ({"pending_share_status": 429}, "pending_share_status: must be one of 400, 403"),
    ],
)
def test_a_switch_that_makes_no_sense_changes_nothing(
    simulator: Simulator, changes: dict[str, Any], says: str
) -> None:
    before = simulator.control("GET", "/switches")
    assert says in refused(simulator, "/switches", {"active_user_cap": 7} | changes)
    assert simulator.control("GET", "/switches") == before


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/creators/nobody", {}, "there is no creator 'nobody'"),
        ("/creators/poppy.public", {"mood": "fine"}, "a creator has no setting 'mood'"),
        ("/creators/poppy.public", {"private": "yes"}, "private must be of type bool"),
        ("/creators/poppy.public", {"max_seconds": True}, "max_seconds must be of type int"),
        ("/creators/poppy.public", {"posts_today": -1}, "posts_today must be 0 or more"),
        ("/creators/poppy.public", {"privacy_level_options": [1]}, "privacy_level_options must be a list"),
        ("/revoke/nobody", {}, "there is no creator 'nobody'"),
        ("/expire/nobody", {}, "there is no creator 'nobody'"),
        ("/clock", {"advance_seconds": -1}, "advance_seconds must be a number, 0 or more"),
        ("/clock", {}, "advance_seconds must be a number, 0 or more"),
        ("/switches", [1], "the body must be a JSON object"),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused(
    simulator: Simulator, path: str, body: object, says: str
) -> None:
    assert says in refused(simulator, path, body)


def test_creators_are_listed_as_they_are_now(simulator: Simulator) -> None:
    simulator.creator("miles.sixty", max_seconds=61)
    creators = {c["username"]: c for c in simulator.control("GET", "/creators")["creators"]}
    assert len(creators) == 9
    assert creators["miles.sixty"] == {
        "username": "miles.sixty",
        "nickname": "Miles in a Minute",
        "private": False,
        "comment_disabled": False,
        "duet_disabled": False,
        "stitch_disabled": False,
        "max_seconds": 61,
        "posts_today": 0,
        "banned": False,
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        "app_version": "42.1.0",
    }


def test_the_clock_goes_forward(simulator: Simulator) -> None:
    before = simulator.control("GET", "/clock")["now"]
    simulator.advance(1000)
    assert 1000 <= simulator.control("GET", "/clock")["now"] - before < 1010
