"""Every step of audit mode, pressed in order: the composer then shows what the panel says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import TikTokAccount, User
from accounts.people import workspace_of
from composer.models import Consent, MediaFile, MediaKind, Post
from review.audit.steps import WALK, Step
from review.guideline import AUDITED
from tests.composer.browser_form import ComposerPage
from tests.consent import connect
from tests.factories import make_account, make_media, make_person
from tests.processes import Simulator

pytestmark = pytest.mark.django_db

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NO_PRIVATE = "Branded content visibility cannot be set to private."


@pytest.fixture
def operator(settings: Any) -> User:
    """An operator with a library of what the steps post, so that no sample has to be drawn."""
    settings.MEDIA_PULL_BASE_URL = "https://greenroom.example.com/pull/"
    user = make_person("operator@example.com", is_staff=True)
    workspace = workspace_of(user)
    make_media(workspace, original_name="short.mp4", duration_ms=9000)
    make_media(workspace, original_name="long.mp4", duration_ms=61_000)
    make_media(workspace, original_name="fog.jpg", kind=MediaKind.PHOTO, duration_ms=None)
    return user


@pytest.fixture
def browser_of(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


def press(client: Client, slug: str) -> tuple[ComposerPage, str]:
    """Press a step and follow to where it leads: the page, and the part that is scrolled to."""
    answer = client.post(reverse("review:audit-step", args=[slug]))
    assert answer.status_code == 302
    address, _, anchor = answer["Location"].partition("#")
    response = client.get(address)
    assert response.status_code == 200
    return ComposerPage(response.text), anchor


def options(page: ComposerPage) -> dict[str, bool]:
    """The visibilities in the list, and whether each can be chosen."""
    return {each.attrs["value"]: not each.is_disabled for each in page["privacy_level"].options[1:]}


def is_ticked(page: ComposerPage, *names: str) -> list[bool]:
    return [page[name].is_ticked for name in names]


INTERACTIONS = ("allow_comment", "allow_duet", "allow_stitch")
BOXES = ("discloses", "your_brand", "branded_content")


def creator_shown(page: ComposerPage) -> None:
    top = page.html.partition('id="part-destination"')[0].partition('id="part-account"')[2]
    words = " ".join(re.sub(r"<[^>]+>", " ", top).split())
    assert "Poppy Parade @poppy.public" in words
    assert "Videos up to 10 min" in words


def creator_at_cap(page: ComposerPage) -> None:
    assert "Try again later" in page.words_of("account-block")
    assert page.post_button.is_disabled


def video_too_long(page: ComposerPage) -> None:
    assert "This video is 1 min 1 s long, and TikTok takes at most 1 min" in page.words_of("finish-reasons")
    assert page.post_button.is_disabled


def nothing_chosen(page: ComposerPage) -> None:
    assert page["privacy_level"].value == ""
    assert is_ticked(page, *INTERACTIONS, "discloses") == [False] * 4
    assert page["caption"].value == ""
    assert page.post_button.is_disabled


def privacy_of_a_private_account(page: ComposerPage) -> None:
    assert options(page) == {"FOLLOWER_OF_CREATOR": True, "MUTUAL_FOLLOW_FRIENDS": True, "SELF_ONLY": True}
    assert page["privacy_level"].value == ""


def privacy_only_me_left(page: ComposerPage) -> None:
    assert options(page) == {"SELF_ONLY": True}
    assert page["privacy_level"].value == ""


def duet_off(page: ComposerPage) -> None:
    assert [page[name].is_disabled for name in INTERACTIONS] == [False, True, True]
    assert "allows nobody to use Duet" in page.words_of("post-form")


def comments_off(page: ComposerPage) -> None:
    assert [page[name].is_disabled for name in INTERACTIONS] == [True, False, False]


def photos_comment_only(page: ComposerPage) -> None:
    assert [
        control.attrs["name"] for control in page.controls if control.attrs.get("id") in INTERACTIONS
    ] == ["allow_comment"]


def music_declaration(page: ComposerPage) -> None:
    assert page.words_of("declaration") == MUSIC


def disclosure_off(page: ComposerPage) -> None:
    assert is_ticked(page, "discloses") == [False]
    assert "photo/video will be labeled as" not in page.html


def disclosure_says_nothing(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, False, False]
    assert NOTHING_INDICATED in page.words_of("finish-reasons")
    assert page.post_button.is_disabled


def your_brand(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, True, False]
    assert PROMOTIONAL in page.words_of("disclosure")


def branded_content(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, False, True]
    assert PAID in page.words_of("disclosure")


def both_boxes(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, True, True]
    assert page.words_of("disclosure").count("labeled as") == 1
    assert PAID in page.words_of("disclosure")


def branded_before_visibility(page: ComposerPage) -> None:
    assert page["privacy_level"].value == ""
    assert options(page) == {"PUBLIC_TO_EVERYONE": True, "MUTUAL_FOLLOW_FRIENDS": True, "SELF_ONLY": False}
    assert f'title="{NO_PRIVATE}"' in page.html


def branded_not_for_followers(page: ComposerPage) -> None:
    assert options(page) == {"FOLLOWER_OF_CREATOR": False, "MUTUAL_FOLLOW_FRIENDS": True, "SELF_ONLY": False}


def only_me_before_branded(page: ComposerPage) -> None:
    assert page["privacy_level"].value == "SELF_ONLY"
    assert page["branded_content"].is_disabled
    assert NO_PRIVATE in page.words_of("disclosure")


def declaration_your_brand(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, True, False]
    assert page.words_of("declaration") == MUSIC


def declaration_branded_content(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, False, True]
    assert page.words_of("declaration") == POLICY_AND_MUSIC


def declaration_both(page: ComposerPage) -> None:
    assert is_ticked(page, *BOXES) == [True, True, True]
    assert page.words_of("declaration") == POLICY_AND_MUSIC


def preview(page: ComposerPage) -> None:
    assert 'aria-label="Preview of short.mp4"' in page.html
    assert page["caption"].value == ""


def express_consent(page: ComposerPage) -> None:
    assert page.words_of("finish-reasons") == "Choose who can view this post."
    assert "may take a few minutes" in page.words_of("processing-notice")


status = express_consent

SHOWN: dict[str, Callable[[ComposerPage], None]] = {
    step.slug: globals()[step.slug.replace("-", "_")] for step in WALK
}


@pytest.fixture
def walked(browser_of: Client, simulator: Simulator) -> Iterator[Callable[[Step], ComposerPage]]:
    """Shows a step on the page that it leads to. Nothing was announced to TikTok by any of it."""

    def show(step: Step) -> ComposerPage:
        page, anchor = press(browser_of, step.slug)
        assert anchor == step.anchor
        assert f'id="{anchor}"' in page.html
        return page

    yield show
    assert simulator.ledger()["inits"] == []
    assert not Consent.objects.exists()


def test_the_page_shows_what_each_step_says(
    walked: Callable[[Step], ComposerPage], operator: User, subtests: pytest.Subtests
) -> None:
    """All on one draft: a step leaves nothing behind that the next one would show."""
    for step in WALK:
        with subtests.test(step.slug):
            page = walked(step)
            SHOWN[step.slug](page)
            panel = page.words_of("audit-panel")
            assert step.title in panel
            assert step.see in panel
            assert all(number in panel for number in step.rules)
    assert Post.objects.count() == 1
    assert set(TikTokAccount.objects.values_list("workspace", flat=True)) == {workspace_of(operator).pk}


def test_every_rule_of_the_audit_is_shown_in_the_guidelines_order() -> None:
    assert {number for step in WALK for number in step.rules} == {each.number for each in AUDITED}
    assert [step.point for step in WALK] == sorted(step.point for step in WALK)
    assert len({step.slug for step in WALK}) == len(WALK)


def test_what_the_person_wrote_stays(browser_of: Client, simulator: Simulator) -> None:
    press(browser_of, "preview")
    Post.objects.update(caption="My own words")
    page, _ = press(browser_of, "both-boxes")
    assert page["caption"].value == "My own words"


def test_a_draft_that_is_on_its_way_is_left_alone(browser_of: Client, simulator: Simulator) -> None:
    press(browser_of, "preview")
    sent = Post.objects.get()
    Post.objects.update(locked_at=sent.created_at)
    press(browser_of, "both-boxes")
    assert Post.objects.count() == 2
    sent.refresh_from_db()
    assert not sent.discloses


def test_a_creator_of_another_workspace_is_not_taken_away(
    browser_of: Client, as_alice: Client, simulator: Simulator
) -> None:
    connect(as_alice, "dana.noduet")
    before = TikTokAccount.objects.get()
    answer = browser_of.post(reverse("review:audit-step", args=["duet-off"]))
    assert answer["Location"].startswith("/accounts/moves/")
    assert TikTokAccount.objects.get().workspace_id == before.workspace_id


def test_a_simulated_tiktok_that_does_not_answer_is_said(browser_of: Client, settings: Any) -> None:
    settings.TIKTOK_IS_SIMULATED = True
    settings.TIKTOK_AUTH_URL = "http://localhost:9"
    page, _ = press(browser_of, "creator-shown")
    assert "The simulated TikTok does not answer." in page.words_of("audit-panel")


class TestWithRealAccounts:
    @pytest.fixture(autouse=True)
    def real(self, settings: Any) -> None:
        settings.TIKTOK_IS_SIMULATED = False
        # Whoever asks gets no answer; what was said before is what counts.
        settings.TIKTOK_API_URL = "http://localhost:9"

    def test_what_only_tiktok_can_bring_about_is_said(self, browser_of: Client) -> None:
        page, _ = press(browser_of, "creator-at-cap")
        assert "TikTok alone decides when an account has posted enough" in page.words_of("audit-panel")
        assert Post.objects.get().account is None

    @pytest.mark.parametrize(
        ("slug", "said", "helps"),
        [
            ("duet-off", {"duet_disabled": True, "stitch_disabled": True}, "switch Duet and Stitch off"),
            ("comments-off", {"comment_disabled": True}, "switch comments off"),
            (
                "privacy-of-a-private-account",
                {"privacy_level_options": ["FOLLOWER_OF_CREATOR", "SELF_ONLY"]},
                "make the account private",
            ),
            ("privacy-only-me-left", {"privacy_level_options": ["SELF_ONLY"]}, "TikTok alone decides"),
        ],
    )
    def test_a_part_is_played_by_whom_tiktok_says_it_of(
        self, browser_of: Client, operator: User, slug: str, said: dict[str, Any], helps: str
    ) -> None:
        workspace = workspace_of(operator)
        plain = make_account(workspace, client_key=django_settings.TIKTOK_CLIENT_KEY, creator_info={})
        page, _ = press(browser_of, slug)
        assert helps in page.words_of("audit-panel")
        post = Post.objects.get()
        assert (post.version, post.account_id) == (1, plain.pk), "as an empty draft begins"
        fitting = make_account(
            workspace, client_key=django_settings.TIKTOK_CLIENT_KEY, open_id="another", creator_info=said
        )
        press(browser_of, slug)
        assert Post.objects.get().account == fitting

    def test_without_a_file_the_library_is_named(self, browser_of: Client, operator: User) -> None:
        MediaFile.objects.all().delete()
        make_account(
            workspace_of(operator),
            client_key=django_settings.TIKTOK_CLIENT_KEY,
            creator_info={"nickname": "Poppy"},
        )
        page, _ = press(browser_of, "preview")
        assert "This step needs a video. Put one into the library first." in page.words_of("audit-panel")


class TestWhoMay:
    @pytest.mark.parametrize(
        ("method", "name", "args"),
        [("get", "audit-home", []), ("post", "audit-step", ["preview"]), ("post", "audit-end", [])],
    )
    def test_for_others_it_does_not_exist(
        self, as_alice: Client, method: str, name: str, args: list[str]
    ) -> None:
        assert getattr(as_alice, method)(reverse(f"review:{name}", args=args)).status_code == 404
        assert Post.objects.count() == 0

    def test_the_menu_offers_it_to_operators_alone(self, as_alice: Client, browser_of: Client) -> None:
        assert reverse("review:audit-home") not in as_alice.get(reverse("accounts:settings")).text
        assert reverse("review:audit-home") in browser_of.get(reverse("accounts:settings")).text

    def test_a_step_that_does_not_exist_is_not_found(self, browser_of: Client) -> None:
        assert browser_of.post(reverse("review:audit-step", args=["no-such-step"])).status_code == 404

    def test_steps_are_pressed_not_opened(self, browser_of: Client) -> None:
        assert browser_of.get(reverse("review:audit-step", args=["preview"])).status_code == 405


def test_the_overview_lists_every_step(browser_of: Client) -> None:
    text = browser_of.get(reverse("review:audit-home")).text
    assert all(reverse("review:audit-step", args=[step.slug]) in text for step in WALK)


def test_ending_it_takes_the_panel_away_and_keeps_the_draft(browser_of: Client, simulator: Simulator) -> None:
    press(browser_of, "both-boxes")
    post = Post.objects.get()
    page = browser_of.post(reverse("review:audit-end"), follow=True).text
    assert "audit-panel" not in page
    post.refresh_from_db()
    assert post.your_brand
    assert post.branded_content


def test_other_drafts_have_no_panel(browser_of: Client, operator: User, simulator: Simulator) -> None:
    press(browser_of, "preview")
    other = Post.objects.create(workspace=workspace_of(operator), author=operator)
    assert "audit-panel" not in browser_of.get(reverse("composer:post-edit", args=[other.pk])).text


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("branded-content", "a branded post cannot be sent"),
        ("express-consent", "the account must be private"),
    ],
)
def test_before_the_audit_the_panel_says_what_cannot_be_sent(
    browser_of: Client, simulator: Simulator, settings: Any, slug: str, words: str
) -> None:
    assert words not in press(browser_of, slug)[0].words_of("audit-panel")
    settings.TIKTOK_CLIENT_AUDITED = False
    page, _ = press(browser_of, slug)
    assert words in page.words_of("audit-panel")
    assert "Priya at Home" in page.words_of("post-form"), "whose account is private, so that it may post"
    assert "account-block" not in page.ids
