"""What people see: the cast, profiles, posts, the page behind the stage."""

import hashlib

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import Phone

LABELS = ("Paid partnership", "Promotional content", "Creator labeled as AI-generated")


def see(simulator: Simulator, path: str) -> str:
    response = httpx.get(simulator.url + path)
    assert response.status_code == 200
    return response.text


def test_home_introduces_the_cast(simulator: Simulator) -> None:
    page = see(simulator, "/")
    assert "Simulated TikTok" in page
    assert "not tiktok.com" in page
    for username in ("poppy.public", "miles.sixty", "benny.banned"):
        assert f'href="/@{username}"' in page
    assert "May post videos of 60 seconds at most." in page
    assert 'href="/_simulator/"' in page


def test_an_empty_profile_says_what_to_do(simulator: Simulator) -> None:
    page = see(simulator, "/@poppy.public")
    assert "Poppy Parade" in page
    assert "Nothing has landed here yet." in page


def test_a_profile_shows_what_landed(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    poppy.post(b"no film", title="A failure")
    poppy.post(film, title="Tea & <b>cake</b>", disable_duet=True)
    page = see(simulator, "/@poppy.public")
    assert "A failure" not in page
    assert "Tea &amp; &lt;b&gt;cake&lt;/b&gt;" in page
    assert "Only me" in page
    assert "Comments on" in page
    assert "Duets off" in page
    assert "Stitches on" in page
    assert hashlib.sha256(film).hexdigest() in page
    assert "A failure" not in see(simulator, "/@priya.private")


@pytest.mark.parametrize(
    ("flags", "labels"),
    [
        ({}, set()),
        ({"brand_organic_toggle": True}, {"Promotional content"}),
        ({"brand_content_toggle": True}, {"Paid partnership"}),
        ({"brand_content_toggle": True, "brand_organic_toggle": True}, {"Paid partnership"}),
        ({"is_aigc": True}, {"Creator labeled as AI-generated"}),
    ],
)
def test_labels(
    poppy: Phone, simulator: Simulator, film: bytes, flags: dict[str, bool], labels: set[str]
) -> None:
    poppy.post(film, **flags)
    page = see(simulator, "/@poppy.public")
    assert {label for label in LABELS if label in page} == labels


@pytest.mark.parametrize(
    ("level", "word"),
    [("PUBLIC_TO_EVERYONE", "Everyone"), ("MUTUAL_FOLLOW_FRIENDS", "Friends"), ("SELF_ONLY", "Only me")],
)
def test_visibility_in_words(poppy: Phone, simulator: Simulator, film: bytes, level: str, word: str) -> None:
    key = poppy.post(film, privacy_level=level)
    assert f"</span>{word}</li>" in see(simulator, f"/@poppy.public/video/{key}")


def test_a_public_post_stands_at_its_post_id(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    simulator.switch(moderation_seconds=100)
    publish_id = poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE", title="For all")
    assert "Moderation is still looking" in see(simulator, f"/@poppy.public/video/{publish_id}")
    simulator.advance(101)
    (post_id,) = poppy.state_of(publish_id)["publicaly_available_post_id"]
    page = see(simulator, f"/@poppy.public/video/{post_id}")
    assert "For all" in page
    assert f"<code>{post_id}</code>" in page
    assert "Moderation" not in page
    assert f"/@poppy.public/video/{post_id}" in see(simulator, "/@poppy.public")


def test_the_video_is_what_arrived_and_can_be_sought_in(
    poppy: Phone, simulator: Simulator, film: bytes
) -> None:
    publish_id = poppy.post(film)
    url = f"{simulator.url}/@poppy.public/video/{publish_id}/file"
    whole = httpx.get(url)
    assert whole.content == film
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = httpx.get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == film[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(film)}"
    assert httpx.get(url, headers={"Range": f"bytes={len(film)}-"}).status_code == 416


def test_what_is_not_there_is_404(poppy: Phone, simulator: Simulator, film: bytes) -> None:
    unfinished = poppy.begin(1000).publish_id
    landed = poppy.post(film)
    for path in (
        "/nothing.css",
        f"/@poppy.public/photo/{landed}",
        f"/@poppy.public/video/{landed}-2",
        f"/@poppy.public/video/{unfinished}/cover.jpg",
        "/@nobody",
        "/@poppy.public/video/1",
        f"/@poppy.public/video/{unfinished}",
        f"/@poppy.public/video/{unfinished}/file",
        f"/@priya.private/video/{landed}",
        f"/@priya.private/video/{landed}/file",
        "/avatars/nobody.png",
        "/nowhere",
    ):
        response = httpx.get(simulator.url + path)
        assert response.status_code == 404, path
        assert "Nothing at this address" in response.text


def test_pages_load_nothing_from_elsewhere_and_run_no_script(simulator: Simulator) -> None:
    response = httpx.get(simulator.url)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "http://" not in response.text
    assert "https://" not in response.text


def test_faults_are_added_and_cleared_by_hand(poppy: Phone, simulator: Simulator) -> None:
    url = f"{simulator.url}/_simulator/"
    assert "everything works as the contract says" in httpx.get(url).text
    form = {"on": "creator_info", "kind": "http", "detail": "503", "times": "2", "creator": "poppy.public"}
    assert httpx.post(url, data=form).status_code == 303
    (fault,) = simulator.faults()
    assert fault.items() >= (form.items() - {("detail", "503"), ("times", "2")})
    assert (fault["status"], fault["times"]) == (503, 2)
    assert poppy.creator_info().status_code == 503
    page = httpx.get(url).text
    assert "status=503" in page
    httpx.post(url, data={"on": "status", "kind": "stuck", "times": ""})
    assert [each["kind"] for each in simulator.faults()] == ["http", "stuck"]
    httpx.post(url, data={"clear": str(fault["id"])})
    assert [each["kind"] for each in simulator.faults()] == ["stuck"]
    httpx.post(url, data={"clear": "all"})
    assert simulator.faults() == []


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"on": "status", "kind": "http"}, "http needs a status"),
        ({"on": "status", "kind": "hang", "detail": "long"}, "the seconds must be a whole number"),
        ({"on": "status", "kind": "fail_reason", "detail": " "}, "fail_reason needs a reason"),
        ({"on": "chunk", "kind": "stuck"}, "stuck goes on status only"),
        ({"on": "fetch", "kind": "cut"}, "cut needs a bytes"),
        ({"on": "status", "kind": "ranged"}, "ranged goes on fetch only"),
        ({"on": "here", "kind": "html"}, "on: must be one of"),
        ({}, "on: must be one of"),
    ],
)
def test_a_wrong_form_says_why(simulator: Simulator, form: dict[str, str], says: str) -> None:
    response = httpx.post(f"{simulator.url}/_simulator/", data=form)
    assert response.status_code == 400
    assert f"Not added: {says}" in response.text
    assert simulator.faults() == []
