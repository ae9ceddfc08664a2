"""Authorisation codes and token pairs: making, exchanging, rotating and ending them."""

import secrets
import sqlite3
from dataclasses import dataclass

from simulator.switches import Switches

# Lifetimes in seconds, access and refresh. Source: TikTok's token pages before and after November 2026.
LIFETIMES: dict[str, tuple[float, float]] = {
    "2026-11": (7200, 15_552_000),
    "legacy": (86400, 31_536_000),
}


@dataclass(frozen=True)
class Code:
    """An authorisation code and what was agreed when it was given out."""

    username: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str


@dataclass(frozen=True)
class Grant:
    """A creator's consent with its present token pair; times are on the simulator's clock."""

    id: int
    username: str
    scopes: tuple[str, ...]
    access_token: str
    access_expires_at: float
    refresh_token: str
    refresh_expires_at: float

    def __repr__(self) -> str:
        return f"<Grant {self.id} of {self.username}>"


def issue_code(db: sqlite3.Connection, code: Code, *, now: float, lives: float) -> str:
    # The odd characters are TikTok's own: a client has to decode the redirect exactly once.
    text = f"{secrets.token_urlsafe(40)}*{secrets.randbelow(4)}!{secrets.randbelow(9000) + 1000}.va"
    db.execute(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?)",
        (text, code.username, ",".join(code.scopes), code.redirect_uri, code.challenge, now + lives),
    )
    return text


def find_code(db: sqlite3.Connection, text: str, *, now: float) -> Code | None:
    """The agreement behind a code that still works, None when used, expired or unknown."""
    row = db.execute("SELECT * FROM codes WHERE code = ? AND expires_at > ?", (text, now)).fetchone()
    if row is None:
        return None
    return Code(row["username"], _scopes(row["scopes"]), row["redirect_uri"], row["challenge"])


def spend_code(db: sqlite3.Connection, text: str) -> None:
    db.execute("UPDATE codes SET expires_at = 0 WHERE code = ?", (text,))


def grant_tokens(db: sqlite3.Connection, code: Code, switches: Switches, *, mark: str, now: float) -> Grant:
    """A new pair for a creator; whatever pair the app held before is dead."""
    end_grants(db, code.username)
    lifetimes = _lifetimes(switches)
    refresh = _new_token("rft", mark)
    return _store_pair(db, code.username, code.scopes, refresh, lifetimes, mark=mark, now=now)


def refresh_tokens(
    db: sqlite3.Connection, refresh_token: str, switches: Switches, *, mark: str, now: float
) -> Grant | None:
    """The next pair, None for a refresh token that does not work (any more).

    Under the strict profile the old refresh token stops working here and now; the old access token runs
    on until it expires, unless a switch says otherwise. Under `legacy` the refresh token stays the same.
    """
    row = db.execute(
        "SELECT * FROM grants WHERE refresh_token = ? AND refresh_expires_at > ? ORDER BY id DESC LIMIT 1",
        (refresh_token, now),
    ).fetchone()
    if row is None:
        return None
    old = _grant(row)
    access_lives, refresh_lives = _lifetimes(switches)
    next_refresh = old.refresh_token
    if switches.token_profile == "legacy":  # noqa: S105 - a profile, no password
        refresh_lives = old.refresh_expires_at - now
    else:
        next_refresh = _new_token("rft", mark)
    db.execute("UPDATE grants SET refresh_expires_at = 0 WHERE id = ?", (old.id,))
    if switches.refresh_kills_access:
        db.execute("UPDATE grants SET access_expires_at = 0 WHERE id = ?", (old.id,))
    lifetimes = (access_lives, refresh_lives)
    return _store_pair(db, old.username, old.scopes, next_refresh, lifetimes, mark=mark, now=now)


def find_grant(db: sqlite3.Connection, access_token: str, *, now: float) -> Grant | None:
    """The consent behind an access token that works now."""
    row = db.execute(
        "SELECT * FROM grants WHERE access_token = ? AND access_expires_at > ?", (access_token, now)
    ).fetchone()
    return _grant(row) if row else None


def live_grant(db: sqlite3.Connection, username: str, *, now: float) -> Grant | None:
    """The creator's newest consent with at least one token that works."""
    row = db.execute(
        "SELECT * FROM grants WHERE username = ? AND (access_expires_at > ? OR refresh_expires_at > ?)"
        " ORDER BY id DESC LIMIT 1",
        (username, now, now),
    ).fetchone()
    return _grant(row) if row else None


def end_grants(db: sqlite3.Connection, username: str) -> None:
    """Every token of the creator stops working."""
    expire_grants(db, username, is_access=True, is_refresh=True)


def expire_grants(db: sqlite3.Connection, username: str, *, is_access: bool, is_refresh: bool) -> None:
    if is_access:
        db.execute("UPDATE grants SET access_expires_at = 0 WHERE username = ?", (username,))
    if is_refresh:
        db.execute("UPDATE grants SET refresh_expires_at = 0 WHERE username = ?", (username,))


def username_of_code(db: sqlite3.Connection, text: str) -> str:
    """Whose code this is or was, "" when unknown."""
    return _username(db.execute("SELECT username FROM codes WHERE code = ?", (text,)))


def username_of_access_token(db: sqlite3.Connection, token: str) -> str:
    return _username(db.execute("SELECT username FROM grants WHERE access_token = ?", (token,)))


def username_of_refresh_token(db: sqlite3.Connection, token: str) -> str:
    return _username(db.execute("SELECT username FROM grants WHERE refresh_token = ?", (token,)))


def _store_pair(
    db: sqlite3.Connection,
    username: str,
    scopes: tuple[str, ...],
    refresh_token: str,
    lifetimes: tuple[float, float],
    *,
    mark: str,
    now: float,
) -> Grant:
    cursor = db.execute(
        "INSERT INTO grants (username, scopes, access_token, access_expires_at, refresh_token,"
        " refresh_expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
        (
            username,
            ",".join(scopes),
            _new_token("act", mark),
            now + lifetimes[0],
            refresh_token,
            now + lifetimes[1],
        ),
    )
    return _grant(cursor.fetchone())


def _username(cursor: sqlite3.Cursor) -> str:
    row = cursor.fetchone()
    return str(row["username"]) if row else ""


def _lifetimes(switches: Switches) -> tuple[float, float]:
    access, refresh = LIFETIMES[switches.token_profile]
    if switches.access_seconds is not None:
        access = switches.access_seconds
    if switches.refresh_seconds is not None:
        refresh = switches.refresh_seconds
    return access, refresh


def _new_token(kind: str, mark: str) -> str:
    return f"{kind}.{mark}{secrets.token_urlsafe(48)}!{secrets.randbelow(9000) + 1000}.va"


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(
        row["id"],
        row["username"],
        _scopes(row["scopes"]),
        row["access_token"],
        row["access_expires_at"],
        row["refresh_token"],
        row["refresh_expires_at"],
    )


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
