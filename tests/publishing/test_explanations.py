"""Every code that can end or hold a post has words of its own; a retry is offered only where it is safe."""

import pytest

from publishing.explanations import EXPLANATIONS, Who, explain, explain_open_question, is_known, put_code
from publishing.reasons import Reason

# The contract's sections 1.2 (creator info), 2.3 (init), 6.3 (status) and 9 (generic), letter for letter.
CREATOR_INFO_ERRORS = [
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "reached_active_user_cap",
    "access_token_invalid",
    "scope_not_authorized",
    "rate_limit_exceeded",
]
INIT_ERRORS = [
    "invalid_param",
    "invalid_params",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "reached_active_user_cap",
    "unaudited_client_can_only_post_to_private_accounts",
    "url_ownership_unverified",
    "privacy_level_option_mismatch",
    "access_token_invalid",
    "scope_not_authorized",
    "rate_limit_exceeded",
]
# Sections 3 (drafts), 4.2 (photos) and 5.6 (cancelling).
OTHER_ERRORS = [
    "spam_risk_too_many_pending_share",
    "app_version_check_failed",
    "publish_not_cancellable",
]
STATUS_ERRORS = [
    "invalid_publish_id",
    "token_not_authorized_for_specified_publish_id",
    "access_token_invalid",
    "scope_not_authorized",
    "rate_limit_exceeded",
    "internal_error",
]
GENERIC_ERRORS = [
    "access_token_invalid",
    "internal_error",
    "invalid_file_upload",
    "invalid_params",
    "rate_limit_exceeded",
    "scope_not_authorized",
    "scope_permission_missed",
]
OAUTH_ERRORS = [
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "server_error",
    "temporarily_unavailable",
]
FAIL_REASONS = [
    "file_format_check_failed",
    "duration_check_failed",
    "frame_rate_check_failed",
    "picture_size_check_failed",
    "internal",
    "video_pull_failed",
    "photo_pull_failed",
    "publish_cancelled",
    "auth_removed",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "spam_risk_text",
    "spam_risk",
]
PUT_ANSWERS = [201, 206, 400, 403, 404, 416, 500, 502, 503]
ALL_CODES = sorted(
    {
        *CREATOR_INFO_ERRORS,
        *INIT_ERRORS,
        *OTHER_ERRORS,
        *STATUS_ERRORS,
        *GENERIC_ERRORS,
        *OAUTH_ERRORS,
        *FAIL_REASONS,
        *map(put_code, PUT_ANSWERS),
        *Reason,
    }
)


@pytest.mark.parametrize("code", ALL_CODES)
def test_has_words_of_its_own_for_every_code_of_the_contract(code: str) -> None:
    explanation = explain(code)
    assert is_known(code)
    assert explanation.code == code
    assert explanation.title
    assert explanation.what_happened.endswith(".")
    assert explanation.what_to_do.endswith(".")
    assert explanation.who_must_act.words


@pytest.mark.parametrize("code", ALL_CODES)
def test_says_when_to_try_again_exactly_where_it_is_safe(code: str) -> None:
    explanation = explain(code)
    assert bool(explanation.retry_hint) == explanation.is_retry_safe


@pytest.mark.parametrize("code", ALL_CODES)
def test_never_blames_and_never_jokes(code: str) -> None:
    explanation = explain(code)
    words = f"{explanation.title} {explanation.what_happened} {explanation.what_to_do}".lower()
    assert [word for word in ("oops", "sorry", "your fault", "illegal", "please", "!") if word in words] == []


@pytest.mark.parametrize(
    "code", ["auth_removed", "spam_risk_user_banned_from_posting", "spam_risk_text", "spam_risk"]
)
def test_never_offers_a_retry_where_tiktok_forbids_it(code: str) -> None:
    assert explain(code).is_retry_safe is False


@pytest.mark.parametrize(
    "code",
    [
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
        "privacy_level_option_mismatch",
        Reason.RULES_CHANGED,
        Reason.FILE_CHANGED,
        Reason.FILE_MISSING,
        Reason.CONSENT_VOIDED,
    ],
)
def test_sends_to_the_editor_where_the_same_choices_would_fail_again(code: str) -> None:
    explanation = explain(code)
    assert explanation.is_retry_safe is False
    assert explanation.who_must_act is Who.YOU


@pytest.mark.parametrize(
    "code",
    [
        "invalid_publish_id",
        "token_not_authorized_for_specified_publish_id",
        Reason.PULL_UNANSWERED,
        Reason.UNKNOWN_PUBLISH_ID,
        Reason.UNKNOWN_STATUS,
        Reason.PROCESSING_TOO_LONG,
    ],
)
def test_sends_to_the_profile_where_nobody_knows_whether_it_is_out(code: str) -> None:
    explanation = explain(code)
    assert explanation.is_retry_safe is False
    assert explanation.what_to_do.startswith("Look at the profile on TikTok, then say here")


@pytest.mark.parametrize(
    "code",
    [
        "internal",
        "internal_error",
        "rate_limit_exceeded",
        "video_pull_failed",
        "photo_pull_failed",
        "url_ownership_unverified",
        "app_version_check_failed",
        Reason.PULL_NOT_SET_UP,
        Reason.INIT_UNANSWERED,
        Reason.UPLOAD_EXPIRED,
        Reason.TIKTOK_UNREACHABLE,
        Reason.TIKTOK_ERROR,
        Reason.STOPPED_BY_PERSON,
    ],
)
def test_offers_a_retry_where_nothing_can_have_become_public(code: str) -> None:
    assert explain(code).is_retry_safe is True


@pytest.mark.parametrize(
    "code",
    ["spam_risk_too_many_posts", "reached_active_user_cap", "spam_risk_too_many_pending_share"],
)
def test_a_cap_may_be_tried_again_later(code: str) -> None:
    explanation = explain(code)
    assert explanation.is_retry_safe is True
    assert explanation.retry_hint.startswith("Later")


def test_both_spellings_of_invalid_params_say_the_same() -> None:
    assert explain("invalid_param").what_happened == explain("invalid_params").what_happened


def test_shows_an_unknown_code_as_it_came_and_promises_nothing() -> None:
    explanation = explain("a_word_of_tomorrow")
    assert is_known("a_word_of_tomorrow") is False
    assert explanation.code == "a_word_of_tomorrow"
    assert "“a_word_of_tomorrow”" in explanation.what_happened
    assert explanation.is_retry_safe is False
    assert explanation.who_must_act is Who.OPERATOR


def test_says_so_when_there_is_no_reason_at_all() -> None:
    explanation = explain("")
    assert explanation.what_happened == "TikTok ended this post and gave no reason."
    assert explanation.is_retry_safe is False


@pytest.mark.parametrize("code", [*ALL_CODES, "a_word_of_tomorrow", ""])
def test_never_promises_anything_about_a_post_that_may_be_out(code: str) -> None:
    explanation = explain_open_question(code)
    assert explanation.is_retry_safe is False
    assert explanation.retry_hint == ""
    assert explanation.what_to_do.startswith("Look at the profile on TikTok, then say here")
    assert "Nothing was" not in explanation.what_happened
    assert explanation.title == explain(code).title


def test_a_failure_without_a_reason_says_so() -> None:
    assert explain("unknown").title == "TikTok failed the post and gave no reason"
    assert explain("unknown").is_retry_safe is False


def test_all_faults_of_the_upload_server_share_their_words() -> None:
    assert [put_code(status) for status in (206, 403, 500, 503, 599)] == [
        "put_206",
        "put_403",
        "put_5xx",
        "put_5xx",
        "put_5xx",
    ]


def test_no_code_is_explained_twice() -> None:
    from publishing.explanations.ours import OURS
    from publishing.explanations.tiktok_codes import TIKTOK_CODES
    from publishing.explanations.uploads import UPLOADS

    assert len(EXPLANATIONS) == len(OURS) + len(TIKTOK_CODES) + len(UPLOADS)


@pytest.mark.parametrize("code", ALL_CODES)
def test_of_photos_nothing_is_said_of_a_video(code: str) -> None:
    explanation = explain(code, has_photos=True)
    assert explanation.code == code
    words = f"{explanation.title} {explanation.what_happened} {explanation.what_to_do}".lower()
    is_about_videos_only = code in {
        "duration_check_failed", "frame_rate_check_failed", "video_pull_failed", Reason.RULES_CHANGED,
    }  # fmt: skip
    assert is_about_videos_only or "video" not in words.replace("(video.publish)", "").replace(
        "(video.upload)", ""
    )


def test_the_limit_of_a_picture_is_that_of_its_kind() -> None:
    assert "360 to 4096 pixels" in explain("picture_size_check_failed").what_happened
    assert "at most 1080 pixels" in explain("picture_size_check_failed", has_photos=True).what_happened
