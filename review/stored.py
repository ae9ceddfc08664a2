"""What is kept of TikTok's, column by column: the privacy page shows it, and a test holds it against the models.

A column that carries something of TikTok's stands here exactly once. `tiktok` is what TikTok's own documents call it.
"""

from dataclasses import dataclass

# How long something is kept, as the privacy page says it.
CONNECTED = "Until you disconnect the TikTok account."
ACCOUNT = "Until you delete your account here. Disconnecting keeps it, for the history of your posts."
DRAFT = "Until you delete the post here, or your account."
HISTORY = "Until you delete your account here."
OFFER = "Until you answer, 30 minutes at most."
EVENT = "14 days, or until you delete your account here."
SITE = "As long as this site runs."


@dataclass(frozen=True)
class Stored:
    """One thing of TikTok's that is kept: what it is, why, how long, and in which columns (`app.Model.field`)."""

    tiktok: str
    what: str
    why: str
    how_long: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Things that come together, and when."""

    title: str
    things: tuple[Stored, ...]


PARTS = (
    Part(
        "When you connect a TikTok account",
        (
            Stored(
                "open_id",
                "The number by which TikTok knows you towards this site, and towards no other.",
                "To know the account again.",
                ACCOUNT,
                ("accounts.TikTokAccount.open_id",),
            ),
            Stored(
                "scope",
                "What you allowed this site to do.",
                "To offer only that.",
                ACCOUNT,
                ("accounts.TikTokAccount.granted_scopes",),
            ),
            Stored(
                "access_token, expires_in",
                "The key with which we act for you, encrypted, and when it ends.",
                "To send what you post, and to ask how it went.",
                CONNECTED,
                ("accounts.TokenPair.access_token_sealed", "accounts.TokenPair.access_expires_at"),
            ),
            Stored(
                "refresh_token, refresh_expires_in",
                "The key with which the other is renewed, encrypted, and when it ends.",
                "So that you need not sign in at TikTok every few hours.",
                CONNECTED,
                ("accounts.TokenPair.refresh_token_sealed", "accounts.TokenPair.refresh_expires_at"),
            ),
            Stored(
                "access_token, refresh_token",
                "The same two keys, encrypted, while you decide whether to move an account here.",
                "To carry out the move once you agree.",
                OFFER,
                ("accounts.AccountMove.grant_sealed",),
            ),
        ),
    ),
    Part(
        "About the creator, when you connect and whenever you write a post",
        (
            Stored(
                "creator_nickname, display_name",
                "The name on your TikTok profile.",
                "To show to which account you post.",
                ACCOUNT,
                ("accounts.TikTokAccount.nickname", "accounts.Notification.account_name"),
            ),
            Stored(
                "creator_username",
                "Your @name.",
                "To show to which account you post, and to lead to your posts.",
                ACCOUNT,
                ("accounts.TikTokAccount.username",),
            ),
            Stored(
                "creator_avatar_url, avatar_url",
                "Your profile picture: a small copy, and the address where TikTok last showed it.",
                "To show to which account you post.",
                ACCOUNT,
                ("accounts.TikTokAccount.avatar", "accounts.TikTokAccount.avatar_source"),
            ),
            Stored(
                "privacy_level_options, comment_disabled, duet_disabled, stitch_disabled, "
                "max_video_post_duration_sec",
                "What TikTok lets you choose now, with the name and picture above.",
                "To show these choices and no others.",
                ACCOUNT,
                ("accounts.TikTokAccount.creator_info",),
            ),
            Stored(
                "the same answer",
                "What TikTok said when you last opened this post.",
                "To show the same choices after a reload.",
                DRAFT,
                ("composer.Post.creator_info",),
            ),
            Stored(
                "the same answer",
                "What you were shown when you pressed the button, beside what you chose and agreed to.",
                "To prove that nothing was posted without your consent.",
                HISTORY,
                ("composer.Consent.creator_shown",),
            ),
            Stored(
                "error.code",
                "TikTok's reason when the account cannot post, or its permission has ended.",
                "To tell you, and to stop asking.",
                ACCOUNT,
                (
                    "accounts.TikTokAccount.creator_block",
                    "accounts.TikTokAccount.state_reason",
                    "accounts.TikTokAccount.access_check_reason",
                    "composer.Post.creator_refusal",
                    "accounts.Notification.reason",
                ),
            ),
            Stored(
                "error.code, log_id",
                "That TikTok takes no more posts of this account for now, and how many it took in a day.",
                "To wait instead of trying again and again.",
                ACCOUNT,
                (
                    "publishing.PostingCap.cap",
                    "publishing.PostingCap.learned_from",
                    "publishing.PostingCap.paused_code",
                    "publishing.PostingCap.tiktok_log_id",
                ),
            ),
        ),
    ),
    Part(
        "About a post, while it is sent and afterwards",
        (
            Stored(
                "publish_id",
                "The number under which TikTok takes the post in.",
                "To ask how it is getting on, and never to send it twice.",
                HISTORY,
                ("publishing.Attempt.publish_id",),
            ),
            Stored(
                "upload_url",
                "Where TikTok wants the video, encrypted, and until when.",
                "To send it, and to go on after an interruption.",
                HISTORY,
                ("publishing.Attempt.upload_url_sealed", "publishing.Attempt.upload_expires_at"),
            ),
            Stored(
                "status, uploaded_bytes, downloaded_bytes",
                "How far TikTok says it is.",
                "To show you.",
                HISTORY,
                (
                    "publishing.Attempt.remote_status",
                    "publishing.Attempt.next_byte",
                    "publishing.Attempt.downloaded_bytes",
                ),
            ),
            Stored(
                "fail_reason, error.code",
                "Why TikTok did not take the post, or could not cancel it.",
                "To tell you what to do.",
                HISTORY,
                (
                    "publishing.Attempt.fail_reason",
                    "publishing.Publication.reason",
                    "publishing.Publication.cancel_answer",
                    "publishing.Event.code",
                ),
            ),
            Stored(
                "log_id",
                "The number by which TikTok finds a call in its own records.",
                "To ask TikTok about a fault.",
                HISTORY,
                (
                    "publishing.Publication.tiktok_log_id",
                    "publishing.Attempt.tiktok_log_id",
                    "publishing.Event.tiktok_log_id",
                ),
            ),
            Stored(
                "publicaly_available_post_id",
                "The number of the post, once it is public.",
                "To lead you to it.",
                HISTORY,
                ("publishing.Publication.post_ids", "publishing.VisibilityChange.post_id"),
            ),
            Stored(
                "the answers above",
                "What each step of the way brought: the same numbers, codes and words of TikTok's, as a history.",
                "To show what happened.",
                HISTORY,
                ("publishing.Event.detail",),
            ),
            Stored(
                "requests of TikTok's servers",
                "When and how often TikTok fetched a photo or video from here, and which part of it.",
                "To show whether TikTok has it.",
                HISTORY,
                (
                    "publishing.PullFile.requests",
                    "publishing.PullFile.bytes_served",
                    "publishing.PullFile.first_asked_at",
                    "publishing.PullFile.last_asked_at",
                    "publishing.PullFile.last_byte_at",
                    "publishing.PullHit.at",
                    "publishing.PullHit.method",
                    "publishing.PullHit.first_byte",
                    "publishing.PullHit.last_byte",
                    "publishing.PullHit.bytes_sent",
                    "publishing.PullHit.end",
                    "publishing.PullHit.ended_at",
                ),
            ),
        ),
    ),
    Part(
        "What TikTok tells us by itself",
        (
            Stored(
                "client_key, event, create_time, user_openid, content",
                "Each event as TikTok sent it: a post is out, failed or no longer public; a permission was removed.",
                "To ask TikTok at once what it means.",
                EVENT,
                (
                    "publishing.WebhookDelivery.body",
                    "publishing.WebhookDelivery.body_sha256",
                    "publishing.WebhookDelivery.signed_at",
                ),
            ),
            Stored(
                "event, create_time",
                "When a post became public, and when it ceased to be.",
                "To show you.",
                HISTORY,
                ("publishing.VisibilityChange.is_public", "publishing.VisibilityChange.at"),
            ),
        ),
    ),
    Part(
        "About this site, and about nobody in particular",
        (
            Stored(
                "client_key",
                "The number of this site's app at TikTok.",
                "To know which app an account was connected with.",
                SITE,
                ("accounts.TikTokAccount.client_key", "publishing.ClientPause.client_key"),
            ),
            Stored(
                "error.code, log_id",
                "That TikTok takes posts of no further creators through this site for now, and how many had posted.",
                "To wait instead of trying again and again.",
                SITE,
                ("publishing.ClientPause.creators", "publishing.ClientPause.tiktok_log_id"),
            ),
            Stored(
                "tiktok-developers-site-verification",
                "The signature by which TikTok knows that these addresses belong to this site.",
                "To show it when TikTok looks.",
                SITE,
                ("review.SignatureFile.token",),
            ),
        ),
    ),
)
# Asked of TikTok by nobody here, so that the page can say so.
NEVER_ASKED = (
    "your password",
    "your e-mail address or phone number at TikTok",
    "your followers, likes and views",
    "your messages",
    "videos that were not posted from here",
)
