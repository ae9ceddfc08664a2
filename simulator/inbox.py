"""The creator's inbox: what apps sent as drafts, and the button that stands for posting them in TikTok's app."""

import sqlite3
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from simulator.cards import VISIBILITY_WORDS, post_url, show_page
from simulator.creators import Creator, find_creator
from simulator.landings import landings_of
from simulator.posts import Post, find_post, inbox_posts
from simulator.settling import TapError, settle_posts, tap_notification
from simulator.world import the_world

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/@<username>/inbox")
def show(username: str) -> Response:
    return _page(username, "", 200)


@blueprint.post("/@<username>/inbox")
def tap(username: str) -> AnyResponse:
    """Post one draft, for whom the form says; then back to the inbox."""
    world = the_world()
    _creator_or_404(username)
    try:
        with world.state.transaction() as db:
            settle_posts(db, world.switches, now=world.now())
            post = _own_draft(db, username, request.form.get("publish_id", ""))
            tap_notification(db, post, request.form.get("privacy_level"), now=world.now())
    except TapError as error:
        return _page(username, f"Not posted: {error}.", 400)
    return redirect(f"/@{username}/inbox", 303)


def _page(username: str, problem: str, status: int) -> Response:
    world = the_world()
    creator = _creator_or_404(username)
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        drafts = [
            (
                post,
                _delivered(post),
                [post_url(post, landing) for landing in landings_of(db, post.publish_id)],
            )
            for post in inbox_posts(db, username)
        ]
    levels = [(level, VISIBILITY_WORDS[level]) for level in creator.privacy_level_options]
    response = show_page("inbox.html", creator=creator, drafts=drafts, levels=levels, problem=problem)
    response.status_code = status
    return response


def _own_draft(db: sqlite3.Connection, username: str, publish_id: str) -> Post:
    post = find_post(db, publish_id)
    if post is None or post.username != username:
        raise TapError("there is no such draft")
    return post


def _delivered(post: Post) -> datetime:
    return datetime.fromtimestamp(post.delivered_at or post.created_at, UTC)


def _creator_or_404(username: str) -> Creator:
    with the_world().state.transaction() as db:
        creator = find_creator(db, username)
    if creator is None:
        abort(404)
    return creator
