"""Creators' pictures: copied, shrunk, stripped, and served only to the workspace they belong to."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.avatars import copy_due_avatars, to_small_picture
from accounts.clock import database_now
from accounts.creators import ask_creator
from accounts.fetching import FetchError
from accounts.models import TikTokAccount
from tests.processes import Simulator


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 300), mode: str = "RGB", **save: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red").save(written, kind, **save)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_shrinks(kind: str) -> None:
    small, suffix = to_small_picture(picture(kind))
    assert suffix == "jpg"
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.size) == ("JPEG", (256, 128))


def test_keeps_what_is_see_through() -> None:
    small, suffix = to_small_picture(picture(mode="RGBA"))
    assert suffix == "png"
    with Image.open(io.BytesIO(small)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (256, 128))


def test_a_small_one_stays_small() -> None:
    small, _ = to_small_picture(picture(size=(64, 64)))
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (64, 64)


def test_drops_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    small, _ = to_small_picture(picture("JPEG", exif=exif))
    assert b"SECRET-CAMERA" not in small


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"<html>not a picture</html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        picture()[:200],
        picture("GIF", mode="P"),
        picture("BMP"),
        picture(size=(4097, 1)),
        picture(size=(20000, 20000), mode="1"),
    ],
    ids=["empty", "html", "svg", "pdf", "cut off", "gif", "bmp", "too wide", "bomb"],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_refuses_what_is_no_picture_for_us(source: bytes) -> None:
    with pytest.raises(FetchError):
        to_small_picture(source)


def test_copies_what_tiktok_shows(simulator: Simulator, poppy: TikTokAccount, as_alice: Client) -> None:
    assert copy_due_avatars(now=database_now()) == 1
    poppy.refresh_from_db()
    assert poppy.avatar_due_at is None
    assert poppy.avatar.name.startswith(f"avatars/{poppy.pk}-")
    assert copy_due_avatars(now=database_now()) == 0
    page = as_alice.get("/accounts/").content.decode()
    assert f'src="{poppy.avatar_url}"' in page
    response = as_alice.get(poppy.avatar_url)
    assert response.status_code == 200
    assert response["Content-Type"] in {"image/jpeg", "image/png"}
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    with Image.open(io.BytesIO(response.content)) as image:
        assert max(image.size) <= 256


def test_a_new_picture_takes_the_place_of_the_old_one(
    simulator: Simulator, poppy: TikTokAccount, settings: Any
) -> None:
    poppy.avatar.save(f"{poppy.pk}-0123.jpg", ContentFile(picture("JPEG")))
    before = TikTokAccount.objects.get(pk=poppy.pk)
    assert copy_due_avatars(now=database_now()) == 1
    after = TikTokAccount.objects.get(pk=poppy.pk)
    assert after.avatar_url != before.avatar_url
    assert [path.name for path in (Path(settings.MEDIA_ROOT) / "avatars").iterdir()] == [
        after.avatar.name.removeprefix("avatars/")
    ]


def test_the_same_picture_at_a_new_address_stays_where_it_is(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    """TikTok's addresses change every two hours at least; a page made before must not lose its picture."""
    copy_due_avatars(now=database_now())
    before = TikTokAccount.objects.get(pk=poppy.pk)
    simulator.advance(3600)
    ask_creator(before, now=database_now())
    assert copy_due_avatars(now=database_now()) == 1
    after = TikTokAccount.objects.get(pk=poppy.pk)
    assert after.avatar_source != poppy.avatar_source
    assert after.avatar_url == before.avatar_url
    assert as_alice.get(before.avatar_url).status_code == 200


def test_what_cannot_be_had_leaves_initials(
    simulator: Simulator, poppy: TikTokAccount, as_alice: Client
) -> None:
    TikTokAccount.objects.update(avatar_source=f"{simulator.url}/no-such-picture.png")
    assert copy_due_avatars(now=database_now()) == 0
    poppy.refresh_from_db()
    assert (poppy.avatar_url, poppy.avatar_due_at, poppy.avatar_source) == ("", None, "")
    assert '<span class="avatar" aria-hidden="true">P</span>' in as_alice.get("/accounts/").content.decode()


def test_nothing_is_fetched_from_this_machine_from_the_real_tiktok(
    simulator: Simulator, poppy: TikTokAccount, settings: Any
) -> None:
    settings.TIKTOK_IS_SIMULATED = False
    assert copy_due_avatars(now=database_now()) == 0


def test_bob_does_not_see_alices_picture(account: TikTokAccount, as_alice: Client, as_bob: Client) -> None:
    account.avatar.save(f"{account.pk}-0123.jpg", ContentFile(picture("JPEG")))
    assert as_alice.get(account.avatar_url).status_code == 200
    assert as_bob.get(account.avatar_url).status_code == 404


def test_no_picture_is_no_page(account: TikTokAccount, as_alice: Client) -> None:
    address = reverse("accounts:avatar", args=[account.pk])
    assert as_alice.get(address).status_code == 404
    TikTokAccount.objects.update(avatar="avatars/gone-0123.jpg")
    assert as_alice.get(address).status_code == 404
