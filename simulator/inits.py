"""The three inits: direct video, video to the inbox, photos either way; and the checks before each."""

import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from simulator.access import admit, json_body
from simulator.answers import ApiError, ok
from simulator.calls import contract_call
from simulator.creators import Creator, get_creator
from simulator.init_request import PostInfo, SourceInfo, read_post_info, read_source_info
from simulator.limits import (
    check_active_users,
    check_app_version,
    check_daily_cap,
    check_not_banned,
    check_pending_shares,
)
from simulator.ownership import is_fetchable, is_verified
from simulator.photo_request import DIRECT_POST, MEDIA_UPLOAD, PhotoRequest, photo_urls, read_photo_request
from simulator.posts import (
    DIRECT,
    INBOX,
    PHOTO,
    PROCESSING_DOWNLOAD,
    PROCESSING_UPLOAD,
    PULL_FROM_URL,
    VIDEO,
    Post,
    add_post,
    new_publish_id,
)
from simulator.pulls import add_pulls
from simulator.settling import settle_posts
from simulator.tokens import Grant
from simulator.world import World, the_world

blueprint = Blueprint("inits", __name__, url_prefix="/v2/post/publish")

_SCOPES_OF_MODE: dict[str, tuple[str, ...]] = {
    DIRECT_POST: ("video.publish",),
    MEDIA_UPLOAD: ("video.upload",),
}

Checks = Mapping[str, Callable[[], object]]


@blueprint.post("/video/init/")
@contract_call("video_init")
def video_init() -> Response:
    """A direct post of one video."""
    world = the_world()
    grant = admit(world, "video_init", "video.publish")

    def begin(db: sqlite3.Connection, creator: Creator, body: dict[str, object]) -> Post:
        _run_checks(
            world,
            {
                "params": lambda: (read_post_info(body, world.switches), read_source_info(body)),
                **_direct_checks(world, db, creator, body),
                "ownership": lambda: _check_ownership(world, _video_urls(body)),
            },
        )
        info, source = read_post_info(body, world.switches), read_source_info(body)
        return _add(db, _direct_video(world, creator, info, source), [source.url])

    return _answer_init(world, grant, "video_init", begin)


@blueprint.post("/inbox/video/init/")
@contract_call("inbox_init")
def inbox_init() -> Response:
    """A video for the creator's inbox. A post_info has no place here and is dropped without a word."""
    world = the_world()
    grant = admit(world, "inbox_init", "video.upload")

    def begin(db: sqlite3.Connection, creator: Creator, body: dict[str, object]) -> Post:
        _run_checks(
            world,
            {
                "params": lambda: read_source_info(body),
                "banned": lambda: check_not_banned(creator),
                "ownership": lambda: _check_ownership(world, _video_urls(body)),
                "pending_share": lambda: check_pending_shares(db, creator, world.switches, now=world.now()),
            },
        )
        source = read_source_info(body)
        post = _new_post(
            world,
            creator,
            VIDEO,
            INBOX,
            source.source,
            **_upload_fields(world, source),
            **_own_settings(creator),
        )
        return _add(db, post, [source.url])

    return _answer_init(world, grant, "inbox_init", begin)


@blueprint.post("/content/init/")
@contract_call("content_init")
def content_init() -> Response:
    """Photos: a direct post, or a draft for the inbox; each mode has its own scope."""
    world = the_world()
    mode = _asked_mode()
    is_upload = mode == MEDIA_UPLOAD
    grant = admit(world, "content_init", *_SCOPES_OF_MODE.get(mode, ("video.publish", "video.upload")))

    def begin(db: sqlite3.Connection, creator: Creator, body: dict[str, object]) -> Post:
        checks: dict[str, Callable[[], object]] = {
            "params": lambda: read_photo_request(body, world.switches),
            "ownership": lambda: _check_ownership(world, photo_urls(body)),
        }
        if is_upload:
            checks |= {
                "app_version": lambda: check_app_version(creator),
                "banned": lambda: check_not_banned(creator),
                "pending_share": lambda: check_pending_shares(db, creator, world.switches, now=world.now()),
            }
        else:
            checks |= _direct_checks(world, db, creator, body)
        _run_checks(world, checks)
        wanted = read_photo_request(body, world.switches)
        return _add(db, _photo_post(world, creator, wanted), wanted.urls)

    return _answer_init(world, grant, "content_init", begin)


def _answer_init(
    world: World,
    grant: Grant,
    endpoint: str,
    begin: Callable[[sqlite3.Connection, Creator, dict[str, object]], Post],
) -> Response:
    """Run an init in one transaction, note how it went, set TikTok's fetcher going."""
    try:
        body = json_body()
        with world.state.transaction() as db:
            settle_posts(db, world.switches, now=world.now())
            post = begin(db, get_creator(db, grant.username), body)
    except ApiError as error:
        _note_init(world, grant, endpoint, None, error.code, error.message)
        raise
    _note_init(world, grant, endpoint, post.publish_id, "ok", "")
    if post.is_pulled:
        world.fetcher.begin(post)
        return ok({"publish_id": post.publish_id})
    url = f"{world.settings.public_url}/upload?upload_id={post.upload_id}&upload_token={post.upload_token}"
    return ok({"publish_id": post.publish_id, "upload_url": url})


def _run_checks(world: World, checks: Checks) -> None:
    """Those of the checks this init knows, in the order the switch says."""
    for name in world.switches.init_order:
        if name in checks:
            checks[name]()


def _direct_checks(world: World, db: sqlite3.Connection, creator: Creator, body: dict[str, object]) -> Checks:
    """What every direct post must pass. The level is read leniently, for a changed order of checks."""
    switches, now = world.switches, world.now()
    return {
        "banned": lambda: check_not_banned(creator),
        "daily_cap": lambda: check_daily_cap(db, creator, switches, now=now),
        "active_users": lambda: check_active_users(db, creator, switches, now=now),
        "unaudited": lambda: _check_audit(world, creator, _asked_level(body)),
        "privacy_options": lambda: _check_options(creator, _asked_level(body)),
    }


def _check_audit(world: World, creator: Creator, level: object) -> None:
    """An unaudited client posts to private accounts only, and only for the creator's own eyes."""
    if not world.switches.audited and (not creator.private or level != "SELF_ONLY"):
        raise ApiError("unaudited_client_can_only_post_to_private_accounts")


def _check_options(creator: Creator, level: object) -> None:
    if level not in creator.privacy_level_options:
        raise ApiError("privacy_level_option_mismatch")


def _check_ownership(world: World, urls: Sequence[str]) -> None:
    """Every address must belong to the client; one that is malformed is no matter of ownership."""
    properties = world.settings.verified_properties
    if not all(is_verified(url, properties) for url in urls if is_fetchable(url)):
        raise ApiError("url_ownership_unverified")


def _video_urls(body: dict[str, object]) -> tuple[str, ...]:
    info = body.get("source_info")
    if not isinstance(info, dict) or info.get("source") != PULL_FROM_URL:
        return ()
    url = info.get("video_url")
    return (url,) if isinstance(url, str) else ()


def _asked_level(body: dict[str, object]) -> object:
    info = body.get("post_info")
    return info.get("privacy_level", "") if isinstance(info, dict) else ""


def _asked_mode() -> str:
    """The post mode before the body is checked: the scope that is needed hangs on it."""
    body = request.get_json(silent=True)
    mode = body.get("post_mode") if isinstance(body, dict) else None
    return mode if isinstance(mode, str) else ""


def _direct_video(world: World, creator: Creator, info: PostInfo, source: SourceInfo) -> Post:
    return _new_post(
        world,
        creator,
        VIDEO,
        DIRECT,
        source.source,
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
        **_upload_fields(world, source),
    )


def _photo_post(world: World, creator: Creator, wanted: PhotoRequest) -> Post:
    return _new_post(
        world,
        creator,
        PHOTO,
        DIRECT if wanted.is_direct else INBOX,
        PULL_FROM_URL,
        title=wanted.title,
        description=wanted.description,
        privacy_level=wanted.privacy_level,
        disable_comment=wanted.disable_comment,
        comment_allowed=not (wanted.disable_comment or creator.comment_disabled),
        auto_add_music=wanted.auto_add_music,
        brand_content_toggle=wanted.brand_content_toggle,
        brand_organic_toggle=wanted.brand_organic_toggle,
        is_aigc=wanted.is_aigc,
        cover_index=wanted.cover_index,
        remark=wanted.remark,
    )


def _new_post(world: World, creator: Creator, kind: str, mode: str, source: str, **fields: Any) -> Post:
    return Post(
        publish_id=new_publish_id(kind, mode, source),
        username=creator.username,
        kind=kind,
        mode=mode,
        source=source,
        upload_id=secrets.token_hex(12),
        created_at=world.now(),
        status=PROCESSING_DOWNLOAD if source == PULL_FROM_URL else PROCESSING_UPLOAD,
        **fields,
    )


def _upload_fields(world: World, source: SourceInfo) -> dict[str, Any]:
    if source.source == PULL_FROM_URL:
        return {}
    return {
        "video_size": source.video_size,
        "chunk_size": source.chunk_size,
        "total_chunk_count": source.total_chunk_count,
        "upload_token": world.settings.token_mark + secrets.token_urlsafe(32),
        "url_expires_at": world.now() + world.switches.upload_url_seconds,
    }


def _own_settings(creator: Creator) -> dict[str, Any]:
    """What viewers may do with a post that only the creator's own settings limit."""
    return {
        "comment_allowed": not creator.comment_disabled,
        "duet_allowed": not creator.duet_disabled,
        "stitch_allowed": not creator.stitch_disabled,
    }


def _add(db: sqlite3.Connection, post: Post, urls: Sequence[str]) -> Post:
    add_post(db, post)
    if post.is_pulled:
        add_pulls(db, post, urls)
    return post


def _note_init(
    world: World, grant: Grant, endpoint: str, publish_id: str | None, code: str, message: str
) -> None:
    with world.state.transaction() as db:
        db.execute(
            "INSERT INTO inits (at, username, endpoint, publish_id, code, message) VALUES (?, ?, ?, ?, ?, ?)",
            (world.now(), grant.username, endpoint, publish_id, code, message),
        )
