"""The rows of what: media files and how they come in, the post being written, and the consent given for it."""

from .arrivals import Arrival, ArrivalSource, ArrivalState
from .fixes import Fix, FixState
from .media import MediaFile, MediaKind, MediaState
from .posts import Consent, ConsentPhoto, Destination, HashtagGroup, Post, PostPhoto
from .work import WorkLease

__all__ = [
    "Arrival",
    "ArrivalSource",
    "ArrivalState",
    "Consent",
    "ConsentPhoto",
    "Destination",
    "Fix",
    "FixState",
    "HashtagGroup",
    "MediaFile",
    "MediaKind",
    "MediaState",
    "Post",
    "PostPhoto",
    "WorkLease",
]
