"""How late a scheduled post may still go out: judged once, when it leaves the schedule, by its workspace's limit."""

from datetime import timedelta

from accounts.models import Workspace
from publishing.reasons import Reason
from publishing.states import State
from publishing.steps import Go, Step

# A queue that is long for a moment makes nobody late, whatever the limit.
ON_TIME = timedelta(minutes=5)


def find_lateness(step: Step) -> Go | None:
    """Held, when it comes to leave the schedule too late; what waits after that is no longer late.

    Measured by the database's clock at the claim, from the time that a person chose (or pressed *Post* at).
    """
    publication = step.publication
    late = step.now - publication.due_at
    if late <= ON_TIME:
        return None
    minutes = Workspace.objects.values_list("late_limit_minutes", flat=True).get(pk=publication.workspace_id)
    if late <= timedelta(minutes=minutes):
        return None
    return Go(
        State.HELD,
        Reason.MISSED,
        detail={"late_seconds": round(late.total_seconds()), "limit_minutes": minutes},
    )
