"""One rule as a reviewer meets it."""

from dataclasses import dataclass
from enum import StrEnum

from composer.rules import RULES, Rule, place_of


class Place(StrEnum):
    """Where a rule is kept: each is a column of the compliance page, and each is proved by tests of its own."""

    # What the person sees and can operate.
    PAGE = "page"
    # What a form that was sent is held to, whatever page it came from.
    SERVER = "server"
    # What is asked once more right before TikTok gets anything, and what is sent.
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A rule, by TikTok's number.

    `slug` never changes: file names and addresses are made of it. `see` says what a reviewer should see. `page`,
    `server` and `worker` name what keeps the rule there: templates, or functions and classes by their dotted path;
    empty where the rule says nothing about that place. `operator`: what whoever runs the installation answers for.
    """

    number: str
    slug: str
    see: str
    page: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    worker: tuple[str, ...] = ()
    operator: str = ""

    @property
    def rule(self) -> Rule:
        """The rule itself: in short words, with TikTok's prescribed texts and who made it."""
        return RULES[place_of(self.number)]

    @property
    def place_in_order(self) -> int:
        """Where the rule stands among all, counted from 0."""
        return place_of(self.number)

    @property
    def point(self) -> int:
        """TikTok's point, 1 to 5; 0 for rules that are none of these points."""
        return int(self.number[0]) if self.number[0].isdigit() else 0

    def keepers(self, place: Place) -> tuple[str, ...]:
        """What keeps the rule at this place."""
        return {Place.PAGE: self.page, Place.SERVER: self.server, Place.WORKER: self.worker}[place]
