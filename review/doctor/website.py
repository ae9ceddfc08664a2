"""The public site as a reviewer opens it: reachable, legal pages in sight, and proven to be the operator's."""

import time
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.conf import settings

from review.doctor.asking import NoAnswerError, ask
from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from review.doctor.rehearsal import fault_in_earnest
from review.models import SignatureFile

# Longer, and a reviewer takes it for broken.
SLOW_SECONDS = 3.0
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


@dataclass
class Link:
    """One link of a page, with the words on it; `is_in_sight` unless something has to be opened first."""

    href: str
    is_in_sight: bool
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class _Links(HTMLParser):
    """Finds the links of a page, and which of them stand inside something closed or hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._open: list[tuple[str, bool]] = []
        self._link: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hides = (tag == "details" and "open" not in given) or tag == "template" or "hidden" in given
        if tag == "a" and given.get("href"):
            is_covered = hides or any(hiding for _tag, hiding in self._open)
            self._link = Link(given["href"] or "", not is_covered)
            self.links.append(self._link)
        if tag not in _VOID:
            self._open.append((tag, hides))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        while any(name == tag for name, _hides in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link.words.append(data)


def links_of(html: str) -> list[Link]:
    """The links of a page in their order."""
    parser = _Links()
    parser.feed(html)
    return parser.links


def look_at_website() -> Outcome:
    """The first page answers strangers, at once and without sending them to a sign-in."""
    url = f"{settings.PUBLIC_URL}/"
    cure = "See that web runs, that the proxy passes everything on, and that nothing in front asks for a password."
    began = time.monotonic()
    try:
        answer = ask(url)
    except NoAnswerError as error:
        return fault(f"{url}: {error}.", cure)
    seconds = time.monotonic() - began
    if answer.status_code != 200:
        return fault(
            f"{url} answered {answer.status_code}; a reviewer must be able to read it without signing in.",
            cure,
        )
    if settings.PRODUCT_NAME not in unescape(answer.text):
        return fault(
            f"{url} does not show the name “{settings.PRODUCT_NAME}”: something else answers there.",
            "Have that address lead to this installation, and start web anew after a change of PRODUCT_NAME.",
        )
    if seconds > SLOW_SECONDS:
        return warning(
            f"{url} took {seconds:.1f} s to answer. A reviewer may take that for broken.",
            "Keep web running during the review, and give the machine less to do.",
        )
    return ok(f"{url} answers strangers with the site's own page.")


def look_at_legal_pages() -> Outcome:
    """Terms and privacy are linked in sight on the first page, and open."""
    home = f"{settings.PUBLIC_URL}/"
    cure = "Both links belong into the visible foot of every page; TikTok asks for the two addresses in its form."
    try:
        links = links_of(ask(home).text)
        for word in ("terms", "privacy"):
            found = [link for link in links if word in link.text.lower()]
            if not found:
                return fault_in_earnest(f"{home} has no link to {word}.", cure)
            if not any(link.is_in_sight for link in found):
                return fault(f"The link to {word} on {home} shows only once something is opened.", cure)
            target = urljoin(home, found[0].href)
            answer = ask(target)
            if answer.status_code != 200:
                return fault(f"{target} answered {answer.status_code}.", cure)
            if settings.OPERATOR_NAME and settings.OPERATOR_NAME not in _unescaped(answer.text):
                return fault(f"{target} does not name the operator, {settings.OPERATOR_NAME}.", cure)
    except NoAnswerError as error:
        return fault(f"{home}: {error}.", "See the line on the website.")
    return ok("Terms and privacy are linked in sight on the first page, and open.")


def _unescaped(html: str) -> str:
    collected: list[str] = []

    class Words(HTMLParser):
        def handle_data(self, data: str) -> None:
            collected.append(data)

    Words().feed(html)
    return " ".join("".join(collected).split())


def look_at_ownership() -> Outcome:
    """TikTok's proof that the site's addresses are the operator's: needed once for each configuration."""
    key = settings.TIKTOK_CLIENT_KEY
    kind = "this sandbox" if key.startswith("sb") else "the production app"
    again = (
        "Verify the domain under URL properties in the portal, in the production configuration and again in each "
        "sandbox: each has a proof of its own, and a forgotten sandbox has held reviews up."
    )
    files = list(SignatureFile.objects.all())
    if not files:
        return warning(
            f"No signature file is served, so nobody here knows whether TikTok has verified this site for {kind}.",
            f"{again} A DNS record is fine too; then this line stays as it is.",
        )
    prefixes = [f"{settings.PUBLIC_URL}/"]
    if settings.MEDIA_PULL_BASE_URL and settings.MEDIA_PULL_BASE_URL.endswith("/pull/"):
        prefixes.append(settings.MEDIA_PULL_BASE_URL)
    for file in files:
        for prefix in prefixes:
            url = prefix + file.name
            try:
                answer = ask(url)
            except NoAnswerError as error:
                return fault(f"{url}: {error}.", "Have the proxy pass this address on to this site.")
            if answer.status_code != 200 or answer.text.strip() != file.content:
                return fault(
                    f"{url} does not show what TikTok looks for; the answer was {answer.status_code}.",
                    "Have the proxy pass this address on to this site, unchanged and past every cache.",
                )
    names = ", ".join(file.note or file.name for file in files)
    return ok(f"Served where TikTok looks: {names}. {again}")


FAMILY = Family(
    "The site a reviewer opens",
    (
        Check("website", "Website", look_at_website),
        Check("legal-pages", "Terms and privacy", look_at_legal_pages),
        Check("site-ownership", "Ownership of the site", look_at_ownership),
    ),
)
