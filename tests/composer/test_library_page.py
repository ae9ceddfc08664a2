"""The library page: what it shows, how it is searched and filtered, that its size costs nothing, deleting many."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, Workspace
from composer.models import MediaFile, MediaKind, MediaState, Post, PostPhoto
from tests.factories import make_consent, make_media, make_post

LIBRARY = "/library/"
DELETE = "/library/delete/"


def words_of(html: str) -> str:
    body = html.split("<body", 1)[-1]
    return " ".join(
        re.sub(r"<[^>]+>", " ", re.sub(r"<template.*?</template>", " ", body, flags=re.DOTALL)).split()
    )


def shown(client: Client, query: str = "") -> list[str]:
    """The names in the grid, in their order."""
    response = client.get(f"{LIBRARY}{query}")
    assert response.status_code == 200
    return re.findall(r'class="media-card__name"><a href="[^"]+">([^<]+)</a>', response.text)


def make_photo(workspace: Workspace, **fields: Any) -> MediaFile:
    return make_media(
        workspace,
        **{
            "kind": MediaKind.PHOTO,
            "original_name": "photo.jpg",
            "content_type": "image/jpeg",
            "container": "jpeg",
            "duration_ms": None,
            **fields,
        },
    )


@pytest.mark.on_postgres
class TestTheGrid:
    def test_is_newest_first_with_what_each_file_is(self, as_alice: Client, workspace: Workspace) -> None:
        film = make_media(workspace, original_name="fog.mp4", duration_ms=62_400)
        film.poster.save("p.jpg", ContentFile(b"x"))
        make_photo(workspace, original_name="tea.jpg", width=800, height=600, size_bytes=2048)
        make_media(workspace, original_name="old.avi", state=MediaState.FIXABLE)
        make_media(workspace, original_name="new.mp4", state=MediaState.CHECKING, is_sample=True)
        assert shown(as_alice) == ["new.mp4", "old.avi", "tea.jpg", "fog.mp4"]
        html = as_alice.get(LIBRARY).text
        cards = [words_of(card) for card in html.split('<li class="media-card"')[1:]]
        assert "Being checked" in cards[0]
        assert "Sample" in cards[0]
        assert "Needs a fix" in cards[1]
        assert "Photo" in cards[2]
        assert "800 × 600 · 2 KB" in cards[2]  # noqa: RUF001
        assert "Ready" in cards[2]
        assert "Video 1:02" in cards[3]
        assert f"{reverse('composer:media-poster', args=[film.pk])}?small" in html

    def test_leaves_out_what_is_not_there(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace, state=MediaState.REFUSED)
        make_media(workspace, state=MediaState.DELETED)
        make_media(workspace, is_proposal=True)
        assert shown(as_alice) == []
        assert "Nothing here yet" in words_of(as_alice.get(LIBRARY).text)

    def test_says_what_is_used(self, as_alice: Client, workspace: Workspace) -> None:
        film, photo, other = make_media(workspace), make_photo(workspace), make_media(workspace)
        make_post(workspace, media=film, account=None)
        PostPhoto.objects.create(post=make_post(workspace, media=None, account=None), media=photo, position=0)
        assert shown(as_alice, "?use=used") == [photo.original_name, film.original_name]
        assert shown(as_alice, "?use=unused") == [other.original_name]
        assert as_alice.get(LIBRARY).text.count('<span class="tag">Used</span>') == 2

    def test_of_somebody_else_is_not_shown(self, as_bob: Client, workspace: Workspace) -> None:
        make_media(workspace, original_name="alices.mp4")
        assert shown(as_bob) == []
        assert shown(as_bob, "?q=alices") == []

    def test_needs_somebody_who_is_signed_in(self, db: None) -> None:
        assert Client().get(LIBRARY).status_code == 302

    def test_escapes_names(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace, original_name='<img src=x onerror="alert(1)">.mp4')
        assert "<img src=x" not in as_alice.get(LIBRARY).text


@pytest.mark.on_postgres
class TestSearchAndFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["Über den Wolken.mp4", "Fog walk.mp4", "100% tea_time.jpg"]),
            ("?q=fog", ["Fog walk.mp4"]),
            ("?q=WALK+fog", ["Fog walk.mp4"]),
            ("?q=über", ["Über den Wolken.mp4"]),
            ("?q=%25", ["100% tea_time.jpg"]),
            ("?q=a_t", ["100% tea_time.jpg"]),
            ("?q=nowhere", []),
            ("?kind=photo", ["100% tea_time.jpg"]),
            ("?kind=video&q=walk", ["Fog walk.mp4"]),
            ("?state=fixable", ["100% tea_time.jpg"]),
            ("?state=ready", ["Über den Wolken.mp4", "Fog walk.mp4"]),
            ("?source=sample", ["Fog walk.mp4"]),
            ("?source=own&kind=video", ["Über den Wolken.mp4"]),
            (
                "?kind=nonsense&state=deleted&use=x",
                ["Über den Wolken.mp4", "Fog walk.mp4", "100% tea_time.jpg"],
            ),
        ],
    )
    def test_find(self, as_alice: Client, workspace: Workspace, query: str, found: list[str]) -> None:
        make_photo(workspace, original_name="100% tea_time.jpg", state=MediaState.FIXABLE)
        make_media(workspace, original_name="Fog walk.mp4", is_sample=True)
        make_media(workspace, original_name="Über den Wolken.mp4")
        assert shown(as_alice, query) == found

    def test_keep_each_other(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace)
        make_photo(workspace)
        html = as_alice.get(f"{LIBRARY}?q=photo&kind=photo").text
        assert 'href="/library/?q=photo"' in html  # all kinds
        assert 'href="/library/?q=photo&amp;kind=photo&amp;use=unused"' in html
        assert '<input type="hidden" name="kind" value="photo">' in html

    def test_that_find_nothing_lead_back(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace)
        html = as_alice.get(f"{LIBRARY}?q=nowhere").text
        assert "No file matches" in html
        assert '<a class="button button--primary" href="/library/">Show all files</a>' in html

    def test_htmx_gets_the_grid_alone(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace)
        fragment = as_alice.get(LIBRARY, headers={"hx-request": "true"})
        assert fragment.text.startswith('<div class="library" id="library-list">')
        assert "HX-Request" in fragment["Vary"]
        whole = as_alice.get(LIBRARY, headers={"hx-request": "true", "hx-history-restore-request": "true"})
        assert whole.text.startswith("<!doctype html>")

    def test_nul_and_floods_find_nothing_and_break_nothing(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        make_media(workspace)
        assert shown(as_alice, "?q=%00") == [MediaFile.objects.get().original_name]
        assert shown(as_alice, f"?q={'x' * 3000}") == []
        assert shown(as_alice, "?page=99999999999999999999") == [MediaFile.objects.get().original_name]


@pytest.mark.slow
class TestItsSize:
    # session, person, workspace, silence twice, unread notifications, what there is to filter by, how many, which
    QUERIES = 9

    @pytest.mark.parametrize("query", ["", "?q=video&kind=video&state=ready&use=unused&source=own&page=2"])
    def test_costs_the_same_for_50_and_for_10000_files(
        self, as_alice: Client, workspace: Workspace, django_assert_num_queries: Any, query: str
    ) -> None:
        self.fill(workspace, 50)
        as_alice.get(LIBRARY)
        with django_assert_num_queries(self.QUERIES):
            as_alice.get(f"{LIBRARY}{query}")
        self.fill(workspace, 9_950)
        with django_assert_num_queries(self.QUERIES):
            response = as_alice.get(f"{LIBRARY}{query}")
        assert response.text.count('<li class="media-card"') == 48
        assert "10000 files" in words_of(response.text)

    def fill(self, workspace: Workspace, count: int) -> None:
        model = make_media(workspace)
        MediaFile.objects.bulk_create(
            MediaFile(
                workspace=workspace,
                state=MediaState.READY,
                original_name=f"video {number}.mp4",
                size_bytes=1000,
                sha256=model.sha256,
                file=f"media/{number}.mp4",
                poster=f"posters/{number}.jpg",
                duration_ms=1000,
            )
            for number in range(count - 1)
        )


@pytest.mark.on_postgres
class TestDeletingSelected:
    def press(self, client: Client, *files: MediaFile, **fields: str) -> Any:
        return client.post(DELETE, {"media": [str(media.pk) for media in files], **fields})

    def test_asks_first_and_changes_nothing(self, as_alice: Client, workspace: Workspace) -> None:
        one, two = (
            make_media(workspace, original_name="one.mp4"),
            make_media(workspace, original_name="two.mp4"),
        )
        draft = make_post(workspace, media=one, account=None, caption="Sunday plans")
        response = self.press(as_alice, one, two)
        words = words_of(response.text)
        assert response.status_code == 200
        assert "Delete 2 files?" in words
        assert "Sunday plans" in words
        assert f'name="drafts" value="{draft.pk}"' in response.text
        assert MediaFile.objects.filter(state=MediaState.READY).count() == 2

    def test_confirmed_deletes_and_goes_back_to_the_same_filter(
        self, as_alice: Client, workspace: Workspace
    ) -> None:
        one, two, three = (make_media(workspace) for _ in range(3))
        draft = make_post(workspace, media=one, account=None)
        response = self.press(
            as_alice, one, two, sure="yes", drafts=str(draft.pk), back="kind=video&evil=//x"
        )
        assert (response.status_code, response["Location"]) == (302, "/library/?kind=video")
        assert list(MediaFile.objects.all()) == [three]
        assert Post.objects.get(pk=draft.pk).media_id is None
        assert "2 files are deleted." in as_alice.get(LIBRARY).text

    def test_asks_anew_about_a_draft_nobody_was_told_of(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace)
        draft = make_post(workspace, media=media, account=None, caption="Just now")
        response = self.press(as_alice, media, sure="yes", drafts="")
        assert "Just now" in response.text
        assert Post.objects.get(pk=draft.pk).media_id == media.pk

    def test_keeps_what_a_post_needs_and_says_which(
        self, as_alice: Client, alice: User, workspace: Workspace
    ) -> None:
        needed, free = make_media(workspace, original_name="needed.mp4"), make_media(workspace)
        post = make_post(workspace, media=needed, caption="Out on Friday")
        make_consent(post, alice)
        Post.objects.filter(pk=post.pk).update(locked_at=timezone.now())
        asked = words_of(self.press(as_alice, needed, free).text)
        assert "Not deleted: needed by a post needed.mp4 Out on Friday" in asked
        self.press(as_alice, needed, free, sure="yes")
        assert list(MediaFile.objects.all()) == [needed]
        said = words_of(as_alice.get(LIBRARY).text)
        assert (
            "“needed.mp4” was not deleted: it is needed by a post that is not finished: “Out on Friday”."
            in said
        )

    def test_of_bobs_touches_nothing_of_alices(self, as_bob: Client, workspace: Workspace) -> None:
        media = make_media(workspace, content=b"film")
        response = self.press(as_bob, media, sure="yes")
        assert response.status_code == 302
        media.refresh_from_db()
        assert media.state == MediaState.READY
        with media.file.open("rb") as file:
            assert file.read() == b"film"

    def test_of_nothing_says_what_to_do(self, as_alice: Client, workspace: Workspace) -> None:
        make_media(workspace)
        assert self.press(as_alice)["Location"] == LIBRARY
        assert "tick the box in their corner" in as_alice.get(LIBRARY).text
        assert as_alice.post(DELETE, {"media": ["x", "9" * 30, "-1"]}).status_code == 302

    def test_twice_is_harmless(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace)
        for _ in range(2):
            assert self.press(as_alice, media, sure="yes").status_code == 302
        assert not MediaFile.objects.exists()

    def test_by_get_is_refused(self, as_alice: Client) -> None:
        assert as_alice.get(DELETE).status_code == 405


@pytest.mark.on_postgres
class TestTheWayThere:
    def test_stands_in_the_navigation(self, as_alice: Client, workspace: Workspace) -> None:
        media = make_media(workspace)
        html = as_alice.get(LIBRARY).text
        assert '<a class="masthead__link" href="/library/" aria-current="page">Library</a>' in html
        assert '<a class="masthead__link" href="/posts/">Posts</a>' in html
        detail = as_alice.get(f"/library/{media.pk}/").text
        assert '<a class="masthead__link" href="/library/" aria-current="true">Library</a>' in detail
        posts = as_alice.get("/posts/").text
        assert '<a class="masthead__link" href="/posts/" aria-current="page">Posts</a>' in posts
        assert '<a class="masthead__link" href="/library/">Library</a>' in posts
