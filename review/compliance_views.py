"""The compliance page: every rule, what keeps it where, and the tests that prove it."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import PublicRequest, public
from review.audit.steps import POINT_TITLES
from review.guideline import REQUIREMENTS, Place, Requirement, proofs_of

_PLACES = (
    (Place.PAGE, "On the page", "what the person sees and can operate"),
    (Place.SERVER, "On the server", "what a form is held to, whatever page it came from"),
    (Place.WORKER, "Before sending", "what is asked once more right before TikTok gets anything"),
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a rule is kept at one place."""

    label: str
    keepers: tuple[str, ...]
    proofs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule with all that keeps it."""

    requirement: Requirement
    keepings: tuple[Keeping, ...]


@public
@require_safe
def compliance(request: PublicRequest) -> HttpResponse:
    """Open to everybody: what is promised to TikTok is promised to everybody, and a reviewer needs no account."""
    points = [
        (point, POINT_TITLES[point], [_row(each) for each in rules])
        for point, rules in groupby(
            (each for each in REQUIREMENTS if each.point), key=lambda requirement: requirement.point
        )
    ]
    others = [_row(each) for each in REQUIREMENTS if not each.point]
    return render(request, "review/compliance.html", {"points": points, "others": others, "places": _PLACES})


def _row(requirement: Requirement) -> Row:
    return Row(
        requirement,
        tuple(
            Keeping(label, keepers, proofs_of(requirement.number, place))
            for place, label, _ in _PLACES
            if (keepers := requirement.keepers(place))
        ),
    )
