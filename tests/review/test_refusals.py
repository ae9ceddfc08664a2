"""What TikTok has refused others for, refusal by refusal as docs/tiktok-review.md numbers them.

`make mutants` removes the rule behind each and expects the test of that number to fail.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import TikTokAccount, User, Workspace
from accounts.policy import PUBLIC
from composer.models import Post
from composer.rules import Choices, ClientState, rule_on
from publishing.models import Gate
from publishing.pulls import add_files
from publishing.states import State
from review.audit.steps import WALK
from review.guideline import AUDITED, Place, proofs_of
from tests.composer.composing import open_page, save
from tests.composer.people import EVERYONE, FOLLOWERS, FRIENDS, ONLY_ME, PHOTOS, POPPY, PRIYA, VIDEO
from tests.consent import connect
from tests.factories import make_attempt, make_carousel, make_media, make_photo, make_post, make_publication
from tests.house.test_policies import all_patterns
from tests.processes import Simulator
from tests.publishing.driving import due, film, run

pytestmark = pytest.mark.django_db

MUSIC = "By posting, you agree to TikTok's Music Usage Confirmation."
POLICY_AND_MUSIC = "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation."
PROMOTIONAL = "Your photo/video will be labeled as 'Promotional content'"
PAID = "Your photo/video will be labeled as 'Paid partnership'"
NO_PRIVATE = "Branded content visibility cannot be set to private."
FEW_MINUTES = "TikTok may take a few minutes to process the content before it shows on your profile."
# What makes a reviewer take a product for a tool of one's own.
OF_A_TOOL_OF_ONES_OWN = re.compile(
    r"\b(internal|in-house|personal use|private use|our accounts|our team|my accounts|multi-brand|agency|agencies|"
    r"repost\w*|mirror\w*|test app|beta)\b",
    re.IGNORECASE,
)
AS_FILMED = ClientState(is_audited=False, can_pull=True)
FULLY = ClientState(is_audited=True, can_pull=True)


@pytest.fixture
def fresh(workspace: Workspace, poppy: TikTokAccount) -> Post:
    """A draft with a video and nothing else."""
    return Post.objects.create(workspace=workspace, account=poppy, media=make_media(workspace))


def public_pages() -> list[str]:
    """The addresses of all pages that strangers may open and that need nothing in their address."""
    return [
        reverse(name)
        for name, pattern in all_patterns(get_resolver())
        if isinstance(pattern, URLPattern)
        and pattern.callback.policy == PUBLIC
        and not pattern.pattern.converters
        and "<" not in str(pattern.pattern)
        and "(" not in str(pattern.pattern)
    ]


def words_of(html: str) -> str:
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"<[^>]+>", " ", main)


def test_refusal_01_no_public_page_reads_like_a_tool_of_ones_own(client: Client, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    read = {path: client.get(path) for path in public_pages()}
    pages = {path: words_of(answer.text) for path, answer in read.items() if answer.status_code == 200}
    assert {"/", "/compliance/", "/sign/up/"} <= pages.keys()
    found = {path: OF_A_TOOL_OF_ONES_OWN.findall(text) for path, text in pages.items()}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("level", "ids", "leads_to"),
    [
        (EVERYONE, ["7601447475849021452"], "/@poppy.public/video/7601447475849021452"),
        (ONLY_ME, [], "/@poppy.public"),
    ],
)
def test_refusal_02_the_last_page_leads_to_the_post_on_tiktok(
    as_alice: Client,
    alice: User,
    workspace: Workspace,
    settings: Any,
    level: str,
    ids: list[str],
    leads_to: str,
) -> None:
    settings.TIKTOK_AUTH_URL = "https://www.tiktok.com"
    post = make_post(workspace, privacy_level=level)
    make_publication(post, user=alice, state=State.PUBLISHED, post_ids=ids)
    html = as_alice.get(reverse("publishing:post-detail", args=[post.pk])).text
    assert f'href="https://www.tiktok.com{leads_to}"' in html


def test_refusal_03_every_rule_of_points_1_to_5_is_shown_and_proved() -> None:
    assert {each.point for each in AUDITED} == {1, 2, 3, 4, 5}
    shown = {number for step in WALK for number in step.rules}
    assert [each.number for each in AUDITED if each.number not in shown] == []
    assert [each.number for each in AUDITED if not proofs_of(each.number, Place.PAGE)] == []


def test_refusal_04_every_setting_can_be_shown_with_every_other_in_the_guidelines_order_before_the_audit(
    as_alice: Client, fresh: Post
) -> None:
    marks = (
        "Poppy Parade",
        'name="caption"',
        'name="privacy_level"',
        'name="allow_comment"',
        'name="discloses"',
    )
    html = open_page(as_alice, fresh).html
    assert [html.index(each) for each in marks] == sorted(html.index(each) for each in marks)
    # It is filmed while the site has no audit, of a private account.
    for brand, branded in ((False, False), (True, False), (True, True), (False, True)):
        choices = Choices(discloses=True, your_brand=brand, branded_content=branded)
        given = rule_on(PRIYA, VIDEO, choices, AS_FILMED)
        assert [box.is_disabled for box in given.disclosure.boxes] == [False, False]
        open_levels = [each.value for each in given.privacy_options if not each.is_disabled]
        assert open_levels == ([FRIENDS] if branded else [FOLLOWERS, FRIENDS, ONLY_ME])


def test_refusal_05_nickname_and_preview_are_there_and_nothing_is_ticked_or_labelled(
    as_alice: Client, fresh: Post
) -> None:
    page = open_page(as_alice, fresh)
    assert "Poppy Parade" in page.words_of("post-form")
    assert 'aria-label="Preview of' in page.html
    assert [page[f"allow_{name}"].is_ticked for name in ("comment", "duet", "stitch")] == [False] * 3
    assert (page["discloses"].is_ticked, page["privacy_level"].value) == (False, "")
    page = save(as_alice, fresh, page, discloses=True)
    assert "photo/video will be labeled" not in page.words


def test_refusal_06_both_boxes_say_paid_partnership() -> None:
    both = Choices(discloses=True, your_brand=True, branded_content=True)
    assert rule_on(POPPY, VIDEO, both, FULLY).disclosure.prompt == PAID
    assert rule_on(POPPY, VIDEO, Choices(discloses=True), FULLY).disclosure.prompt == ""


def test_refusal_07_branded_before_privacy(as_alice: Client, fresh: Post) -> None:
    page = save(as_alice, fresh, open_page(as_alice, fresh), discloses=True)
    page = save(as_alice, fresh, page, seq=2, branded_content=True)
    only_me = page["privacy_level"].options[-1]
    assert (only_me.attrs["value"], only_me.is_disabled) == (ONLY_ME, True)
    assert NO_PRIVATE in page.hover_words, "on hover"
    assert NO_PRIVATE in page.words_of("visibility-list"), "and to be read"


def test_refusal_08_both_boxes_start_unticked_and_the_declaration_follows_them(
    as_alice: Client, fresh: Post
) -> None:
    page = save(as_alice, fresh, open_page(as_alice, fresh), discloses=True)
    assert [page[name].is_ticked for name in ("your_brand", "branded_content")] == [False, False]
    assert page.words_of("declaration") == MUSIC
    page = save(as_alice, fresh, page, seq=2, your_brand=True)
    assert (PROMOTIONAL in page.words, page.words_of("declaration")) == (True, MUSIC)
    page = save(as_alice, fresh, page, seq=3, your_brand=False, branded_content=True)
    assert (PAID in page.words, page.words_of("declaration")) == (True, POLICY_AND_MUSIC)


@pytest.mark.parametrize("state", [State.STARTING, State.UPLOADING, State.PROCESSING])
def test_refusal_09_the_processing_notice_stands_before_and_after_posting(
    as_alice: Client, alice: User, fresh: Post, state: State
) -> None:
    assert FEW_MINUTES in open_page(as_alice, fresh).words_of("processing-notice")
    make_publication(fresh, user=alice, state=state)
    assert FEW_MINUTES in as_alice.get(reverse("publishing:post-detail", args=[fresh.pk])).text


def test_refusal_10_tiktok_shows_its_consent_page_with_every_permission_each_time(
    as_alice: Client, settings: Any
) -> None:
    settings.TIKTOK_SCOPES = ["user.info.basic", "video.publish"]
    address = as_alice.post(reverse("accounts:connect"))["Location"]
    assert "scope=user.info.basic%2Cvideo.publish&" in address
    assert "disable_auto_auth=1" in address


def test_refusal_11_a_refused_direct_post_never_becomes_a_draft(
    simulator: Simulator, poppy: TikTokAccount, alice: User, tmp_path: Path
) -> None:
    code = "unaudited_client_can_only_post_to_private_accounts"
    simulator.fault("video_init", "error", code=code, status=403)
    publication = run(due(poppy, film(tmp_path), user=alice))
    assert (publication.state, publication.reason) == (State.HELD, code)
    assert simulator.calls("inbox_init") == 0
    assert publication.post.destination == "direct"


def test_refusal_12_every_page_carries_the_name_that_the_operator_gave(client: Client, settings: Any) -> None:
    settings.PRODUCT_NAME = "Curtain Call"
    for path in ("/", "/sign/up/", "/compliance/"):
        html = client.get(path).text
        assert "Curtain Call</title>" in html or "<title>Curtain Call" in html
        assert "Greenroom" not in html


@pytest.mark.parametrize("method", ["head", "get"])
def test_refusal_13_tiktok_fetches_photos_directly_with_type_and_length(
    client: Client, alice: User, workspace: Workspace, settings: Any, method: str
) -> None:
    settings.MEDIA_PULL_BASE_URL = "https://media.example.org/pull/"
    photo = make_photo(workspace, content=b"\xff\xd8" + bytes(2000))
    publication = make_publication(make_carousel(workspace, photos=[photo]), user=alice, state=State.STARTING)
    attempt = make_attempt(
        publication, route="photos", gate=Gate.OPEN, init_finished_at=None, publish_id=None
    )
    [address] = add_files(attempt, [photo])
    assert address.startswith("https://media.example.org/pull/")
    assert "?" not in address
    answer = getattr(client, method)(address.removeprefix("https://media.example.org"))
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Content-Length"]) == ("image/jpeg", str(photo.size_bytes))
    answer.close()


def test_refusal_14_the_composer_has_all_that_others_lacked(
    as_alice: Client, workspace: Workspace, simulator: Simulator
) -> None:
    connect(as_alice, "dana.noduet")
    account = TikTokAccount.objects.get()
    post = Post.objects.create(workspace=workspace, account=account, media=make_media(workspace))
    calls = simulator.calls("creator_info")
    page = open_page(as_alice, post)
    assert simulator.calls("creator_info") == calls + 1, "TikTok's newest answer"
    assert [each.attrs["value"] for each in page["privacy_level"].options] == ["", EVERYONE, FRIENDS, ONLY_ME]
    assert [page[f"allow_{name}"].is_disabled for name in ("comment", "duet", "stitch")] == [
        False,
        True,
        True,
    ]
    assert page["discloses"].attrs["type"] == "checkbox"
    assert page.words_of("declaration") == MUSIC
    assert 'aria-label="Preview of' in page.html
    # Of photos neither duets nor stitches.
    shown = [tick.name for tick in rule_on(POPPY, PHOTOS, Choices(), FULLY).interactions if tick.is_shown]
    assert shown == ["allow_comment"]
