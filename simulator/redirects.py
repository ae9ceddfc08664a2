"""Which addresses an authorisation may end at, and how the browser is sent back there."""

from urllib.parse import urlencode, urlsplit

from flask import Response, abort, redirect, request

from simulator.settings import LOOPBACK_HOSTS
from simulator.world import the_world


def is_registered(uri: str, registered: tuple[str, ...]) -> bool:
    """Byte for byte; a loopback registration may leave its port open with `*`, as on TikTok's Desktop."""
    return any(uri == entry or (":*" in entry and _fits_any_port(uri, entry)) for entry in registered)


def back_to_client(*, error: str = "", error_description: str = "", error_type: str = "") -> Response:
    """Send the browser back with a refusal, the state echoed."""
    fields = {"error": error, "error_description": error_description or error, "error_type": error_type}
    return redirect_with({name: value for name, value in fields.items() if value})


def redirect_with(fields: dict[str, str]) -> Response:
    """Send the browser to the redirect URI it came with, which is checked once more."""
    uri = request.args.get("redirect_uri", "")
    if not is_registered(uri, the_world().settings.redirect_uris):
        abort(400)
    state = request.args.get("state")
    if state is not None:
        fields = fields | {"state": state}
    response = redirect(f"{uri}?{urlencode(fields)}")
    if not isinstance(response, Response):
        raise TypeError("Flask's redirect is a Flask response")
    response.headers["Cache-Control"] = "no-store"
    return response


def _fits_any_port(uri: str, entry: str) -> bool:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    if port is None or parts.hostname not in LOOPBACK_HOSTS:
        return False
    return uri == entry.replace(":*", f":{port}", 1)
