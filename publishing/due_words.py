"""When a post goes out, in words: by the reader's clocks, and by those it was chosen by."""

from dataclasses import dataclass
from datetime import datetime

from accounts.wall_clock import is_zone, say_moment
from publishing.models import Publication


@dataclass(frozen=True)
class DueWords:
    """`Fri 4 Dec, 18:00 Europe/Berlin`; `elsewhere` says it by the clocks it was chosen by, if those are others."""

    at: datetime
    words: str
    elsewhere: str

    @property
    def whole(self) -> str:
        """Both, as one phrase."""
        return f"{self.words} ({self.elsewhere})" if self.elsewhere else self.words


def due_words_of(publication: Publication, *, own_zone: str, now: datetime) -> DueWords:
    """`own_zone` is the reader's; without one the post's own zone stands alone."""
    chosen_by = publication.time_zone if is_zone(publication.time_zone) else "UTC"
    zone = own_zone or chosen_by
    at = publication.due_at
    words, elsewhere = (say_moment(at, each, now=now) for each in (zone, chosen_by))
    return DueWords(at, words, "" if zone == chosen_by else elsewhere)


def said_of(detail: dict[str, str]) -> str:
    """A time from the history (`services.time_detail`), with its year."""
    zone = detail["time_zone"]
    return say_moment(datetime.fromisoformat(detail["due_at"]), zone if is_zone(zone) else "UTC")
