"""What to think over in a plan: posts too close, the same thing twice, more than TikTok takes. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from publishing.calendar import Entry

# TikTok counts posts and drafts of a creator over this long.
WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account takes within 24 hours; `posts` is about what TikTok lets through, `drafts` is its rule."""

    posts: int
    drafts: int


@dataclass
class Cautions:
    """Sentences by post and by day, and how full each account's fullest 24 hours of a day are."""

    of_post: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    of_day: dict[date, list[str]] = field(default_factory=lambda: defaultdict(list))
    peaks: dict[date, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))


def find_cautions(
    entries: Iterable[Entry], *, zone: ZoneInfo, gap: timedelta, limits: Mapping[int, Limits], usual: Limits
) -> Cautions:
    """Look at every account's posts by themselves; only where one is still planned is there something to say.

    `gap` is the least time between two posts; `limits` are by account, `usual` is for those without.
    """
    found = Cautions()
    of_account: dict[int, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: (entry.at, entry.pk)):
        if entry.is_counted:
            of_account[entry.account_pk].append(entry)
    for account_pk, own in of_account.items():
        own_limits = limits.get(account_pk, usual)
        posts = [entry for entry in own if not entry.is_inbox]
        drafts = [entry for entry in own if entry.is_inbox]
        _find_full(posts, own_limits.posts, found, zone, is_draft=False)
        _find_full(drafts, own_limits.drafts, found, zone, is_draft=True)
        _find_clashes(own, gap, found, zone)
        _find_repeats(own, found, zone)
    return found


def _day(entry: Entry, zone: ZoneInfo) -> date:
    return entry.at.astimezone(zone).date()


def _find_full(
    entries: Sequence[Entry], limit: int, found: Cautions, zone: ZoneInfo, *, is_draft: bool
) -> None:
    """Each post that would be one too many in the 24 hours that end with it."""
    times = [entry.at for entry in entries]
    too_many: dict[date, int] = {}
    for number, entry in enumerate(entries):
        count = number + 1 - bisect_right(times, entry.at - WINDOW)
        day = _day(entry, zone)
        if not is_draft:
            peaks = found.peaks[day]
            peaks[entry.account_pk] = max(peaks.get(entry.account_pk, 0), count)
        if entry.is_planned and count > limit:
            too_many[day] = max(too_many.get(day, 0), count)
            what = "Draft" if is_draft else "Post"
            found.of_post[entry.pk].append(f"{what} {count} within 24 hours; {_takes(limit, is_draft)}.")
    for day, count in too_many.items():
        what = "drafts" if is_draft else "posts"
        found.of_day[day].append(
            f"{entries[0].who}: {count} {what} within 24 hours; {_takes(limit, is_draft)}."
        )


def _takes(limit: int, is_draft: bool) -> str:  # noqa: FBT001 - read beside its name
    return f"TikTok takes {limit}" if is_draft else f"TikTok takes about {limit}"


def _find_clashes(entries: Sequence[Entry], gap: timedelta, found: Cautions, zone: ZoneInfo) -> None:
    """Neighbours that are closer than `gap`."""
    closest: dict[date, timedelta] = {}
    for earlier, later in pairwise(entries):
        apart = later.at - earlier.at
        if apart >= gap or not (earlier.is_planned or later.is_planned):
            continue
        found.of_post[later.pk].append(_say_apart(apart, "after"))
        found.of_post[earlier.pk].append(_say_apart(apart, "before"))
        day = _day(later, zone)
        closest[day] = min(apart, closest.get(day, apart))
    for day, apart in closest.items():
        minutes = int(apart.total_seconds() // 60)
        words = f"posts only {minutes} min apart" if minutes else "posts at the same time"
        found.of_day[day].append(f"{entries[0].who}: {words}.")


def _say_apart(apart: timedelta, side: str) -> str:
    minutes = int(apart.total_seconds() // 60)
    if not minutes:
        return "At the same time as another post."
    return f"Only {minutes} min {side} another post."


def _find_repeats(entries: Sequence[Entry], found: Cautions, zone: ZoneInfo) -> None:
    """The same file, or else the same words, twice on one day."""
    alike: dict[tuple[date, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        day = _day(entry, zone)
        alike[day, "photos" if "photo" in entry.kind else "video", entry.media].append(entry)
        if caption := " ".join(entry.caption.split()).casefold():
            alike[day, "caption", caption].append(entry)
    said: set[tuple[int, date]] = set()
    # Files come first: who sends a file twice mostly has its caption twice too, and one sentence is enough.
    for (day, what, _content), group in sorted(alike.items(), key=lambda item: item[0][1] == "caption"):
        if len(group) < 2 or not any(entry.is_planned for entry in group):
            continue
        if any((entry.pk, day) in said for entry in group):
            continue
        for entry in group:
            other = next(each for each in group if each is not entry)
            found.of_post[entry.pk].append(f"Same {what} as at {other.at.astimezone(zone):%H:%M}.")
            said.add((entry.pk, day))
        times = "twice" if len(group) == 2 else f"{len(group)} times"
        found.of_day[day].append(f"{group[0].who}: the same {what} {times}.")


@dataclass(frozen=True, slots=True)
class Load:
    """How full 24 hours of one account are."""

    account_pk: int
    count: int
    limit: int

    @property
    def is_near(self) -> bool:
        """Whether there is little room left: four fifths are taken."""
        return self.count * 5 >= self.limit * 4


def fullest(found: Cautions, day: date, *, limits: Mapping[int, Limits], usual: Limits) -> Load | None:
    """The account whose 24 hours are fullest on that day; None for a day without posts."""
    loads = [
        Load(account_pk, count, limits.get(account_pk, usual).posts)
        for account_pk, count in found.peaks.get(day, {}).items()
    ]
    return max(loads, key=lambda load: load.count / load.limit, default=None)
