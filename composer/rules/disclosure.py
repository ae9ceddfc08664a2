"""Point 3: commercial content, its label, and the visibilities it excludes."""

from dataclasses import dataclass

from tiktok.types import CreatorInfo, PrivacyLevel

from . import mandated as says
from .audience import BRANDED_LEVELS, NO_AUDIT_YET, PRIVACY_LABELS, branded_conflict, branded_levels
from .inputs import Choices, ClientState
from .ruling import NOTHING_INDICATED_RULE, Act, Block, Disclosure, Tick

# TikTok prescribes no label for the toggle; this is the one of its own app.
TOGGLE_LABEL = "Disclose commercial content"


def disclosure(creator: CreatorInfo | None, choices: Choices, client: ClientState) -> Disclosure:
    """The toggle, its boxes and the label sentence. With the toggle off, ticks count for nothing."""
    return Disclosure(
        label=TOGGLE_LABEL,
        sentence=says.DISCLOSURE_SENTENCE,
        is_on=choices.discloses,
        boxes=(
            Tick(
                name="your_brand",
                label=says.YOUR_BRAND,
                is_ticked=choices.your_brand,
                is_shown=choices.discloses,
                rule="3a-iii",
                help=says.YOUR_BRAND_HELP,
            ),
            _branded_box(creator, choices, client),
        ),
        prompt=_prompt(choices),
    )


def _prompt(choices: Choices) -> str:
    if choices.is_branded_content:
        return says.PROMPT_BRANDED_CONTENT
    return says.PROMPT_YOUR_BRAND if choices.is_your_brand else ""


def _branded_box(creator: CreatorInfo | None, choices: Choices, client: ClientState) -> Tick:
    barrier = _branded_barrier(creator, choices, client)
    return Tick(
        name="branded_content",
        label=says.BRANDED_CONTENT,
        is_ticked=choices.branded_content,
        is_shown=choices.discloses,
        reason=barrier.box_reason if barrier else "",
        rule=barrier.rule if barrier else "3a-v",
        help=says.BRANDED_CONTENT_HELP,
    )


@dataclass(frozen=True, slots=True)
class _Barrier:
    """Why the post cannot be branded content now; `other_choice` is what would lift it, if anything would."""

    rule: str
    sentence: str
    other_choice: str = ""

    @property
    def box_reason(self) -> str:
        return f"{self.sentence} {self.other_choice} first." if self.other_choice else self.sentence

    @property
    def block(self) -> Block:
        if self.other_choice:
            text = f"{self.sentence} {self.other_choice}, or untick {says.BRANDED_CONTENT}."
            return Block(self.rule, text, "privacy_level", Act.CHANGE)
        return Block(
            self.rule, f"{self.sentence} Untick {says.BRANDED_CONTENT}.", "branded_content", Act.CHANGE
        )


def _branded_barrier(creator: CreatorInfo | None, choices: Choices, client: ClientState) -> _Barrier | None:
    if creator is not None and not branded_levels(creator):
        return _Barrier(
            "3b-i",
            "Branded content can be shown to everyone or to friends, and TikTok offers this account neither.",
        )
    # An unknown word is no conflict: it is point 2 that refuses it.
    if choices.privacy_level not in PRIVACY_LABELS or choices.privacy_level in BRANDED_LEVELS:
        return None
    # 3b-iii is about the option in the list, 3b-ii about the same conflict once the option is chosen.
    if choices.privacy_level == PrivacyLevel.SELF_ONLY and not client.is_audited:
        # Another visibility would not lift it: none but this one can be posted yet.
        return _Barrier("3b-ii", f"{says.NO_PRIVATE_BRANDED_CONTENT} {NO_AUDIT_YET}")
    rule = "3b-ii" if choices.privacy_level == PrivacyLevel.SELF_ONLY else "3b-i"
    levels = branded_levels(creator) if creator is not None else BRANDED_LEVELS
    other_choice = f"Choose {' or '.join(f'“{PRIVACY_LABELS[word]}”' for word in levels)}"
    return _Barrier(rule, branded_conflict(choices.privacy_level), other_choice)


def disclosure_blocks(
    creator: CreatorInfo | None, choices: Choices, client: ClientState
) -> tuple[Block, ...]:
    """A disclosure that says nothing, and branded content that nobody may be shown."""
    if choices.discloses and not choices.your_brand and not choices.branded_content:
        return (Block(NOTHING_INDICATED_RULE, says.NOTHING_INDICATED, "discloses", Act.CHANGE),)
    barrier = _branded_barrier(creator, choices, client) if choices.is_branded_content else None
    return (barrier.block,) if barrier else ()
