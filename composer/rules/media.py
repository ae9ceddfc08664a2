"""May these files be posted: each ready, a video short enough for its creator, photos few enough and fetchable."""

from tiktok import MAX_PHOTOS, CreatorInfo

from .account import duration_words, name_of
from .inputs import Choices, ClientState, Media, PostKind, Readiness
from .ruling import Act, Block

# https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide, for drafts of any creator
INBOX_LIMIT_MS = 10 * 60 * 1000

NO_PULL_YET = (
    "TikTok fetches photos from this site itself, and this site has no address for that yet. Whoever runs it must "
    "verify one with TikTok and set MEDIA_PULL_BASE_URL to it."
)


def longest_video_ms(creator: CreatorInfo | None, choices: Choices) -> int:
    """How long a video may be, in milliseconds; 0 while nobody knows."""
    if choices.is_inbox:
        return INBOX_LIMIT_MS
    return max(creator.max_video_post_duration_sec, 0) * 1000 if creator else 0


def media_blocks(
    creator: CreatorInfo | None, media: Media, choices: Choices, client: ClientState
) -> tuple[Block, ...]:
    """What keeps these files from being posted by this creator."""
    if media.kind is PostKind.PHOTO:
        return _blocks_of_photos(media, client)
    if media.readiness is Readiness.MISSING:
        return (Block("G-1", "No video is chosen. Choose one.", "media", Act.CHOOSE_MEDIA),)
    blocks = _blocks_of_readiness(media, "this video", "Choose another.")
    return blocks or (*_blocks_of_length(creator, media, choices), *_blocks_of_cover(media, choices))


def _blocks_of_readiness(file: Media, it: str, instead: str) -> tuple[Block, ...]:
    """`it`: what a sentence calls the file; `instead`: the sentence that says what else to do."""
    act = Act.CHOOSE_MEDIA
    match file.readiness:
        case Readiness.READY:
            return ()
        case Readiness.CHECKING:
            text, act = f"{_opening(it)} is still being checked. Wait a moment.", Act.WAIT
        case Readiness.FIXABLE:
            text = f"TikTok would refuse {it} as it is. Fix it, or {instead[:1].lower()}{instead[1:]}"
        case Readiness.DELETED | Readiness.MISSING:
            text = f"{_opening(it)} is no longer in the library. {instead}"
        case Readiness.REFUSED:
            text = f"TikTok would refuse {it}: see what is wrong with it. {instead}"
    return (Block("G-1", text, "media", act),)


def _opening(words: str) -> str:
    return words[:1].upper() + words[1:]


def _blocks_of_photos(media: Media, client: ClientState) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for place, photo in enumerate(media.photos, start=1):
        it = f"photo {place} (“{photo.name}”)" if photo.name else f"photo {place}"
        blocks += _blocks_of_readiness(photo, it, "Take it out.")
    if not media.photos:
        blocks.append(Block("G-1", "No photo is chosen. Choose one.", "media", Act.CHOOSE_MEDIA))
    elif len(media.photos) > MAX_PHOTOS:
        text = (
            f"These are {len(media.photos)} photos, and TikTok takes at most {MAX_PHOTOS} in one post. "
            f"Take {len(media.photos) - MAX_PHOTOS} out."
        )
        blocks.append(Block("API-4", text, "media", Act.CHOOSE_MEDIA))
    if not client.can_pull:
        blocks.append(Block("API-5", NO_PULL_YET, "media", Act.ASK_OPERATOR))
    return tuple(blocks)


def _blocks_of_length(creator: CreatorInfo | None, media: Media, choices: Choices) -> tuple[Block, ...]:
    rule = "API-6" if choices.is_inbox else "1c"
    if media.duration_ms is None:
        text = (
            "The length of this video could not be read, so it cannot be held against TikTok's limit. "
            "Choose another."
        )
        return (Block(rule, text, "media", Act.CHOOSE_MEDIA),)
    if creator is None and not choices.is_inbox:
        return ()
    limit_ms = longest_video_ms(creator, choices)
    if limit_ms == 0 and creator is not None:
        text = (
            f"TikTok did not say how long a video of {name_of(creator)} may be. Ask TikTok again in a moment."
        )
        return (Block(rule, text, "media", Act.ASK_AGAIN),)
    if media.duration_ms <= limit_ms:
        return ()
    whose = "for the inbox" if choices.is_inbox or creator is None else f"from {name_of(creator)}"
    text = (
        f"This video is {duration_words(media.duration_ms)} long, and TikTok takes at most "
        f"{duration_words(limit_ms)} {whose}. Choose a shorter one."
    )
    return (Block(rule, text, "media", Act.CHOOSE_MEDIA),)


def _blocks_of_cover(media: Media, choices: Choices) -> tuple[Block, ...]:
    """TikTok takes the first frame where the chosen one does not exist: not what the person saw."""
    at, length = choices.cover_timestamp_ms, media.duration_ms
    if choices.is_inbox or at is None or length is None or at < length:
        return ()
    text = (
        f"The cover frame is set at {duration_words(at)}, and this video ends at {duration_words(length)}. "
        "Choose the cover again."
    )
    return (Block("API-7", text, "cover_timestamp_ms", Act.CHANGE),)
