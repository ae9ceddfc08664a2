"""Puts the five points together: one ruling for page, form and worker."""

from tiktok.types import CreatorInfo

from .account import UNAUDITED_NOTICE, account_blocks, duration_words, media_blocks
from .audience import (
    audience_notices,
    caption_blocks,
    caption_count,
    chosen_privacy_label,
    interaction_blocks,
    interactions,
    privacy_blocks,
    privacy_options,
)
from .declaration import declaration_for
from .disclosure import disclosure, disclosure_blocks
from .inputs import Choices, ClientState, CreatorAnswer, Media, PostKind
from .ruling import Ruling

# Point 5d asks for the notice and leaves the words to us.
PROCESSING_NOTICE = (
    "After you post, TikTok may take a few minutes to process the content before it shows on your profile."
)


def rule_on(answer: CreatorAnswer, media: Media, choices: Choices, client: ClientState) -> Ruling:
    """Apply TikTok's guideline to a post as it stands. Nothing is rewritten; what cannot stay is a block.

    `answer` must be TikTok's newest: fetched for this page, this submit or this sending.
    """
    creator = answer if isinstance(answer, CreatorInfo) else None
    count = caption_count(choices, media)
    ticks = interactions(creator, choices, media)
    limit_seconds = creator.max_video_post_duration_sec if creator and media.kind is PostKind.VIDEO else 0
    return Ruling(
        creator=creator,
        longest_video=duration_words(limit_seconds * 1000) if limit_seconds > 0 else "",
        client_notice="" if client.is_audited else UNAUDITED_NOTICE,
        caption=count,
        chosen_privacy_label=chosen_privacy_label(choices),
        privacy_options=privacy_options(creator, choices, client),
        interactions=ticks,
        disclosure=disclosure(creator, choices, client),
        declaration=declaration_for(choices),
        processing_notice=PROCESSING_NOTICE,
        blocks=(
            *account_blocks(answer, client),
            *media_blocks(creator, media),
            *caption_blocks(count),
            *privacy_blocks(creator, choices, client),
            *interaction_blocks(creator, ticks),
            *disclosure_blocks(creator, choices, client),
        ),
        warnings=audience_notices(choices, ticks),
    )
