"""Every rule a post is held to, with what a reviewer sees of it, who keeps it, and which tests prove that.

The rules themselves and TikTok's words stand in `composer.rules.RULES`; this adds what only a reader of the product
needs. The compliance page, audit mode and the evidence kit read it here.
"""

from review.guideline.others import OTHERS
from review.guideline.points import POINTS
from review.guideline.proofs import proofs_of
from review.guideline.requirement import Place, Requirement

# In the order of `composer.rules.RULES`, which is TikTok's.
REQUIREMENTS: tuple[Requirement, ...] = tuple(
    sorted((*POINTS, *OTHERS), key=lambda requirement: requirement.place_in_order)
)
# TikTok's points 1 to 5 alone: what the Direct Post audit walks through.
AUDITED: tuple[Requirement, ...] = tuple(each for each in REQUIREMENTS if each.point)

_BY_NUMBER = {each.number: each for each in REQUIREMENTS}


def requirement(number: str) -> Requirement:
    """The requirement of TikTok's number, as "2c-i". An unknown number raises KeyError."""
    return _BY_NUMBER[number]


__all__ = ["AUDITED", "REQUIREMENTS", "Place", "Requirement", "proofs_of", "requirement"]
