"""The web server dies while TikTok fetches a carousel from it: posted once in the end, and said so."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.journeys.people import Person
from tests.journeys.product import Product
from tests.journeys.test_from_sign_up_to_the_profile import wait_until_published

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# More than the sockets between the two of them hold: our server is still at it when TikTok has a little.
LARGE = 13_000_000
# What a browser says of a server that is not there.
LOST = r"ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|htmx:|request failed"


@pytest.fixture(scope="module")
def own_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of this file's own, because it is killed."""
    with Product(tmp_path_factory.mktemp("dead-web")) as product:
        yield product


@pytest.fixture
def person(own_product: Product, open_browser: Callable[..., BrowserContext]) -> Person:
    own_product.forget_everything()
    person = Person(own_product, open_browser(own_product))
    person.sign_up()
    person.connect("poppy.public")
    return person


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A large one and a small one."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = Image.merge("RGB", [Image.effect_noise((1080, 3600), 120) for _ in range(3)])
    noise.save(folder / "sand.jpg", quality=100, subsampling=0)
    assert LARGE < (folder / "sand.jpg").stat().st_size < 20_000_000
    Image.new("RGB", (720, 960), "teal").save(folder / "sea.jpg")
    return [folder / "sand.jpg", folder / "sea.jpg"]


def send_until_it_is_fetched(person: Person, pictures: list[Path]) -> None:
    """Post both; returns when TikTok, which takes its time, has a part of the large one."""
    simulator = person.product.simulator
    for picture in pictures:
        person.upload(picture)
    composer = person.start_post()
    composer.pick_photos(*(picture.name for picture in pictures))
    page = composer.page
    page.get_by_label("Title", exact=True).fill("By the sea")
    composer.choose("Everyone")
    simulator.fault("fetch", "slow", seconds=8)
    composer.button.click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if any(0 < post["downloaded_bytes"] < LARGE for post in simulator.posts()):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing was fetched: {simulator.ledger()}")


def expect_once(person: Person, pictures: list[Path]) -> dict[str, Any]:
    """On the profile once, these pictures in this order; returns what TikTok's ledger says."""
    ledger = person.product.simulator.ledger()
    assert sum(len(post["landings"]) for post in ledger["posts"]) == 1, ledger
    [post] = [post for post in ledger["posts"] if post["status"] == "PUBLISH_COMPLETE"]
    hashes = [hashlib.sha256(picture.read_bytes()).hexdigest() for picture in pictures]
    assert [photo["sha256"] for photo in post["photos"]] == hashes
    assert (post["title"], post["cover_index"], post["source"]) == ("By the sea", 0, "PULL_FROM_URL")
    return ledger


def test_its_child_is_replaced_and_tiktok_asks_again(person: Person, pictures: list[Path]) -> None:
    send_until_it_is_fetched(person, pictures)
    person.context.watch.expect(LOST)  # type: ignore[attr-defined]
    _, child = person.product.web()
    child.kill()
    wait_until_published(person.page)
    ledger = expect_once(person, pictures)
    # TikTok noticed, so it was in the middle of it; the same attempt of ours went on.
    assert ledger["fetches"][0]["problem"] != ""
    assert len(ledger["posts"]) == 1
    assert person.product.is_running()
    _, another = person.product.web()
    assert another.pid != child.pid


def test_all_of_it_ends_and_goes_on_after_the_next_start(person: Person, pictures: list[Path]) -> None:
    send_until_it_is_fetched(person, pictures)
    person.context.watch.expect(LOST)  # type: ignore[attr-defined]
    product, page = person.product, person.page
    for process in product.web():
        process.kill()
    product.wait_until_ended()
    product.start()
    page.reload()
    wait_until_published(page)
    ledger = expect_once(person, pictures)
    # TikTok may have given up before we were there again; then another attempt brought it.
    *given_up, _ = ledger["posts"]
    assert all((post["status"], post["fail_reason"]) == ("FAILED", "photo_pull_failed") for post in given_up)
