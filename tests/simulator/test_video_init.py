"""Video init: every check, its code, its message and its place in the order."""

from typing import Any

import pytest

from tests.processes import Simulator
from tests.simulator.speaking import MEGABYTE, App, Phone, error_of
from tests.simulator.test_creator_info import use_up_posting_users

GUIDELINES = (
    "Please review our integration guidelines at "
    "https://developers.tiktok.com/doc/content-sharing-guidelines/"
)
OWNERSHIP = (
    "Please review our URL ownership verification rules at https://developers.tiktok.com/doc/"
    "content-posting-api-media-transfer-guide/#pull_from_url"
)
POST_INFO = "The request post info is empty or incorrect"
SOURCE_INFO = "The request source info is empty or incorrect"
CHUNK_SIZE = "The chunk size is invalid"
CHUNK_COUNT = "The total chunk count is invalid"


def test_gives_a_publish_id_and_an_upload_url(poppy: Phone, simulator: Simulator) -> None:
    response = poppy.init(title="Hello #fyp @someone")
    data = response.json()["data"]
    assert error_of(response) == (200, "ok", "")
    assert data.keys() == {"publish_id", "upload_url"}
    assert data["publish_id"].startswith("v_pub_file~v2-1.")
    assert len(data["publish_id"]) <= 64
    assert data["upload_url"].startswith(f"{simulator.url}/upload?upload_id=")
    assert "&upload_token=" in data["upload_url"]
    assert len(data["upload_url"]) <= 256


def test_the_ledger_keeps_what_was_asked_for(poppy: Phone, simulator: Simulator) -> None:
    poppy.init(
        title="Hello",
        privacy_level="MUTUAL_FOLLOW_FRIENDS",
        disable_comment=True,
        disable_stitch=True,
        brand_content_toggle=True,
        brand_organic_toggle=True,
        is_aigc=True,
        video_cover_timestamp_ms=1000,
    )
    (post,) = simulator.posts()
    wanted = {
        "creator": "poppy.public",
        "status": "PROCESSING_UPLOAD",
        "fail_reason": "",
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "title": "Hello",
        "disable_comment": True,
        "disable_duet": False,
        "disable_stitch": True,
        "comment_allowed": False,
        "duet_allowed": True,
        "stitch_allowed": False,
        "brand_content_toggle": True,
        "brand_organic_toggle": True,
        "is_aigc": True,
        "video_cover_timestamp_ms": 1000,
        "sha256": "",
        "bytes": 0,
        "post_id": None,
        "public": False,
        "completed_at": None,
    }
    assert {name: post[name] for name in wanted} == wanted


def test_the_creators_own_settings_switch_interactions_off(app: App, simulator: Simulator) -> None:
    app.connect("casey.nocomments").init(disable_comment=False)
    app.connect("priya.private").init(disable_duet=False, disable_stitch=False)
    casey, priya = simulator.posts()
    assert (casey["disable_comment"], casey["comment_allowed"]) == (False, False)
    assert (priya["duet_allowed"], priya["stitch_allowed"]) == (False, False)


@pytest.mark.parametrize(
    ("size", "chunk_size", "count"),
    [
        (1, 1, 1),
        (4_194_304, 4_194_304, 1),
        (50_000_123, 10_000_000, 5),
        (50_000_123, 50_000_123, 1),
        (64_000_000, 64_000_000, 1),
        (64_000_001, 10_000_000, 6),
        (94_000_000, 10_000_000, 9),
        (4_294_967_296, 10_000_000, 429),
        (4_294_967_296, 5_242_880, 819),
        (127_999_999 + 64_000_000, 64_000_000, 2),
    ],
)
def test_takes_a_right_chunk_plan(poppy: Phone, size: int, chunk_size: int, count: int) -> None:
    assert error_of(poppy.init(size, chunk_size, count)) == (200, "ok", "")


@pytest.mark.parametrize(
    ("size", "chunk_size", "count", "message"),
    [
        (94_000_000, 64_000_000, 1, CHUNK_SIZE),
        (66_000_000, 64_000_000, 1, CHUNK_SIZE),
        (65_000_000, 60_000_000, 2, CHUNK_COUNT),
        (50_000_123, 10_000_000, 6, CHUNK_COUNT),
        (50_000_123, 10_000_000, 4, CHUNK_COUNT),
        (10_000_000, 4_000_000, 2, CHUNK_SIZE),
        (10_000_000, 5_000_000, 2, CHUNK_SIZE),
        (4_000_000, 3_000_000, 1, CHUNK_SIZE),
        (64_000_001, 64_000_001, 1, CHUNK_SIZE),
        (200_000_000, 67_108_864, 2, CHUNK_SIZE),
        (6_000_000, 10_000_000, 1, CHUNK_COUNT),
        (4_294_967_297, 10_000_000, 429, "The video size is invalid"),
        (0, 0, 1, SOURCE_INFO),
        (10_000_000, 10_000_000, 0, SOURCE_INFO),
        (-5, -5, 1, SOURCE_INFO),
    ],
)
def test_refuses_a_wrong_chunk_plan(
    poppy: Phone, size: int, chunk_size: int, count: int, message: str
) -> None:
    sizes = {"video_size": size, "chunk_size": chunk_size, "total_chunk_count": count}
    response = poppy.init(source={"source": "FILE_UPLOAD", **sizes})
    assert error_of(response) == (400, "invalid_params", message)
    assert response.json()["data"] == {}


@pytest.mark.parametrize(
    "source",
    [
        {"source": "FILE_UPLOAD"},
        {"source": "FILE_UPLOAD", "video_size": 1000, "chunk_size": 1000},
        {"source": "FILE_UPLOAD", "video_size": "1000", "chunk_size": 1000, "total_chunk_count": 1},
        {"source": "FILE_UPLOAD", "video_size": 1000, "chunk_size": 1000, "total_chunk_count": True},
        {"source": "CARRIER_PIGEON", "video_size": 1000, "chunk_size": 1000, "total_chunk_count": 1},
        {"video_size": 1000, "chunk_size": 1000, "total_chunk_count": 1},
        {"source": "PULL_FROM_URL"},
        {"source": "PULL_FROM_URL", "video_url": "http://example.com/a.mp4"},
    ],
)
def test_refuses_a_wrong_source(poppy: Phone, source: dict[str, Any]) -> None:
    assert error_of(poppy.init(source=source)) == (400, "invalid_params", SOURCE_INFO)


@pytest.mark.parametrize(
    "info",
    [
        {"privacy_level": "EVERYONE"},
        {"privacy_level": 4},
        {"privacy_level": ["SELF_ONLY"]},
        {"title": 5},
        {"title": "a" * 2201},
        {"title": "\N{GRINNING FACE}" * 1101},
        {"disable_comment": "false"},
        {"disable_duet": 1},
        {"brand_content_toggle": "no"},
        {"is_aigc": 0},
        {"video_cover_timestamp_ms": "1000"},
        {"video_cover_timestamp_ms": 1.5},
    ],
)
def test_refuses_a_wrong_post_info(poppy: Phone, simulator: Simulator, info: dict[str, Any]) -> None:
    assert error_of(poppy.init(**info)) == (400, "invalid_params", POST_INFO)
    assert simulator.posts() == []


def test_refuses_half_a_surrogate_pair(poppy: Phone) -> None:
    headers = {"Authorization": f"Bearer {poppy.access_token}", "Content-Type": "application/json"}
    body = b'{"post_info": {"title": "\\ud83d", "privacy_level": "SELF_ONLY"}}'
    response = poppy.app.http.post("/v2/post/publish/video/init/", content=body, headers=headers)
    assert error_of(response) == (400, "invalid_params", POST_INFO)


@pytest.mark.parametrize("title", ["a" * 2200, "\N{GRINNING FACE}" * 1100, "", "one\ntwo"])
def test_takes_a_title_up_to_2200_utf16_units(poppy: Phone, simulator: Simulator, title: str) -> None:
    assert error_of(poppy.init(title=title))[1] == "ok"
    assert simulator.posts()[0]["title"] == title


def test_title_and_brand_toggles_may_be_left_out(poppy: Phone, simulator: Simulator) -> None:
    assert error_of(poppy.init(title=None))[1] == "ok"
    (post,) = simulator.posts()
    assert (post["title"], post["brand_content_toggle"], post["brand_organic_toggle"]) == ("", False, False)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"post_info": {}}', b'{"post_info": null}'])
def test_an_empty_post_info_is_refused(poppy: Phone, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {poppy.access_token}", "Content-Type": "application/json"}
    response = poppy.app.http.post("/v2/post/publish/video/init/", content=body, headers=headers)
    assert error_of(response) == (400, "invalid_params", POST_INFO)


@pytest.mark.parametrize("body", [b"nonsense", b"[]", b"5", b"{"])
def test_a_body_that_is_no_json_object_is_refused(poppy: Phone, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {poppy.access_token}", "Content-Type": "application/json"}
    response = poppy.app.http.post("/v2/post/publish/video/init/", content=body, headers=headers)
    assert error_of(response)[:2] == (400, "invalid_params")


def test_a_missing_privacy_level_is_a_mismatch_or_by_switch_a_wrong_param(
    poppy: Phone, simulator: Simulator
) -> None:
    assert error_of(poppy.init(privacy_level=None))[:2] == (403, "privacy_level_option_mismatch")
    simulator.switch(missing_privacy_code="invalid_params")
    assert error_of(poppy.init(privacy_level=None)) == (400, "invalid_params", POST_INFO)


@pytest.mark.parametrize(
    ("username", "level"), [("poppy.public", "FOLLOWER_OF_CREATOR"), ("priya.private", "PUBLIC_TO_EVERYONE")]
)
def test_a_level_that_was_not_offered_is_a_mismatch(app: App, username: str, level: str) -> None:
    response = app.connect(username).init(privacy_level=level)
    assert error_of(response) == (403, "privacy_level_option_mismatch", GUIDELINES)


def test_banned_and_capped_creators_are_refused(app: App) -> None:
    benny, lena = app.connect("benny.banned"), app.connect("lena.limit")
    assert error_of(benny.init()) == (403, "spam_risk_user_banned_from_posting", GUIDELINES)
    assert error_of(lena.init()) == (403, "spam_risk_too_many_posts", GUIDELINES)


def test_an_unaudited_client_posts_to_private_accounts_for_the_owner_only(
    poppy: Phone, priya: Phone, simulator: Simulator
) -> None:
    simulator.switch(audited=False)
    code = "unaudited_client_can_only_post_to_private_accounts"
    assert error_of(poppy.init(privacy_level="SELF_ONLY")) == (403, code, GUIDELINES)
    assert error_of(priya.init(privacy_level="FOLLOWER_OF_CREATOR")) == (403, code, GUIDELINES)
    assert error_of(priya.init(privacy_level="SELF_ONLY"))[1] == "ok"
    simulator.creator("poppy.public", private=True)
    assert error_of(poppy.init(privacy_level="SELF_ONLY"))[1] == "ok"


def test_an_unaudited_client_has_five_posting_users_a_day(app: App, simulator: Simulator) -> None:
    use_up_posting_users(app, simulator)
    sixth = app.connect("lena.limit")
    assert error_of(sixth.init()) == (403, "reached_active_user_cap", GUIDELINES)
    assert error_of(app.connect("poppy.public").init())[1] == "ok"
    simulator.advance(86_401)
    assert error_of(app.connect("lena.limit").init())[1] == "ok"


def test_an_audited_client_may_have_a_cap_too(app: App, poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(active_user_cap=1)
    poppy.init()
    assert error_of(app.connect("dana.noduet").init())[:2] == (403, "reached_active_user_cap")
    assert error_of(poppy.init())[1] == "ok"


def test_nothing_is_pulled_from_an_unverified_address(poppy: Phone) -> None:
    source = {"source": "PULL_FROM_URL", "video_url": "https://example.com/a.mp4"}
    assert error_of(poppy.init(source=source)) == (
        403,
        "url_ownership_unverified",
        OWNERSHIP,
    )


def test_branded_content_for_oneself_is_refused_by_the_lint_only(poppy: Phone, simulator: Simulator) -> None:
    branded = {"privacy_level": "SELF_ONLY", "brand_content_toggle": True}
    assert error_of(poppy.init(**branded))[1] == "ok"
    simulator.switch(guideline_lint=True)
    assert error_of(poppy.init(**branded))[:2] == (400, "invalid_params")


def test_the_documented_spelling_of_the_400_is_a_switch(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(param_code="invalid_param")
    assert error_of(poppy.init(title=5)) == (400, "invalid_param", POST_INFO)


def test_checks_come_in_the_suggested_order(app: App, simulator: Simulator) -> None:
    """Everything is wrong at once; each repair uncovers the next refusal."""
    simulator.switch(audited=False, daily_cap=1)
    simulator.creator("benny.banned", posts_today=5)
    benny = app.connect("benny.banned", scopes=("video.upload",))
    wrong = {"title": "a" * 2201, "privacy_level": "FOLLOWER_OF_CREATOR"}

    simulator.expire("benny.banned")
    assert error_of(benny.init(**wrong))[1] == "access_token_invalid"
    benny = app.connect("benny.banned", scopes=("video.upload",))
    assert error_of(benny.init(**wrong))[1] == "scope_not_authorized"
    benny = app.connect("benny.banned")
    assert error_of(benny.init(**wrong))[1] == "invalid_params"
    wrong["title"] = "fine"
    assert error_of(benny.init(**wrong))[1] == "spam_risk_user_banned_from_posting"
    simulator.creator("benny.banned", banned=False)
    assert error_of(benny.init(**wrong))[1] == "spam_risk_too_many_posts"
    simulator.creator("benny.banned", posts_today=0)
    assert error_of(benny.init(**wrong))[1] == "unaudited_client_can_only_post_to_private_accounts"
    simulator.switch(audited=True)
    assert error_of(benny.init(**wrong))[1] == "privacy_level_option_mismatch"
    # Six refused or not, they were six calls let in: the rate limit comes before the body is read.
    wrong["title"] = "a" * 2201
    assert error_of(benny.init(**wrong))[1] == "invalid_params"
    assert error_of(benny.init(**wrong))[1] == "rate_limit_exceeded"


def test_the_order_is_a_switch(app: App, simulator: Simulator) -> None:
    order = [
        "banned",
        "params",
        "app_version",
        "daily_cap",
        "active_users",
        "privacy_options",
        "unaudited",
        "ownership",
        "pending_share",
    ]
    simulator.switch(init_order=order)
    assert error_of(app.connect("benny.banned").init(title=5))[1] == "spam_risk_user_banned_from_posting"
    simulator.switch(audited=False)
    poppy = app.connect("poppy.public")
    assert error_of(poppy.init(privacy_level="FOLLOWER_OF_CREATOR"))[1] == "privacy_level_option_mismatch"


def test_the_ledger_keeps_refused_inits(poppy: Phone, simulator: Simulator) -> None:
    poppy.init(title=5)
    accepted = poppy.init(size=5 * MEGABYTE).json()["data"]["publish_id"]
    refused, taken = simulator.ledger()["inits"]
    assert (
        refused.items()
        >= {
            "creator": "poppy.public",
            "publish_id": None,
            "code": "invalid_params",
            "message": POST_INFO,
        }.items()
    )
    assert (taken["publish_id"], taken["code"], taken["message"]) == (accepted, "ok", "")
