"""Permissions are kept alive: refreshed before a post needs them and weekly; people are warned before one ends."""

from datetime import datetime, timedelta

import pytest

from accounts.clock import database_now
from accounts.keeping import keep_alive, refresh_ahead, warn_of_endings
from accounts.models import KEEP_ALIVE_AFTER, AccountState, Kind, Notification, TikTokAccount, TokenPair
from accounts.tokens import REFRESH_BEFORE_END, access_token_for
from publishing.models import Publication
from publishing.states import State
from publishing.tasks import REFRESH_AHEAD
from tests.factories import make_post, make_publication
from tests.processes import Simulator

pytestmark = pytest.mark.django_db

ENDS = timedelta(hours=2)
A_MINUTE = timedelta(minutes=1)


def publication_due(account: TikTokAccount, at: datetime) -> Publication:
    return make_publication(make_post(account.workspace, account=account), due_at=at, next_try_at=at)


def needing(now: datetime) -> list[tuple[int, datetime]]:
    return list(Publication.objects.needing_tokens(now, within=REFRESH_AHEAD))


def end_of_access(account: TikTokAccount) -> datetime:
    return TokenPair.objects.get(account=account).access_expires_at


# --- Before a post --------------------------------------------------------------------------------------------


def test_ten_minutes_before_a_post_tokens_that_will_have_ended_are_found(poppy: TikTokAccount) -> None:
    due_at = end_of_access(poppy)
    publication_due(poppy, due_at)
    assert needing(due_at - REFRESH_AHEAD - A_MINUTE) == [], "too early"
    assert needing(due_at - REFRESH_AHEAD) == [(poppy.pk, due_at)]
    assert needing(due_at) == [], "now the worker looks itself"


def test_tokens_that_will_still_be_good_are_left_alone(poppy: TikTokAccount) -> None:
    due_at = end_of_access(poppy) - REFRESH_BEFORE_END
    publication_due(poppy, due_at)
    assert needing(due_at - A_MINUTE) == []


def test_only_for_posts_that_will_go_out_by_themselves(poppy: TikTokAccount) -> None:
    due_at = end_of_access(poppy)
    for state in set(State) - {State.SCHEDULED}:
        post = make_post(poppy.workspace, account=poppy)
        make_publication(post, state=state, due_at=due_at, next_try_at=due_at)
    assert needing(due_at - A_MINUTE) == []
    publication_due(poppy, due_at)
    assert needing(due_at - A_MINUTE) == [(poppy.pk, due_at)]
    TikTokAccount.objects.update(state=AccountState.NEEDS_RECONNECT)
    assert needing(due_at - A_MINUTE) == []


def test_an_account_with_many_posts_is_named_once_with_the_last(poppy: TikTokAccount) -> None:
    due_at = end_of_access(poppy)
    for minutes in range(3):
        publication_due(poppy, due_at + minutes * A_MINUTE)
    assert needing(due_at - A_MINUTE * 2) == [(poppy.pk, due_at + 2 * A_MINUTE)]


def test_they_are_refreshed_once_and_the_post_needs_no_other(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    due_at = end_of_access(poppy)
    publication_due(poppy, due_at)
    early = due_at - REFRESH_AHEAD
    good_until = due_at + REFRESH_BEFORE_END
    assert refresh_ahead(poppy.pk, good_until=good_until, now=early)
    assert refresh_ahead(poppy.pk, good_until=good_until, now=early + A_MINUTE)
    assert needing(early + A_MINUTE) == []
    access_token_for(poppy, now=due_at)
    assert simulator.calls("refresh") == 1


def test_a_token_that_never_lasts_so_long_is_not_refreshed_again_and_again(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    simulator.switch(access_seconds=60)
    due_at = end_of_access(poppy)
    publication_due(poppy, due_at)
    early = due_at - REFRESH_AHEAD
    for seconds in range(0, 600, 30):
        now = early + timedelta(seconds=seconds)
        for account_id, last_at in needing(now):
            refresh_ahead(account_id, good_until=last_at + REFRESH_BEFORE_END, now=now)
    assert simulator.calls("refresh") == 1


def test_a_dead_account_is_found_before_the_hour_and_its_people_are_told(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    due_at = end_of_access(poppy)
    publication_due(poppy, due_at)
    simulator.revoke("poppy.public")
    early = due_at - REFRESH_AHEAD
    assert not refresh_ahead(poppy.pk, good_until=due_at + REFRESH_BEFORE_END, now=early)
    poppy.refresh_from_db()
    assert poppy.state == AccountState.NEEDS_RECONNECT
    told = Notification.objects.get()
    assert (told.kind, told.reason) == (Kind.NEEDS_RECONNECT, "refresh_refused")
    assert needing(early + A_MINUTE) == []


def test_a_fault_on_the_way_changes_nothing_and_is_tried_again(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    due_at = end_of_access(poppy)
    publication_due(poppy, due_at)
    simulator.fault("refresh", "drop_before")
    early = due_at - REFRESH_AHEAD
    good_until = due_at + REFRESH_BEFORE_END
    assert not refresh_ahead(poppy.pk, good_until=good_until, now=early)
    assert needing(early + A_MINUTE) == [(poppy.pk, due_at)]
    assert refresh_ahead(poppy.pk, good_until=good_until, now=early + A_MINUTE)
    poppy.refresh_from_db()
    assert poppy.state == AccountState.CONNECTED


# --- Weekly ---------------------------------------------------------------------------------------------------


def idle(now: datetime) -> list[int]:
    return list(TikTokAccount.objects.keep_alive_due(now))


def test_an_account_that_nobody_posts_for_is_refreshed_once_a_week(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    refreshed_at = TokenPair.objects.get().refreshed_at
    a_week_later = refreshed_at + KEEP_ALIVE_AFTER
    assert idle(a_week_later - A_MINUTE) == []
    assert idle(a_week_later) == [poppy.pk]
    assert keep_alive(poppy.pk, now=a_week_later)
    assert keep_alive(poppy.pk, now=a_week_later)
    assert idle(a_week_later + A_MINUTE) == []
    assert simulator.calls("refresh") == 1
    assert TokenPair.objects.get().refreshed_at == a_week_later


def test_what_cannot_be_refreshed_is_left_alone(poppy: TikTokAccount) -> None:
    pair = TokenPair.objects.get()
    later = pair.refreshed_at + timedelta(days=30)
    TokenPair.objects.update(refresh_expires_at=later)
    assert idle(later) == []
    TokenPair.objects.update(refresh_expires_at=None)
    assert idle(later) == [poppy.pk]
    for state in (AccountState.NEEDS_RECONNECT, AccountState.DISCONNECTED):
        TikTokAccount.objects.update(state=state)
        assert idle(later) == []
    TikTokAccount.objects.update(state=AccountState.CONNECTED, client_key="another-app")
    assert idle(later) == []


# --- Warnings -------------------------------------------------------------------------------------------------


def test_people_are_warned_14_7_and_2_days_before_the_end_and_once_each(poppy: TikTokAccount) -> None:
    ends_at = TokenPair.objects.get().refresh_expires_at
    assert ends_at is not None
    warned = []
    moment = ends_at - timedelta(days=20)
    while moment < ends_at + timedelta(days=1):
        warned += [(ends_at - moment).days] * warn_of_endings(now=moment)
        moment += timedelta(hours=6)
    assert warned == [14, 7, 2]
    told = Notification.objects.order_by("pk")
    assert [(each.kind, each.reason) for each in told] == [
        (Kind.ENDS_SOON, "14_days"), (Kind.ENDS_SOON, "7_days"), (Kind.ENDS_SOON, "2_days"),
    ]  # fmt: skip


def test_after_an_outage_only_the_nearest_warning_is_given(poppy: TikTokAccount) -> None:
    ends_at = TokenPair.objects.get().refresh_expires_at
    assert ends_at is not None
    assert warn_of_endings(now=ends_at - timedelta(hours=12)) == 1
    assert warn_of_endings(now=ends_at - timedelta(hours=6)) == 0
    assert Notification.objects.get().reason == "1_days"


def test_a_new_end_is_warned_of_anew_but_a_refresh_that_moves_no_end_is_not(
    simulator: Simulator, poppy: TikTokAccount
) -> None:
    ends_at = TokenPair.objects.get().refresh_expires_at
    assert ends_at is not None
    TokenPair.objects.update(end_warned_days=14)
    keep_alive(poppy.pk, now=database_now() + KEEP_ALIVE_AFTER)
    assert TokenPair.objects.get().end_warned_days is None, "the refresh brought 180 days"
    TokenPair.objects.update(end_warned_days=14)
    simulator.switch(token_profile="legacy")
    # Under `legacy` the refresh token and its end stay as they are.
    access_token_for(poppy, now=database_now() + ENDS, fresh_since=database_now() + ENDS)
    assert TokenPair.objects.get().end_warned_days == 14
