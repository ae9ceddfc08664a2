"""What the simulator remembers: one SQLite file, one lock, one clock that can be turned forward."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Raise this with every change of the schema: an older memory is then forgotten, not misread.
_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS creators (username TEXT PRIMARY KEY, changes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, username TEXT NOT NULL, scopes TEXT NOT NULL, redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS grants (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL, scopes TEXT NOT NULL,
    access_token TEXT NOT NULL UNIQUE, access_expires_at REAL NOT NULL,
    refresh_token TEXT NOT NULL, refresh_expires_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS grants_refresh ON grants (refresh_token);
CREATE INDEX IF NOT EXISTS grants_username ON grants (username);
CREATE TABLE IF NOT EXISTS posts (
    publish_id TEXT PRIMARY KEY, username TEXT NOT NULL,
    kind TEXT NOT NULL, mode TEXT NOT NULL, source TEXT NOT NULL,
    title TEXT NOT NULL, description TEXT NOT NULL, privacy_level TEXT NOT NULL,
    disable_comment INTEGER NOT NULL, disable_duet INTEGER NOT NULL, disable_stitch INTEGER NOT NULL,
    comment_allowed INTEGER NOT NULL, duet_allowed INTEGER NOT NULL, stitch_allowed INTEGER NOT NULL,
    brand_content_toggle INTEGER NOT NULL, brand_organic_toggle INTEGER NOT NULL,
    is_aigc INTEGER NOT NULL, auto_add_music INTEGER NOT NULL,
    video_cover_timestamp_ms INTEGER, cover_index INTEGER, remark TEXT NOT NULL,
    video_size INTEGER NOT NULL, chunk_size INTEGER NOT NULL, total_chunk_count INTEGER NOT NULL,
    upload_id TEXT NOT NULL UNIQUE, upload_token TEXT NOT NULL, content_type TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL, url_expires_at REAL NOT NULL,
    uploaded_bytes INTEGER NOT NULL DEFAULT 0, received_at REAL, sha256 TEXT NOT NULL DEFAULT '',
    verdict TEXT, checked_at REAL,
    status TEXT NOT NULL, fail_reason TEXT NOT NULL DEFAULT '', delivered_at REAL, completed_at REAL,
    status_calls INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS posts_username ON posts (username, created_at);
CREATE INDEX IF NOT EXISTS posts_open ON posts (received_at)
    WHERE status IN ('PROCESSING_UPLOAD', 'PROCESSING_DOWNLOAD');
CREATE TABLE IF NOT EXISTS landings (
    id INTEGER PRIMARY KEY, publish_id TEXT NOT NULL, number INTEGER NOT NULL, username TEXT NOT NULL,
    privacy_level TEXT NOT NULL, posted_at REAL NOT NULL, post_id INTEGER UNIQUE, public_at REAL
);
CREATE INDEX IF NOT EXISTS landings_username ON landings (username, posted_at);
CREATE INDEX IF NOT EXISTS landings_publish_id ON landings (publish_id);
CREATE INDEX IF NOT EXISTS landings_unseen ON landings (posted_at) WHERE post_id IS NULL;
CREATE TABLE IF NOT EXISTS pulls (
    publish_id TEXT NOT NULL, position INTEGER NOT NULL, url TEXT NOT NULL,
    is_done INTEGER NOT NULL DEFAULT 0, is_too_large INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    content_type TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '', width INTEGER, height INTEGER,
    PRIMARY KEY (publish_id, position)
);
CREATE TABLE IF NOT EXISTS visits (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, publish_id TEXT NOT NULL, position INTEGER NOT NULL,
    method TEXT NOT NULL, range TEXT NOT NULL, status INTEGER, bytes INTEGER NOT NULL, problem TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS inits (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, username TEXT NOT NULL, endpoint TEXT NOT NULL,
    publish_id TEXT, code TEXT NOT NULL, message TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS hits (grant_id INTEGER NOT NULL, call TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS hits_window ON hits (grant_id, call, at);
CREATE TABLE IF NOT EXISTS calls (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL,
    created_at REAL NOT NULL, due_at REAL, tries INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '', fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS events_due ON events (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, call TEXT NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL,
    left_over INTEGER, seen INTEGER NOT NULL DEFAULT 0
);
"""
_TABLES = (
    "notes",
    "creators",
    "codes",
    "grants",
    "posts",
    "landings",
    "pulls",
    "visits",
    "inits",
    "hits",
    "calls",
    "faults",
    "events",
)


class State:
    """The store. Every read and write happens inside `transaction()`, one at a time."""

    def __init__(self, data_dir: Path) -> None:
        self.videos_dir = data_dir / "videos"
        self.videos_dir.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        # isolation_level None: BEGIN and COMMIT are ours.
        self._db = sqlite3.connect(
            data_dir / "simulator.sqlite3", isolation_level=None, check_same_thread=False, timeout=10
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing this way; only a power cut could.
        self._db.execute("PRAGMA synchronous = OFF")
        self._make_tables()
        self._clock_offset = float(self.note("clock_offset") or 0)

    def _make_tables(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found not in {0, _VERSION}:
            for table in _TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens at once or, when it raises, not at all."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def path_of(self, upload_id: str, position: int | None = None) -> Path:
        """Where the received bytes of a video lie, or those of one picture of a carousel."""
        return self.videos_dir / (upload_id if position is None else f"{upload_id}-{position}")

    def now(self) -> float:
        """Seconds since 1970 on the simulator's clock."""
        return time.time() + self._clock_offset

    def advance_clock(self, seconds: float) -> None:
        with self._lock:
            self._clock_offset += seconds
            self.set_note("clock_offset", self._clock_offset)

    def note(self, name: str) -> Any:
        """A remembered JSON value, None when nothing was noted."""
        with self.transaction() as db:
            row = db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else None

    def set_note(self, name: str, value: Any) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, json.dumps(value)))

    def forget_everything(self) -> None:
        with self.transaction() as db:
            for table in _TABLES:
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables
            self._clock_offset = 0.0
        for path in self.videos_dir.iterdir():
            path.unlink(missing_ok=True)
