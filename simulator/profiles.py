"""What people see: the cast on the home page, each creator's profile, each post with the bytes received."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, render_template, send_file, send_from_directory

from simulator.avatars import avatar_url
from simulator.creators import Creator, all_creators, find_creator
from simulator.posts import Post, find_landed, landed_posts, settle_posts
from simulator.uploads import video_path
from simulator.world import the_world

blueprint = Blueprint("profiles", __name__)

_VISIBILITY_WORDS: dict[str, str] = {
    "PUBLIC_TO_EVERYONE": "Everyone",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}


@dataclass(frozen=True)
class PostCard:
    """A landed post in the words of a page."""

    post: Post
    visibility: str
    labels: tuple[str, ...]
    allowed: tuple[tuple[str, bool], ...]
    posted: datetime
    note: str

    @property
    def title(self) -> str:
        return self.post.title or "No caption"


@blueprint.get("/")
def home() -> Response:
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        cast = [(creator, len(landed_posts(db, creator.username))) for creator in all_creators(db)]
    return _page("home.html", cast=cast, avatar_of=_avatar_of)


@blueprint.get("/@<username>")
def profile(username: str) -> Response:
    """Seen as its owner sees it: posts for fewer eyes are here too."""
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        creator = find_creator(db, username)
        posts = landed_posts(db, username)
    if creator is None:
        abort(404)
    return _page("profile.html", creator=creator, cards=[_card(post) for post in posts], avatar_of=_avatar_of)


@blueprint.get("/@<username>/video/<key>")
def post_page(username: str, key: str) -> Response:
    creator, post = _landed_or_404(username, key)
    return _page("post.html", creator=creator, card=_card(post), avatar_of=_avatar_of)


@blueprint.get("/@<username>/video/<key>/file")
def post_file(username: str, key: str) -> Response:
    """The very bytes that arrived; Range works, so that players can seek."""
    _, post = _landed_or_404(username, key)
    response = send_file(
        video_path(the_world(), post).resolve(),
        mimetype=post.content_type,
        conditional=True,
        etag=post.sha256,
        max_age=0,
    )
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@blueprint.get("/simulator.css")
def stylesheet() -> Response:
    return send_from_directory(blueprint.root_path + "/pages", "simulator.css", max_age=0)


@blueprint.app_errorhandler(404)
def not_found(_error: Exception) -> tuple[str, int]:
    return render_template("not_found.html"), 404


def _landed_or_404(username: str, key: str) -> tuple[Creator, Post]:
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        creator = find_creator(db, username)
        post = find_landed(db, username, key)
    if creator is None or post is None:
        abort(404)
    return creator, post


def _card(post: Post) -> PostCard:
    labels = []
    # TikTok's words; paid partnership stands alone when both are disclosed.
    if post.brand_content_toggle:
        labels.append("Paid partnership")
    elif post.brand_organic_toggle:
        labels.append("Promotional content")
    if post.is_aigc:
        labels.append("Creator labeled as AI-generated")
    note = ""
    if post.is_public and post.post_id is None:
        note = "Moderation is still looking at this post; its public id comes in a moment."
    return PostCard(
        post=post,
        visibility=_VISIBILITY_WORDS[post.privacy_level],
        labels=tuple(labels),
        allowed=(
            ("Comments", post.comment_allowed),
            ("Duets", post.duet_allowed),
            ("Stitches", post.stitch_allowed),
        ),
        posted=datetime.fromtimestamp(post.completed_at or post.created_at, UTC),
        note=note,
    )


def _avatar_of(creator: Creator) -> str:
    """The picture's address on this host, whatever name the visitor reached it by."""
    world = the_world()
    return avatar_url(world, creator.username).removeprefix(world.settings.public_url)


def _page(template: str, **context: object) -> Response:
    response = make_response(render_template(template, **context))
    response.headers["Cache-Control"] = "no-store"
    return response
