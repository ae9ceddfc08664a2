"""Writes what is read beside the film, the requirement-to-screen table before all, and checks the film."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from playwright.sync_api import Browser, sync_playwright

from review.guideline import AUDITED, Requirement
from review.kit.answers import forms
from review.kit.browser import chromium, sandbox_arguments
from review.kit.errors import KitError
from review.kit.guide import Shot
from review.kit.run import Result
from review.kit.strips import REHEARSAL

# What TikTok's forms take.
MAX_FILM_BYTES = 50 * 1000**2
_STYLES = ("css/tokens.css", "css/kit.css")
_FOOT = (
    '<div style="width:100%;font-size:8px;text-align:center;color:#525e57">{words} · '
    '<span class="pageNumber"></span> of <span class="totalPages"></span></div>'
)
_TO_THE_END = """async () => {
    const video = document.querySelector("video");
    const heard = (name) => new Promise((done, failed) => {
        video.addEventListener(name, done, { once: true });
        video.addEventListener("error", () => failed(new Error(video.error?.message)), { once: true });
    });
    if (video.readyState < 1) await heard("loadedmetadata");
    const sought = heard("seeked");
    video.currentTime = video.duration - 0.2;
    await sought;
    return [video.videoWidth, video.duration, video.currentTime];
}"""


@dataclass(frozen=True)
class Row:
    """One line of the table. `picture` is a path in the folder, "" where an account cannot be put into that state."""

    number: str
    summary: str
    mandated: tuple[str, ...]
    see: str
    picture: str
    film_time: str


def write_papers(result: Result) -> None:
    """Fill the folder. Raises KitError for a film that does not play to its end or is too large to hand in."""
    folder = result.wish.folder
    for style in _STYLES:
        found = finders.find(style)
        if not isinstance(found, str):
            raise KitError(f"{style} is missing from the static files.")
        shutil.copy(found, folder / Path(style).name)
    common = {
        "product_name": settings.PRODUCT_NAME,
        "url": result.url,
        "rehearsal": "" if result.wish.is_live else REHEARSAL,
        "film": result.film and result.film.name,
        "rows": _rows(result),
        "forms": forms(),
    }
    for name in ("index", "requirements", "answers"):
        (folder / f"{name}.html").write_text(render_to_string(f"review/kit/{name}.html", common))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox_arguments())
        _print(browser, folder / "requirements.html", str(common["rehearsal"] or settings.PRODUCT_NAME))
        if result.film:
            _check(browser, result)
        browser.close()


def _rows(result: Result) -> list[Row]:
    shots = {shot.number: shot for shot in result.shots}
    return [_row(each, shots.get(each.number)) for each in AUDITED]


def _row(needed: Requirement, shot: Shot | None) -> Row:
    return Row(
        number=needed.number,
        summary=needed.rule.summary,
        mandated=needed.rule.mandated,
        see=needed.see,
        picture=f"screens/{shot.picture.name}" if shot else "",
        film_time=f"{int(shot.film_seconds) // 60}:{int(shot.film_seconds) % 60:02}" if shot else "",
    )


def _print(browser: Browser, page_path: Path, words: str) -> None:
    """The page as a PDF beside it."""
    page = browser.new_page()
    page.goto(page_path.as_uri(), wait_until="load")
    page.pdf(
        path=page_path.with_suffix(".pdf"),
        format="A4",
        landscape=True,
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=_FOOT.format(words=words),
        margin={"top": "12mm", "bottom": "16mm", "left": "12mm", "right": "12mm"},
    )
    page.close()


def _check(browser: Browser, result: Result) -> None:
    """Play the film where most reviewers will."""
    assert result.film is not None  # noqa: S101  asked by the caller
    size = result.film.stat().st_size
    if size > MAX_FILM_BYTES:
        raise KitError(
            f"The film has {size / 1e6:.0f} MB, and TikTok takes 50 MB at most. Make it again, faster."
        )
    page = browser.new_page()
    page.goto((result.wish.folder / "index.html").as_uri())
    width, duration, at = page.evaluate(_TO_THE_END)
    page.close()
    if not width or abs(duration - result.seconds) > 1 or at < duration - 1:
        raise KitError(f"The film does not play in Chromium: width {width}, {duration} s, stopped at {at} s.")
