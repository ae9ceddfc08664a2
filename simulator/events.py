"""What TikTok has to tell the app, as rows: written with what happened, sent by simulator/webhooks.py."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

PUBLISH_FAILED = "post.publish.failed"
PUBLISH_COMPLETE = "post.publish.complete"
INBOX_DELIVERED = "post.publish.inbox_delivered"
PUBLICLY_AVAILABLE = "post.publish.publicly_available"
# TikTok's own spelling.
NO_LONGER_PUBLIC = "post.publish.no_longer_publicaly_available"
AUTHORIZATION_REMOVED = "authorization.removed"

# Reasons of authorization.removed.
BY_CREATOR, BY_DEVELOPER = 1, 5


@dataclass(frozen=True)
class Event:
    """One event on its way. `created_at` is what it says; `tries` counts how often it was sent."""

    id: int
    username: str
    name: str
    content: dict[str, Any]
    created_at: float
    tries: int
    fault: str


def announce(
    db: sqlite3.Connection, username: str, name: str, content: dict[str, Any], *, now: float
) -> None:
    """Write down that the app is to be told; due at once."""
    db.execute(
        "INSERT INTO events (username, name, content, created_at, due_at) VALUES (?, ?, ?, ?, ?)",
        (username, name, json.dumps(content, separators=(",", ":")), now, now),
    )


def about_post(publish_id: str, mode: str, **more: Any) -> dict[str, Any]:
    """The content of an event about a post."""
    kind = "DIRECT_PUBLISH" if mode == "direct" else "INBOX_SHARE"
    return {"publish_id": publish_id, **more, "publish_type": kind}


def take_due(db: sqlite3.Connection, *, now: float, until: float) -> Event | None:
    """The event that waits longest, off the row until then; None when none is due."""
    row = db.execute(
        "UPDATE events SET due_at = ? WHERE id = ("
        " SELECT id FROM events WHERE due_at <= ? ORDER BY due_at, id LIMIT 1) RETURNING *",
        (until, now),
    ).fetchone()
    return _event(row) if row else None


def repeat(db: sqlite3.Connection, event: Event, fault: str, *, due_at: float) -> None:
    """Send the same event once more, apart from the first; forged when that is the fault."""
    db.execute(
        "INSERT INTO events (username, name, content, created_at, due_at, fault)"
        " SELECT username, name, content, created_at, ?, ? FROM events WHERE id = ?",
        (due_at, fault, event.id),
    )


def put_off(db: sqlite3.Connection, event: Event, fault: str, *, due_at: float) -> None:
    """Send it later for the first time."""
    db.execute("UPDATE events SET fault = ?, due_at = ? WHERE id = ?", (fault, due_at, event.id))


def note_sent(db: sqlite3.Connection, event: Event, answer: str, *, due_at: float | None) -> None:
    """How the app answered (a status, or what went wrong), and when it is sent again; None when that is the end."""
    db.execute(
        "UPDATE events SET tries = tries + 1, answer = ?, due_at = ? WHERE id = ?", (answer, due_at, event.id)
    )


def all_events(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every event since the last reset, oldest first, and what has come of it."""
    return [
        {
            "creator": row["username"],
            "event": row["name"],
            "content": json.loads(row["content"]),
            "created_at": row["created_at"],
            "tries": row["tries"],
            "answer": row["answer"],
            "fault": row["fault"],
            "is_waiting": row["due_at"] is not None,
        }
        for row in db.execute("SELECT * FROM events ORDER BY id")
    ]


def _event(row: sqlite3.Row) -> Event:
    return Event(
        row["id"],
        row["username"],
        row["name"],
        json.loads(row["content"]),
        row["created_at"],
        row["tries"],
        row["fault"],
    )
