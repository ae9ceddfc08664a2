"""User info: the fields a consent covers."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from simulator.access import admit
from simulator.answers import ApiError, invalid_params, ok
from simulator.avatars import avatar_url
from simulator.calls import contract_call
from simulator.creators import Creator, get_creator
from simulator.landings import landings_by
from simulator.settling import settle_posts
from simulator.world import World, the_world

blueprint = Blueprint("users", __name__)

# Source: TikTok's scope reference.
FIELDS_BY_SCOPE: dict[str, tuple[str, ...]] = {
    "user.info.basic": (
        "open_id",
        "union_id",
        "avatar_url",
        "avatar_url_100",
        "avatar_large_url",
        "display_name",
    ),
    "user.info.profile": ("bio_description", "profile_deep_link", "is_verified", "username"),
    "user.info.stats": ("follower_count", "following_count", "likes_count", "video_count"),
}
_SCOPE_OF = {field: scope for scope, fields in FIELDS_BY_SCOPE.items() for field in fields}


@blueprint.get("/v2/user/info/")
@contract_call("user_info")
def user_info() -> Response:
    """The fields asked for; one without its scope refuses the whole call, as measured live."""
    world = the_world()
    grant = admit(world, "user_info")
    names = [name for name in request.args.get("fields", "").split(",") if name]
    if not names or any(name not in _SCOPE_OF for name in names):
        raise invalid_params("The request fields are empty or incorrect")
    if any(_SCOPE_OF[name] not in grant.scopes for name in names):
        raise ApiError("scope_not_authorized")
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        creator = get_creator(db, grant.username)
        public_videos = sum(landing.is_public for _, landing in landings_by(db, creator.username))
    known = _facts(world, creator, public_videos)
    return ok({"user": {name: known[name]() for name in names}})


def _facts(world: World, creator: Creator, public_videos: int) -> dict[str, Callable[[], Any]]:
    picture: Callable[[], str] = lambda: avatar_url(world, creator.username)  # noqa: E731
    return {
        "open_id": lambda: creator.open_id(world.settings.client_key),
        "union_id": lambda: creator.union_id,
        "avatar_url": picture,
        "avatar_url_100": picture,
        "avatar_large_url": picture,
        "display_name": lambda: creator.nickname,
        "bio_description": lambda: creator.bio,
        "profile_deep_link": lambda: f"{world.settings.public_url}/@{creator.username}",
        "is_verified": lambda: False,
        "username": lambda: creator.username,
        "follower_count": lambda: 0,
        "following_count": lambda: 0,
        "likes_count": lambda: 0,
        "video_count": lambda: public_videos,
    }
