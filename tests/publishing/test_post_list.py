"""The list of posts: newest first, filters as links, one thing to do when it is empty, and no query per row."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountState, User
from accounts.people import workspace_of
from composer.models import Post
from publishing.models import Publication
from publishing.presentation import PostCard
from publishing.states import State
from tests.factories import make_account, make_attempt, make_media, make_post, make_publication

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
URL = reverse("publishing:post-list")
MB = 1024 * 1024


def cards(client: Client, query: str = "") -> list[PostCard]:
    response = client.get(URL + query)
    assert response.status_code == 200
    return list(response.context["cards"])


def publish(user: User, state: State, **fields: object) -> Publication:
    return make_publication(make_post(workspace_of(user)), user=user, state=state, **fields)


def test_shows_drafts_and_sent_posts_newest_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    draft = make_post(workspace_of(alice), caption="One")
    sent = make_publication(make_post(workspace_of(alice), caption="Two"), user=alice, state=State.PUBLISHED)
    taken_back = make_publication(
        make_post(workspace_of(alice), caption="Three"), user=alice, state=State.DRAFT
    )
    assert [(card.pk, card.title, card.pill.label) for card in cards(client)] == [
        (taken_back.post.pk, "Three", "Draft"),
        (sent.post.pk, "Two", "Published"),
        (draft.pk, "One", "Draft"),
    ]


def test_a_draft_leads_to_the_composer_and_a_sent_post_to_its_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    draft = make_post(workspace_of(alice))
    sent = publish(alice, State.PROCESSING)
    assert [card.url for card in cards(client)] == [
        reverse("publishing:post-detail", args=[sent.post.pk]),
        reverse("composer:post-edit", args=[draft.pk]),
    ]


def test_a_row_shows_account_picture_state_and_what_to_do(client: Client, alice: User) -> None:
    client.force_login(alice)
    media = make_media(workspace_of(alice), poster="posters/fog.jpg", size_bytes=100 * MB)
    post = make_post(workspace_of(alice), caption="Fog\n#quiet", media=media)
    publication = make_publication(post, user=alice, state=State.UPLOADING)
    make_attempt(publication, bytes_sent=43 * MB, upload_started_at=timezone.now())
    html = client.get(URL).content.decode()
    assert "@poppy.public" in html
    assert reverse("composer:media-poster", args=[media.pk]) in html
    assert ">Fog</a>" in html
    assert "Sending 43&nbsp;%" in html
    assert "Nothing to do. You can close this page; it goes on by itself." in html


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"media": None}, "Choose a video."),
        ({"account": None}, "Choose the account it goes out for."),
        ({"privacy_level": ""}, "Choose who can view it."),
        ({}, "Look it over and post it."),
    ],
)
def test_a_draft_says_what_it_lacks(
    client: Client, alice: User, fields: dict[str, object], advice: str
) -> None:
    client.force_login(alice)
    make_post(workspace_of(alice), **fields)
    assert [card.advice for card in cards(client)] == [advice]


def test_a_failed_post_says_what_to_do(client: Client, alice: User) -> None:
    client.force_login(alice)
    publish(alice, State.FAILED, reason="spam_risk_text")
    (card,) = cards(client)
    assert card.pill.label == "Failed"
    assert card.advice == (
        "Edit the post, write another caption and post it. TikTok asks not to send the same one again."
    )


def test_a_published_post_with_an_id_links_to_tiktok(client: Client, alice: User) -> None:
    client.force_login(alice)
    publish(alice, State.PUBLISHED, post_ids=["7601447475849021452"], published_at=timezone.now())
    (card,) = cards(client)
    assert card.action is not None
    assert card.action.label == "See it on TikTok"
    assert card.action.url.endswith("/@poppy.public/video/7601447475849021452")


def test_filters_by_state(client: Client, alice: User) -> None:
    client.force_login(alice)
    by_state = {state: publish(alice, state).post.pk for state in State}
    draft = make_post(workspace_of(alice))
    wanted = {
        "draft": {by_state[State.DRAFT], draft.pk},
        "scheduled": {by_state[State.SCHEDULED]},
        "under-way": {
            by_state[State.STARTING],
            by_state[State.UPLOADING],
            by_state[State.PROCESSING],
        },
        "needs-you": {by_state[State.HELD], by_state[State.WAITING_RECONNECT], by_state[State.UNCONFIRMED]},
        "published": {by_state[State.PUBLISHED], by_state[State.IN_INBOX]},
        "failed": {by_state[State.FAILED]},
        "cancelled": {by_state[State.CANCELLED]},
    }
    for word, pks in wanted.items():
        assert {card.pk for card in cards(client, f"?state={word}")} == pks, word
    response = client.get(URL)
    assert [(link.label, link.count) for link in response.context["shelf_links"]] == [
        ("All posts", 13),
        ("Need you", 3),
        ("Scheduled", 1),
        ("On their way", 3),
        ("Published", 2),
        ("Drafts", 2),
        ("Failed", 1),
        ("Cancelled", 1),
    ]


def test_filters_by_account_and_keeps_the_other_filter(client: Client, alice: User) -> None:
    client.force_login(alice)
    workspace = workspace_of(alice)
    poppy, dana = make_account(workspace), make_account(workspace, username="dana", nickname="Dana")
    make_post(workspace, account=poppy)
    wanted = make_post(workspace, account=dana)
    make_publication(make_post(workspace, account=dana), user=alice, state=State.FAILED)
    response = client.get(f"{URL}?account={dana.pk}&state=draft")
    assert [card.pk for card in response.context["cards"]] == [wanted.pk]
    assert [(link.label, link.url, link.is_current) for link in response.context["account_links"]] == [
        ("All accounts", f"{URL}?state=draft", False),
        ("Dana", f"{URL}?account={dana.pk}&state=draft", True),
        ("Poppy", f"{URL}?account={poppy.pk}&state=draft", False),
    ]
    assert [(link.url, link.count) for link in response.context["shelf_links"]][:2] == [
        (f"{URL}?account={dana.pk}", 2),
        (f"{URL}?account={dana.pk}&state=needs-you", 0),
    ]


@pytest.mark.parametrize(
    "query", ["?state=nonsense", "?account=nonsense", "?account=²", "?account=" + "9" * 40, "?page=zz"]
)
def test_words_it_does_not_know_filter_nothing(client: Client, alice: User, query: str) -> None:
    client.force_login(alice)
    post = make_post(workspace_of(alice))
    assert [card.pk for card in cards(client, query)] == [post.pk]


def test_shows_twenty_to_a_page(client: Client, alice: User) -> None:
    client.force_login(alice)
    account, media = make_account(workspace_of(alice)), make_media(workspace_of(alice))
    posts = [make_post(workspace_of(alice), account=account, media=media) for _ in range(21)]
    assert len(cards(client)) == 20
    assert [card.pk for card in cards(client, "?page=2")] == [posts[0].pk]
    assert "Page 1 of 2" in client.get(URL).content.decode()


def test_bob_sees_nothing_of_alice(client: Client, alice: User, bob: User) -> None:
    publication = publish(alice, State.PUBLISHED)
    client.force_login(bob)
    response = client.get(f"{URL}?account={publication.account.pk}")
    assert list(response.context["cards"]) == []
    assert [link.count for link in response.context["shelf_links"]] == [0] * 8
    assert "Poppy" not in response.content.decode()


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={URL}")


def test_without_an_account_says_to_connect_one_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    html = client.get(URL).content.decode()
    assert "First, connect a TikTok account" in html
    assert f'href="{reverse("accounts:account-list")}"' in html
    assert "Make your first post" not in html


def test_with_an_account_says_to_make_a_post(client: Client, alice: User) -> None:
    client.force_login(alice)
    make_account(workspace_of(alice))
    html = client.get(URL).content.decode()
    assert "Make your first post" in html
    assert f'action="{reverse("composer:post-new")}"' in html
    assert "First, connect a TikTok account" not in html


def test_a_filter_without_posts_leads_back_to_all(client: Client, alice: User) -> None:
    client.force_login(alice)
    make_post(workspace_of(alice))
    html = client.get(f"{URL}?state=failed").content.decode()
    assert "Nothing matches this filter." in html
    assert f'href="{URL}">Show all posts</a>' in html


def test_an_account_that_moved_away_is_shown_as_it_was_agreed_to(
    client: Client, alice: User, bob: User
) -> None:
    client.force_login(alice)
    publication = publish(alice, State.HELD, reason="account_moved")
    account = publication.account
    account.workspace = workspace_of(bob)
    account.nickname = "Poppy at Bob's"
    account.avatar.name = "avatars/poppy.jpg"
    account.save()
    (card,) = cards(client)
    assert card.chip is not None
    assert (card.chip.nickname, card.chip.avatar_url) == ("Poppy", "")


def test_the_number_of_queries_does_not_grow_with_the_posts(client: Client, alice: User) -> None:
    client.force_login(alice)

    def one_of_each() -> None:
        for state in State:
            publication = publish(alice, state)
            make_attempt(publication, upload_started_at=timezone.now())
        make_post(workspace_of(alice))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(URL)
        return len(captured)

    one_of_each()
    few = queries()
    Post.objects.update(caption="Seen before")
    publish(alice, State.UPLOADING)
    for _ in range(5):
        publish(alice, State.PUBLISHED)
    assert queries() == few
    assert few <= 14  # two of them ask whether anything is being sent


def test_asks_for_itself_while_something_moves(client: Client, alice: User) -> None:
    client.force_login(alice)
    publish(alice, State.UPLOADING, next_try_at=timezone.now())
    html = client.get(f"{URL}?state=under-way").content.decode()
    assert f'<div id="post-list" hx-get="{URL}?state=under-way" hx-trigger="every 2s"' in html


def test_stops_asking_when_nothing_moves(client: Client, alice: User) -> None:
    client.force_login(alice)
    for state in (State.PUBLISHED, State.FAILED, State.CANCELLED, State.HELD, State.DRAFT):
        publish(alice, state)
    html = client.get(URL).content.decode()
    assert '<div id="post-list">' in html
    assert "hx-trigger" not in html


def test_htmx_gets_the_list_alone(client: Client, alice: User) -> None:
    client.force_login(alice)
    make_post(workspace_of(alice))
    response = client.get(URL, headers={"HX-Request": "true"})
    html = response.content.decode().strip()
    assert html.startswith('<div id="post-list">')
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


def test_what_is_scheduled_stands_in_the_order_in_which_it_goes_out(client: Client, alice: User) -> None:
    client.force_login(alice)
    late, soon = (
        publish(alice, State.SCHEDULED, due_at=timezone.now() + timedelta(days=days)).post.pk
        for days in (9, 2)
    )
    assert [card.pk for card in cards(client, "?state=scheduled")] == [soon, late]
    assert [card.pk for card in cards(client)] == [soon, late]


def test_a_post_that_waits_for_its_time_says_scheduled(client: Client, alice: User) -> None:
    client.force_login(alice)
    publish(alice, State.SCHEDULED, due_at=timezone.now() + timedelta(hours=3))
    publish(alice, State.SCHEDULED, due_at=timezone.now())
    assert [card.pill.label for card in cards(client)] == ["Waiting to be sent", "Scheduled"]


def test_a_disconnected_account_keeps_its_name(client: Client, alice: User) -> None:
    client.force_login(alice)
    publication = publish(alice, State.PUBLISHED)
    publication.account.state = AccountState.DISCONNECTED
    publication.account.save()
    (card,) = cards(client)
    assert card.chip is not None
    assert card.chip.username == "poppy.public"
