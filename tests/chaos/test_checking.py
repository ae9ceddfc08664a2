"""The checker of a chaos run sees every breach; a run that nothing happened in keeps every promise."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checking import Wish, judge, percentile
from tests.chaos.plan import Plan, strikes_of

WISH = Wish(
    pk=1, caption="chaos 1", creator="crowd.1", account_state="connected", route="video_file", state="published",
    reason="", publish_ids=("v1",), sha256="abc", late_seconds=0.1,
)  # fmt: skip
DRAFT = replace(WISH, route="inbox_video_file", state="in_inbox")
PLAN = Plan(
    seed=3, posts=100, accounts=10, seconds=60, workers=4, kills=30, freezes=10, redis_deaths=2, postgres_deaths=2,
    rate=0.25, large=1,
)  # fmt: skip


def there(publish_id: str = "v1", *, mode: str = "direct", **fields: Any) -> dict[str, Any]:
    """A post on the profile, or a draft in the inbox, as the ledger has it."""
    post = {
        "publish_id": publish_id, "creator": "crowd.1", "mode": mode, "title": "chaos 1", "sha256": "abc",
        "landings": [{}] if mode == "direct" else [], "delivered_at": 5.0 if mode == "inbox" else None,
    }  # fmt: skip
    return post | fields


def breached(wish: Wish, *posts: dict[str, Any]) -> set[str]:
    return {name for name, lines in judge([wish], posts).breaches.items() if lines}


def test_one_wish_that_is_there_once_keeps_every_promise() -> None:
    verdict = judge([WISH, DRAFT], [there(), there("x", landings=[])])
    assert breached(WISH, there()) == set()
    assert breached(DRAFT, there(mode="inbox", title="")) == set()
    assert (verdict.states, verdict.landed["video_file"]) == ({"published": 1, "in_inbox": 1}, 1)


@pytest.mark.parametrize(
    ("wish", "posts", "names"),
    [
        pytest.param(WISH, [], {"falsely published"}, id="not there"),
        pytest.param(WISH, [there(landings=[{}, {}])], {"doubled"}, id="twice by one init"),
        pytest.param(WISH, [there(), there("v2")], {"doubled", "published unknown to us"}, id="twice by two"),
        pytest.param(WISH, [there(sha256="abd")], {"other bytes"}, id="something else"),
        pytest.param(replace(WISH, state="uploading"), [], {"lost"}, id="on its way for ever"),
        pytest.param(replace(WISH, state="waiting_reconnect"), [], {"lost"}, id="waits for nobody"),
        pytest.param(replace(WISH, state="unconfirmed"), [there()], {"unconfirmed"}, id="nobody knows"),
        pytest.param(replace(WISH, state="failed"), [there()], {"published unknown to us"}, id="failed, they say"),
        pytest.param(replace(WISH, state="held"), [there()], {"published unknown to us"}, id="held, they say"),
        pytest.param(DRAFT, [], {"falsely published"}, id="no draft"),
        pytest.param(
            replace(DRAFT, publish_ids=("v1", "v2")),
            [there(mode="inbox"), there("v2", mode="inbox")],
            {"doubled"},
            id="two drafts",
        ),
        pytest.param(
            DRAFT,
            [there(mode="inbox"), there("v9", mode="inbox")],
            {"published unknown to us"},
            id="a draft of nobody's",
        ),
    ],
)  # fmt: skip
def test_every_breach_is_seen(wish: Wish, posts: list[dict[str, Any]], names: set[str]) -> None:
    assert breached(wish, *posts) == names


def test_what_a_person_was_told_is_not_lost() -> None:
    assert breached(replace(WISH, state="held", reason="file_changed")) == set()
    assert breached(replace(WISH, state="waiting_reconnect", account_state="needs_reconnect")) == set()
    assert breached(replace(WISH, state="failed", reason="init_unanswered")) == set()


def test_a_seed_strikes_the_same_way_again() -> None:
    strikes = strikes_of(PLAN)
    assert strikes == strikes_of(PLAN)
    assert strikes != strikes_of(replace(PLAN, seed=4))
    assert [strike.what for strike in strikes].count("kill postgres") == 2
    assert sum(strike.what.startswith("kill w") or strike.what == "kill beat" for strike in strikes) == 30
    # Every freeze outlasts the lease.
    assert min(strike.seconds for strike in strikes if strike.what.startswith("freeze")) > 3.0


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(number) for number in range(101)], 0.99) == 99.0
