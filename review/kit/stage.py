"""What the scenes share: who leads, what is shown, and which TikTok answers."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from review.kit.composer_page import ComposerPage
from review.kit.guide import Guide
from review.kit.rehearsal import Rehearsal

# The creator of a rehearsal has a private account, as TikTok demands of whoever posts before the audit.
CREATOR, NICKNAME = "priya.private", "Priya at Home"


@dataclass(frozen=True)
class Stage:
    """One run. `rehearsal` is None when the real TikTok answers."""

    guide: Guide
    url: str
    tiktok_url: str
    product_name: str
    scopes: tuple[str, ...]
    video: Path
    folder: Path
    rehearsal: Rehearsal | None

    @property
    def page(self) -> Page:
        return self.guide.page

    @property
    def composer(self) -> ComposerPage:
        return ComposerPage(self.page)
