"""Point 2: title and caption, who can view the post, and what viewers may do with it."""

from composer.captions import PHOTO_CAPTION_LIMIT, VIDEO_CAPTION_LIMIT, caption_length
from tiktok.types import MAX_PHOTO_TITLE_UNITS, CreatorInfo, PrivacyLevel

from . import mandated as says
from .account import is_private, name_of
from .inputs import Choices, ClientState, Media, PostKind
from .ruling import Act, Block, CaptionCount, Notice, PrivacyOption, Tick

PRIVACY_PLACEHOLDER = "Select…"
PRIVACY_LABELS: dict[str, str] = {
    PrivacyLevel.PUBLIC_TO_EVERYONE: "Everyone",
    PrivacyLevel.MUTUAL_FOLLOW_FRIENDS: "Friends",
    PrivacyLevel.FOLLOWER_OF_CREATOR: "Followers",
    PrivacyLevel.SELF_ONLY: "Only me",
}
# 3b-i allows "public" and "friends" only; followers of a private account are neither.
BRANDED_LEVELS: tuple[str, ...] = (PrivacyLevel.PUBLIC_TO_EVERYONE, PrivacyLevel.MUTUAL_FOLLOW_FRIENDS)
NO_FOLLOWERS_BRANDED_CONTENT = (
    "Branded content can be shown to everyone or to friends, not to followers only."
)
NO_AUDIT_YET = "Until TikTok has audited this site, every post must be “Only me”."

_UNKNOWN_WORD = "TikTok offers this, but this site does not know yet who could see the post."
_INTERACTIONS = (("comment", says.ALLOW_COMMENT), ("duet", says.DUET), ("stitch", says.STITCH))


def title_count(choices: Choices, media: Media) -> CaptionCount | None:
    """How much of TikTok's limit the title of photos uses; a video has none."""
    if media.kind is not PostKind.PHOTO:
        return None
    return CaptionCount(caption_length(choices.title), MAX_PHOTO_TITLE_UNITS)


def caption_count(choices: Choices, media: Media) -> CaptionCount:
    """How much of TikTok's limit the caption uses, for photos the description."""
    limit = PHOTO_CAPTION_LIMIT if media.kind is PostKind.PHOTO else VIDEO_CAPTION_LIMIT
    return CaptionCount(caption_length(choices.caption), limit)


def carries_caption(choices: Choices, media: Media) -> bool:
    """Whether TikTok is sent the caption: a draft of a video has no place for it."""
    return media.kind is PostKind.PHOTO or not choices.is_inbox


def text_blocks(choices: Choices, media: Media) -> tuple[Block, ...]:
    """A title or a caption that TikTok would refuse or cut."""
    if not carries_caption(choices, media):
        return ()
    title, caption = title_count(choices, media), caption_count(choices, media)
    blocks = []
    if title is not None and title.is_over:
        blocks.append(Block("API-8", _too_long("title", title), "title", Act.CHANGE))
    if caption.is_over:
        noun = "description" if media.kind is PostKind.PHOTO else "caption"
        blocks.append(Block("API-2", _too_long(noun, caption), "caption", Act.CHANGE))
    return tuple(blocks)


def _too_long(noun: str, count: CaptionCount) -> str:
    return (
        f"The {noun} has {count.used:,} characters as TikTok counts them (an emoji counts two or more), and "
        f"TikTok takes {count.limit:,}. Shorten it by {count.used - count.limit:,}."
    )


def chosen_privacy_label(choices: Choices) -> str:
    """What the closed dropdown shows: the choice as made, whether or not TikTok still offers it."""
    return PRIVACY_LABELS.get(choices.privacy_level, choices.privacy_level) or PRIVACY_PLACEHOLDER


def privacy_options(
    creator: CreatorInfo | None, choices: Choices, client: ClientState
) -> tuple[PrivacyOption, ...]:
    """What TikTok returned, in its order and nothing else; without an answer there is no list at all."""
    if creator is None:
        return ()
    return tuple(_option(word, choices, client) for word in dict.fromkeys(creator.privacy_level_options))


def _option(word: str, choices: Choices, client: ClientState) -> PrivacyOption:
    is_chosen = word == choices.privacy_level
    label = PRIVACY_LABELS.get(word)
    if label is None:
        # Shown, because the list must be TikTok's; not to be chosen, because nobody could say what it means
        # for branded content or tell the person what they would agree to.
        return PrivacyOption(word, word, is_chosen, is_disabled=True, reason=_UNKNOWN_WORD, rule="2b-i")
    if choices.is_branded_content and word not in BRANDED_LEVELS:
        rule = "3b-iii" if word == PrivacyLevel.SELF_ONLY else "3b-i"
        return PrivacyOption(
            word, label, is_chosen, is_disabled=True, reason=branded_conflict(word), rule=rule
        )
    if not client.is_audited and word != PrivacyLevel.SELF_ONLY:
        # Open all the same: the audit itself wants to see every visibility with every disclosure, and it is filmed
        # before there is an audit. What TikTok would refuse is kept back at the button.
        return PrivacyOption(word, label, is_chosen, reason=NO_AUDIT_YET, rule="U-3")
    return PrivacyOption(word, label, is_chosen)


def branded_conflict(word: str) -> str:
    """The sentence that keeps branded content and this visibility apart."""
    return says.NO_PRIVATE_BRANDED_CONTENT if word == PrivacyLevel.SELF_ONLY else NO_FOLLOWERS_BRANDED_CONTENT


def branded_levels(creator: CreatorInfo) -> tuple[str, ...]:
    """The visibilities TikTok offers this creator that branded content may have, in TikTok's order."""
    return tuple(word for word in dict.fromkeys(creator.privacy_level_options) if word in BRANDED_LEVELS)


def privacy_blocks(creator: CreatorInfo | None, choices: Choices, client: ClientState) -> tuple[Block, ...]:
    """A visibility that is missing or not this creator's to use; nothing while TikTok has not answered."""
    if creator is None:
        return ()
    options = privacy_options(creator, choices, client)
    if not choices.privacy_level:
        # Judged without the disclosure: where Branded content empties the list, point 3 has the sentence.
        plain = privacy_options(creator, Choices(), client)
        if all(option.reason for option in plain):
            text = (
                f"TikTok offers {name_of(creator)} no visibility that this site can use. "
                "Ask TikTok again; if it stays so, tell whoever runs this site."
            )
            return (Block("2b-i", text, "privacy_level", Act.ASK_AGAIN),)
        return (Block("2b-ii", "Choose who can view this post.", "privacy_level", Act.CHANGE),)
    chosen = next((option for option in options if option.is_chosen), None)
    if chosen is None:
        text = (
            f"“{chosen_privacy_label(choices)}” is chosen, but TikTok does not offer it to "
            f"{name_of(creator)} now. Choose again who can view this post."
        )
        return (Block("2b-i", text, "privacy_level", Act.CHANGE),)
    if chosen.is_disabled and chosen.rule == "2b-i":
        text = f"“{chosen.label}” cannot be used yet: {_UNKNOWN_WORD} Choose another visibility."
        return (Block("2b-i", text, "privacy_level", Act.CHANGE),)
    if not client.is_audited and chosen.value != PrivacyLevel.SELF_ONLY:
        only_me = f"hoose “{PRIVACY_LABELS[PrivacyLevel.SELF_ONLY]}”."
        # Branded content keeps that one shut (3b-iii).
        cure = f"Untick {says.BRANDED_CONTENT}, then c" if choices.is_branded_content else "C"
        return (Block("U-3", f"{NO_AUDIT_YET} {cure}{only_me}", "privacy_level", Act.CHANGE),)
    return ()


def interactions(creator: CreatorInfo | None, choices: Choices, media: Media) -> tuple[Tick, ...]:
    """Comment, duet and stitch as the page shows them."""
    ticked = (choices.allow_comment, choices.allow_duet, choices.allow_stitch)
    return tuple(
        Tick(
            name=f"allow_{name}",
            label=label,
            is_ticked=is_ticked,
            is_shown=name == "comment" or media.kind is PostKind.VIDEO,
            reason=_interaction_reason(name, label, creator),
            rule="2c-i",
        )
        for (name, label), is_ticked in zip(_INTERACTIONS, ticked, strict=True)
    )


def _interaction_reason(name: str, label: str, creator: CreatorInfo | None) -> str:
    if creator is None:
        return "TikTok has not said whether this account allows it."
    if name == "comment":
        return (
            f"In TikTok's settings {name_of(creator)} allows nobody to comment."
            if creator.comment_disabled
            else ""
        )
    is_off = creator.duet_disabled if name == "duet" else creator.stitch_disabled
    if not is_off:
        return ""
    if is_private(creator):
        return f"{label} is not available while {name_of(creator)} is a private account."
    return f"In TikTok's settings {name_of(creator)} allows nobody to use {label}."


def interaction_blocks(creator: CreatorInfo | None, ticks: tuple[Tick, ...]) -> tuple[Block, ...]:
    """Interactions that were ticked and that TikTok meanwhile reports as switched off."""
    if creator is None:
        return ()
    return tuple(
        Block("2c-i", f"{tick.reason} Untick {tick.label}.", tick.name, Act.CHANGE)
        for tick in ticks
        if tick.is_shown and tick.is_ticked and tick.is_greyed
    )


def audience_notices(choices: Choices, ticks: tuple[Tick, ...]) -> tuple[Notice, ...]:
    """What visibility and interactions mean together; TikTok forbids none of it."""
    if choices.privacy_level != PrivacyLevel.SELF_ONLY:
        return ()
    labels = [tick.label.removeprefix("Allow ") for tick in ticks if tick.is_shown and tick.is_ticked]
    if not labels:
        return ()
    text = (
        f"Nobody but you will see this post, so {' and '.join(labels)} will matter only if you change in "
        "TikTok who can view it."
    )
    return (Notice("2c-ii", text),)
