"""User info: fields by scope."""

import httpx

from tests.simulator.speaking import App, Phone, error_of


def test_basic_fields(poppy: Phone) -> None:
    user = poppy.user_info("open_id,union_id,avatar_url,display_name").json()["data"]["user"]
    assert user.keys() == {"open_id", "union_id", "avatar_url", "display_name"}
    assert user["open_id"] == poppy.open_id
    assert user["display_name"] == "Poppy Parade"
    assert user["union_id"] != user["open_id"]


def test_the_avatar_is_a_picture(poppy: Phone) -> None:
    url = poppy.user_info("avatar_url").json()["data"]["user"]["avatar_url"]
    picture = httpx.get(url)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_profile_and_stats_fields(poppy: Phone) -> None:
    user = poppy.user_info("username,is_verified,profile_deep_link,video_count").json()["data"]["user"]
    assert user["username"] == "poppy.public"
    assert user["is_verified"] is False
    assert user["profile_deep_link"].endswith("/@poppy.public")
    assert user["video_count"] == 0


def test_only_public_videos_count(poppy: Phone, film: bytes) -> None:
    poppy.post(film)
    poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE")
    assert poppy.user_info("video_count").json()["data"]["user"] == {"video_count": 1}


def test_a_field_without_its_scope_refuses_all(app: App) -> None:
    poppy = app.connect("poppy.public", scopes=("video.publish",))
    assert error_of(poppy.user_info("open_id"))[:2] == (200, "ok")
    assert error_of(poppy.user_info("open_id,follower_count"))[:2] == (401, "scope_not_authorized")
    assert error_of(poppy.user_info("username"))[:2] == (401, "scope_not_authorized")


def test_fields_are_demanded_and_known(poppy: Phone) -> None:
    assert error_of(poppy.user_info(""))[:2] == (400, "invalid_params")
    assert error_of(poppy.user_info("open_id,email"))[:2] == (400, "invalid_params")


def test_a_dead_token_is_refused(app: App, poppy: Phone) -> None:
    app.revoke(poppy.access_token)
    assert error_of(poppy.user_info("open_id"))[:2] == (401, "access_token_invalid")
