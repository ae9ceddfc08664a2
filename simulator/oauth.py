"""The OAuth endpoints: the consent page, the token endpoint with its rotation, and revoke."""

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request

from simulator.answers import OAuthError, oauth_ok
from simulator.calls import contract_call
from simulator.creators import all_creators, get_creator
from simulator.events import AUTHORIZATION_REMOVED, BY_CREATOR, BY_DEVELOPER, announce
from simulator.posts import fail_open_posts
from simulator.redirects import back_to_client, is_registered, redirect_with
from simulator.settings import is_loopback
from simulator.settling import settle_posts
from simulator.tokens import (
    Code,
    Grant,
    end_grants,
    find_code,
    find_grant,
    grant_tokens,
    issue_code,
    live_grant,
    refresh_tokens,
    spend_code,
)
from simulator.world import World, the_world

blueprint = Blueprint("oauth", __name__)

# The words TikTok shows on its consent page, in its order.
SCOPE_TEXTS: dict[str, str] = {
    "user.info.basic": "Read your profile info (avatar, display name)",
    "user.info.profile": "Read your additional profile information, such as bio description, "
    "profile link, and account verification status",
    "user.info.stats": "Read your profile engagement statistics, such as likes count, "
    "follower count, following count, and video count",
    "video.list": "Read your public videos on TikTok",
    "video.publish": "Post content to TikTok.",
    "video.upload": "Share content as a draft to your TikTok account.",
}
_ALWAYS_GRANTED = "user.info.basic"
_SESSION_COOKIE = "simulated_tiktok_session"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_HEX_CHALLENGE = re.compile(r"[0-9a-f]{64}", re.ASCII)


@blueprint.get("/v2/auth/authorize/")
@contract_call("authorize")
def authorize() -> Response:
    """The consent page, or an error page when the request itself is wrong."""
    stop = _wrong_request()
    if stop is not None:
        return stop
    if request.args.get("response_type") != "code":
        return back_to_client(error="unsupported_response_type")
    scopes = _asked_scopes()
    world = the_world()
    visitor = request.cookies.get(_SESSION_COOKIE, "")
    with world.state.transaction() as db:
        grant = live_grant(db, visitor, now=world.now()) if visitor else None
        creators = all_creators(db)
    if request.args.get("disable_auto_auth", "0") != "1" and grant and set(scopes) <= set(grant.scopes):
        return _with_code(visitor, scopes)
    page = make_response(
        render_template(
            "consent.html",
            client_name=world.settings.client_name,
            return_host=urlsplit(request.args["redirect_uri"]).netloc,
            creators=creators,
            visitor=visitor or creators[0].username,
            scopes=[(scope, SCOPE_TEXTS[scope], scope == _ALWAYS_GRANTED) for scope in scopes],
        )
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/v2/auth/authorize/")
@contract_call("authorize")
def decide() -> Response:
    """What the creator pressed on the consent page."""
    stop = _wrong_request()
    if stop is not None:
        return stop
    if request.form.get("decision") != "continue":
        return back_to_client(error="access_denied", error_description="The user cancelled the request.")
    username = request.form.get("creator", "")
    with the_world().state.transaction() as db:
        creators = {creator.username: creator for creator in all_creators(db)}
    if username not in creators:
        return _stop_page("invalid_request", "user", 10000)
    if not creators[username].is_target_user:
        return back_to_client(
            error="access_denied",
            error_description="This account is not a target user of the sandbox.",
            error_type="non_sandbox_target",
        )
    ticked = set(request.form.getlist("scopes"))
    scopes = tuple(scope for scope in _asked_scopes() if scope == _ALWAYS_GRANTED or scope in ticked)
    response = _with_code(username, scopes)
    response.set_cookie(
        _SESSION_COOKIE, username, httponly=True, samesite="Lax", path="/v2/auth/", max_age=86400
    )
    return response


@blueprint.post("/v2/oauth/token/")
def token() -> Response:
    """One address, three grants."""
    if request.form.get("grant_type") == "refresh_token":
        return _refresh()
    return _exchange()


@contract_call("token")
def _exchange() -> Response:
    world = the_world()
    form = _checked_form(world)
    grant_type = form.get("grant_type")
    if grant_type == "client_credentials":
        return oauth_ok({"access_token": "clt.simulated", "expires_in": 7200, "token_type": "Bearer"})
    if grant_type is None:
        raise OAuthError("invalid_request", "The request parameters are malformed.")
    if grant_type != "authorization_code":
        raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
    now = world.now()
    with world.state.transaction() as db:
        code = find_code(db, form.get("code", ""), now=now)
        if code is None:
            raise OAuthError("invalid_grant", "Authorization code is expired or invalid.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError(
                "invalid_request", "Redirect_uri is not matched with the uri when requesting code."
            )
        if code.challenge and not _fits(form.get("code_verifier", ""), code.challenge):
            raise OAuthError("invalid_request", "Code verifier or code challenge is invalid.")
        spend_code(db, form["code"])
        grant = grant_tokens(db, code, world.switches, mark=world.settings.token_mark, now=now)
    return _token_answer(world, grant, now)


@contract_call("refresh")
def _refresh() -> Response:
    world = the_world()
    form = _checked_form(world)
    now = world.now()
    with world.state.transaction() as db:
        grant = refresh_tokens(
            db,
            form.get("refresh_token", ""),
            world.switches,
            mark=world.settings.token_mark,
            now=now,
        )
    if grant is None:
        raise OAuthError("invalid_grant", "Refresh token is invalid or expired.")
    return _token_answer(world, grant, now)


@blueprint.post("/v2/oauth/revoke/")
@contract_call("revoke")
def revoke() -> Response:
    """Ends the app's access. The token is the access token; TikTok documents no other."""
    world = the_world()
    form = _checked_form(world)
    now = world.now()
    with world.state.transaction() as db:
        grant = find_grant(db, form.get("token", ""), now=now)
        if grant is None:
            raise OAuthError("invalid_request", "Access token is invalid or expired.")
        end_access(world, grant.username, BY_DEVELOPER)
    return oauth_ok({})


def end_access(world: World, username: str, reason: int = BY_CREATOR) -> None:
    """All tokens of the creator die, and with them every post that is still on its way; the app is told."""
    now = world.now()
    with world.state.transaction() as db:
        settle_posts(db, world.switches, now=now)
        if live_grant(db, username, now=now) is not None:
            announce(db, username, AUTHORIZATION_REMOVED, {"reason": reason}, now=now)
        end_grants(db, username)
        fail_open_posts(db, username, "auth_removed", now=now)


def _wrong_request() -> Response | None:
    """TikTok's own error page for what it cannot even send back to the client."""
    world, args = the_world(), request.args
    redirect_uri = args.get("redirect_uri", "")
    if args.get("client_key") != world.settings.client_key:
        return _stop_page("param_error", "client_key", 10003)
    if not is_registered(redirect_uri, world.settings.redirect_uris):
        return _stop_page("param_error", "redirect_uri", 10006)
    if not _asked_scopes() or not set(_asked_scopes()) <= set(world.switches.client_scopes):
        return _stop_page("param_error", "scope", 10005)
    challenge = args.get("code_challenge", "")
    if (is_loopback(redirect_uri) and not challenge) or (
        challenge and args.get("code_challenge_method") != "S256"
    ):
        return _stop_page("param_error", "code_challenge", 10007)
    return None


def _stop_page(error: str, error_type: str, number: int) -> Response:
    # Of the numbers only 10007 has been seen live; the others are assumed.
    page = render_template("stopped.html", error=error, error_type=error_type, number=number)
    return make_response(page, 400)


def _asked_scopes() -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope for scope in request.args.get("scope", "").split(",") if scope))


def _with_code(username: str, scopes: tuple[str, ...]) -> Response:
    world = the_world()
    code = Code(username, scopes, request.args["redirect_uri"], request.args.get("code_challenge", ""))
    with world.state.transaction() as db:
        text = issue_code(db, code, now=world.now(), lives=world.switches.code_seconds)
    return redirect_with({"code": text, "scopes": ",".join(scopes)})


def _checked_form(world: World) -> dict[str, str]:
    """The form of a token or revoke request, its credentials checked."""
    form = request.form.to_dict()
    if request.mimetype != "application/x-www-form-urlencoded" or not form.get("client_key"):
        raise OAuthError("invalid_request", "The request parameters are malformed.")
    if not form.get("client_secret"):
        raise OAuthError("invalid_request", "Client secret is missed in request.")
    settings = world.settings
    is_key_right = hmac.compare_digest(form["client_key"].encode(), settings.client_key.encode())
    is_secret_right = hmac.compare_digest(form["client_secret"].encode(), settings.client_secret.encode())
    if not (is_key_right and is_secret_right):
        raise OAuthError("invalid_client", "Client key or secret is incorrect.")
    return form


def _fits(verifier: str, challenge: str) -> bool:
    """TikTok's own PKCE: the challenge is the SHA-256 as lower-case hex, not base64url."""
    if not _VERIFIER.fullmatch(verifier) or not _HEX_CHALLENGE.fullmatch(challenge):
        return False
    return hmac.compare_digest(hashlib.sha256(verifier.encode()).hexdigest(), challenge)


def _token_answer(world: World, grant: Grant, now: float) -> Response:
    with world.state.transaction() as db:
        creator = get_creator(db, grant.username)
    return oauth_ok(
        {
            "access_token": grant.access_token,
            "expires_in": round(grant.access_expires_at - now),
            "open_id": creator.open_id(world.settings.client_key),
            "refresh_expires_in": round(grant.refresh_expires_at - now),
            "refresh_token": grant.refresh_token,
            "scope": ",".join(grant.scopes),
            "token_type": "Bearer",
        }
    )
