"""The product of a run, a browser that is watched, and a new person for every journey."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.journeys.people import Person
from tests.journeys.product import Product
from tests.journeys.watching import Watch
from tests.media import make_video

DESK = {"width": 1440, "height": 900}
# Generous: it costs nothing where all is well, and two slow cores run three products and their browsers.
WAIT_MS = 60_000


@pytest.fixture(scope="package")
def running_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`make run`, once for all journeys; audited, as it comes."""
    with Product(tmp_path_factory.mktemp("product")) as product:
        yield product


@pytest.fixture
def product(running_product: Product) -> Product:
    """The same, fresh: nobody has used it yet."""
    assert running_product.is_running(), running_product.log()
    running_product.forget_everything()
    return running_product


@pytest.fixture
def open_browser(
    request: pytest.FixtureRequest, browser: Browser, tmp_path: Path
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows of somebody's own on a product; in the end nothing may have gone wrong in any of them."""
    opened: list[tuple[Product, BrowserContext, Watch]] = []
    expect.set_options(timeout=WAIT_MS)

    def open_browser(product: Product, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=product.url, locale="en-GB", **{"viewport": DESK, **options})
        context.set_default_timeout(WAIT_MS)
        watch = Watch(context)
        context.watch = watch  # type: ignore[attr-defined] - tests reach it through their Person
        opened.append((product, context, watch))
        return context

    yield open_browser
    troubles = [trouble for _, _, watch in opened for trouble in watch.troubles]
    has_failed = not hasattr(request.node, "rep_call") or request.node.rep_call.failed
    if troubles or has_failed:
        for number, (product, context, _watch) in enumerate(opened):
            _keep_evidence(tmp_path / f"browser-{number}", product, context, troubles)
    for _, context, _ in opened:
        context.close()
    assert troubles == []


def _keep_evidence(folder: Path, product: Product, context: BrowserContext, troubles: list[str]) -> None:
    """What one would want to look at: each page as it stood, the processes' log, the browser's troubles."""
    folder.mkdir()
    for number, page in enumerate(context.pages):
        page.screenshot(path=folder / f"page-{number}.png", full_page=True)
        (folder / f"page-{number}.html").write_text(f"<!-- {page.url} -->\n{page.content()}")
    (folder / "make-run.log").write_text(product.log())
    (folder / "troubles.txt").write_text("\n".join(troubles))
    print(f"\nWhat the browser showed and the processes said: {folder}")


@pytest.fixture
def person(product: Product, open_browser: Callable[..., BrowserContext]) -> Person:
    """Somebody new, signed up, with an empty workspace."""
    person = Person(product, open_browser(product))
    person.sign_up()
    return person


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of video."""
    return make_video(tmp_path_factory.mktemp("films") / "street dance.mp4", seconds=4)
