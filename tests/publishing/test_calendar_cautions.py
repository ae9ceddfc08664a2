"""Warnings on a plan: too close, too many, twice the same; where it can still be changed, account by account."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publishing.calendar import Entry
from publishing.calendar_cautions import Cautions, Limits, Load, find_cautions, fullest
from publishing.states import State

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)
DAY = date(2026, 11, 27)
USUAL = Limits(posts=15, drafts=5)


def entry(pk: int, minutes: float = 0, **fields: Any) -> Entry:
    own: dict[str, Any] = {
        "pk": pk, "at": NOON + timedelta(minutes=minutes), "state": State.SCHEDULED, "account_pk": 1, "who": "Poppy",
        "zone": "UTC", "title": "Fog", "kind": "Video", "is_inbox": False, "media": f"file {pk}", "caption": "",
        "is_movable": True,
    }  # fmt: skip
    return Entry(**(own | fields))


def find(*entries: Entry, **limits: Limits) -> Cautions:
    of = {int(name[1:]): each for name, each in limits.items()}
    return find_cautions(entries, zone=BERLIN, gap=timedelta(minutes=15), limits=of, usual=USUAL)


def test_two_posts_that_are_too_close() -> None:
    found = find(entry(1), entry(2, 14), entry(3, 29), entry(4, 29))
    assert found.of_post == {
        1: ["Only 14 min before another post."],
        2: ["Only 14 min after another post."],
        3: ["At the same time as another post."],
        4: ["At the same time as another post."],
    }
    assert found.of_day == {DAY: ["Poppy: posts at the same time."]}


@pytest.mark.parametrize(
    ("later", "is_close"),
    [
        (entry(2, 15), False),
        (entry(2, 14, account_pk=2), False),
        (entry(2, 14, state=State.FAILED), False),
        (entry(2, 14, state=State.CANCELLED), False),
        (entry(2, 14, state=State.HELD), False),
        (entry(2, 14, state=State.UPLOADING), True),
        (entry(2, 14, state=State.PUBLISHED), True),
    ],
)
def test_close_is_what_takes_room_on_the_same_account(later: Entry, *, is_close: bool) -> None:
    assert bool(find(entry(1), later).of_post) is is_close


def test_what_is_over_gets_no_warning() -> None:
    gone = [entry(pk, pk, state=State.PUBLISHED, media="one") for pk in range(20)]
    found = find(*gone)
    assert (found.of_post, found.of_day) == ({}, {})


def test_more_posts_than_tiktok_takes_within_any_24_hours() -> None:
    posts = [entry(pk, 60 * pk) for pk in range(17)]
    found = find(*posts, entry(20, 24 * 60), entry(21, 30 * 60))
    assert found.of_post == {
        15: ["Post 16 within 24 hours; TikTok takes about 15."],
        16: ["Post 17 within 24 hours; TikTok takes about 15."],
        # The post at noon the day before is out of the window, the sixteen after it are in.
        20: ["Post 17 within 24 hours; TikTok takes about 15."],
    }
    assert found.of_day == {
        date(2026, 11, 28): ["Poppy: 17 posts within 24 hours; TikTok takes about 15."],
    }


def test_drafts_are_counted_by_themselves() -> None:
    drafts = [entry(pk, 60 * pk, is_inbox=True) for pk in range(6)]
    posts = [entry(pk, 60 * pk + 30) for pk in range(6, 18)]
    found = find(*drafts, *posts)
    assert found.of_post == {5: ["Draft 6 within 24 hours; TikTok takes 5."]}
    assert found.of_day == {DAY: ["Poppy: 6 drafts within 24 hours; TikTok takes 5."]}


def test_an_account_may_have_a_limit_of_its_own() -> None:
    posts = [entry(pk, 60 * pk) for pk in range(3)]
    found = find(*posts, _1=Limits(posts=2, drafts=5))
    assert found.of_post == {2: ["Post 3 within 24 hours; TikTok takes about 2."]}


def test_the_same_file_twice_on_a_day() -> None:
    found = find(entry(1, media="fog"), entry(2, 60, media="fog"), entry(3, 24 * 60, media="fog"))
    assert found.of_post == {1: ["Same video as at 13:00."], 2: ["Same video as at 12:00."]}
    assert found.of_day == {DAY: ["Poppy: the same video twice."]}


def test_the_same_words_twice_on_a_day() -> None:
    found = find(
        entry(1, caption="Fog  at dawn"), entry(2, 60, caption="fog at dawn\n"), entry(3, 120, caption="fog at dawn"),
        entry(4, 180), entry(5, 240),
    )  # fmt: skip
    assert set(found.of_post) == {1, 2, 3}
    assert found.of_post[3] == ["Same caption as at 12:00."]
    assert found.of_day == {DAY: ["Poppy: the same caption 3 times."]}


def test_the_same_photos_with_the_same_words_are_said_once() -> None:
    alike = {"kind": "3 photos", "media": "dunes", "caption": "Dunes"}
    found = find(entry(1, **alike), entry(2, 60, **alike))
    assert found.of_post == {1: ["Same photos as at 13:00."], 2: ["Same photos as at 12:00."]}


def test_the_same_file_for_another_account_is_no_repeat() -> None:
    found = find(entry(1, media="fog"), entry(2, 60, media="fog", account_pk=2))
    assert (found.of_post, found.of_day) == ({}, {})


def test_the_fullest_account_of_a_day() -> None:
    found = find(*(entry(pk, 60 * pk) for pk in range(3)), entry(9, account_pk=2))
    assert fullest(found, DAY, limits={}, usual=USUAL) == Load(1, 3, 15)
    tight = {2: Limits(posts=1, drafts=5)}
    assert fullest(found, DAY, limits=tight, usual=USUAL) == Load(2, 1, 1)
    assert fullest(found, date(2026, 11, 30), limits={}, usual=USUAL) is None
    assert [Load(1, count, 15).is_near for count in (11, 12, 16)] == [False, True, True]
