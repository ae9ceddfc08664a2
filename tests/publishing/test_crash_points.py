"""A worker that dies, or freezes, at any remote call or commit of a video's way: nothing is lost or doubled."""

import hashlib
import itertools
import logging
import time
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from composer.models import MediaFile
from publishing import heartbeats, init_file
from publishing.engine import advance
from publishing.models import AttemptOutcome, Publication
from publishing.services import NotPossibleError, cancel_publication, resume_reconnected
from publishing.states import State
from tests.conftest import TOKEN_MARK
from tests.consent import connect
from tests.factories import make_post, make_publication
from tests.processes import Simulator
from tests.publishing.crashing import REMOTE, Crash, die, in_another_worker, let_time_pass, points
from tests.publishing.driving import film, store
from tiktok import ChunkPlan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Two chunks, as small as TikTok allows: the first one, and the last one, which publishes.
CHUNK = 5_242_880
SIZE = 2 * CHUNK + 1000


@pytest.fixture
def route(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> "Route":
    simulator.switch(rate_window_seconds=0, daily_cap=100_000, processing_seconds=0)
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    # No heart beats while a worker is frozen.
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 3600.0)
    path = film(tmp_path, pad_to=SIZE)
    return Route(simulator, poppy, alice, store(poppy, path), hashlib.sha256(path.read_bytes()).hexdigest())


class Route:
    """Sends one post after the other, and holds each against TikTok's ledger."""

    def __init__(
        self, simulator: Simulator, account: TikTokAccount, user: User, media: MediaFile, sha256: str
    ) -> None:
        self.simulator = simulator
        self.account = account
        self.user = user
        self.media = media
        self.sha256 = sha256
        self.numbers = itertools.count(1)

    def due(self) -> Publication:
        post = make_post(
            self.account.workspace, account=self.account, media=self.media, caption=f"n{next(self.numbers)}"
        )
        publication = make_publication(post, user=self.user, next_try_at=post.created_at)
        let_time_pass(publication)
        return publication

    def walk(self, publication: Publication) -> None:
        """A worker's whole go at a post: leases run out, gaps pass, until there is nothing left to do."""
        for _ in range(30):
            publication.refresh_from_db()
            if publication.state == State.PUBLISHED:
                return
            self.let_tiktok_finish(publication)
            in_another_worker(
                lambda: let_time_pass(publication)
            )  # no part of the way: its commits do not count
            if not advance(publication.pk):
                return
        raise AssertionError(f"still {publication.state}")

    def let_tiktok_finish(self, publication: Publication) -> None:
        """So that the status is asked once, not as often as the machine is slow: every run passes the same points."""
        for _ in range(1000):
            if publication.state != State.PROCESSING or not any(
                post["bytes"] == SIZE and post["status"] == "PROCESSING_UPLOAD"
                for post in self.posts_of(publication)
            ):
                return
            time.sleep(0.02)
        raise AssertionError("TikTok does not come to an end")

    def posts_of(self, publication: Publication) -> list[dict[str, Any]]:
        """All that TikTok's ledger has of it."""
        return [post for post in self.simulator.posts() if post["title"] == publication.post.caption]

    def check(self, publication: Publication, point: str) -> None:
        """Published here, once there, the same bytes, and nothing else can follow."""
        publication.refresh_from_db()
        posts = self.posts_of(publication)
        landed = [post for post in posts if post["status"] == "PUBLISH_COMPLETE"]
        assert len(landed) == 1, f"{point}: {len(landed)} times on TikTok"
        assert publication.state == State.PUBLISHED, f"{point}: {publication.state}"
        assert landed[0]["sha256"] == self.sha256, point
        attempt = publication.attempts.get(outcome=AttemptOutcome.PUBLISHED)
        assert attempt.publish_id == landed[0]["publish_id"], point
        assert not publication.attempts.filter(outcome=AttemptOutcome.OPEN).exists(), point
        assert publication.lease_token is None, point
        # Every init of TikTok's that never became a post holds too few bytes for one.
        assert all(post["bytes"] < SIZE for post in posts if post is not landed[0]), point


def names_of_points(route: Route, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    publication = route.due()
    with points(monkeypatch, None, lambda name: None) as watch:
        route.walk(publication)
    route.check(publication, "undisturbed")
    return watch.passed


def test_the_way_passes_every_remote_call_and_its_commits(
    route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = names_of_points(route, monkeypatch)
    remote = [name for name in passed if name.startswith("before ") and "_" in name.split()[1]]
    calls = [name.removeprefix("before ") for name in remote if len(name.split()) == 2]
    assert calls == ["query_creator_info", "init_video", "put_chunk", "put_chunk", "fetch_status"]
    # What is known is committed right before and right after each call that changes something at TikTok.
    for call in ("init_video", "put_chunk"):
        first = passed.index(f"before {call}")
        last = len(passed) - 1 - passed[::-1].index(f"after {call}")
        assert passed[first - 1] == "after commit"
        assert passed[last + 1] == "before commit"


def test_a_worker_that_dies_at_any_point_neither_loses_nor_doubles_the_post(
    route: Route, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    names = names_of_points(route, monkeypatch)
    for number, name in enumerate(names):
        if name.startswith("after ") and number + 1 < len(names):
            continue  # nothing lasting happens between it and the point that follows
        publication = route.due()
        with points(monkeypatch, number, die) as watch, pytest.raises(Crash):
            route.walk(publication)
        assert watch.passed[-1] == name
        route.walk(publication)
        route.check(publication, f"{number}: {name}")
    assert_no_secret(caplog)


def test_a_worker_that_freezes_at_any_point_and_wakes_up_when_all_is_done_changes_nothing(
    route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in points_to_freeze_at(route, monkeypatch):
        publication = route.due()

        def let_another_finish(_name: str, publication: Publication = publication) -> None:
            in_another_worker(lambda: route.walk(publication))

        with points(monkeypatch, number, let_another_finish):
            route.walk(publication)
        route.check(publication, f"{number}: {name}")


def test_cancel_pressed_at_any_point_either_keeps_the_post_off_tiktok_or_says_that_it_is_too_late(
    route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for number, name in points_to_freeze_at(route, monkeypatch):
        publication = route.due()

        def press_cancel(_name: str, publication: Publication = publication) -> None:
            in_another_worker(lambda: answers.append(cancel(publication, route.user)))

        with points(monkeypatch, number, press_cancel):
            route.walk(publication)
        route.walk(publication)
        publication.refresh_from_db()
        if answers[-1]:
            assert publication.state == State.CANCELLED, f"{number}: {name}"
            assert all(post["bytes"] < SIZE for post in route.posts_of(publication)), f"{number}: {name}"
            assert not publication.attempts.exclude(outcome=AttemptOutcome.FAILED).exists()
        else:
            route.check(publication, f"{number}: {name}")
    assert {True, False} == set(answers)


def test_an_app_that_is_removed_at_any_call_ends_truly_once_it_is_back(
    route: Route, monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> None:
    """TikTok fails what it had not finished; what it has finished stays, and what it never had is sent anew."""
    names = names_of_points(route, monkeypatch)
    calls = {f"after {name}" for _owner, name in REMOTE}
    ends = []
    for number, name in enumerate(names):
        if name not in calls:
            continue
        publication = route.due()
        with points(monkeypatch, number, lambda _name: route.simulator.revoke("poppy.public")):
            route.walk(publication)
        publication.refresh_from_db()
        assert publication.state in {State.WAITING_RECONNECT, State.PUBLISHED}, name
        connect(as_alice, "poppy.public")
        resume_reconnected(database_now())
        route.walk(publication)
        publication.refresh_from_db()
        landed = [post for post in route.posts_of(publication) if post["status"] == "PUBLISH_COMPLETE"]
        ends.append((name.removeprefix("after "), publication.state, publication.reason, len(landed)))
    assert ends == [
        ("query_creator_info", State.PUBLISHED, "", 1),
        ("init_video", State.PUBLISHED, "", 1),
        ("put_chunk", State.FAILED, "auth_removed", 0),
        ("put_chunk", State.FAILED, "auth_removed", 0),
        ("fetch_status", State.PUBLISHED, "", 1),
    ]


def cancel(publication: Publication, user: User) -> bool:
    """Press *Cancel*; whether the page says that it is cancelled."""
    try:
        cancel_publication(Publication.objects.get(pk=publication.pk), user=user)
    except NotPossibleError:
        return False
    return True


def points_to_freeze_at(route: Route, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The first point and whatever follows a call or a commit.

    A frozen transaction holds the row, so nobody can come in between; and between one point's "after" and the
    next one's "before" nothing happens.
    """
    names = names_of_points(route, monkeypatch)
    return [(number, name) for number, name in enumerate(names) if number == 0 or name.startswith("after ")]


def assert_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a log line nor in a row: tokens and upload addresses are sealed."""
    assert TOKEN_MARK not in caplog.text
    for app in ("accounts", "composer", "publishing"):
        for model in apps.get_app_config(app).get_models():
            assert TOKEN_MARK not in serializers.serialize("json", model._default_manager.all()), model
