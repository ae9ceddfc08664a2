"""What people see: the cast on the home page, each creator's profile, each post with the bytes received."""

import io

from flask import Blueprint, Response, abort, render_template, send_file, send_from_directory

from simulator.cards import make_card, show_page
from simulator.covers import read_cover
from simulator.creators import all_creators, find_creator
from simulator.landings import Landing, find_landing, landings_by
from simulator.posts import Post, inbox_posts
from simulator.pulls import pulls_of
from simulator.settling import settle_posts
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
    if creator is None:
        abort(404)
    return show_page("profile.html", creator=creator, cards=cards, drafts=drafts)


@blueprint.get("/@<username>/<any(video, photo):kind>/<key>")
def post_page(username: str, kind: str, key: str) -> Response:
    post, landing = _landed_or_404(username, kind, key)
    with the_world().state.transaction() as db:
        creator = find_creator(db, username)
        card = make_card(post, landing, pulls_of(db, post.publish_id))
    return show_page("post.html", creator=creator, card=card)


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
