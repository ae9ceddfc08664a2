"""Starting, saving and deleting drafts: the newest page wins, and nobody else's draft is touched."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import TikTokAccount, User, Workspace
from composer.consents import lock_post
from composer.drafts import DraftContent, PageState, SaveOutcome, make_draft, save_draft
from composer.models import Consent, MediaState, Post
from composer.rules import Choices
from tests.factories import make_account, make_consent, make_media, make_post

pytestmark = pytest.mark.on_postgres

PAGE_A, PAGE_B = "a" * 32, "b" * 32


def content(caption: str = "", **choices: object) -> DraftContent:
    return DraftContent(Choices(caption=caption, **choices), account_id=None, media_id=None)  # type: ignore[arg-type]


def save(
    post: Post, caption: str, *, editor: str = PAGE_A, seq: int = 1, version: int = 1, **choices: object
) -> SaveOutcome:
    page = PageState(editor=editor, seq=seq, version=version)
    return save_draft(post, content(caption, **choices), page=page, now=timezone.now()).outcome


def sent(
    post: Post, *, editor: str = PAGE_A, seq: int = 1, version: int = 1, **fields: str
) -> dict[str, str]:
    """A form as an open page sends it."""
    return {"editor": editor, "seq": str(seq), "version": str(version), "caption": "", **fields}


@pytest.fixture
def draft(workspace: Workspace, alice: User) -> Post:
    return make_draft(workspace, author=alice)


def stored(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


class TestANewDraft:
    @pytest.mark.rule("5b", "2b-ii", "2c-ii", "3a-i", at="server")
    def test_is_empty_in_every_choice(self, draft: Post) -> None:
        assert (draft.caption, draft.privacy_level) == ("", "")
        assert not any(
            (
                draft.allow_comment,
                draft.allow_duet,
                draft.allow_stitch,
                draft.discloses,
                draft.your_brand,
                draft.branded_content,
            )
        )
        assert draft.media_id is None

    def test_has_the_only_account_there_is(
        self, as_alice: Client, workspace: Workspace, account: TikTokAccount
    ) -> None:
        response = as_alice.post(reverse("composer:post-new"))
        post = Post.objects.get()
        assert response["Location"] == reverse("composer:post-edit", args=[post.pk])
        assert post.account == account
        assert post.author is not None
        assert post.author.email == "alice@example.com"

    def test_is_the_same_when_the_button_is_pressed_twice(
        self, as_alice: Client, account: TikTokAccount
    ) -> None:
        first, second = (as_alice.post(reverse("composer:post-new"))["Location"] for _ in range(2))
        assert first == second
        assert Post.objects.count() == 1

    def test_is_another_once_something_was_written(
        self, as_alice: Client, workspace: Workspace, alice: User, account: TikTokAccount
    ) -> None:
        first = make_draft(workspace, author=alice)
        Post.objects.filter(pk=first.pk).update(caption="Fog", version=2)
        assert make_draft(workspace, author=alice).pk != first.pk

    def test_of_a_colleague_is_left_alone(
        self, workspace: Workspace, alice: User, bob: User, account: TikTokAccount
    ) -> None:
        first = make_draft(workspace, author=alice)
        assert make_draft(workspace, author=bob).pk != first.pk

    def test_has_no_account_when_there_are_two(
        self, workspace: Workspace, alice: User, account: TikTokAccount
    ) -> None:
        make_account(workspace, username="priya.private")
        assert make_draft(workspace, author=alice).account is None

    def test_leaves_out_a_disconnected_account(self, workspace: Workspace, alice: User) -> None:
        make_account(workspace, state="disconnected")
        assert make_draft(workspace, author=alice).account is None

    def test_is_not_made_by_opening_the_address(self, as_alice: Client) -> None:
        assert as_alice.get(reverse("composer:post-new")).status_code == 405
        assert not Post.objects.exists()


class TestWhichSaveCounts:
    def test_the_first_save_of_a_page_is_applied(self, draft: Post) -> None:
        assert save(draft, "Hello") is SaveOutcome.SAVED
        assert (stored(draft).caption, stored(draft).version) == ("Hello", 2)

    def test_a_page_goes_on_saving_without_knowing_the_version(self, draft: Post) -> None:
        save(draft, "One", seq=1)
        # The answer to the first save never arrived: the page still names version 1.
        assert save(draft, "One two", seq=2, version=1) is SaveOutcome.SAVED
        assert stored(draft).caption == "One two"

    def test_a_save_that_was_overtaken_is_ignored(self, draft: Post) -> None:
        save(draft, "One two", seq=2)
        assert save(draft, "One", seq=1) is SaveOutcome.LATE
        assert stored(draft).caption == "One two"

    def test_the_same_save_twice_changes_nothing_more(self, draft: Post) -> None:
        save(draft, "One", seq=1)
        assert save(draft, "One", seq=1) is SaveOutcome.UNCHANGED
        assert stored(draft).version == 2

    def test_another_page_made_from_what_is_stored_takes_over(self, draft: Post) -> None:
        save(draft, "One")
        assert save(draft, "Two", editor=PAGE_B, version=2) is SaveOutcome.SAVED
        assert stored(draft).caption == "Two"

    def test_another_page_made_from_an_older_version_is_refused(self, draft: Post) -> None:
        save(draft, "One")
        assert save(draft, "Two", editor=PAGE_B, version=1) is SaveOutcome.CONFLICT
        assert stored(draft).caption == "One"
        assert stored(draft).editor == PAGE_A

    def test_the_page_that_was_overtaken_by_another_is_refused_too(self, draft: Post) -> None:
        save(draft, "One")
        save(draft, "Two", editor=PAGE_B, version=2)
        assert save(draft, "One more", seq=2, version=2) is SaveOutcome.CONFLICT
        assert stored(draft).caption == "Two"

    def test_a_page_that_only_looked_does_not_take_over(self, draft: Post) -> None:
        save(draft, "One")
        assert save(draft, "One", editor=PAGE_B, version=2) is SaveOutcome.UNCHANGED
        # Page A had left and never read the answer that named version 2.
        assert save(draft, "One more", seq=2, version=1) is SaveOutcome.SAVED

    def test_a_locked_post_is_not_touched(self, draft: Post) -> None:
        assert lock_post(draft, now=timezone.now())
        assert save(draft, "Too late") is SaveOutcome.LOCKED
        assert stored(draft).caption == ""


class TestConsent:
    def test_a_change_voids_it(self, workspace: Workspace, alice: User) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice)
        now = timezone.now()
        page = PageState(PAGE_A, 1, 1)
        save_draft(post, content("Something else"), page=page, now=now)
        consent.refresh_from_db()
        assert consent.voided_at == now

    def test_saving_the_same_again_does_not(self, workspace: Workspace, alice: User) -> None:
        post = make_post(workspace)
        consent = make_consent(post, alice)
        same = DraftContent(
            Choices(caption=post.caption, privacy_level=post.privacy_level, allow_comment=True),
            account_id=post.account_id,
            media_id=post.media_id,
        )
        saved = save_draft(post, same, page=PageState(PAGE_A, 1, 1), now=timezone.now())
        assert saved.outcome is SaveOutcome.UNCHANGED
        assert not Consent.objects.filter(pk=consent.pk, voided_at__isnull=False).exists()


class TestWhatAPageSends:
    def test_keeps_a_draft_that_could_never_be_posted(self, as_alice: Client, draft: Post) -> None:
        caption = "x" * 2300
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]),
            sent(draft, caption=caption, privacy_level="TO_THE_MOON", your_brand="on"),
        )
        assert response.status_code == 204
        post = stored(draft)
        assert (post.caption, post.privacy_level, post.your_brand) == (caption, "TO_THE_MOON", True)

    def test_counts_a_line_end_once(self, as_alice: Client, draft: Post) -> None:
        as_alice.post(reverse("composer:post-save", args=[draft.pk]), sent(draft, caption="a\r\nb\r\n"))
        assert stored(draft).caption == "a\nb\n"

    def test_keeps_spaces_at_both_ends(self, as_alice: Client, draft: Post) -> None:
        as_alice.post(reverse("composer:post-save", args=[draft.pk]), sent(draft, caption="  fog \n"))
        assert stored(draft).caption == "  fog \n"

    @pytest.mark.parametrize(
        "broken",
        [{"editor": "no"}, {"editor": ""}, {"seq": "-1"}, {"seq": "x"}, {"version": "0"}, {"version": ""}],
    )
    def test_a_form_that_is_none_of_ours_changes_nothing(
        self, as_alice: Client, draft: Post, broken: dict[str, str]
    ) -> None:
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]), sent(draft, caption="Hi") | broken
        )
        assert response.status_code == 422
        assert "Not saved: the form was incomplete. Reload the page and try again." in response.text
        assert (stored(draft).caption, stored(draft).version) == ("", 1)

    @pytest.mark.parametrize("caption", ["x" * 20_001, "a\x00b"])
    def test_a_caption_no_draft_keeps_is_refused_by_name(
        self, as_alice: Client, draft: Post, caption: str
    ) -> None:
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]),
            sent(draft, caption=caption),
            headers={"hx-request": "true"},
        )
        assert response.status_code == 422
        assert response["HX-Retarget"] == "#save-notice"
        assert "the caption is longer than the 20,000 characters" in response.text
        assert stored(draft).caption == ""

    def test_says_so_when_another_window_was_faster(self, as_alice: Client, draft: Post) -> None:
        save(draft, "Theirs")
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]),
            sent(draft, editor=PAGE_B, caption="Mine"),
            headers={"hx-request": "true"},
        )
        assert response.status_code == 409
        assert response["HX-Retarget"] == "#save-notice"
        assert "This draft was changed in another window." in response.text
        assert reverse("composer:post-edit", args=[draft.pk]) in response.text
        assert stored(draft).caption == "Theirs"

    def test_leads_to_the_post_once_it_is_on_its_way(self, as_alice: Client, draft: Post) -> None:
        lock_post(draft, now=timezone.now())
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]),
            sent(draft, caption="Hi"),
            headers={"hx-request": "true"},
        )
        assert response["HX-Redirect"] == reverse("publishing:post-detail", args=[draft.pk])
        assert stored(draft).caption == ""

    def test_a_late_save_swaps_nothing(self, as_alice: Client, draft: Post) -> None:
        save(draft, "Newer", seq=5)
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]),
            sent(draft, caption="Older", seq=4),
            headers={"hx-request": "true"},
        )
        assert (response.status_code, response.content) == (204, b"")
        assert stored(draft).caption == "Newer"


class TestOtherPeople:
    @pytest.mark.parametrize("name", ["post-save", "post-check", "post-delete"])
    def test_bob_cannot_change_alices_draft(self, as_bob: Client, draft: Post, name: str) -> None:
        before = Post.objects.filter(pk=draft.pk).values().get()
        response = as_bob.post(
            reverse(f"composer:{name}", args=[draft.pk]), sent(draft, caption="Bob was here")
        )
        assert response.status_code == 404
        assert Post.objects.filter(pk=draft.pk).values().get() == before

    def test_bob_cannot_see_alices_draft(self, as_bob: Client, draft: Post) -> None:
        assert as_bob.get(reverse("composer:post-edit", args=[draft.pk])).status_code == 404

    def test_a_strangers_account_cannot_be_named(
        self, as_alice: Client, draft: Post, bobs_workspace: Workspace
    ) -> None:
        bobs = make_account(bobs_workspace)
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]), sent(draft, account=str(bobs.pk), caption="Hi")
        )
        assert response.status_code == 404
        assert (stored(draft).account, stored(draft).caption) == (None, "")

    def test_a_strangers_file_cannot_be_named(
        self, as_alice: Client, draft: Post, bobs_workspace: Workspace
    ) -> None:
        bobs = make_media(bobs_workspace)
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]), sent(draft, media=str(bobs.pk), caption="Hi")
        )
        assert response.status_code == 404
        assert (stored(draft).media, stored(draft).caption) == (None, "")

    def test_a_refused_file_cannot_be_named(
        self, as_alice: Client, draft: Post, workspace: Workspace
    ) -> None:
        refused = make_media(workspace, state=MediaState.REFUSED)
        response = as_alice.post(
            reverse("composer:post-save", args=[draft.pk]), sent(draft, media=str(refused.pk))
        )
        assert response.status_code == 404
        assert stored(draft).media is None

    def test_nobody_gets_in_without_signing_in(self, client: Client, draft: Post) -> None:
        address = reverse("composer:post-edit", args=[draft.pk])
        assert client.get(address)["Location"] == f"{reverse('account_login')}?next={address}"
        client.post(reverse("composer:post-save", args=[draft.pk]), sent(draft, caption="Hi"))
        assert stored(draft).caption == ""

    def test_a_form_from_another_site_is_refused(self, alice: User, draft: Post) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        for name in ("post-save", "post-check", "post-delete"):
            response = strict.post(
                reverse(f"composer:{name}", args=[draft.pk]), sent(draft, caption="Forged")
            )
            assert response.status_code == 403, name
        assert stored(draft).caption == ""


class TestDeleting:
    def test_removes_the_draft_and_keeps_its_video(self, as_alice: Client, workspace: Workspace) -> None:
        post = make_post(workspace)
        response = as_alice.post(reverse("composer:post-delete", args=[post.pk]))
        assert response["Location"] == reverse("publishing:post-list")
        assert not Post.objects.exists()
        assert post.media is not None
        post.media.refresh_from_db()

    def test_keeps_a_post_that_was_agreed_to(
        self, as_alice: Client, workspace: Workspace, alice: User
    ) -> None:
        post = make_post(workspace)
        make_consent(post, alice, voided_at=timezone.now())
        response = as_alice.post(reverse("composer:post-delete", args=[post.pk]))
        assert response["Location"] == reverse("composer:post-edit", args=[post.pk])
        assert Post.objects.filter(pk=post.pk).exists()

    def test_keeps_a_post_on_its_way(self, as_alice: Client, draft: Post) -> None:
        lock_post(draft, now=timezone.now())
        as_alice.post(reverse("composer:post-delete", args=[draft.pk]))
        assert Post.objects.filter(pk=draft.pk).exists()
