"""How time moves posts on: out of processing to the profile, the inbox or a failure, then through moderation."""

import sqlite3

from simulator.creators import get_creator
from simulator.faults import is_waiting, take_fault
from simulator.landings import land, let_through
from simulator.posts import (
    FAILED,
    PUBLISH_COMPLETE,
    SEND_TO_USER_INBOX,
    Post,
    fail_fetch,
    note_status,
    processed_posts,
    received_before,
    unfetched_posts,
)
from simulator.switches import Switches


class TapError(Exception):
    """The creator cannot post this from the inbox; the message says why."""


def settle_posts(db: sqlite3.Connection, switches: Switches, *, now: float) -> None:
    """Move every post as far as the clock allows."""
    for post in unfetched_posts(db):
        ends_at = post.created_at + switches.pull_timeout_seconds
        if now >= ends_at:
            fail_fetch(db, post.publish_id, pull_failure(post), now=ends_at)
    for post in processed_posts(db, now - switches.processing_seconds):
        if not is_waiting(db, "stuck", post.username):
            _finish(db, post, switches)
    let_through(db, switches.moderation_seconds, now=now)


def tap_notification(db: sqlite3.Connection, post: Post, privacy_level: str | None, *, now: float) -> None:
    """The creator opens the notification and posts; may be done again. Raises TapError.

    Without a level the creator takes the first that the account offers.
    """
    if post.status not in {SEND_TO_USER_INBOX, PUBLISH_COMPLETE} or post.delivered_at is None:
        raise TapError(f"{post.publish_id} is not in the creator's inbox")
    offered = get_creator(db, post.username).privacy_level_options
    level = offered[0] if privacy_level is None else privacy_level
    if level not in offered:
        raise TapError(f"privacy_level must be one of {', '.join(offered)}")
    land(db, post, level, now=now)
    note_status(db, post.publish_id, PUBLISH_COMPLETE, completed_at=now)


def pull_failure(post: Post) -> str:
    """The fail_reason of a download that did not work out."""
    return "photo_pull_failed" if post.is_photo else "video_pull_failed"


def _finish(db: sqlite3.Connection, post: Post, switches: Switches) -> None:
    """The end of processing, at the moment it was due."""
    done_at = max((post.received_at or 0) + switches.processing_seconds, post.checked_at or 0)
    reason = _why_it_fails(db, post, switches)
    if reason:
        note_status(db, post.publish_id, FAILED, fail_reason=reason, completed_at=done_at)
    elif post.is_direct:
        note_status(db, post.publish_id, PUBLISH_COMPLETE, completed_at=done_at)
        land(db, post, post.privacy_level, now=done_at)
    else:
        note_status(db, post.publish_id, SEND_TO_USER_INBOX, delivered_at=done_at)


def _why_it_fails(db: sqlite3.Connection, post: Post, switches: Switches) -> str:
    """The fail_reason, "" when all is well. What changed since init is looked at again."""
    fault = take_fault(db, "status", frozenset({"fail_reason"}), post.username)
    if fault is not None:
        return str(fault.details["reason"])
    if post.verdict:
        return post.verdict
    creator = get_creator(db, post.username)
    if creator.banned:
        return "spam_risk_user_banned_from_posting"
    if not post.is_direct:
        return ""
    received_at = post.received_at or 0
    earlier = received_before(db, post.username, received_at, since=received_at - switches.day_seconds)
    if creator.posts_today + earlier >= switches.daily_cap:
        return "spam_risk_too_many_posts"
    return ""
