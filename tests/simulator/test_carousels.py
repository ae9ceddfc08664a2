"""Carousels and covers as people see them."""

import io

import httpx
import pytest
from PIL import Image

from tests.media import make_video
from tests.processes import Simulator
from tests.simulator.pictures import make_photo
from tests.simulator.serving import FileServer
from tests.simulator.speaking import Phone
from tests.simulator.test_fetching import post_photos, post_video


@pytest.fixture
def carousel(poppy: Phone, simulator: Simulator, server: FileServer) -> str:
    """A landed carousel of three, the second one its cover; returns the publish id."""
    pictures = [make_photo(colour="red"), make_photo(300, 400, kind="WEBP"), make_photo(colour="blue")]
    urls = [server.put(f"{number}", picture) for number, picture in enumerate(pictures)]
    publish_id = post_photos(
        poppy, urls, cover=1, title="Three & more", description="Line one\nLine <two>", auto_add_music=True
    )
    simulator.wait_until_ended(publish_id)
    return publish_id


def test_a_profile_shows_the_cover_and_the_count(simulator: Simulator, carousel: str) -> None:
    page = httpx.get(f"{simulator.url}/@poppy.public").text
    assert f'src="/@poppy.public/photo/{carousel}/1"' in page
    assert "3 photos" in page
    assert "Three &amp; more" in page
    assert "Line one\nLine &lt;two&gt;" in page
    assert "Music added automatically" in page
    assert "Duets" not in page
    assert "<video" not in page


def test_a_carousels_page_shows_every_picture_in_order(simulator: Simulator, carousel: str) -> None:
    url = f"{simulator.url}/@poppy.public/photo/{carousel}"
    page = httpx.get(url).text
    places = [page.index(f'src="/@poppy.public/photo/{carousel}/{number}"') for number in range(3)]
    assert places == sorted(places)
    assert page.count('<span class="chip chip--label">Cover</span>') == 1
    assert places[1] < page.index(">Cover<") < places[2]
    second = httpx.get(f"{url}/1")
    assert second.headers["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(second.content)).size == (300, 400)
    assert httpx.get(f"{url}/0").headers["Content-Type"] == "image/jpeg"
    assert httpx.get(f"{url}/3").status_code == 404


def test_photos_and_videos_stand_at_their_own_addresses(
    poppy: Phone, simulator: Simulator, carousel: str, film: bytes
) -> None:
    landed = poppy.post(film)
    poppy.state_of(landed)
    for path in (f"video/{carousel}", f"video/{carousel}/file", f"photo/{landed}", f"photo/{landed}/0"):
        assert httpx.get(f"{simulator.url}/@poppy.public/{path}").status_code == 404, path


def test_a_public_carousel_stands_at_its_post_id(
    poppy: Phone, simulator: Simulator, server: FileServer, photos: list[bytes]
) -> None:
    publish_id = post_photos(poppy, [server.put("a", photos[0])], privacy_level="PUBLIC_TO_EVERYONE")
    post_id = simulator.wait_until_ended(publish_id)["post_id"]
    assert httpx.get(f"{simulator.url}/@poppy.public/photo/{post_id}").status_code == 200
    # The publish id was the address before moderation, and old links live on.
    assert httpx.get(f"{simulator.url}/@poppy.public/photo/{publish_id}").status_code == 200


def bar_position(simulator: Simulator, publish_id: str) -> int:
    """Where the white bar of a test film stands in the cover: it moves 7 pixels a frame."""
    response = httpx.get(f"{simulator.url}/@poppy.public/video/{publish_id}/cover.jpg")
    assert response.headers["Content-Type"] == "image/jpeg"
    image = Image.open(io.BytesIO(response.content)).convert("L")
    row = image.height // 4 + image.height // 40
    return next(x for x in range(image.width) if image.getpixel((x, row)) > 200)


@pytest.mark.parametrize(
    ("at_ms", "frame"), [(None, 0), (0, 0), (1000, 30), (500, 15), (1040, 31), (1999, 59), (9000, 0), (-5, 0)]
)
def test_the_thumbnail_is_the_frame_that_was_asked_for(
    poppy: Phone, simulator: Simulator, film: bytes, at_ms: int | None, frame: int
) -> None:
    publish_id = poppy.post(film, video_cover_timestamp_ms=at_ms)
    poppy.state_of(publish_id)
    assert bar_position(simulator, publish_id) == pytest.approx(frame * 7 % 360, abs=3)
    page = httpx.get(f"{simulator.url}/@poppy.public").text
    assert f'poster="/@poppy.public/video/{publish_id}/cover.jpg"' in page


def test_a_cover_of_a_fetched_webm(
    poppy: Phone, simulator: Simulator, server: FileServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("films") / "film.webm"
    film = make_video(path, container="webm", codec="vp9", seconds=2).read_bytes()
    url = server.put("film.webm", film, content_type="video/webm")
    publish_id = post_video(poppy, url, video_cover_timestamp_ms=1000)
    simulator.wait_until_ended(publish_id)
    assert bar_position(simulator, publish_id) == pytest.approx(210, abs=4)
    file = httpx.get(f"{simulator.url}/@poppy.public/video/{publish_id}/file")
    assert (file.content == film, file.headers["Content-Type"]) == (True, "video/webm")


def test_a_cover_stands_upright(
    poppy: Phone, simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("films") / "turned.mp4"
    publish_id = poppy.post(make_video(path, seconds=1, rotation=90).read_bytes())
    poppy.state_of(publish_id)
    response = httpx.get(f"{simulator.url}/@poppy.public/video/{publish_id}/cover.jpg")
    image = Image.open(io.BytesIO(response.content)).convert("RGB")
    assert image.size == (640, 360)
    # Its red top has turned to the left, its blue bottom to the right.
    left, right = image.getpixel((20, 180)), image.getpixel((620, 180))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[0] > left[2] + 100
    assert right[2] > right[0] + 100
