"""What a ruling says: what the page shows, disables and explains, and all that keeps the post back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tiktok.types import CreatorInfo

NOTHING_INDICATED_RULE = "3a-viii"


class Act(StrEnum):
    """What lifts a block: the page offers the matching button, the worker decides whether to wait."""

    CHANGE = "change"
    CHOOSE_ACCOUNT = "choose_account"
    CHOOSE_MEDIA = "choose_media"
    RECONNECT = "reconnect"
    ASK_AGAIN = "ask_again"
    WAIT = "wait"
    OPEN_TIKTOK = "open_tiktok"
    ASK_OPERATOR = "ask_operator"
    CONSENT_AGAIN = "consent_again"


@dataclass(frozen=True, slots=True)
class Block:
    """One reason why the post cannot be sent now.

    `rule` is a number of the registry; `field` the name in `Choices`, or `account`, `media`, `consent`, to
    mark. `try_again_at`: when one of TikTok's 24-hour caps is over at the latest, where that is the reason.
    """

    rule: str
    text: str
    field: str
    act: Act
    try_again_at: datetime | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether the same post may pass later although nobody changes anything."""
        return self.act in {Act.WAIT, Act.ASK_AGAIN}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before posting; never keeps the post back."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class PrivacyOption:
    """One line of the visibility list. `reason` says why it cannot be chosen, or not be posted with, yet."""

    value: str
    label: str
    is_chosen: bool
    is_disabled: bool = False
    reason: str = ""
    rule: str = "2b-i"


@dataclass(frozen=True, slots=True)
class Tick:
    """A box to tick: an interaction, or a kind of commercial content.

    `is_greyed`: it cannot be part of the post now, and `reason` says why. `is_disabled`: it cannot be
    operated either. A greyed box that is still ticked stays operable, so that whoever ticked it can untick
    it, and a browser still submits it: nothing chosen is lost or stuck.
    """

    name: str
    label: str
    is_ticked: bool
    is_shown: bool = True
    reason: str = ""
    rule: str = ""
    help: str = ""

    @property
    def is_greyed(self) -> bool:
        """Whether the box is drawn as unavailable."""
        return bool(self.reason)

    @property
    def is_disabled(self) -> bool:
        """Whether the box cannot be operated."""
        return self.is_greyed and not self.is_ticked


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Point 3: the toggle, and while it is on the two boxes and the sentence on the label viewers see."""

    label: str
    sentence: str
    is_on: bool
    boxes: tuple[Tick, ...]
    prompt: str

    @property
    def viewer_label(self) -> str:
        """The label itself, as viewers will see it on the post: the words that TikTok's sentence quotes."""
        return self.prompt.partition("'")[2].rstrip("'")


@dataclass(frozen=True, slots=True)
class DeclarationPart:
    """A piece of the declaration: a link where `url` is set, else plain text."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Point 4: what the person agrees to by posting."""

    rule: str
    parts: tuple[DeclarationPart, ...]

    @property
    def text(self) -> str:
        """The whole sentence, as it is stored with the consent."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class CaptionCount:
    """Length and limit of a caption or title in UTF-16 code units."""

    used: int
    limit: int

    @property
    def is_over(self) -> bool:
        """Whether TikTok would refuse the text."""
        return self.used > self.limit


@dataclass(frozen=True, slots=True)
class InboxTerms:
    """A draft for the creator's inbox: what it cannot carry, how it is finished, how many may wait in 24 hours."""

    leaves_behind: str
    finish: str
    most_pending: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """TikTok's guideline applied to one post. `creator` is None while TikTok has given no answer.

    `title` is None for a video. With `inbox` set the post becomes a draft: it carries none of
    `privacy_options`, `interactions`, `disclosure` and `aigc_label`, and a video not even its `caption`.
    """

    creator: CreatorInfo | None
    longest_video: str
    client_notice: str
    inbox: InboxTerms | None
    title: CaptionCount | None
    caption: CaptionCount
    carries_caption: bool
    chosen_privacy_label: str
    privacy_options: tuple[PrivacyOption, ...]
    interactions: tuple[Tick, ...]
    disclosure: Disclosure
    # As viewers will see it; empty for content that is not labelled.
    aigc_label: str
    declaration: Declaration
    processing_notice: str
    blocks: tuple[Block, ...]
    warnings: tuple[Notice, ...]

    @property
    def can_post(self) -> bool:
        """Whether the post may be sent as it stands."""
        return not self.blocks

    @property
    def button_reason(self) -> str:
        """Why the post button is disabled, empty when it is not. TikTok's own hover text goes first."""
        texts = [block.text for block in self.blocks if block.rule == NOTHING_INDICATED_RULE]
        texts += [block.text for block in self.blocks]
        return texts[0] if texts else ""

    @property
    def field_errors(self) -> Mapping[str, tuple[str, ...]]:
        """The blocks' sentences by the field they belong to, for a form."""
        fields = dict.fromkeys(block.field for block in self.blocks)
        return {field: tuple(block.text for block in self.blocks if block.field == field) for field in fields}
