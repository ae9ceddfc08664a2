"""The name and the logo come from the settings wherever they show: TikTok compares them with the app's."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from PIL import Image

from accounts.models import User
from review.logos import SIZES
from tests.config.starting import read_settings
from tests.factories import make_person
from tests.review.site import error_pages, member_pages, public_pages

NAME = "Lantern & Co"
# `greenroom:media` is an event of our scripts.
SAID = re.compile(r"greenroom(?!:)", re.IGNORECASE)


@pytest.fixture
def other_name(settings: Any, db: None) -> None:
    settings.PRODUCT_NAME = NAME


@pytest.fixture
def own_logo(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGB", (1000, 500), "red").save(path)
    settings.PRODUCT_LOGO = str(path)


def test_no_page_says_another_name(client: Client, other_name: None) -> None:
    operator = Client()
    operator.force_login(make_person("operator@example.com", is_staff=True))
    pages = [*public_pages(client), *member_pages(operator), *error_pages(operator)]
    assert {name for name, page in pages if SAID.search(page)} == set()
    titles = {name: m[1] for name, page in pages if (m := re.search(r"<title>([^<]*)</title>", page))}
    assert len(titles) > 30
    assert {name: title for name, title in titles.items() if "Lantern &amp; Co" not in title} == {}


def test_the_demo_does_not_say_it_either(client: Client, other_name: None) -> None:
    page = client.post("/demo/", follow=True).content.decode()
    assert not SAID.search(page)


def test_mails_say_it(client: Client, other_name: None, settings: Any, alice: User) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/sign/password/reset/", {"email": alice.email})
    [letter] = mail.outbox
    assert NAME in letter.body
    assert not SAID.search(f"{letter.subject} {letter.body}")


def test_mails_come_from_it(tmp_path: Path) -> None:
    assert read_settings(tmp_path, "DEFAULT_FROM_EMAIL", PRODUCT_NAME="Lantern, Inc") == {
        "DEFAULT_FROM_EMAIL": '"Lantern, Inc" <noreply@localhost>'
    }


def test_the_simulated_tiktok_calls_the_app_so(other_name: None) -> None:
    from config.run import commands

    assert commands()["tiktok"][1]["SIMULATOR_CLIENT_NAME"] == NAME


def test_a_phone_is_told_it(client: Client, other_name: None) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    words = json.loads(response.content)
    assert (words["name"], words["short_name"]) == (NAME, NAME)
    for icon in words["icons"]:
        assert client.get(icon["src"]).status_code == 200
    assert "manifest-src 'self'" in client.get("/")["Content-Security-Policy"]


@pytest.mark.parametrize("size", SIZES)
def test_the_lamp_is_the_logo_where_none_is_set(client: Client, db: None, size: int) -> None:
    response = client.get(f"/brand/logo-{size}.png")
    image = Image.open(io.BytesIO(response.content))
    assert (response["Content-Type"], image.size) == ("image/png", (size, size))
    assert image.convert("RGB").getpixel((0, 0)) == (17, 41, 30)
    assert not response.cookies


def test_another_logo_takes_every_place_of_the_lamp(client: Client, db: None, own_logo: None) -> None:
    image = Image.open(io.BytesIO(client.get("/brand/logo-180.png").content))
    assert image.size == (180, 180)
    assert [image.getpixel(at) for at in ((90, 90), (90, 5))] == [(255, 0, 0, 255), (0, 0, 0, 0)]
    for name, page in [("landing", client.get("/").content.decode()), *error_pages(client)]:
        masthead = page.partition("</header>")[0]
        assert '<img class="logo__mark" src="/brand/logo-180.png"' in masthead, name
        assert "favicon" not in page, name


def test_no_other_size_is_drawn(client: Client, db: None) -> None:
    assert client.get("/brand/logo-4000.png").status_code == 404


@pytest.mark.django_db
def test_a_request_that_makes_no_sense_is_told_whose_site_this_is(client: Client, settings: Any) -> None:
    settings.PRODUCT_NAME = "Stagehand"
    answer = client.get("/", headers={"host": "somewhere.else.example"})
    assert answer.status_code == 400
    assert "Stagehand is an independent project" in answer.content.decode()
