"""Photos, drafts and fetched videos go to TikTok as agreed to, and arrive once."""

import pytest

from publishing.models import Route
from tests.publishing.driving import states_of
from tests.publishing.ways import Way

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EVERY_WAY = pytest.mark.parametrize("way", list(Route), indirect=True)
PULLED = pytest.mark.parametrize("way", [route for route in Route if route.is_pulled], indirect=True)


@pytest.mark.rule("T-2", "5b", at="worker")
@EVERY_WAY
def test_it_arrives_once_with_the_very_bytes(way: Way) -> None:
    publication = way.due()
    way.walk(publication)
    way.check(publication, "undisturbed")
    sent = [] if way.route.is_pulled else ["uploading"]
    assert states_of(publication) == ["starting", *sent, "processing", way.end]
