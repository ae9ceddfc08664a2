"""What the worker asks right before it sends: is the consent still good, and what exactly goes to TikTok."""

from dataclasses import dataclass

from composer.captions import normalise_caption
from tiktok.types import CreatorInfo, PhotoPostInfo, PrivacyLevel, VideoPostInfo

from .inputs import Choices, ClientState, CreatorAnswer, Media
from .judgement import rule_on
from .ruling import Act, Block


@dataclass(frozen=True, slots=True)
class ConsentSnapshot:
    """What a person agreed to: every choice, the declaration as worded, the files by their SHA-256 (hex)."""

    choices: Choices
    declaration: str
    media_sha256: str


def check_send(
    consented: ConsentSnapshot, answer: CreatorAnswer, media: Media, client: ClientState
) -> tuple[Block, ...]:
    """What forbids sending this consented post now; empty when nothing does.

    `answer` is TikTok's, fetched for this very sending. Whatever changed since the consent is never replaced
    by a near thing: the person is asked again. A worker may wait out blocks that are all `is_temporary`.
    """
    ruling = rule_on(answer, media, consented.choices, client)
    blocks = list(ruling.blocks)
    if consented.declaration != ruling.declaration.text:
        text = "TikTok's terms for this post are worded differently now. Read them and post again."
        blocks.append(Block(ruling.declaration.rule, text, "consent", Act.CONSENT_AGAIN))
    if not media.sha256 or consented.media_sha256 != media.sha256:
        noun = "These are not the photos" if media.photos else "This is not the file"
        text = f"{noun} agreed to. Look at the post and send it again."
        blocks.append(Block("5c", text, "consent", Act.CONSENT_AGAIN))
    return tuple(blocks)


def to_post_info(choices: Choices, creator: CreatorInfo) -> VideoPostInfo:
    """The choices in TikTok's terms (section `post_info` of a video's init), for choices a ruling let pass.

    Allowances become `disable_*`; boxes under a disclosure that is off are false; what the creator switched
    off stays off. Raises ValueError when the visibility is none that TikTok knows (there is no default), and
    for a draft, which has no such section.
    https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
    """
    _require_direct(choices)
    return VideoPostInfo(
        title=normalise_caption(choices.caption),
        privacy_level=PrivacyLevel(choices.privacy_level),
        disable_comment=creator.comment_disabled or not choices.allow_comment,
        disable_duet=creator.duet_disabled or not choices.allow_duet,
        disable_stitch=creator.stitch_disabled or not choices.allow_stitch,
        brand_content_toggle=choices.is_branded_content,
        brand_organic_toggle=choices.is_your_brand,
        is_aigc=choices.is_labelled_aigc,
        video_cover_timestamp_ms=choices.cover_timestamp_ms,
    )


def to_photo_post_info(choices: Choices, creator: CreatorInfo) -> PhotoPostInfo:
    """The same for photos posted directly; whether they are AI-generated is said beside this section.

    https://developers.tiktok.com/doc/content-posting-api-reference-photo-post
    """
    _require_direct(choices)
    title, description = to_photo_texts(choices)
    return PhotoPostInfo(
        title=title,
        description=description,
        privacy_level=PrivacyLevel(choices.privacy_level),
        disable_comment=creator.comment_disabled or not choices.allow_comment,
        auto_add_music=choices.auto_add_music,
        brand_content_toggle=choices.is_branded_content,
        brand_organic_toggle=choices.is_your_brand,
    )


def to_photo_texts(choices: Choices) -> tuple[str, str]:
    """Title and description of photos, all that a draft of them carries besides the pictures."""
    return normalise_caption(choices.title), normalise_caption(choices.caption)


def _require_direct(choices: Choices) -> None:
    if choices.is_inbox:
        raise ValueError("A draft for the inbox has no such section: its choices cannot be sent.")
