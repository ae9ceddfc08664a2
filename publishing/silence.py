"""Whether anything is being sent at all: for a line at the top of every page when worker or broker are away.

Pages read one row of the database and never ask the broker: a page must not wait for what is away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from publishing.models import Publication, Pulse, PulseName

# A sweep comes four times a second, a message through the steps' threads every five seconds.
QUIET_AFTER = timedelta(seconds=20)
# On an installation where no worker was ever seen: how long a post may be due before that is said.
NEVER_SEEN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Silence:
    """Nothing is being sent; `since` is when it last was, None when it never was."""

    since: datetime | None


def find_silence(now: datetime) -> Silence | None:
    """Whether worker and broker have not been heard of for a while; None when all is well."""
    seen = dict(Pulse.objects.values_list("name", "at"))
    if not seen:
        waiting = Publication.objects.due(now - NEVER_SEEN_AFTER).order_by()
        return Silence(None) if waiting.exists() else None
    # A worker from before the second pulse was watched has none: the first one tells then.
    last = min(seen.get(name, now) for name in PulseName)
    return Silence(last) if last < now - QUIET_AFTER else None


def sending_silence(request: HttpRequest) -> dict[str, object]:
    """For templates: `silence`, looked up only where a page that shows it is drawn, for who is signed in."""

    def look() -> Silence | None:
        user = getattr(request, "user", None)
        return find_silence(timezone.now()) if user is not None and user.is_authenticated else None

    return {"silence": SimpleLazyObject(look)}
