"""Prints what a run was to do, and what came of it."""

from tests.bench.figures import Figure, machine, print_table
from tests.chaos.checking import percentile
from tests.chaos.plan import SHRUNK, Plan
from tests.chaos.running import Outcome

_SHOWN = 10


def print_plan(plan: Plan) -> None:
    """What is meant to happen, the seed that brings it back, and which times are shorter than in life."""
    where = "SQLite, the broker in a folder" if plan.is_sqlite else "PostgreSQL, Redis"
    print(
        f"{plan.posts} posts over {plan.accounts} accounts within {plan.seconds:.0f} s; {plan.workers} workers, "
        f"two of them with beat; {where}\n{plan.kills} kill -9, {plan.freezes} freezes, Redis flushed and killed "
        f"{plan.redis_deaths} times, PostgreSQL killed {plan.postgres_deaths} times and {plan.cuts} of its "
        f"connections cut, {plan.rate:.0%} of TikTok's calls struck\n"
        f"seed {plan.seed}: --seed {plan.seed} strikes the same way again\nshrunk: "
        + ", ".join(f"{name} {life:g} → {value:g} s" for name, (value, life) in SHRUNK.items()),
        flush=True,
    )


def print_outcome(outcome: Outcome) -> None:
    """The table, and the posts behind every breach."""
    plan, verdict, counts = outcome.plan, outcome.verdict, outcome.counts
    struck = sum(outcome.weather["struck"].values())
    calls = outcome.weather["calls"]

    def total(deed: str) -> int:
        return sum(count for what, count in counts.items() if what.startswith(deed) and "(" not in what)

    print_table(
        "What was done",
        [
            Figure("kill -9", str(total("kill worker") + total("kill beat") + total("kill web"))),
            Figure("freezes past the lease", str(total("freeze"))),
            *(Figure(f"  {what}", str(count)) for what, count in sorted(counts.items())),
            Figure(
                "calls of TikTok's that were struck", f"{struck} of {calls} ({struck / max(calls, 1):.1%})"
            ),
            *(Figure(f"  {way}", str(count)) for way, count in outcome.weather["struck"].items()),
            Figure("announcements (init) that reached TikTok", str(outcome.inits)),
            *(
                Figure(f"events answered {answer or 'not yet'}", str(count))
                for answer, count in sorted(outcome.events.items())
            ),
        ],
    )
    print_table(
        "What became of the posts",
        [
            *(
                Figure(f"{route}", f"{verdict.landed[route]} of {count} there")
                for route, count in verdict.routes.items()
            ),
            *(Figure(f"here {state}", str(count)) for state, count in verdict.states.most_common()),
            *(Figure(f"  {reason}", str(count)) for reason, count in verdict.reasons.most_common()),
        ],
    )
    print_table(
        "How long things took",
        [
            Figure("chaos", f"{outcome.chaos_seconds:.0f} s"),
            Figure("open when it ended", str(outcome.open_at_end_of_chaos)),
            Figure(
                "quiet until the last came to rest",
                f"{outcome.quiet_seconds:.1f} s",
                f"at most {plan.quiet_seconds:.0f} s",
            ),
            Figure("late, half under", _seconds(percentile(outcome.lateness, 0.5))),
            Figure("late, 99 of 100 under", _seconds(percentile(outcome.lateness, 0.99))),
            Figure("takeovers from the dead and the frozen", str(len(outcome.takeovers))),
            Figure("  from the last sign of life, half under", _seconds(percentile(outcome.takeovers, 0.5))),
            Figure("  99 of 100 under", _seconds(percentile(outcome.takeovers, 0.99))),
            *(
                [
                    Figure(
                        "pages back after a restart of everything",
                        _seconds(outcome.pages_back_seconds),
                        "10 s",
                        outcome.pages_back_seconds < 10,
                    )
                ]
                if outcome.pages_back_seconds is not None
                else []
            ),
        ],
    )
    print_table(
        f"Promises, seed {plan.seed}",
        [Figure(name, str(len(lines)), "0", not lines) for name, lines in verdict.breaches.items()],
    )
    for name, lines in verdict.breaches.items():
        for line in lines[:_SHOWN]:
            print(f"  {name}: {line}")
    print(f"\n{machine()}")


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f} s"
