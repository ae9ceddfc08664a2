"""The notifications page: a person's own, newest first, each with the one thing to do."""

from typing import Any

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import Delivery, Kind, Membership, TikTokAccount, User
from accounts.notifications.listing import COUNTED
from accounts.notifications.telling import settle
from tests.accounts.telling import copy_of, tell
from tests.factories import make_account, make_person

LIST = "/notifications/"


def page_of(client: Client, query: str = "") -> str:
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_shows_what_happened_to_whom_and_what_to_do(account: TikTokAccount, as_alice: Client) -> None:
    held = tell(account, subject="Tea at four", picture_path="/library/7/poster/")
    page = page_of(as_alice)
    for words in (
        "“Tea at four” for Poppy is held",
        "TikTok no longer allows what you chose.",
        "Choose again.",
        "Open the post",
        'src="/library/7/poster/"',
        f'action="/notifications/{copy_of(held).pk}/open/"',
        "Mark as read",
    ):
        assert words in page


def test_is_empty_at_first(as_alice: Client) -> None:
    page = page_of(as_alice)
    assert "Nothing to tell yet" in page
    assert "masthead__count" not in page


def test_newest_first_and_in_pages(account: TikTokAccount, as_alice: Client) -> None:
    for number in range(25):
        tell(account, subject=f"No. {number:02}")
    page = page_of(as_alice)
    assert page.index("No. 24") < page.index("No. 23") < page.index("No. 05")
    assert "No. 04" not in page
    assert "No. 04" in page_of(as_alice, "?page=2")


def test_opening_it_leads_there_and_marks_it_read(account: TikTokAccount, as_alice: Client) -> None:
    copy = copy_of(tell(account, path="/posts/7/"))
    assert as_alice.get(f"/notifications/{copy.pk}/open/").status_code == 405
    assert as_alice.post(f"/notifications/{copy.pk}/open/")["Location"] == "/posts/7/"
    copy.refresh_from_db()
    assert copy.read_at is not None


def test_read_unread_and_read_again_keep_the_filter(account: TikTokAccount, as_alice: Client) -> None:
    copy = copy_of(tell(account))
    back = f"{LIST}?show=unread"
    for verb, is_read in (("read", True), ("read", True), ("unread", False), ("read", True)):
        response = as_alice.post(f"/notifications/{copy.pk}/{verb}/", {"next": back})
        assert response["Location"] == back
        copy.refresh_from_db()
        assert (copy.read_at is not None) == is_read


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_leads_nowhere_else(there: str, account: TikTokAccount, as_alice: Client) -> None:
    copy = copy_of(tell(account))
    assert as_alice.post(f"/notifications/{copy.pk}/read/", {"next": there})["Location"] == LIST


def test_mark_all_leaves_what_came_since(account: TikTokAccount, as_alice: Client) -> None:
    seen = [copy_of(tell(account)) for _ in range(3)]
    assert f'name="newest" value="{seen[-1].pk}"' in page_of(as_alice)
    since = copy_of(tell(account))
    as_alice.post("/notifications/read/", {"newest": str(seen[-1].pk)})
    assert list(Delivery.objects.unread()) == [since]
    for nonsense in ("", "-1", "x", "9" * 30):
        assert as_alice.post("/notifications/read/", {"newest": nonsense}).status_code == 302
    assert list(Delivery.objects.unread()) == [since]


def test_filters(account: TikTokAccount, as_alice: Client) -> None:
    lena = make_account(account.workspace, nickname="Lena")
    tell(account, subject="Needs me")
    tell(lena, subject="Of Lena")
    tell(account, Kind.PUBLISHED, subject="Is out")
    settled = tell(account, subject="Was settled")
    settle(settled.about, now=database_now())
    read = copy_of(tell(account, Kind.PUBLISHED, subject="Was read"))
    as_alice.post(f"/notifications/{read.pk}/read/")

    def shown(query: str) -> set[str]:
        page = page_of(as_alice, query)
        return {
            words
            for words in ("Needs me", "Of Lena", "Is out", "Was settled", "Was read")
            if f"“{words}”" in page
        }

    assert shown("?show=unread") == {"Needs me", "Of Lena", "Is out"}
    assert shown("?show=needs-you") == {"Needs me", "Of Lena"}
    assert shown(f"?account={lena.pk}") == {"Of Lena"}
    assert shown(f"?show=needs-you&account={account.pk}") == {"Needs me"}
    assert len(shown("?show=nonsense&account=x")) == 5
    assert "Nothing here" in page_of(as_alice, f"?account={lena.pk + 99}")


def test_what_is_settled_asks_for_nothing(account: TikTokAccount, as_alice: Client) -> None:
    held = tell(account)
    settle(held.about, now=database_now())
    page = page_of(as_alice)
    assert "Settled" in page
    assert "Choose again." not in page
    assert "Look at it" in page


def test_bob_sees_and_touches_nothing(account: TikTokAccount, as_bob: Client) -> None:
    copy = copy_of(tell(account))
    assert "Nothing to tell yet" in page_of(as_bob)
    for verb in ("open", "read", "unread"):
        assert as_bob.post(f"/notifications/{copy.pk}/{verb}/").status_code == 404
    as_bob.post("/notifications/read/", {"newest": str(copy.pk)})
    copy.refresh_from_db()
    assert copy.read_at is None


def test_colleagues_read_each_for_themselves(
    account: TikTokAccount, bob: User, as_alice: Client, as_bob: Client
) -> None:
    membership = Membership.objects.create(workspace=account.workspace, user=bob)
    held = tell(account)
    of_alice, of_bob = (held.deliveries.get(person__email=f"{name}@example.com") for name in ("alice", "bob"))
    as_alice.post(f"/notifications/{of_alice.pk}/read/")
    assert as_alice.post(f"/notifications/{of_bob.pk}/read/").status_code == 404
    assert "1<span" in page_of(as_bob)
    membership.delete()  # who leaves sees nothing of it any more
    assert held.subject not in page_of(as_bob)
    assert "masthead__count" not in page_of(as_bob)


def test_the_bell_counts_on_every_page(account: TikTokAccount, as_alice: Client) -> None:
    for _ in range(3):
        tell(account)
    for address in ("/posts/", "/accounts/", "/library/", LIST):
        page = as_alice.get(address).content.decode()
        assert '<span class="masthead__count">3<span class="visually-hidden"> unread</span></span>' in page


def test_the_bell_stops_counting(account: TikTokAccount, as_alice: Client) -> None:
    first = tell(account)
    person = copy_of(first).person
    rows = [tell(account) for _ in range(3)]
    for notification in rows:
        notification.deliveries.all().delete()
    Delivery.objects.bulk_create(Delivery(notification=row, person=person) for row in rows)
    assert '"masthead__count">4<' in page_of(as_alice)
    assert COUNTED == 100


def test_costs_a_fixed_number_of_queries(
    account: TikTokAccount, as_alice: Client, django_assert_num_queries: Any
) -> None:
    tell(account)
    as_alice.get(LIST)
    # Session, person, workspace, how many, which, the numbers on the filters, accounts, unread, is it sent (two).
    with django_assert_num_queries(10):
        as_alice.get(LIST)
    for number in range(15):
        tell(make_account(account.workspace, username=f"creator{number}"))
    with django_assert_num_queries(10):
        as_alice.get(LIST)


def test_telling_costs_a_fixed_number_of_queries(
    account: TikTokAccount, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        Membership.objects.create(workspace=account.workspace, user=make_person())
    # Two savepoints and their ends; was it told, the row; the people, their choices, the copies; the test's look.
    with django_assert_max_num_queries(12):
        tell(account)


def test_signed_out_asks_to_sign_in(client: Client, db: None) -> None:
    for address in (LIST, "/settings/notifications/"):
        assert client.get(address)["Location"] == f"/sign/in/?next={address}"
