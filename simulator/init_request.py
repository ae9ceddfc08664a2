"""The body of a video init, direct or to the inbox, checked field by field."""

from dataclasses import dataclass

from simulator.answers import invalid_params
from simulator.media import MAX_VIDEO_BYTES
from simulator.ownership import is_fetchable
from simulator.posts import FILE_UPLOAD, PULL_FROM_URL
from simulator.switches import Switches

PRIVACY_LEVELS = frozenset(
    {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}
)
CAPTION_UNITS = 2200
# TikTok says 5 to 64 MB without saying which megabyte: only sizes right under both readings are taken.
MIN_CHUNK_BYTES = 5 * 1024 * 1024
MAX_CHUNK_BYTES = 64 * 1000 * 1000
MAX_FINAL_CHUNK_BYTES = 128 * 1000 * 1000
MAX_CHUNKS = 1000

BAD_POST_INFO = "The request post info is empty or incorrect"
BAD_SOURCE_INFO = "The request source info is empty or incorrect"
_BAD_CHUNK_SIZE = "The chunk size is invalid"
_BAD_CHUNK_COUNT = "The total chunk count is invalid"


@dataclass(frozen=True)
class PostInfo:
    """How the post shall look. `privacy_level` is "" when it was left out."""

    title: str
    privacy_level: str
    disable_comment: bool
    disable_duet: bool
    disable_stitch: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool
    is_aigc: bool
    video_cover_timestamp_ms: int | None


@dataclass(frozen=True)
class SourceInfo:
    """Where the video comes from: sizes of what will be sent, or the address TikTok is to fetch it at."""

    source: str
    video_size: int = 0
    chunk_size: int = 0
    total_chunk_count: int = 0
    url: str = ""


def read_post_info(body: dict[str, object], switches: Switches) -> PostInfo:
    """The post info of a request; raises invalid_params for what is malformed."""
    info = body.get("post_info")
    if not isinstance(info, dict) or not info:
        raise invalid_params(BAD_POST_INFO)
    privacy_level = read_privacy_level(info, switches)
    cover = info.get("video_cover_timestamp_ms")
    if cover is not None and type(cover) is not int:
        raise invalid_params(BAD_POST_INFO)
    post_info = PostInfo(
        title=read_text(info, "title", CAPTION_UNITS),
        privacy_level=privacy_level,
        disable_comment=read_flag(info, "disable_comment"),
        disable_duet=read_flag(info, "disable_duet"),
        disable_stitch=read_flag(info, "disable_stitch"),
        brand_content_toggle=read_flag(info, "brand_content_toggle"),
        brand_organic_toggle=read_flag(info, "brand_organic_toggle"),
        is_aigc=read_flag(info, "is_aigc"),
        video_cover_timestamp_ms=cover if cover is None or 0 <= cover < 2**31 else None,
    )
    lint_branding(switches, privacy_level, is_branded=post_info.brand_content_toggle)
    return post_info


def read_source_info(body: dict[str, object]) -> SourceInfo:
    """The source info of a request; raises invalid_params for what is malformed or breaks the chunk rules."""
    info = body.get("source_info")
    if not isinstance(info, dict):
        raise invalid_params(BAD_SOURCE_INFO)
    if info.get("source") == PULL_FROM_URL:
        url = info.get("video_url")
        if not isinstance(url, str) or not is_fetchable(url):
            raise invalid_params(BAD_SOURCE_INFO)
        return SourceInfo(PULL_FROM_URL, url=url)
    if info.get("source") != FILE_UPLOAD:
        raise invalid_params(BAD_SOURCE_INFO)
    sizes = [info.get(name) for name in ("video_size", "chunk_size", "total_chunk_count")]
    numbers = [size for size in sizes if type(size) is int]
    if len(numbers) != len(sizes) or min(numbers) < 1:
        raise invalid_params(BAD_SOURCE_INFO)
    source = SourceInfo(FILE_UPLOAD, numbers[0], numbers[1], numbers[2])
    _check_chunks(source)
    return source


def _check_chunks(source: SourceInfo) -> None:
    """TikTok's chunk rules: the count is a floor, the last chunk takes the rest, one chunk is all."""
    video, chunk, count = source.video_size, source.chunk_size, source.total_chunk_count
    if video > MAX_VIDEO_BYTES:
        raise invalid_params("The video size is invalid")
    is_whole = chunk == video
    if chunk > MAX_CHUNK_BYTES or (chunk < MIN_CHUNK_BYTES and not is_whole):
        raise invalid_params(_BAD_CHUNK_SIZE)
    if count != video // chunk or count > MAX_CHUNKS:
        raise invalid_params(_BAD_CHUNK_COUNT)
    if count == 1 and not is_whole:
        raise invalid_params(_BAD_CHUNK_SIZE)
    if video - chunk * (count - 1) > MAX_FINAL_CHUNK_BYTES:
        raise invalid_params(_BAD_CHUNK_SIZE)


def read_privacy_level(info: dict[str, object], switches: Switches) -> str:
    """One of the four words, "" when left out (a mismatch later, unless a switch says a wrong param)."""
    privacy_level = info.get("privacy_level", "")
    if privacy_level == "" and switches.missing_privacy_code == "invalid_params":
        raise invalid_params(BAD_POST_INFO)
    if not isinstance(privacy_level, str) or privacy_level not in PRIVACY_LEVELS | {""}:
        raise invalid_params(BAD_POST_INFO)
    return privacy_level


def read_text(info: dict[str, object], name: str, units: int) -> str:
    """A text of so many UTF-16 code units at most, "" when left out."""
    text = info.get(name, "")
    if not isinstance(text, str):
        raise invalid_params(BAD_POST_INFO)
    try:
        length = len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text.
        raise invalid_params(BAD_POST_INFO) from None
    if length > units:
        raise invalid_params(BAD_POST_INFO)
    return text


def read_flag(info: dict[str, object], name: str) -> bool:
    """A boolean, false when left out."""
    value = info.get(name, False)
    if not isinstance(value, bool):
        raise invalid_params(BAD_POST_INFO)
    return value


def lint_branding(switches: Switches, privacy_level: str, *, is_branded: bool) -> None:
    """Branded content for nobody's eyes breaks a guideline; TikTok's API is not known to refuse it."""
    if switches.guideline_lint and is_branded and privacy_level == "SELF_ONLY":
        raise invalid_params("Branded content visibility cannot be set to private.")
