"""Uploads that are cut, paused, reloaded, doubled or given up: what arrives in the end is the file, byte for byte."""

import hashlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.people import Person
from tests.journeys.product import Product
from tests.media import make_large_video

pytestmark = pytest.mark.browser

MB = 1024**2
SIZE = 24 * MB
LOST = (
    r"ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_NETWORK|htmx:|request failed|HTTP 5\d\d"
)


@pytest.fixture(scope="module")
def own_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of this file's own, because it is killed; small parts make many cuts."""
    with Product(tmp_path_factory.mktemp("resumed"), UPLOAD_PART_BYTES=str(512 * 1024)) as product:
        yield product


@pytest.fixture
def person(own_product: Product, open_browser: Callable[..., BrowserContext]) -> Person:
    person = Person(own_product, open_browser(own_product))
    person.sign_up()
    person.page.on("dialog", lambda dialog: dialog.accept())
    return person


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_large_video(tmp_path_factory.mktemp("large") / "long evening.mp4", SIZE)


class Wire:
    """The page's line to the world; one session of the browser's, because the last one to speak counts."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def set(self, *, megabytes: float = -1, is_cut: bool = False) -> None:
        """How much can be sent in a second."""
        speed = int(megabytes * MB) if megabytes > 0 else -1
        self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": is_cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed},
        )


def slow_down(page: Page) -> Wire:
    """As at the end of a thin line."""
    wire = Wire(page)
    wire.set(megabytes=4)
    return wire


def line_of(page: Page, name: str) -> Locator:
    return page.locator("#upload .upload-line", has_text=name).filter(visible=True)


def begin(page: Page, *files: Path) -> None:
    page.goto("/library/")
    page.set_input_files("#upload-file", list(files))


def arrived(product: Product, share: float, *, seconds: float = 60) -> int:
    """Wait until so much of the one upload under way lies on the disk; returns its bytes."""
    folder = product.database_path.parent / "media" / "incoming"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        sizes = [path.stat().st_size for path in folder.iterdir()] if folder.exists() else []
        if sizes and max(sizes) >= share * SIZE:
            return max(sizes)
        time.sleep(0.02)
    raise AssertionError(f"nothing like {share:.0%} arrived: {sizes}")


def stored(product: Product, name: str) -> list[tuple[str, int]]:
    """What the library says it holds under that name: hash and size; and that the bytes are these."""
    with closing(sqlite3.connect(product.database_path, timeout=20)) as database:
        rows = database.execute(
            "SELECT sha256, size_bytes, file FROM composer_mediafile WHERE original_name = ? AND state = 'ready'",
            (name,),
        ).fetchall()
    for sha256, _size, place in rows:
        with (product.database_path.parent / "media" / place).open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return [(sha256, size) for sha256, size, _place in rows]


def the_file(path: Path) -> tuple[str, int]:
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size


def test_a_server_killed_at_40_percent_costs_nothing(person: Person, large: Path) -> None:
    product, page = person.product, person.page
    person.context.watch.expect(LOST)  # type: ignore[attr-defined]
    page.goto("/library/")
    slow_down(page)
    page.set_input_files("#upload-file", large)
    line = line_of(page, large.name)
    expect(line).to_contain_text(re.compile(r"[\d.]+ MB of 24\.0 MB · [\d.]+ MB/s · \d+ s left"))
    arrived(product, 0.4)
    product.kill()
    expect(line).to_contain_text("It goes on by itself.")
    there = arrived(product, 0.4)
    assert there < SIZE
    offsets: list[int] = []
    page.on(
        "request",
        lambda request: (
            offsets.append(int(request.headers["upload-offset"])) if request.method == "PATCH" else None
        ),
    )
    product.start()
    expect(line).to_contain_text("In your library.", timeout=60_000)
    # It went on exactly where the dead server's disk stood.
    assert offsets[0] == there
    assert stored(product, large.name) == [the_file(large)]
    expect(page.locator("#library-list")).to_contain_text(large.name)


def test_a_reload_and_the_same_file_again_go_on(person: Person, tmp_path: Path) -> None:
    large = make_large_video(tmp_path / "reloaded.mp4", SIZE, seconds=1.6)
    page = person.page
    page.goto("/library/")
    slow_down(page)
    page.set_input_files("#upload-file", large)
    arrived(person.product, 0.3)
    page.reload()
    waiting = line_of(page, large.name)
    expect(waiting).to_contain_text("Not all of it is here. Choose the same file again", timeout=40_000)
    expect(waiting).to_contain_text(re.compile(r"[\d.]+ MB of 24 MB"))
    there = arrived(person.product, 0.3)
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.set_input_files("#upload-file", large)
    assert int(sent.value.headers["upload-offset"]) == there
    line = line_of(page, large.name)
    expect(line).to_have_count(1)
    expect(line).to_contain_text("In your library.", timeout=60_000)
    assert stored(person.product, large.name) == [the_file(large)]


def test_pausing_and_a_lost_network(person: Person, tmp_path: Path) -> None:
    large = make_large_video(tmp_path / "paused.mp4", SIZE, seconds=1.7)
    page = person.page
    person.context.watch.expect(LOST)  # type: ignore[attr-defined]
    page.goto("/library/")
    wire = slow_down(page)
    page.set_input_files("#upload-file", large)
    line = line_of(page, large.name)
    arrived(person.product, 0.1)
    line.get_by_role("button", name=f"Pause {large.name}").click()
    expect(line).to_contain_text("Paused.")
    page.wait_for_timeout(700)
    there = arrived(person.product, 0.1)
    page.wait_for_timeout(700)
    assert arrived(person.product, 0.1) == there
    line.get_by_role("button", name=f"Resume {large.name}").click()
    arrived(person.product, 0.3)
    wire.set(is_cut=True)
    expect(line).to_contain_text("Waiting for the network. It goes on by itself.")
    wire.set()
    expect(line).to_contain_text("In your library.", timeout=60_000)
    assert stored(person.product, large.name) == [the_file(large)]


def test_several_at_once_and_a_wrong_one_among_them(person: Person, tmp_path: Path) -> None:
    films = [
        make_large_video(tmp_path / f"number {number}.mp4", (3 + number) * MB, seconds=1.5 + number / 10)
        for number in range(4)
    ]
    notes = tmp_path / "notes.mp4"
    notes.write_text("no video at all " * 200)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    page = person.page
    begin(page, *films, notes, empty)
    expect(line_of(page, empty.name)).to_contain_text("This file is empty")
    expect(line_of(page, notes.name)).to_contain_text("This is a text file", timeout=60_000)
    for film in films:
        expect(page.locator("#library-list")).to_contain_text(film.name, timeout=60_000)
        assert stored(person.product, film.name) == [the_file(film)]
    line_of(page, notes.name).get_by_role("button", name="Put away").click()
    page.reload()
    expect(page.locator("#library-list")).to_contain_text(films[0].name)
    expect(line_of(page, notes.name)).to_be_hidden()


def test_two_windows_with_the_same_file_make_one(person: Person, tmp_path: Path) -> None:
    large = make_large_video(tmp_path / "twice.mp4", SIZE, seconds=1.9)
    person.context.watch.expect(r"HTTP 4(09|23) PATCH")  # type: ignore[attr-defined]
    first, second = person.page, person.context.new_page()
    first.goto("/library/")
    slow_down(first)
    first.set_input_files("#upload-file", large)
    arrived(person.product, 0.2)
    begin(second, large)
    for page in (first, second):
        expect(page.locator("#library-list")).to_contain_text(large.name, timeout=90_000)
    assert stored(person.product, large.name) == [the_file(large)]


def test_cancelling_leaves_nothing(person: Person, tmp_path: Path) -> None:
    large = make_large_video(tmp_path / "cancelled.mp4", SIZE, seconds=1.4)
    page = person.page
    page.goto("/library/")
    slow_down(page)
    page.set_input_files("#upload-file", large)
    arrived(person.product, 0.2)
    with page.expect_response(lambda response: response.request.method == "DELETE") as ended:
        line_of(page, large.name).get_by_role("button", name=f"Cancel {large.name}").click()
    assert ended.value.status == 204
    expect(line_of(page, large.name)).to_be_hidden()
    expect(page.locator("#upload-file")).to_be_focused()
    folder = person.product.database_path.parent / "media" / "incoming"
    assert list(folder.iterdir()) == []
    page.reload()
    expect(line_of(page, large.name)).to_be_hidden()
