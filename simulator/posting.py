"""The posting endpoints: creator info, video init, status."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from simulator.access import admit, json_body
from simulator.answers import ApiError, invalid_params, ok
from simulator.avatars import avatar_url
from simulator.calls import contract_call
from simulator.creators import Creator, get_creator
from simulator.faults import take_fault
from simulator.init_request import PostInfo, SourceInfo, read_post_info, read_source_info
from simulator.limits import check_active_users, check_daily_cap, check_not_banned
from simulator.posts import (
    FAILED,
    PROCESSING_UPLOAD,
    Post,
    add_post,
    count_status_call,
    find_post,
    new_publish_id,
    settle_posts,
)
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


@blueprint.post("/video/init/")
@contract_call("video_init")
def video_init() -> Response:
    """Begin a direct post; the ledger keeps refused attempts too."""
    world = the_world()
    grant = admit(world, "video_init", "video.publish")
    try:
        post = _begin_post(world, grant, json_body())
    except ApiError as error:
        _note_init(world, grant, None, error.code, error.message)
        raise
    _note_init(world, grant, post.publish_id, "ok", "")
    url = f"{world.settings.public_url}/upload?upload_id={post.upload_id}&upload_token={post.upload_token}"
    return ok({"publish_id": post.publish_id, "upload_url": url})


@blueprint.post("/status/fetch/")
@contract_call("status")
def status() -> Response:
    """How far a post is."""
    world = the_world()
    grant = admit(world, "status", "video.upload", "video.publish")
    publish_id = json_body().get("publish_id")
    if not isinstance(publish_id, str) or not publish_id:
        raise invalid_params("The request publish_id is empty or incorrect")
    post = _known_post(world, publish_id)
    if post is None:
        if world.switches.unknown_id_shape == "invalid_params":
            raise invalid_params("invalid_publish_id")
        raise ApiError("invalid_publish_id")
    if post.username != grant.username:
        raise ApiError("token_not_authorized_for_specified_publish_id")
    with world.state.transaction() as db:
        if take_fault(db, "status", frozenset({"stuck"}), post.username) is not None:
            return ok({"status": PROCESSING_UPLOAD, "uploaded_bytes": post.uploaded_bytes})
        settle_posts(db, world.switches, now=world.now())
        settled = find_post(db, publish_id) or post
        odd = take_fault(db, "status", frozenset({"status_word"}), post.username)
    return ok(_status_data(world, settled, odd.details["word"] if odd else settled.status))


def _known_post(world: World, publish_id: str) -> Post | None:
    """The post a status call is about, None while TikTok has not yet heard of its own fresh id."""
    with world.state.transaction() as db:
        post = find_post(db, publish_id)
        if post is None:
            return None
        count_status_call(db, post)
    return None if post.status_calls < world.switches.status_forgets_fresh_id else post


def _status_data(world: World, post: Post, word: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "status": word,
        "fail_reason": post.fail_reason,
        # TikTok's own spelling.
        "publicaly_available_post_id": [] if post.post_id is None else [post.post_id],
        "uploaded_bytes": post.uploaded_bytes,
    }
    if world.switches.omit_empty_fields:
        if post.status == FAILED:
            del data["uploaded_bytes"]
        return {name: value for name, value in data.items() if value}
    return data


def _begin_post(world: World, grant: Grant, body: dict[str, object]) -> Post:
    now, switches = world.now(), world.switches
    with world.state.transaction() as db:
        settle_posts(db, switches, now=now)
        creator = get_creator(db, grant.username)
        # The level and source are read leniently for the checks that come before "params" in a changed order.
        checks: dict[str, Callable[[], object]] = {
            "params": lambda: (read_post_info(body, switches), read_source_info(body)),
            "banned": lambda: check_not_banned(creator),
            "daily_cap": lambda: check_daily_cap(db, creator, switches, now=now),
            "active_users": lambda: check_active_users(db, creator, switches, now=now),
            "unaudited": lambda: _check_audit(world, creator, _asked_level(body)),
            "privacy_options": lambda: _check_options(creator, _asked_level(body)),
            "ownership": lambda: _check_ownership(body),
        }
        for name in switches.init_order:
            checks[name]()
        post = _new_post(world, creator, read_post_info(body, switches), read_source_info(body))
        add_post(db, post)
    return post


def _check_audit(world: World, creator: Creator, level: object) -> None:
    """An unaudited client posts to private accounts only, and only for the creator's own eyes."""
    if not world.switches.audited and (not creator.private or level != "SELF_ONLY"):
        raise ApiError("unaudited_client_can_only_post_to_private_accounts")


def _check_options(creator: Creator, level: object) -> None:
    if level not in creator.privacy_level_options:
        raise ApiError("privacy_level_option_mismatch")


def _check_ownership(body: dict[str, object]) -> None:
    """No domain of this client is verified, so TikTok fetches nothing for it."""
    info = body.get("source_info")
    if isinstance(info, dict) and info.get("source") == "PULL_FROM_URL":
        raise ApiError("url_ownership_unverified")


def _asked_level(body: dict[str, object]) -> object:
    info = body.get("post_info")
    return info.get("privacy_level", "") if isinstance(info, dict) else ""


def _new_post(world: World, creator: Creator, info: PostInfo, source: SourceInfo) -> Post:
    now = world.now()
    return Post(
        publish_id=new_publish_id(),
        username=creator.username,
        title=info.title,
        privacy_level=info.privacy_level,
        disable_comment=info.disable_comment,
        disable_duet=info.disable_duet,
        disable_stitch=info.disable_stitch,
        comment_allowed=not (info.disable_comment or creator.comment_disabled),
        duet_allowed=not (info.disable_duet or creator.duet_disabled),
        stitch_allowed=not (info.disable_stitch or creator.stitch_disabled),
        brand_content_toggle=info.brand_content_toggle,
        brand_organic_toggle=info.brand_organic_toggle,
        is_aigc=info.is_aigc,
        video_cover_timestamp_ms=info.video_cover_timestamp_ms,
        video_size=source.video_size,
        chunk_size=source.chunk_size,
        total_chunk_count=source.total_chunk_count,
        upload_id=secrets.token_hex(12),
        upload_token=world.settings.token_mark + secrets.token_urlsafe(32),
        created_at=now,
        url_expires_at=now + world.switches.upload_url_seconds,
    )


def _note_init(world: World, grant: Grant, publish_id: str | None, code: str, message: str) -> None:
    with world.state.transaction() as db:
        db.execute(
            "INSERT INTO inits (at, username, publish_id, code, message) VALUES (?, ?, ?, ?, ?)",
            (world.now(), grant.username, publish_id, code, message),
        )
