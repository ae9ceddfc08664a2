"""The walk: every state of the composer that a reviewer of TikTok's wants to see, in the guideline's order."""

from dataclasses import dataclass
from enum import StrEnum

from composer.rules import Choices
from review.guideline import Requirement, requirement


class Part(StrEnum):
    """Whom a step needs: a creator of whom TikTok says this. The words are those of a list."""

    ANYBODY = "a creator who may post"
    AT_CAP = "a creator who has posted all that TikTok takes in a day"
    SHORT_VIDEOS = "a creator whose longest video is shorter than the one chosen"
    PRIVATE = "a creator with a private account"
    ONLY_ME = "a creator whom TikTok offers “Only me” alone"
    DUET_OFF = "a creator who has switched duets and stitches off"
    COMMENTS_OFF = "a creator who has switched comments off"


class Props(StrEnum):
    """What is to be posted in a step."""

    VIDEO = "a video"
    LONG_VIDEO = "a video longer than this creator may post"
    PHOTOS = "photos"


_NOTHING = Choices()


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the page.

    `slug` never changes. `rules` are TikTok's numbers, `see` what a reviewer should see there, `by_hand` what to try
    with one's own hand. `choices` is what is set on the draft; the texts of the draft stay as the person wrote them.
    `anchor` is the id of what to look at.
    """

    slug: str
    rules: tuple[str, ...]
    title: str
    see: str
    by_hand: str
    anchor: str
    choices: Choices = _NOTHING
    part: Part = Part.ANYBODY
    props: Props = Props.VIDEO

    @property
    def point(self) -> int:
        """TikTok's point, 1 to 5."""
        return self.requirements[0].point

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The rules it shows, with TikTok's words."""
        return tuple(requirement(number) for number in self.rules)

    @property
    def place(self) -> int:
        """Which step it is, counted from 1."""
        return WALK.index(self) + 1


POINT_TITLES = {
    1: "The creator, as TikTok knows them now",
    2: "Title, visibility and interactions, all chosen by hand",
    3: "Commercial content",
    4: "What the person agrees to",
    5: "Full awareness and control",
}

_ON = Choices(discloses=True)
_YOUR_BRAND = Choices(discloses=True, your_brand=True)
_BRANDED = Choices(discloses=True, branded_content=True)
_BOTH = Choices(discloses=True, your_brand=True, branded_content=True)

WALK: tuple[Step, ...] = (
    Step(
        "creator-shown",
        ("1", "1a"),
        "The creator who will post",
        "Picture, nickname and @username at the top of the page, and the longest video this creator may post. TikTok "
        "was asked a moment ago.",
        "Reload the page: TikTok is asked again.",
        "part-account",
    ),
    Step(
        "creator-at-cap",
        ("1b",),
        "A creator who cannot post now",
        "A red notice says that TikTok takes no more posts from this account now, and to try again later. The post "
        "button is disabled.",
        "Move the pointer over the disabled button: it says the same.",
        "part-account",
        part=Part.AT_CAP,
    ),
    Step(
        "video-too-long",
        ("1c",),
        "A video too long for this creator",
        "The page names both lengths, the video's and the creator's limit. The post button is disabled.",
        "Choose a shorter video: the notice goes.",
        "part-media",
        part=Part.SHORT_VIDEOS,
        props=Props.LONG_VIDEO,
    ),
    Step(
        "nothing-chosen",
        ("2a", "2b-ii", "2c-ii"),
        "Nothing is chosen for the person",
        "The caption is as the person left it, the visibility says “Select…”, and Allow Comment, Duet and Stitch are "
        "all unticked.",
        "Press Post to TikTok: it is disabled, and the page says what is missing.",
        "part-visibility",
    ),
    Step(
        "privacy-of-a-private-account",
        ("2b-i",),
        "Exactly the visibilities TikTok returned",
        "The list of a private account: Followers in place of Everyone. Nothing else, nothing chosen.",
        "Open the list and choose each in turn; every choice stays.",
        "part-visibility",
        part=Part.PRIVATE,
    ),
    Step(
        "privacy-only-me-left",
        ("2b-i", "2b-ii"),
        "Where only one visibility is left",
        "TikTok offers this creator “Only me” alone. The list holds that one line, and still says “Select…”.",
        "Open the list: the line is there to be chosen by hand.",
        "part-visibility",
        part=Part.ONLY_ME,
    ),
    Step(
        "duet-off",
        ("2c-i",),
        "Duet and Stitch switched off by the creator",
        "Duet and Stitch are greyed and cannot be ticked; the reason stands beside them.",
        "Move the pointer over Duet. Tick Allow Comment, which is open.",
        "part-interactions",
        part=Part.DUET_OFF,
    ),
    Step(
        "comments-off",
        ("2c-i",),
        "Comments switched off by the creator",
        "Allow Comment is greyed and cannot be ticked; the reason stands beside it.",
        "Move the pointer over Allow Comment.",
        "part-interactions",
        part=Part.COMMENTS_OFF,
    ),
    Step(
        "photos-comment-only",
        ("2c-iii",),
        "A photo post offers comments only",
        "Allow Comment, unticked, and neither Duet nor Stitch.",
        "Look through the photos in the preview.",
        "part-interactions",
        props=Props.PHOTOS,
    ),
    Step(
        "music-declaration",
        ("2-NOTE",),
        "The declaration before the button",
        "“By posting, you agree to TikTok's Music Usage Confirmation.” stands right above the post button, with a "
        "real link.",
        "Follow the link: it opens TikTok's page.",
        "declaration",
    ),
    Step(
        "disclosure-off",
        ("3a-i",),
        "The disclosure is off",
        "The switch “Disclose commercial content” is off, with TikTok's sentence below it. No label is shown yet.",
        "Switch it on.",
        "part-disclosure",
    ),
    Step(
        "disclosure-says-nothing",
        ("3a-ii", "3a-iii", "3a-v", "3a-viii"),
        "Switched on, and nothing ticked",
        "Your brand and Branded content, both unticked and explained in TikTok's words. The post button is disabled.",
        "Move the pointer over the post button: “You need to indicate if your content promotes yourself, a third "
        "party, or both.”",
        "part-disclosure",
        choices=_ON,
    ),
    Step(
        "your-brand",
        ("3a-iv",),
        "Your brand",
        "“Your photo/video will be labeled as 'Promotional content'”, and the label in the preview.",
        "Untick it: the sentence goes.",
        "part-disclosure",
        choices=_YOUR_BRAND,
    ),
    Step(
        "branded-content",
        ("3a-vi",),
        "Branded content",
        "“Your photo/video will be labeled as 'Paid partnership'”, and the label in the preview.",
        "Untick it: the sentence goes.",
        "part-disclosure",
        choices=_BRANDED,
    ),
    Step(
        "both-boxes",
        ("3a-vii",),
        "Both boxes",
        "One sentence: “Your photo/video will be labeled as 'Paid partnership'”.",
        "Untick one, then the other.",
        "part-disclosure",
        choices=_BOTH,
    ),
    Step(
        "branded-before-visibility",
        ("3b-iii", "3b-i"),
        "Branded content before a visibility is chosen",
        "In the list of visibilities “Only me” is greyed and cannot be chosen.",
        "Open the list and move the pointer over “Only me”: “Branded content visibility cannot be set to private.”",
        "part-visibility",
        choices=_BRANDED,
    ),
    Step(
        "branded-not-for-followers",
        ("3b-i",),
        "Branded content of a private account",
        "Followers and “Only me” are greyed, each with its reason. Friends can be chosen.",
        "Open the list and choose Friends.",
        "part-visibility",
        choices=_BRANDED,
        part=Part.PRIVATE,
    ),
    Step(
        "only-me-before-branded",
        ("3b-ii",),
        "“Only me” before Branded content",
        "Branded content is greyed and says that it cannot be private. The visibility stays as it was chosen.",
        "Move the pointer over Branded content. Choose another visibility: the box opens.",
        "part-disclosure",
        choices=Choices(discloses=True, privacy_level="SELF_ONLY"),
    ),
    Step(
        "declaration-your-brand",
        ("4-i",),
        "The declaration with Your brand",
        "“By posting, you agree to TikTok's Music Usage Confirmation.”",
        "Switch the disclosure off: it stays the same.",
        "declaration",
        choices=_YOUR_BRAND,
    ),
    Step(
        "declaration-branded-content",
        ("4-ii",),
        "The declaration with Branded content",
        "“By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation.”, both as links.",
        "Follow the links.",
        "declaration",
        choices=_BRANDED,
    ),
    Step(
        "declaration-both",
        ("4-iii",),
        "The declaration with both",
        "The same sentence with both links.",
        "Untick Branded content: the policy goes.",
        "declaration",
        choices=_BOTH,
    ),
    Step(
        "preview",
        ("5a", "5b"),
        "The very file, and nothing added",
        "The preview plays the file that will be sent. No watermark, no logo; the caption is the person's own.",
        "Play it. Write a caption and watch it in the preview.",
        "part-preview",
    ),
    Step(
        "express-consent",
        ("5c", "5d"),
        "Nothing is sent before the button is pressed",
        "The button says Post to TikTok, below the declaration. Under it the page says that TikTok may take a few "
        "minutes.",
        "Choose who can view the post, with your own hand: the button opens. Then press it, if you want to post.",
        "part-post",
    ),
    Step(
        "status",
        ("5e",),
        "The post is followed to its end",
        "After the button was pressed its page tells what TikTok is doing, and ends in a link to the post or in a "
        "plain reason.",
        "Press Post to TikTok, and watch. Only you can do that: audit mode never posts.",
        "part-post",
    ),
)

_BY_SLUG = {step.slug: step for step in WALK}


def find_step(slug: str) -> Step | None:
    """The step of this name; None for a name that no step has."""
    return _BY_SLUG.get(slug)


def step_after(step: Step) -> Step | None:
    """The next step; None behind the last."""
    return WALK[step.place] if step.place < len(WALK) else None


def step_before(step: Step) -> Step | None:
    """The step before; None before the first."""
    return WALK[step.place - 2] if step.place > 1 else None
