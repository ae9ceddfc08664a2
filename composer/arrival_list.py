"""What the page says about each file on its way: arranging and wording only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from accounts.models import Workspace
from composer.arriving import received_bytes, seconds_since_last_byte
from composer.media.words import say_bytes
from composer.models import Arrival, ArrivalSource, ArrivalState

# How long a file that has come to its end well stays in the list, for a page that was looking elsewhere.
SHOWN_AFTER = timedelta(minutes=2)
FAILURE_SHOWN = timedelta(days=7)
# A byte as young as this: some window is sending right now.
_MOVING_SECONDS = 15
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ArrivalLine:
    """One line of the list. `share` is the part of 1 that is done, None when nobody knows."""

    pk: UUID
    name: str
    state: str
    text: str
    figure: str
    share: float | None
    has_bar: bool
    is_moving: bool
    can_cancel: bool
    media: int | None
    kind: str
    media_state: str


@dataclass(frozen=True, slots=True)
class ArrivalList:
    """All lines, the newest first; while one moves the page asks again."""

    lines: tuple[ArrivalLine, ...]

    @property
    def is_moving(self) -> bool:
        return any(line.is_moving for line in self.lines)


def list_arrivals(workspace: Workspace, *, now: datetime) -> ArrivalList:
    """What is under way, what failed and was not put away, and what has just come to the library. One query."""
    states = Q(state__in=[ArrivalState.RECEIVING, ArrivalState.CHECKING]) | Q(
        state=ArrivalState.FAILED, dismissed_at__isnull=True, updated_at__gte=now - FAILURE_SHOWN
    )
    just_done = Q(state=ArrivalState.DONE, dismissed_at__isnull=True, updated_at__gte=now - SHOWN_AFTER)
    arrivals = Arrival.objects.in_workspace(workspace).filter(states | just_done).select_related("media")
    return ArrivalList(tuple(_line_of(arrival) for arrival in arrivals[:_MOST_SHOWN]))


def _line_of(arrival: Arrival) -> ArrivalLine:
    text, done, is_moving = _words_of(arrival)
    total = arrival.size_bytes
    is_under_way = arrival.state in {ArrivalState.RECEIVING, ArrivalState.CHECKING}
    media = arrival.media
    return ArrivalLine(
        pk=arrival.pk,
        name=arrival.name,
        state=arrival.state,
        text=text,
        figure=_figure(arrival, done),
        share=done / total if total and done else None,
        has_bar=is_under_way,
        is_moving=is_moving,
        can_cancel=is_under_way,
        media=media.pk if media else None,
        kind=media.kind if media else "",
        media_state=media.state if media else "",
    )


def _words_of(arrival: Arrival) -> tuple[str, int, bool]:
    """The sentence, the bytes done, and whether it goes on by itself."""
    match arrival.state:
        case ArrivalState.CHECKING:
            return "Being checked against TikTok's limits.", arrival.progress_bytes, True
        case ArrivalState.FAILED:
            return arrival.error, 0, False
        case ArrivalState.DONE:
            return "In your library.", 0, False
    if arrival.source == ArrivalSource.LINK:
        return "Being fetched from its link.", arrival.progress_bytes, True
    silent = seconds_since_last_byte(arrival)
    if silent is not None and silent < _MOVING_SECONDS:
        return "Being uploaded in another window.", received_bytes(arrival), True
    return (
        "Not all of it is here. Choose the same file again in the same browser to go on.",
        received_bytes(arrival),
        False,
    )


def _figure(arrival: Arrival, done: int) -> str:
    if arrival.state == ArrivalState.RECEIVING:
        return (
            f"{say_bytes(done)} of {say_bytes(arrival.size_bytes)}" if arrival.size_bytes else say_bytes(done)
        )
    return (
        say_bytes(arrival.size_bytes) if arrival.state == ArrivalState.CHECKING and arrival.size_bytes else ""
    )
