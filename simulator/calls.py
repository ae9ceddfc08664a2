"""Every call of the contract passes here: counted, perhaps struck by a fault, its refusals put in shape."""

import functools
from collections.abc import Callable

from flask import Response, request

from simulator.answers import STATUSES, ApiError, OAuthError, oauth_refusal, refusal
from simulator.faults import WIRE_KINDS, Fault, have_faults, take_fault
from simulator.posts import find_upload
from simulator.ranges import read_content_range
from simulator.redirects import back_to_client
from simulator.tokens import username_of_access_token, username_of_code, username_of_refresh_token
from simulator.wire import CutConnection, drain_body, wait
from simulator.world import the_world

View = Callable[[], Response]

# Creator info answers these with HTTP 200, on purpose.
_SOFT_CODES = frozenset(
    {"spam_risk_too_many_posts", "spam_risk_user_banned_from_posting", "reached_active_user_cap"}
)
# These answer without `data`, also when they refuse.
_BARE_CALLS = frozenset({"cancel"})
_OAUTH_CALLS = frozenset({"token", "refresh", "revoke"})
_GATEWAY_PAGE = "<!doctype html><html><head><title>Please wait</title></head><body>Please wait.</body></html>"


def contract_call(name: str) -> Callable[[View], View]:
    """Marks a view as one of the contract's calls, under the name that faults and the ledger use."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped() -> Response:
            fault = _count_and_take(name)
            if fault is None:
                return _answered(name, view)
            return _struck(fault, view)

        return wrapped

    return decorate


def _count_and_take(name: str) -> Fault | None:
    world = the_world()
    with world.state.transaction() as db:
        db.execute(
            "INSERT INTO calls VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1", (name,)
        )
        if world.weather.forecast is None and not have_faults(db):
            return None
        creator, chunk = _who(name)
        planned = take_fault(db, name, WIRE_KINDS, creator, chunk)
    return planned or world.weather.strike(name, creator)


def _who(name: str) -> tuple[str, int | None]:
    """Whose call this is, as far as it can be told before it is checked, and the chunk's index."""
    with the_world().state.transaction() as db:
        if name == "authorize":
            return request.form.get("creator", ""), None
        if name == "token":
            return username_of_code(db, request.form.get("code", "")), None
        if name == "refresh":
            return username_of_refresh_token(db, request.form.get("refresh_token", "")), None
        if name == "revoke":
            return username_of_access_token(db, request.form.get("token", "")), None
        if name == "chunk":
            post = find_upload(db, request.args.get("upload_id", ""))
            sent = read_content_range(request.headers.get("Content-Range", ""))
            if post is None or sent is None:
                return "", None
            return post.username, min(sent.first // post.chunk_size, post.total_chunk_count - 1)
        return username_of_access_token(db, request.headers.get("Authorization", "")[len("Bearer ") :]), None


def _answered(name: str, view: View) -> Response:
    try:
        return view()
    except ApiError as error:
        return refusal(error, has_data=name not in _BARE_CALLS)
    except OAuthError as error:
        return oauth_refusal(error)


def _struck(fault: Fault, view: View) -> Response:
    kind = fault.kind
    if kind == "slow":
        wait(float(fault.details["seconds"]))
        return _answered(fault.call, view)
    if kind in {"hang", "drop_before", "reset_before"}:
        if kind == "hang":
            wait(float(fault.details["seconds"]))
        # A polite close needs an empty receive buffer, else the kernel resets all the same. A small request
        # is read away before a reset too: one that comes between two writes shows as a polite close.
        is_reset_chunk = kind == "reset_before" and fault.call == "chunk"
        drain_body(fault.details.get("after_bytes", 0 if is_reset_chunk else None))
        return CutConnection(is_reset=kind == "reset_before")
    is_done_first = fault.is_done_first or kind in {"truncated", "hang_after", "drop_after", "reset_after"}
    response = _answered(fault.call, view) if is_done_first else None
    if response is None:
        drain_body()
    if kind in {"hang_after", "drop_after", "reset_after"}:
        if kind == "hang_after":
            wait(float(fault.details["seconds"]))
        return CutConnection(is_reset=kind == "reset_after")
    if kind == "truncated" and response is not None:
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
        return response
    return _wrong_answer(fault)


def _wrong_answer(fault: Fault) -> Response:
    details = fault.details
    if fault.kind == "html":
        return Response(details.get("body", _GATEWAY_PAGE), 200, mimetype="text/html")
    if fault.kind == "error":
        code, message = details["code"], details.get("message")
        if fault.call == "authorize":
            return back_to_client(error=code, error_type=details.get("error_type", ""))
        if fault.call in _OAUTH_CALLS:
            return oauth_refusal(OAuthError(code, message or code), details.get("status"))
        status = details.get("status", STATUSES.get(code))
        if fault.call == "creator_info" and code in _SOFT_CODES:
            status = details.get("status", 200)
        return refusal(ApiError(code, message, status), has_data=fault.call not in _BARE_CALLS)
    response = Response(details.get("body", ""), details["status"], mimetype="text/plain")
    response.headers.extend(details.get("headers", {}))
    return response
