"""The small words of rows and pages, and how often a page asks."""

from datetime import timedelta

import pytest

from composer.rules import Choices
from publishing.models import Publication
from publishing.naming import title_of
from publishing.presentation import length_words, poll_seconds, soonest
from publishing.states import RESTING_STATES, State
from tests.factories import moment

NOW = moment("2026-11-21 10:00")


@pytest.mark.parametrize(
    ("caption", "title"),
    [
        ("Fog", "Fog"),
        ("\n\n  Fog  \nsecond line", "Fog"),
        ("", "Post without a caption"),
        (" \n ", "Post without a caption"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
    ],
)
def test_a_post_is_called_by_the_first_line_of_its_caption(caption: str, title: str) -> None:
    assert title_of(Choices(caption=caption)) == title


@pytest.mark.parametrize(
    ("duration_ms", "words"),
    [(None, ""), (0, "0:00"), (12_400, "0:12"), (59_600, "1:00"), (600_000, "10:00")],
)
def test_writes_a_length_as_players_do(duration_ms: int | None, words: str) -> None:
    assert length_words(duration_ms) == words


@pytest.mark.parametrize(
    ("state", "seconds_left", "asks_in"),
    [
        (State.SCHEDULED, -3, 2),
        (State.SCHEDULED, 7200, 30),
        (State.STARTING, 0, 2),
        (State.PROCESSING, 10, 11),
        (State.UNCONFIRMED, 29, 30),
        *((state, 5, None) for state in sorted(RESTING_STATES)),
    ],
)
def test_a_page_asks_when_the_engine_has_asked(state: State, seconds_left: int, asks_in: int | None) -> None:
    publication = Publication(state=state, next_try_at=NOW + timedelta(seconds=seconds_left))
    assert poll_seconds(publication, now=NOW) == asks_in


def test_a_page_does_not_ask_when_no_step_is_due() -> None:
    assert poll_seconds(Publication(state=State.IN_INBOX, next_try_at=None), now=NOW) is None


@pytest.mark.parametrize(
    ("minutes_out", "post_ids", "asks_in"), [(1, [], 6), (30, [], 6), (31, [], None), (1, ["7"], None)]
)
def test_a_page_looks_out_for_the_link_for_half_an_hour(
    minutes_out: int, post_ids: list[str], asks_in: int | None
) -> None:
    publication = Publication(
        state=State.PUBLISHED,
        post_ids=post_ids,
        published_at=NOW - timedelta(minutes=minutes_out),
        next_try_at=NOW + timedelta(seconds=5),
    )
    assert poll_seconds(publication, now=NOW) == asks_in


def test_a_list_asks_with_its_liveliest_row() -> None:
    assert soonest([None, 30, 2]) == 2
    assert soonest([None, None]) is None
    assert soonest([]) is None
