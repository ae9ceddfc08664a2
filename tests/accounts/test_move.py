"""An account that is connected in a second workspace: offered, moved, declined, and what becomes of its tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.clock import database_now
from accounts.models import (
    AccountMove,
    AccountState,
    Delivery,
    Membership,
    Notification,
    TikTokAccount,
    TokenPair,
    User,
    Workspace,
)
from accounts.moving import forget_ended_moves
from accounts.notifications.sending import send_due_mails
from accounts.tokens import NeedsReconnectError, access_token_for
from tests.consent import connect, last_message
from tests.processes import Simulator

pytestmark = pytest.mark.on_postgres


@pytest.fixture
def offered(simulator: Simulator, poppy: TikTokAccount, as_bob: Client) -> AccountMove:
    """Poppy works in alice's workspace, and bob has just connected her in his."""
    response = connect(as_bob)
    move = AccountMove.objects.get()
    assert response["Location"] == reverse("accounts:account-move", args=[move.pk])
    return move


def assert_chain_lives(account: TikTokAccount) -> None:
    """The tokens on the row are TikTok's newest: both the access token and the refresh token work."""
    now = database_now()
    token = access_token_for(account, now=now)
    assert access_token_for(account, now=now, stale=token) != token


def kill(simulator: Simulator, account: TikTokAccount) -> None:
    simulator.revoke(account.username)
    with pytest.raises(NeedsReconnectError):
        access_token_for(account, now=database_now() + timedelta(hours=2))
    Notification.objects.all().delete()


def test_offers_to_move_it_and_says_what_that_means(
    offered: AccountMove, poppy: TikTokAccount, as_bob: Client, workspace: Workspace
) -> None:
    page = as_bob.get(reverse("accounts:account-move", args=[offered.pk])).content.decode()
    assert "Move this account here?" in page
    assert "Poppy Parade" in page
    assert "Posts for it that are waiting in the other workspace are held there." in page
    # Bob learns nothing of whose workspace it is.
    assert workspace.name not in page
    assert "alice" not in page
    poppy.refresh_from_db()
    assert poppy.workspace == workspace
    assert TikTokAccount.objects.count() == 1


def test_a_member_of_both_reads_the_other_workspaces_name(
    offered: AccountMove, as_bob: Client, bob: User, workspace: Workspace
) -> None:
    Membership.objects.create(workspace=workspace, user=bob)
    page = as_bob.get(reverse("accounts:account-move", args=[offered.pk])).content.decode()
    assert workspace.name in page


def test_confirming_moves_it_with_working_tokens(
    offered: AccountMove, poppy: TikTokAccount, as_bob: Client, bob: User, bobs_workspace: Workspace
) -> None:
    response = as_bob.post(reverse("accounts:move-confirm", args=[offered.pk]))
    assert last_message(response) == (
        "Poppy Parade was moved to this workspace. The people of the other one are told."
    )
    poppy.refresh_from_db()
    assert poppy.workspace == bobs_workspace
    assert poppy.connected_by == bob
    assert TokenPair.objects.count() == 1
    assert_chain_lives(poppy)


def test_the_other_workspaces_people_are_told(
    offered: AccountMove, as_bob: Client, as_alice: Client, mailoutbox: list[Any]
) -> None:
    as_bob.post(reverse("accounts:move-confirm", args=[offered.pk]))
    assert send_due_mails(now=database_now()) == 1
    [mail] = mailoutbox
    assert mail.to == ["alice@example.com"]
    assert mail.subject == "Poppy Parade was moved to another workspace"
    assert "held and will not be sent" in mail.body
    assert "bob" not in mail.body
    page = as_alice.get("/accounts/").content.decode()
    assert "Poppy Parade was moved to another workspace." in page
    # Its words alone: a form's random token may well spell a name.
    assert "bob" not in strip_tags(page)
    copy = Delivery.objects.get()
    away = reverse("notifications:notification-read", args=[copy.pk])
    assert as_bob.post(away).status_code == 404
    copy.refresh_from_db()
    assert copy.read_at is None
    assert as_alice.post(away, {"next": "/accounts/"})["Location"] == "/accounts/"
    assert "was moved to another workspace" not in as_alice.get("/accounts/").content.decode()
    assert "was moved to another workspace" not in as_bob.get("/accounts/").content.decode()


def test_confirming_twice_moves_once(offered: AccountMove, as_bob: Client) -> None:
    address = reverse("accounts:move-confirm", args=[offered.pk])
    as_bob.post(address)
    assert as_bob.post(address).status_code == 404
    assert Notification.objects.count() == 1


def test_before_the_answer_it_goes_on_working_where_it_is(
    offered: AccountMove, poppy: TikTokAccount, workspace: Workspace
) -> None:
    """Bob's consent killed the pair alice's workspace had: the new one is on the row at once."""
    assert offered.grant_sealed == ""
    assert_chain_lives(poppy)
    poppy.refresh_from_db()
    assert poppy.workspace == workspace


def test_declining_changes_nothing_there(
    simulator: Simulator, offered: AccountMove, poppy: TikTokAccount, as_bob: Client, workspace: Workspace
) -> None:
    as_bob.post(reverse("accounts:move-decline", args=[offered.pk]))
    poppy.refresh_from_db()
    assert poppy.workspace == workspace
    assert poppy.state == AccountState.CONNECTED
    assert_chain_lives(poppy)
    assert simulator.calls("revoke") == 0
    assert Notification.objects.count() == 0
    assert as_bob.post(reverse("accounts:move-confirm", args=[offered.pk])).status_code == 404


def test_an_offer_runs_out(
    offered: AccountMove, poppy: TikTokAccount, as_bob: Client, workspace: Workspace
) -> None:
    AccountMove.objects.update(expires_at=database_now() - timedelta(seconds=1))
    assert as_bob.get(reverse("accounts:account-move", args=[offered.pk])).status_code == 404
    assert as_bob.post(reverse("accounts:move-confirm", args=[offered.pk])).status_code == 404
    poppy.refresh_from_db()
    assert poppy.workspace == workspace


def test_alice_cannot_answer_bobs_offer(offered: AccountMove, poppy: TikTokAccount, as_alice: Client) -> None:
    for name in ("move-confirm", "move-decline"):
        assert as_alice.post(reverse(f"accounts:{name}", args=[offered.pk])).status_code == 404
    assert as_alice.get(reverse("accounts:account-move", args=[offered.pk])).status_code == 404
    offered.refresh_from_db()
    assert (offered.confirmed_at, offered.declined_at) == (None, None)


def test_an_account_that_was_disconnected_meanwhile_is_not_moved(
    offered: AccountMove, poppy: TikTokAccount, as_alice: Client, as_bob: Client, workspace: Workspace
) -> None:
    as_alice.post(reverse("accounts:disconnect", args=[poppy.pk]))
    response = as_bob.post(reverse("accounts:move-confirm", args=[offered.pk]))
    assert last_message(response).startswith("This account changed since you were asked")
    poppy.refresh_from_db()
    assert poppy.workspace == workspace
    offered.refresh_from_db()
    assert offered.confirmed_at is None


class TestOfADeadAccount:
    """Where the account does not work in the old workspace, bob's consent must not revive it there."""

    @pytest.fixture
    def offered(self, simulator: Simulator, poppy: TikTokAccount, as_bob: Client) -> AccountMove:
        kill(simulator, poppy)
        connect(as_bob)
        return AccountMove.objects.get()

    def test_waits_sealed_in_the_offer(self, offered: AccountMove, poppy: TikTokAccount) -> None:
        assert offered.grant_sealed.startswith("gAAAA")
        poppy.refresh_from_db()
        assert poppy.state == AccountState.NEEDS_RECONNECT

    def test_works_after_the_move(
        self, offered: AccountMove, poppy: TikTokAccount, as_bob: Client, bobs_workspace: Workspace
    ) -> None:
        as_bob.post(reverse("accounts:move-confirm", args=[offered.pk]))
        poppy.refresh_from_db()
        assert (poppy.workspace, poppy.state) == (bobs_workspace, AccountState.CONNECTED)
        offered.refresh_from_db()
        assert offered.grant_sealed == ""
        assert_chain_lives(poppy)

    def test_is_handed_back_when_declined(
        self, simulator: Simulator, offered: AccountMove, poppy: TikTokAccount, as_bob: Client
    ) -> None:
        as_bob.post(reverse("accounts:move-decline", args=[offered.pk]))
        offered.refresh_from_db()
        poppy.refresh_from_db()
        assert offered.grant_sealed == ""
        assert poppy.state == AccountState.NEEDS_RECONNECT
        assert simulator.calls("revoke") == 1
        assert simulator.ledger()["connections"] == []

    def test_is_handed_back_when_nobody_answers(self, simulator: Simulator, offered: AccountMove) -> None:
        forget_ended_moves(now=database_now() + timedelta(minutes=29))
        assert simulator.calls("revoke") == 0
        forget_ended_moves(now=database_now() + timedelta(minutes=31))
        offered.refresh_from_db()
        assert offered.grant_sealed == ""
        assert simulator.calls("revoke") == 1
        forget_ended_moves(now=database_now() + timedelta(days=2))
        assert AccountMove.objects.count() == 0

    def test_is_not_handed_back_when_the_old_workspace_has_connected_it_anew(
        self,
        simulator: Simulator,
        offered: AccountMove,
        poppy: TikTokAccount,
        as_alice: Client,
        as_bob: Client,
    ) -> None:
        connect(as_alice)
        as_bob.post(reverse("accounts:move-decline", args=[offered.pk]))
        assert simulator.calls("revoke") == 0
        poppy.refresh_from_db()
        assert_chain_lives(poppy)


def test_connecting_again_withdraws_the_older_offer(
    simulator: Simulator, offered: AccountMove, as_bob: Client
) -> None:
    connect(as_bob)
    offered.refresh_from_db()
    assert offered.declined_at is not None
    assert AccountMove.objects.count() == 2
