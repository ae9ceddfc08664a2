"""What a ruling is made from: TikTok's answer about the creator, the file, the choices, our client."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from tiktok.types import CreatorInfo


class PostKind(StrEnum):
    """What kind of post the file makes."""

    VIDEO = "video"
    PHOTO = "photo"


class Readiness(StrEnum):
    """How far the file is; the words are those of the media library, and `missing` when none is chosen."""

    MISSING = "missing"
    CHECKING = "checking"
    READY = "ready"
    # TikTok would refuse it as it is, and the library can make a version that fits.
    FIXABLE = "fixable"
    REFUSED = "refused"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Media:
    """What is to be posted: a video, or the photos of a carousel in their order.

    `duration_ms` is None for photos and where it could not be read. Of a carousel `sha256` (hex) is that of
    its photos together (`photos_sha256`), and `readiness` says only whether there are any: each photo has its
    own.
    """

    kind: PostKind = PostKind.VIDEO
    readiness: Readiness = Readiness.MISSING
    duration_ms: int | None = None
    sha256: str = ""
    name: str = ""
    photos: "tuple[Media, ...]" = ()

    @property
    def is_ready(self) -> bool:
        """Whether everything to be posted passed its checks."""
        return self.readiness is Readiness.READY and all(photo.is_ready for photo in self.photos)


def carousel_of(photos: Iterable[Media]) -> Media:
    """The photos of a post as one, in their order."""
    photos = tuple(photos)
    return Media(
        kind=PostKind.PHOTO,
        readiness=Readiness.READY if photos else Readiness.MISSING,
        sha256=photos_sha256(photo.sha256 for photo in photos),
        photos=photos,
    )


def photos_sha256(hashes: Iterable[str]) -> str:
    """The hash (hex) that stands for photos in this order: over theirs, one a line. Empty when one has none."""
    hashes = tuple(hashes)
    if not hashes or not all(hashes):
        return ""
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


# What becomes of a post at TikTok: shown on the profile, or delivered as a draft that the creator finishes.
DIRECT = "direct"
INBOX = "inbox"

# What choices could not say at first: every post was a video sent directly, without a label, and its first frame
# was the cover. That is what the defaults of these fields say.
_ADDED_LATER = frozenset({"title", "auto_add_music", "is_aigc", "destination", "cover_timestamp_ms"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person set, exactly as they set it.

    Every field starts empty or off, as points 2b-ii, 2c-ii, 3a-i and 3a-ii demand. `caption` is a video's
    caption or the description of photos, `title` and `auto_add_music` belong to photos,
    `cover_timestamp_ms` (milliseconds from the start) to a video; None lets TikTok take the first frame.
    What the chosen destination or kind cannot carry stays as it was set and is not sent.
    """

    caption: str = ""
    privacy_level: str = ""
    allow_comment: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    discloses: bool = False
    your_brand: bool = False
    branded_content: bool = False
    title: str = ""
    auto_add_music: bool = False
    is_aigc: bool = False
    destination: str = DIRECT
    cover_timestamp_ms: int | None = None

    @property
    def is_inbox(self) -> bool:
        """Whether the post becomes a draft in the creator's TikTok inbox."""
        return self.destination == INBOX

    @property
    def is_your_brand(self) -> bool:
        """Whether the post counts as the creator's own promotion: boxes count only while the toggle is on.

        A draft carries no disclosure; the creator makes it in the TikTok app.
        """
        return self.discloses and self.your_brand and not self.is_inbox

    @property
    def is_branded_content(self) -> bool:
        """Whether the post counts as a paid partnership, which a draft cannot say either."""
        return self.discloses and self.branded_content and not self.is_inbox

    @property
    def is_labelled_aigc(self) -> bool:
        """Whether TikTok is told that the content is AI-generated, which a draft cannot say either."""
        return self.is_aigc and not self.is_inbox

    def to_json(self) -> dict[str, object]:
        """As stored with a consent."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Read what `to_json` stored. Missing or foreign fields raise ValueError: no consent is filled up.

        One exception: a consent given before there were photos, drafts, covers and the AI label has none of
        their fields. It is read as what it was, a video sent directly.
        """
        is_from_before = _ADDED_LATER.isdisjoint(data)
        expected = {name for name in asdict(cls()) if not (is_from_before and name in _ADDED_LATER)}
        if data.keys() != expected or not all(_is_of_its_type(name, value) for name, value in data.items()):
            raise ValueError("These are not the choices of a post.")
        return cls(**data)  # type: ignore[arg-type]


def _is_of_its_type(name: str, value: object) -> bool:
    if name == "cover_timestamp_ms":
        return value is None or (type(value) is int and value >= 0)
    if name == "destination":
        return value in (DIRECT, INBOX)
    return type(value) is type(getattr(Choices(), name))


@dataclass(frozen=True, slots=True)
class ClientState:
    """What we are to TikTok.

    `is_audited`: this installation's client passed the Direct Post audit. `can_pull`: TikTok can fetch media
    from an address it has verified as ours, the only way it takes photos.
    """

    is_audited: bool
    can_pull: bool


@dataclass(frozen=True, slots=True)
class CannotPost:
    """TikTok said, at `asked_at`, that the creator cannot post now (point 1b). `code` is TikTok's."""

    code: str
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """TikTok gave no usable answer. `code` is TikTok's where it had one, such as `rate_limit_exceeded`."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class NoAccount:
    """No account is chosen for the post."""


@dataclass(frozen=True, slots=True)
class NeedsReconnect:
    """TikTok no longer accepts the tokens we hold."""


@dataclass(frozen=True, slots=True)
class MissingScope:
    """The person connected the account without granting this scope."""

    scope: str


CreatorAnswer = CreatorInfo | CannotPost | Unreachable | NoAccount | NeedsReconnect | MissingScope

_NO_ACCOUNT = "no_account"
_NEEDS_RECONNECT = "needs_reconnect"
_MISSING_SCOPE = "missing_scope"
_UNREACHABLE = "unreachable"


def refusal_code(answer: CreatorAnswer) -> str:
    """The answer as one short word to keep with a draft: empty for a creator who may post."""
    match answer:
        case CreatorInfo():
            return ""
        case CannotPost(code=code):
            return code
        case Unreachable(code=code):
            return f"{_UNREACHABLE}:{code}" if code else _UNREACHABLE
        case NoAccount():
            return _NO_ACCOUNT
        case NeedsReconnect():
            return _NEEDS_RECONNECT
        case MissingScope(scope=scope):
            return f"{_MISSING_SCOPE}:{scope}"


def answer_of(code: str, *, asked_at: datetime | None = None) -> CreatorAnswer:
    """The answer `refusal_code` wrote down; a word that is not ours is TikTok's. ValueError when empty."""
    if not code:
        raise ValueError("No refusal was written down.")
    word, _, detail = code.partition(":")
    match word:
        case "no_account":
            return NoAccount()
        case "needs_reconnect":
            return NeedsReconnect()
        case "missing_scope":
            return MissingScope(detail)
        case "unreachable":
            return Unreachable(detail)
        case _:
            return CannotPost(code, asked_at)
