"""TikTok's caps over 24 hours: counted, learned, waited for; one account's pause is nobody else's."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import Kind, Notification, TikTokAccount, User
from publishing.caps import (
    TOO_MANY_CREATORS,
    TOO_MANY_POSTS,
    USUAL_POSTS,
    client_usage,
    end_pause,
    find_pause,
    posts_per_day,
    usage_of,
    write_pause,
)
from publishing.caps import Pause as CapPause
from publishing.engine import advance
from publishing.models import AttemptOutcome, ClientPause, PostingCap, Publication, Route
from publishing.reasons import Reason
from publishing.states import State
from tests.consent import connect
from tests.factories import make_account, make_attempt, make_post, make_publication
from tests.processes import Simulator
from tests.publishing.driving import due, film, run, skip_wait, states_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]

DAY = timedelta(hours=24)
SLACK = timedelta(seconds=5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return film(tmp_path)


def step(publication: Publication) -> Publication:
    skip_wait(publication)
    advance(publication.pk)
    publication.refresh_from_db()
    return publication


def steps(publication: Publication, count: int = 2) -> Publication:
    for _ in range(count):
        step(publication)
    return publication


def posted(account: TikTokAccount, user: User, *, hours: float = 1, **fields: Any) -> Publication:
    """A direct post of so long ago."""
    publication = make_publication(make_post(account.workspace, account=account), user=user)
    make_attempt(
        publication,
        init_started_at=database_now() - timedelta(hours=hours),
        **{"outcome": AttemptOutcome.PUBLISHED, **fields},
    )
    return publication


def pause_row(account: TikTokAccount) -> PostingCap:
    return PostingCap.objects.get(account=account)


# --- Counting ---------------------------------------------------------------------------------------------


def test_what_counts_as_a_post_of_the_last_24_hours(account: TikTokAccount, alice: User) -> None:
    now = database_now()
    assert usage_of(account, now=now).count == 0
    posted(account, alice, hours=23)
    posted(account, alice, outcome=AttemptOutcome.OPEN)
    posted(account, alice, hours=25)
    posted(account, alice, outcome=AttemptOutcome.FAILED)
    posted(account, alice, publish_id=None, outcome=AttemptOutcome.OPEN)
    posted(account, alice, route=Route.INBOX_VIDEO_FILE, outcome=AttemptOutcome.DELIVERED)
    posted(make_account(account.workspace), alice)
    usage = usage_of(account, now=now)
    assert (usage.count, usage.cap, usage.is_learned, usage.is_full) == (2, USUAL_POSTS, False, False)
    assert usage.room_at is None


def test_a_post_counts_from_when_its_last_bytes_went_out(account: TikTokAccount, alice: User) -> None:
    now = database_now()
    began = {"init_started_at": now - DAY - timedelta(minutes=30)}
    publication = make_publication(make_post(account.workspace, account=account), user=alice)
    last_bytes = now - DAY + timedelta(minutes=20)
    make_attempt(publication, final_intent_at=last_bytes, outcome=AttemptOutcome.PUBLISHED, **began)
    PostingCap.objects.create(account=account, cap=1)
    usage = usage_of(account, now=now)
    assert (usage.count, usage.room_at) == (1, last_bytes + DAY)


# --- A refusal, wherever it comes from --------------------------------------------------------------------


@pytest.mark.parametrize("where", ["creator_info", "video_init", "status"])
def test_after_too_many_posts_the_account_rests_and_the_post_waits(
    where: str, simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    posted(poppy, alice, hours=20)
    posted(poppy, alice, hours=3)
    publication = due(poppy, path, user=alice)
    if where == "status":
        simulator.fault("status", "fail_reason", reason=TOO_MANY_POSTS)
    else:
        status = 200 if where == "creator_info" else 403
        simulator.fault(where, "error", code=TOO_MANY_POSTS, status=status)
    publication = run(publication, until=lambda p: p.reason == TOO_MANY_POSTS)
    assert publication.state == State.STARTING
    row = pause_row(poppy)
    assert row.paused_until is not None
    now = database_now()
    # Until the older of the two leaves the 24 hours.
    assert abs(row.paused_until - (now + timedelta(hours=4))) < SLACK
    assert row.paused_code == TOO_MANY_POSTS
    assert (row.cap, row.learned_from) == (2, TOO_MANY_POSTS)
    assert publication.next_try_at is not None
    assert abs(publication.next_try_at - row.paused_until) < SLACK
    assert Notification.objects.filter(kind=Kind.PAUSED, account=poppy).count() == 1
    # Nothing more is asked, of this post or another of the account, while it rests.
    calls = simulator.ledger()["calls"]
    other = steps(due(poppy, path, user=alice), 3)
    step(publication)
    assert simulator.ledger()["calls"] == calls
    assert (other.state, other.reason) == (State.STARTING, TOO_MANY_POSTS)
    assert other.events.filter(name="waits_for_room").count() == 1
    # When the time has come it goes out, once.
    PostingCap.objects.update(paused_until=now)
    assert run(publication).state == State.PUBLISHED
    out = [post for post in simulator.posts() if post["status"] == "PUBLISH_COMPLETE"]
    assert len(out) == 1


def test_other_accounts_are_not_touched(
    simulator: Simulator, poppy: TikTokAccount, alice: User, as_alice: Client, path: Path
) -> None:
    connect(as_alice, "dana.noduet")
    dana = TikTokAccount.objects.get(username="dana.noduet")
    simulator.fault("creator_info", "error", code=TOO_MANY_POSTS, status=200)
    waiting = steps(due(poppy, path, user=alice), 2)
    assert waiting.reason == TOO_MANY_POSTS
    assert find_pause(dana, now=database_now()) is None
    assert run(due(dana, path, user=alice)).state == State.PUBLISHED


def test_without_a_post_of_ours_the_pause_is_three_hours_and_nothing_is_learned(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("creator_info", "error", code=TOO_MANY_POSTS, status=200)
    steps(due(poppy, path, user=alice), 2)
    row = pause_row(poppy)
    assert row.cap is None
    assert row.paused_until is not None
    assert abs(row.paused_until - (database_now() + timedelta(hours=3))) < SLACK


def test_a_draft_does_not_wait_for_room_among_the_posts(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    now = database_now()
    write_pause(poppy, CapPause(TOO_MANY_POSTS, now + DAY), now=now)
    publication = due(poppy, path, user=alice, destination="inbox")
    assert run(publication, until=lambda p: p.state == State.IN_INBOX).state == State.IN_INBOX


def test_a_person_may_end_the_pause(
    simulator: Simulator, poppy: TikTokAccount, alice: User, as_alice: Client, as_bob: Client, path: Path
) -> None:
    simulator.fault("creator_info", "error", code=TOO_MANY_POSTS, status=200)
    publication = steps(due(poppy, path, user=alice), 2)
    page = as_alice.get(reverse("publishing:post-detail", args=[publication.post_id])).text
    assert "Waiting its turn" in page
    assert "TikTok takes no more posts for this account right now" in page
    address = reverse("publishing:pause-end", args=[poppy.pk])
    assert address in page
    assert as_bob.post(address).status_code == 404
    assert pause_row(poppy).is_paused(database_now())
    answer = as_alice.post(address, {"post": publication.post_id})
    assert answer["Location"] == reverse("publishing:post-detail", args=[publication.post_id])
    row = pause_row(poppy)
    assert (row.paused_until, row.ended_by) == (None, alice)
    assert not end_pause(poppy, user=alice), "pressed twice"
    publication.refresh_from_db()
    assert publication.next_try_at is not None
    assert publication.next_try_at <= database_now()
    assert run(publication).state == State.PUBLISHED


def test_what_waited_longer_than_its_workspace_allows_is_held_when_its_turn_comes(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("creator_info", "error", code=TOO_MANY_POSTS, status=200)
    publication = steps(due(poppy, path, user=alice), 2)
    Publication.objects.update(due_at=database_now() - timedelta(hours=1, minutes=55))
    step(publication)
    assert publication.state == State.STARTING, "while the account rests it only waits"
    Publication.objects.update(due_at=database_now() - timedelta(hours=2, minutes=5))
    PostingCap.objects.update(paused_until=database_now())
    step(publication)
    assert (publication.state, publication.reason) == (State.HELD, Reason.MISSED)
    assert simulator.posts() == []


def test_a_post_that_tiktok_keeps_failing_for_it_ends_after_three(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("status", "fail_reason", reason=TOO_MANY_POSTS, times=None)
    publication = due(poppy, path, user=alice)
    for _ in range(3):
        run(publication, until=lambda p: p.reason == TOO_MANY_POSTS and p.lease_token is None)
        PostingCap.objects.update(paused_until=database_now())
        publication = step(publication) if publication.state == State.STARTING else publication
    simulator.clear_faults()
    publication = run(publication)
    assert (publication.state, publication.reason) == (State.FAILED, TOO_MANY_POSTS)
    assert states_of(publication).count("starting") == 3


# --- Learning ---------------------------------------------------------------------------------------------


def test_the_cap_is_learned_upwards_when_more_pass(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    PostingCap.objects.create(account=poppy, cap=2, learned_at=database_now(), learned_from=TOO_MANY_POSTS)
    for _ in range(2):
        posted(poppy, alice)
    assert usage_of(poppy, now=database_now()).is_full
    assert run(due(poppy, path, user=alice)).state == State.PUBLISHED, "a cap once learned stops nothing"
    row = pause_row(poppy)
    assert (row.cap, row.learned_from) == (3, "published")
    other = make_account(poppy.workspace)
    assert posts_per_day([poppy.pk, other.pk]) == {poppy.pk: 3, other.pk: USUAL_POSTS}


# --- Creators of the whole client -------------------------------------------------------------------------


def test_the_cap_on_creators_stops_only_those_who_have_not_posted(
    simulator: Simulator, poppy: TikTokAccount, alice: User, as_alice: Client, path: Path
) -> None:
    connect(as_alice, "dana.noduet")
    dana = TikTokAccount.objects.get(username="dana.noduet")
    posted(dana, alice, hours=10)
    simulator.fault("creator_info", "error", code=TOO_MANY_CREATORS, status=200, creator="poppy.public")
    waiting = steps(due(poppy, path, user=alice), 2)
    assert (waiting.state, waiting.reason) == (State.STARTING, TOO_MANY_CREATORS)
    row = ClientPause.objects.get(client_key=poppy.client_key)
    assert row.creators == 1
    assert abs(row.paused_until - (database_now() + timedelta(hours=14))) < SLACK
    assert run(due(dana, path, user=alice)).state == State.PUBLISHED
    ClientPause.objects.update(paused_until=database_now())
    assert run(waiting).state == State.PUBLISHED


def test_a_cap_known_from_the_audit_is_kept_without_asking(
    account: TikTokAccount, alice: User, settings: Any
) -> None:
    settings.TIKTOK_ACTIVE_CREATORS = 2
    now = database_now()
    for hours in (20, 3):
        posted(make_account(account.workspace, client_key=account.client_key), alice, hours=hours)
    usage = client_usage(account.client_key, now=now)
    assert (usage.count, usage.cap) == (2, 2)
    pause = find_pause(account, now=now)
    assert pause is not None
    assert pause.code == TOO_MANY_CREATORS
    assert abs(pause.until - (now + timedelta(hours=4))) < SLACK
    posted(account, alice)
    assert find_pause(account, now=now) is None, "who has posted already is no further creator"


@pytest.mark.rule("U-1", at="worker")
def test_before_the_audit_five_creators_may_post(account: TikTokAccount, settings: Any) -> None:
    settings.TIKTOK_CLIENT_AUDITED = False
    assert client_usage(account.client_key, now=database_now()).cap == 5
    settings.TIKTOK_CLIENT_AUDITED = True
    assert client_usage(account.client_key, now=database_now()).cap is None


# --- Meters -----------------------------------------------------------------------------------------------


def test_the_meter_says_how_much_is_used_and_until_when_it_rests(
    account: TikTokAccount, alice: User, as_alice: Client, as_bob: Client
) -> None:
    address = reverse("publishing:posting-meter", args=[account.pk])
    assert as_bob.get(address).status_code == 404
    posted(account, alice)
    words = " ".join(as_alice.get(address).text.split())
    assert "1 of about 15" in words
    assert "TikTok tells no number" in words
    PostingCap.objects.create(account=account, cap=1)
    words = " ".join(as_alice.get(address).text.split())
    assert "1 of about 1" in words
    assert "The next place gets free" in words
    now = database_now()
    write_pause(account, CapPause(TOO_MANY_POSTS, now + DAY), now=now)
    words = " ".join(as_alice.get(address).text.split())
    assert "TikTok takes no more posts for this account right now." in words
    assert "Try now" not in words, "the composer's form cannot hold another"
    assert "Try now" in as_alice.get(address, {"form": ""}).text


def test_the_pages_fetch_the_meter(account: TikTokAccount, as_alice: Client) -> None:
    address = reverse("publishing:posting-meter", args=[account.pk])
    assert f'hx-get="{address}?form"' in as_alice.get(reverse("accounts:account-list")).text
    post = make_post(account.workspace, account=account)
    assert f'hx-get="{address}"' in as_alice.get(reverse("composer:post-edit", args=[post.pk])).text
