"""Templates keep to the content security policy, and every icon they name exists."""

import re
from pathlib import Path

import pytest

from config.env import BASE_DIR

PAGES = sorted(
    [*(BASE_DIR / "templates").rglob("*.html"), *(BASE_DIR / "simulator" / "pages").rglob("*.html")]
)
INLINE = {
    "a style attribute": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b"),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\bautoescape\s+off\b|mark_safe"),
}


def name_of(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_holds_nothing_the_policy_forbids(path: Path) -> None:
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", path.read_text(), flags=re.DOTALL)
    assert {what: found.group() for what, rule in INLINE.items() if (found := rule.search(text))} == {}


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (BASE_DIR / "static/img/icons.svg").read_text()))
    named = {
        (name_of(path), icon)
        for path in PAGES
        for icon in re.findall(r'_icon\.html" with name="([a-z0-9-]+)"', path.read_text())
    }
    assert len(named) > 20
    assert {(page, icon) for page, icon in named if icon not in sprite} == set()


def test_no_template_says_the_name_itself() -> None:
    """It is a setting: TikTok wants one name for app, site and organisation."""
    texts = [*PAGES, *(BASE_DIR / "templates").rglob("*.txt")]
    # `greenroom:media` is an event of our scripts.
    said = re.compile(r"greenroom(?!:)", re.IGNORECASE)
    assert [name_of(path) for path in texts if said.search(path.read_text())] == []


def test_colours_stand_in_the_tokens_only() -> None:
    """Apart from the tokens themselves and the landing picture's own light."""
    found = {}
    for path in sorted((BASE_DIR / "static" / "css").glob("*.css")):
        if path.name == "tokens.css":
            continue
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        colours = re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", text, flags=re.IGNORECASE)
        if colours:
            found[path.name] = colours
    assert found == {}
