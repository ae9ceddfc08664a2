"""Point 4: the declaration the person agrees to by posting, with its links."""

from . import mandated as says
from .inputs import Choices
from .ruling import Declaration, DeclarationPart

_OPENING = DeclarationPart(says.DECLARATION_OPENING)
_MUSIC = (
    DeclarationPart(says.MUSIC_USAGE_CONFIRMATION, says.MUSIC_USAGE_CONFIRMATION_URL),
    DeclarationPart(says.DECLARATION_END),
)
_POLICY = (
    DeclarationPart(says.BRANDED_CONTENT_POLICY, says.BRANDED_CONTENT_POLICY_URL),
    DeclarationPart(says.DECLARATION_AND),
)


def declaration_for(choices: Choices) -> Declaration:
    """The declaration these choices ask for; it is always there, whatever else keeps the post back."""
    if not choices.is_branded_content:
        return Declaration("4-i", (_OPENING, *_MUSIC))
    return Declaration("4-iii" if choices.is_your_brand else "4-ii", (_OPENING, *_POLICY, *_MUSIC))
