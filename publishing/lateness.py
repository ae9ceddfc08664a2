"""How late a scheduled post may still go out, by its workspace's limit.

Judged when it leaves the schedule, and once more where nobody came to it afterwards, because everything was down.
"""

from datetime import datetime, timedelta

from publishing.models import Publication
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go

# A queue that is long for a moment makes nobody late, whatever the limit.
ON_TIME = timedelta(minutes=5)


def find_lateness(publication: Publication, *, now: datetime) -> Go | None:
    """Held, when it is too late; what waits for TikTok after having left in time is not late.

    Measured by the database's clock at the claim, from the time that a person chose (or pressed *Post* at).
    """
    late = now - publication.due_at
    if late <= ON_TIME:
        return None
    minutes = publication.workspace.late_limit_minutes
    if late <= timedelta(minutes=minutes):
        return None
    return Go(
        State.HELD,
        Reason.MISSED,
        detail={"late_seconds": round(late.total_seconds()), "limit_minutes": minutes},
    )


def was_left_alone(publication: Publication, *, now: datetime) -> bool:
    """Whether its step was due for so long that there was nobody to take it."""
    return publication.next_try_at is not None and now - publication.next_try_at > ON_TIME
