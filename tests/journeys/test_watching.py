"""The watch itself: what it would let pass, every journey would let pass."""

import pytest
from playwright.sync_api import Browser, Error

from tests.journeys.product import Product
from tests.journeys.watching import Watch
from tests.processes import free_port

pytestmark = pytest.mark.browser


def test_sees_what_goes_wrong_in_a_page(product: Product, browser: Browser) -> None:
    context = browser.new_context(base_url=product.url)
    watch = Watch(context)
    page = context.new_page()
    page.goto("/")
    assert watch.troubles == []

    page.evaluate("console.error('said aloud')")
    page.evaluate("void setTimeout(() => { throw new Error('thrown away'); })")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("fetch('/nowhere/')")
    page.wait_for_function("() => performance.getEntriesByName(`${location.origin}/nowhere/`).length === 1")
    address = f"http://localhost:{free_port()}/"
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        context.new_page().goto(address)
    context.close()

    seen = "\n".join(watch.troubles)
    for line in (
        "console error: said aloud",
        "page error: thrown away",
        f"CSP style-src-attr refused inline at {product.url}/",
        f"HTTP 404 GET {product.url}/nowhere/",
        f"request failed: net::ERR_CONNECTION_REFUSED GET {address}",
    ):
        assert line in seen
    watch.expect(".")
    assert watch.troubles == []
