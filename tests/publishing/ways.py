"""Every way a post can go to TikTok, held against TikTok's ledger: there once, here in the state that says so."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accounts.models import TikTokAccount, User
from composer.models import Destination, MediaFile, Post
from publishing.engine import advance
from publishing.models import AttemptOutcome, Gate, Publication, Route
from publishing.states import State
from tests.factories import make_carousel, make_photo, make_post, make_publication
from tests.media import make_picture
from tests.processes import Simulator
from tests.publishing.crashing import let_time_pass
from tests.publishing.driving import film, store

# Two chunks, as small as TikTok allows: the first one, and the last one, which publishes.
CHUNK = 5_242_880
FILM_BYTES = 2 * CHUNK + 1000
PHOTOS = 3
LANDED = {"PUBLISH_COMPLETE", "SEND_TO_USER_INBOX"}


@dataclass
class Way:
    """Sends one post after the other on one route."""

    route: Route
    simulator: Simulator
    account: TikTokAccount
    user: User
    files: list[MediaFile]
    hashes: list[str]
    numbers: Iterator[int]
    # What TikTok had before each publication came.
    before: dict[int, set[str]] = field(default_factory=dict)

    @property
    def end(self) -> State:
        return State.IN_INBOX if self.route.is_inbox else State.PUBLISHED

    @property
    def total(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def init_call(self) -> str:
        """The name of its `init` among the simulator's calls."""
        if self.route.has_photos:
            return "content_init"
        return "inbox_init" if self.route.is_inbox else "video_init"

    def make_post(self) -> Post:
        fields: dict[str, Any] = {
            "account": self.account,
            "caption": f"n{next(self.numbers)}",
            "destination": Destination.INBOX if self.route.is_inbox else Destination.DIRECT,
        }
        if self.route.has_photos:
            return make_carousel(self.account.workspace, photos=self.files, **fields)
        return make_post(self.account.workspace, media=self.files[0], **fields)

    def due(self) -> Publication:
        known = {post["publish_id"] for post in self.simulator.posts()}
        post = self.make_post()
        publication = make_publication(post, user=self.user, next_try_at=post.created_at)
        self.before[publication.pk] = known
        let_time_pass(publication)
        return publication

    def walk(self, publication: Publication) -> None:
        """A worker's whole go at a post: leases run out, gaps pass, until there is nothing left to do."""
        for _ in range(30):
            publication.refresh_from_db()
            if publication.state == self.end:
                return
            self.prepare_step(publication)
            if not advance(publication.pk):
                return
        raise AssertionError(f"still {publication.state}")

    def prepare_step(self, publication: Publication) -> None:
        """Have the next step due, and find TikTok's work done."""
        self.let_tiktok_finish(publication)
        let_time_pass(publication)

    def let_tiktok_finish(self, publication: Publication) -> None:
        """So that the status is asked once, not as often as the machine is slow: every run passes the same points."""
        for _ in range(1500):
            if publication.state != State.PROCESSING or not self._is_tiktok_busy(publication):
                return
            time.sleep(0.02)
        raise AssertionError(f"TikTok does not come to an end: {self.posts_of(publication)}")

    def _is_tiktok_busy(self, publication: Publication) -> bool:
        ours = publication.attempts.exclude(publish_id=None).latest("number")
        for post in self.posts_of(publication):
            if post["publish_id"] == ours.publish_id and post["status"].startswith("PROCESSING"):
                return self.route.is_pulled or post["bytes"] == self.total
        return False

    def posts_of(self, publication: Publication) -> list[dict[str, Any]]:
        """All that TikTok's ledger has of it, announcements that came to nothing included."""
        known = self.before[publication.pk]
        return [post for post in self.simulator.posts() if post["publish_id"] not in known]

    def landed(self, publication: Publication) -> list[dict[str, Any]]:
        return [post for post in self.posts_of(publication) if post["status"] in LANDED]

    def check(self, publication: Publication, point: str) -> None:
        """Arrived here, once there, the same bytes, and nothing else can follow."""
        publication.refresh_from_db()
        landed = self.landed(publication)
        assert len(landed) == 1, f"{point}: {len(landed)} times on TikTok"
        assert publication.state == self.end, f"{point}: {publication.state} {publication.reason}"
        [there] = landed
        assert (there["mode"], there["source"]) == (
            "inbox" if self.route.is_inbox else "direct",
            "PULL_FROM_URL" if self.route.is_pulled else "FILE_UPLOAD",
        ), point
        assert len(there["landings"]) == (0 if self.route.is_inbox else 1), point
        photos = [photo["sha256"] for photo in there["photos"]]
        assert (photos or [there["sha256"]]) == self.hashes, point
        ended = AttemptOutcome.DELIVERED if self.route.is_inbox else AttemptOutcome.PUBLISHED
        attempt = publication.attempts.get(outcome=ended)
        assert (attempt.publish_id, attempt.route) == (there["publish_id"], self.route), point
        assert not publication.attempts.filter(outcome=AttemptOutcome.OPEN).exists(), point
        assert publication.lease_token is None, point
        self.check_nothing_follows(publication, point, but=there)

    def check_nothing_follows(
        self, publication: Publication, point: str, *, but: dict[str, Any] | None = None
    ) -> None:
        """Whatever else TikTok was told of has too few bytes for a post, and gets no more."""
        for post in self.posts_of(publication):
            if but is None or post["publish_id"] != but["publish_id"]:
                assert post["bytes"] < self.total, point
                assert post["landings"] == [], point
        others = publication.attempts.filter(outcome=AttemptOutcome.FAILED).exclude(gate=Gate.NONE)
        assert not others.filter(gate=Gate.CLOSED).exists(), point

    def check_not_sent(self, publication: Publication, point: str) -> None:
        """Cancelled: nothing of it is on TikTok, and nothing can come."""
        assert self.landed(publication) == [], point
        assert not publication.attempts.exclude(outcome=AttemptOutcome.FAILED).exists(), point
        self.check_nothing_follows(publication, point)


def make_way(
    route: Route,
    simulator: Simulator,
    account: TikTokAccount,
    user: User,
    folder: Path,
    settings: Any,
    numbers: Iterator[int],
) -> Way:
    """A route with real files on disk: a film of two chunks, or a few photos."""
    settings.PULL_VIDEOS = route in {Route.VIDEO_PULL, Route.INBOX_VIDEO_PULL}
    if route.has_photos:
        contents = [
            make_picture(folder / f"{number}.jpg", "JPEG", size=(400 + number, 600)).read_bytes()
            for number in range(PHOTOS)
        ]
        files = [make_photo(account.workspace, content=content) for content in contents]
        hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    else:
        path = film(folder) if route.is_pulled else film(folder, pad_to=FILM_BYTES)
        files = [store(account, path)]
        hashes = [hashlib.sha256(path.read_bytes()).hexdigest()]
    return Way(route, simulator, account, user, files, hashes, numbers)
