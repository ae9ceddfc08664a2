"""The library's part in deleting a workspace: nothing goes on, and no byte stays."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from accounts.models import Workspace
from composer.arriving import cancel_arrival, path_of
from composer.fixes import UNDER_WAY, cancel_fix
from composer.models import Arrival, Fix, MediaFile, MediaState
from composer.parts import remove_file
from composer.storing import delete_media_bytes

_BATCH = 200


def stop_work(workspaces: Sequence[Workspace], *, now: datetime) -> int:
    """Give up what comes in and what is being made; returns how much. Whoever is at it learns within a second."""
    arrivals = Arrival.objects.filter(workspace__in=workspaces).under_way()
    fixes = Fix.objects.filter(media__workspace__in=workspaces, state__in=UNDER_WAY)
    stopped = sum(cancel_arrival(arrival, now=now) for arrival in arrivals)
    return stopped + sum(cancel_fix(fix) for fix in fixes)


def remove_bytes(workspaces: Sequence[Workspace]) -> Iterator[None]:
    """Remove every file, one a step. A row names its file until that is gone: this may be cut short and begun anew.

    Raises MediaUnreachableError when the object store does not answer.
    """
    naming = MediaFile.objects.filter(workspace__in=workspaces).exclude(file="", poster="").order_by("pk")
    while batch := list(naming[:_BATCH]):
        for media in batch:
            delete_media_bytes(media)
            MediaFile.objects.filter(pk=media.pk).update(state=MediaState.DELETED, file="", poster="")
            yield
    for pk in Arrival.objects.filter(workspace__in=workspaces).values_list("pk", flat=True).iterator():
        remove_file(path_of(pk))
        yield
