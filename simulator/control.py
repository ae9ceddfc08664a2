"""The wires behind the stage, as JSON: faults, switches, the ledger, creators, the clock, reset."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator.creators import CreatorError, all_creators, get_creator, patch_creator
from simulator.faults import FaultError, add_fault, all_faults, clear_faults
from simulator.oauth import end_access
from simulator.posts import Post, all_posts, settle_posts
from simulator.switches import SwitchError
from simulator.tokens import expire_grants, live_grant
from simulator.world import World, the_world

blueprint = Blueprint("control", __name__, url_prefix="/_simulator")


class ControlError(Exception):
    """A request to the control endpoints makes no sense; the message says why."""


@blueprint.errorhandler(ControlError)
@blueprint.errorhandler(CreatorError)
@blueprint.errorhandler(FaultError)
@blueprint.errorhandler(SwitchError)
def refuse(error: Exception) -> tuple[Response, int]:
    return jsonify({"error": str(error)}), 400


@blueprint.get("/health")
def health() -> Response:
    return jsonify({"ok": True})


@blueprint.post("/reset")
def reset() -> Response:
    the_world().reset()
    return jsonify({"ok": True})


@blueprint.get("/ledger")
def ledger() -> Response:
    """The truth: every post, every init, how often each call came, who is connected."""
    world = the_world()
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        posts = [_post_entry(post) for post in all_posts(db)]
        inits = [
            {
                "at": row["at"],
                "creator": row["username"],
                "publish_id": row["publish_id"],
                "code": row["code"],
                "message": row["message"],
            }
            for row in db.execute("SELECT * FROM inits ORDER BY id")
        ]
        calls = {row["name"]: row["count"] for row in db.execute("SELECT * FROM calls ORDER BY name")}
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
    return jsonify({"posts": posts, "inits": inits, "calls": calls, "connections": connections})


@blueprint.get("/faults")
def list_faults() -> Response:
    with the_world().state.transaction() as db:
        return jsonify({"faults": [fault.to_json() for fault in all_faults(db)]})


@blueprint.post("/faults")
def plan_fault() -> Response:
    with the_world().state.transaction() as db:
        return jsonify(add_fault(db, _body()).to_json())


@blueprint.delete("/faults")
@blueprint.delete("/faults/<int:fault_id>")
def drop_faults(fault_id: int | None = None) -> Response:
    with the_world().state.transaction() as db:
        clear_faults(db, fault_id)
    return jsonify({"ok": True})


@blueprint.get("/switches")
def list_switches() -> Response:
    return jsonify(the_world().switches.to_json())


@blueprint.post("/switches")
def turn_switches() -> Response:
    return jsonify(the_world().set_switches(_body()).to_json())


@blueprint.get("/creators")
def list_creators() -> Response:
    with the_world().state.transaction() as db:
        return jsonify({"creators": [creator.to_json() for creator in all_creators(db)]})


@blueprint.post("/creators/<username>")
def change_creator(username: str) -> Response:
    with the_world().state.transaction() as db:
        return jsonify(patch_creator(db, username, _body()).to_json())


@blueprint.post("/revoke/<username>")
def revoke(username: str) -> Response:
    """The creator removes the app in TikTok's own settings."""
    world = the_world()
    _check_known(world, username)
    end_access(world, username)
    return jsonify({"ok": True})


@blueprint.post("/expire/<username>")
def expire(username: str) -> Response:
    world = the_world()
    _check_known(world, username)
    body = _body()
    with world.state.transaction() as db:
        expire_grants(
            db,
            username,
            is_access=bool(body.get("access", True)),
            is_refresh=bool(body.get("refresh", False)),
        )
    return jsonify({"ok": True})


@blueprint.get("/clock")
def clock() -> Response:
    return jsonify({"now": the_world().now()})


@blueprint.post("/clock")
def advance_clock() -> Response:
    seconds = _body().get("advance_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise ControlError("advance_seconds must be a number, 0 or more")
    the_world().state.advance_clock(seconds)
    return clock()


def _check_known(world: World, username: str) -> None:
    with world.state.transaction() as db:
        get_creator(db, username)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if body is None and not request.get_data():
        return {}
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _post_entry(post: Post) -> dict[str, Any]:
    return {
        "publish_id": post.publish_id,
        "creator": post.username,
        "status": post.status,
        "fail_reason": post.fail_reason,
        "privacy_level": post.privacy_level,
        "title": post.title,
        "disable_comment": post.disable_comment,
        "disable_duet": post.disable_duet,
        "disable_stitch": post.disable_stitch,
        "comment_allowed": post.comment_allowed,
        "duet_allowed": post.duet_allowed,
        "stitch_allowed": post.stitch_allowed,
        "brand_content_toggle": post.brand_content_toggle,
        "brand_organic_toggle": post.brand_organic_toggle,
        "is_aigc": post.is_aigc,
        "video_cover_timestamp_ms": post.video_cover_timestamp_ms,
        "content_type": post.content_type,
        "sha256": post.sha256,
        "bytes": post.uploaded_bytes,
        "video_size": post.video_size,
        "chunk_size": post.chunk_size,
        "total_chunk_count": post.total_chunk_count,
        "post_id": post.post_id,
        "public": post.is_public,
        "created_at": post.created_at,
        "received_at": post.received_at,
        "completed_at": post.completed_at,
    }
