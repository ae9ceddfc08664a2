"""What each `init` is told: the JSON bodies of the posting API, built from our types and checked before they go.

Addresses of media hold a secret, so no complaint here repeats one.
"""

from __future__ import annotations

from collections.abc import Sequence

from tiktok import answers
from tiktok.types import PhotoPostInfo, VideoPostInfo, check_photo_texts
from tiktok.uploads import ChunkPlan

# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
MAX_PHOTOS = 35

Body = dict[str, object]


def video_post_info(post_info: VideoPostInfo) -> Body:
    """`post_info` of a directly posted video; an empty caption and an unchosen cover are left out."""
    fields: Body = {
        "privacy_level": str(post_info.privacy_level),
        "disable_comment": post_info.disable_comment,
        "disable_duet": post_info.disable_duet,
        "disable_stitch": post_info.disable_stitch,
        # Both always: one table calls them required, although the examples leave them out.
        "brand_content_toggle": post_info.brand_content_toggle,
        "brand_organic_toggle": post_info.brand_organic_toggle,
        "is_aigc": post_info.is_aigc,
    }
    if post_info.title:
        fields["title"] = post_info.title
    if post_info.video_cover_timestamp_ms is not None:
        fields["video_cover_timestamp_ms"] = post_info.video_cover_timestamp_ms
    return fields


def file_source(plan: ChunkPlan) -> Body:
    """`source_info` of a video that we send in chunks."""
    return {
        "source": "FILE_UPLOAD",
        "video_size": plan.video_size,
        "chunk_size": plan.chunk_size,
        "total_chunk_count": plan.total_chunk_count,
    }


def pulled_video_source(video_url: str) -> Body:
    """`source_info` of a video that TikTok fetches; ValueError for what is no address at all."""
    _check_address(video_url)
    return {"source": "PULL_FROM_URL", "video_url": video_url}


def direct_photos(
    post_info: PhotoPostInfo, photo_urls: Sequence[str], cover_index: int, *, is_aigc: bool
) -> Body:
    """The whole body for photos that are posted directly."""
    fields: Body = {
        **_photo_texts(post_info.title, post_info.description),
        "privacy_level": str(post_info.privacy_level),
        "disable_comment": post_info.disable_comment,
        "auto_add_music": post_info.auto_add_music,
        # Both always, as with a video.
        "brand_content_toggle": post_info.brand_content_toggle,
        "brand_organic_toggle": post_info.brand_organic_toggle,
    }
    return _photos("DIRECT_POST", fields, photo_urls, cover_index, is_aigc=is_aigc)


def drafted_photos(
    title: str, description: str, photo_urls: Sequence[str], cover_index: int, *, is_aigc: bool
) -> Body:
    """The whole body for photos that go to the creator's inbox: only the two texts go along."""
    check_photo_texts(title, description)
    fields = _photo_texts(title, description)
    return _photos("MEDIA_UPLOAD", fields, photo_urls, cover_index, is_aigc=is_aigc)


def _photo_texts(title: str, description: str) -> Body:
    texts = {"title": title, "description": description}
    return {name: text for name, text in texts.items() if text}


def _photos(
    mode: str, post_info: Body, photo_urls: Sequence[str], cover_index: int, *, is_aigc: bool
) -> Body:
    if isinstance(photo_urls, str) or not 1 <= len(photo_urls) <= MAX_PHOTOS:
        raise ValueError(f"TikTok takes 1 to {MAX_PHOTOS} photos in one post.")
    if not 0 <= cover_index < len(photo_urls):
        raise ValueError(f"There is no photo {cover_index} among {len(photo_urls)} to be the cover.")
    for photo_url in photo_urls:
        _check_address(photo_url)
    return {
        "media_type": "PHOTO",
        # TikTok's table prints a space where its examples have the underscore that works.
        "post_mode": mode,
        "post_info": post_info,
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": list(photo_urls),
            "photo_cover_index": cover_index,
        },
        # Beside `post_info`, where the page of 2026-09 lists it; inside it is nowhere documented.
        "is_aigc": is_aigc,
    }


def _check_address(url: str) -> None:
    # Only what could never work is refused here: whether an address is verified is TikTok's to say.
    if not answers.opaque(url).lower().startswith(("https://", "http://")):
        raise ValueError("A media address is empty, not http(s), or has characters that no address has.")
