"""The panel of audit mode, on the pages of the draft that is being walked through."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from review.audit.steps import POINT_TITLES, WALK, Step, step_after, step_before
from review.audit.walking import Walk, find_walk, may_walk

# The composer, the composer after a refused press, and the page that follows the post.
_PAGES = frozenset({"post-edit", "post-publish", "post-detail"})


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. `before` and `after` are the neighbouring steps, where there are any."""

    walk: Walk
    before: Step | None
    after: Step | None
    note: str

    @property
    def step(self) -> Step:
        return self.walk.step

    @property
    def point_title(self) -> str:
        return POINT_TITLES[self.step.point]

    @property
    def count(self) -> int:
        return len(WALK)


def audit_panel(request: HttpRequest) -> dict[str, object]:
    """`audit`: the panel, or nothing; `may_walk_audit`: whether to offer it. Found out only when a page asks."""
    user = getattr(request, "user", None)
    return {
        "audit": SimpleLazyObject(lambda: _panel(request)),
        "may_walk_audit": isinstance(user, User) and may_walk(user),
    }


def _panel(request: HttpRequest) -> Panel | None:
    match = request.resolver_match
    if match is None or match.url_name not in _PAGES or not isinstance(request.user, User):
        return None
    walk = find_walk(request)  # type: ignore[arg-type]
    if walk is None or match.kwargs.get("pk") != walk.post_pk:
        return None
    return Panel(walk, step_before(walk.step), step_after(walk.step), _note(walk.step))


def _note(step: Step) -> str:
    """What to bear in mind for this step until TikTok has audited the site."""
    if settings.TIKTOK_CLIENT_AUDITED:
        return ""
    if step.point == 3 and step.choices.branded_content:
        return (
            "Until the audit a branded post cannot be sent: show this first, untick it, and post as “Only me” at the "
            "end."
        )
    if step.slug in {"express-consent", "status"}:
        return "Until the audit the account must be private and the post “Only me”. Say so in the film."
    return ""
