"""What a first visit to the composer costs over the wire."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Composer, Person

pytestmark = pytest.mark.browser

LIMIT_BYTES = 100_000
# Pictures and the video itself are the creator's, not the page's.
NOT_COUNTED = ("/avatar/", "/library/")


def test_the_first_visit_is_light(person: Person, film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person.connect("poppy.public")
    address = person.compose(film).page.url
    page = person.context.new_page()
    wire = person.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    paths: dict[str, str] = {}
    bytes_of: dict[str, float] = {}

    def note_request(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def note_bytes(event: dict[str, Any]) -> None:
        bytes_of[event["requestId"]] = event["encodedDataLength"]

    wire.on("Network.requestWillBeSent", note_request)
    wire.on("Network.loadingFinished", note_bytes)
    page.goto(address, wait_until="networkidle")
    composer = Composer(page)
    composer.choose("Friends")
    expect(composer.button).to_be_enabled()
    costs = {
        paths[request]: round(size)
        for request, size in bytes_of.items()
        if not any(part in paths[request] for part in NOT_COUNTED)
    }
    assert any(path.endswith("/edit/") for path in costs)
    total = sum(costs.values())
    listing = "\n".join(
        f"{size:>8,}  {path}" for path, size in sorted(costs.items(), key=lambda each: -each[1])
    )
    with capsys.disabled():
        print(f"\nFirst visit of the composer: {total:,} bytes in {len(costs)} answers", flush=True)
    assert total < LIMIT_BYTES, listing
