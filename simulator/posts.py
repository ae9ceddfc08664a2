"""The publishes themselves: from init to the moment they are all here and looked at, as rows."""

import secrets
import sqlite3
from dataclasses import dataclass, fields
from typing import Any

from simulator import events
from simulator.events import about_post, announce

PROCESSING_UPLOAD = "PROCESSING_UPLOAD"
PROCESSING_DOWNLOAD = "PROCESSING_DOWNLOAD"
SEND_TO_USER_INBOX = "SEND_TO_USER_INBOX"
PUBLISH_COMPLETE = "PUBLISH_COMPLETE"
FAILED = "FAILED"
PROCESSING = (PROCESSING_UPLOAD, PROCESSING_DOWNLOAD)

VIDEO, PHOTO = "video", "photo"
DIRECT, INBOX = "direct", "inbox"
FILE_UPLOAD, PULL_FROM_URL = "FILE_UPLOAD", "PULL_FROM_URL"

_EVENTS = {
    FAILED: events.PUBLISH_FAILED,
    PUBLISH_COMPLETE: events.PUBLISH_COMPLETE,
    SEND_TO_USER_INBOX: events.INBOX_DELIVERED,
}

# As seen live where that is known, else as the reference pages print them.
_ID_PREFIXES: dict[tuple[str, str, str], str] = {
    (VIDEO, DIRECT, FILE_UPLOAD): "v_pub_file~v2-1.",
    (VIDEO, DIRECT, PULL_FROM_URL): "v_pub_url~v2-1.",
    (VIDEO, INBOX, FILE_UPLOAD): "v_inbox_file~v2.",
    (VIDEO, INBOX, PULL_FROM_URL): "v_inbox_url~v2.",
    (PHOTO, DIRECT, PULL_FROM_URL): "p_pub_url~v2.",
    (PHOTO, INBOX, PULL_FROM_URL): "p_inbox_url~v2.",
}


@dataclass(frozen=True)
class Post:
    """One accepted init and all that followed from it. Times are on the simulator's clock, sizes bytes."""

    publish_id: str
    username: str
    kind: str
    mode: str
    source: str
    upload_id: str
    created_at: float
    status: str
    title: str = ""
    description: str = ""
    # "" for what goes to the inbox: there the creator chooses.
    privacy_level: str = ""
    disable_comment: bool = False
    disable_duet: bool = False
    disable_stitch: bool = False
    # What viewers really may do: the creator's own settings switch things off too.
    comment_allowed: bool = False
    duet_allowed: bool = False
    stitch_allowed: bool = False
    brand_content_toggle: bool = False
    brand_organic_toggle: bool = False
    is_aigc: bool = False
    auto_add_music: bool = False
    video_cover_timestamp_ms: int | None = None
    cover_index: int | None = None
    # What was odd about the init without being refused.
    remark: str = ""
    # The sizes are 0 for what TikTok fetches.
    video_size: int = 0
    chunk_size: int = 0
    total_chunk_count: int = 0
    upload_token: str = ""
    url_expires_at: float = 0
    content_type: str = ""
    uploaded_bytes: int = 0
    received_at: float | None = None
    # Of a carousel: over its pictures' hexadecimal hashes, in order, one to a line.
    sha256: str = ""
    # None: not looked at yet; "": nothing wrong; else the fail_reason of the file.
    verdict: str | None = None
    checked_at: float | None = None
    fail_reason: str = ""
    delivered_at: float | None = None
    completed_at: float | None = None
    status_calls: int = 0

    def __repr__(self) -> str:
        return f"<Post {self.publish_id} of {self.username}: {self.status}>"

    @property
    def is_pulled(self) -> bool:
        return self.source == PULL_FROM_URL

    @property
    def is_direct(self) -> bool:
        return self.mode == DIRECT

    @property
    def is_photo(self) -> bool:
        return self.kind == PHOTO

    @property
    def processing_word(self) -> str:
        return PROCESSING_DOWNLOAD if self.is_pulled else PROCESSING_UPLOAD


_COLUMNS = tuple(field.name for field in fields(Post))
_BOOLEANS = frozenset(field.name for field in fields(Post) if field.type is bool)


def new_publish_id(kind: str, mode: str, source: str) -> str:
    """In the shape TikTok gives ids on this route."""
    return f"{_ID_PREFIXES[kind, mode, source]}{new_number()}"


def new_number() -> int:
    """19 digits and odd: no double can hold it, so a client that reads it as one is found out."""
    return 7_600_000_000_000_000_001 + 2 * secrets.randbelow(50_000_000_000_000_000)


def add_post(db: sqlite3.Connection, post: Post) -> None:
    marks = ", ".join("?" for _ in _COLUMNS)
    values = [getattr(post, name) for name in _COLUMNS]
    db.execute(f"INSERT INTO posts ({', '.join(_COLUMNS)}) VALUES ({marks})", values)  # noqa: S608


def find_post(db: sqlite3.Connection, publish_id: str) -> Post | None:
    return _one(db.execute("SELECT * FROM posts WHERE publish_id = ?", (publish_id,)))


def find_upload(db: sqlite3.Connection, upload_id: str) -> Post | None:
    """The post a chunk belongs to; nothing is uploaded for one that TikTok fetches."""
    return _one(
        db.execute("SELECT * FROM posts WHERE upload_id = ? AND source = ?", (upload_id, FILE_UPLOAD))
    )


def all_posts(db: sqlite3.Connection) -> list[Post]:
    """Every post ever begun, oldest first."""
    return _many(db.execute("SELECT * FROM posts ORDER BY rowid"))


def inbox_posts(db: sqlite3.Connection, username: str) -> list[Post]:
    """What was delivered to a creator's inbox, posted or not, newest first."""
    return _many(
        db.execute(
            "SELECT * FROM posts WHERE username = ? AND delivered_at IS NOT NULL"
            " ORDER BY delivered_at DESC, rowid DESC",
            (username,),
        )
    )


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


def note_fetched(db: sqlite3.Connection, publish_id: str, *, content_type: str, now: float) -> bool:
    """Note that everything was fetched; False when the post ended meanwhile."""
    cursor = db.execute(
        "UPDATE posts SET received_at = ?, content_type = ?"
        " WHERE publish_id = ? AND status = ? AND received_at IS NULL",
        (now, content_type, publish_id, PROCESSING_DOWNLOAD),
    )
    return cursor.rowcount == 1


def is_being_fetched(db: sqlite3.Connection, publish_id: str) -> bool:
    """Whether its download is still to be done: not ended, not finished, not forgotten."""
    row = db.execute(
        "SELECT 1 FROM posts WHERE publish_id = ? AND status = ? AND received_at IS NULL",
        (publish_id, PROCESSING_DOWNLOAD),
    ).fetchone()
    return row is not None


def unfetched_posts(db: sqlite3.Connection) -> list[Post]:
    """Posts whose download is not finished, oldest first."""
    return _many(
        db.execute(
            "SELECT * FROM posts WHERE status = ? AND received_at IS NULL ORDER BY rowid",
            (PROCESSING_DOWNLOAD,),
        )
    )


def unchecked_posts(db: sqlite3.Connection) -> list[Post]:
    """Posts that are all here and have not been looked at, oldest first."""
    return _many(
        db.execute(
            "SELECT * FROM posts WHERE received_at IS NOT NULL AND checked_at IS NULL ORDER BY received_at"
        )
    )


def processed_posts(db: sqlite3.Connection, received_by: float) -> list[Post]:
    """Posts still in processing that arrived by then and have been looked at, oldest first."""
    return _many(
        db.execute(
            "SELECT * FROM posts WHERE status IN (?, ?) AND received_at <= ? AND checked_at IS NOT NULL"
            " ORDER BY received_at",
            (*PROCESSING, received_by),
        )
    )


def note_verdict(db: sqlite3.Connection, post: Post, *, sha256: str, verdict: str, now: float) -> None:
    """What the check of the file came to; "" for a file without fault."""
    db.execute(
        "UPDATE posts SET sha256 = ?, verdict = ?, checked_at = ? WHERE publish_id = ?",
        (sha256, verdict, now, post.publish_id),
    )


def count_status_call(db: sqlite3.Connection, post: Post) -> None:
    db.execute("UPDATE posts SET status_calls = status_calls + 1 WHERE publish_id = ?", (post.publish_id,))


def note_status(
    db: sqlite3.Connection,
    publish_id: str,
    status: str,
    *,
    fail_reason: str = "",
    delivered_at: float | None = None,
    completed_at: float | None = None,
) -> None:
    """Move a post, and have the app told; a time that is already known stays."""
    rows = db.execute(
        "UPDATE posts SET status = ?, fail_reason = ?, delivered_at = COALESCE(delivered_at, ?),"
        " completed_at = COALESCE(completed_at, ?) WHERE publish_id = ? RETURNING *",
        (status, fail_reason, delivered_at, completed_at, publish_id),
    )
    _announce(db, rows.fetchall(), now=delivered_at or completed_at or 0)


def fail_fetch(db: sqlite3.Connection, publish_id: str, reason: str, *, now: float) -> bool:
    """End a post whose download is not finished; False when there is nothing left to end."""
    if not is_being_fetched(db, publish_id):
        return False
    note_status(db, publish_id, FAILED, fail_reason=reason, completed_at=now)
    return True


def fail_open_posts(db: sqlite3.Connection, username: str, reason: str, *, now: float) -> None:
    """Everything of the creator that is still in processing ends here."""
    rows = db.execute(
        "UPDATE posts SET status = ?, fail_reason = ?, completed_at = ?"
        " WHERE username = ? AND status IN (?, ?) RETURNING *",
        (FAILED, reason, now, username, *PROCESSING),
    )
    _announce(db, rows.fetchall(), now=now)


def _announce(db: sqlite3.Connection, rows: list[sqlite3.Row], *, now: float) -> None:
    for row in rows:
        content = about_post(row["publish_id"], row["mode"])
        if row["status"] == FAILED:
            content |= {"reason": row["fail_reason"]}
        if row["status"] in _EVENTS:
            announce(db, row["username"], _EVENTS[row["status"]], content, now=now)


def received_before(db: sqlite3.Connection, username: str, moment: float, *, since: float) -> int:
    """Direct posts, videos and photos, that arrived in the time given and have not failed."""
    row = db.execute(
        "SELECT COUNT(*) FROM posts WHERE username = ? AND received_at > ? AND received_at < ?"
        " AND status != ? AND mode = ?",
        (username, since, moment, FAILED, DIRECT),
    ).fetchone()
    return int(row[0])


def pending_shares(db: sqlite3.Connection, username: str, *, since: float, counts_posted: bool) -> int:
    """Inbox publishes begun in the time given that wait in the inbox.

    With `counts_posted` every one that has not failed counts, also on its way or posted already.
    """
    chosen = "status != ?" if counts_posted else "status = ?"
    row = db.execute(
        f"SELECT COUNT(*) FROM posts WHERE username = ? AND mode = ? AND created_at > ? AND {chosen}",  # noqa: S608
        (username, INBOX, since, FAILED if counts_posted else SEND_TO_USER_INBOX),
    ).fetchone()
    return int(row[0])


def posting_usernames(db: sqlite3.Connection, *, since: float) -> set[str]:
    """The creators direct posts were begun for."""
    rows = db.execute(
        "SELECT DISTINCT username FROM posts WHERE created_at > ? AND mode = ?", (since, DIRECT)
    )
    return {row["username"] for row in rows}


def _one(cursor: sqlite3.Cursor) -> Post | None:
    row = cursor.fetchone()
    return _post(row) if row else None


def _many(cursor: sqlite3.Cursor) -> list[Post]:
    return [_post(row) for row in cursor]


def _post(row: sqlite3.Row) -> Post:
    values: dict[str, Any] = {name: bool(row[name]) if name in _BOOLEANS else row[name] for name in _COLUMNS}
    return Post(**values)
