"""`make chaos`: kills, freezes and lies, then prints what was lost and what doubled: nothing, or it fails."""

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

# Nothing that this machine or a .env says of an installation may reach the ones struck; empty counts as unset.
for _name in (
    "PUBLIC_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "TOKEN_ENCRYPTION_KEYS",
    "DEBUG",
):
    os.environ[_name] = ""

from tests.bench.figures import machine  # noqa: E402
from tests.chaos.figures import print_outcome, print_plan  # noqa: E402
from tests.chaos.plan import Plan  # noqa: E402
from tests.chaos.running import run  # noqa: E402


def read_plan(arguments: list[str]) -> tuple[Plan, Path | None]:
    """The plan the command line asks for, and where to keep everything the run leaves, if anywhere."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument(
        "--seconds", type=float, default=2_400, help="how long posts fall due and strikes come"
    )
    parser.add_argument("--workers", type=int, default=4)
    # A few find nobody there: what they were to hit has only just been hit.
    parser.add_argument("--kills", type=int, default=515, help="kill -9 of workers, beats and the web server")
    parser.add_argument("--freezes", type=int, default=150, help="SIGSTOP for longer than the lease")
    parser.add_argument(
        "--redis", type=int, default=3, help="how often Redis is flushed, and as often killed"
    )
    parser.add_argument("--postgres", type=int, default=3, help="how often PostgreSQL is killed")
    parser.add_argument("--cuts", type=int, default=150, help="how many connections to PostgreSQL are cut")
    parser.add_argument("--rate", type=float, default=0.25, help="share of TikTok's calls that go wrong")
    parser.add_argument(
        "--large", type=int, default=50, help="how many of the posts are videos in six chunks"
    )
    parser.add_argument(
        "--seed", type=int, default=None, help="replays a plan; a new one is drawn and printed"
    )
    parser.add_argument("--sqlite", action="store_true", help="SQLite and the broker in a folder")
    parser.add_argument(
        "--no-restart", action="store_true", help="leave out the restart of everything halfway"
    )
    parser.add_argument("--keep", type=Path, default=None, help="an empty folder for databases and logs")
    told = parser.parse_args(arguments)
    plan = Plan(
        seed=secrets.randbelow(1_000_000) if told.seed is None else told.seed,
        posts=told.posts, accounts=min(told.accounts, told.posts), seconds=told.seconds, workers=told.workers,
        kills=told.kills, freezes=told.freezes, redis_deaths=0 if told.sqlite else told.redis,
        postgres_deaths=0 if told.sqlite else told.postgres, rate=told.rate, large=told.large,
        cuts=0 if told.sqlite else told.cuts,
        is_sqlite=told.sqlite, restart_all=not told.no_restart,
    )  # fmt: skip
    return plan, told.keep


def main() -> int:
    # Ended from outside it takes its processes with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    plan, keep = read_plan(sys.argv[1:])
    print(machine())
    print_plan(plan)
    folder = keep or Path(tempfile.mkdtemp(prefix="greenroom-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        outcome = run(plan, folder, say=lambda line: print(line, flush=True))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print_outcome(outcome)
    return 0 if outcome.verdict.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
