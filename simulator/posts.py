"""The posts themselves: from init to the profile, and how time moves them on."""

import secrets
import sqlite3
from dataclasses import dataclass, fields
from typing import Any

from simulator.creators import get_creator
from simulator.faults import is_waiting, take_fault
from simulator.switches import Switches

PROCESSING_UPLOAD = "PROCESSING_UPLOAD"
PUBLISH_COMPLETE = "PUBLISH_COMPLETE"
FAILED = "FAILED"


@dataclass(frozen=True)
class Post:
    """One accepted init and all that followed from it. Times are on the simulator's clock, sizes bytes."""

    publish_id: str
    username: str
    title: str
    privacy_level: str
    disable_comment: bool
    disable_duet: bool
    disable_stitch: bool
    # What viewers really may do: the creator's own settings switch things off too.
    comment_allowed: bool
    duet_allowed: bool
    stitch_allowed: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool
    is_aigc: bool
    video_cover_timestamp_ms: int | None
    video_size: int
    chunk_size: int
    total_chunk_count: int
    upload_id: str
    upload_token: str
    created_at: float
    url_expires_at: float
    status: str = PROCESSING_UPLOAD
    content_type: str = ""
    uploaded_bytes: int = 0
    received_at: float | None = None
    sha256: str = ""
    # None: not looked at yet; "": nothing wrong; else the fail_reason of the file.
    verdict: str | None = None
    checked_at: float | None = None
    fail_reason: str = ""
    completed_at: float | None = None
    post_id: int | None = None
    status_calls: int = 0

    def __repr__(self) -> str:
        return f"<Post {self.publish_id} of {self.username}: {self.status}>"

    @property
    def is_complete(self) -> bool:
        return self.status == PUBLISH_COMPLETE

    @property
    def is_public(self) -> bool:
        """Everyone can see it, or will as soon as moderation lets it through."""
        return self.is_complete and self.privacy_level == "PUBLIC_TO_EVERYONE"

    @property
    def key(self) -> str:
        """What stands in its page's address: the post id once there is one, else the publish id."""
        return self.publish_id if self.post_id is None else str(self.post_id)


_COLUMNS = tuple(field.name for field in fields(Post))
_BOOLEANS = frozenset(field.name for field in fields(Post) if field.type is bool)


def new_publish_id() -> str:
    """In the shape live ids of direct posts by file have."""
    return f"v_pub_file~v2-1.{_new_number()}"


def add_post(db: sqlite3.Connection, post: Post) -> None:
    marks = ", ".join("?" for _ in _COLUMNS)
    values = [getattr(post, name) for name in _COLUMNS]
    db.execute(f"INSERT INTO posts ({', '.join(_COLUMNS)}) VALUES ({marks})", values)  # noqa: S608


def find_post(db: sqlite3.Connection, publish_id: str) -> Post | None:
    return _one(db.execute("SELECT * FROM posts WHERE publish_id = ?", (publish_id,)))


def find_upload(db: sqlite3.Connection, upload_id: str) -> Post | None:
    return _one(db.execute("SELECT * FROM posts WHERE upload_id = ?", (upload_id,)))


def find_landed(db: sqlite3.Connection, username: str, key: str) -> Post | None:
    """A creator's finished post by post id or publish id."""
    return _one(
        db.execute(
            "SELECT * FROM posts WHERE username = ? AND status = ? AND (publish_id = ? OR post_id = ?)",
            (username, PUBLISH_COMPLETE, key, int(key) if _is_post_id(key) else None),
        )
    )


def landed_posts(db: sqlite3.Connection, username: str) -> list[Post]:
    """A creator's finished posts, newest first."""
    rows = db.execute(
        "SELECT * FROM posts WHERE username = ? AND status = ? ORDER BY completed_at DESC, rowid DESC",
        (username, PUBLISH_COMPLETE),
    )
    return [_post(row) for row in rows]


def all_posts(db: sqlite3.Connection) -> list[Post]:
    """Every post ever begun, oldest first."""
    return [_post(row) for row in db.execute("SELECT * FROM posts ORDER BY rowid")]


def take_bytes(
    db: sqlite3.Connection, post: Post, *, up_to: int, content_type: str, now: float
) -> Post | None:
    """Note that a chunk is in; None when the post ended meanwhile."""
    received_at = now if up_to == post.video_size else None
    cursor = db.execute(
        "UPDATE posts SET uploaded_bytes = ?, content_type = ?, received_at = ?"
        " WHERE upload_id = ? AND uploaded_bytes = ? AND status = ? RETURNING *",
        (up_to, content_type, received_at, post.upload_id, post.uploaded_bytes, PROCESSING_UPLOAD),
    )
    return _one(cursor)


def unchecked_posts(db: sqlite3.Connection) -> list[Post]:
    """Posts that are all here and have not been looked at, oldest first."""
    rows = db.execute(
        "SELECT * FROM posts WHERE received_at IS NOT NULL AND checked_at IS NULL ORDER BY received_at"
    )
    return [_post(row) for row in rows]


def note_verdict(db: sqlite3.Connection, post: Post, *, sha256: str, verdict: str, now: float) -> None:
    """What the check of the file came to; "" for a file without fault."""
    db.execute(
        "UPDATE posts SET sha256 = ?, verdict = ?, checked_at = ? WHERE publish_id = ?",
        (sha256, verdict, now, post.publish_id),
    )


def count_status_call(db: sqlite3.Connection, post: Post) -> None:
    db.execute("UPDATE posts SET status_calls = status_calls + 1 WHERE publish_id = ?", (post.publish_id,))


def fail_open_posts(db: sqlite3.Connection, username: str, reason: str, *, now: float) -> None:
    """Everything of the creator that is not finished yet ends here."""
    db.execute(
        "UPDATE posts SET status = ?, fail_reason = ?, completed_at = ? WHERE username = ? AND status = ?",
        (FAILED, reason, now, username, PROCESSING_UPLOAD),
    )


def settle_posts(db: sqlite3.Connection, switches: Switches, *, now: float) -> None:
    """Move every post as far as the clock allows: finish processing, then let moderation through."""
    ready = db.execute(
        "SELECT * FROM posts WHERE status = ? AND received_at <= ? AND checked_at IS NOT NULL"
        " ORDER BY received_at",
        (PROCESSING_UPLOAD, now - switches.processing_seconds),
    ).fetchall()
    for post in map(_post, ready):
        if is_waiting(db, "stuck", post.username):
            continue
        reason = _why_it_fails(db, post, switches)
        done_at = max((post.received_at or 0) + switches.processing_seconds, post.checked_at or 0)
        db.execute(
            "UPDATE posts SET status = ?, fail_reason = ?, completed_at = ? WHERE publish_id = ?",
            (FAILED if reason else PUBLISH_COMPLETE, reason, done_at, post.publish_id),
        )
    approved = db.execute(
        "SELECT publish_id FROM posts WHERE status = ? AND post_id IS NULL AND completed_at <= ?"
        " AND privacy_level = 'PUBLIC_TO_EVERYONE'",
        (PUBLISH_COMPLETE, now - switches.moderation_seconds),
    ).fetchall()
    for row in approved:
        db.execute("UPDATE posts SET post_id = ? WHERE publish_id = ?", (_new_number(), row["publish_id"]))


def received_before(db: sqlite3.Connection, username: str, moment: float, *, since: float) -> int:
    """Posts that arrived in the time given and have not failed."""
    row = db.execute(
        "SELECT COUNT(*) FROM posts WHERE username = ? AND received_at > ? AND received_at < ?"
        " AND status != 'FAILED'",
        (username, since, moment),
    ).fetchone()
    return int(row[0])


def _why_it_fails(db: sqlite3.Connection, post: Post, switches: Switches) -> str:
    """The fail_reason, "" when the post lands. What changed since init is looked at again."""
    fault = take_fault(db, "status", frozenset({"fail_reason"}), post.username)
    if fault is not None:
        return str(fault.details["reason"])
    if post.verdict:
        return post.verdict
    creator = get_creator(db, post.username)
    if creator.banned:
        return "spam_risk_user_banned_from_posting"
    received_at = post.received_at or 0
    earlier = received_before(db, post.username, received_at, since=received_at - switches.day_seconds)
    if creator.posts_today + earlier >= switches.daily_cap:
        return "spam_risk_too_many_posts"
    return ""


def _is_post_id(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) == 19


def _new_number() -> int:
    # 19 digits and odd: no double can hold it, so a client that reads it as one is found out.
    return 7_600_000_000_000_000_001 + 2 * secrets.randbelow(50_000_000_000_000_000)


def _one(cursor: sqlite3.Cursor) -> Post | None:
    row = cursor.fetchone()
    return _post(row) if row else None


def _post(row: sqlite3.Row) -> Post:
    values: dict[str, Any] = {name: bool(row[name]) if name in _BOOLEANS else row[name] for name in _COLUMNS}
    return Post(**values)
