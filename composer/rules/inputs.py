"""What a ruling is made from: TikTok's answer about the creator, the file, the choices, our client."""

from collections.abc import Mapping
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
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Media:
    """The file to be posted. `duration_ms` is None for photos and where it could not be read."""

    kind: PostKind = PostKind.VIDEO
    readiness: Readiness = Readiness.MISSING
    duration_ms: int | None = None
    sha256: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the file passed its checks."""
        return self.readiness is Readiness.READY


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person set, exactly as they set it.

    Every field starts empty or off, as points 2b-ii, 2c-ii, 3a-i and 3a-ii demand.
    """

    caption: str = ""
    privacy_level: str = ""
    allow_comment: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    discloses: bool = False
    your_brand: bool = False
    branded_content: bool = False

    @property
    def is_your_brand(self) -> bool:
        """Whether the post counts as the creator's own promotion: boxes count only while the toggle is on."""
        return self.discloses and self.your_brand

    @property
    def is_branded_content(self) -> bool:
        """Whether the post counts as a paid partnership: boxes count only while the toggle is on."""
        return self.discloses and self.branded_content

    def to_json(self) -> dict[str, object]:
        """As stored with a consent."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Read what `to_json` stored. Missing or foreign fields raise ValueError: no consent is filled up."""
        expected = {name: type(value) for name, value in asdict(cls()).items()}
        if {name: type(value) for name, value in data.items()} != expected:
            raise ValueError("These are not the choices of a post.")
        return cls(**data)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ClientState:
    """What we are to TikTok: whether this installation's client passed the Direct Post audit."""

    is_audited: bool


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
