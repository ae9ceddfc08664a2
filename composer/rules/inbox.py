"""What sending to the TikTok inbox means for a post: what stays behind, and how the creator finishes it."""

from .inputs import Choices, Media, PostKind
from .ruling import InboxTerms

# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post (`app_version_check_failed`)
_APP_FOR_PHOTOS = "31.8"
# https://developers.tiktok.com/doc/content-posting-api-reference-upload-video
MAX_PENDING_DRAFTS = 5

_VIDEO_LEAVES = (
    "A draft takes the video alone. TikTok carries no caption, no cover frame, no visibility, no interactions, no "
    "commercial disclosure and no AI label with it: the creator sets them in the TikTok app. What you chose here "
    "is kept, should you post directly after all."
)
_PHOTOS_LEAVE = (
    "A draft takes the photos, their cover, the title and the description. TikTok carries no visibility, no "
    "interactions, no music, no commercial disclosure and no AI label with it: the creator sets them in the "
    "TikTok app. What you chose here is kept, should you post directly after all."
)
_FINISH = (
    "TikTok sends the creator a notification in the inbox of its app. Nothing is public until they tap it, finish "
    "the draft and post it there."
)


def inbox_terms(choices: Choices, media: Media) -> InboxTerms | None:
    """What to know before sending a draft; None for a direct post."""
    if not choices.is_inbox:
        return None
    if media.kind is PostKind.PHOTO:
        finish = f"{_FINISH} For photos their TikTok app must be version {_APP_FOR_PHOTOS} or newer."
        return InboxTerms(_PHOTOS_LEAVE, finish, MAX_PENDING_DRAFTS)
    return InboxTerms(_VIDEO_LEAVES, _FINISH, MAX_PENDING_DRAFTS)
