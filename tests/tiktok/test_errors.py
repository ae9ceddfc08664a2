"""Which answer becomes which error, and which of them may be tried again."""

import pickle

import pytest

from tiktok import errors
from tiktok.errors import (
    AccessTokenInvalidError,
    ActiveUserCapError,
    ApiError,
    AppVersionError,
    BannedFromPostingError,
    ForeignPublishIdError,
    InvalidClientError,
    InvalidFileUploadError,
    InvalidGrantError,
    InvalidParamsError,
    NotCancellableError,
    OAuthError,
    PendingShareCapError,
    PostingCapError,
    PrivacyLevelMismatchError,
    RangeMismatchError,
    RateLimitError,
    ScopeNotAuthorizedError,
    ServerError,
    SpamRiskError,
    TikTokError,
    TransportError,
    TransportKind,
    UnauditedClientError,
    UnknownPublishIdError,
    UploadServerError,
    UrlOwnershipError,
    api_error,
    oauth_error,
)


@pytest.mark.parametrize(
    ("code", "http_status", "kind", "is_retry_safe"),
    [
        ("access_token_invalid", 401, AccessTokenInvalidError, False),
        ("scope_not_authorized", 401, ScopeNotAuthorizedError, False),
        ("scope_permission_missed", 400, ScopeNotAuthorizedError, False),
        ("rate_limit_exceeded", 429, RateLimitError, True),
        ("rate_limit_exceeded", 200, RateLimitError, True),
        ("", 429, RateLimitError, True),
        ("invalid_param", 400, InvalidParamsError, False),
        ("invalid_params", 400, InvalidParamsError, False),
        ("invalid_file_upload", 400, InvalidFileUploadError, False),
        ("spam_risk_too_many_posts", 200, PostingCapError, False),
        ("spam_risk_too_many_posts", 403, PostingCapError, False),
        ("spam_risk_user_banned_from_posting", 200, BannedFromPostingError, False),
        ("spam_risk_too_many_pending_share", 400, PendingShareCapError, False),
        ("spam_risk_too_many_pending_share", 403, PendingShareCapError, False),
        ("spam_risk_of_a_new_kind", 403, SpamRiskError, False),
        ("spam_risk", 403, SpamRiskError, False),
        ("reached_active_user_cap", 200, ActiveUserCapError, False),
        ("unaudited_client_can_only_post_to_private_accounts", 403, UnauditedClientError, False),
        ("privacy_level_option_mismatch", 403, PrivacyLevelMismatchError, False),
        ("url_ownership_unverified", 403, UrlOwnershipError, False),
        ("app_version_check_failed", 400, AppVersionError, False),
        ("app_version_check_failed", 403, AppVersionError, False),
        ("publish_not_cancellable", 400, NotCancellableError, False),
        ("publish_not_cancellable", 403, NotCancellableError, False),
        ("invalid_publish_id", 400, UnknownPublishIdError, True),
        ("token_not_authorized_for_specified_publish_id", 400, ForeignPublishIdError, False),
        ("internal_error", 500, ServerError, True),
        ("internal_error", 200, ServerError, True),
        ("", 500, ServerError, True),
        ("", 503, ServerError, True),
        ("brand_new_code", 502, ServerError, True),
        ("brand_new_code", 403, ApiError, False),
        ("brand_new_code", 200, ApiError, False),
        ("", 400, ApiError, False),
    ],
)
def test_each_code_has_its_error(code, http_status, kind, is_retry_safe):
    error = api_error(code, "why", http_status=http_status, log_id="L1")
    assert type(error) is kind
    assert (error.code, error.message, error.http_status, error.log_id) == (code, "why", http_status, "L1")
    assert error.retry_after is None
    assert error.is_retry_safe is is_retry_safe


@pytest.mark.parametrize(
    ("code", "http_status", "is_retry_safe"),
    [("internal_error", 500, False), ("", 503, False), ("rate_limit_exceeded", 429, True), ("", 429, True)],
)
def test_a_fault_in_a_call_that_may_not_be_made_twice_is_not_safe_to_retry(code, http_status, is_retry_safe):
    error = api_error(code, "why", http_status=http_status, is_repeatable=False)
    assert error.is_retry_safe is is_retry_safe


@pytest.mark.parametrize("code", ["invalid_param", "invalid_params"])
def test_an_unknown_publish_id_is_known_by_its_message_too(code):
    error = api_error(code, "invalid_publish_id", http_status=400)
    assert type(error) is UnknownPublishIdError
    assert error.code == code


@pytest.mark.parametrize(
    ("code", "kind", "is_temporary"),
    [
        ("invalid_grant", InvalidGrantError, False),
        ("invalid_client", InvalidClientError, False),
        ("unauthorized_client", InvalidClientError, False),
        ("invalid_request", OAuthError, False),
        ("access_denied", OAuthError, False),
        ("server_error", OAuthError, True),
        ("temporarily_unavailable", OAuthError, True),
        ("rate_limit_exceeded", OAuthError, True),
    ],
)
def test_each_oauth_refusal_has_its_error(code, kind, is_temporary):
    error = oauth_error(code, "why", http_status=200, log_id="L1")
    assert type(error) is kind
    assert (error.code, error.message, error.http_status, error.log_id) == (code, "why", 200, "L1")
    assert error.is_temporary is is_temporary
    assert error.is_retry_safe is is_temporary


def test_an_error_tells_all_it_knows_in_one_line():
    assert str(TikTokError("some_code", "Some text.", http_status=403, log_id="L1")) == (
        "some_code: Some text. (HTTP 403, log id L1)"
    )
    assert str(TikTokError("some_code")) == "some_code"
    assert str(TikTokError("", http_status=500)) == "unnamed error (HTTP 500)"


@pytest.mark.parametrize(
    ("is_sent", "is_repeatable", "is_outcome_unknown", "is_retry_safe", "end"),
    [
        (False, False, False, True, "nothing was sent."),
        (False, True, False, True, "nothing was sent."),
        (None, False, True, False, "the outcome is unknown."),
        (None, True, True, True, "the outcome is unknown."),
        (True, False, True, False, "the outcome is unknown."),
        (True, True, True, True, "the outcome is unknown."),
    ],
)
def test_a_broken_exchange_knows_if_tiktok_may_have_done_the_work(
    is_sent, is_repeatable, is_outcome_unknown, is_retry_safe, end
):
    error = TransportError(TransportKind.RESET, is_sent=is_sent, is_repeatable=is_repeatable)
    assert error.is_outcome_unknown is is_outcome_unknown
    assert error.is_retry_safe is is_retry_safe
    assert error.message == f"The connection to TikTok broke; {end}"


@pytest.mark.parametrize("kind", list(TransportKind))
def test_every_way_to_break_off_has_its_sentence(kind):
    assert len(TransportError(kind).message) > len("; the outcome is unknown.")
    assert TransportError(kind).code == kind


def test_errors_can_be_sent_between_processes():
    for error in (
        TransportError(TransportKind.TIMEOUT, is_sent=True, log_id="L"),
        RateLimitError("rate_limit_exceeded", retry_after=7),
        ServerError("internal_error", is_repeatable=False, http_status=500),
        RangeMismatchError("range_mismatch", accepted_bytes=5, http_status=416),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert again.args == error.args
        assert vars(again) == vars(error)


def test_there_is_one_tree_and_every_branch_is_an_error_by_name():
    branches = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert errors.UploadHostError in branches
    assert all(issubclass(branch, TikTokError) for branch in branches)
    assert all(branch.__name__.endswith("Error") for branch in branches)


def test_a_chunk_may_be_sent_again_after_a_fault_of_the_upload_host():
    assert UploadServerError("upload_server_error", http_status=503).is_retry_safe is True
    assert RangeMismatchError("range_mismatch", http_status=416).is_retry_safe is False
