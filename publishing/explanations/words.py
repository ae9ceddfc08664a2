"""The shape of an explanation: one frozen row of plain words per code."""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """Who must act before it can go well."""

    NOBODY = "nobody"
    YOU = "you"
    CREATOR = "creator"
    OPERATOR = "operator"
    TIKTOK = "tiktok"

    @property
    def words(self) -> str:
        """As shown on the page, after *Who must act*."""
        return _WHO[self]


LOOK_FIRST = (
    "Look at the profile on TikTok, then say here whether the post is there. "
    "It is sent again only if you say that it is not."
)
_WHO = {
    Who.NOBODY: "Nobody, it only needs time",
    Who.YOU: "You",
    Who.CREATOR: "The creator, in TikTok",
    Who.OPERATOR: "Whoever runs this installation",
    Who.TIKTOK: "TikTok",
}


@dataclass(frozen=True)
class Explanation:
    """What a code means for a person.

    `is_retry_safe`: pressing *Try again* with the same choices cannot post twice and may succeed;
    `retry_hint` says when. It speaks of the code alone: the state of the publication has the last word (an
    unconfirmed one is never retried).
    """

    code: str
    title: str
    what_happened: str
    who_must_act: Who
    what_to_do: str
    is_retry_safe: bool = False
    retry_hint: str = ""
