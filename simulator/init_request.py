"""The body of a video init, checked field by field."""

from dataclasses import dataclass

from simulator.answers import invalid_params
from simulator.switches import Switches

PRIVACY_LEVELS = frozenset(
    {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}
)
TITLE_UNITS = 2200
# TikTok says 5 to 64 MB without saying which megabyte: only sizes right under both readings are taken.
MIN_CHUNK_BYTES = 5 * 1024 * 1024
MAX_CHUNK_BYTES = 64 * 1000 * 1000
MAX_FINAL_CHUNK_BYTES = 128 * 1000 * 1000
MAX_CHUNKS = 1000
MAX_VIDEO_BYTES = 4 * 1024 * 1024 * 1024

_BAD_POST_INFO = "The request post info is empty or incorrect"
_BAD_SOURCE_INFO = "The request source info is empty or incorrect"
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
    """Where the video comes from; the sizes are 0 when TikTok is to fetch it."""

    source: str
    video_size: int
    chunk_size: int
    total_chunk_count: int


def read_post_info(body: dict[str, object], switches: Switches) -> PostInfo:
    """The post info of a request; raises invalid_params for what is malformed."""
    info = body.get("post_info")
    if not isinstance(info, dict) or not info:
        raise invalid_params(_BAD_POST_INFO)
    privacy_level = info.get("privacy_level", "")
    if privacy_level == "" and switches.missing_privacy_code == "invalid_params":
        raise invalid_params(_BAD_POST_INFO)
    if not isinstance(privacy_level, str) or privacy_level not in PRIVACY_LEVELS | {""}:
        raise invalid_params(_BAD_POST_INFO)
    cover = info.get("video_cover_timestamp_ms")
    if cover is not None and type(cover) is not int:
        raise invalid_params(_BAD_POST_INFO)
    post_info = PostInfo(
        title=_title(info.get("title", "")),
        privacy_level=privacy_level,
        disable_comment=_flag(info, "disable_comment"),
        disable_duet=_flag(info, "disable_duet"),
        disable_stitch=_flag(info, "disable_stitch"),
        brand_content_toggle=_flag(info, "brand_content_toggle"),
        brand_organic_toggle=_flag(info, "brand_organic_toggle"),
        is_aigc=_flag(info, "is_aigc"),
        video_cover_timestamp_ms=cover if cover is None or 0 <= cover < 2**31 else None,
    )
    if switches.guideline_lint and post_info.brand_content_toggle and privacy_level == "SELF_ONLY":
        raise invalid_params("Branded content visibility cannot be set to private.")
    return post_info


def read_source_info(body: dict[str, object]) -> SourceInfo:
    """The source info of a request; raises invalid_params for what is malformed or breaks the chunk rules."""
    info = body.get("source_info")
    if not isinstance(info, dict):
        raise invalid_params(_BAD_SOURCE_INFO)
    if info.get("source") == "PULL_FROM_URL":
        url = info.get("video_url")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise invalid_params(_BAD_SOURCE_INFO)
        return SourceInfo("PULL_FROM_URL", 0, 0, 0)
    if info.get("source") != "FILE_UPLOAD":
        raise invalid_params(_BAD_SOURCE_INFO)
    sizes = [info.get(name) for name in ("video_size", "chunk_size", "total_chunk_count")]
    numbers = [size for size in sizes if type(size) is int]
    if len(numbers) != len(sizes) or min(numbers) < 1:
        raise invalid_params(_BAD_SOURCE_INFO)
    source = SourceInfo("FILE_UPLOAD", *numbers)
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


def _title(title: object) -> str:
    if not isinstance(title, str):
        raise invalid_params(_BAD_POST_INFO)
    try:
        units = len(title.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text.
        raise invalid_params(_BAD_POST_INFO) from None
    if units > TITLE_UNITS:
        raise invalid_params(_BAD_POST_INFO)
    return title


def _flag(info: dict[str, object], name: str) -> bool:
    value = info.get(name, False)
    if not isinstance(value, bool):
        raise invalid_params(_BAD_POST_INFO)
    return value
