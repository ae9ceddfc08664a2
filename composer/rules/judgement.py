"""Puts the five points together: one ruling for page, form and worker."""

from tiktok.types import CreatorInfo

from . import mandated as says
from .account import UNAUDITED_NOTICE, account_blocks, duration_words
from .audience import (
    audience_notices,
    caption_count,
    carries_caption,
    chosen_privacy_label,
    interaction_blocks,
    interactions,
    privacy_blocks,
    privacy_options,
    text_blocks,
    title_count,
)
from .declaration import declaration_for
from .disclosure import disclosure, disclosure_blocks
from .inbox import inbox_terms
from .inputs import Choices, ClientState, CreatorAnswer, Media, PostKind
from .media import longest_video_ms, media_blocks
from .ruling import Block, Ruling

# Point 5d asks for the notice and leaves the words to us.
PROCESSING_NOTICE = (
    "After you post, TikTok may take a few minutes to process the content before it shows on your profile."
)


def rule_on(answer: CreatorAnswer, media: Media, choices: Choices, client: ClientState) -> Ruling:
    """Apply TikTok's guideline to a post as it stands. Nothing is rewritten; what cannot stay is a block.

    `answer` must be TikTok's newest: fetched for this page, this submit or this sending.
    """
    creator = answer if isinstance(answer, CreatorInfo) else None
    ticks = interactions(creator, choices, media)
    limit_ms = longest_video_ms(creator, choices) if media.kind is PostKind.VIDEO else 0
    return Ruling(
        creator=creator,
        longest_video=duration_words(limit_ms) if limit_ms else "",
        client_notice="" if client.is_audited or choices.is_inbox else UNAUDITED_NOTICE,
        inbox=inbox_terms(choices, media),
        title=title_count(choices, media),
        caption=caption_count(choices, media),
        carries_caption=carries_caption(choices, media),
        chosen_privacy_label=chosen_privacy_label(choices),
        privacy_options=privacy_options(creator, choices, client),
        interactions=ticks,
        disclosure=disclosure(creator, choices, client),
        aigc_label=says.AIGC_LABEL if choices.is_labelled_aigc else "",
        declaration=declaration_for(choices),
        processing_notice=PROCESSING_NOTICE,
        blocks=(
            *account_blocks(answer, choices, client),
            *media_blocks(creator, media, choices, client),
            *text_blocks(choices, media),
            *(() if choices.is_inbox else _blocks_of_a_post(creator, media, choices, client)),
        ),
        warnings=() if choices.is_inbox else audience_notices(choices, ticks),
    )


def _blocks_of_a_post(
    creator: CreatorInfo | None, media: Media, choices: Choices, client: ClientState
) -> tuple[Block, ...]:
    """What a direct post is held to and a draft cannot even say."""
    return (
        *privacy_blocks(creator, choices, client),
        *interaction_blocks(creator, interactions(creator, choices, media)),
        *disclosure_blocks(creator, choices, client),
    )
