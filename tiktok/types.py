"""What TikTok says and what we tell it, as frozen dataclasses that may cross package borders.

Words that TikTok may extend (privacy levels, statuses, fail reasons) are kept as strings; the enums name the
ones that are documented. No `repr` shows a token or an upload address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from tiktok import answers

# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post, in UTF-16 code units: TikTok says
# "runes", and counting units never exceeds what counting characters allows.
MAX_PHOTO_TITLE_UNITS = 90
MAX_PHOTO_DESCRIPTION_UNITS = 4000


class PrivacyLevel(StrEnum):
    """Who can see a post (https://developers.tiktok.com/doc/content-posting-api-reference-direct-post)."""

    PUBLIC_TO_EVERYONE = "PUBLIC_TO_EVERYONE"
    MUTUAL_FOLLOW_FRIENDS = "MUTUAL_FOLLOW_FRIENDS"
    FOLLOWER_OF_CREATOR = "FOLLOWER_OF_CREATOR"
    SELF_ONLY = "SELF_ONLY"


class PublishStatus(StrEnum):
    """TikTok's status words (https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status)."""

    PROCESSING_UPLOAD = "PROCESSING_UPLOAD"
    PROCESSING_DOWNLOAD = "PROCESSING_DOWNLOAD"
    SEND_TO_USER_INBOX = "SEND_TO_USER_INBOX"
    PUBLISH_COMPLETE = "PUBLISH_COMPLETE"
    FAILED = "FAILED"


class FailReason(StrEnum):
    """Why TikTok failed a post, as documented on the status page; others may come."""

    FILE_FORMAT_CHECK_FAILED = "file_format_check_failed"
    DURATION_CHECK_FAILED = "duration_check_failed"
    FRAME_RATE_CHECK_FAILED = "frame_rate_check_failed"
    PICTURE_SIZE_CHECK_FAILED = "picture_size_check_failed"
    INTERNAL = "internal"
    VIDEO_PULL_FAILED = "video_pull_failed"
    PHOTO_PULL_FAILED = "photo_pull_failed"
    PUBLISH_CANCELLED = "publish_cancelled"
    AUTH_REMOVED = "auth_removed"
    SPAM_RISK_TOO_MANY_POSTS = "spam_risk_too_many_posts"
    SPAM_RISK_USER_BANNED_FROM_POSTING = "spam_risk_user_banned_from_posting"
    SPAM_RISK_TEXT = "spam_risk_text"
    SPAM_RISK = "spam_risk"


class Scope(StrEnum):
    """What a person can allow (https://developers.tiktok.com/doc/tiktok-api-scopes)."""

    USER_INFO_BASIC = "user.info.basic"
    USER_INFO_PROFILE = "user.info.profile"
    USER_INFO_STATS = "user.info.stats"
    VIDEO_LIST = "video.list"
    VIDEO_PUBLISH = "video.publish"
    VIDEO_UPLOAD = "video.upload"


@dataclass(frozen=True, slots=True)
class CreatorInfo:
    """What this creator may do now; TikTok wants it asked afresh for every posting page.

    `avatar_url` ends after 2 hours. `privacy_level_options` holds TikTok's words, unknown ones too, and is
    empty when TikTok named none. `max_video_post_duration_sec` is in seconds, 0 when TikTok named none.
    Source: https://developers.tiktok.com/doc/content-posting-api-reference-query-creator-info
    """

    avatar_url: str
    username: str
    nickname: str
    privacy_level_options: tuple[str, ...]
    comment_disabled: bool
    duet_disabled: bool
    stitch_disabled: bool
    max_video_post_duration_sec: int

    def to_json(self) -> dict[str, object]:
        """Plain JSON under our field names, to be stored on a row."""
        return {
            "avatar_url": self.avatar_url,
            "username": self.username,
            "nickname": self.nickname,
            "privacy_level_options": list(self.privacy_level_options),
            "comment_disabled": self.comment_disabled,
            "duet_disabled": self.duet_disabled,
            "stitch_disabled": self.stitch_disabled,
            "max_video_post_duration_sec": self.max_video_post_duration_sec,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """The other way round; a missing key reads as TikTok's absent field does."""
        return cls(
            avatar_url=answers.opaque(stored.get("avatar_url")),
            username=answers.text(stored.get("username")),
            nickname=answers.text(stored.get("nickname")),
            privacy_level_options=tuple(
                filter(None, map(answers.word, answers.items(stored.get("privacy_level_options"))))
            ),
            comment_disabled=answers.flag(stored.get("comment_disabled")),
            duet_disabled=answers.flag(stored.get("duet_disabled")),
            stitch_disabled=answers.flag(stored.get("stitch_disabled")),
            max_video_post_duration_sec=max(answers.whole(stored.get("max_video_post_duration_sec")) or 0, 0),
        )


@dataclass(frozen=True, slots=True)
class VideoPostInfo:
    """The choices that go with a directly posted video.

    `title` is the caption, at most 2,200 UTF-16 units. `privacy_level` must be one of the creator's current
    options. The flags are TikTok's: negative where the page asks positively. `video_cover_timestamp_ms` is in
    milliseconds from the start; None lets TikTok take the first frame.
    Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
    """

    title: str
    privacy_level: str
    disable_comment: bool
    disable_duet: bool
    disable_stitch: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool
    is_aigc: bool = False
    video_cover_timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PhotoPostInfo:
    """The choices that go with directly posted photos; the AI label stands beside them, not in them.

    `title` has at most 90 UTF-16 units, `description` (the caption) at most 4,000; longer ones raise
    ValueError. `privacy_level` must be one of the creator's current options. `auto_add_music` lets TikTok add
    music, which the creator can change later. Photos have no duet and no stitch.
    Source: https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
    """

    title: str
    description: str
    privacy_level: str
    disable_comment: bool
    auto_add_music: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool

    def __post_init__(self) -> None:
        check_photo_texts(self.title, self.description)


def check_photo_texts(title: str, description: str) -> None:
    """ValueError when a title or description is longer than TikTok takes with photos; the text stays out of it."""
    for name, text, limit in (
        ("title", title, MAX_PHOTO_TITLE_UNITS),
        ("description", description, MAX_PHOTO_DESCRIPTION_UNITS),
    ):
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if units > limit:
            raise ValueError(f"The {name} of photos has at most {limit} UTF-16 units, not {units}.")


@dataclass(frozen=True, slots=True)
class VideoInit:
    """An upload TikTok is ready for; `upload_url` is secret, opaque, and ends one hour after the call."""

    publish_id: str
    upload_url: str = field(repr=False)
    log_id: str


@dataclass(frozen=True, slots=True)
class PullInit:
    """TikTok has taken the order to fetch media from us; it may begin at once, even before it answers."""

    publish_id: str
    log_id: str


@dataclass(frozen=True, slots=True)
class PublishState:
    """What TikTok says about one publish id.

    `status` may be a word that `PublishStatus` does not know. `fail_reason` is empty unless it failed.
    `post_ids` are strings, because they exceed what JavaScript counts exactly; empty while moderation runs
    and for ever on posts that are not public. `uploaded_bytes` (sent by us) and `downloaded_bytes` (fetched by
    TikTok) are counts; None when TikTok does not say.
    """

    status: str
    fail_reason: str
    post_ids: tuple[str, ...]
    uploaded_bytes: int | None
    log_id: str
    downloaded_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ChunkAnswer:
    """TikTok took a chunk: `status` is 206 (more expected) or 201 (all there, posting starts).

    `accepted_bytes` is a count where TikTok's answer names an end of this chunk, else the number as TikTok
    wrote it, None when it wrote none: believe it only through `ChunkPlan.boundary_of`.
    """

    status: int
    accepted_bytes: int | None
    log_id: str


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """A fresh pair of tokens. Store both before using either: the refresh token before them is dead.

    Lifetimes are in seconds from now and 0 when TikTok did not say: then count the token as due for refresh.
    A refresh that names no new refresh token carries the old one on; an exchange may leave it empty.
    `open_id` and `scopes` are empty when a refresh does not repeat them.
    Source: https://developers.tiktok.com/doc/oauth-user-access-token-management
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    open_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class UserInfo:
    """Who connected. `open_id` is per app, `union_id` per developer; fields not asked for are empty."""

    open_id: str
    union_id: str
    display_name: str
    avatar_url: str
