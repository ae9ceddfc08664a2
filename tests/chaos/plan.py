"""What a chaos run does and when, decided by one seed before anything starts."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

LEASE_SECONDS = 3.0
# Ten posts of one account: five drafts at most may wait in an inbox, and what was begun in vain counts too.
ROUTES = (
    "video",
    "photos",
    "inbox_video",
    "video",
    "photos",
    "video",
    "inbox_photos",
    "video",
    "photos",
    "inbox_video",
)

# Every time that is shorter than in life, with the value it has there; both sides are told the same.
SHRUNK: dict[str, tuple[float, float]] = {
    "PUBLISHING_LEASE_SECONDS": (LEASE_SECONDS, 15),
    "PUBLISHING_UPLOAD_URL_SECONDS": (30, 3600),
    "PUBLISHING_UPLOAD_GRACE_SECONDS": (5, 600),
    "PUBLISHING_ORPHAN_GAP_SECONDS": (1, 10),
    "PUBLISHING_LONGEST_GAP_SECONDS": (10, 300),
    "PULL_WITHHOLD_SECONDS": (4, 8),
    "DATABASE_FROZEN_SECONDS": (2, 10),
    "TIKTOK_RATE_WINDOW_SECONDS": (6, 60),
}
POLL_SECONDS = "0.5,1,2,5"


@dataclass(frozen=True)
class Plan:
    """One run. `seconds` is how long posts fall due and strikes come; `rate` the share of calls that go wrong."""

    seed: int
    posts: int
    accounts: int
    seconds: float
    workers: int
    kills: int
    freezes: int
    redis_deaths: int
    postgres_deaths: int
    rate: float
    large: int
    # Connections to PostgreSQL that are cut one by one, in the middle of whatever goes over them.
    cuts: int = 0
    is_sqlite: bool = False
    restart_all: bool = True
    # After the last blow: by then every post is final, or held with the reason.
    quiet_seconds: float = 60.0


@dataclass(frozen=True)
class Strike:
    """One blow: `at` seconds after the start, on the `pick`th of its kind, lasting `seconds` where it lasts."""

    at: float
    what: str
    pick: int
    seconds: float = 0.0


def strikes_of(plan: Plan) -> list[Strike]:
    """All of them, by time. The same plan always strikes the same way."""
    dice = random.Random(plan.seed)
    # The first second belongs to the processes that start, the last ones are left for what was struck last.
    first, last = 2.0, max(3.0, plan.seconds - 2.0)

    def some(count: int, kinds: dict[str, int], lasting: tuple[float, float] = (0, 0)) -> Iterator[Strike]:
        for what in dice.choices(list(kinds), list(kinds.values()), k=count):
            yield Strike(dice.uniform(first, last), what, dice.randrange(1000), dice.uniform(*lasting))

    strikes = [
        *some(plan.kills, {"kill worker": 82, "kill beat": 8, "kill web": 10}),
        *some(
            plan.freezes,
            {"freeze worker": 70, "freeze beat": 15, "freeze web": 15},
            (LEASE_SECONDS + 0.5, LEASE_SECONDS * 2.5),
        ),
        *some(plan.postgres_deaths, {"kill postgres": 1}, (0.3, 2.0)),
        *some(plan.cuts, {"cut postgres": 1}),
    ]
    # Flushed and killed, in turn.
    for number in range(plan.redis_deaths):
        strikes += some(1, {"flush redis": 1})
        strikes += some(1, {"kill redis": 1}, (0.3, 2.0 + number))
    return sorted(strikes, key=lambda strike: strike.at)
