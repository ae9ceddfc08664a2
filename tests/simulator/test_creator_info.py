"""Creator info: what each creator may do, and the soft refusals."""

import re

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import App, Phone, error_of

PUBLIC = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
PRIVATE = ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]


@pytest.mark.parametrize(
    ("username", "options", "flags", "seconds"),
    [
        ("poppy.public", PUBLIC, (False, False, False), 600),
        ("priya.private", PRIVATE, (False, True, True), 600),
        ("dana.noduet", PUBLIC, (False, True, True), 600),
        ("casey.nocomments", PUBLIC, (True, False, False), 600),
        ("miles.sixty", PUBLIC, (False, False, False), 60),
    ],
)
def test_each_creator_answers_as_cast(
    app: App, username: str, options: list[str], flags: tuple[bool, bool, bool], seconds: int
) -> None:
    response = app.connect(username).creator_info()
    data = response.json()["data"]
    assert error_of(response) == (200, "ok", "")
    assert data.keys() == {
        "creator_avatar_url",
        "creator_username",
        "creator_nickname",
        "privacy_level_options",
        "comment_disabled",
        "duet_disabled",
        "stitch_disabled",
        "max_video_post_duration_sec",
    }
    assert data["creator_username"] == username
    assert data["privacy_level_options"] == options
    assert (data["comment_disabled"], data["duet_disabled"], data["stitch_disabled"]) == flags
    assert data["max_video_post_duration_sec"] == seconds


@pytest.mark.parametrize(
    ("username", "code"),
    [("lena.limit", "spam_risk_too_many_posts"), ("benny.banned", "spam_risk_user_banned_from_posting")],
)
def test_who_may_not_post_is_told_with_http_200(app: App, username: str, code: str) -> None:
    response = app.connect(username).creator_info()
    assert error_of(response)[:2] == (200, code)
    assert response.json()["data"] == {}


def test_the_sixth_posting_user_of_an_unaudited_client_is_told_with_http_200(
    app: App, simulator: Simulator
) -> None:
    use_up_posting_users(app, simulator)
    sixth = app.connect("lena.limit")
    assert error_of(sixth.creator_info())[:2] == (200, "reached_active_user_cap")


def use_up_posting_users(app: App, simulator: Simulator) -> None:
    """Five creators begin a post for an unaudited client; a sixth is made ready to."""
    simulator.switch(audited=False)
    names = ("poppy.public", "priya.private", "dana.noduet", "casey.nocomments", "miles.sixty")
    for name in (*names, "lena.limit"):
        simulator.creator(name, private=True, posts_today=0)
    for name in names:
        assert error_of(app.connect(name).init())[1] == "ok"


def test_an_unaudited_client_still_sees_the_accounts_options(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(audited=False)
    assert poppy.creator_info().json()["data"]["privacy_level_options"] == PUBLIC


def test_a_patched_creator_answers_anew(poppy: Phone, simulator: Simulator) -> None:
    simulator.creator("poppy.public", nickname="Poppy II", private=True, max_seconds=180)
    data = poppy.creator_info().json()["data"]
    assert data["creator_nickname"] == "Poppy II"
    assert data["privacy_level_options"] == PRIVATE
    assert (data["duet_disabled"], data["stitch_disabled"]) == (True, True)
    assert data["max_video_post_duration_sec"] == 180
    simulator.creator("poppy.public", privacy_level_options=["SELF_ONLY"])
    assert poppy.creator_info().json()["data"]["privacy_level_options"] == ["SELF_ONLY"]


def test_the_avatar_url_lives_two_hours(poppy: Phone, simulator: Simulator) -> None:
    url = poppy.creator_info().json()["data"]["creator_avatar_url"]
    assert httpx.get(url).status_code == 200
    assert httpx.get(url.replace("poppy.public", "dana.noduet")).status_code == 403
    simulator.advance(7201)
    assert httpx.get(url).status_code == 403


def test_needs_video_publish(app: App) -> None:
    poppy = app.connect("poppy.public", scopes=("video.upload",))
    assert error_of(poppy.creator_info()) == (
        401,
        "scope_not_authorized",
        "The user did not authorize the scope required for completing this request.",
    )


def test_needs_a_token(app: App) -> None:
    response = app.http.post("/v2/post/publish/creator_info/query/", json={})
    assert error_of(response) == (
        401,
        "access_token_invalid",
        "The access token is invalid or not found in the request.",
    )
    assert response.json()["data"] == {}


def test_an_empty_body_is_enough_but_the_content_type_is_not_optional(poppy: Phone) -> None:
    url = "/v2/post/publish/creator_info/query/"
    headers = {"Authorization": f"Bearer {poppy.access_token}"}
    typed = headers | {"Content-Type": "application/json; charset=UTF-8"}
    assert error_of(poppy.app.http.post(url, headers=typed))[:2] == (200, "ok")
    assert error_of(poppy.app.http.post(url, headers=headers))[:2] == (400, "invalid_params")
    assert poppy.app.http.get(url, headers=headers).status_code == 405


def test_log_id_carries_the_time_and_stands_in_a_header(poppy: Phone, simulator: Simulator) -> None:
    response = poppy.creator_info()
    log_id = response.json()["error"]["log_id"]
    assert re.fullmatch(r"20\d{12}[0-9A-F]{20}", log_id)
    assert response.headers["X-Tt-Logid"] == log_id
    simulator.switch(log_id_name="logid")
    assert poppy.creator_info().json()["error"].keys() == {"code", "message", "logid"}
