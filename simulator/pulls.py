"""What TikTok has to fetch for a post: one row for each address, and one for each request it made."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.posts import Post


@dataclass(frozen=True)
class Pull:
    """One file to be fetched: the video, or one picture of a carousel. `position` counts from 0."""

    publish_id: str
    position: int
    url: str
    is_done: bool
    # Bigger than TikTok takes: given up before its end.
    is_too_large: bool
    attempts: int
    bytes: int
    content_type: str
    problem: str
    sha256: str
    width: int | None
    height: int | None


def add_pulls(db: sqlite3.Connection, post: Post, urls: Sequence[str]) -> None:
    db.executemany(
        "INSERT INTO pulls (publish_id, position, url) VALUES (?, ?, ?)",
        [(post.publish_id, position, url) for position, url in enumerate(urls)],
    )


def pulls_of(db: sqlite3.Connection, publish_id: str) -> list[Pull]:
    """The files of a post, in order."""
    rows = db.execute("SELECT * FROM pulls WHERE publish_id = ? ORDER BY position", (publish_id,))
    return [_pull(row) for row in rows]


def downloaded_bytes(db: sqlite3.Connection, publish_id: str) -> int:
    """What has come so far, over all files of a post."""
    row = db.execute(
        "SELECT COALESCE(SUM(bytes), 0) FROM pulls WHERE publish_id = ?", (publish_id,)
    ).fetchone()
    return int(row[0])


def note_progress(db: sqlite3.Connection, pull: Pull, received: int) -> None:
    db.execute(
        "UPDATE pulls SET bytes = ? WHERE publish_id = ? AND position = ?",
        (received, pull.publish_id, pull.position),
    )


def note_attempt_failed(db: sqlite3.Connection, pull: Pull, problem: str) -> int:
    """Count an attempt that came to nothing; returns how many there were."""
    row = db.execute(
        "UPDATE pulls SET attempts = attempts + 1, problem = ? WHERE publish_id = ? AND position = ?"
        " RETURNING attempts",
        (problem, pull.publish_id, pull.position),
    ).fetchone()
    return int(row[0]) if row else 0


def note_pulled(
    db: sqlite3.Connection, pull: Pull, *, received: int, content_type: str, is_too_large: bool
) -> None:
    db.execute(
        "UPDATE pulls SET is_done = 1, attempts = attempts + 1, bytes = ?, content_type = ?,"
        " is_too_large = ?, problem = '' WHERE publish_id = ? AND position = ?",
        (received, content_type, is_too_large, pull.publish_id, pull.position),
    )


def note_measured(
    db: sqlite3.Connection, pull: Pull, *, sha256: str, width: int | None, height: int | None
) -> None:
    """What the check of one fetched file found; a video's size in pixels is left out."""
    db.execute(
        "UPDATE pulls SET sha256 = ?, width = ?, height = ? WHERE publish_id = ? AND position = ?",
        (sha256, width, height, pull.publish_id, pull.position),
    )


def note_visit(
    db: sqlite3.Connection,
    pull: Pull,
    *,
    method: str,
    byte_range: str,
    status: int | None,
    received: int,
    problem: str,
    at: float,
) -> None:
    """One request of the fetcher; `status` is None when no answer came. What was forgotten stays so."""
    if db.execute("SELECT 1 FROM posts WHERE publish_id = ?", (pull.publish_id,)).fetchone() is None:
        return
    db.execute(
        "INSERT INTO visits (at, publish_id, position, method, range, status, bytes, problem)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (at, pull.publish_id, pull.position, method, byte_range, status, received, problem),
    )
    db.execute("INSERT INTO calls VALUES ('fetch', 1) ON CONFLICT (name) DO UPDATE SET count = count + 1")


def all_visits(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every request of the fetcher, in the order they ended."""
    return [
        {
            "at": row["at"],
            "publish_id": row["publish_id"],
            "position": row["position"],
            "method": row["method"],
            "range": row["range"],
            "status": row["status"],
            "bytes": row["bytes"],
            "problem": row["problem"],
        }
        for row in db.execute("SELECT * FROM visits ORDER BY id")
    ]


def _pull(row: sqlite3.Row) -> Pull:
    return Pull(
        publish_id=row["publish_id"],
        position=row["position"],
        url=row["url"],
        is_done=bool(row["is_done"]),
        is_too_large=bool(row["is_too_large"]),
        attempts=row["attempts"],
        bytes=row["bytes"],
        content_type=row["content_type"],
        problem=row["problem"],
        sha256=row["sha256"],
        width=row["width"],
        height=row["height"],
    )
