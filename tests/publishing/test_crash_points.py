"""A worker that dies, or freezes, at any remote call or commit of a post's way: nothing is lost or doubled."""

import logging
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client

from accounts.clock import database_now
from accounts.models import User
from publishing import heartbeats, init_file
from publishing.models import Publication, Route
from publishing.services import NotPossibleError, cancel_publication, resume_reconnected
from publishing.states import State
from tests.conftest import TOKEN_MARK
from tests.consent import connect
from tests.publishing.crashing import CALLS, Crash, die, in_another_worker, points
from tests.publishing.ways import CHUNK, Way
from tiktok import ChunkPlan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.parametrize("way", list(Route), indirect=True),
    pytest.mark.timeout(600),
]
INIT = {
    Route.VIDEO_FILE: "init_video",
    Route.INBOX_VIDEO_FILE: "init_inbox_video",
    Route.PHOTOS: "post_photos",
    Route.INBOX_PHOTOS: "upload_photos",
    Route.VIDEO_PULL: "pull_video",
    Route.INBOX_VIDEO_PULL: "pull_inbox_video",
}
# What is committed right before a call that changes something at TikTok.
BEFORE_IT = {"attempts.begin_by_file", "attempts.begin_by_pull", "sending._begin"}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    # No heart beats while a worker is frozen.
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 3600.0)


def names_of_points(way: Way, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    publication = way.due()
    with points(monkeypatch, None, lambda name: None) as watch:
        way.walk(publication)
    way.check(publication, "undisturbed")
    return watch.passed


def test_the_way_passes_every_remote_call_and_its_commits(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = names_of_points(way, monkeypatch)
    calls = [name.removeprefix("before ") for name in passed if name.removeprefix("before ") in CALLS]
    asked = [] if way.route.is_inbox else ["query_creator_info"]
    sent = [] if way.route.is_pulled else ["put_chunk", "put_chunk"]
    assert calls == [*asked, INIT[way.route], *sent, "fetch_status"]
    # What is known is committed right before and right after each call that changes something at TikTok.
    for call in (INIT[way.route], *sent[:1]):
        first = passed.index(f"before {call}")
        last = len(passed) - 1 - passed[::-1].index(f"after {call}")
        assert passed[first - 1].removeprefix("after ") in BEFORE_IT
        assert passed[last + 1] == "before engine._settle"


def test_a_worker_that_dies_at_any_point_neither_loses_nor_doubles_the_post(
    way: Way, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    names = names_of_points(way, monkeypatch)
    for number, name in enumerate(names):
        if name.startswith("after ") and number + 1 < len(names):
            continue  # nothing lasting happens between it and the point that follows
        publication = way.due()
        with points(monkeypatch, number, die) as watch, pytest.raises(Crash):
            way.walk(publication)
        assert watch.passed[-1] == name
        way.walk(publication)
        way.check(publication, f"{number}: {name}")
    assert_no_secret(caplog, way)


def test_a_worker_that_freezes_at_any_point_and_wakes_up_when_all_is_done_changes_nothing(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in points_to_freeze_at(way, monkeypatch):
        publication = way.due()

        def let_another_finish(_name: str, publication: Publication = publication) -> None:
            in_another_worker(lambda: way.walk(publication))

        with points(monkeypatch, number, let_another_finish):
            way.walk(publication)
        way.check(publication, f"{number}: {name}")


def test_cancel_pressed_at_any_point_keeps_the_post_off_tiktok_or_it_arrives_as_ever(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once while nothing whole is in TikTok's reach; then TikTok is asked, and its status tells."""
    ends = set()
    for number, name in points_to_freeze_at(way, monkeypatch):
        publication = way.due()

        def press_cancel(_name: str, publication: Publication = publication) -> None:
            in_another_worker(lambda: cancel(publication, way.user))

        with points(monkeypatch, number, press_cancel):
            way.walk(publication)
        way.walk(publication)
        publication.refresh_from_db()
        ends.add(publication.state)
        if publication.state == State.CANCELLED:
            way.check_not_sent(publication, f"{number}: {name}")
        else:
            way.check(publication, f"{number}: {name}")
    assert ends == {State.CANCELLED, way.end}


def cancel(publication: Publication, user: User) -> None:
    """Press *Cancel*, where it can still be pressed."""
    with suppress(NotPossibleError):
        cancel_publication(Publication.objects.get(pk=publication.pk), user=user)


@pytest.mark.parametrize(
    "lost",
    [
        {"kind": "reset_before"},
        {"kind": "drop_before"},
        {"kind": "reset_after"},
        {"kind": "drop_after"},
        {"kind": "truncated"},
        {"kind": "http", "status": 503, "done": True},
    ],
    ids=lambda lost: lost["kind"],
)
def test_a_lost_request_or_answer_costs_an_announcement_and_never_a_post(
    way: Way, lost: dict[str, Any]
) -> None:
    """At each of its calls, so that one post loses one after the other, and `init` by itself."""
    others: list[tuple[str, dict[str, Any]]] = [("status", {})]
    if not way.route.is_inbox:
        others.append(("creator_info", {}))
    if not way.route.is_pulled:
        others.extend(("chunk", {"chunk": number}) for number in range(2))
    for faults in (others, [(way.init_call, {})]):
        for call, which in faults:
            way.simulator.fault(call, **lost, **which)
        publication = way.due()
        way.walk(publication)
        way.check(publication, f"{faults} {lost}")
        assert publication.attempts.count() == (1 if faults is others else 2)
        unmet = [fault for fault in way.simulator.control("GET", "/faults")["faults"] if fault["times"]]
        assert not unmet


def test_an_app_that_is_removed_at_any_call_ends_truly_once_it_is_back(
    way: Way, monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> None:
    """TikTok fails what it had not finished; what it has finished stays, and what it never had is sent anew."""
    names = names_of_points(way, monkeypatch)
    calls = {f"after {name}" for name in CALLS}
    ends = []
    for number, name in enumerate(names):
        if name not in calls:
            continue
        publication = way.due()
        with points(monkeypatch, number, lambda _name: way.simulator.revoke("poppy.public")):
            way.walk(publication)
        publication.refresh_from_db()
        assert publication.state in {State.WAITING_RECONNECT, way.end}, name
        connect(as_alice, "poppy.public")
        resume_reconnected(database_now())
        way.walk(publication)
        publication.refresh_from_db()
        landed = len(way.landed(publication))
        ends.append((name.removeprefix("after "), publication.state, publication.reason, landed))
    arrived, removed = (way.end, "", 1), (State.FAILED, "auth_removed", 0)
    asked = [] if way.route.is_inbox else [("query_creator_info", *arrived)]
    # Fetched files are in TikTok's reach from `init` on, sent ones from their first byte.
    sent = [] if way.route.is_pulled else [("put_chunk", *removed), ("put_chunk", *removed)]
    init = (INIT[way.route], *(removed if way.route.is_pulled else arrived))
    if ("put_chunk", *arrived) in ends[-2:-1]:
        # TikTok was done with the last byte before its creator removed the app: as true an end as the other.
        sent = [sent[0], ("put_chunk", *arrived)]
    assert ends == [*asked, init, *sent, ("fetch_status", *arrived)]


def points_to_freeze_at(way: Way, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The first point and whatever follows a call or a commit.

    A frozen transaction holds the row, so nobody can come in between; and between one point's "after" and the
    next one's "before" nothing happens.
    """
    names = names_of_points(way, monkeypatch)
    return [(number, name) for number, name in enumerate(names) if number == 0 or name.startswith("after ")]


def assert_no_secret(caplog: pytest.LogCaptureFixture, way: Way) -> None:
    """Neither in a log line nor in a row: tokens and upload addresses are sealed, those of files only hashed."""
    pulls = [pull["url"] for post in way.simulator.posts() for pull in post["pulls"]]
    secrets = {url.split("/")[-2] for url in pulls}
    assert bool(secrets) == way.route.is_pulled
    models = [
        model
        for app in ("accounts", "composer", "publishing")
        for model in apps.get_app_config(app).get_models()
    ]
    texts = [caplog.text]
    texts.extend(serializers.serialize("json", model._default_manager.all()) for model in models)
    for secret in {TOKEN_MARK, *secrets}:
        assert not any(secret in text for text in texts), secret
