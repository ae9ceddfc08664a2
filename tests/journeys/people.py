"""Somebody at a browser: the steps that many journeys begin with, by the quick way, and what they read on pages."""

import itertools
import re
import sqlite3
import time
from base64 import b64encode
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import APIResponse, BrowserContext, Locator, Page, Route, expect
from playwright.sync_api import TimeoutError as NotInTimeError

from tests.factories import PASSWORD
from tests.journeys.product import Product

CHOICES = (
    "caption",
    "privacy_level",
    "allow_comment",
    "allow_duet",
    "allow_stitch",
    "discloses",
    "your_brand",
    "branded_content",
)
# The worker takes it up within a second and looks at it for less than one.
CHECK_SECONDS = 30

_numbers = itertools.count(1)


class Person:
    """One person with a browser of their own. The quick ways speak HTTP with the browser's own cookies."""

    def __init__(self, product: Product, context: BrowserContext) -> None:
        self.product = product
        self.context = context
        self.email = f"person{next(_numbers)}@example.com"
        self.page: Page = context.new_page()

    # --- The quick ways ---------------------------------------------------------------------------------------

    def post(self, path: str, **form: Any) -> APIResponse:
        """Send a form as a page of ours would, and follow where it leads."""
        response = self.context.request.post(path, form=form, headers=self._headers())
        assert response.ok, f"POST {path}: {response.status}"
        return response

    def sign_up(self) -> None:
        self.context.request.get("/sign/up/")
        self.post("/sign/up/", email=self.email, password1=PASSWORD)

    def become_operator(self) -> None:
        """As `manage.py createsuperuser` would make one, without its two seconds."""
        with closing(sqlite3.connect(self.product.database_path, timeout=20)) as database, database:
            database.execute("UPDATE accounts_user SET is_staff = 1 WHERE email = ?", [self.email])

    def connect(self, username: str) -> str:
        """Agree on TikTok's page; returns the address of ours that it leads back to."""
        consent = self.post("/accounts/connect/")
        scopes = ["user.info.basic", "video.publish", "video.upload"]
        body = f"creator={quote(username)}&decision=continue" + "".join(
            f"&scopes={scope}" for scope in scopes
        )
        back = self.context.request.post(
            consent.url, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert back.ok, f"consent: {back.status}"
        assert back.url.startswith(self.product.url), back.url
        return back.url

    def upload(self, film: Path) -> int:
        """Put a file into the library as the page's script does, in one part; returns its key once it is checked."""
        request, tus = self.context.request, self._headers() | {"Tus-Resumable": "1.0.0"}
        name = b64encode(film.name.encode()).decode()
        opened = request.fetch(
            "/library/uploads/",
            method="POST",
            headers=tus | {"Upload-Length": str(film.stat().st_size), "Upload-Metadata": f"filename {name}"},
        )
        assert opened.status == 201, f"upload: {opened.status} {opened.text()}"
        address = opened.headers["location"]
        sent = request.fetch(
            address,
            method="PATCH",
            data=film.read_bytes(),
            headers=tus | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        )
        assert sent.status == 204, f"upload: {sent.status} {sent.text()}"
        deadline = time.monotonic() + CHECK_SECONDS
        while time.monotonic() < deadline:
            arrival = request.get(address.replace("/uploads/", "/arrivals/")).json()
            if arrival["state"] == "done":
                return int(arrival["media"])
            assert arrival["state"] == "checking", arrival
            time.sleep(0.1)
        raise AssertionError(f"{film.name} was not checked")

    def start_post(self) -> "Composer":
        """Open the composer on an empty draft."""
        created = self.post("/posts/new/")
        self.page.goto(created.url)
        return Composer(self.page)

    def compose(self, film: Path) -> "Composer":
        """Open the composer on a draft with that film; the account is the one connected last."""
        self.upload(film)
        composer = self.start_post()
        composer.pick_video(film.name)
        return composer

    def _headers(self) -> dict[str, str]:
        """What the browser would send along: the page's token, and where it comes from."""
        return {"X-CSRFToken": self._token(), "Referer": self.product.url}

    def _token(self) -> str:
        """The form token of this browser; every page carries it."""
        html = self.context.request.get("/sign/password/reset/").text()
        return html.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def hold(page: Page, address: str) -> list[Route]:
    """Keep back what is fetched from addresses with that in them, as on a slow line; returns what is held."""
    held: list[Route] = []
    page.route(re.compile(address), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    return held


class Composer:
    """The composer page, by the names people read on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.get_by_role("main")
        self.caption = page.get_by_label("Caption")
        self.visibility = page.get_by_role("combobox", name="Who can view")
        self.comment = page.get_by_label("Allow Comment")
        self.duet = page.get_by_label("Duet")
        self.stitch = page.get_by_label("Stitch")
        self.disclose = page.get_by_role("switch", name="Disclose commercial content")
        self.your_brand = page.get_by_label("Your brand")
        self.branded_content = page.get_by_label("Branded content")
        self.declaration = page.locator("#declaration")
        self.button = page.get_by_role("button", name="Post to TikTok")
        self.reasons = page.locator("#finish-reasons")
        self.saved = page.get_by_role("status").filter(has_text="Draft saved")

    def option(self, label: str) -> Locator:
        """A line of the visibility list; its name begins with the label and goes on with the reason, if any."""
        return self.page.get_by_role("option").filter(has=self.page.get_by_text(label, exact=True))

    def choose(self, label: str) -> None:
        """Pick a visibility with the mouse."""
        self.visibility.click()
        self.option(label).click()
        self.wait_until_saved()

    def pick_video(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()
        self.page.locator("video").wait_for()
        self.wait_until_saved()

    def pick_photos(self, *names: str) -> None:
        """Make it a carousel of these, in this order."""
        self.page.get_by_role("radio", name="Photos").check()
        for number, name in enumerate(names, start=1):
            self._press(self.page.get_by_role("button", name=name, pressed=False), behind="Add photos")
            expect(self.page.locator("#photos .photo__name")).to_have_count(number)
        self.wait_until_saved()

    def _press(self, choice: Locator, *, behind: str) -> None:
        """Press it in the list it lies in, opened if that is closed.

        A press before the script is there is sent as a form, and the page that comes has the list closed; a press
        on a page that is still arriving may close what was about to open. Like a person, look again.
        """
        more = self.page.get_by_text(behind, exact=True)
        for _ in range(6):
            expect(choice.or_(more).first).to_be_visible()
            with suppress(NotInTimeError):
                if not choice.is_visible():
                    more.click(timeout=4000)
                choice.click(timeout=4000)
                return
        raise AssertionError(f"{behind} does not show {choice}")

    def pick_account(self, nickname: str) -> None:
        """Choose the account, from behind *Choose another account* where one is chosen."""
        account = self.page.get_by_role("group", name="Account")
        change = account.get_by_text("Choose another account")
        choice = account.get_by_role("button", name=nickname)
        if change.is_visible():
            change.click()
        if choice.is_visible():
            choice.click()
        account.locator(".account-line").filter(has_text=nickname).wait_for()
        self.wait_until_saved()

    def wait_until_saved(self) -> None:
        self.saved.wait_for()

    def chosen(self) -> dict[str, str]:
        """What the form would send now: every choice of the person's, and nothing that only keeps the books."""
        script = "form => Object.fromEntries(new FormData(form))"
        sent: dict[str, str] = self.page.locator("#post-form").evaluate(script)
        return {name: sent[name] for name in CHOICES if name in sent}

    def hover_text(self, target: Locator) -> str:
        """What a pointer resting there is told, be the control disabled or not."""
        target.scroll_into_view_if_needed()
        script = """element => {
            const box = element.getBoundingClientRect();
            const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return hit.closest("[title]")?.title ?? "";
        }"""
        return str(target.evaluate(script))
