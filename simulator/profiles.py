"""What people see: the cast on the home page, each creator's profile, each post with the bytes received."""

import io

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    send_file,
    send_from_directory,
)
from werkzeug.wrappers import Response as AnyResponse

from simulator.cards import VISIBILITY_WORDS, make_card, post_url, show_page
from simulator.covers import read_cover
from simulator.creators import all_creators, find_creator, get_creator
from simulator.landings import Landing, change_audience, find_landing, landings_by
from simulator.oauth import end_access
from simulator.posts import Post, inbox_posts
from simulator.pulls import pulls_of
from simulator.settling import settle_posts
from simulator.tokens import live_grant
from simulator.world import the_world

blueprint = Blueprint("profiles", __name__)

_SHEETS = frozenset({"simulator.css", "posts.css", "forms.css"})
_PICTURE_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"RIF": "image/webp"}


@blueprint.get("/")
def home() -> Response:
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        cast = [(creator, len(landings_by(db, creator.username))) for creator in all_creators(db)]
    return show_page("home.html", cast=cast)


@blueprint.get("/@<username>")
def profile(username: str) -> Response:
    """Seen as its owner sees it: posts for fewer eyes are here too."""
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        creator = find_creator(db, username)
        cards = [
            make_card(post, landing, pulls_of(db, post.publish_id))
            for post, landing in landings_by(db, username)
        ]
        drafts = len(inbox_posts(db, username))
        is_connected = live_grant(db, username, now=world.now()) is not None
    if creator is None:
        abort(404)
    return show_page("profile.html", creator=creator, cards=cards, drafts=drafts, is_connected=is_connected)


@blueprint.post("/@<username>/remove-access")
def remove_access(username: str) -> AnyResponse:
    """The creator removes the app in TikTok's settings; then back to the profile."""
    world = the_world()
    with world.state.transaction() as db:
        if find_creator(db, username) is None:
            abort(404)
    end_access(world, username)
    return redirect(f"/@{username}", 303)


@blueprint.get("/@<username>/<any(video, photo):kind>/<key>")
def post_page(username: str, kind: str, key: str) -> Response:
    post, landing = _landed_or_404(username, kind, key)
    with the_world().state.transaction() as db:
        creator = get_creator(db, username)
        card = make_card(post, landing, pulls_of(db, post.publish_id))
    levels = [(level, VISIBILITY_WORDS[level]) for level in creator.privacy_level_options]
    return show_page("post.html", creator=creator, card=card, levels=levels)


@blueprint.post("/@<username>/<any(video, photo):kind>/<key>")
def change_post(username: str, kind: str, key: str) -> AnyResponse:
    """The creator changes who can view a post; then back to it."""
    post, landing = _landed_or_404(username, kind, key)
    level = request.form.get("privacy_level", "")
    world = the_world()
    with world.state.transaction() as db:
        if level not in get_creator(db, username).privacy_level_options:
            abort(400)
        change_audience(db, landing, level, now=world.now())
        changed = next(new for _, new in landings_by(db, username) if _is_same(new, landing))
    return redirect(post_url(post, changed), 303)


def _is_same(one: Landing, other: Landing) -> bool:
    return (one.publish_id, one.number) == (other.publish_id, other.number)


@blueprint.get("/@<username>/video/<key>/file")
def post_file(username: str, key: str) -> Response:
    """The very bytes that arrived; Range works, so that players can seek."""
    post, _ = _landed_or_404(username, "video", key)
    response = send_file(
        the_world().state.path_of(post.upload_id).resolve(),
        mimetype=post.content_type or "application/octet-stream",
        conditional=True,
        etag=post.sha256,
        max_age=0,
    )
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@blueprint.get("/@<username>/video/<key>/cover.jpg")
def video_cover(username: str, key: str) -> Response:
    """The frame that was asked for as the cover; the first one where that is none."""
    post, _ = _landed_or_404(username, "video", key)
    picture = read_cover(the_world().state.path_of(post.upload_id), post.video_cover_timestamp_ms)
    return send_file(io.BytesIO(picture), mimetype="image/jpeg", etag=False, max_age=0)


@blueprint.get("/@<username>/photo/<key>/<int:position>")
def post_picture(username: str, key: str, position: int) -> Response:
    """One picture of a carousel, the very bytes that were fetched."""
    post, _ = _landed_or_404(username, "photo", key)
    path = the_world().state.path_of(post.upload_id, position)
    if not path.exists():
        abort(404)
    with path.open("rb") as file:
        mimetype = _PICTURE_TYPES[file.read(3)]
    return send_file(path.resolve(), mimetype=mimetype, etag=False, max_age=0)


@blueprint.get("/<sheet>.css")
def stylesheet(sheet: str) -> Response:
    if f"{sheet}.css" not in _SHEETS:
        abort(404)
    return send_from_directory(blueprint.root_path + "/pages", f"{sheet}.css", max_age=0)


@blueprint.app_errorhandler(404)
def not_found(_error: Exception) -> tuple[str, int]:
    return render_template("not_found.html"), 404


def _landed_or_404(username: str, kind: str, key: str) -> tuple[Post, Landing]:
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        found = find_landing(db, username, key)
    if found is None or found[0].kind != kind:
        abort(404)
    return found
