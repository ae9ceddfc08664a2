"""*Copy to…*: the same files and words for another account; what TikTok has a creator choose is chosen anew."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountState, TikTokAccount, User, Workspace
from composer.copying import AccountGoneError, copy_post
from composer.models import Consent, MediaFile, MediaState, Post
from publishing.models import Publication
from publishing.states import State
from tests.factories import make_account, make_carousel, make_post, make_publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(workspace: Workspace) -> TikTokAccount:
    return make_account(workspace, username="otto", nickname="Otto")


@pytest.fixture
def post(workspace: Workspace, account: TikTokAccount) -> Post:
    """With everything chosen that a post can have, and a time."""
    return make_post(
        workspace,
        account=account,
        caption="Fog #walk",
        allow_duet=True,
        allow_stitch=True,
        discloses=True,
        your_brand=True,
        branded_content=True,
        auto_add_music=True,
        is_aigc=True,
        destination="inbox",
        cover_timestamp_ms=1500,
        is_planned=True,
        plan_date="2026-12-04",
        plan_time="18:00",
        plan_zone="UTC",
    )


def press(client: Client, post: Post, account: TikTokAccount) -> Post:
    response = client.post(reverse("composer:post-copy", args=[post.pk]), {"account": account.pk})
    copy = Post.objects.exclude(pk=post.pk).get()
    assert response["Location"] == reverse("composer:post-edit", args=[copy.pk])
    return copy


def test_carries_files_and_words_and_no_choice(
    as_alice: Client, alice: User, post: Post, other: TikTokAccount
) -> None:
    copy = press(as_alice, post, other)
    assert (copy.account, copy.author, copy.copied_from, copy.workspace) == (
        other,
        alice,
        post,
        post.workspace,
    )
    assert (copy.media, copy.caption, copy.cover_timestamp_ms, copy.is_aigc) == (
        post.media,
        "Fog #walk",
        1500,
        True,
    )
    chosen = {
        name: getattr(copy, name)
        for name in (
            "privacy_level", "allow_comment", "allow_duet", "allow_stitch", "discloses", "your_brand",
            "branded_content", "auto_add_music", "destination", "is_planned", "plan_date", "creator_info",
        )
    }  # fmt: skip
    assert chosen == dict.fromkeys(chosen, False) | {
        "privacy_level": "",
        "destination": "direct",
        "plan_date": None,
        "creator_info": None,
    }
    assert not Consent.objects.filter(post=copy).exists()


def test_of_a_post_that_went_out_is_a_draft_and_leaves_it_alone(
    as_alice: Client, alice: User, post: Post, other: TikTokAccount
) -> None:
    publication = make_publication(post, user=alice, state=State.PUBLISHED)
    copy = press(as_alice, post, other)
    assert copy.is_editable
    assert Publication.objects.get() == publication
    assert Consent.objects.get().voided_at is None


def test_may_be_for_the_same_account(as_alice: Client, post: Post, account: TikTokAccount) -> None:
    assert press(as_alice, post, account).account == account


def test_carries_photos_in_their_order_with_title_and_cover(
    as_alice: Client, workspace: Workspace, account: TikTokAccount, other: TikTokAccount
) -> None:
    carousel = make_carousel(workspace, account=account, title="Three")
    files = [photo.media for photo in carousel.post_photos.all()]
    Post.objects.filter(pk=carousel.pk).update(cover_photo=files[2])
    copy = press(as_alice, carousel, other)
    assert [photo.media for photo in copy.post_photos.all()] == files
    assert (copy.title, copy.kind, copy.cover_photo) == ("Three", "photo", files[2])


def test_leaves_deleted_files_behind(
    as_alice: Client, workspace: Workspace, account: TikTokAccount, other: TikTokAccount, post: Post
) -> None:
    MediaFile.objects.filter(pk=post.media_id).update(state=MediaState.DELETED)
    assert press(as_alice, post, other).media is None


def test_pressed_twice_makes_one(as_alice: Client, post: Post, other: TikTokAccount) -> None:
    assert press(as_alice, post, other) == press(as_alice, post, other)


def test_a_copy_that_was_changed_is_not_given_out_again(
    alice: User, post: Post, other: TikTokAccount
) -> None:
    first = copy_post(post, account=other, author=alice)
    Post.objects.filter(pk=first.pk).update(caption="Mine now", version=2)
    assert copy_post(post, account=other, author=alice) != first


def test_asks_for_which_account_and_offers_the_others_first(
    as_alice: Client, post: Post, account: TikTokAccount, other: TikTokAccount
) -> None:
    gone = make_account(post.workspace, nickname="Gone", state=AccountState.DISCONNECTED)
    response = as_alice.get(reverse("composer:post-copy", args=[post.pk]))
    assert response.context["accounts"] == [other, account]
    assert gone.nickname not in response.text
    assert "checked" not in response.text.split("<fieldset")[1].split("</fieldset>")[0]


def test_needs_an_account(as_alice: Client, post: Post) -> None:
    response = as_alice.post(reverse("composer:post-copy", args=[post.pk]), follow=True)
    assert "Choose the account that the copy is for." in response.text
    assert Post.objects.get() == post


def test_for_a_disconnected_account_is_refused(alice: User, post: Post, other: TikTokAccount) -> None:
    TikTokAccount.objects.filter(pk=other.pk).update(state=AccountState.DISCONNECTED)
    with pytest.raises(AccountGoneError):
        copy_post(post, account=other, author=alice)


@pytest.mark.parametrize("method", ["get", "post"])
def test_bob_copies_nothing_of_alice(
    as_bob: Client, bobs_workspace: Workspace, post: Post, method: str
) -> None:
    his = make_account(bobs_workspace)
    url = reverse("composer:post-copy", args=[post.pk])
    assert getattr(as_bob, method)(url, {"account": his.pk}).status_code == 404
    assert Post.objects.get() == post


def test_nobody_copies_to_a_foreign_account(as_alice: Client, bobs_workspace: Workspace, post: Post) -> None:
    his = make_account(bobs_workspace)
    url = reverse("composer:post-copy", args=[post.pk])
    assert as_alice.post(url, {"account": his.pk}).status_code == 404
    assert Post.objects.get() == post
