"""A worker that is cut off from its database, or dies, at any named point: in whatever state that leaves a post.

One post is struck many times on its way, at each point once; every point is struck although a post has only a few
announcements to lose.
"""

import itertools
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import Error, InterfaceError, InternalError, OperationalError, transaction
from django.test import Client

from accounts import hosts
from accounts.clock import database_now
from accounts.models import TikTokAccount, TokenPair
from publishing import engine, heartbeats, init_file
from publishing.engine import advance
from publishing.heartbeats import Heartbeat
from publishing.models import Lease, Publication, PublicationQuerySet, Route
from publishing.services import resume_reconnected
from publishing.starting import leave_schedule
from publishing.states import FINAL_STATES, State
from publishing.steps import Result, Step
from tests.consent import connect
from tests.factories import make_publication
from tests.processes import ROOT, Simulator
from tests.publishing import crashing
from tests.publishing.crashing import (
    CALLS,
    COMMITS,
    NAMED,
    Crash,
    UnnamedError,
    begin_next_task,
    cut,
    die,
    points,
)
from tests.publishing.ways import CHUNK, Way, make_way
from tiktok import ChunkPlan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

KINDS = [Route.VIDEO_FILE, Route.INBOX_VIDEO_FILE, Route.PHOTOS, Route.INBOX_PHOTOS]
# A draft may be announced three times: two may be lost.
LOST_ANNOUNCEMENTS = 2
# After twelve without progress a post fails.
TRIES = 6
GOES_ON_WITHIN = timedelta(seconds=20)
# Met only where something else has gone wrong; the tests that take them there.
MET_ELSEWHERE = {
    "pull_video": "test_crash_points",
    "pull_inbox_video": "test_crash_points",
    "pulls.settle_by_log": "test_without_a_gate",
    "attempts._leave_unanswered": "test_without_a_gate",
    "tokens._needs_reconnect": "test_refresh_dies",
    "heartbeats._write": "test_heartbeats",
}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_file, "plan_chunks", lambda size: ChunkPlan(size, CHUNK, size // CHUNK))
    # No heart beats in between: its commits are not this thread's.
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 3600.0)


def strike_everywhere(
    way: Way,
    monkeypatch: pytest.MonkeyPatch,
    strike: Callable[[str], None],
    *,
    skip: Callable[[str], bool] = lambda name: False,
    prepare: Callable[[Publication], None] = lambda publication: None,
) -> Counter[str]:
    """Send posts until a worker was struck at each point of each state once; returns how often at which.

    `prepare` is called before each step. Every post must arrive, once.
    """
    struck: set[tuple[str, str, int]] = set()
    while True:
        known = len(struck)
        publication = way.due()
        for _ in range(150):
            publication.refresh_from_db()
            if publication.state in FINAL_STATES | {way.end, State.HELD}:
                break
            way.prepare_step(publication)
            prepare(publication)
            _take_struck_step(publication, struck, monkeypatch, strike, skip)
        way.check(publication, f"struck at {len(struck) - known} points")
        if len(struck) == known:
            return Counter(name for _state, name, _nth in struck)


def _take_struck_step(
    publication: Publication,
    struck: set[tuple[str, str, int]],
    monkeypatch: pytest.MonkeyPatch,
    strike: Callable[[str], None],
    skip: Callable[[str], bool],
) -> None:
    """One step, struck at its first point that no step in this state was struck at before."""
    state, passed = publication.state, Counter[str]()
    lost = publication.attempts.filter(init_finished_at=None).count()
    is_open = state != State.STARTING or (lost < LOST_ANNOUNCEMENTS and publication.tries < TRIES)
    hit = ""

    def is_next(name: str) -> bool:
        nonlocal hit, is_open
        passed[name] += 1
        key = (state, name, passed[name])
        if not is_open or key in struck or skip(name):
            return False
        struck.add(key)
        hit, is_open = name, False
        return True

    try:
        with points(monkeypatch, is_next, strike):
            advance(publication.pk)
    except (Crash, Error, sqlite3.Error):
        assert hit, "nothing was struck"
    begin_next_task()
    if hit:
        assert_row_says_what_to_do(publication, hit)


def assert_row_says_what_to_do(publication: Publication, point: str) -> None:
    """Taken up again in time, by a worker that knows nothing but the row."""
    row = Publication.objects.get(pk=publication.pk)
    if row.state in {State.PUBLISHED, State.IN_INBOX, State.WAITING_RECONNECT}:
        return
    assert row.next_try_at is not None, point
    if row.waiting_for != "tiktok":
        now = database_now()
        assert max(row.next_try_at, row.lease_until or now) - now <= GOES_ON_WITHIN, point


@pytest.mark.slow
@pytest.mark.parametrize("way", KINDS, indirect=True)
def test_a_worker_cut_off_from_its_database_at_any_point_neither_loses_nor_doubles_the_post(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    with points(monkeypatch, None, lambda _name: None) as watch:
        publication = way.due()
        way.walk(publication)
    calls = {f"before {name}" for name in CALLS}
    # Nobody asks the database during a call: cut before it or after it is the same.
    struck = strike_everywhere(way, monkeypatch, cut, skip=calls.__contains__)
    missed = Counter(name for name in watch.passed if name not in calls)
    missed.subtract(struck)
    assert not +missed


@pytest.mark.slow
@pytest.mark.parametrize("way", [Route.INBOX_PHOTOS], indirect=True)
@pytest.mark.parametrize("strike", [die, cut])
def test_struck_where_other_things_go_wrong_too_the_post_arrives_once(
    way: Way, strike: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> None:
    struck = strike_everywhere(
        way, monkeypatch, strike, prepare=in_a_hard_world(way, monkeypatch, as_alice), skip=_is_undone
    )
    assert {name.removeprefix("before ").removeprefix("after ") for name in struck} >= HARD_NAMES


def _is_undone(name: str) -> bool:
    """Between the end of one thing and the beginning of the next nothing lasting happens."""
    return name.startswith("after ") and name.removeprefix("after ") in CALLS


HARD_NAMES = {
    "cancel", "fetch_user_info", "refresh", "attempts.judge_failed_init", "cancelling.ask_to_cancel",
    "hosts.give_back", "hosts.note_answer", "hosts.note_silence", "hosts.take_turn",
    "tokens._claim", "tokens._give_back", "tokens._settle_granted",
}  # fmt: skip


def in_a_hard_world(
    way: Way, monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> Callable[[Publication], None]:
    """To be called before each step of a post: its token has died, TikTok is silent at times, and it is unwanted.

    The wish to cancel comes when TikTok has it whole, so that it arrives all the same. An account whose refresh
    was lost together with its worker is connected anew, as a person does it.
    """
    # One silence makes a host count as silent, instead of five.
    monkeypatch.setattr(hosts, "SILENCES", 1)
    begun: set[int] = set()
    steps = itertools.count()

    def prepare(publication: Publication) -> None:
        if publication.pk not in begun:
            begun.add(publication.pk)
            way.simulator.expire("poppy.public")
        way.simulator.clear_faults()
        if next(steps) % 3:
            way.simulator.fault("refresh", "http", status=503)
            way.simulator.fault("status", "http", status=503)
        # Nor does anybody wait for a refresh whose worker died.
        TokenPair.objects.filter(refresh_until__isnull=False).update(refresh_until=publication.created_at)
        rows = Publication.objects.filter(pk=publication.pk)
        rows.filter(state=State.PROCESSING, cancel_asked_at=None).update(cancel_asked_at=database_now())
        if publication.state == State.WAITING_RECONNECT:
            connect(as_alice, "poppy.public")
            resume_reconnected(database_now())

    return prepare


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the connection is closed"),
        InterfaceError("connection already closed"),
        InternalError("terminating connection due to idle-in-transaction timeout"),
        sqlite3.ProgrammingError("Cannot operate on a closed database."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_the_driver_calls_it_the_step_ends_like_a_death(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = make_publication(next_try_at=database_now() - timedelta(seconds=1))

    def break_off(_step: Step) -> Result:
        raise error

    monkeypatch.setitem(engine._STEPS, State.SCHEDULED, break_off)
    with pytest.raises(type(error)):
        advance(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.tries, publication.lease_epoch) == (State.SCHEDULED, 0, 1)
    assert publication.lease_until is not None, "it was given back by somebody who cannot know how it stands"


# --- The hook itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [Route.VIDEO_FILE], indirect=True)
def test_every_name_in_the_lists_is_passed_by_some_post(
    way: Way, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, as_alice: Client
) -> None:
    """A name that nothing passes would only look like a point of the matrix."""
    passed: set[str] = set()
    for route in KINDS:
        folder = tmp_path / route
        folder.mkdir()
        each = make_way(route, way.simulator, way.account, way.user, folder, settings, way.numbers)
        # The last one in the hard world as well.
        worlds = [lambda publication: None]
        if route is KINDS[-1]:
            worlds.append(in_a_hard_world(each, monkeypatch, as_alice))
        for prepare in worlds:
            publication = each.due()
            with points(monkeypatch, None, lambda _name: None) as watch:
                while publication.state != each.end:
                    each.prepare_step(publication)
                    prepare(publication)
                    advance(publication.pk)
                    publication.refresh_from_db()
            passed.update(name.removeprefix("before ").removeprefix("after ") for name in watch.passed)
    assert passed == (CALLS | COMMITS) - MET_ELSEWHERE.keys()
    for module in MET_ELSEWHERE.values():
        assert list((ROOT / "tests").rglob(f"{module}.py")), module


def commit_without_a_name(step: Step) -> Result:
    TikTokAccount.objects.filter(pk=step.publication.account_id).update(state_reason="")
    return leave_schedule(step)


def transaction_without_a_name(step: Step) -> Result:
    with transaction.atomic():
        return commit_without_a_name(step)


def call_without_a_name(step: Step) -> Result:
    httpx.get(f"{step.publication.account.avatar_source}?secret", trust_env=False)
    return leave_schedule(step)


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (commit_without_a_name, "test_cut_off.commit_without_a_name"),
        (transaction_without_a_name, "test_cut_off.transaction_without_a_name"),
        (call_without_a_name, "GET http://"),
    ],
)
def test_a_run_that_meets_an_unnamed_call_or_commit_fails(
    step: Callable[[Step], Result], name: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = (make_publication(next_try_at=database_now() - timedelta(seconds=1)) for _ in range(2))
    TikTokAccount.objects.update(avatar_source=f"{simulator.url}/_simulator/health")
    with points(monkeypatch, None, lambda _name: None):
        assert advance(known.pk)
    monkeypatch.setitem(engine._STEPS, State.SCHEDULED, step)
    with (
        pytest.raises(UnnamedError, match=f"{name}[^?]*$"),
        points(monkeypatch, None, lambda _name: None),
    ):
        advance(other.pk)


def test_what_the_heart_commits_passes_the_hook_too(monkeypatch: pytest.MonkeyPatch) -> None:
    publication = make_publication(next_try_at=database_now() - timedelta(seconds=1))
    lease = Publication.objects.claim(publication.pk, seconds=15)
    assert lease is not None
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(crashing, "NAMED", NAMED - {"heartbeats._write"})
    with (
        pytest.raises(UnnamedError, match=r"heartbeats\._write"),
        points(monkeypatch, None, lambda _name: None),
        Heartbeat(lease),
    ):
        time.sleep(0.5)


def test_a_heart_that_is_cut_off_beats_on_with_a_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    publication = make_publication(next_try_at=database_now() - timedelta(seconds=1))
    lease = Publication.objects.claim(publication.pk, seconds=15)
    assert lease is not None
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.05)
    renew, cuts = PublicationQuerySet.renew, []

    def renew_cut_off(rows: PublicationQuerySet, lease: Lease) -> bool:
        if not cuts:
            cuts.append(threading.current_thread().name)
            cut("before renewing")
        return renew(rows, lease)

    monkeypatch.setattr(PublicationQuerySet, "renew", renew_cut_off)
    with Heartbeat(lease) as heartbeat:
        time.sleep(0.8)
        heartbeat.raise_if_lost()
    assert cuts == [f"heartbeat-{publication.pk}"]
    before = Publication.objects.get(pk=publication.pk).version
    assert before > 3, "the claim alone makes it 2"
