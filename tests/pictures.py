"""Takes the pictures of the landing page anew: `make pictures`, on a product of its own with a simulated TikTok.

Each is the main part of a page, without masthead and footer: the site's name is a setting and must not stand in a
picture. Light and dark, as WebP.
"""

import io
import os
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.journeys.people import Composer, Person  # noqa: E402
from tests.journeys.planning import next_month  # noqa: E402
from tests.journeys.product import Product  # noqa: E402
from tests.processes import ROOT  # noqa: E402

FOLDER = ROOT / "static" / "img" / "shots"
CHROMIUM = Path("/usr/bin/chromium")
WIDTH, HEIGHT = 1200, 800
SCALE = 1.5
QUALITY = 78
# Whoever makes pictures is in no hurry, and the machine may be busy.
START_SECONDS = 300
WAIT_MS = 120_000
CAPTION = "Rain or not, we dance. Which step shall we learn next? #streetdance #rain"
FILMS = ("Sunrise over a stage", "Paper waves", "A lamp warming up")
PLANNED = (
    (2, "09:30", "Three ways to fold a letter #paper"),
    (4, "17:00", "The harbour before anybody is up #morning"),
    (4, "18:30", "Soup for a grey day #cooking"),
    (11, "20:00", "Answers to your questions"),
)
AT_REST = "() => document.getAnimations().length === 0 && [...document.images].every(i => i.complete)"


def main() -> int:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        options = {"executable_path": str(CHROMIUM), "args": ["--no-sandbox"]} if CHROMIUM.exists() else {}
        browser = playwright.chromium.launch(**options)  # type: ignore[arg-type]
        with Product(Path(folder), start_seconds=START_SECONDS) as product:
            _take_all(product, browser)
        browser.close()
    for path in sorted(FOLDER.glob("*.webp")):
        print(f"{path.stat().st_size // 1024:4d} KiB  {path.relative_to(ROOT)}")
    return 0


def _take_all(product: Product, browser: Browser) -> None:
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(
        base_url=product.url,
        locale="en-GB",
        timezone_id="UTC",
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=SCALE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    person = Person(product, context)
    page = person.page
    page.goto("/")
    page.get_by_role("button", name="Try it with a demo account").click()
    person.connect("poppy.public")
    for number, (day, clock, caption) in enumerate(PLANNED):
        _plan(person, FILMS[number % len(FILMS)], day, clock, caption)
    composer = _compose(person, FILMS[0])
    _take(page, "composer", height=760)
    composer.button.click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    expect(page.get_by_role("link", name="See it on TikTok")).to_be_visible()
    _take(page, "post", height=760)
    page.goto(f"/calendar/?view=month&day={next_month():%Y-%m-%d}")
    _take(page, "calendar", height=760)


def _compose(person: Person, film: str) -> Composer:
    """A draft with every choice made."""
    composer = person.start_post()
    composer.pick_video(film)
    composer.caption.fill(CAPTION)
    composer.choose("Everyone")
    composer.comment.check()
    composer.duet.check()
    composer.wait_until_saved()
    return composer


def _plan(person: Person, film: str, day: int, clock: str, caption: str) -> None:
    composer = _compose(person, film)
    page = composer.page
    composer.caption.fill(caption)
    page.get_by_role("radio", name="At a time").check()
    composer.wait_until_saved()
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_label("Day", exact=True).fill((next_month() + timedelta(days=day)).isoformat())
    page.get_by_label("Time", exact=True).fill(clock)
    composer.wait_until_saved()
    page.get_by_role("button", name="Schedule").click()
    expect(page.get_by_role("heading", name="Scheduled").first).to_be_visible()


def _take(page: Page, name: str, *, height: int) -> None:
    """The upper `height` pixels of the main part, light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.mouse.move(0, 0)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(AT_REST)
        main_part = page.locator("main")
        assert "greenroom" not in main_part.inner_text().lower(), "the name is a setting"
        box = main_part.bounding_box()
        assert box is not None
        clip = {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(height, box["height"])}
        shot = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        FOLDER.mkdir(exist_ok=True)
        Image.open(io.BytesIO(shot)).convert("RGB").save(
            FOLDER / f"{name}-{scheme}.webp", quality=QUALITY, method=6
        )


if __name__ == "__main__":
    sys.exit(main())
