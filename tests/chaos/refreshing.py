"""Many callers ask for the tokens of many accounts at once, just before they end; run inside an installation."""

import json
import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.inside import answer

PROCESSES = 8
MODULE = "tests.chaos.refreshing"
# Little enough of the two hours is left for a refresh to be due.
ALMOST_OVER = timedelta(hours=2) - timedelta(minutes=9)


def refresh(members: str, callers: str) -> Any:
    """Accounts with these tokens, and so many callers that each ask for every one; what came of it."""
    from django.db import connections

    from accounts.clock import database_now
    from accounts.models import AccountState, TikTokAccount
    from tests.chaos.inside import PER_WORKSPACE, make_accounts
    from tests.factories import make_person

    crowd = json.loads(Path(members).read_text())
    user = make_person("crowd@example.com")
    workspace = user.memberships.get().workspace
    pks = [account.pk for account in make_accounts(crowd, [workspace] * (len(crowd) // PER_WORKSPACE + 1))]
    now = database_now() + ALMOST_OVER
    # Forked: each process with connections of its own.
    connections.close_all()
    began = time.monotonic()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        share = int(callers) // PROCESSES
        told = pool.starmap(_call, [(number, share, pks, now) for number in range(PROCESSES)], chunksize=1)
    tokens: Counter[int] = Counter()
    for handed_out in told:
        for pk, given in handed_out.items():
            tokens[pk] = max(tokens[pk], given)
    return {
        "seconds": time.monotonic() - began,
        "callers": share * PROCESSES,
        "most_tokens_of_one": max(tokens.values()),
        "served": len(tokens),
        "dead": TikTokAccount.objects.exclude(state=AccountState.CONNECTED).count(),
        "versions": sorted(set(TikTokAccount.objects.values_list("tokens__version", flat=True))),
    }


def _call(number: int, threads: int, pks: list[int], now: datetime) -> dict[int, int]:
    """How many different tokens this process' callers were given, by account."""
    from django.db import connection

    from accounts.errors import RefreshBusyError
    from accounts.models import TikTokAccount
    from accounts.tokens import access_token_for

    def caller(which: int) -> list[tuple[int, str]]:
        # All begin with the same accounts, in blocks, so that they meet; within a block in an order of their own.
        dice = random.Random(number * 1000 + which)
        given = []
        for first in range(0, len(pks), 20):
            block = pks[first : first + 20]
            dice.shuffle(block)
            for account in TikTokAccount.objects.filter(pk__in=block).order_by("?"):
                while True:
                    try:
                        given.append((account.pk, access_token_for(account, now=now)))
                        break
                    except RefreshBusyError:
                        time.sleep(0.05)
        connection.close()
        return given

    with ThreadPoolExecutor(threads) as pool:
        pairs = {pair for given in pool.map(caller, range(threads)) for pair in given}
    return dict(Counter(pk for pk, _token in pairs))


if __name__ == "__main__":
    answer({"refresh": refresh})
