"""Every page says so while nothing is being sent, and stops saying so once it is over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User
from publishing.models import Pulse, PulseName
from publishing.silence import QUIET_AFTER, find_silence
from publishing.tasks import beat_steps, publish_due
from tests.factories import make_publication

pytestmark = pytest.mark.django_db

WORDS = "Nothing is being sent right now."


def seen(*, sweep: timedelta, steps: timedelta) -> None:
    """As if each had been seen so long ago."""
    now = database_now()
    Pulse.objects.all().delete()
    Pulse.objects.create(name=PulseName.SWEEP, at=now - sweep)
    Pulse.objects.create(name=PulseName.STEPS, at=now - steps)


WELL = timedelta(seconds=3)
AWAY = QUIET_AFTER + timedelta(seconds=1)


def test_sweep_and_steps_say_that_they_are_at_work() -> None:
    publish_due()
    beat_steps()
    assert find_silence(database_now()) is None
    assert {pulse.name for pulse in Pulse.objects.all()} == {"sweep", "steps"}
    later = database_now() + AWAY
    assert find_silence(later) is not None


def test_what_beats_four_times_a_second_is_written_every_two_seconds() -> None:
    publish_due()
    first = Pulse.objects.get(name=PulseName.SWEEP).at
    publish_due()
    assert Pulse.objects.get(name=PulseName.SWEEP).at == first
    Pulse.objects.update(at=first - timedelta(seconds=2, milliseconds=1))
    publish_due()
    assert Pulse.objects.get(name=PulseName.SWEEP).at > first


@pytest.mark.parametrize(
    ("sweep", "steps", "is_silent"), [(WELL, WELL, False), (AWAY, WELL, True), (WELL, AWAY, True)]
)
def test_pages_say_that_nothing_is_being_sent(
    sweep: timedelta, steps: timedelta, is_silent: bool, as_alice: Client
) -> None:
    seen(sweep=sweep, steps=steps)
    for name in ("publishing:post-list", "accounts:account-list", "composer:library"):
        page = as_alice.get(reverse(name)).text
        assert (WORDS in page) == is_silent
        assert ('hx-get="/posts/silence/"' in page) == is_silent


def test_the_line_goes_by_itself_and_is_asked_for_no_more(as_alice: Client) -> None:
    address = reverse("publishing:silence")
    seen(sweep=AWAY, steps=AWAY)
    fragment = as_alice.get(address).text
    assert WORDS in fragment
    assert "every 5s" in fragment
    seen(sweep=WELL, steps=WELL)
    fragment = as_alice.get(address).text
    assert WORDS not in fragment
    assert "hx-" not in fragment
    assert 'id="silence"' in fragment


def test_where_no_worker_was_ever_seen_it_is_said_once_a_post_waits(alice: User, as_alice: Client) -> None:
    assert WORDS not in as_alice.get(reverse("publishing:post-list")).text
    publication = make_publication(user=alice, next_try_at=database_now() - timedelta(seconds=30))
    assert WORDS not in as_alice.get(reverse("publishing:post-list")).text
    type(publication).objects.update(next_try_at=database_now() - timedelta(seconds=61))
    page = as_alice.get(reverse("publishing:post-list")).text
    assert "The part that sends posts has not started yet." in page


def test_only_operators_are_told_where_to_look(alice: User, as_alice: Client) -> None:
    seen(sweep=AWAY, steps=AWAY)
    assert "For operators" not in as_alice.get(reverse("publishing:post-list")).text
    type(alice).objects.update(is_staff=True)
    assert "For operators" in as_alice.get(reverse("publishing:post-list")).text


def test_strangers_are_told_nothing(client: Client) -> None:
    seen(sweep=AWAY, steps=AWAY)
    assert WORDS not in client.get(reverse("review:landing")).text
