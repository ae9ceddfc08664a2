"""The first page: who it is for, what it asks of TikTok, and pictures of the product that are light and true."""

import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from config.env import BASE_DIR

SHOTS = BASE_DIR / "static" / "img" / "shots"
MOST_BYTES = 150_000


def landing(client: Client) -> str:
    return client.get("/").content.decode()


def test_says_what_is_asked_of_tiktok_and_by_which_name(client: Client, db: None, settings: Any) -> None:
    settings.TIKTOK_SCOPES = ["user.info.basic", "video.publish"]
    page = landing(client)
    assert "Direct Post" in page
    assert re.findall(r"<code>([a-z.]+)</code>", page) == ["user.info.basic", "video.publish"]


def test_strangers_are_asked_in_unless_sign_up_is_closed(client: Client, db: None, settings: Any) -> None:
    for is_simulated in (True, False):
        settings.TIKTOK_IS_SIMULATED = is_simulated
        settings.SIGN_UP_OPEN = True
        main = landing(client).partition("<main")[2].partition("</main>")[0]
        assert 'href="/sign/up/"' in main
        assert ("/demo/" in main) is is_simulated
        settings.SIGN_UP_OPEN = False
        assert 'href="/sign/up/"' not in landing(client)


def test_there_is_no_demo_in_production(client: Client, db: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    assert "/demo/" not in landing(client)


def test_every_picture_is_there_in_light_and_dark_and_as_large_as_the_page_says(
    client: Client, db: None
) -> None:
    shown = re.findall(
        r'<img class="shot__picture"[^>]* src="/static/([^"]+)" width="(\d+)" height="(\d+)"', landing(client)
    )
    assert {path for path, _, _ in shown} == {f"img/shots/{path.name}" for path in SHOTS.glob("*.webp")}
    assert len(shown) == 6
    for path, width, height in shown:
        file = BASE_DIR / "static" / path
        with Image.open(file) as image:
            assert image.size == (int(width), int(height))
        assert file.stat().st_size <= MOST_BYTES, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_is_loaded_only_when_it_shows(client: Client, db: None, scheme: str) -> None:
    found = re.findall(rf'<img class="shot__picture" data-scheme="{scheme}"[^>]*>', landing(client))
    assert len(found) == 3
    assert all('loading="lazy"' in image and re.search(r'alt="[^"]{20,}"', image) for image in found)
