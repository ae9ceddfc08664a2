"""Publishing's part in deleting a workspace: what waits is cancelled, and what is on its way is not torn away."""

from collections.abc import Sequence

from django.db.models import F

from accounts.models import User, Workspace
from publishing.models import Publication
from publishing.services import NotPossibleError, cancel_publication, is_cancel_possible
from publishing.states import State

# A worker may be at it, or TikTok: they end by themselves.
ON_THEIR_WAY = frozenset({State.STARTING, State.UPLOADING, State.PROCESSING})
_WAITING = frozenset({State.SCHEDULED, State.WAITING_RECONNECT})
_OPEN = ON_THEIR_WAY | _WAITING | {State.UNCONFIRMED}


def find_unsettled(workspaces: Sequence[Workspace]) -> list[Publication]:
    """Those that are being sent, or of which nobody knows whether TikTok has them; the oldest first."""
    return [row for row in _open(workspaces) if not _is_waiting(row)]


def count_waiting(workspaces: Sequence[Workspace]) -> int:
    """How many would be cancelled."""
    return sum(_is_waiting(row) for row in _open(workspaces))


def cancel_waiting(workspaces: Sequence[Workspace], *, person: User) -> list[Publication]:
    """Cancel what waits, in this person's name; returns what is unsettled all the same."""
    unsettled = []
    for row in _open(workspaces):
        if not _is_waiting(row):
            unsettled.append(row)
            continue
        try:
            cancel_publication(row, user=person)
        except NotPossibleError:  # a worker was quicker
            unsettled.append(row)
    return unsettled


def take_out_of_the_sweep(workspaces: Sequence[Workspace]) -> None:
    """Nothing is asked of TikTok for them any more; whoever is at one writes nothing more."""
    rows = Publication.objects.filter(workspace__in=workspaces).exclude(state__in=ON_THEIR_WAY)
    rows.update(
        next_try_at=None,
        handed_out_until=None,
        lease_token=None,
        lease_until=None,
        version=F("version") + 1,
    )


def _open(workspaces: Sequence[Workspace]) -> list[Publication]:
    rows = Publication.objects.filter(workspace__in=workspaces, state__in=_OPEN)
    return list(rows.select_related("post", "consent").prefetch_related("attempts").order_by("pk"))


def _is_waiting(publication: Publication) -> bool:
    return publication.state in _WAITING and is_cancel_possible(publication)
