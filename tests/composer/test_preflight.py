"""What was sent to the account in the last days and comes again: said on the page, and nothing is kept back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import TikTokAccount, User, Workspace
from composer.consents import lock_post
from composer.judging import photos_of
from composer.models import Consent, MediaFile, Post
from composer.preflight import find_repeats
from tests.composer.composing import open_page
from tests.factories import make_account, make_carousel, make_consent, make_media, make_photo, make_post

SAME_FILE = "was sent to this account in the last 7 days. TikTok may refuse the same content twice."
SAME_WORDS = "The same words were sent to this account in the last 7 days."


def send(post: Post, user: User, *, days_ago: float = 0) -> Consent:
    """As after a press of the button."""
    now = timezone.now()
    consent = make_consent(post, user, given_at=now - timedelta(days=days_ago))
    lock_post(post, now=now)
    return consent


def repeats_of(post: Post) -> tuple[str, ...]:
    return find_repeats(post, photos=photos_of(post), now=timezone.now())


@pytest.fixture
def film(workspace: Workspace) -> MediaFile:
    return make_media(workspace, original_name="fog.mp4")


@pytest.fixture
def before(workspace: Workspace, account: TikTokAccount, film: MediaFile) -> Post:
    return make_post(workspace, account=account, media=film, caption="Fog  in the\nmorning")


def test_the_same_file_is_named(
    workspace: Workspace, account: TikTokAccount, alice: User, film: MediaFile, before: Post
) -> None:
    send(before, alice)
    again = make_post(workspace, account=account, media=film, caption="Other words")
    assert repeats_of(again) == (f"“fog.mp4” {SAME_FILE}",)


def test_the_same_words_are_noticed_however_they_are_broken(
    workspace: Workspace, account: TikTokAccount, alice: User, before: Post
) -> None:
    send(before, alice)
    again = make_post(workspace, account=account, caption=" fog in the morning ")
    (said,) = repeats_of(again)
    assert said.startswith(SAME_WORDS)


@pytest.mark.parametrize(("days", "count"), [(6.9, 2), (7.1, 0)])
def test_a_week_is_the_measure(
    workspace: Workspace,
    account: TikTokAccount,
    alice: User,
    film: MediaFile,
    before: Post,
    days: float,
    count: int,
) -> None:
    send(before, alice, days_ago=days)
    again = make_post(workspace, account=account, media=film, caption=before.caption)
    assert len(repeats_of(again)) == count


def test_what_was_taken_back_or_never_left_does_not_count(
    workspace: Workspace, account: TikTokAccount, alice: User, film: MediaFile, before: Post
) -> None:
    consent = make_consent(before, alice)
    again = make_post(workspace, account=account, media=film, caption=before.caption)
    assert repeats_of(again) == ()
    lock_post(before, now=timezone.now())
    assert len(repeats_of(again)) == 2
    Consent.objects.filter(pk=consent.pk).update(voided_at=timezone.now())
    assert repeats_of(again) == ()


def test_another_account_is_another_matter(
    workspace: Workspace, alice: User, film: MediaFile, before: Post
) -> None:
    send(before, alice)
    other = make_account(workspace, username="other")
    assert repeats_of(make_post(workspace, account=other, media=film, caption=before.caption)) == ()


def test_a_post_does_not_repeat_itself(before: Post, alice: User) -> None:
    send(before, alice)
    assert repeats_of(before) == ()


def test_no_words_are_no_repeat(workspace: Workspace, account: TikTokAccount, alice: User) -> None:
    send(make_post(workspace, account=account, caption=""), alice)
    assert repeats_of(make_post(workspace, account=account, caption=" ")) == ()


def test_words_that_a_draft_did_not_carry_were_not_sent(
    workspace: Workspace, account: TikTokAccount, alice: User, before: Post
) -> None:
    Post.objects.filter(pk=before.pk).update(destination="inbox")
    before.refresh_from_db()
    send(before, alice)
    assert repeats_of(make_post(workspace, account=account, caption=before.caption)) == ()


@pytest.mark.parametrize(
    ("shared", "says"),
    [(0, None), (1, "“sea.jpg” was sent"), (2, "2 of these photos were sent"), (3, "These photos were sent")],
)
def test_photos_are_compared_one_by_one(
    workspace: Workspace, account: TikTokAccount, alice: User, shared: int, says: str | None
) -> None:
    old = [make_photo(workspace, original_name=f"{name}.jpg") for name in ("sea", "dune", "fog")]
    send(make_carousel(workspace, account=account, photos=old, caption="Then"), alice)
    new = [make_photo(workspace) for _ in range(3 - shared)]
    again = make_carousel(workspace, account=account, photos=[*old[:shared], *new], caption="Now")
    said = repeats_of(again)
    assert len(said) == (1 if says else 0)
    if says:
        assert said[0].startswith(says)


def test_the_page_warns_and_posts_all_the_same(
    as_alice: Client, alice: User, workspace: Workspace, ready: Post
) -> None:
    send(make_post(workspace, account=ready.account, media=ready.media, caption=ready.caption), alice)
    page = open_page(as_alice, ready)
    assert SAME_FILE in page.words_of("repeats")
    assert SAME_WORDS in page.words_of("repeats")
    assert not page.post_button.is_disabled


def test_a_short_video_is_warned_of(as_alice: Client, ready: Post) -> None:
    warning = {
        "code": "short",
        "text": "This video lasts 2.0 seconds.",
        "advice": "You can post it as it is.",
    }
    MediaFile.objects.filter(pk=ready.media_id).update(warnings=[warning], duration_ms=2000)
    page = open_page(as_alice, ready)
    assert "This video lasts 2.0 seconds. You can post it as it is." in page.words_of("video-line")
    assert not page.post_button.is_disabled
