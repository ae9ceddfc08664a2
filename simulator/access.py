"""The door of every bearer call: token, then scope, then rate."""

from flask import request

from simulator.answers import ApiError, invalid_params
from simulator.limits import count_call
from simulator.tokens import Grant, find_grant
from simulator.world import World


def admit(world: World, call: str, *scopes: str) -> Grant:
    """The consent a call runs under; it must hold one of the scopes given.

    Raises access_token_invalid, scope_not_authorized or rate_limit_exceeded, in this order.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    now = world.now()
    with world.state.transaction() as db:
        grant = find_grant(db, token, now=now) if scheme == "Bearer" else None
        if grant is None:
            raise ApiError("access_token_invalid")
        if scopes and not set(scopes) & set(grant.scopes):
            raise ApiError("scope_not_authorized")
        count_call(db, grant.id, call, world.switches, now=now)
    return grant


def json_body() -> dict[str, object]:
    """The request's JSON object; no body counts as an empty one. TikTok requires the JSON content type."""
    if request.mimetype != "application/json":
        raise invalid_params("The request content type must be application/json")
    if not request.get_data():
        return {}
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise invalid_params("The request body is not a JSON object")
    return body
