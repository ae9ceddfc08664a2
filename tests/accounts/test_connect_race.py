"""Returns from TikTok that arrive at the same moment."""

import pytest
from django.test import Client

from accounts.models import AccountMove, TikTokAccount, TokenPair, User, Workspace
from accounts.people import workspace_of
from tests.at_once import at_once
from tests.consent import come_back, consent, last_message, leave
from tests.processes import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_double_click_connects_once(simulator: Simulator, as_alice: Client) -> None:
    query = consent(leave(as_alice))
    responses = at_once(*[lambda: come_back(as_alice, query)] * 4)
    assert [response.status_code for response in responses] == [302] * 4
    messages = sorted(last_message(response)[:24] for response in responses)
    assert messages == ["Poppy Parade is connecte", *["This answer from TikTok "] * 3]
    assert simulator.calls("token") == 1
    assert TikTokAccount.objects.count() == TokenPair.objects.count() == 1


def test_two_people_connecting_the_same_new_account_make_one_row(
    simulator: Simulator, as_alice: Client, as_bob: Client
) -> None:
    """One gets it, the other is asked whether to move it."""
    first, second = consent(leave(as_alice)), consent(leave(as_bob))
    responses = at_once(lambda: come_back(as_alice, first), lambda: come_back(as_bob, second))
    assert [response.status_code for response in responses] == [302, 302]
    account = TikTokAccount.objects.get()
    assert TokenPair.objects.count() == 1
    assert AccountMove.objects.get().from_workspace == account.workspace


def test_two_first_pages_make_one_workspace(db: None) -> None:
    root = User.objects.create_superuser("root@example.com", "a long password")
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(root)
    responses = at_once(*[lambda client=client: client.get("/accounts/") for client in clients])
    assert [response.status_code for response in responses] == [200] * 4
    assert Workspace.objects.get() == workspace_of(root)
