"""The truth as JSON, for tests to hold a product against: what was asked, fetched, received and posted."""

import sqlite3
from typing import Any

from simulator.creators import all_creators
from simulator.landings import Landing, landings_of
from simulator.posts import Post, all_posts
from simulator.pulls import Pull, all_visits, downloaded_bytes, pulls_of
from simulator.tokens import live_grant


def write_ledger(db: sqlite3.Connection, *, now: float) -> dict[str, Any]:
    """Posts, inits, fetches and calls since the last reset, oldest first, and who is connected now."""
    inits = [
        {
            "at": row["at"],
            "creator": row["username"],
            "endpoint": row["endpoint"],
            "publish_id": row["publish_id"],
            "code": row["code"],
            "message": row["message"],
        }
        for row in db.execute("SELECT * FROM inits ORDER BY id")
    ]
    grants = [live_grant(db, creator.username, now=now) for creator in all_creators(db)]
    connections = [
        {
            "creator": grant.username,
            "scopes": list(grant.scopes),
            "is_access_live": grant.access_expires_at > now,
            "is_refresh_live": grant.refresh_expires_at > now,
        }
        for grant in grants
        if grant is not None
    ]
    return {
        "posts": [post_entry(db, post) for post in all_posts(db)],
        "inits": inits,
        "fetches": all_visits(db),
        "calls": {row["name"]: row["count"] for row in db.execute("SELECT * FROM calls ORDER BY name")},
        "connections": connections,
    }


def post_entry(db: sqlite3.Connection, post: Post) -> dict[str, Any]:
    """One publish. `landings` says what came of it on the profile: more than one is a double post."""
    landings = landings_of(db, post.publish_id)
    pulls = pulls_of(db, post.publish_id)
    downloaded = downloaded_bytes(db, post.publish_id)
    return {
        "publish_id": post.publish_id,
        "creator": post.username,
        "kind": post.kind,
        "mode": post.mode,
        "source": post.source,
        "status": post.status,
        "fail_reason": post.fail_reason,
        "privacy_level": post.privacy_level,
        "title": post.title,
        "description": post.description,
        "disable_comment": post.disable_comment,
        "disable_duet": post.disable_duet,
        "disable_stitch": post.disable_stitch,
        "comment_allowed": post.comment_allowed,
        "duet_allowed": post.duet_allowed,
        "stitch_allowed": post.stitch_allowed,
        "brand_content_toggle": post.brand_content_toggle,
        "brand_organic_toggle": post.brand_organic_toggle,
        "is_aigc": post.is_aigc,
        "auto_add_music": post.auto_add_music,
        "video_cover_timestamp_ms": post.video_cover_timestamp_ms,
        "cover_index": post.cover_index,
        "remark": post.remark,
        "content_type": post.content_type,
        "sha256": post.sha256,
        "bytes": downloaded if post.is_pulled else post.uploaded_bytes,
        "downloaded_bytes": downloaded,
        "video_size": post.video_size,
        "chunk_size": post.chunk_size,
        "total_chunk_count": post.total_chunk_count,
        "photos": [_photo_entry(pull) for pull in pulls] if post.is_photo else [],
        "pulls": [_pull_entry(pull) for pull in pulls],
        "landings": [_landing_entry(landing) for landing in landings],
        "post_id": landings[0].post_id if landings else None,
        "public": any(landing.is_public for landing in landings),
        "public_at": min((landing.public_at for landing in landings if landing.public_at), default=None),
        "created_at": post.created_at,
        "received_at": post.received_at,
        "delivered_at": post.delivered_at,
        "completed_at": post.completed_at,
    }


def _photo_entry(pull: Pull) -> dict[str, Any]:
    return {"sha256": pull.sha256, "bytes": pull.bytes, "width": pull.width, "height": pull.height}


def _pull_entry(pull: Pull) -> dict[str, Any]:
    return {
        "url": pull.url,
        "is_done": pull.is_done,
        "attempts": pull.attempts,
        "bytes": pull.bytes,
        "content_type": pull.content_type,
        "problem": pull.problem,
    }


def _landing_entry(landing: Landing) -> dict[str, Any]:
    return {
        "privacy_level": landing.privacy_level,
        "posted_at": landing.posted_at,
        "post_id": landing.post_id,
        "public_at": landing.public_at,
    }
