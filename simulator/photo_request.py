"""The body of a photo init, for both its modes, checked field by field."""

from dataclasses import dataclass

from simulator.answers import invalid_params
from simulator.init_request import (
    BAD_POST_INFO,
    BAD_SOURCE_INFO,
    lint_branding,
    read_flag,
    read_privacy_level,
    read_text,
)
from simulator.ownership import is_fetchable
from simulator.posts import PULL_FROM_URL
from simulator.switches import Switches

# Source: photo reference page.
TITLE_UNITS = 90
DESCRIPTION_UNITS = 4000
MAX_PHOTOS = 35

DIRECT_POST, MEDIA_UPLOAD = "DIRECT_POST", "MEDIA_UPLOAD"
_BAD_MODE = "Invalid media_type or post_mode"
_MISPLACED_AIGC = "is_aigc stood inside post_info, where the reference page does not have it"


@dataclass(frozen=True)
class PhotoRequest:
    """What is to be posted and where its pictures are. In upload mode only the two texts carry over."""

    is_direct: bool
    title: str
    description: str
    privacy_level: str
    disable_comment: bool
    auto_add_music: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool
    is_aigc: bool
    remark: str
    urls: tuple[str, ...]
    cover_index: int


def read_photo_request(body: dict[str, object], switches: Switches) -> PhotoRequest:
    """The whole request; raises invalid_params for what is malformed."""
    mode = body.get("post_mode")
    # The reference page also prints a mode with a blank; the one with the underscore is what works.
    if body.get("media_type") != "PHOTO" or mode not in (DIRECT_POST, MEDIA_UPLOAD):
        raise invalid_params(_BAD_MODE)
    info = body.get("post_info")
    if not isinstance(info, dict) or not info:
        raise invalid_params(BAD_POST_INFO)
    is_direct = mode == DIRECT_POST
    urls, cover_index = _read_photo_source(body)
    # What only a direct post has is not even looked at in an upload.
    own = info if is_direct else {}
    request = PhotoRequest(
        is_direct=is_direct,
        title=read_text(info, "title", TITLE_UNITS),
        description=read_text(info, "description", DESCRIPTION_UNITS),
        privacy_level=read_privacy_level(info, switches) if is_direct else "",
        disable_comment=read_flag(own, "disable_comment"),
        auto_add_music=read_flag(own, "auto_add_music"),
        brand_content_toggle=read_flag(own, "brand_content_toggle"),
        brand_organic_toggle=read_flag(own, "brand_organic_toggle"),
        is_aigc=_read_aigc(body, info, switches),
        remark=_MISPLACED_AIGC if "is_aigc" in info else "",
        urls=urls,
        cover_index=cover_index,
    )
    lint_branding(switches, request.privacy_level, is_branded=request.brand_content_toggle)
    return request


def photo_urls(body: dict[str, object]) -> tuple[str, ...]:
    """The addresses in a request that may be malformed, for checks that come before its fields."""
    info = body.get("source_info")
    urls = info.get("photo_images") if isinstance(info, dict) else None
    return tuple(url for url in urls if isinstance(url, str)) if isinstance(urls, list) else ()


def _read_photo_source(body: dict[str, object]) -> tuple[tuple[str, ...], int]:
    info = body.get("source_info")
    if not isinstance(info, dict) or info.get("source") != PULL_FROM_URL:
        raise invalid_params(BAD_SOURCE_INFO)
    urls, cover = info.get("photo_images"), info.get("photo_cover_index")
    if not isinstance(urls, list) or not 1 <= len(urls) <= MAX_PHOTOS:
        raise invalid_params(BAD_SOURCE_INFO)
    if not all(isinstance(url, str) and is_fetchable(url) for url in urls):
        raise invalid_params(BAD_SOURCE_INFO)
    if type(cover) is not int or not 0 <= cover < len(urls):
        raise invalid_params(BAD_SOURCE_INFO)
    return tuple(urls), cover


def _read_aigc(body: dict[str, object], info: dict[str, object], switches: Switches) -> bool:
    """The AI label. Which of the two places counts is not verified: a switch says."""
    at_top, inside = read_flag(body, "is_aigc"), read_flag(info, "is_aigc")
    return {"top_level": at_top, "post_info": inside, "either": at_top or inside}[switches.photo_aigc_place]
