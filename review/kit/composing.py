"""The scenes on the post page: TikTok's points 1 to 4, in the guideline's order, every state of every control."""

import re

from playwright.sync_api import Locator, expect

from composer.rules import PRIVACY_LABELS, PRIVACY_PLACEHOLDER
from composer.rules import mandated as says
from review.kit.footage import seconds_in, write_long_video
from review.kit.guide import WAIT_MS
from review.kit.stage import CREATOR, NICKNAME, Stage
from tiktok import PrivacyLevel

MUSIC = (says.MUSIC_USAGE_CONFIRMATION, says.MUSIC_USAGE_CONFIRMATION_URL)
POLICY = (says.BRANDED_CONTENT_POLICY, says.BRANDED_CONTENT_POLICY_URL)
ONLY_ME = PRIVACY_LABELS[PrivacyLevel.SELF_ONLY]
FRIENDS = PRIVACY_LABELS[PrivacyLevel.MUTUAL_FOLLOW_FRIENDS]
CAPTION = "The lights go up #stage"


def see_the_creator(stage: Stage) -> None:
    """Point 1: who posts, asked of TikTok just now; a creator who cannot post; a video that is too long."""
    guide, page, composer = stage.guide, stage.page, stage.composer
    guide.say("The post page. It asks TikTok about the creator every time it is opened.")
    guide.press(page.get_by_role("banner").get_by_role("button", name="New post"))
    with guide.proves("1", "1a"):
        expect(composer.nickname).to_be_visible(timeout=WAIT_MS)
        if stage.rehearsal:
            expect(composer.nickname).to_contain_text(NICKNAME)
        guide.point(composer.nickname)
        guide.say("1, 1a: the newest creator info, with picture, nickname and the longest video allowed.")
    if stage.rehearsal:
        _see_a_creator_at_the_cap(stage)
    with guide.proves("1c"):
        longest = seconds_in(composer.longest.inner_text())
        long_video = write_long_video(stage.folder, longest + 1)
        guide.say("1c: a video that is one second longer than this creator may post …")
        guide.choose_file(composer.file, long_video)
        expect(composer.media).to_contain_text("TikTok takes at most", timeout=60_000)
        expect(composer.button).to_be_disabled()
        guide.point(composer.video_line)
        guide.say("… is refused with the reason, and the post button is disabled.")
    guide.say("A video that is short enough takes its place.")
    guide.press(composer.another_video)
    guide.choose_file(composer.file, stage.video)
    expect(composer.video_line).to_contain_text(stage.video.stem, timeout=WAIT_MS)
    composer.wait_until_saved()
    guide.press(composer.another_video)
    expect(composer.file).not_to_be_visible()


def _see_a_creator_at_the_cap(stage: Stage) -> None:
    guide, composer, tiktok = stage.guide, stage.composer, stage.rehearsal
    assert tiktok is not None  # noqa: S101  asked by the caller
    with guide.proves("1b"):
        tiktok.creator(CREATOR, posts_today=15)
        guide.reload()
        expect(composer.block).to_contain_text("Try again later", timeout=WAIT_MS)
        expect(composer.button).to_be_disabled()
        guide.point(composer.block.locator(".notice__text").first)
        guide.say("1b: TikTok says this creator cannot post now. Nothing can be posted; try again later.")
    tiktok.creator(CREATOR, posts_today=0)
    guide.press(composer.ask_again)
    expect(composer.block).to_have_count(0, timeout=WAIT_MS)
    guide.say("Asked again, TikTok allows it.")


def choose_title_and_audience(stage: Stage) -> None:
    """Point 2: title, privacy, interactions, the declaration."""
    guide, composer = stage.guide, stage.composer
    with guide.proves("2a"):
        expect(composer.caption).to_have_value("")
        guide.say("2a: the title is empty until the creator writes one.")
        guide.write(composer.caption, CAPTION)
        expect(composer.caption).to_have_value(CAPTION)
        composer.wait_until_saved()
        guide.say("2a: it is the creator's own text.")
    with guide.proves("2b-ii"):
        expect(composer.visibility).to_have_text(PRIVACY_PLACEHOLDER)
        guide.point(composer.visibility)
        guide.say("2b: who can view is a dropdown without a default; nothing is chosen.")
    with guide.proves("2b-i"):
        guide.press(composer.visibility)
        _expect_offered(stage)
        for option in composer.options.all():
            expect(option).to_have_attribute("aria-selected", "false")
            guide.point(option)
            guide.hold(0.5)
        guide.say("2b: it lists exactly what TikTok returned for this creator.")
    guide.pointer.key("Escape")
    guide.say("It stays open for now: commercial content is shown first, as it depends on it.")
    _see_interactions(stage)
    with guide.proves("2-NOTE"):
        composer.expect_declaration(MUSIC)
        guide.point(composer.declaration.get_by_role("link", name=MUSIC[0]))
        guide.say("2: the declaration stands above the post button; Music Usage Confirmation is a link.")


def _expect_offered(stage: Stage) -> None:
    """In a rehearsal it is known what TikTok returned; in reality a private account is asked for."""
    words = [*PRIVACY_LABELS.values()]
    if stage.rehearsal:
        words = ["Followers", FRIENDS, ONLY_ME]
        expect(stage.composer.options.locator("[data-listbox-label]")).to_have_text(words)
    for label in stage.composer.options.locator("[data-listbox-label]").all_inner_texts():
        if label not in words:
            raise AssertionError(f"the list offers {label!r}")


def _see_interactions(stage: Stage) -> None:
    guide, composer = stage.guide, stage.composer
    boxes = (composer.comment, composer.duet, composer.stitch)
    with guide.proves("2c-ii"):
        for box in boxes:
            expect(box).not_to_be_checked()
            guide.point(box)
            guide.hold(0.4)
        guide.say("2c: Allow Comment, Duet and Stitch: none is ticked beforehand.")
    for box in boxes:
        if box.is_enabled():
            _tick(stage, box)
            _untick(stage, box)
    if composer.comment.is_enabled():
        _tick(stage, composer.comment)
    guide.say("What the account allows is ticked by hand, and can be unticked.")
    with guide.proves("2c-i"):
        greyed = next((box for box in reversed(boxes) if box.is_disabled()), None)
        if greyed is None:
            raise AssertionError(
                "nothing is greyed: use an account that is private, or has something switched off"
            )
        guide.hover(greyed)
        guide.say("2c: what the creator's account has switched off is greyed out, and the page says why.")
    if composer.photos.locator("input").is_disabled():
        return
    with guide.proves("2c-iii"):
        guide.press(composer.photos)
        expect(composer.duet).to_have_count(0, timeout=WAIT_MS)
        expect(composer.stitch).to_have_count(0)
        guide.point(composer.comment)
        guide.say("2c: a post of photos offers Allow Comment only, neither Duet nor Stitch.")
    guide.press(composer.video)
    expect(composer.duet).to_be_visible(timeout=WAIT_MS)
    composer.wait_until_saved()


def disclose_commercial_content(stage: Stage) -> None:
    """Point 3: the toggle, both boxes, every prompt, and what branded content excludes."""
    guide, composer = stage.guide, stage.composer
    with guide.proves("3a-i"):
        expect(composer.disclose).not_to_be_checked()
        expect(composer.says(says.DISCLOSURE_SENTENCE)).to_be_visible()
        guide.point(composer.disclose)
        guide.say("3a: the disclosure of commercial content is off by default.")
    with guide.proves("3a-ii", "3a-iii", "3a-v"):
        guide.press(composer.disclose)
        expect(composer.your_brand).not_to_be_checked(timeout=WAIT_MS)
        expect(composer.branded).not_to_be_checked()
        for text in (says.YOUR_BRAND_HELP, says.BRANDED_CONTENT_HELP):
            expect(composer.says(text)).to_be_visible()
            guide.point(composer.says(text))
            guide.hold(1)
        guide.say("3a: switched on, it shows Your brand and Branded content. Neither is ticked.")
    with guide.proves("3a-viii"):
        composer.wait_until_saved()
        expect(composer.button).to_be_disabled()
        guide.hover(composer.post, says.NOTHING_INDICATED)
        guide.say("3a: with nothing indicated the post button is disabled, and says why.")
    with guide.proves("3a-iv"):
        _tick(stage, composer.your_brand)
        _expect_prompt(stage, says.PROMPT_YOUR_BRAND)
        guide.say("3a: Your brand: 'Promotional content'.")
    _untick(stage, composer.your_brand)
    with guide.proves("3a-vi"):
        _tick(stage, composer.branded)
        _expect_prompt(stage, says.PROMPT_BRANDED_CONTENT)
        guide.say("3a: Branded content: 'Paid partnership'.")
    with guide.proves("3a-vii"):
        _tick(stage, composer.your_brand)
        _expect_prompt(stage, says.PROMPT_BRANDED_CONTENT)
        guide.say("3a: both: one label, 'Paid partnership'.")
    _untick(stage, composer.your_brand)
    _see_what_branded_content_excludes(stage)


def _see_what_branded_content_excludes(stage: Stage) -> None:
    guide, composer = stage.guide, stage.composer
    with guide.proves("3b-iii"):
        expect(composer.visibility).to_have_text(PRIVACY_PLACEHOLDER)
        guide.press(composer.visibility)
        expect(composer.option(ONLY_ME)).to_have_attribute("aria-disabled", "true")
        guide.hover(composer.option(ONLY_ME), says.NO_PRIVATE_BRANDED_CONTENT)
        guide.say(
            "3b: Branded content was ticked before the visibility: “Only me” is disabled, and says why."
        )
    with guide.proves("3b-i"):
        guide.press(composer.option(FRIENDS))
        composer.wait_until_saved()
        expect(composer.visibility).to_have_text(FRIENDS)
        expect(composer.branded).to_be_checked()
        guide.point(composer.visibility)
        guide.say("3b: branded content goes to everyone or to friends.")
    _untick(stage, composer.branded)
    with guide.proves("3b-ii"):
        _choose(stage, ONLY_ME)
        expect(composer.branded).to_be_disabled(timeout=WAIT_MS)
        guide.hover(composer.branded)
        expect(composer.branded_note(says.NO_PRIVATE_BRANDED_CONTENT)).to_be_visible()
        guide.say("3b: with “Only me” chosen, Branded content is disabled, and the page says why.")


def see_the_declarations(stage: Stage) -> None:
    """Point 4: the sentence above the button for each choice."""
    guide, composer = stage.guide, stage.composer
    _choose(stage, FRIENDS)
    with guide.proves("4-i"):
        _tick(stage, composer.your_brand)
        _see_declaration(stage, MUSIC)
        guide.say("4: Your brand only: TikTok's Music Usage Confirmation.")
    _untick(stage, composer.your_brand)
    with guide.proves("4-ii"):
        _tick(stage, composer.branded)
        _see_declaration(stage, POLICY, MUSIC)
        guide.say("4: Branded content: Branded Content Policy and Music Usage Confirmation.")
    with guide.proves("4-iii"):
        _tick(stage, composer.your_brand)
        _see_declaration(stage, POLICY, MUSIC)
        guide.say("4: both: Branded Content Policy and Music Usage Confirmation.")
    for box in (composer.your_brand, composer.branded):
        _untick(stage, box)
    guide.press(composer.disclose)
    expect(composer.branded).to_have_count(0, timeout=WAIT_MS)
    composer.wait_until_saved()
    guide.say("This video promotes nothing, so the disclosure is switched off again.")


def _see_declaration(stage: Stage, *links: tuple[str, str]) -> None:
    stage.composer.expect_declaration(*links)
    for name, _ in links:
        stage.guide.point(stage.composer.declaration.get_by_role("link", name=name))
        stage.guide.hold(0.5)


def _expect_prompt(stage: Stage, text: str) -> None:
    """That one prompt, once, and no other."""
    both = stage.page.get_by_role("main").get_by_text(re.compile("^Your photo/video will be labeled"))
    expect(both).to_have_text([text], timeout=WAIT_MS)
    stage.guide.point(both)


def _tick(stage: Stage, box: Locator) -> None:
    stage.guide.press(box)
    expect(box).to_be_checked(timeout=WAIT_MS)
    stage.composer.wait_until_saved()


def _untick(stage: Stage, box: Locator) -> None:
    stage.guide.press(box)
    expect(box).not_to_be_checked(timeout=WAIT_MS)
    stage.composer.wait_until_saved()


def _choose(stage: Stage, label: str) -> None:
    guide, composer = stage.guide, stage.composer
    guide.press(composer.visibility)
    guide.press(composer.option(label))
    expect(composer.visibility).to_have_text(label)
    composer.wait_until_saved()
