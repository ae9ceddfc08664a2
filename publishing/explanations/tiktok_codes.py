"""Words for TikTok's own codes: the errors of creator info, init, status and OAuth, and every fail_reason.

https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
"""

from dataclasses import replace

from publishing.explanations.words import LOOK_FIRST, Explanation, Who

_TELL_OPERATOR = (
    "Tell whoever runs this installation and quote the log id; pressing again would end the same way."
)

# What TikTok says about the creator or about this app, before it takes a file or instead of publishing it.
_CREATOR: tuple[Explanation, ...] = (
    Explanation(
        code="spam_risk_too_many_posts",
        title="The account has reached TikTok's daily limit",
        what_happened=(
            "TikTok lets apps post only so many times in 24 hours to one account, typically about 15, "
            "and counts every app together. This post came after the last one. Nothing was published."
        ),
        who_must_act=Who.NOBODY,
        what_to_do="Try again tomorrow, or post it in the TikTok app today.",
        is_retry_safe=True,
        retry_hint="Later: 24 hours after the first of today's posts.",
    ),
    Explanation(
        code="spam_risk_user_banned_from_posting",
        title="TikTok does not let this account post",
        what_happened="TikTok has stopped this account from making new posts. Nothing was published.",
        who_must_act=Who.CREATOR,
        what_to_do=(
            "Open the TikTok app: the notice there says why and how to object. Other apps cannot change it."
        ),
    ),
    Explanation(
        code="reached_active_user_cap",
        title="This installation has reached TikTok's daily number of creators",
        what_happened=(
            "TikTok lets this app post for a certain number of accounts in 24 hours, five until its audit "
            "is passed. "
            "Today's number is used up. Nothing was published."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do="Try again tomorrow. Whoever runs this installation can ask TikTok for a higher number.",
        is_retry_safe=True,
        retry_hint="Later: within 24 hours.",
    ),
    Explanation(
        code="unaudited_client_can_only_post_to_private_accounts",
        title="TikTok takes posts to private accounts only, for now",
        what_happened=(
            "This app has not passed TikTok's audit yet. "
            "Until then TikTok takes its posts only for accounts that "
            "are private. Nothing was published."
        ),
        who_must_act=Who.CREATOR,
        what_to_do=(
            "Make the account private in the TikTok app (Settings, Privacy), then try again. "
            "Once the app has passed the audit this is no longer needed."
        ),
        is_retry_safe=True,
        retry_hint="Once the TikTok account is private.",
    ),
    Explanation(
        code="privacy_level_option_mismatch",
        title="TikTok no longer offers this visibility",
        what_happened=(
            "The visibility you chose is not among those TikTok offers this creator now. "
            "Nothing was published, and nothing else was chosen for you."
        ),
        who_must_act=Who.YOU,
        what_to_do="Edit the post and choose who can view it again.",
    ),
    Explanation(
        code="url_ownership_unverified",
        title="TikTok does not know the address of the file",
        what_happened=(
            "TikTok fetches files only from addresses it has verified, and this one is not. "
            "Nothing was published."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Whoever runs this installation must verify the address in MEDIA_PULL_BASE_URL in TikTok's developer "
            "portal. Then try again."
        ),
        is_retry_safe=True,
        retry_hint="Once TikTok has verified the address.",
    ),
    Explanation(
        code="app_version_check_failed",
        title="The creator's TikTok app is too old",
        what_happened=(
            "TikTok puts photos into the inbox only of apps from version 31.8 on, and this creator's is older. "
            "Nothing was sent."
        ),
        who_must_act=Who.CREATOR,
        what_to_do="Update the TikTok app, open it once, then try again.",
        is_retry_safe=True,
        retry_hint="Once the app is updated.",
    ),
    Explanation(
        code="spam_risk_too_many_pending_share",
        title="Too many drafts wait in the TikTok inbox",
        what_happened=(
            "TikTok allows five unfinished drafts from apps in 24 hours, and they are used up. "
            "Nothing was sent to the inbox."
        ),
        who_must_act=Who.CREATOR,
        what_to_do="Post or discard drafts in the TikTok app, then try again.",
        is_retry_safe=True,
        retry_hint="Later: once drafts are gone, or after 24 hours.",
    ),
)

_PERMISSION: tuple[Explanation, ...] = (
    Explanation(
        code="access_token_invalid",
        title="The TikTok account must be reconnected",
        what_happened="TikTok no longer accepts the permission this account gave us. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account, then try again.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected.",
    ),
    Explanation(
        code="scope_not_authorized",
        title="The account did not allow posting",
        what_happened=(
            "When the account was connected, the permission to post (video.publish) was not given, "
            "or it was taken back since. Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account and leave the permission to post ticked on TikTok's page.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected with that permission.",
    ),
    Explanation(
        code="scope_permission_missed",
        title="A permission is missing",
        what_happened="TikTok wants a further permission for what was asked. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account and leave every permission ticked on TikTok's page.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected.",
    ),
    Explanation(
        code="invalid_grant",
        title="The TikTok account must be reconnected",
        what_happened=(
            "TikTok no longer renews the permission this account gave us: it ran out or was taken back."
        ),
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected.",
    ),
    Explanation(
        code="access_denied",
        title="TikTok was told not to give permission",
        what_happened=(
            "Somebody pressed cancel on TikTok's page, or TikTok does not let this account use this app."
        ),
        who_must_act=Who.YOU,
        what_to_do="Connect the account again and agree on TikTok's page.",
    ),
    Explanation(
        code="invalid_client",
        title="TikTok does not accept this installation's key",
        what_happened="TikTok refused the app's client key or secret.",
        who_must_act=Who.OPERATOR,
        what_to_do="Whoever runs this installation must correct TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET.",
    ),
    Explanation(
        code="auth_removed",
        title="The creator took this app's access away",
        what_happened=(
            "While TikTok was processing the post, access for this app was removed in the TikTok app. "
            "Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account. Then edit the post, look it over and post it again.",
    ),
)

_SERVICE: tuple[Explanation, ...] = (
    Explanation(
        code="rate_limit_exceeded",
        title="TikTok asked us to slow down",
        what_happened="TikTok takes only so many requests a minute for one account. Nothing was published.",
        who_must_act=Who.NOBODY,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code="internal_error",
        title="TikTok had a fault",
        what_happened="TikTok answered with a fault of its own. Nothing was published.",
        who_must_act=Who.TIKTOK,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code="internal",
        title="A part of TikTok was not available",
        what_happened=(
            "TikTok had the whole of it, had a fault of its own and gave up. Nothing was published."
        ),
        who_must_act=Who.NOBODY,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code="invalid_params",
        title="TikTok did not understand the request",
        what_happened="TikTok refused something in the way the post was announced. Nothing was published.",
        who_must_act=Who.OPERATOR,
        what_to_do=_TELL_OPERATOR,
    ),
    Explanation(
        code="invalid_publish_id",
        title="TikTok does not know this post",
        what_happened=(
            "TikTok has had everything, and says that it does not know the post. "
            "It may or may not be on the profile."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code="token_not_authorized_for_specified_publish_id",
        title="TikTok does not tell this account about the post",
        what_happened=(
            "TikTok has had everything, and says that the post belongs to another permission than the one "
            "we hold "
            "now. It may or may not be on the profile."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code="publish_not_cancellable",
        title="It was too late to stop it",
        what_happened="TikTok had already finished with this post when it was told to stop.",
        who_must_act=Who.NOBODY,
        what_to_do="Look at the profile on TikTok; delete the post there if you do not want it.",
    ),
    Explanation(
        code="publish_cancelled",
        title="The transfer was cancelled",
        what_happened=(
            "The transfer was stopped on our side before TikTok had the file. Nothing was published."
        ),
        who_must_act=Who.NOBODY,
        what_to_do="Try again if you still want it out.",
        is_retry_safe=True,
        retry_hint="Whenever you like.",
    ),
)

_CONVERT = "Edit the post and choose a file that fits: MP4, MOV or WebM with H.264, H.265, VP8 or VP9."

_FILE: tuple[Explanation, ...] = (
    Explanation(
        code="file_format_check_failed",
        title="TikTok cannot read this kind of file",
        what_happened="TikTok looked at the file and does not take its format. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do=_CONVERT,
    ),
    Explanation(
        code="invalid_file_upload",
        title="TikTok does not take this file",
        what_happened="TikTok says that the file does not meet its specification. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do=_CONVERT,
    ),
    Explanation(
        code="duration_check_failed",
        title="The video is too long or too short for TikTok",
        what_happened=(
            "TikTok measured the video and its length is outside this creator's limits. "
            "Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Trim the video, then edit the post, choose the new file and post it.",
    ),
    Explanation(
        code="frame_rate_check_failed",
        title="The frame rate does not fit",
        what_happened=(
            "TikTok takes 23 to 60 frames per second, and measured something else. Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do=(
            "Export the video with 30 frames per second, then edit the post, choose the new file and post it."
        ),
    ),
    Explanation(
        code="picture_size_check_failed",
        title="The picture size does not fit",
        what_happened=(
            "TikTok takes 360 to 4096 pixels on each side, and measured something else. "
            "Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Export it as 1080 by 1920 pixels, then edit the post, choose the new file and post it.",
    ),
    Explanation(
        code="video_pull_failed",
        title="TikTok could not fetch the video",
        what_happened="TikTok tried to download the video and did not get all of it. Nothing was published.",
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Try again. If it comes back, whoever runs this installation must make the file reachable."
        ),
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code="photo_pull_failed",
        title="TikTok could not fetch a photo",
        what_happened="TikTok tried to download a photo and did not get all of it. Nothing was published.",
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Try again. If it comes back, whoever runs this installation must make the file reachable."
        ),
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code="spam_risk_text",
        title="TikTok judged the caption risky",
        what_happened="TikTok's check found the caption or title risky or spam-like. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do=(
            "Edit the post, write another caption and post it. TikTok asks not to send the same one again."
        ),
    ),
    Explanation(
        code="spam_risk",
        title="TikTok judged this post risky",
        what_happened="TikTok's check stopped this post and does not say more. Nothing was published.",
        who_must_act=Who.CREATOR,
        what_to_do="Look for a notice in the TikTok app. TikTok asks not to send the same post again.",
    ),
)


def _under_other_names(rows: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    """The same words under the codes that mean the same."""
    by_code = {row.code: row for row in rows}
    same = {
        # The reference pages print this one, the error page and every live answer the other.
        "invalid_param": "invalid_params",
        "invalid_request": "invalid_params",
        "invalid_scope": "invalid_client",
        "unauthorized_client": "invalid_client",
        "unsupported_grant_type": "invalid_params",
        "unsupported_response_type": "invalid_params",
        "server_error": "internal_error",
        "temporarily_unavailable": "internal_error",
    }
    return tuple(replace(by_code[meant], code=code) for code, meant in same.items())


_SILENCE: tuple[Explanation, ...] = (
    Explanation(
        code="unknown",
        title="TikTok failed the post and gave no reason",
        what_happened="TikTok ended this post without saying why. Nothing was published.",
        who_must_act=Who.TIKTOK,
        what_to_do="Look the post over here. Then edit it and post it again.",
    ),
)

_ALL = (*_CREATOR, *_PERMISSION, *_SERVICE, *_FILE, *_SILENCE)
TIKTOK_CODES: tuple[Explanation, ...] = (*_ALL, *_under_other_names(_ALL))
