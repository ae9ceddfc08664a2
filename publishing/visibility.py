"""Who can see what became of a publication: what TikTok's events told about the posts that its status has named.

An event alone proves nothing of a post: its id counts only once TikTok's status, asked with the account's own token,
has named it for the same publish id.
"""

from dataclasses import dataclass
from datetime import datetime

from publishing.models import Publication, VisibilityChange


@dataclass(frozen=True)
class Visibility:
    """Whether everyone can see it, and since when."""

    is_public: bool
    since: datetime


def named_changes(publication: Publication) -> list[VisibilityChange]:
    """What was told about the posts we know, in TikTok's order; reads prefetched changes."""
    return [
        change for change in publication.visibility_changes.all() if change.post_id in publication.post_ids
    ]


def visibility_of(publication: Publication) -> Visibility | None:
    """Where it stands now; None as long as no event has told. Public if any of several posts is."""
    latest = _latest(publication)
    public_since = [change.at for change in latest.values() if change.is_public]
    if public_since:
        return Visibility(is_public=True, since=min(public_since))
    if not latest or set(publication.post_ids) - set(latest):
        return None  # one that nothing was told about may well be public
    return Visibility(is_public=False, since=max(change.at for change in latest.values()))


def post_id_to_show(publication: Publication) -> str:
    """The first post that has not ceased to be public, else the first; empty while TikTok has named none."""
    latest = _latest(publication)
    open_ids = [
        post_id for post_id in publication.post_ids if post_id not in latest or latest[post_id].is_public
    ]
    return str((open_ids or publication.post_ids or [""])[0])


def _latest(publication: Publication) -> dict[str, VisibilityChange]:
    return {change.post_id: change for change in named_changes(publication)}
