"""The composer as the film shows it, by the names people read on it."""

from playwright.sync_api import Locator, Page, expect

from composer.rules import mandated as says
from review.kit.guide import WAIT_MS


class ComposerPage:
    """Where things are; it presses nothing."""

    def __init__(self, page: Page) -> None:
        self.account = page.get_by_role("group", name="Account")
        self.nickname = self.account.locator(".account-line")
        self.block = page.locator("#account-block")
        self.ask_again = page.get_by_role("link", name="Ask TikTok again", exact=True)
        self.longest = self.account.locator(".account-line__limit")
        self.media = page.get_by_role("group", name="Media")
        self.file = page.locator(".upload__button")
        self.another_video = page.locator("#video-change")
        self.video_line = page.locator("#video-line")
        self.photos = page.locator("label.segment", has_text="Photos")
        self.video = page.locator("label.segment", has_text="Video")
        self.caption = page.get_by_label("Caption")
        self.visibility = page.get_by_role("combobox", name="Who can view")
        self.options = page.get_by_role("option")
        self.interactions = page.get_by_role("group", name="Interactions")
        self.comment = page.get_by_label(says.ALLOW_COMMENT)
        self.duet = page.get_by_label(says.DUET)
        self.stitch = page.get_by_label(says.STITCH)
        self.disclose = page.get_by_role("switch", name="Disclose commercial content")
        self.your_brand = page.get_by_label(says.YOUR_BRAND)
        self.branded = page.get_by_label(says.BRANDED_CONTENT)
        self.declaration = page.locator("#declaration")
        self.preview = page.locator("#phone")
        self.player = page.locator("#phone video")
        self.post = page.locator(".finish__post")
        self.button = page.locator("#post-button")
        self.reasons = page.locator("#finish-reasons")
        self.notice = page.locator("#processing-notice")
        self._saved = page.get_by_role("status").filter(has_text="Draft saved")
        self._page = page

    def option(self, label: str) -> Locator:
        """A line of the visibility list."""
        return self.options.filter(has=self._page.get_by_text(label, exact=True))

    def wait_until_saved(self) -> None:
        self._saved.wait_for(timeout=WAIT_MS)

    def says(self, text: str) -> Locator:
        """A text of the form itself, to the letter."""
        return self._page.get_by_role("main").get_by_text(text, exact=True)

    def branded_note(self, text: str) -> Locator:
        """What stands below the box of branded content."""
        return self._page.locator("#branded_content-line").get_by_text(text)

    def expect_declaration(self, *links: tuple[str, str]) -> None:
        """The sentence above the button, with each policy as a real link."""
        names = says.DECLARATION_AND.join(name for name, _ in links)
        expect(self.declaration).to_have_text(f"{says.DECLARATION_OPENING}{names}{says.DECLARATION_END}")
        for name, url in links:
            expect(self.declaration.get_by_role("link", name=name)).to_have_attribute("href", url)
