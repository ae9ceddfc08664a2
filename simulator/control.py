"""The wires behind the stage, as JSON: faults, switches, the ledger, creators, the clock, reset."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator.creators import CreatorError, all_creators, call_crowd, get_creator, patch_creator
from simulator.events import all_events
from simulator.faults import FaultError, add_fault, all_faults, clear_faults
from simulator.landings import change_audience, landings_of
from simulator.ledger import post_entry, write_ledger
from simulator.oauth import end_access
from simulator.posts import find_post
from simulator.settling import TapError, settle_posts, tap_notification
from simulator.switches import SwitchError
from simulator.tokens import Code, expire_grants, grant_tokens
from simulator.weather import read_forecast
from simulator.world import World, the_world

MAX_CROWD = 10_000

blueprint = Blueprint("control", __name__, url_prefix="/_simulator")


class ControlError(Exception):
    """A request to the control endpoints makes no sense; the message says why."""


@blueprint.errorhandler(ControlError)
@blueprint.errorhandler(CreatorError)
@blueprint.errorhandler(FaultError)
@blueprint.errorhandler(SwitchError)
@blueprint.errorhandler(TapError)
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
    """The truth: every post, init and fetch, how often each call came, who is connected."""
    world = the_world()
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        return jsonify(write_ledger(db, now=now))


@blueprint.get("/events")
def list_events() -> Response:
    """What the app was told, and how it answered."""
    world = the_world()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=world.now())
        return jsonify({"events": all_events(db)})


@blueprint.post("/posts/<publish_id>/audience")
def set_audience(publish_id: str) -> Response:
    """The creator changes who can view a post, all that were made of the publish: `privacy_level`."""
    world = the_world()
    level = _body().get("privacy_level")
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        for landing in landings_of(db, publish_id):
            if level not in get_creator(db, landing.username).privacy_level_options:
                raise ControlError("privacy_level must be one of the creator's")
            change_audience(db, landing, str(level), now=now)
    return jsonify({"ok": True})


@blueprint.post("/inbox/<publish_id>/post")
def tap(publish_id: str) -> Response:
    """The creator opens the notification and posts, so many `times`, for whom `privacy_level` says."""
    world = the_world()
    body = _body()
    times, level = body.get("times", 1), body.get("privacy_level")
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise ControlError("times must be a whole number, 1 or more")
    if level is not None and not isinstance(level, str):
        raise ControlError("privacy_level must be a word")
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        post = find_post(db, publish_id)
        if post is None:
            raise ControlError(f"there is no post {publish_id!r}")
        for _ in range(times):
            tap_notification(db, post, level, now=now)
            post = find_post(db, publish_id) or post
        settle_posts(db, world.switches, now=now)
        entry = post_entry(db, find_post(db, publish_id) or post)
    return jsonify(entry)


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


@blueprint.get("/weather")
def show_weather() -> Response:
    return jsonify(the_world().weather.to_json())


@blueprint.post("/weather")
def change_weather() -> Response:
    """Let `rate` of all calls go wrong from now on, as `seed` decides."""
    weather = the_world().weather
    weather.change(read_forecast(_body()))
    return jsonify(weather.to_json())


@blueprint.delete("/weather")
def clear_sky() -> Response:
    """No more of it; what struck so far stays counted until a reset."""
    weather = the_world().weather
    weather.change(None)
    return jsonify(weather.to_json())


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


@blueprint.post("/crowd")
def make_crowd() -> Response:
    """Make `count` creators who have all connected the app, with everything granted; hands out their tokens."""
    world = the_world()
    count = _body().get("count")
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_CROWD:
        raise ControlError(f"count must be from 1 to {MAX_CROWD}")
    now = world.now()
    members = []
    with world.state.transaction() as db:
        for creator in call_crowd(db, count):
            consent = Code(creator.username, world.switches.client_scopes, "", "")
            grant = grant_tokens(db, consent, world.switches, mark=world.settings.token_mark, now=now)
            members.append(
                {
                    "username": creator.username,
                    "nickname": creator.nickname,
                    "open_id": creator.open_id(world.settings.client_key),
                    "scopes": list(grant.scopes),
                    "access_token": grant.access_token,
                    "refresh_token": grant.refresh_token,
                    "expires_in": grant.access_expires_at - now,
                    "refresh_expires_in": grant.refresh_expires_at - now,
                }
            )
    return jsonify({"creators": members})


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
