"""One chaos run from the first process to the verdict."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.chaos.checking import Verdict, Wish, judge
from tests.chaos.plan import LEASE_SECONDS, POLL_SECONDS, SHRUNK, Plan, strikes_of
from tests.chaos.stage import Stage
from tests.chaos.watching import Watcher, open_in_sqlite
from tests.installation import Installation
from tests.media import make_large_video, make_picture, make_video
from tests.processes import Simulator, start_simulator
from tests.services import postgres_server, redis_service

# Chaos goes on until nearly everything has been struck; a machine that is too slow for the plan is told so.
NEARLY_ALL = 0.98
MOST_TIMES = 3.0
LARGE_BYTES = 64_000_001 + 3_000_000  # six chunks
# Longer than the last byte of a fetched file is held back (SHRUNK): such an answer must not look like a TikTok that
# wants the whole file first.
HANG_SECONDS = 5.0
SEED_SECONDS = 3600.0
_TICK_SECONDS = 0.05
MODULE = "tests.chaos.inside"
# A refresh whose answer is lost costs the account by TikTok's rules: that is another test's business.
SPARED = [f"refresh:{way}" for way in ("lost_after", "reset_after", "5xx_after", "truncated", "hang_after")]


@dataclass
class Outcome:
    """What a run came to; seconds where nothing else is said."""

    plan: Plan
    verdict: Verdict
    counts: dict[str, int]
    weather: dict[str, Any]
    takeovers: list[float]
    lateness: list[float]
    chaos_seconds: float = 0
    quiet_seconds: float = 0
    pages_back_seconds: float | None = None
    open_at_end_of_chaos: int = 0
    inits: int = 0
    # By what the product answered: a status, "lost" on the way, or what broke; "" was never sent.
    events: dict[str, int] = field(default_factory=dict)


@contextmanager
def stage_of(
    plan: Plan, folder: Path
) -> Iterator[tuple[Stage, Simulator, Callable[[], int | None], list[float]]]:
    """All processes of a run, with its posts made: the stage, TikTok, how many posts are open, and takeovers."""
    with ExitStack() as stack:
        postgres = redis = None
        settings: dict[str, object] = {name: value for name, (value, _life) in SHRUNK.items()}
        settings["PUBLISHING_POLL_SECONDS"] = POLL_SECONDS
        settings["LOG_LEVEL"] = "INFO"
        if not plan.is_sqlite:
            postgres = stack.enter_context(postgres_server("max_connections=500"))
            redis = stack.enter_context(redis_service())
            settings |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        simulator = start_simulator(
            folder / "tiktok",
            processing_seconds=1,
            moderation_seconds=2,
            upload_url_seconds=SHRUNK["PUBLISHING_UPLOAD_URL_SECONDS"][0],
            rate_window_seconds=SHRUNK["TIKTOK_RATE_WINDOW_SECONDS"][0],
        )
        stack.callback(simulator.stop)
        installation = stack.enter_context(Installation(folder / "installation", simulator, **settings))
        simulator.switch(webhook_url=f"{installation.url}/webhooks/tiktok/", webhook_retry_seconds=2)
        simulator.control("POST", "/weather", _weather(plan))
        _seed(plan, installation, simulator, folder)
        takeovers: list[float] = []
        if postgres is not None:
            watcher = stack.enter_context(Watcher(postgres.url, LEASE_SECONDS))
            takeovers = watcher.takeovers

            def still_open() -> int | None:
                return watcher.open

        else:
            database = installation.folder / "var" / "greenroom.sqlite3"

            def still_open() -> int | None:
                return open_in_sqlite(database)

        stage = stack.enter_context(Stage(installation, plan.workers, postgres=postgres, redis=redis))
        yield stage, simulator, still_open, takeovers


def run(plan: Plan, folder: Path, say: Callable[[str], None] = print) -> Outcome:
    """Make everything, strike as planned, leave it alone for a minute, and judge."""
    say("making the posts")
    with stage_of(plan, folder) as (stage, simulator, still_open, takeovers):
        say("chaos begins")
        began = time.monotonic()
        pages_back = _chaos(plan, stage, still_open, say)
        stage.thaw_all()
        simulator.control("DELETE", "/weather")
        chaos_seconds, open_then = time.monotonic() - began, still_open() or 0
        say(
            f"chaos has ended after {chaos_seconds:.0f} s; {open_then} of {plan.posts} posts are on their way"
        )
        quiet_seconds = _quiet(plan, stage, still_open)
        path = folder / "wishes.json"
        stage.installation.ask("report", path, module=MODULE, seconds=SEED_SECONDS)
        wishes = [Wish.from_json(row) for row in json.loads(path.read_text())]
        ledger = httpx.get(f"{simulator.url}/_simulator/ledger", timeout=600).json()
        weather = simulator.control("GET", "/weather")
        events = Counter(event["answer"] for event in simulator.events())
    late = [wish.late_seconds for wish in wishes if wish.late_seconds is not None]
    return Outcome(
        plan=plan,
        verdict=judge(wishes, ledger["posts"]),
        counts=dict(stage.counts),
        weather=weather,
        takeovers=list(takeovers),
        lateness=late,
        chaos_seconds=chaos_seconds,
        quiet_seconds=quiet_seconds,
        pages_back_seconds=pages_back,
        open_at_end_of_chaos=open_then,
        inits=len(ledger["inits"]),
        events=dict(events),
    )


def _weather(plan: Plan) -> dict[str, Any]:
    return {"rate": plan.rate, "seed": plan.seed, "seconds": HANG_SECONDS, "spared": SPARED}


def _seed(plan: Plan, installation: Installation, simulator: Simulator, folder: Path) -> None:
    members = simulator.control("POST", "/crowd", {"count": plan.accounts})["creators"]
    files = folder / "files"
    files.mkdir()
    order = {
        "seed": plan.seed,
        "posts": plan.posts,
        "seconds": plan.seconds,
        "large": plan.large,
        "members": members,
        "files": {
            "video": str(make_video(files / "video.mp4", seconds=1.5)),
            "large": str(make_large_video(files / "large.mp4", LARGE_BYTES)) if plan.large else "",
            "photos": [
                str(make_picture(files / f"photo-{side}.jpg", "JPEG", size=(side, 600)))
                for side in (400, 420)
            ],
        },
    }
    path = folder / "order.json"
    path.write_text(json.dumps(order))
    installation.ask("seed", path, module=MODULE, seconds=SEED_SECONDS)


def _chaos(
    plan: Plan, stage: Stage, still_open: Callable[[], int | None], say: Callable[[str], None]
) -> float | None:
    """Strike after strike, until all have fallen and nearly every post has had its share."""
    strikes = strikes_of(plan)
    began, told = time.monotonic(), 0.0
    pages_back = None
    while True:
        at = time.monotonic() - began
        while strikes and strikes[0].at <= at:
            stage.strike(strikes.pop(0))
        if plan.restart_all and pages_back is None and at > plan.seconds / 2:
            pages_back = stage.restart_everything()
        stage.look_after()
        if at - told > 15:
            told = at
            say(f"  {at:5.0f} s: {still_open()} posts open, {len(strikes)} blows to come")
        if not strikes and at >= plan.seconds:
            left = still_open()
            if (
                left is not None and left <= plan.posts * (1 - NEARLY_ALL)
            ) or at >= plan.seconds * MOST_TIMES:
                return pages_back
        time.sleep(_TICK_SECONDS)


def _quiet(plan: Plan, stage: Stage, still_open: Callable[[], int | None]) -> float:
    """Nothing is struck any more: as long as the plan says, less when everything has come to rest."""
    began = time.monotonic()
    while (gone := time.monotonic() - began) < plan.quiet_seconds:
        stage.look_after()
        if still_open() == 0:
            return gone
        time.sleep(0.1)
    return gone
