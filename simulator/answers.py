"""The shapes TikTok answers in: its two envelopes, its error codes with their HTTP statuses and messages."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Response

from simulator.world import the_world

_GUIDELINES = "https://developers.tiktok.com/doc/content-sharing-guidelines/"
_OWNERSHIP_RULES = "https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide/#pull_from_url"
_REVIEW_GUIDELINES = f"Please review our integration guidelines at {_GUIDELINES}"

# Source: the error tables of TikTok's reference pages; messages as seen in live answers.
STATUSES: dict[str, int] = {
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "scope_permission_missed": 400,
    "rate_limit_exceeded": 429,
    "invalid_param": 400,
    "invalid_params": 400,
    "invalid_file_upload": 400,
    "invalid_publish_id": 400,
    "token_not_authorized_for_specified_publish_id": 400,
    "publish_not_cancellable": 400,
    "app_version_check_failed": 400,
    "spam_risk_too_many_pending_share": 400,
    "spam_risk_too_many_posts": 403,
    "spam_risk_user_banned_from_posting": 403,
    "reached_active_user_cap": 403,
    "unaudited_client_can_only_post_to_private_accounts": 403,
    "privacy_level_option_mismatch": 403,
    "url_ownership_unverified": 403,
    "internal_error": 500,
}
MESSAGES: dict[str, str] = {
    "access_token_invalid": "The access token is invalid or not found in the request.",
    "scope_not_authorized": "The user did not authorize the scope required for completing this request.",
    "rate_limit_exceeded": "The API rate limit was exceeded. Please try again later.",
    "spam_risk_too_many_posts": _REVIEW_GUIDELINES,
    "spam_risk_user_banned_from_posting": _REVIEW_GUIDELINES,
    "reached_active_user_cap": _REVIEW_GUIDELINES,
    "unaudited_client_can_only_post_to_private_accounts": _REVIEW_GUIDELINES,
    "privacy_level_option_mismatch": _REVIEW_GUIDELINES,
    "url_ownership_unverified": f"Please review our URL ownership verification rules at {_OWNERSHIP_RULES}",
}


class ApiError(Exception):
    """A refusal in the envelope of the posting and user endpoints."""

    def __init__(self, code: str, message: str | None = None, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = MESSAGES.get(code, "") if message is None else message
        self.status = STATUSES.get(code, 400) if status is None else status


class OAuthError(Exception):
    """A refusal in the flat shape of the OAuth endpoints."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description


def invalid_params(message: str) -> ApiError:
    """The 400 for a bad field, under the code this TikTok spells it with."""
    return ApiError(the_world().switches.param_code, message)


def ok(data: dict[str, Any] | None) -> Response:
    """Success; without data the envelope has no such field, as cancel answers."""
    return _envelope(data, "ok", "", 200)


def refusal(error: ApiError, *, has_data: bool = True) -> Response:
    return _envelope({} if has_data else None, error.code, error.message, error.status)


def oauth_ok(fields: dict[str, Any]) -> Response:
    return _json(fields, 200, new_log_id())


def oauth_refusal(error: OAuthError, status: int | None = None) -> Response:
    """TikTok is reported to send these with HTTP 200; a switch says otherwise."""
    switches = the_world().switches
    log_id = new_log_id()
    body = {"error": error.code, "error_description": error.description, switches.log_id_name: log_id}
    return _json(body, switches.oauth_error_status if status is None else status, log_id)


def new_log_id() -> str:
    """Like `202210112248442CB9319E1FB30C1073F3`: the UTC time, then hexadecimal digits."""
    moment = datetime.fromtimestamp(the_world().now(), UTC)
    return moment.strftime("%Y%m%d%H%M%S") + secrets.token_hex(10).upper()


def _envelope(data: dict[str, Any] | None, code: str, message: str, status: int) -> Response:
    log_id = new_log_id()
    error = {"code": code, "message": message, the_world().switches.log_id_name: log_id}
    body = {"error": error} if data is None else {"data": data, "error": error}
    return _json(body, status, log_id)


def _json(body: dict[str, Any], status: int, log_id: str) -> Response:
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["X-Tt-Logid"] = log_id
    response.headers["Cache-Control"] = "no-store"
    return response
