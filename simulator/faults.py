"""Faults on demand: which call goes wrong, how, for whom and how often."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.switches import PULL_PROFILES

CALLS = (
    "authorize",
    "token",
    "refresh",
    "revoke",
    "user_info",
    "creator_info",
    "video_init",
    "inbox_init",
    "content_init",
    "chunk",
    "status",
    "cancel",
    "fetch",
    "webhook",
)
# What each kind must be told, and of which type.
KINDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "http": {"status": int},
    "error": {"code": str},
    "html": {},
    "truncated": {},
    "slow": {"seconds": (int, float)},
    "hang": {"seconds": (int, float)},
    "hang_after": {"seconds": (int, float)},
    "drop_before": {},
    "drop_after": {},
    "reset_before": {},
    "reset_after": {},
    "fail_reason": {"reason": str},
    "stuck": {},
    "status_word": {"word": str},
    "cut": {"bytes": int},
    "head_first": {},
    "ranged": {},
    "parallel": {},
    "repeat": {},
    "lost": {},
    "doubled": {},
    "late": {"seconds": (int, float)},
    "reordered": {},
    "forged": {},
}
# These change what becomes of a post, not how a call is answered.
POST_KINDS = frozenset({"fail_reason", "stuck", "status_word"})
# These change how TikTok fetches a file.
FETCH_KINDS = frozenset({"slow", "cut", *PULL_PROFILES})
# These change what becomes of an event on its way to the app.
WEBHOOK_KINDS = frozenset({"lost", "doubled", "late", "reordered", "forged"})
WIRE_KINDS = frozenset(KINDS) - POST_KINDS - FETCH_KINDS - WEBHOOK_KINDS | {"slow"}

_COMMON = frozenset({"on", "kind", "times", "creator", "skip", "chunk", "picture"})
_EXTRAS: dict[str, frozenset[str]] = {
    "http": frozenset({"body", "headers", "done"}),
    "error": frozenset({"status", "message", "done", "error_type"}),
    "html": frozenset({"body", "done"}),
    "drop_before": frozenset({"after_bytes"}),
    "reset_before": frozenset({"after_bytes"}),
}


class FaultError(Exception):
    """A fault is described wrongly; the message says what would do."""


@dataclass(frozen=True)
class Fault:
    """One planned fault. `left` is how often it still strikes, None for until it is cleared."""

    id: int
    call: str
    kind: str
    left: int | None
    seen: int
    details: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "on": self.call,
            "kind": self.kind,
            "times": self.left,
            "seen": self.seen,
            **self.details,
        }

    @property
    def is_done_first(self) -> bool:
        """Whether the work is done before the wrong answer goes out."""
        return bool(self.details.get("done"))


def add_fault(db: sqlite3.Connection, plan: Mapping[str, Any]) -> Fault:
    """Plan a fault; raises FaultError for an unknown call, kind or detail."""
    call, kind = _place_of(plan)
    allowed = _COMMON | KINDS[kind].keys() | _EXTRAS.get(kind, frozenset())
    for name in plan:
        if name not in allowed:
            raise FaultError(f"{kind} takes no {name!r}")
    for name, wanted in KINDS[kind].items():
        if not isinstance(plan.get(name), wanted) or isinstance(plan.get(name), bool):
            raise FaultError(f"{kind} needs {name!r}")
    times = plan.get("times", None if kind == "stuck" else 1)
    counts = {name: plan.get(name, 0) for name in ("skip", "chunk", "picture")} | {"times": times}
    for name, value in counts.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise FaultError(f"{name} must be a whole number")
    details = {name: value for name, value in plan.items() if name not in {"on", "kind", "times"}}
    cursor = db.execute(
        "INSERT INTO faults (call, kind, details, left_over) VALUES (?, ?, ?, ?)",
        (call, kind, json.dumps(details), times),
    )
    return Fault(int(cursor.lastrowid or 0), call, kind, times, 0, details)


def _place_of(plan: Mapping[str, Any]) -> tuple[str, str]:
    """The call and the kind; raises FaultError when there is none such, or the one does not go on the other."""
    call, kind = plan.get("on"), plan.get("kind")
    if call not in CALLS:
        raise FaultError(f"on: must be one of {', '.join(CALLS)}")
    if kind not in KINDS:
        raise FaultError(f"kind: must be one of {', '.join(KINDS)}")
    if kind in POST_KINDS and call != "status":
        raise FaultError(f"{kind} goes on status only")
    if call == "fetch" and kind not in FETCH_KINDS:
        raise FaultError(f"fetch knows {', '.join(sorted(FETCH_KINDS))} only")
    if call != "fetch" and kind in FETCH_KINDS - WIRE_KINDS:
        raise FaultError(f"{kind} goes on fetch only")
    if (call == "webhook") != (kind in WEBHOOK_KINDS):
        raise FaultError(f"webhook knows {', '.join(sorted(WEBHOOK_KINDS))} only, and they go nowhere else")
    return call, kind


def all_faults(db: sqlite3.Connection) -> list[Fault]:
    return [_fault(row) for row in db.execute("SELECT * FROM faults ORDER BY id")]


def clear_faults(db: sqlite3.Connection, fault_id: int | None = None) -> None:
    if fault_id is None:
        db.execute("DELETE FROM faults")
    else:
        db.execute("DELETE FROM faults WHERE id = ?", (fault_id,))


def have_faults(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM faults LIMIT 1").fetchone() is not None


def take_fault(
    db: sqlite3.Connection, call: str, kinds: frozenset[str], creator: str, part: int | None = None
) -> Fault | None:
    """The fault that strikes this call, counted as used; None when all goes well.

    `part` is the index of the chunk that is sent or of the picture that is fetched.
    """
    struck = None
    for fault in _matching(db, call, kinds, creator, part):
        db.execute("UPDATE faults SET seen = seen + 1 WHERE id = ?", (fault.id,))
        if struck is None and _is_ripe(fault):
            db.execute("UPDATE faults SET left_over = left_over - 1 WHERE id = ?", (fault.id,))
            struck = fault
    return struck


def is_waiting(db: sqlite3.Connection, kind: str, creator: str) -> bool:
    """Whether a fault of this kind lies in wait for the creator's posts; uses nothing up."""
    return any(_is_ripe(fault) for fault in _matching(db, "status", frozenset({kind}), creator, None))


def _is_ripe(fault: Fault) -> bool:
    return fault.seen >= int(fault.details.get("skip", 0)) and fault.left != 0


def _matching(
    db: sqlite3.Connection, call: str, kinds: frozenset[str], creator: str, part: int | None
) -> list[Fault]:
    rows = db.execute("SELECT * FROM faults WHERE call = ? ORDER BY id", (call,))
    return [
        fault
        for fault in map(_fault, rows)
        if fault.kind in kinds
        and fault.details.get("creator", creator) == creator
        and fault.details.get("chunk", fault.details.get("picture", part)) == part
    ]


def _fault(row: sqlite3.Row) -> Fault:
    return Fault(
        row["id"], row["call"], row["kind"], row["left_over"], row["seen"], json.loads(row["details"])
    )
