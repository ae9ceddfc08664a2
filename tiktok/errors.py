"""The error tree of the TikTok client: every refusal and every failure, each knowing if a retry is safe.

No error carries a token, a secret, a code or an upload address: not in its text, its arguments or its cause.
"""

from __future__ import annotations

from enum import StrEnum


class TikTokError(Exception):
    """Anything that went wrong between TikTok and us.

    `code` is TikTok's word or ours, `message` TikTok's text for developers (never shown to people as it is),
    `log_id` what TikTok's support asks for, `http_status` None when there was no answer, `retry_after` the
    seconds TikTok asks to wait (it rarely says, then None).
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        log_id: str = "",
        http_status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.retry_after = retry_after
        self.code = code
        self.message = message
        self.log_id = log_id
        self.http_status = http_status
        notes = [f"HTTP {http_status}"] if http_status is not None else []
        if log_id:
            notes.append(f"log id {log_id}")
        sentence = ": ".join(part for part in (code, message) if part) or "unnamed error"
        super().__init__(f"{sentence} ({', '.join(notes)})" if notes else sentence)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as it stands: the usual way would call the constructor with the finished sentence."""
        return _revive, (type(self), self.args, vars(self))

    @property
    def is_retry_safe(self) -> bool:
        """True when the same call may simply be made again later: harmless, and nobody must change anything.

        Says nothing about how often or how soon; an `init` made again costs one of few per minute.
        """
        return False


def _revive(kind: type[TikTokError], args: tuple[object, ...], state: dict[str, object]) -> TikTokError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


# --- No usable answer -------------------------------------------------------------------------------------


class TransportKind(StrEnum):
    """How an exchange broke off."""

    CONNECT = "connect"  # no connection, so nothing was sent
    TIMEOUT = "timeout"  # no answer in time
    RESET = "reset"  # the connection broke
    UNREADABLE = "unreadable"  # an answer that does not say what happened: cut off, HTML, fields missing
    REDIRECT = "redirect"  # an answer that points elsewhere; never followed
    SERVER_FAULT = "server_fault"  # 5xx from the OAuth endpoints with no error in it


_TRANSPORT_SENTENCES = {
    TransportKind.CONNECT: "TikTok could not be reached",
    TransportKind.TIMEOUT: "TikTok did not answer in time",
    TransportKind.RESET: "The connection to TikTok broke",
    TransportKind.UNREADABLE: "TikTok's answer could not be read",
    TransportKind.REDIRECT: "TikTok answered with a redirect, which is not followed",
    TransportKind.SERVER_FAULT: "TikTok had a fault of its own",
}


class TransportError(TikTokError):
    """The exchange broke off, or its answer does not say what happened.

    `is_sent` tells whether the request may have reached TikTok: False = certainly not, True = it went out
    whole, None = it broke off on the way. Unless False, the outcome is unknown: TikTok may have done
    the work.
    """

    def __init__(
        self,
        kind: str,
        *,
        is_sent: bool | None = None,
        is_repeatable: bool = False,
        detail: str = "",
        log_id: str = "",
        http_status: int | None = None,
    ) -> None:
        self.kind = kind
        self.is_sent = is_sent
        self.is_repeatable = is_repeatable
        sentence = _TRANSPORT_SENTENCES.get(TransportKind(kind), "") if kind in list(TransportKind) else ""
        if detail:
            sentence += f" ({detail})"
        sentence += "; nothing was sent." if is_sent is False else "; the outcome is unknown."
        super().__init__(kind, sentence, log_id=log_id, http_status=http_status)

    @property
    def is_outcome_unknown(self) -> bool:
        """True when TikTok may have done the work although we have no answer."""
        return self.is_sent is not False

    @property
    def is_retry_safe(self) -> bool:
        """True when nothing was sent, or when doing the work twice does no harm."""
        return self.is_sent is False or self.is_repeatable


# --- Refusals of the API (error.code is not "ok") ---------------------------------------------------------


class ApiError(TikTokError):
    """TikTok answered with an error code that has no class of its own."""


class AccessTokenInvalidError(ApiError):
    """The access token is invalid or has ended: refresh it, else reconnect."""


class ScopeNotAuthorizedError(ApiError):
    """The person did not allow what this call needs: reconnect."""


class RateLimitError(ApiError):
    """Too many calls in one minute."""

    @property
    def is_retry_safe(self) -> bool:
        """True: the call was not carried out."""
        return True


class ServerError(ApiError):
    """TikTok had a fault of its own (5xx or `internal_error`, often no code); the work may be done.

    `is_repeatable` tells whether the call may do its work twice without harm.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        is_repeatable: bool = True,
        log_id: str = "",
        http_status: int | None = None,
    ) -> None:
        self.is_repeatable = is_repeatable
        super().__init__(code, message, log_id=log_id, http_status=http_status)

    @property
    def is_retry_safe(self) -> bool:
        """True when doing the work twice does no harm."""
        return self.is_repeatable


class InvalidParamsError(ApiError):
    """A field is wrong (`invalid_param` or `invalid_params`); only a developer can mend it."""


class InvalidFileUploadError(ApiError):
    """The file does not meet TikTok's specification."""


class SpamRiskError(ApiError):
    """TikTok refuses this creator or this content for fear of spam."""


class PostingCapError(SpamRiskError):
    """The creator has reached TikTok's daily number of posts through the API; it counts all apps together."""


class BannedFromPostingError(SpamRiskError):
    """TikTok has banned this creator from new posts."""


class PendingShareCapError(SpamRiskError):
    """Too many drafts wait in the creator's inbox (5 in any 24 hours); comes with 400 or with 403."""


class ActiveUserCapError(ApiError):
    """This app has reached its daily number of posting creators."""


class UnauditedClientError(ApiError):
    """The app is not audited by TikTok and the creator's *account* is public."""


class PrivacyLevelMismatchError(ApiError):
    """The chosen visibility is missing or not among the creator's options any more."""


class UrlOwnershipError(ApiError):
    """The media address is not under a domain or prefix that this app has verified."""


class AppVersionError(ApiError):
    """The creator's TikTok app is too old for a photo draft; it must be 31.8 or newer."""


class NotCancellableError(ApiError):
    """The post has ended already, or is too far on to be cancelled: its status tells which."""


class PublishIdError(ApiError):
    """TikTok does not answer for this publish id."""


class UnknownPublishIdError(PublishIdError):
    """TikTok does not know this publish id; in the first minute after `init`, perhaps only not yet."""

    @property
    def is_retry_safe(self) -> bool:
        """True: asking again changes nothing."""
        return True


class ForeignPublishIdError(PublishIdError):
    """The publish id belongs to another creator or app than the token."""


_API_ERRORS: dict[str, type[ApiError]] = {
    "access_token_invalid": AccessTokenInvalidError,
    "scope_not_authorized": ScopeNotAuthorizedError,
    "scope_permission_missed": ScopeNotAuthorizedError,
    "rate_limit_exceeded": RateLimitError,
    "internal_error": ServerError,
    "invalid_param": InvalidParamsError,
    "invalid_params": InvalidParamsError,
    "invalid_file_upload": InvalidFileUploadError,
    "spam_risk_too_many_posts": PostingCapError,
    "spam_risk_user_banned_from_posting": BannedFromPostingError,
    "spam_risk_too_many_pending_share": PendingShareCapError,
    "reached_active_user_cap": ActiveUserCapError,
    "unaudited_client_can_only_post_to_private_accounts": UnauditedClientError,
    "privacy_level_option_mismatch": PrivacyLevelMismatchError,
    "url_ownership_unverified": UrlOwnershipError,
    "app_version_check_failed": AppVersionError,
    "publish_not_cancellable": NotCancellableError,
    "invalid_publish_id": UnknownPublishIdError,
    "token_not_authorized_for_specified_publish_id": ForeignPublishIdError,
}


def api_error(
    code: str,
    message: str,
    *,
    http_status: int,
    log_id: str = "",
    retry_after: int | None = None,
    is_repeatable: bool = True,
) -> ApiError:
    """The error for what the API answered: by its code, by the HTTP status only where that says nothing.

    `is_repeatable` matters to a `ServerError` only: after every other answer nothing was done.
    An unknown publish id comes as `invalid_publish_id`, or as `invalid_params` with that word as the message.
    """
    kind = _API_ERRORS.get(code)
    if kind is InvalidParamsError and "invalid_publish_id" in message:
        kind = UnknownPublishIdError
    if kind is None and code.startswith("spam_risk"):
        kind = SpamRiskError
    if kind is None and http_status == 429:
        kind = RateLimitError
    if kind is None and http_status >= 500:
        kind = ServerError
    if kind is RateLimitError:
        return RateLimitError(code, message, retry_after=retry_after, log_id=log_id, http_status=http_status)
    if kind is ServerError:
        return ServerError(code, message, is_repeatable=is_repeatable, log_id=log_id, http_status=http_status)
    return (kind or ApiError)(code, message, log_id=log_id, http_status=http_status)


# --- Refusals of the OAuth endpoints ----------------------------------------------------------------------


class OAuthError(TikTokError):
    """TikTok refused an exchange, a refresh or a revocation; `code` is OAuth's word."""

    @property
    def is_temporary(self) -> bool:
        """True when TikTok says that the fault is its own and passes, or that we ask too often."""
        return self.code in {"server_error", "temporarily_unavailable", "rate_limit_exceeded"}

    @property
    def is_retry_safe(self) -> bool:
        """True for a temporary refusal."""
        return self.is_temporary


class InvalidGrantError(OAuthError):
    """The code or refresh token is wrong, used, replaced or ended (`invalid_grant`)."""


class InvalidClientError(OAuthError):
    """The client key or secret is wrong (`invalid_client`, `unauthorized_client`): the operator must act."""


_OAUTH_ERRORS: dict[str, type[OAuthError]] = {
    "invalid_grant": InvalidGrantError,
    "invalid_client": InvalidClientError,
    "unauthorized_client": InvalidClientError,
}


def oauth_error(code: str, description: str, *, http_status: int | None, log_id: str = "") -> OAuthError:
    """The error for what an OAuth endpoint answered; the HTTP status means nothing there (200 is usual)."""
    return _OAUTH_ERRORS.get(code, OAuthError)(code, description, log_id=log_id, http_status=http_status)


# --- Answers of the upload host ---------------------------------------------------------------------------


class UploadError(TikTokError):
    """The upload host answered neither 206 nor 201."""


class UploadRefusedError(UploadError):
    """400: headers malformed, or the length does not match the body."""


class UploadUrlExpiredError(UploadError):
    """403: the upload address has ended (one hour after `init`)."""


class UploadNotFoundError(UploadError):
    """404: TikTok has no such upload."""


class RangeMismatchError(UploadError):
    """416: the range does not fit TikTok's progress.

    `accepted_bytes` is TikTok's own number, None when it gave none; believe it only through
    `ChunkPlan.boundary_of`.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        accepted_bytes: int | None = None,
        log_id: str = "",
        http_status: int | None = None,
    ) -> None:
        self.accepted_bytes = accepted_bytes
        super().__init__(code, message, log_id=log_id, http_status=http_status)


class UploadServerError(UploadError):
    """5xx, or 408 and 429 from a gateway: the upload host asks to send this chunk again."""

    @property
    def is_retry_safe(self) -> bool:
        """True: the same chunk of the same upload lands once."""
        return True


class UploadHostError(TikTokError):
    """The upload address is not https, or its host is not on the allow-list: nothing was sent."""


class ChunkSourceError(TikTokError):
    """What was to be sent is not as long as the chunk: the file is not the one that was planned."""
