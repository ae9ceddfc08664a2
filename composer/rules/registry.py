"""The rules a post is held to, in the order of TikTok's guideline, for pages that show how each is kept.

Numbers without a letter in front and those with IU or T are TikTok's own
(https://developers.tiktok.com/doc/content-sharing-guidelines); API numbers follow from the reference pages of
the Content Posting API, U numbers bind clients TikTok has not audited yet, G numbers are this product's.
"""

from dataclasses import dataclass
from enum import StrEnum

from . import mandated as says
from .declaration import declaration_for
from .inputs import Choices


class Source(StrEnum):
    """Who made the rule."""

    GUIDELINE = "TikTok's Content Sharing Guidelines"
    API = "TikTok's Content Posting API"
    UNAUDITED = "TikTok's limits for clients without an audit"
    HOUSE = "This product"


class Keeper(StrEnum):
    """Which part of the product keeps the rule."""

    RULING = "the rules: page, form and worker alike"
    PAGE = "the composer page"
    WORKER = "the publishing worker"
    OPERATOR = "whoever runs the installation"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its number, what it asks in our words, and the texts it prescribes, if any."""

    number: str
    summary: str
    mandated: tuple[str, ...] = ()
    source: Source = Source.GUIDELINE
    keeper: Keeper = Keeper.RULING


_OFF = Choices()
_BRANDED = Choices(discloses=True, branded_content=True)
_BOTH = Choices(discloses=True, your_brand=True, branded_content=True)
_MUSIC_SENTENCE = declaration_for(_OFF).text

RULES: tuple[Rule, ...] = (
    Rule(
        "IU-1", "Serves people who post original work; copies nothing from elsewhere.", keeper=Keeper.OPERATOR
    ),
    Rule("IU-2", "Is there for a wide audience: anybody may sign up.", keeper=Keeper.OPERATOR),
    Rule("1", "TikTok is asked about the creator every time the page opens, and its newest answer counts."),
    Rule("API-1", "Posting needs the permission video.publish.", source=Source.API),
    Rule("API-3", "Drafts for the TikTok inbox need the permission video.upload.", source=Source.API),
    Rule("1a", "The page shows the creator's nickname.", keeper=Keeper.PAGE),
    Rule("1b", "A creator who cannot post now is told so and asked to try again later; nothing is sent."),
    Rule("U-1", "At most five people post in any 24 hours.", source=Source.UNAUDITED, keeper=Keeper.WORKER),
    Rule("U-2", "The posting account is private at the time of posting.", source=Source.UNAUDITED),
    Rule("G-1", "A file is chosen and has passed its checks.", source=Source.HOUSE),
    Rule("API-4", "A post holds one video or 1 to 35 photos, never both.", source=Source.API),
    Rule("API-5", "Photos lie at an address that TikTok has verified as this site's.", source=Source.API),
    Rule("1c", "A video is no longer than TikTok allows this creator."),
    Rule("API-6", "A video for the inbox lasts at most 10 minutes.", source=Source.API),
    Rule("API-7", "The cover is a frame of the video.", source=Source.API),
    Rule("2a", "The person writes the title."),
    Rule("API-8", "The title of photos has at most 90 UTF-16 units.", source=Source.API),
    Rule("API-2", "The caption has at most 2,200 UTF-16 units (photos: 4,000).", source=Source.API),
    Rule("2b-i", "The list of visibilities is exactly the one TikTok returned for this creator."),
    Rule("2b-ii", "The person picks the visibility from a dropdown that starts on nothing."),
    Rule("U-3", "Only the person who posts can see the post.", source=Source.UNAUDITED),
    Rule(
        "2c-i",
        "Interactions TikTok reports as switched off are disabled and greyed out.",
        (says.ALLOW_COMMENT, says.DUET, says.STITCH),
    ),
    Rule("2c-ii", "The person ticks each interaction; none is ticked beforehand."),
    Rule("2c-iii", "Photo posts show comments only, neither duets nor stitches.", (says.ALLOW_COMMENT,)),
    Rule(
        "2-NOTE",
        "A declaration stands before the post button, with the Music Usage Confirmation as a link.",
        (_MUSIC_SENTENCE.removesuffix(says.DECLARATION_END),),
    ),
    Rule("3a-i", "A toggle, off at first, discloses commercial content.", (says.DISCLOSURE_SENTENCE,)),
    Rule(
        "3a-ii",
        "Turned on, it shows two boxes; both may be ticked, none is at first.",
        (says.YOUR_BRAND, says.BRANDED_CONTENT),
    ),
    Rule("3a-iii", "Your brand is explained.", (says.YOUR_BRAND_HELP,)),
    Rule(
        "3a-iv",
        "With Your brand ticked the page says how the post will be labelled.",
        (says.PROMPT_YOUR_BRAND,),
    ),
    Rule("3a-v", "Branded content is explained.", (says.BRANDED_CONTENT_HELP,)),
    Rule(
        "3a-vi",
        "With Branded content ticked the page says how the post will be labelled.",
        (says.PROMPT_BRANDED_CONTENT,),
    ),
    Rule(
        "3a-vii",
        "With both ticked there is one label, that of Branded content.",
        (says.PROMPT_BRANDED_CONTENT,),
    ),
    Rule(
        "3a-viii",
        "With the toggle on and no box ticked the post button is disabled and says why.",
        (says.NOTHING_INDICATED,),
    ),
    Rule("3b-i", "Branded content is shown to everyone or to friends, to nobody else."),
    Rule("3b-ii", "With “Only me” chosen, Branded content is disabled and the page says why."),
    Rule(
        "3b-iii",
        "With Branded content ticked, “Only me” is disabled and says why.",
        (says.NO_PRIVATE_BRANDED_CONTENT,),
    ),
    Rule(
        "API-9",
        "A switch, off at first, has TikTok label AI-generated content.",
        (says.AIGC_LABEL,),
        source=Source.API,
    ),
    Rule("4-i", "Without Branded content the declaration names the music terms.", (_MUSIC_SENTENCE,)),
    Rule(
        "4-ii",
        "With Branded content alone it names the branded content policy too.",
        (declaration_for(_BRANDED).text,),
    ),
    Rule("4-iii", "With both boxes it names the branded content policy too.", (declaration_for(_BOTH).text,)),
    Rule("5a", "The page previews the very file that will be posted.", keeper=Keeper.PAGE),
    Rule("5b", "Nothing is drawn on or added to the content; all text can be edited.", keeper=Keeper.PAGE),
    Rule("5c", "Nothing is sent before the person agreed to exactly this post."),
    Rule(
        "API-10",
        "For a draft the page says that it is finished in the TikTok app, from its notification.",
        source=Source.API,
    ),
    Rule("5d", "The page says that processing may take a few minutes before the post shows on the profile."),
    Rule("5e", "The state of the post is followed until it is final.", keeper=Keeper.WORKER),
    Rule("T-1", "The secret of the app stays secret.", keeper=Keeper.OPERATOR),
    Rule("T-2", "The way of transfer fits where the file comes from.", keeper=Keeper.WORKER),
)

_PLACES = {rule.number: place for place, rule in enumerate(RULES)}


def place_of(number: str) -> int:
    """Where the rule stands in TikTok's order, counted from 0. An unknown number raises KeyError."""
    return _PLACES[number]
