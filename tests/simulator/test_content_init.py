"""Photo init in both modes: every check, its code, its message, and what lands."""

import hashlib
from typing import Any

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone, error_of
from tests.simulator.test_video_init import GUIDELINES, OWNERSHIP, POST_INFO, SOURCE_INFO

MODE = "Invalid media_type or post_mode"
URL = "http://localhost:9/a.jpg"
UPLOAD = "MEDIA_UPLOAD"
EMOJI = "\N{GRINNING FACE}"


@pytest.fixture
def urls(server: FileServer, photos: list[bytes]) -> list[str]:
    """Three photos on a server."""
    return [server.put(f"{number}.jpg", photo) for number, photo in enumerate(photos)]


def test_a_carousel_lands_as_it_was_asked_for(
    poppy: Phone, simulator: Simulator, urls: list[str], photos: list[bytes]
) -> None:
    response = poppy.init_photos(
        urls,
        cover=2,
        title="Three views",
        description="Of one #corner",
        privacy_level="PUBLIC_TO_EVERYONE",
        disable_comment=True,
        auto_add_music=True,
        brand_content_toggle=True,
        brand_organic_toggle=True,
        top={"is_aigc": True},
    )
    assert error_of(response) == (200, "ok", "")
    data = response.json()["data"]
    assert data.keys() == {"publish_id"}
    assert data["publish_id"].startswith("p_pub_url~v2.")
    assert len(data["publish_id"]) <= 64
    post = simulator.wait_until_ended(data["publish_id"])
    hashes = [hashlib.sha256(photo).hexdigest() for photo in photos]
    wanted = {
        "kind": "photo",
        "mode": "direct",
        "source": "PULL_FROM_URL",
        "status": "PUBLISH_COMPLETE",
        "fail_reason": "",
        "title": "Three views",
        "description": "Of one #corner",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "comment_allowed": False,
        "duet_allowed": False,
        "auto_add_music": True,
        "brand_content_toggle": True,
        "brand_organic_toggle": True,
        "is_aigc": True,
        "remark": "",
        "cover_index": 2,
        "downloaded_bytes": sum(map(len, photos)),
        "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        "photos": [
            {"sha256": sha256, "bytes": len(photo), "width": 360, "height": 480}
            for sha256, photo in zip(hashes, photos, strict=True)
        ],
        "public": True,
    }
    assert {name: post[name] for name in wanted} == wanted
    assert len(post["landings"]) == 1
    assert poppy.state_of(data["publish_id"]) == {
        "status": "PUBLISH_COMPLETE",
        "fail_reason": "",
        "publicaly_available_post_id": [post["post_id"]],
        "downloaded_bytes": sum(map(len, photos)),
    }
    (init,) = simulator.ledger()["inits"]
    assert (init["endpoint"], init["code"]) == ("content_init", "ok")


def test_an_upload_carries_only_the_texts(poppy: Phone, simulator: Simulator, urls: list[str]) -> None:
    response = poppy.init_photos(
        urls,
        cover=1,
        mode=UPLOAD,
        description="Longer words",
        privacy_level="NONSENSE",
        disable_comment="nonsense",
        auto_add_music=True,
        brand_content_toggle=True,
    )
    publish_id = response.json()["data"]["publish_id"]
    assert publish_id.startswith("p_inbox_url~v2.")
    post = simulator.wait_until_ended(publish_id)
    wanted = {
        "mode": "inbox",
        "status": "SEND_TO_USER_INBOX",
        "title": "Six views",
        "description": "Longer words",
        "privacy_level": "",
        "disable_comment": False,
        "comment_allowed": True,
        "auto_add_music": False,
        "brand_content_toggle": False,
        "cover_index": 1,
        "landings": [],
    }
    assert {name: post[name] for name in wanted} == wanted
    assert simulator.tap(publish_id)["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({"media_type": "VIDEO"}, MODE),
        ({"media_type": None}, MODE),
        ({"post_mode": "DIRECT POST"}, MODE),
        ({"post_mode": None}, MODE),
        ({"post_mode": ["DIRECT_POST"]}, MODE),
        ({"post_info": None}, POST_INFO),
        ({"post_info": {}}, POST_INFO),
        ({"source_info": None}, SOURCE_INFO),
        ({"is_aigc": "yes"}, POST_INFO),
    ],
)
def test_refuses_a_wrong_request(
    poppy: Phone, simulator: Simulator, top: dict[str, Any], message: str
) -> None:
    response = poppy.init_photos([URL], top=top)
    assert error_of(response) == (400, "invalid_params", message)
    assert simulator.posts() == []


@pytest.mark.parametrize(
    "source",
    [
        {"source": "FILE_UPLOAD", "photo_images": [URL], "photo_cover_index": 0},
        {"source": "FILE_UPLOAD", "video_size": 1000, "chunk_size": 1000, "total_chunk_count": 1},
        {"photo_images": [URL], "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": [], "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": URL, "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": [5], "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": [URL] * 36, "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": [URL]},
        {"source": "PULL_FROM_URL", "photo_images": [URL], "photo_cover_index": 1},
        {"source": "PULL_FROM_URL", "photo_images": [URL], "photo_cover_index": -1},
        {"source": "PULL_FROM_URL", "photo_images": [URL], "photo_cover_index": "0"},
        {"source": "PULL_FROM_URL", "photo_images": [URL], "photo_cover_index": False},
        {"source": "PULL_FROM_URL", "photo_images": ["http://example.com/a.jpg"], "photo_cover_index": 0},
        {"source": "PULL_FROM_URL", "photo_images": ["ftp://localhost/a.jpg"], "photo_cover_index": 0},
    ],
)
def test_refuses_a_wrong_source(poppy: Phone, source: dict[str, Any]) -> None:
    assert error_of(poppy.init_photos([], source=source)) == (400, "invalid_params", SOURCE_INFO)


@pytest.mark.parametrize(
    "info",
    [
        {"title": "a" * 91},
        {"title": EMOJI * 46},
        {"title": 5},
        {"description": "a" * 4001},
        {"description": EMOJI * 2001},
        {"description": ["words"]},
        {"privacy_level": "EVERYONE"},
        {"disable_comment": 1},
        {"auto_add_music": "yes"},
        {"brand_content_toggle": 0},
        {"is_aigc": "yes"},
    ],
)
def test_refuses_a_wrong_post_info(poppy: Phone, info: dict[str, Any]) -> None:
    assert error_of(poppy.init_photos([URL], **info)) == (400, "invalid_params", POST_INFO)


def test_takes_texts_to_their_limits(poppy: Phone, simulator: Simulator) -> None:
    assert (
        error_of(poppy.init_photos([URL] * 35, cover=34, title=EMOJI * 45, description=EMOJI * 2000))[1]
        == "ok"
    )
    assert error_of(poppy.init_photos([URL], title=None, description=None))[1] == "ok"
    longest, shortest = simulator.posts()
    assert (len(longest["title"]), len(longest["description"]), len(longest["photos"])) == (45, 2000, 35)
    assert (shortest["title"], shortest["description"]) == ("", "")


def test_the_ai_label_counts_at_the_top(poppy: Phone, simulator: Simulator) -> None:
    poppy.init_photos([URL], is_aigc=True)
    simulator.switch(photo_aigc_place="post_info")
    poppy.init_photos([URL], is_aigc=True)
    poppy.init_photos([URL], top={"is_aigc": True})
    simulator.switch(photo_aigc_place="either")
    poppy.init_photos([URL], is_aigc=True)
    poppy.init_photos([URL], top={"is_aigc": True})
    posts = simulator.posts()
    assert [post["is_aigc"] for post in posts] == [False, True, False, True, True]
    assert posts[0]["remark"] == "is_aigc stood inside post_info, where the reference page does not have it"
    assert posts[2]["remark"] == ""


def test_each_mode_has_its_scope(app: App) -> None:
    refused = (401, "scope_not_authorized")
    poster = app.connect("poppy.public", scopes=("video.publish",))
    assert error_of(poster.init_photos([URL]))[1] == "ok"
    assert error_of(poster.init_photos([URL], mode=UPLOAD))[:2] == refused
    drafter = app.connect("poppy.public", scopes=("video.upload",))
    assert error_of(drafter.init_photos([URL]))[:2] == refused
    assert error_of(drafter.init_photos([URL], mode=UPLOAD))[1] == "ok"
    assert error_of(drafter.init_photos([URL], mode="SOMEHOW"))[2] == MODE
    assert (
        error_of(app.connect("poppy.public", scopes=("video.list",)).init_photos([URL], mode="X"))[:2]
        == refused
    )


def test_both_modes_share_six_a_minute(poppy: Phone) -> None:
    for mode in ["DIRECT_POST", UPLOAD] * 3:
        assert error_of(poppy.init_photos([URL], mode=mode))[1] == "ok"
    assert error_of(poppy.init_photos([URL]))[:2] == (429, "rate_limit_exceeded")


@pytest.mark.parametrize(
    ("version", "code"),
    [("31.7.9", "app_version_check_failed"), ("31.8", "ok"), ("9.12.0", "app_version_check_failed")],
)
def test_an_upload_needs_a_recent_app(poppy: Phone, simulator: Simulator, version: str, code: str) -> None:
    simulator.creator("poppy.public", app_version=version)
    response = poppy.init_photos([URL], mode=UPLOAD)
    assert error_of(response)[:2] == (200 if code == "ok" else 400, code)
    assert error_of(poppy.init_photos([URL]))[1] == "ok"
    assert error_of(poppy.init_inbox())[1] == "ok"


@pytest.mark.parametrize("version", ["", "new", "31", "31.8beta"])
def test_an_app_version_is_numbers(simulator: Simulator, version: str) -> None:
    answer = httpx.post(f"{simulator.url}/_simulator/creators/poppy.public", json={"app_version": version})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "app_version must be numbers with dots, as 31.8.0",
    )


def test_direct_posts_pass_the_checks_of_direct_posts(app: App, poppy: Phone, simulator: Simulator) -> None:
    mismatch = (403, "privacy_level_option_mismatch", GUIDELINES)
    assert error_of(poppy.init_photos([URL], privacy_level="FOLLOWER_OF_CREATOR")) == mismatch
    assert error_of(poppy.init_photos([URL], privacy_level=None)) == mismatch
    assert error_of(app.connect("benny.banned").init_photos([URL]))[:2] == (
        403,
        "spam_risk_user_banned_from_posting",
    )
    lena = app.connect("lena.limit")
    assert error_of(lena.init_photos([URL]))[:2] == (403, "spam_risk_too_many_posts")
    assert error_of(lena.init_photos([URL], mode=UPLOAD))[1] == "ok"
    simulator.switch(audited=False)
    assert error_of(poppy.init_photos([URL]))[:2] == (
        403,
        "unaudited_client_can_only_post_to_private_accounts",
    )
    assert error_of(poppy.init_photos([URL], mode=UPLOAD))[1] == "ok"
    simulator.switch(audited=True, guideline_lint=True)
    assert error_of(poppy.init_photos([URL], brand_content_toggle=True))[:2] == (400, "invalid_params")


def test_one_foreign_address_refuses_them_all(poppy: Phone) -> None:
    response = poppy.init_photos([URL, "https://example.com/b.jpg"])
    assert error_of(response) == (403, "url_ownership_unverified", OWNERSHIP)


def test_photo_posts_count_for_the_day(
    poppy: Phone, simulator: Simulator, urls: list[str], film: bytes
) -> None:
    simulator.switch(daily_cap=2)
    for _ in range(2):
        simulator.wait_until_ended(poppy.init_photos(urls).json()["data"]["publish_id"])
    assert error_of(poppy.init_photos(urls))[1] == "spam_risk_too_many_posts"
    assert error_of(poppy.init(1000))[1] == "spam_risk_too_many_posts"
    assert error_of(poppy.creator_info())[1] == "spam_risk_too_many_posts"


def test_photo_drafts_share_the_five_places(
    poppy: Phone, simulator: Simulator, urls: list[str], film: bytes
) -> None:
    simulator.switch(pending_share_cap=2)
    poppy.draft(film)
    simulator.wait_until_ended(poppy.init_photos(urls, mode=UPLOAD).json()["data"]["publish_id"])
    code = "spam_risk_too_many_pending_share"
    assert error_of(poppy.init_photos(urls, mode=UPLOAD)) == (400, code, code)
    assert error_of(poppy.init_inbox()) == (400, code, code)
    assert error_of(poppy.init_photos(urls))[1] == "ok"


def test_a_lost_answer_still_posts(poppy: Phone, simulator: Simulator, urls: list[str]) -> None:
    """What a client must be afraid of: no answer came, and the carousel lands all the same."""
    simulator.fault("content_init", "drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        poppy.init_photos(urls)
    (post,) = simulator.posts()
    assert simulator.wait_until_ended(post["publish_id"])["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize("kind", ["drop_before", "reset_before"])
def test_a_call_that_never_arrives_begins_nothing(poppy: Phone, simulator: Simulator, kind: str) -> None:
    simulator.fault("content_init", kind)
    with pytest.raises(httpx.TransportError):
        poppy.init_photos([URL])
    assert simulator.posts() == []
    simulator.fault("content_init", "error", code="internal_error")
    assert error_of(poppy.init_photos([URL]))[:2] == (500, "internal_error")
