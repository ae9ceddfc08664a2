"""What came to stand on a profile: one row for each post there, several where a draft was posted twice."""

import sqlite3
from dataclasses import dataclass

from simulator.events import NO_LONGER_PUBLIC, PUBLICLY_AVAILABLE, about_post, announce
from simulator.posts import Post, find_post, new_number

PUBLIC_LEVEL = "PUBLIC_TO_EVERYONE"
_POST_ID_DIGITS = 19


@dataclass(frozen=True)
class Landing:
    """One post on a profile. `number` counts the posts made out of one publish, from 1."""

    publish_id: str
    number: int
    username: str
    privacy_level: str
    posted_at: float
    # None for fewer eyes than everybody's, and until moderation lets it through.
    post_id: int | None
    public_at: float | None

    @property
    def is_public(self) -> bool:
        """Everyone can see it, or will as soon as moderation lets it through."""
        return self.privacy_level == PUBLIC_LEVEL

    @property
    def key(self) -> str:
        """What stands in its page's address: the post id once there is one, else the publish id."""
        if self.post_id is not None:
            return str(self.post_id)
        return self.publish_id if self.number == 1 else f"{self.publish_id}-{self.number}"


def land(db: sqlite3.Connection, post: Post, privacy_level: str, *, now: float) -> None:
    """Put a post on its creator's profile."""
    db.execute(
        "INSERT INTO landings (publish_id, number, username, privacy_level, posted_at)"
        " SELECT ?, COUNT(*) + 1, ?, ?, ? FROM landings WHERE publish_id = ?",
        (post.publish_id, post.username, privacy_level, now, post.publish_id),
    )


def let_through(db: sqlite3.Connection, moderation_seconds: float, *, now: float) -> None:
    """Moderation approves the public posts that have waited long enough; they get their ids."""
    rows = db.execute(
        "SELECT id, posted_at FROM landings WHERE post_id IS NULL AND privacy_level = ? AND posted_at <= ?",
        (PUBLIC_LEVEL, now - moderation_seconds),
    ).fetchall()
    for row in rows:
        _make_public(db, row["id"], now=row["posted_at"] + moderation_seconds)


def change_audience(db: sqlite3.Connection, landing: Landing, privacy_level: str, *, now: float) -> None:
    """The creator lets others see it, or nobody; the post keeps its id."""
    where = (landing.publish_id, landing.number)
    row = db.execute("SELECT id FROM landings WHERE publish_id = ? AND number = ?", where).fetchone()
    db.execute(
        "UPDATE landings SET privacy_level = ?, public_at = NULL WHERE id = ?", (privacy_level, row["id"])
    )
    if privacy_level == PUBLIC_LEVEL:
        _make_public(db, row["id"], now=now)
    elif landing.is_public and landing.post_id is not None:
        _announce(db, landing.publish_id, landing.post_id, NO_LONGER_PUBLIC, now=now)


def _make_public(db: sqlite3.Connection, landing_id: int, *, now: float) -> None:
    row = db.execute(
        "UPDATE landings SET post_id = COALESCE(post_id, ?), public_at = ? WHERE id = ? RETURNING *",
        (new_number(), now, landing_id),
    ).fetchone()
    _announce(db, row["publish_id"], row["post_id"], PUBLICLY_AVAILABLE, now=now)


def _announce(db: sqlite3.Connection, publish_id: str, post_id: int, name: str, *, now: float) -> None:
    post = find_post(db, publish_id)
    if post is not None:
        # A string here, a number in the status.
        content = about_post(publish_id, post.mode, post_id=str(post_id))
        announce(db, post.username, name, content, now=now)


def landings_of(db: sqlite3.Connection, publish_id: str) -> list[Landing]:
    """The posts made out of one publish, in the order they were made."""
    return _many(db.execute("SELECT * FROM landings WHERE publish_id = ? ORDER BY id", (publish_id,)))


def landings_by(db: sqlite3.Connection, username: str) -> list[tuple[Post, Landing]]:
    """A creator's posts, newest first."""
    rows = db.execute(
        "SELECT * FROM landings WHERE username = ? ORDER BY posted_at DESC, id DESC", (username,)
    )
    return [(_post_of(db, landing), landing) for landing in _many(rows)]


def find_landing(db: sqlite3.Connection, username: str, key: str) -> tuple[Post, Landing] | None:
    """A creator's post by the key of its address, or by its publish id for as long as it lives."""
    if key.isascii() and key.isdecimal() and len(key) == _POST_ID_DIGITS:
        rows = db.execute("SELECT * FROM landings WHERE username = ? AND post_id = ?", (username, int(key)))
    else:
        rows = db.execute(
            "SELECT * FROM landings WHERE username = ? AND (publish_id || '-' || number) IN (?, ? || '-1')",
            (username, key, key),
        )
    found = _many(rows)
    return (_post_of(db, found[0]), found[0]) if found else None


def _post_of(db: sqlite3.Connection, landing: Landing) -> Post:
    post = find_post(db, landing.publish_id)
    if post is None:
        raise LookupError(f"{landing.publish_id} has landed and is not here")
    return post


def _many(cursor: sqlite3.Cursor) -> list[Landing]:
    names = ("publish_id", "number", "username", "privacy_level", "posted_at", "post_id", "public_at")
    return [Landing(*(row[name] for name in names)) for row in cursor]
