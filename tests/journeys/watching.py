"""Watches the pages of one browser for what nobody may see on a console: errors, refused content, lost requests."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# Told to us by the page itself; a report would go to a server, and there is none.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.reportViolation(`${event.effectiveDirective} refused ${event.blockedURI || "inline"} at ${location.href}`));
"""
# A page that is left, or a newer save, takes a request back; players stop downloads when they have enough.
_TAKEN_BACK = "net::ERR_ABORTED"
# What htmx says of that; of a request that was lost it says htmx:sendError as well.
_TAKEN_BACK_BY_HTMX = ("htmx:afterRequest,", "htmx:sendAbort,")
_REPORTED_AS_RESPONSE = "Failed to load resource"


class Watch:
    """The troubles of one browser context; `expect` names those that a test brings about on purpose."""

    def __init__(self, context: BrowserContext) -> None:
        self._troubles: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        context.expose_binding("reportViolation", self._note_violation)
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("page", self._follow)

    def expect(self, pattern: str) -> None:
        """Let this pass: it is matched against the trouble's line, for example `HTTP 422 .*/publish/`."""
        self._expected.append(re.compile(pattern))

    @property
    def troubles(self) -> list[str]:
        return [
            line for line in self._troubles if not any(pattern.search(line) for pattern in self._expected)
        ]

    def _note(self, line: str) -> None:
        self._troubles.append(line)

    def _note_violation(self, _source: dict[str, Any], words: str) -> None:
        self._note(f"CSP {words}")

    def _follow(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        page.on("requestfailed", self._on_failed)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        passed_over = (*_TAKEN_BACK_BY_HTMX, _REPORTED_AS_RESPONSE)
        if message.type in {"error", "warning"} and not message.text.startswith(passed_over):
            self._note(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _on_failed(self, request: Request) -> None:
        if request.failure != _TAKEN_BACK:
            self._note(f"request failed: {request.failure} {request.method} {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"HTTP {response.status} {response.request.method} {response.url}")
