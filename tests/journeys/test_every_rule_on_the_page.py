"""Walks TikTok's sharing guideline through the page, 1 to 5, and every dependence between its controls."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.people import Composer, Person
from tests.media import make_video

pytestmark = pytest.mark.browser

MUSIC = ("Music Usage Confirmation", "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en")
POLICY = ("Branded Content Policy", "https://www.tiktok.com/legal/page/global/bc-policy/en")
PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NOT_PRIVATE = "Branded content visibility cannot be set to private."
NOT_FOLLOWERS = "Branded content can be shown to everyone or to friends, not to followers only."
VALUES = {
    "Everyone": "PUBLIC_TO_EVERYONE",
    "Friends": "MUTUAL_FOLLOW_FRIENDS",
    "Followers": "FOLLOWER_OF_CREATOR",
    "Only me": "SELF_ONLY",
}
WHY_NOT_BRANDED = {"Only me": NOT_PRIVATE, "Followers": NOT_FOLLOWERS}


@pytest.fixture(scope="session")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second more than a minute."""
    return make_video(tmp_path_factory.mktemp("films") / "long run.mp4", seconds=61, fps=24)


def compose(person: Person, username: str, film: Path) -> Composer:
    person.connect(username)
    return person.compose(film)


def top_of(target: Locator) -> float:
    box = target.bounding_box()
    assert box is not None
    return box["y"]


def open_list(composer: Composer) -> Locator:
    """The options, shown; a second call leaves the list open."""
    if composer.visibility.get_attribute("aria-expanded") == "false":
        composer.visibility.click()
    return composer.page.get_by_role("option")


def close_list(composer: Composer) -> None:
    composer.visibility.press("Escape")
    expect(composer.page.get_by_role("option")).to_have_count(0)


def set_box(composer: Composer, box: Locator, *, is_ticked: bool) -> None:
    if box.is_checked() != is_ticked:
        box.set_checked(is_ticked)
        composer.wait_until_saved()


def expect_refused_option(composer: Composer, label: str, reason: str) -> None:
    """Its reason stands beside it and appears on hover, and pressing it chooses nothing."""
    before = composer.chosen()
    open_list(composer)
    option = composer.option(label)
    expect(option).to_have_attribute("aria-disabled", "true")
    expect(option.get_by_text(reason, exact=True)).to_be_visible()
    assert composer.hover_text(option) == reason
    option.click(force=True)
    close_list(composer)
    assert composer.chosen() == before


def expect_declaration(composer: Composer, *links: tuple[str, str]) -> None:
    names = " and ".join(name for name, _ in links)
    expect(composer.declaration).to_have_text(f"By posting, you agree to TikTok's {names}.")
    for name, href in links:
        expect(composer.declaration.get_by_role("link", name=name)).to_have_attribute("href", href)
    expect(composer.declaration.get_by_role("link")).to_have_count(len(links))


@pytest.mark.rule("1a", "2a", "2b-ii", "2c-ii", "2-NOTE", "3a-i", "5a", "5d", at="page")
@pytest.mark.parametrize("width", [1440, 390])
def test_the_points_stand_in_tiktoks_order_and_nothing_is_chosen(
    person: Person, film: Path, width: int
) -> None:
    composer = compose(person, "poppy.public", film)
    page = composer.page
    page.set_viewport_size({"width": width, "height": 900})
    tops = [
        top_of(target)
        for target in (
            page.get_by_role("heading", name="Account", exact=True),
            composer.caption,
            composer.visibility,
            composer.comment,
            composer.disclose,
            composer.declaration,
            composer.button,
        )
    ]
    assert tops == sorted(tops)
    expect(page.get_by_role("group", name="Account")).to_contain_text("Poppy Parade")
    expect(composer.visibility).to_have_text("Select…")
    expect(composer.branded_content).to_have_count(0)
    expect(page.get_by_text("Promotional content")).to_have_count(0)
    expect(page.get_by_text("Paid partnership")).to_have_count(0)
    expect(page.get_by_text(re.compile("may take a few minutes"))).to_be_visible()
    expect(page.get_by_label(f"Preview of {film.name}")).to_be_visible()
    expect_declaration(composer, MUSIC)
    assert composer.chosen() == {"caption": "", "privacy_level": ""}
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0


@dataclass(frozen=True)
class Cast:
    """A simulated creator, the visibilities TikTok offers, and the interactions that are off, with the reason."""

    username: str
    options: tuple[str, ...]
    greyed: dict[str, str]


@pytest.mark.rule("2b-i", "2c-i", at="page")
@pytest.mark.parametrize(
    "cast",
    [
        Cast("poppy.public", ("Everyone", "Friends", "Only me"), {}),
        Cast(
            "priya.private",
            ("Followers", "Friends", "Only me"),
            {
                "Duet": "Duet is not available while Priya at Home is a private account.",
                "Stitch": "Stitch is not available while Priya at Home is a private account.",
            },
        ),
        Cast(
            "dana.noduet",
            ("Everyone", "Friends", "Only me"),
            {
                "Duet": "In TikTok's settings Dana Solo allows nobody to use Duet.",
                "Stitch": "In TikTok's settings Dana Solo allows nobody to use Stitch.",
            },
        ),
        Cast(
            "casey.nocomments",
            ("Everyone", "Friends", "Only me"),
            {"Allow Comment": "In TikTok's settings Casey Quiet allows nobody to comment."},
        ),
    ],
    ids=lambda cast: cast.username,
)
def test_only_what_tiktok_offers_this_creator(person: Person, film: Path, cast: Cast) -> None:
    composer = compose(person, cast.username, film)
    expect(open_list(composer)).to_have_text(list(cast.options))
    for option in composer.page.get_by_role("option").all():
        expect(option).to_have_attribute("aria-selected", "false")
    close_list(composer)
    boxes = {"Allow Comment": composer.comment, "Duet": composer.duet, "Stitch": composer.stitch}
    for label, box in boxes.items():
        reason = cast.greyed.get(label, "")
        expect(box).not_to_be_checked()
        if reason:
            expect(box).to_be_disabled()
            expect(composer.page.get_by_role("group", name="Interactions")).to_contain_text(reason)
            assert composer.hover_text(box) == reason
        else:
            set_box(composer, box, is_ticked=True)
    composer.choose(cast.options[1])
    composer.button.click()
    expect(composer.page.get_by_role("heading", name="Published")).to_be_visible()
    [post] = person.product.posts()
    switched_off = {label: post[f"disable_{label.split()[-1].lower()}"] for label in boxes}
    assert switched_off == {label: label in cast.greyed for label in boxes}
    assert post["privacy_level"] == VALUES[cast.options[1]]


@pytest.mark.rule("3a-viii", "3b-i", "3b-ii", "3b-iii", "4-i", "4-ii", "4-iii", at="page")
@pytest.mark.parametrize("username", ["poppy.public", "priya.private"])
def test_every_visibility_with_every_disclosure_in_both_orders(
    person: Person, film: Path, username: str
) -> None:
    composer = compose(person, username, film)
    offered = open_list(composer).locator("[data-listbox-label]").all_inner_texts()
    close_list(composer)
    composer.comment.check()
    composer.wait_until_saved()
    kept = {"caption": "", "allow_comment": "on"}

    # The disclosure first, then every visibility.
    composer.disclose.check()
    composer.wait_until_saved()
    chosen = kept | {"privacy_level": "", "discloses": "on"}
    assert composer.chosen() == chosen
    for brand, branded in ((False, False), (True, False), (True, True), (False, True)):
        set_box(composer, composer.your_brand, is_ticked=brand)
        visible = composer.chosen()["privacy_level"]
        if branded and visible in {VALUES["Only me"], VALUES["Followers"]}:
            composer.choose("Friends")
        set_box(composer, composer.branded_content, is_ticked=branded)
        boxes = {"your_brand": brand, "branded_content": branded}
        chosen = kept | {"discloses": "on"} | {name: "on" for name, is_on in boxes.items() if is_on}
        for label in offered:
            if branded and label in WHY_NOT_BRANDED:
                expect_refused_option(composer, label, WHY_NOT_BRANDED[label])
                continue
            composer.choose(label)
            expect(composer.visibility).to_have_text(label)
            assert composer.chosen() == chosen | {"privacy_level": VALUES[label]}
            expect_said(composer, brand=brand, branded=branded)

    # Every visibility first, then the disclosure.
    set_box(composer, composer.branded_content, is_ticked=False)
    set_box(composer, composer.disclose, is_ticked=False)
    for label in offered:
        composer.choose(label)
        chosen = kept | {"privacy_level": VALUES[label]}
        assert composer.chosen() == chosen
        expect(composer.button).to_be_enabled()
        expect_declaration(composer, MUSIC)
        set_box(composer, composer.disclose, is_ticked=True)
        expect(composer.your_brand).not_to_be_checked()
        expect(composer.branded_content).not_to_be_checked()
        expect_said(composer, brand=False, branded=False)
        if label in WHY_NOT_BRANDED:
            expect(composer.branded_content).to_be_disabled()
            reason = composer.hover_text(composer.branded_content)
            assert reason.startswith(WHY_NOT_BRANDED[label])
            expect(composer.main.get_by_text(reason, exact=True)).to_be_visible()
        else:
            set_box(composer, composer.branded_content, is_ticked=True)
            expect_said(composer, brand=False, branded=True)
            set_box(composer, composer.branded_content, is_ticked=False)
        assert composer.chosen() == chosen | {"discloses": "on"}
        set_box(composer, composer.disclose, is_ticked=False)
        assert composer.chosen() == chosen


def expect_said(composer: Composer, *, brand: bool, branded: bool) -> None:
    """With a visibility chosen and the toggle on: button, its hover text, the label sentence and the declaration."""
    expect(composer.page.get_by_text(PROMOTIONAL)).to_have_count(1 if brand and not branded else 0)
    expect(composer.page.get_by_text(PAID)).to_have_count(1 if branded else 0)
    expect_declaration(composer, *((POLICY, MUSIC) if branded else (MUSIC,)))
    if brand or branded:
        expect(composer.button).to_be_enabled()
        assert composer.hover_text(composer.button) == ""
        return
    expect(composer.button).to_be_disabled()
    assert composer.hover_text(composer.button) == NOTHING_INDICATED
    expect(composer.reasons).to_have_text(NOTHING_INDICATED)


@pytest.mark.rule("3a-i", "3a-ii", "3a-iii", "3a-iv", "3a-v", "3a-vi", "3a-vii", "3a-viii", at="page")
def test_the_disclosure_is_worded_to_the_letter(person: Person, film: Path) -> None:
    composer = compose(person, "poppy.public", film)
    main = composer.main
    sentence = "Indicate whether this content promotes yourself, a brand, product or service"
    expect(main.get_by_text(sentence, exact=True)).to_be_visible()
    expect(composer.disclose).not_to_be_checked()
    expect(composer.your_brand).to_have_count(0)
    composer.disclose.check()
    for text in (
        "You are promoting yourself or your own business. This content will be classified as Brand Organic.",
        "You are promoting another brand or a third party. This content will be classified as Branded Content.",
    ):
        expect(main.get_by_text(text, exact=True)).to_be_visible()
    # No visibility is chosen yet either, and still it is TikTok's sentence that the button shows.
    composer.wait_until_saved()
    assert composer.hover_text(composer.button) == NOTHING_INDICATED
    expect(composer.reasons).to_contain_text(NOTHING_INDICATED)
    preview = composer.page.get_by_role("complementary", name="Preview")
    composer.your_brand.check()
    expect(main.get_by_text(PROMOTIONAL, exact=True)).to_be_visible()
    expect(preview.get_by_text("Promotional content", exact=True)).to_be_visible()
    composer.branded_content.check()
    expect(main.get_by_text(PAID, exact=True)).to_be_visible()
    expect(preview.get_by_text("Paid partnership", exact=True)).to_be_visible()
    expect(main.get_by_text(PROMOTIONAL)).to_have_count(0)
    composer.choose("Everyone")
    composer.button.click()
    expect(composer.page.get_by_role("heading", name="Published")).to_be_visible()
    [post] = person.product.posts()
    assert (post["brand_organic_toggle"], post["brand_content_toggle"]) == (True, True)


@pytest.mark.rule("2b-ii", "3b-i", at="page")
def test_one_visibility_is_not_chosen_for_anybody_and_shuts_branded_content(
    person: Person, film: Path
) -> None:
    person.product.simulator.creator("priya.private", privacy_level_options=["SELF_ONLY"])
    composer = compose(person, "priya.private", film)
    expect(open_list(composer)).to_have_text(["Only me"])
    close_list(composer)
    expect(composer.visibility).to_have_text("Select…")
    composer.disclose.check()
    composer.wait_until_saved()
    expect(composer.branded_content).to_be_disabled()
    reason = "Branded content can be shown to everyone or to friends, and TikTok offers this account neither."
    assert composer.hover_text(composer.branded_content) == reason
    expect(composer.main.get_by_text(reason, exact=True)).to_be_visible()


def test_another_account_rewrites_no_choice(person: Person, film: Path) -> None:
    person.connect("priya.private")
    composer = compose(person, "poppy.public", film)
    composer.pick_account("Poppy Parade")
    composer.choose("Everyone")
    composer.duet.check()
    composer.disclose.check()
    composer.branded_content.check()
    composer.wait_until_saved()
    chosen = composer.chosen()
    composer.pick_account("Priya at Home")
    assert composer.chosen() == chosen
    expect(composer.visibility).to_have_text("Everyone")
    expect(composer.duet).to_be_checked()
    expect(composer.button).to_be_disabled()
    expect(composer.reasons).to_contain_text(
        "“Everyone” is chosen, but TikTok does not offer it to Priya at Home now. "
        "Choose again who can view this post."
    )
    expect(composer.reasons).to_contain_text(
        "Duet is not available while Priya at Home is a private account. Untick Duet."
    )
    composer.pick_account("Poppy Parade")
    assert composer.chosen() == chosen
    expect(composer.button).to_be_enabled()


@pytest.mark.rule("1c", at="page")
def test_a_video_too_long_for_this_creator(person: Person, long_film: Path) -> None:
    composer = compose(person, "miles.sixty", long_film)
    expect(composer.page.get_by_role("group", name="Account")).to_contain_text("Videos up to 1 min")
    composer.choose("Everyone")
    too_long = re.compile(
        r"This video is 1 min 1(\.\d+)? s long, and TikTok takes at most 1 min from Miles in a Minute\. "
        r"Choose a shorter one\."
    )
    expect(composer.page.get_by_role("group", name="Media")).to_contain_text(too_long)
    expect(composer.reasons).to_have_text(too_long)
    expect(composer.button).to_be_disabled()
    assert too_long.fullmatch(composer.hover_text(composer.button))


@pytest.mark.rule("1b", at="page")
@pytest.mark.parametrize(
    ("username", "said"),
    [
        ("lena.limit", "TikTok takes only so many posts a day from outside its app"),
        ("benny.banned", "TikTok has stopped this account from posting."),
    ],
)
def test_a_creator_who_cannot_post_now(person: Person, film: Path, username: str, said: str) -> None:
    composer = compose(person, username, film)
    account = composer.page.get_by_role("group", name="Account")
    expect(account.get_by_role("status")).to_contain_text(said)
    expect(account.get_by_role("status")).to_contain_text("Try again later")
    expect(composer.button).to_be_disabled()
    # No list of our own stands in for TikTok's.
    expect(composer.page.locator("[role=option]")).to_have_count(0)


def test_a_tiktok_that_cannot_be_reached_offers_nothing(person: Person, film: Path) -> None:
    composer = compose(person, "poppy.public", film)
    composer.choose("Friends")
    person.product.simulator.fault("creator_info", "http", status=503)
    composer.page.reload()
    account = composer.page.get_by_role("group", name="Account")
    expect(account.get_by_role("status")).to_contain_text("TikTok could not be reached")
    expect(composer.button).to_be_disabled()
    expect(composer.page.locator("[role=option]")).to_have_count(0)
    account.get_by_role("link", name="Ask TikTok again", exact=True).click()
    expect(composer.visibility).to_have_text("Friends")
    expect(composer.button).to_be_enabled()
