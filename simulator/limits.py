"""How much is too much: calls a minute, posts a day, posting creators a day."""

import sqlite3

from simulator.answers import ApiError
from simulator.creators import Creator
from simulator.posts import pending_shares, posting_usernames, received_before
from simulator.switches import Switches

# Calls per access token and window. Source: each endpoint's reference page.
CALLS_PER_WINDOW: dict[str, int] = {
    "creator_info": 20,
    "video_init": 6,
    "inbox_init": 6,
    "content_init": 6,
    "status": 30,
    # TikTok names none for this one; the one of status is assumed.
    "cancel": 30,
    "user_info": 600,
}
# Source: content sharing guidelines, unaudited clients.
UNAUDITED_POSTING_USERS = 5
PHOTO_INBOX_APP_VERSION = (31, 8)


def count_call(db: sqlite3.Connection, grant_id: int, call: str, switches: Switches, *, now: float) -> None:
    """Let a call through or raise rate_limit_exceeded. Only calls let through fill the sliding window."""
    since = now - switches.rate_window_seconds
    db.execute("DELETE FROM hits WHERE grant_id = ? AND call = ? AND at <= ?", (grant_id, call, since))
    used = db.execute(
        "SELECT COUNT(*) FROM hits WHERE grant_id = ? AND call = ?", (grant_id, call)
    ).fetchone()[0]
    if used >= CALLS_PER_WINDOW[call]:
        raise ApiError("rate_limit_exceeded")
    db.execute("INSERT INTO hits VALUES (?, ?, ?)", (grant_id, call, now))


def posts_used(db: sqlite3.Connection, creator: Creator, switches: Switches, *, now: float) -> int:
    """Today's direct posts of a creator: through other apps, and ours that arrived and did not fail."""
    return creator.posts_today + received_before(
        db, creator.username, float("inf"), since=now - switches.day_seconds
    )


def check_not_banned(creator: Creator, status: int | None = None) -> None:
    if creator.banned:
        raise ApiError("spam_risk_user_banned_from_posting", status=status)


def check_daily_cap(
    db: sqlite3.Connection, creator: Creator, switches: Switches, *, now: float, status: int | None = None
) -> None:
    if posts_used(db, creator, switches, now=now) >= switches.daily_cap:
        raise ApiError("spam_risk_too_many_posts", status=status)


def check_active_users(
    db: sqlite3.Connection, creator: Creator, switches: Switches, *, now: float, status: int | None = None
) -> None:
    """A client may post for so many creators a day; one who posted today already is no further one."""
    cap = switches.active_user_cap if switches.audited else UNAUDITED_POSTING_USERS
    if cap is None:
        return
    active = posting_usernames(db, since=now - switches.day_seconds)
    if creator.username not in active and len(active) >= cap:
        raise ApiError("reached_active_user_cap", status=status)


def check_pending_shares(db: sqlite3.Connection, creator: Creator, switches: Switches, *, now: float) -> None:
    """So many drafts may wait in a creator's inbox. Documented with HTTP 403, seen live with 400."""
    pending = pending_shares(
        db,
        creator.username,
        since=now - switches.day_seconds,
        counts_posted=switches.pending_share_counts == "started",
    )
    if pending >= switches.pending_share_cap:
        code = "spam_risk_too_many_pending_share"
        raise ApiError(code, message=code, status=switches.pending_share_status)


def check_app_version(creator: Creator) -> None:
    """Photos for the inbox need a TikTok app of a certain age. Source: photo reference page."""
    if creator.app_version_numbers < PHOTO_INBOX_APP_VERSION:
        raise ApiError("app_version_check_failed")
