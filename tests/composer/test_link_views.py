"""The form of import by link: in a page of its own without scripts, in place with htmx; nobody sees another's."""

import pytest
from django.test import Client

from accounts.models import User, Workspace
from composer.models import Arrival, ArrivalSource, ArrivalState, Post

pytestmark = pytest.mark.django_db

URL = "/library/link/"
LINK = "https://media.example/films/fog.mp4"
HTMX = {"HX-Request": "true"}


class TestWithoutScripts:
    def test_a_link_is_taken_in_and_the_library_opens(
        self, as_alice: Client, alice: User, workspace: Workspace
    ) -> None:
        answer = as_alice.post(URL, {"url": LINK}, follow=True)
        assert answer.redirect_chain == [("/library/", 302)]
        arrival = Arrival.objects.get()
        assert (arrival.workspace, arrival.user, arrival.source, arrival.state, arrival.url) == (
            workspace,
            alice,
            ArrivalSource.LINK,
            ArrivalState.RECEIVING,
            LINK,
        )
        assert "The file is being fetched. It comes into the library by itself" in answer.content.decode()

    def test_pressed_twice_it_is_one_import(self, as_alice: Client) -> None:
        for _ in range(2):
            assert as_alice.post(URL, {"url": LINK}).status_code == 302
        assert Arrival.objects.count() == 1

    def test_it_leads_back_to_where_it_was_pasted_and_nowhere_else(self, as_alice: Client) -> None:
        assert as_alice.post(URL, {"url": LINK, "next": "/posts/7/edit/"})["Location"] == "/posts/7/edit/"
        for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"):
            assert as_alice.post(URL, {"url": LINK, "next": target})["Location"] == "/library/"

    def test_what_cannot_be_imported_comes_back_with_its_sentence_in_place(self, as_alice: Client) -> None:
        answer = as_alice.post(URL, {"url": "https://youtu.be/abc", "next": "/posts/7/edit/"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "This is a link to a page of YouTube, not to the file itself." in page
        assert 'value="https://youtu.be/abc"' in page
        assert 'aria-describedby="link-help link-error" aria-invalid="true"' in page
        assert '<input type="hidden" name="next" value="/posts/7/edit/">' in page
        assert not Arrival.objects.exists()

    def test_nothing_pasted_is_said(self, as_alice: Client) -> None:
        answer = as_alice.post(URL)
        assert answer.status_code == 422
        assert "This is not the link of a file." in answer.content.decode()

    def test_what_was_pasted_is_only_text(self, as_alice: Client) -> None:
        page = as_alice.post(URL, {"url": '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in page
        assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_the_page_reads_only(self, as_alice: Client) -> None:
        answer = as_alice.get(URL, {"next": "/posts/7/edit/", "url": LINK})
        assert answer.status_code == 200
        assert 'href="/posts/7/edit/"' in answer.content.decode()
        assert not Arrival.objects.exists()


class TestWithHtmx:
    def test_the_list_comes_with_the_link_in_it_and_the_field_is_empty_again(self, as_alice: Client) -> None:
        answer = as_alice.post(URL, {"url": LINK}, headers=HTMX)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert page.count('id="arrivals"') == 1
        assert "fog.mp4" in page
        assert "Being fetched from its link." in page
        assert 'id="link-import" data-kept hx-swap-oob="outerHTML"' in page
        assert 'id="link-url" form="link-form" value=""' in page
        assert "HX-Retarget" not in answer

    def test_the_sentence_comes_where_the_link_was_pasted(self, as_alice: Client) -> None:
        answer = as_alice.post(URL, {"url": "http://media.example/fog.mp4"}, headers=HTMX)
        page = answer.content.decode()
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#link-import", "outerHTML")
        assert "This link does not begin with https://" in page
        assert 'value="http://media.example/fog.mp4"' in page
        assert "<html" not in page
        assert "hx-swap-oob" not in page


class TestInTheComposer:
    @pytest.mark.parametrize("draft", ["empty", "ready"])
    def test_a_link_may_be_pasted_where_files_are_chosen(
        self, as_alice: Client, request: pytest.FixtureRequest, draft: str
    ) -> None:
        post = request.getfixturevalue(draft)
        page = as_alice.get(f"/posts/{post.pk}/edit/").content.decode()
        assert (page.count('id="link-import"'), page.count('id="link-form"')) == (1, 1)
        # The fields stand in the draft's form and belong to the link's, which stands outside of it.
        form = page.index('id="post-form"')
        end = page.index("</form>", form)
        assert (
            form
            < page.index('id="arrivals"')
            < page.index('id="link-import"')
            < end
            < page.index('id="link-form"')
        )
        assert f'name="next" value="/posts/{post.pk}/edit/"' in page[end:]
        assert "css/link-import" in page

    def test_without_scripts_it_leads_back_to_the_draft(self, as_alice: Client, empty: Post) -> None:
        answer = as_alice.post(URL, {"url": LINK, "next": f"/posts/{empty.pk}/edit/"})
        assert answer["Location"] == f"/posts/{empty.pk}/edit/"


class TestWho:
    def test_nobody_without_a_sign_in(self, client: Client, db: None) -> None:
        assert client.post(URL, {"url": LINK})["Location"].startswith("/sign/in/")
        assert not Arrival.objects.exists()

    def test_bob_sees_nothing_of_it_and_cannot_cancel_it(self, as_alice: Client, as_bob: Client) -> None:
        as_alice.post(URL, {"url": LINK})
        arrival = Arrival.objects.get()
        assert "fog.mp4" not in as_bob.get("/library/arrivals/").content.decode()
        assert as_bob.get(f"/library/arrivals/{arrival.pk}/").status_code == 404
        assert as_bob.post(f"/library/arrivals/{arrival.pk}/cancel/").status_code == 404
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.RECEIVING

    def test_alice_cancels_it(self, as_alice: Client) -> None:
        as_alice.post(URL, {"url": LINK})
        arrival = Arrival.objects.get()
        assert as_alice.post(f"/library/arrivals/{arrival.pk}/cancel/").status_code == 302
        arrival.refresh_from_db()
        assert (arrival.state, arrival.url, arrival.next_try_at) == (ArrivalState.CANCELLED, "", None)
