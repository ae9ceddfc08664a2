"""The browser's half of the caption help reads every text as the server does, and shows what the server would."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route, expect

from composer.captions import (
    VIDEO_CAPTION_LIMIT,
    add_hashtags,
    list_hashtags,
    parse_caption,
    suggest_cut,
    utf16_length,
)
from config.env import BASE_DIR
from tests.composer.captions import CAPTIONS, CUTS

pytestmark = pytest.mark.browser

TEXTS = [text for text, *_ in [*CAPTIONS, *CUTS]]
SCRIPT = BASE_DIR / "static/js/post-caption.js"


def marks(text: str) -> str:
    """What the server shows below the caption."""
    context = {"parts": parse_caption(text), "cut": suggest_cut(text, VIDEO_CAPTION_LIMIT)}
    return render_to_string("composer/_caption_marks.html", context)


def composer(caption: str = "") -> str:
    """The caption's part of the composer page."""
    return f"""<!doctype html><html lang="en" data-js><title>Caption</title>
        <script type="module" src="/{SCRIPT.name}"></script>
        <label>Title <input data-counted-by="title-count"></label>
        <p id="title-count" data-limit="90"><span data-caption-used>0</span></p>
        <label>Caption <textarea data-caption></textarea></label>
        <p data-caption-count data-limit="{VIDEO_CAPTION_LIMIT}"><span data-caption-used>0</span></p>
        {marks(caption)}
        <p data-caption-mirror></p>
        <button data-add-hashtags="#dance #Street">Dance</button><p role="status" data-hashtags-said></p>"""


@pytest.fixture
def caption_page(browser: Browser) -> Iterator[Page]:
    def answer(route: Route) -> None:
        if route.request.url.endswith(SCRIPT.name):
            route.fulfill(path=Path(SCRIPT), content_type="text/javascript")
        else:
            route.fulfill(body=composer(), content_type="text/html; charset=utf-8")

    context = browser.new_context()
    page = context.new_page()
    page.route("https://composer.test/**", answer)
    page.goto("https://composer.test/")
    yield page
    context.close()


def run(page: Page, call: str, *args: Any) -> Any:
    return page.evaluate(
        f"async args => {{ const caption = await import('/{SCRIPT.name}'); return caption.{call}(...args); }}",
        args,
    )


def test_finds_the_same_hashtags_and_mentions_at_the_same_places(caption_page: Page) -> None:
    for text in TEXTS:
        parts = parse_caption(text)
        assert run(caption_page, "parseCaption", text) == {
            "hashtags": list(parts.hashtags),
            "mentions": list(parts.mentions),
            "spans": [
                {"kind": each.kind, "start": each.start, "end": each.end, "text": each.text}
                for each in parts.spans
            ],
        }, text


def test_cuts_at_the_same_place(caption_page: Page) -> None:
    cases = [(text, limit) for text, limit, _ in CUTS] + [(text, 17) for text in TEXTS]
    for text, limit in cases:
        cut = suggest_cut(text, limit)
        expected = {"kept": cut.kept, "dropped": cut.dropped, "lastWords": cut.last_words}
        assert run(caption_page, "suggestCut", text, limit) == expected, (text, limit)


def test_adds_the_same_hashtags(caption_page: Page) -> None:
    for text in TEXTS:
        assert " ".join(run(caption_page, "listHashtags", text)) == list_hashtags(text)
        for other in ("#cat #NEW", "", TEXTS[2], TEXTS[9], TEXTS[11]):
            assert run(caption_page, "addHashtags", text, other) == add_hashtags(text, other), (text, other)


def test_shows_below_the_caption_what_the_server_would(caption_page: Page) -> None:
    # A text field has no carriage return and drops nothing else; the last text holds more than fits.
    texts = [text for text in TEXTS if "\r" not in text]
    for text in [*texts, "#a " * 800 + "@b", ""]:
        caption_page.get_by_label("Caption").fill(text)
        expect(caption_page.locator("[data-caption-used]").nth(1)).to_have_text(str(utf16_length(text)))
        shown, of_server = caption_page.evaluate(
            """server => {
                const ofServer = document.createElement("div");
                ofServer.innerHTML = server;
                return [document.querySelector("[data-caption-marks]").outerHTML, ofServer.innerHTML];
            }""",
            marks(text),
        )
        assert without_gaps(shown) == without_gaps(of_server), text
        assert caption_page.locator("[data-caption-mirror]").evaluate("mirror => mirror.textContent") == text


def without_gaps(html: str) -> str:
    """HTML with the space at the ends of lists and lines gone; what is written stays."""
    return html.strip().replace(" </span></p>", "</span></p>").replace('hidden=""', "hidden")


def test_selects_what_is_too_much_and_deletes_nothing(caption_page: Page) -> None:
    caption = caption_page.get_by_label("Caption")
    caption.fill("x" * 2199 + "😀 and more")
    expect(caption_page.get_by_text("It fits as far as")).to_be_visible()
    caption_page.get_by_role("button", name="Select what is too much").click()
    selected = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert caption.evaluate(selected) == "😀 and more"
    expect(caption).to_have_value("x" * 2199 + "😀 and more")
    expect(caption).to_be_focused()
    caption_page.keyboard.press("Delete")
    expect(caption).to_have_value("x" * 2199)
    expect(caption_page.get_by_text("It fits as far as")).to_be_hidden()


def test_a_group_is_added_behind_the_caption_once_and_can_be_undone(caption_page: Page) -> None:
    caption = caption_page.get_by_label("Caption")
    caption.fill("Rain or not")
    caption.press("Home")
    group = caption_page.get_by_role("button", name="Dance")
    group.click()
    expect(caption).to_have_value("Rain or not #dance #Street")
    expect(caption_page.locator("[data-caption-used]").nth(1)).to_have_text("26")
    expect(caption_page.get_by_role("status")).to_have_text("Added #dance #Street")
    expect(group).to_be_focused()
    group.click()
    expect(caption).to_have_value("Rain or not #dance #Street")
    expect(caption_page.get_by_role("status")).to_have_text("The caption has them already.")
    caption.press("Control+z")
    expect(caption).to_have_value("Rain or not")


def test_another_field_is_counted_by_its_own_counter(caption_page: Page) -> None:
    count = caption_page.locator("#title-count")
    caption_page.get_by_label("Title").fill("😀" * 45)
    expect(count).to_have_text("90")
    assert count.get_attribute("data-over") is None
    caption_page.get_by_label("Title").fill("😀" * 45 + "!")
    expect(count).to_have_text("91")
    assert count.get_attribute("data-over") == ""
    expect(caption_page.locator("[data-caption-mirror]")).to_be_empty()
