"""The pages in a real browser: axe, light and dark, phone and desk; consent with the keyboard; the video plays."""

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.processes import Simulator, free_port
from tests.simulator.serving import FileServer
from tests.simulator.speaking import App, Phone
from tests.simulator.test_fetching import post_photos

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{violation['id']}: {node['html']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(
    browser: Browser,
    app: App,
    poppy: Phone,
    simulator: Simulator,
    server: FileServer,
    film: bytes,
    photos: list[bytes],
    scheme: str,
    width: int,
) -> None:
    everything = {"brand_content_toggle": True, "is_aigc": True, "title": "Tea at four " * 20}
    landed = poppy.post(film, privacy_level="PUBLIC_TO_EVERYONE", **everything)
    poppy.post(film, title="")
    simulator.fault("video_init", "http", status=503, creator="poppy.public")
    draft = poppy.draft(film)
    simulator.tap(draft)
    carousel = post_photos(
        poppy,
        [server.put(str(number), photo) for number, photo in enumerate(photos)],
        description="Six " * 200,
    )
    simulator.wait_until_ended(carousel)
    consent = str(httpx.URL(f"{simulator.url}/v2/auth/authorize/", params=app.authorize_query()))
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    problems: dict[str, list[str]] = {}
    for url in (
        f"{simulator.url}/",
        f"{simulator.url}/@poppy.public",
        f"{simulator.url}/@priya.private",
        f"{simulator.url}/@poppy.public/video/{landed}",
        f"{simulator.url}/@poppy.public/photo/{carousel}",
        f"{simulator.url}/@poppy.public/inbox",
        f"{simulator.url}/@priya.private/inbox",
        f"{simulator.url}/_simulator/",
        f"{simulator.url}/nowhere",
        consent,
        consent.replace("client_key=", "client_key=x"),
    ):
        page.goto(url)
        problems[url] = findings(page)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{url} is {wider} pixels wider than the window"
    page.close()
    assert problems == {url: [] for url in problems}


def test_consent_by_keyboard(browser: Browser, app: App, simulator: Simulator) -> None:
    callback = f"http://localhost:{free_port()}/accounts/connect/callback/"
    query = app.authorize_query(redirect_uri=callback)
    page = browser.new_page()
    page.goto(str(httpx.URL(f"{simulator.url}/v2/auth/authorize/", params=query)))
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Priya at Home").is_checked()
    page.get_by_label("Post content to TikTok.").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Continue").focus()
    with page.expect_event("requestfailed", lambda request: request.url.startswith(callback)) as failed:
        page.keyboard.press("Enter")
    url = httpx.URL(failed.value.url)
    page.close()
    assert url.params["scopes"] == (
        "user.info.basic,user.info.profile,user.info.stats,video.list,video.upload"
    )


def test_the_video_plays(browser: Browser, poppy: Phone, simulator: Simulator, film: bytes) -> None:
    landed = poppy.post(film)
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{simulator.url}/@poppy.public/video/{landed}")
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    width, duration = page.evaluate("(v => [v.videoWidth, v.duration])(document.querySelector('video'))")
    page.evaluate("document.querySelector('video').currentTime = 1.5")
    page.wait_for_function("document.querySelector('video').currentTime >= 1.5")
    page.close()
    assert width == 360
    assert duration == pytest.approx(2, abs=0.2)
    assert messages == []


def test_a_draft_is_posted_by_hand_and_a_carousel_is_swiped(
    browser: Browser,
    poppy: Phone,
    simulator: Simulator,
    server: FileServer,
    photos: list[bytes],
) -> None:
    urls = [server.put(str(number), photo) for number, photo in enumerate(photos)]
    draft = post_photos(poppy, urls, mode="MEDIA_UPLOAD", cover=2)
    simulator.wait_until_ended(draft)
    page = browser.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{simulator.url}/@poppy.public")
    page.get_by_role("link", name="Inbox (1 from apps)").click()
    page.get_by_label("Who can view").select_option("Friends")
    page.get_by_role("button", name="Post it").click()
    page.get_by_role("link", name="open post 1").click()
    strip = page.get_by_role("region", name="Photos, swipe or scroll sideways")
    strip.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    page.wait_for_function("document.querySelector('.carousel').scrollLeft > 300")
    loaded = page.evaluate("[...document.querySelectorAll('.carousel img')].map(i => i.naturalWidth)")
    page.close()
    assert loaded == [360, 360, 360]
    assert messages == []
    assert [landing["privacy_level"] for landing in simulator.posts()[0]["landings"]] == [
        "MUTUAL_FOLLOW_FRIENDS"
    ]
