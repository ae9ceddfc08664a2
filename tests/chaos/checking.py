"""Holds what the database says against what TikTok's ledger says: what was lost, doubled or claimed falsely."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

# Nothing more happens by itself: it is where it was to go, or a person has been told why not.
ENDED = frozenset({"published", "in_inbox", "failed", "cancelled"})
HELD = frozenset({"held"})
NEEDS_RECONNECT = "needs_reconnect"


@dataclass(frozen=True)
class Wish:
    """One post that somebody wanted out once: where it stands here."""

    pk: int
    caption: str
    creator: str
    account_state: str
    route: str
    state: str
    reason: str
    publish_ids: tuple[str, ...]
    sha256: str
    late_seconds: float | None

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Wish":
        return cls(**{**row, "publish_ids": tuple(row["publish_ids"])})

    @property
    def is_inbox(self) -> bool:
        return self.route.startswith("inbox")

    @property
    def is_settled(self) -> bool:
        """Final, or held for a person to act; an account whose tokens are lost holds its posts too."""
        is_held = self.state in HELD or (
            self.state == "waiting_reconnect" and self.account_state == NEEDS_RECONNECT
        )
        return self.state in ENDED or is_held


@dataclass(frozen=True)
class Verdict:
    """Breaches by kind, each with a line for every post concerned; an empty list is a promise kept."""

    breaches: dict[str, list[str]]
    states: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    landed: Counter[str] = field(default_factory=Counter)

    @property
    def is_kept(self) -> bool:
        return not any(self.breaches.values())


def judge(wishes: Iterable[Wish], posts: Sequence[dict[str, Any]]) -> Verdict:
    """Compare. `posts` are the ledger's: each an accepted init with its landings."""
    wishes = list(wishes)
    by_id = {post["publish_id"]: post for post in posts}
    by_caption: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for post in posts:
        if post["mode"] == "direct":
            by_caption[post["title"]].append(post)
    known = {publish_id for wish in wishes for publish_id in wish.publish_ids}
    breaches: dict[str, list[str]] = {
        name: []
        for name in (
            "lost",
            "doubled",
            "falsely published",
            "published unknown to us",
            "unconfirmed",
            "other bytes",
        )
    }
    verdict = Verdict(breaches)
    for wish in wishes:
        # A draft carries no caption: what arrived of it is known by its ids, and what is known to nobody is below.
        its = (
            [by_id[each] for each in wish.publish_ids if each in by_id]
            if wish.is_inbox
            else by_caption[wish.caption]
        )
        arrived = [post for post in its if _arrivals(post)]
        count = sum(_arrivals(post) for post in arrived)
        line = (
            f"{wish.caption} ({wish.route}, {wish.creator}): {wish.state} {wish.reason}, there {count} times"
        )
        verdict.states[wish.state] += 1
        verdict.routes[wish.route] += 1
        verdict.landed[wish.route] += count > 0
        if wish.reason:
            verdict.reasons[f"{wish.state}: {wish.reason}"] += 1
        if wish.state == "unconfirmed":
            breaches["unconfirmed"].append(line)
        elif not wish.is_settled:
            breaches["lost"].append(line)
        if count > 1:
            breaches["doubled"].append(line)
        if wish.state in {"published", "in_inbox"} and not count:
            breaches["falsely published"].append(line)
        if wish.is_settled and wish.state not in {"published", "in_inbox"} and count:
            breaches["published unknown to us"].append(line)
        if any(post["sha256"] != wish.sha256 for post in arrived):
            breaches["other bytes"].append(line)
    breaches["published unknown to us"] += [
        f"{post['publish_id']} of {post['creator']} is there and stands with no post here"
        for post in posts
        if _arrivals(post) and post["publish_id"] not in known
    ]
    return verdict


def _arrivals(post: dict[str, Any]) -> int:
    """How often it stands on the profile, or lies in the inbox."""
    if post["mode"] == "inbox":
        return int(post["delivered_at"] is not None)
    return len(post["landings"])


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` of them do not exceed; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
