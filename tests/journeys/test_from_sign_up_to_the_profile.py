"""The main job as a newcomer does it: from the first page to the post on the creator's profile, byte for byte."""

import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.factories import PASSWORD
from tests.journeys.people import Composer, Person
from tests.journeys.product import Product
from tests.publishing.driving import film as padded_film

pytestmark = pytest.mark.browser

MUSIC_URL = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
CAPTION = "Rain or not, we dance 💃 #streetdance"
PUBLISHED_MS = 60_000


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def connect_by_hand(page: Page, nickname: str) -> None:
    """From the accounts page to TikTok's consent page and back."""
    page.get_by_role("button", name="Connect TikTok account").click()
    expect(page.get_by_role("heading", name="Greenroom wants to use your account")).to_be_visible()
    page.get_by_label(nickname).check()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/accounts/$"))
    expect(page.get_by_role("list").filter(has_text=nickname)).to_be_visible()


def expect_nothing_preselected(composer: Composer) -> None:
    expect(composer.visibility).to_have_text("Select…")
    for box in (composer.comment, composer.duet, composer.stitch, composer.disclose):
        expect(box).not_to_be_checked()
    expect(composer.button).to_be_disabled()


def expect_music_declaration(composer: Composer) -> None:
    expect(composer.declaration).to_have_text("By posting, you agree to TikTok's Music Usage Confirmation.")
    link = composer.declaration.get_by_role("link", name="Music Usage Confirmation")
    expect(link).to_have_attribute("href", MUSIC_URL)


def expect_playing(video: Locator, *, length: float) -> None:
    """It plays, and it seeks: a server without ranges would throw the player back to the start."""
    video.evaluate("video => { video.muted = true; return video.play(); }")
    expect_true(video, "video => video.videoWidth > 0 && video.currentTime > 0.2")
    video.evaluate("(video, at) => { video.pause(); video.currentTime = at; }", length - 0.5)
    expect_true(video, f"video => !video.seeking && video.currentTime >= {length - 0.6}")
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [360, 640]


def expect_true(target: Locator, script: str) -> None:
    handle = target.element_handle()
    target.page.wait_for_function(script, arg=handle)


def wait_until_published(page: Page) -> None:
    """The post page changes by itself; nobody reloads."""
    expect(page.get_by_role("heading", name="Published")).to_be_visible(timeout=PUBLISHED_MS)
    expect(page.get_by_role("link", name="See it on TikTok")).to_be_visible(timeout=PUBLISHED_MS)


def test_a_newcomer_sees_the_video_on_the_profile(
    product: Product, open_browser: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    film = padded_film(tmp_path, pad_to=3_000_000, seconds=4)
    page = open_browser(product).new_page()

    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill("newcomer@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="First, connect a TikTok account")).to_be_visible()

    page.get_by_role("link", name="Connect an account").click()
    connect_by_hand(page, "Poppy Parade")

    page.get_by_role("button", name="New post").click()
    composer = Composer(page)
    account = page.get_by_role("group", name="Account")
    expect(account.get_by_text("Poppy Parade", exact=True)).to_be_visible()
    expect(account.get_by_text("@poppy.public", exact=True)).to_be_visible()
    expect(account).to_contain_text("Videos up to 10 min")
    expect_nothing_preselected(composer)
    expect_music_declaration(composer)

    send_with_progress(page, film)
    preview = page.get_by_label(f"Preview of {film.name}")
    expect_playing(preview, length=4)
    expect_nothing_preselected(composer)

    composer.caption.fill(CAPTION)
    composer.choose("Everyone")
    composer.comment.check()
    composer.stitch.check()
    composer.wait_until_saved()
    expect(page.get_by_role("complementary", name="Preview")).to_contain_text(CAPTION)
    expect_music_declaration(composer)

    page.reload()
    expect_kept(composer, film.name, CAPTION)
    avatar = account.locator("img")
    expect_true(avatar, "image => image.complete && image.naturalWidth > 0")

    # Left in the middle of a word, before the page had time to save.
    composer.caption.press("Control+End")
    composer.caption.press_sequentially(" tonight")
    page.get_by_role("main").get_by_role("link", name="Posts").click()
    page.get_by_role("link", name=CAPTION).click()
    expect_kept(composer, film.name, f"{CAPTION} tonight")

    composer.button.click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    expect(page.get_by_role("heading", name=f"{CAPTION} tonight", level=1)).to_be_visible()
    wait_until_published(page)

    page.get_by_role("link", name="See it on TikTok").click()
    expect(page.get_by_role("heading", name=f"{CAPTION} tonight", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(sha256(film))
    page.get_by_role("link", name="Back to Poppy Parade").click()
    expect(page.get_by_role("heading", name=f"{CAPTION} tonight", level=3)).to_be_visible()
    [post] = product.posts()
    wanted = {
        "creator": "poppy.public",
        "status": "PUBLISH_COMPLETE",
        "title": f"{CAPTION} tonight",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": False,
        "disable_duet": True,
        "disable_stitch": False,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
        "sha256": sha256(film),
        "bytes": 3_000_000,
    }
    assert {name: post[name] for name in wanted} == wanted


def send_with_progress(page: Page, film: Path) -> None:
    """Choose the file over a slow line, and see it arrive in parts."""
    network = page.context.new_cdp_session(page)
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    network.send("Network.emulateNetworkConditions", line)
    page.get_by_label("Choose files").set_input_files(film)
    line_of_file = page.locator("#upload .upload-line", has_text=film.name)
    expect(line_of_file.get_by_text("Uploading", exact=True)).to_be_visible()
    expect(line_of_file).to_contain_text(re.compile(r"\d [KM]B of 2\.\d\d MB"))
    bar = page.get_by_role("progressbar", name=film.name)
    expect_true(bar, "bar => bar.value > 0.05 && bar.value < 1")
    expect(page.get_by_label(f"Preview of {film.name}")).to_be_visible()
    network.send("Network.emulateNetworkConditions", line | {"uploadThroughput": -1})
    network.detach()


def expect_kept(composer: Composer, film_name: str, caption: str) -> None:
    """Every choice stands as it was left."""
    expect(composer.caption).to_have_value(caption)
    expect(composer.visibility).to_have_text("Everyone")
    expect(composer.comment).to_be_checked()
    expect(composer.duet).not_to_be_checked()
    expect(composer.stitch).to_be_checked()
    expect(composer.disclose).not_to_be_checked()
    expect(composer.page.get_by_label(f"Preview of {film_name}")).to_be_visible()
    expect(composer.button).to_be_enabled()


def test_the_demo_account_is_at_a_published_post_in_under_two_minutes(
    product: Product,
    open_browser: Callable[..., BrowserContext],
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = open_browser(product).new_page()
    started = time.monotonic()
    page.goto("/")
    # The samples are drawn in this very moment, which takes a busy machine long.
    page.get_by_role("button", name="Try it with a demo account").click(timeout=60_000)
    connect_by_hand(page, "Poppy Parade")
    page.get_by_role("button", name="New post").click()
    composer = Composer(page)
    sample = page.get_by_role("button", name="Sample").first
    sample.click()
    expect(page.get_by_label(re.compile("^Preview of "))).to_be_visible()
    # What was there before the sample is there still.
    expect(composer.visibility).to_have_text("Select…")
    composer.choose("Everyone")
    composer.button.click()
    wait_until_published(page)
    seconds = time.monotonic() - started
    with capsys.disabled():
        print(f"\nFrom the first page to a published post: {seconds:.1f} s", flush=True)
    assert seconds < 120
    [post] = product.posts()
    assert (post["creator"], post["title"], post["status"]) == ("poppy.public", "", "PUBLISH_COMPLETE")


def test_without_scripts(product: Product, open_browser: Callable[..., BrowserContext], film: Path) -> None:
    person = Person(product, open_browser(product, java_script_enabled=False))
    person.sign_up()
    person.context.clear_cookies()
    page = person.page

    page.goto("/sign/in/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Accounts").click()
    connect_by_hand(page, "Casey Quiet")

    page.get_by_role("button", name="New post").click()
    composer = Composer(page)
    expect(composer.button).to_be_disabled()
    page.get_by_label("Choose files").set_input_files(film)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label(f"Preview of {film.name}")).to_be_visible()

    composer.caption.fill("A slow river")
    expect(composer.visibility.locator("option")).to_have_text(["Select…", "Everyone", "Friends", "Only me"])
    composer.visibility.select_option("Friends")
    expect(composer.comment).to_be_disabled()
    composer.duet.check()
    page.get_by_role("button", name="Check").click()
    expect(composer.caption).to_have_value("A slow river")
    expect(composer.visibility).to_have_value("MUTUAL_FOLLOW_FRIENDS")
    expect(composer.duet).to_be_checked()

    composer.button.click()
    expect(page).to_have_url(re.compile(r"/posts/\d+/$"))
    deadline = time.monotonic() + PUBLISHED_MS / 1000
    published = page.get_by_role("heading", name="Published")
    while not published.is_visible() and time.monotonic() < deadline:
        page.reload()
    expect(published).to_be_visible()
    [post] = product.posts()
    assert (post["sha256"], post["title"]) == (sha256(film), "A slow river")
    assert (post["privacy_level"], post["disable_comment"], post["disable_duet"]) == (
        "MUTUAL_FOLLOW_FRIENDS",
        True,
        False,
    )
