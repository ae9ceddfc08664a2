"""Hashtag groups: saved from a caption, added to one, deleted; nobody else's, and nothing typed is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import TikTokAccount, Workspace
from composer.consents import lock_post
from composer.hashtag_groups import (
    MAX_GROUPS,
    MAX_NAME_LENGTH,
    HashtagGroupError,
    delete_group,
    groups_of,
    save_group,
)
from composer.models import HashtagGroup, Post
from tests.composer.browser_form import ComposerPage
from tests.composer.composing import edit_url, open_page, stored

EDIT_AT_CAPTION = "#part-caption"
EDIT_AT_GROUPS = "#hashtag-groups"
HTMX = {"hx-request": "true"}


@pytest.fixture
def dance(workspace: Workspace) -> HashtagGroup:
    return save_group(workspace, name="Dance", text="#dance #street")


def save_url(post: Post) -> str:
    return reverse("composer:hashtag-group-save", args=[post.pk])


def add_url(post: Post, group: HashtagGroup) -> str:
    return reverse("composer:hashtag-group-add", args=[post.pk, group.pk])


def delete_url(post: Post, group: HashtagGroup) -> str:
    return reverse("composer:hashtag-group-delete", args=[post.pk, group.pk])


class TestServices:
    def test_keeps_each_hashtag_of_the_text_once(self, workspace: Workspace) -> None:
        group = save_group(workspace, name="  Rainy   days ", text="Look, #Rain\n#fog, #rain @somebody #fog!")
        assert (group.name, group.hashtags) == ("Rainy days", "#Rain #fog")
        assert list(groups_of(workspace)) == [group]

    def test_a_group_of_the_same_name_is_replaced(self, workspace: Workspace, dance: HashtagGroup) -> None:
        again = save_group(workspace, name="DANCE", text="#waltz")
        assert again.pk == dance.pk
        assert list(groups_of(workspace).values_list("name", "hashtags")) == [("DANCE", "#waltz")]

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("", "#a", "Give the group a name"),
            (" \t\n\x00", "#a", "Give the group a name"),
            ("x" * (MAX_NAME_LENGTH + 1), "#a", "more than 40 characters"),
            ("Dance", "no hashtag, #, @me", "The caption has no hashtag yet"),
            ("Dance", "\x00#\x00", "The caption has no hashtag yet"),
            ("Dance", "#" + "x" * 4000, "more hashtags than any caption can hold"),
        ],
    )
    def test_says_why_a_group_cannot_be_saved(
        self, workspace: Workspace, name: str, text: str, words: str
    ) -> None:
        with pytest.raises(HashtagGroupError, match=words):
            save_group(workspace, name=name, text=text)
        assert not HashtagGroup.objects.exists()

    def test_a_name_of_40_characters_and_hashtags_for_a_whole_caption_are_kept(
        self, workspace: Workspace
    ) -> None:
        group = save_group(workspace, name="😀" * MAX_NAME_LENGTH, text="#" + "x" * 3999)
        group.refresh_from_db()
        assert (len(group.name), len(group.hashtags)) == (40, 4000)

    def test_no_byte_that_a_database_refuses_gets_in(self, workspace: Workspace) -> None:
        group = save_group(workspace, name="a\x00b\x1bc", text="#a\x00#b \x9f#c\x7f")
        assert (group.name, group.hashtags) == ("a b c", "#a #b #c")

    def test_there_are_at_most_30_and_replacing_goes_on(self, workspace: Workspace) -> None:
        for number in range(MAX_GROUPS):
            save_group(workspace, name=f"Group {number}", text="#a")
        with pytest.raises(HashtagGroupError, match="There are 30 groups already"):
            save_group(workspace, name="One more", text="#a")
        assert save_group(workspace, name="group 7", text="#b").hashtags == "#b"
        assert groups_of(workspace).count() == 30

    def test_each_workspace_has_its_own(self, workspace: Workspace, bobs_workspace: Workspace) -> None:
        hers = save_group(workspace, name="Dance", text="#a")
        his = save_group(bobs_workspace, name="Dance", text="#b")
        assert list(groups_of(workspace)) == [hers]
        assert list(groups_of(bobs_workspace)) == [his]

    def test_they_come_by_name(self, workspace: Workspace) -> None:
        for name in ("Tea", "Dance", "Rain"):
            save_group(workspace, name=name, text="#a")
        assert [group.name for group in groups_of(workspace)] == ["Dance", "Rain", "Tea"]

    def test_a_deleted_group_is_gone(self, workspace: Workspace, dance: HashtagGroup) -> None:
        delete_group(dance)
        assert not groups_of(workspace).exists()


@pytest.mark.django_db(transaction=True)
def test_saves_at_the_same_moment_make_no_two_groups_of_one_name(workspace: Workspace) -> None:
    def save(number: int) -> int:
        try:
            return save_group(workspace, name="Dance", text=f"#tag{number}").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(save, range(8)))
    assert len(keys) == 1
    assert groups_of(workspace).count() == 1


class TestWithoutScripts:
    def test_a_group_is_added_behind_what_was_just_typed(
        self, as_alice: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        page = open_page(as_alice, empty)
        sent = page.sends(caption="Rain or not\r\n#Street", allow_duet=True)
        response = as_alice.post(add_url(empty, dance), sent)
        assert response.status_code == 302
        assert response["Location"] == edit_url(empty) + EDIT_AT_CAPTION
        post = stored(empty)
        assert (post.caption, post.allow_duet) == ("Rain or not\n#Street #dance", True)

    def test_adding_twice_adds_once(self, as_alice: Client, empty: Post, dance: HashtagGroup) -> None:
        sent = open_page(as_alice, empty).sends(caption="Rain")
        for _ in range(2):
            assert as_alice.post(add_url(empty, dance), sent).status_code == 302
        assert stored(empty).caption == "Rain #dance #street"

    def test_the_captions_hashtags_become_a_group(
        self, as_alice: Client, empty: Post, workspace: Workspace
    ) -> None:
        sent = open_page(as_alice, empty).sends(caption="Tea #tea #cup #tea")
        response = as_alice.post(save_url(empty), sent | {"hashtag_group_name": "Tea time"}, follow=True)
        assert response.redirect_chain == [(edit_url(empty) + EDIT_AT_GROUPS, 302)]
        assert "The group Tea time is saved." in ComposerPage(response.text).words
        assert list(groups_of(workspace).values_list("name", "hashtags")) == [("Tea time", "#tea #cup")]
        assert stored(empty).caption == "Tea #tea #cup #tea"

    def test_what_is_missing_is_said_and_the_draft_is_kept(self, as_alice: Client, empty: Post) -> None:
        sent = open_page(as_alice, empty).sends(caption="No tag at all")
        response = as_alice.post(save_url(empty), sent | {"hashtag_group_name": "Tea"}, follow=True)
        assert "The caption has no hashtag yet." in ComposerPage(response.text).words
        assert stored(empty).caption == "No tag at all"
        assert not HashtagGroup.objects.exists()

    def test_a_group_is_deleted_and_the_draft_is_kept(
        self, as_alice: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        sent = open_page(as_alice, empty).sends(caption="Just typed")
        response = as_alice.post(delete_url(empty, dance), sent, follow=True)
        assert response.redirect_chain == [(edit_url(empty) + EDIT_AT_GROUPS, 302)]
        assert "The group Dance is deleted." in ComposerPage(response.text).words
        assert not HashtagGroup.objects.exists()
        assert stored(empty).caption == "Just typed"
        assert as_alice.post(delete_url(empty, dance), sent).status_code == 404

    def test_a_page_from_before_somebody_elses_save_changes_nothing(
        self, as_alice: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        mine, other = open_page(as_alice, empty), open_page(as_alice, empty)
        as_alice.post(
            reverse("composer:post-save", args=[empty.pk]), other.sends(caption="Theirs") | {"seq": "1"}
        )
        sent = mine.sends(caption="Mine #a")
        for url in (add_url(empty, dance), save_url(empty), delete_url(empty, dance)):
            response = as_alice.post(url, sent | {"hashtag_group_name": "Tea"})
            assert response.status_code == 409
            assert "This draft was changed in another window." in ComposerPage(response.text).words
        assert stored(empty).caption == "Theirs"
        assert list(HashtagGroup.objects.all()) == [dance]

    def test_a_caption_no_draft_keeps_is_refused_and_said(
        self, as_alice: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        sent = open_page(as_alice, empty).sends(caption="x" * 20_000)
        response = as_alice.post(add_url(empty, dance), sent, follow=True)
        assert "Not saved: the caption is longer than" in ComposerPage(response.text).words
        assert stored(empty).caption == ""

    def test_a_post_on_its_way_is_not_edited(
        self, as_alice: Client, ready: Post, dance: HashtagGroup
    ) -> None:
        sent = open_page(as_alice, ready).sends()
        lock_post(ready, now=timezone.now())
        before = stored(ready).caption
        for url in (add_url(ready, dance), delete_url(ready, dance)):
            response = as_alice.post(url, sent)
            assert response["Location"] == reverse("publishing:post-detail", args=[ready.pk])
        assert stored(ready).caption == before
        assert HashtagGroup.objects.filter(pk=dance.pk).exists()


class TestWithScripts:
    def test_saving_answers_with_the_list_and_leaves_the_draft_alone(
        self, as_alice: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        sent = {"caption": "#tea", "hashtag_group_name": "Tea"}
        response = as_alice.post(save_url(empty), sent, headers=HTMX)
        assert response.status_code == 200
        page = ComposerPage(response.text)
        words = page.words_of("hashtag-groups")
        assert words.index("Dance #dance #street") < words.index("Tea #tea") < words.index("Tea is saved.")
        assert (stored(empty).caption, stored(empty).version) == ("", 1)

    def test_a_refusal_stands_at_the_name_and_saves_nothing(self, as_alice: Client, empty: Post) -> None:
        sent = {"caption": "no tag", "hashtag_group_name": 'Tea & "cake"'}
        response = as_alice.post(save_url(empty), sent, headers=HTMX)
        assert response.status_code == 422
        page = ComposerPage(f'<form id="post-form">{response.text}</form>')
        assert page.words_of("hashtag-group-error").startswith("The caption has no hashtag yet.")
        assert page["hashtag_group_name"].attrs["value"] == 'Tea & "cake"'
        assert "No group yet." in page.words
        assert not HashtagGroup.objects.exists()

    def test_deleting_answers_with_the_list(
        self, as_alice: Client, empty: Post, dance: HashtagGroup, workspace: Workspace
    ) -> None:
        save_group(workspace, name="Tea", text="#tea")
        response = as_alice.post(delete_url(empty, dance), headers=HTMX)
        assert response.status_code == 200
        page = ComposerPage(response.text)
        assert "Tea #tea" in page.words
        assert "#dance" not in page.words
        assert list(HashtagGroup.objects.values_list("name", flat=True)) == ["Tea"]

    def test_a_name_is_words_and_no_html(self, as_alice: Client, empty: Post) -> None:
        name = '"><b>x</b>'
        sent = {"caption": '#a"onclick=b', "hashtag_group_name": name}
        response = as_alice.post(save_url(empty), sent, headers=HTMX)
        assert "<b>" not in response.text
        assert 'data-add-hashtags="#a&quot;onclick=b"' in response.text


class TestSomebodyElse:
    @pytest.fixture
    def bobs(self, bobs_workspace: Workspace) -> Post:
        return Post.objects.create(workspace=bobs_workspace)

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
    def test_bob_finds_neither_the_post_nor_the_group(
        self, as_bob: Client, empty: Post, bobs: Post, dance: HashtagGroup, headers: dict[str, Any]
    ) -> None:
        sent = {"caption": "#a", "hashtag_group_name": "Mine", "editor": "a" * 32, "seq": "1", "version": "1"}
        for url in (
            save_url(empty),
            add_url(empty, dance),
            delete_url(empty, dance),
            add_url(bobs, dance),
            delete_url(bobs, dance),
        ):
            assert as_bob.post(url, sent, headers=headers).status_code == 404, url
        assert list(HashtagGroup.objects.all()) == [dance]
        assert stored(bobs).caption == ""

    def test_whoever_is_not_signed_in_is_asked_to(
        self, client: Client, empty: Post, dance: HashtagGroup
    ) -> None:
        for url in (save_url(empty), add_url(empty, dance), delete_url(empty, dance)):
            response = client.post(url)
            assert response.status_code == 302
            assert response["Location"].startswith("/sign/in/")
        assert HashtagGroup.objects.count() == 1

    def test_reading_changes_nothing(self, as_alice: Client, empty: Post, dance: HashtagGroup) -> None:
        for url in (save_url(empty), add_url(empty, dance), delete_url(empty, dance)):
            assert as_alice.get(url).status_code == 405


def test_every_button_names_its_address_for_people_without_scripts(
    empty: Post, poppy: TikTokAccount, dance: HashtagGroup
) -> None:
    html = render_to_string("composer/_hashtag_groups.html", {"post": empty, "groups": [dance]})
    page = ComposerPage(f'<form id="post-form">{html}</form>')
    buttons = {" ".join(each.words.split()): each.attrs for each in page.controls if each.tag == "button"}
    assert {words: attrs["formaction"] for words, attrs in buttons.items()} == {
        "Add Dance #dance #street": add_url(empty, dance),
        "Delete this group": delete_url(empty, dance),
        "Save group": save_url(empty),
    }
    assert all(attrs["type"] == "submit" for attrs in buttons.values())
    assert page["hashtag_group_name"].attrs["maxlength"] == str(MAX_NAME_LENGTH)
