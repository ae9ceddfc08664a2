"""The last scenes: the final look, the press of the button, and the post on TikTok, where the film ends."""

import re

from playwright.sync_api import expect

from composer.rules import PROCESSING_NOTICE
from review.kit.composing import ONLY_ME
from review.kit.guide import WAIT_MS
from review.kit.stage import Stage

_PUBLISHED_MS = 300_000
LAST_SECONDS = 10


def choose_only_me(stage: Stage) -> None:
    """All that TikTok takes before the audit, and from private accounts alone."""
    guide, composer = stage.guide, stage.composer
    guide.say("Before its audit TikTok lets this app post for private accounts only, and as “Only me” only.")
    guide.press(composer.visibility)
    guide.press(composer.option(ONLY_ME))
    composer.wait_until_saved()
    expect(composer.button).to_be_enabled(timeout=WAIT_MS)
    guide.say("“Only me” is chosen by hand, as every choice was.")


def look_once_more(stage: Stage) -> None:
    """Point 5 before the press: preview, text that can still be changed, notice, consent."""
    guide, composer = stage.guide, stage.composer
    with guide.proves("5a"):
        guide.bring(composer.preview)
        composer.player.evaluate("video => { video.muted = true; return video.play(); }")
        guide.say("5a: the preview plays the very file that will be posted.")
        stage.page.wait_for_function(
            "() => { const video = document.querySelector('#phone video');"
            " return video.videoWidth > 0 && video.currentTime > 2.5; }"
        )
    with guide.proves("5b"):
        guide.press(composer.caption)
        guide.pointer.key("ctrl+End")
        guide.pointer.type(" tonight")
        expect(composer.preview).to_contain_text("tonight", timeout=WAIT_MS)
        composer.wait_until_saved()
        expect(stage.page.locator(".preview__note")).to_contain_text("no logo, no watermark")
        guide.say("5b: no watermark, no added words; the text can be edited until it is posted.")
    with guide.proves("5d"):
        expect(composer.notice).to_contain_text(PROCESSING_NOTICE)
        guide.point(composer.notice)
        guide.say("5d: after publishing it may take a few minutes to process and show on the profile.")
    with guide.proves("5c"):
        expect(composer.button).to_be_enabled()
        guide.point(composer.button)
        guide.say("5c: nothing has been sent yet. The creator agrees by pressing Post to TikTok.")


def publish(stage: Stage) -> None:
    """Point 5 after the press: the state of the post until TikTok says that it is out."""
    guide, page, composer = stage.guide, stage.page, stage.composer
    with guide.proves("5e"):
        guide.press(composer.button)
        expect(page).to_have_url(re.compile(r"/posts/\d+/$"), timeout=WAIT_MS)
        guide.say("5e: the page follows the state of the post by itself.")
        expect(page.get_by_role("heading", name="Published")).to_be_visible(timeout=_PUBLISHED_MS)
        guide.say("5e: TikTok says that it is published.")


def end_on_tiktok(stage: Stage) -> None:
    """The post itself, for ten seconds, and nothing after it."""
    guide, page = stage.guide, stage.page
    guide.press(page.get_by_role("link", name=re.compile("on TikTok$")).first)
    page.wait_for_url(re.compile(f"^{re.escape(stage.tiktok_url)}/"))
    if stage.rehearsal is None:
        guide.say("The creator's profile on TikTok.")
        guide.ask_person(
            "open the post that was just published, in this window.",
            lambda: bool(re.search(r"/(video|photo)/\d+", page.url)),
        )
    else:
        guide.say("The creator's profile on TikTok (simulated).")
        guide.press(page.get_by_role("link", name=re.compile("^Open post")).first)
        expect(page.get_by_role("heading", level=1)).to_contain_text("tonight", timeout=WAIT_MS)
    guide.say("The post on TikTok. It is private because the app has not been audited yet.")
    guide.hold(LAST_SECONDS)
