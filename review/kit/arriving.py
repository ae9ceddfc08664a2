"""The first scenes: the site as a stranger finds it, signing up, and TikTok's consent page."""

import re
import secrets

from playwright.sync_api import expect

from review.kit.footage import write_video
from review.kit.guide import WAIT_MS
from review.kit.stage import CREATOR, NICKNAME, Stage


def log_in_at_tiktok(stage: Stage) -> None:
    """Before the film, and only with the real TikTok: nobody's password is on it."""
    stage.guide.camera.pause()
    stage.page.goto(f"{stage.tiktok_url}/login")
    stage.guide.ask_person_and_wait(
        "log in to TikTok in the window, with a private account that your sandbox knows. Then press Enter here, "
        "and leave mouse and keyboard alone unless you are asked."
    )
    stage.page.goto("about:blank")
    stage.guide.camera.go_on()


def see_the_site(stage: Stage) -> None:
    """The address in the address bar, the landing page, terms and privacy without a menu."""
    guide, page = stage.guide, stage.page
    guide.say(f"{stage.product_name}: anyone can sign up and post their own videos to TikTok (Direct Post).")
    guide.go_to(f"{stage.url}/")
    expect(page.get_by_role("link", name="Sign up").first).to_be_visible(timeout=WAIT_MS)
    guide.say(f"The site that is named in the application: {stage.url}")
    footer = page.get_by_role("contentinfo")
    for name in ("Terms", "Privacy"):
        guide.point(footer.get_by_role("link", name=name).first)
        guide.hold(0.8)
    guide.say("Terms of service and privacy policy are linked on every page, without a menu.")


def sign_up(stage: Stage) -> None:
    """As anybody would; against the real TikTok the person at the desk signs in as whom they like."""
    guide, page = stage.guide, stage.page
    if stage.rehearsal is None:
        guide.say("Signing in.")
        guide.press(page.get_by_role("banner").get_by_role("link", name="Sign in"))
        guide.ask_person(
            "sign in or sign up in the window, with an address that may be seen.",
            lambda: page.get_by_role("navigation", name="Main").is_visible(),
        )
        return
    guide.say("Signing up is open to everyone.")
    guide.press(page.get_by_role("banner").get_by_role("link", name="Sign up"))
    guide.write(page.get_by_label("E-mail address"), "priya@example.com")
    guide.write(page.get_by_label("Password", exact=True), secrets.token_urlsafe(9))
    guide.press(page.get_by_role("button", name="Sign up"))
    expect(page.get_by_role("navigation", name="Main")).to_be_visible(timeout=WAIT_MS)


def connect(stage: Stage) -> None:
    """From the accounts page to TikTok's consent page, each scope, and back with the account shown."""
    guide, page = stage.guide, stage.page
    guide.say("A TikTok account is connected on TikTok's own page.")
    guide.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Accounts"))
    guide.press(page.get_by_role("button", name=re.compile("^Connect .*TikTok account$")).first)
    if stage.rehearsal is None:
        guide.say(
            f"TikTok's consent page lists what {stage.product_name} asks for: {', '.join(stage.scopes)}"
        )
        guide.ask_person(
            "read the scopes, then agree on TikTok's page.",
            lambda: page.url.startswith(f"{stage.url}/accounts/") and "callback" not in page.url,
        )
    else:
        _agree_in_rehearsal(stage)
    card = page.locator(".account-card").first
    expect(card).to_be_visible(timeout=WAIT_MS)
    guide.point(card)
    guide.say("Back on the site: the connected account, with what it allowed.")


def _agree_in_rehearsal(stage: Stage) -> None:
    guide, page = stage.guide, stage.page
    button = page.get_by_role("button", name="Continue")
    expect(button).to_be_visible(timeout=WAIT_MS)
    guide.say("TikTok's consent page (simulated): the account …")
    guide.press(page.get_by_label(NICKNAME))
    expect(page.get_by_label(NICKNAME)).to_be_checked()
    for scope in stage.scopes:
        guide.point(page.locator(f"input[value='{scope}']"))
        guide.say(f"… and each scope that is asked for: {scope}")
    assert f"@{CREATOR}" in page.content()  # noqa: S101  the pages of the simulator are not the product's
    guide.press(button)


def draft_for_the_inbox(stage: Stage) -> None:
    """Only where `video.upload` is asked for: TikTok wants every scope shown."""
    guide, page, composer = stage.guide, stage.page, stage.composer
    guide.say("The scope video.upload: a video can be sent as a draft that its creator finishes in TikTok.")
    guide.press(page.get_by_role("banner").get_by_role("button", name="New post"))
    expect(composer.nickname).to_be_visible(timeout=WAIT_MS)
    guide.choose_file(composer.file, write_video(stage.folder, "waves"))
    expect(composer.player).to_be_visible(timeout=WAIT_MS)
    guide.press(page.locator("label.way", has_text="Draft in the TikTok inbox"))
    send = page.get_by_role("button", name="Send to TikTok inbox")
    expect(send).to_be_enabled(timeout=WAIT_MS)
    guide.point(composer.notice)
    guide.say("The page says that the draft is finished in the TikTok app. Nothing is posted by this.")
    guide.press(send)
    expect(page.get_by_role("heading", name="In the creator's inbox")).to_be_visible(timeout=60_000)
    guide.say("The draft waits in the creator's TikTok inbox. From here on: Direct Post.")
