"""What the library page shows: which files, under which filters, in which words, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Workspace
from composer.media.words import say_bytes
from composer.models import MediaFile, MediaKind, MediaState, Post, PostPhoto

FILES_PER_PAGE = 48
_SHOWN = (MediaState.CHECKING, MediaState.READY, MediaState.FIXABLE)
_MAX_SEARCH = 100


class Use(StrEnum):
    """Whether a draft or a post has the file; the value stands in the address."""

    USED = "used"
    UNUSED = "unused"


class Source(StrEnum):
    """Where a file comes from."""

    SAMPLE = "sample"
    OWN = "own"


_KINDS = {MediaKind.VIDEO.value: "Videos", MediaKind.PHOTO.value: "Photos"}
_STATES = {
    MediaState.READY.value: "Ready",
    MediaState.FIXABLE.value: "Needs a fix",
    MediaState.CHECKING.value: "Being checked",
}
_USES = {Use.USED.value: "Used", Use.UNUSED.value: "Unused"}
_SOURCES = {Source.OWN.value: "Yours", Source.SAMPLE.value: "Samples"}
# Words, icon and tone of each state's pill.
STATE_LOOKS = {
    MediaState.CHECKING.value: ("Being checked", "hourglass", "busy"),
    MediaState.READY.value: ("Ready", "circle-check", "good"),
    MediaState.FIXABLE.value: ("Needs a fix", "triangle-alert", "warn"),
    MediaState.REFUSED.value: ("Cannot be posted", "ban", "bad"),
    MediaState.DELETED.value: ("Deleted", "trash-2", ""),
}


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """What the address asks for; words it does not know filter nothing."""

    search: str = ""
    kind: str = ""
    state: str = ""
    use: str = ""
    source: str = ""

    @classmethod
    def from_query(cls, query: dict[str, str]) -> "LibraryFilter":
        """Read `?q=fog&kind=video&state=ready` as people and bookmarks write it."""

        def known(name: str, words: Iterable[str]) -> str:
            return word if (word := query.get(name, "")) in words else ""

        return cls(
            search=" ".join(query.get("q", "").replace("\0", " ").split())[:_MAX_SEARCH],
            kind=known("kind", _KINDS),
            state=known("state", _STATES),
            use=known("use", _USES),
            source=known("source", _SOURCES),
        )

    @property
    def is_empty(self) -> bool:
        return self == LibraryFilter()

    @property
    def kept(self) -> dict[str, str]:
        """What the search form sends along besides its own field."""
        return {name: word for name, word in self._words().items() if word and name != "q"}

    @property
    def query(self) -> str:
        """The filter as it stands in an address, without the question mark."""
        return urlencode({name: word for name, word in self._words().items() if word})

    @property
    def url(self) -> str:
        """The address of the library under this filter."""
        return reverse("composer:library") + (f"?{self.query}" if self.query else "")

    def _words(self) -> dict[str, str]:
        return {
            "q": self.search,
            "kind": self.kind,
            "state": self.state,
            "use": self.use,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class FilterLink:
    """One choice of a filter, as a link that can be bookmarked."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """The choices of one filter; the first takes it away."""

    name: str
    links: tuple[FilterLink, ...]


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How many files the whole library has, without any filter."""

    files: int = 0
    samples: int = 0
    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MediaCard:
    """One file in the grid."""

    pk: int
    name: str
    url: str
    poster_url: str
    kind: str
    kind_icon: str
    # How long a video is; empty for a photo.
    length: str
    facts: str
    state: str
    state_word: str
    state_icon: str
    state_tone: str
    is_sample: bool
    is_used: bool


def files_of(workspace: Workspace, wanted: LibraryFilter) -> QuerySet[MediaFile]:
    """The workspace's files under a filter, the newest first, each with `is_used`."""
    files = MediaFile.objects.in_workspace(workspace).filter(state__in=_SHOWN, is_proposal=False)
    files = files.filter(*(_named(word) for word in wanted.search.split()))
    if wanted.kind:
        files = files.filter(kind=wanted.kind)
    if wanted.state:
        files = files.filter(state=wanted.state)
    if wanted.source:
        files = files.filter(is_sample=wanted.source == Source.SAMPLE)
    used = Exists(Post.objects.filter(media=OuterRef("pk"))) | Exists(
        PostPhoto.objects.filter(media=OuterRef("pk"))
    )
    if wanted.use:
        files = files.filter(used if wanted.use == Use.USED else ~used)
    return files.annotate(is_used=used)


def count_files(workspace: Workspace) -> LibraryCounts:
    """What there is to filter by, in one query."""
    rows = (
        MediaFile.objects.filter(workspace=workspace, state__in=_SHOWN, is_proposal=False)
        .order_by()
        .values_list("kind", "state", "is_sample")
        .annotate(Count("pk"))
    )
    found = list(rows)
    return LibraryCounts(
        files=sum(number for *_, number in found),
        samples=sum(number for _, _, is_sample, number in found if is_sample),
        states=frozenset(state for _, state, _, _ in found),
        kinds=frozenset(kind for kind, _, _, _ in found),
    )


def filter_groups(wanted: LibraryFilter, counts: LibraryCounts) -> list[FilterGroup]:
    """The filters that can tell this library's files apart, and those that are in use."""
    groups = [
        _group("kind", "Kind", "All files", _KINDS, wanted) if len(counts.kinds) > 1 or wanted.kind else None,
        _group("state", "State", "Any state", _STATES, wanted)
        if len(counts.states) > 1 or wanted.state
        else None,
        _group("use", "Use", "Used or not", _USES, wanted),
        _group("source", "Source", "Any source", _SOURCES, wanted)
        if 0 < counts.samples < counts.files or wanted.source
        else None,
    ]
    return [group for group in groups if group is not None]


def card_of(media: MediaFile) -> MediaCard:
    """The card of a file from `files_of`."""
    word, icon, tone = STATE_LOOKS[media.state]
    return MediaCard(
        pk=media.pk,
        name=media.original_name,
        url=reverse("composer:media-detail", args=[media.pk]),
        poster_url=reverse("composer:media-poster", args=[media.pk])
        if media.poster and media.state != MediaState.CHECKING
        else "",
        kind="Photo" if media.is_photo else "Video",
        kind_icon="image" if media.is_photo else "film",
        length="" if media.is_photo else say_length(media.duration_ms or 0),
        facts=" · ".join(_facts(media)),
        state=media.state,
        state_word=word,
        state_icon=icon,
        state_tone=tone,
        is_sample=media.is_sample,
        is_used=getattr(media, "is_used", False),
    )


def say_length(duration_ms: int) -> str:
    """How long a video is, as players show it: `0:12`, `1:02:05`."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def say_dimensions(media: MediaFile) -> str:
    """Width and height as displayed, in pixels; empty when they are not known."""
    return f"{media.width} × {media.height}" if media.width and media.height else ""  # noqa: RUF001


def _facts(media: MediaFile) -> list[str]:
    facts = [say_dimensions(media), say_bytes(media.size_bytes)]
    return [fact for fact in facts if fact]


def _named(word: str) -> Q:
    """A word of the name, however it is written: SQLite knows upper and lower case of ASCII only."""
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    wanted = Q()
    for spelling in sorted(spellings):
        wanted |= Q(original_name__icontains=spelling)
    return wanted


def _group(
    field: str, name: str, everything: str, words: dict[str, str], wanted: LibraryFilter
) -> FilterGroup:
    chosen = getattr(wanted, field)
    choices = {"": everything, **words}
    return FilterGroup(
        name,
        tuple(
            FilterLink(label, replace(wanted, **{field: word}).url, is_current=word == chosen)
            for word, label in choices.items()
        ),
    )
