"""The posting endpoints that begin nothing: creator info, status, cancel."""

from typing import Any

from flask import Blueprint, Response

from simulator.access import admit, json_body
from simulator.answers import ApiError, invalid_params, ok
from simulator.avatars import avatar_url
from simulator.calls import contract_call
from simulator.creators import get_creator
from simulator.faults import take_fault
from simulator.landings import landings_of
from simulator.limits import check_active_users, check_daily_cap, check_not_banned
from simulator.posts import (
    FAILED,
    PROCESSING,
    Post,
    count_status_call,
    fail_fetch,
    find_post,
)
from simulator.pulls import downloaded_bytes
from simulator.settling import settle_posts
from simulator.tokens import Grant
from simulator.world import World, the_world

blueprint = Blueprint("posting", __name__, url_prefix="/v2/post/publish")


@blueprint.post("/creator_info/query/")
@contract_call("creator_info")
def creator_info() -> Response:
    """What the creator may do now. A creator who may not post is told so with HTTP 200, as TikTok does."""
    world = the_world()
    grant = admit(world, "creator_info", "video.publish")
    json_body()
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        creator = get_creator(db, grant.username)
        check_not_banned(creator, status=200)
        check_daily_cap(db, creator, world.switches, now=now, status=200)
        check_active_users(db, creator, world.switches, now=now, status=200)
    return ok(
        {
            "creator_avatar_url": avatar_url(world, creator.username),
            "creator_username": creator.username,
            "creator_nickname": creator.nickname,
            "privacy_level_options": list(creator.privacy_level_options),
            "comment_disabled": creator.comment_disabled,
            "duet_disabled": creator.duet_disabled,
            "stitch_disabled": creator.stitch_disabled,
            "max_video_post_duration_sec": creator.max_seconds,
        }
    )


@blueprint.post("/status/fetch/")
@contract_call("status")
def status() -> Response:
    """How far a post is."""
    world = the_world()
    grant = admit(world, "status", "video.upload", "video.publish")
    post = _asked_post(world, grant, is_status_call=True)
    with world.state.transaction() as db:
        if take_fault(db, "status", frozenset({"stuck"}), post.username) is not None:
            return ok({"status": post.processing_word} | _progress(world, post))
        settle_posts(db, world.switches, now=world.now())
        settled = find_post(db, post.publish_id) or post
        odd = take_fault(db, "status", frozenset({"status_word"}), post.username)
    return ok(_status_data(world, settled, odd.details["word"] if odd else settled.status))


@blueprint.post("/cancel/")
@contract_call("cancel")
def cancel() -> Response:
    """Give up a download that is not finished. One that is in processing already goes on, as best effort says."""
    world = the_world()
    grant = admit(world, "cancel", "video.upload", "video.publish")
    post = _asked_post(world, grant)
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        is_cancelled = fail_fetch(db, post.publish_id, "publish_cancelled", now=now)
        settled = find_post(db, post.publish_id) or post
    if is_cancelled:
        world.fetcher.stop(post.publish_id)
        return ok(None)
    is_late = settled.is_pulled and settled.status in PROCESSING
    if is_late and world.switches.late_cancel == "ok":
        return ok(None)
    raise ApiError("publish_not_cancellable")


def _asked_post(world: World, grant: Grant, *, is_status_call: bool = False) -> Post:
    """The creator's own post that a call names."""
    publish_id = json_body().get("publish_id")
    if not isinstance(publish_id, str) or not publish_id:
        raise invalid_params("The request publish_id is empty or incorrect")
    post = _known_post(world, publish_id, is_status_call=is_status_call)
    if post is None:
        if world.switches.unknown_id_shape == "invalid_params":
            raise invalid_params("invalid_publish_id")
        raise ApiError("invalid_publish_id")
    if post.username != grant.username:
        raise ApiError("token_not_authorized_for_specified_publish_id")
    return post


def _known_post(world: World, publish_id: str, *, is_status_call: bool) -> Post | None:
    """The post a call is about; status has for a while not heard of TikTok's own fresh ids."""
    with world.state.transaction() as db:
        post = find_post(db, publish_id)
        if post is None or not is_status_call:
            return post
        count_status_call(db, post)
    return None if post.status_calls < world.switches.status_forgets_fresh_id else post


def _status_data(world: World, post: Post, word: str) -> dict[str, Any]:
    with world.state.transaction() as db:
        post_ids = [
            landing.post_id
            for landing in landings_of(db, post.publish_id)
            if landing.is_public and landing.post_id
        ]
    data: dict[str, Any] = {
        "status": word,
        "fail_reason": post.fail_reason,
        # TikTok's own spelling.
        "publicaly_available_post_id": post_ids,
    }
    if not (world.switches.omit_empty_fields and post.status == FAILED):
        data |= _progress(world, post)
    if world.switches.omit_empty_fields:
        return {name: value for name, value in data.items() if value}
    return data


def _progress(world: World, post: Post) -> dict[str, int]:
    """The counter of the way the bytes come."""
    if not post.is_pulled:
        return {"uploaded_bytes": post.uploaded_bytes}
    with world.state.transaction() as db:
        return {"downloaded_bytes": downloaded_bytes(db, post.publish_id)}
