"""TikTok is down for hours: one try at a time, nothing fails for it, and everything catches up by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.hosts import (
    API,
    SILENCES,
    api_host,
    give_back,
    is_silent,
    name_of,
    note_answer,
    note_silence,
    take_turn,
)
from accounts.models import Host, TikTokAccount, User
from composer.models import Destination
from publishing.budgets import LIMITS, Endpoint
from publishing.engine import advance
from publishing.models import AccountCall, Publication
from publishing.states import State
from tests.at_once import at_once
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, run

pytestmark = pytest.mark.django_db(transaction=True)

CALLS = ("creator_info", "video_init", "inbox_init", "status", "user_info", "refresh", "chunk")
OUTAGE = timedelta(hours=2)
CATCH_UP = timedelta(minutes=5)
NAME = f"{API} open.example.com"


# --- One host -------------------------------------------------------------------------------------------


def silence(times: int = SILENCES) -> Host:
    for _ in range(times):
        note_silence(NAME, chance=lambda: 0.5)
    return Host.objects.get(name=NAME)


def test_opens_after_five_in_a_row_and_not_before() -> None:
    silence(SILENCES - 1)
    note_answer(NAME)
    assert silence(SILENCES - 1).silent_since is None
    assert take_turn(NAME, now=database_now()).wait == 0
    assert silence(1).silent_since is not None
    assert take_turn(NAME, now=database_now(), chance=lambda: 0.0).wait == pytest.approx(5.0, abs=0.5)


def test_one_of_many_may_try_and_the_rest_wait() -> None:
    silence()
    Host.objects.update(next_try_at=database_now() - timedelta(seconds=1))
    now = database_now()
    turns = at_once(*[lambda: take_turn(NAME, now=now)] * 8)
    assert sum(turn.wait == 0 for turn in turns) == 1
    assert min(turn.wait for turn in turns if turn.wait) >= 5.0


@pytest.mark.parametrize(("seconds", "gap"), [(0, 5.0), (20, 20.0), (7200, 60.0)])
def test_tries_come_ever_more_rarely(seconds: int, gap: float) -> None:
    silence()
    Host.objects.update(silent_since=database_now() - timedelta(seconds=seconds))
    host = silence(1)
    assert host.next_try_at is not None
    assert (host.next_try_at - database_now()).total_seconds() == pytest.approx(gap, abs=1)


def test_a_try_that_called_nobody_is_the_next_ones() -> None:
    silence()
    now = database_now() + timedelta(seconds=6)
    turn = take_turn(NAME, now=now)
    assert turn.wait == 0
    assert take_turn(NAME, now=now).wait > 0
    give_back(turn, now=now)
    assert take_turn(NAME, now=now).wait == 0


def test_a_try_that_found_silence_is_nobodys_for_a_while() -> None:
    silence()
    now = database_now() + timedelta(seconds=6)
    turn = take_turn(NAME, now=now)
    silence(1)
    give_back(turn, now=now)
    assert take_turn(NAME, now=database_now()).wait > 0


def test_the_first_answer_lets_everybody_go_on() -> None:
    silence()
    note_answer(NAME)
    assert not is_silent(NAME)
    assert Host.objects.values_list("silences", "silent_since", "next_try_at").get() == (0, None, None)


def test_names_hold_no_secret_of_an_address() -> None:
    assert (
        name_of("upload", "https://key@Host.example:8/video/?upload_token=secret") == "upload host.example:8"
    )


# --- An outage of two hours -------------------------------------------------------------------------------


class Clock:
    """Time that passes by moving everything else into the past."""

    def __init__(self) -> None:
        self.passed = timedelta(0)

    def skip_to_the_next_step(self) -> None:
        now = database_now()
        moments = Publication.objects.exclude(next_try_at=None).values_list("next_try_at", flat=True)
        by = max(min(moments) - now, timedelta(0))
        self.passed += by
        Publication.objects.exclude(next_try_at=None).update(next_try_at=F("next_try_at") - by)
        Host.objects.exclude(silent_since=None).update(
            silent_since=F("silent_since") - by, next_try_at=F("next_try_at") - by
        )
        AccountCall.objects.update(at=F("at") - by)


def steps(clock: Clock, until: timedelta) -> Iterator[datetime]:
    """Every step that is due until then, as the sweep would hand them out."""
    while clock.passed < until:
        clock.skip_to_the_next_step()
        now = database_now()
        for pk in list(Publication.objects.due(now).values_list("pk", flat=True)):
            advance(pk)
        yield now


@pytest.fixture
def posts(simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path) -> list[Publication]:
    """One that TikTok works on, two that are not announced yet, one of them a draft."""
    sent = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.PROCESSING))
    fresh = due(poppy, film(tmp_path), user=alice)
    draft = due(poppy, film(tmp_path), user=alice, destination=Destination.INBOX)
    return [sent, fresh, draft]


def states(posts: list[Publication]) -> list[str]:
    for publication in posts:
        publication.refresh_from_db()
    return [publication.state for publication in posts]


@pytest.mark.slow
def test_two_hours_without_tiktok_lose_nothing_and_are_caught_up_with(
    simulator: Simulator, posts: list[Publication], as_alice: Client
) -> None:
    assert LIMITS[Endpoint.CREATOR_INFO] > SILENCES
    for call in CALLS:
        simulator.fault(call, "http", status=503, times=None)
    before = sum(simulator.ledger()["calls"].values())
    clock = Clock()
    for _ in steps(clock, OUTAGE):
        pass
    probes = sum(simulator.ledger()["calls"].values()) - before
    assert is_silent(api_host())
    assert SILENCES < probes <= OUTAGE.total_seconds() / 10
    assert states(posts) == [State.PROCESSING, State.STARTING, State.STARTING]
    assert all(publication.attempts.count() <= 1 for publication in posts)
    for publication in posts:
        page = as_alice.get(reverse("publishing:post-detail", args=[publication.post_id])).content.decode()
        assert "TikTok does not answer at the moment. This goes on by itself as soon as it does." in page

    simulator.clear_faults()
    back = Clock()
    ends = [State.PUBLISHED, State.PUBLISHED, State.IN_INBOX]
    for _ in steps(back, CATCH_UP):
        if states(posts) == ends:
            break
    assert states(posts) == ends
    assert not is_silent(api_host())
    landed = [post["status"] for post in simulator.posts() if post["status"] != "PROCESSING_UPLOAD"]
    assert sorted(landed) == ["PUBLISH_COMPLETE", "PUBLISH_COMPLETE", "SEND_TO_USER_INBOX"]
    print(f"{probes} calls in 2 h of silence; caught up in {back.passed.total_seconds():.0f} s")


def test_an_upload_host_that_is_silent_holds_up_uploads_alone(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path, monkeypatch: Any
) -> None:
    uploading = run(due(poppy, film(tmp_path), user=alice), until=in_state(State.UPLOADING))
    simulator.fault("chunk", "http", status=503, times=None)
    clock = Clock()
    for _ in steps(clock, timedelta(minutes=10)):
        pass
    assert states([uploading]) == [State.UPLOADING]
    assert uploading.waiting_for == "tiktok"
    assert not is_silent(api_host())
    simulator.clear_faults()
    for _ in steps(Clock(), CATCH_UP):
        if states([uploading]) == [State.PUBLISHED]:
            break
    assert states([uploading]) == [State.PUBLISHED]


# --- TikTok's rate ----------------------------------------------------------------------------------------


def test_waiting_for_tiktoks_rate_is_shown_as_that(
    poppy: TikTokAccount, alice: User, as_alice: Client, tmp_path: Path
) -> None:
    now = database_now()
    for _ in range(LIMITS[Endpoint.INIT]):
        AccountCall.objects.create(account=poppy, endpoint=Endpoint.INIT, at=now)
    publication = due(poppy, film(tmp_path), user=alice)
    assert advance(publication.pk)
    assert advance(publication.pk)
    page = as_alice.get(reverse("publishing:post-detail", args=[publication.post_id])).content.decode()
    assert "Waiting its turn" in page
    assert "TikTok takes only a few posts a minute from one account." in page
    assert "Next try" in page
    AccountCall.objects.all().delete()
    run(publication)
    page = as_alice.get(reverse("publishing:post-detail", args=[publication.post_id])).content.decode()
    assert "Waiting its turn" not in page
