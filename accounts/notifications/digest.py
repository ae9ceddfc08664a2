"""When somebody's daily digest is due."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accounts.models import User


def next_digest(now: datetime, *, hour: int, zone: ZoneInfo) -> datetime:
    """The next time it is that hour where the person lives, later than `now`; as UTC.

    Once on every day. An hour that the clocks skip is taken as if they had not been put forward, which is the
    hour after; of an hour that comes twice it is the first.
    """
    today = now.astimezone(zone).date()
    for day in (today, today + timedelta(days=1), today + timedelta(days=2)):
        moment = datetime.combine(day, time(hour), tzinfo=zone).astimezone(ZoneInfo("UTC"))
        if moment > now:
            return moment
    raise AssertionError("two days hold every hour")  # pragma: no cover


def zone_of(person: User) -> ZoneInfo:
    """Where the person lives; UTC until they have said so, or should this machine not know the place."""
    try:
        return ZoneInfo(person.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
