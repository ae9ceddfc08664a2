"""Where somebody is in the walk: kept with their session, so that it ends with it and is nobody else's."""

from dataclasses import dataclass

from accounts.models import User
from accounts.policy import MemberRequest
from review.audit.steps import Step, find_step

_KEY = "audit_walk"


@dataclass(frozen=True, slots=True)
class Walk:
    """The step being shown, the draft it is shown on, and why it could not be, if so."""

    step: Step
    post_pk: int
    obstacle: str = ""


def may_walk(user: User) -> bool:
    """Whether this person may switch audit mode on: operators, the demo account among them, and reviewers."""
    return user.is_staff or user.is_reviewer


def find_walk(request: MemberRequest) -> Walk | None:
    """The walk of this session; None where there is none, or none any more."""
    kept = request.session.get(_KEY)
    if not isinstance(kept, dict) or not may_walk(request.user):
        return None
    step = find_step(str(kept.get("step")))
    post_pk = kept.get("post")
    if step is None or not isinstance(post_pk, int):
        return None
    return Walk(step, post_pk, str(kept.get("obstacle", "")))


def keep_walk(request: MemberRequest, walk: Walk) -> None:
    """Remember where the person is."""
    request.session[_KEY] = {"step": walk.step.slug, "post": walk.post_pk, "obstacle": walk.obstacle}


def end_walk(request: MemberRequest) -> None:
    """Switch audit mode off; the draft stays."""
    request.session.pop(_KEY, None)
