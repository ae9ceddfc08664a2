"""axe and a camera: looks at a page in light and dark, at a desk and on a phone.

Where the environment variable JOURNEY_PICTURES names a folder, every look is also kept there as a full-page PNG:
`<what was looked at>-<light|dark>-<width>.png`.
"""

import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
HEIGHT = 900
# Colours on their way from light to dark are nobody's colours.
AT_REST = "() => document.getAnimations().length === 0"


class Inspection:
    """Looks at pages as they stand, and remembers what is wrong with them.

    Below `elsewhere` pages are not the product's and need not lead to its terms.
    """

    def __init__(self, page: Page, *, elsewhere: str = "") -> None:
        self.page = page
        self.elsewhere = elsewhere
        self.findings: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for width in (390, 1440):
                self.page.set_viewport_size({"width": width, "height": HEIGHT})
                self.page.wait_for_function(AT_REST)
                self.findings[f"{name}, {scheme}, {width}"] = self._violations()
                self._keep_picture(f"{name} {scheme} {width}")

    def visit(self, name: str, address: str) -> None:
        self.page.goto(address)
        self.look(name)

    def expect_clean(self) -> None:
        found = [f"{name}: {finding}" for name, findings in self.findings.items() for finding in findings]
        assert found == [], "\n".join(found)

    def _keep_picture(self, name: str) -> None:
        folder = os.environ.get("JOURNEY_PICTURES")
        if folder:
            file_name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            self.page.screenshot(path=Path(folder) / f"{file_name}.png", full_page=True)

    def _violations(self) -> list[str]:
        found = [
            f"{violation['id']}: {node['html']} {node['failureSummary']}"
            for violation in Axe().run(self.page, options=OPTIONS).response["violations"]
            for node in violation["nodes"]
        ]
        if not self.elsewhere or not self.page.url.startswith(self.elsewhere):
            foot = self.page.locator("footer")
            found += [
                f"the link {name} is not to be seen"
                for name in ("Terms", "Privacy", "Data deletion")
                if not foot.get_by_role("link", name=name, exact=True).is_visible()
            ]
        wider = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return [*found, f"{wider} pixels wider than the window"] if wider > 0 else found
