"""What the real engine tells people: each end and each obstacle once, in the move's own transaction."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, Delivery, Kind, Membership, Notification, TikTokAccount, User
from accounts.people import workspace_of
from composer.consents import void_consent
from composer.models import Destination
from publishing.models import Publication
from publishing.services import cancel_publication, hold_moved_away, reopen_post, try_again
from publishing.states import State
from tests.consent import connect
from tests.factories import make_person, make_post, make_publication
from tests.processes import Simulator
from tests.publishing.driving import due, film, in_state, move_account, run

UNAUDITED = "unaudited_client_can_only_post_to_private_accounts"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return film(tmp_path)


def told(publication: Publication) -> Notification:
    """The newest that was told of it."""
    return Notification.objects.filter(about=f"publication:{publication.pk}").latest("pk")


def test_a_published_post(simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path) -> None:
    publication = run(due(poppy, path, user=alice, caption="Tea at four\n#tea"))
    assert publication.state == State.PUBLISHED
    news = Notification.objects.get()
    assert (news.kind, news.account, news.account_name, news.workspace) == (
        Kind.PUBLISHED, poppy, "Poppy Parade", poppy.workspace,
    )  # fmt: skip
    assert (news.subject, news.action, news.path) == (
        "Tea at four", "See the post", f"/posts/{publication.post_id}/",
    )  # fmt: skip
    assert (news.happened, news.to_do, news.settled_at) == ("TikTok says that it is published.", "", None)
    assert Delivery.objects.get().person == alice


def test_a_draft_in_the_inbox_and_then_its_publication(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    publication = run(
        due(poppy, path, user=alice, destination=Destination.INBOX), until=in_state(State.IN_INBOX)
    )
    delivered = told(publication)
    assert (delivered.kind, delivered.action) == (Kind.DELIVERED, "See the draft")
    assert "finish and post it" in delivered.to_do
    simulator.tap(publication.attempts.get().publish_id or "")
    run(publication, until=in_state(State.PUBLISHED))
    delivered.refresh_from_db()
    assert delivered.settled_at is not None
    assert told(publication).kind == Kind.PUBLISHED


def test_a_held_post_until_somebody_deals_with_it(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("video_init", "error", code=UNAUDITED, status=403)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.HELD
    news = told(publication)
    assert (news.kind, news.reason, news.action) == (Kind.HELD, UNAUDITED, "Open the post")
    assert "has not passed TikTok's audit" in news.happened
    assert news.to_do.startswith("Make the account private in the TikTok app")
    copy = Delivery.objects.get()
    assert (copy.read_at, copy.in_digest) == (None, False)
    try_again(publication, user=alice, now=database_now())
    news.refresh_from_db()
    copy.refresh_from_db()
    assert news.settled_at is not None
    assert copy.read_at is not None
    assert copy.mail_due_at is None  # no mail about what is settled
    assert Notification.objects.count() == 1  # that somebody pressed a button is no news


def test_a_failed_post(simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path) -> None:
    simulator.fault("status", "fail_reason", reason="spam_risk")
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.FAILED
    assert (told(publication).kind, told(publication).reason) == (Kind.FAILED, "spam_risk")
    reopen_post(publication, user=alice)
    assert told(publication).settled_at is not None


def test_an_unconfirmed_post_that_turns_out_to_be_published(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    simulator.fault("status", "status_word", word="RESTING", times=None)
    publication = run(due(poppy, path, user=alice))
    assert publication.state == State.UNCONFIRMED
    unconfirmed = told(publication)
    assert (unconfirmed.kind, unconfirmed.action) == (Kind.UNCONFIRMED, "Check it")
    assert unconfirmed.to_do.startswith("Look at the profile on TikTok, then say here")
    simulator.clear_faults()
    run(publication, until=in_state(State.PUBLISHED))
    unconfirmed.refresh_from_db()
    assert unconfirmed.settled_at is not None
    assert told(publication).kind == Kind.PUBLISHED


def test_posts_that_wait_for_one_reconnection_are_told_once(
    simulator: Simulator, poppy: TikTokAccount, alice: User, as_alice: Client, path: Path
) -> None:
    simulator.revoke("poppy.public")
    publications = [run(due(poppy, path, user=alice)) for _ in range(3)]
    assert {publication.state for publication in publications} == {State.WAITING_RECONNECT}
    news = Notification.objects.get()
    assert (news.kind, news.action, news.path) == (
        Kind.NEEDS_RECONNECT, "Reconnect", f"/accounts/#account-{poppy.pk}",
    )  # fmt: skip
    assert Delivery.objects.get().mail_due_at <= database_now()
    connect(as_alice, "poppy.public")
    news.refresh_from_db()
    assert news.settled_at is not None
    # A second time is told anew.
    simulator.revoke("poppy.public")
    poppy.refresh_from_db()
    assert run(due(poppy, path, user=alice)).state == State.WAITING_RECONNECT
    assert Notification.objects.filter(kind=Kind.NEEDS_RECONNECT).count() == 2


def test_an_account_that_only_seems_connected_is_told_too(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path, settings: object
) -> None:
    publication = due(poppy, path, user=alice)
    settings.TIKTOK_CLIENT_KEY = "another-app"  # type: ignore[attr-defined]
    assert run(publication).state == State.WAITING_RECONNECT
    assert Notification.objects.get().kind == Kind.NEEDS_RECONNECT


@pytest.mark.parametrize("is_moved", [True, False])
def test_what_can_be_mended_at_the_account_leads_there(
    is_moved: bool, simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    publication = due(poppy, path, user=alice)
    if is_moved:
        move_account(poppy, workspace_of(make_person()))
    else:
        TikTokAccount.objects.update(state=AccountState.DISCONNECTED)
    run(publication)
    news = told(publication)
    assert (news.kind, news.action) == (Kind.HELD, "Open the post" if is_moved else "Open Accounts")
    assert news.workspace_id == publication.workspace_id


def test_a_post_that_was_missed(simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path) -> None:
    publication = due(poppy, path, user=alice)
    Publication.objects.update(due_at=database_now() - timedelta(hours=3))
    run(publication)
    assert (told(publication).kind, told(publication).reason) == (Kind.HELD, "missed")


def test_everybody_of_the_workspace_and_nobody_else(
    simulator: Simulator, poppy: TikTokAccount, alice: User, bob: User, path: Path
) -> None:
    colleague, left = make_person(), make_person()
    for person in (colleague, left):
        Membership.objects.create(workspace=poppy.workspace, user=person)
    left.is_active = False
    left.save()
    run(due(poppy, path, user=alice))
    assert set(Delivery.objects.values_list("person", flat=True)) == {alice.pk, colleague.pk}


def test_a_move_that_is_undone_tells_nobody(
    poppy: TikTokAccount, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at the end of the transaction leaves neither the move nor the news."""
    publication = make_publication(make_post(poppy.workspace, account=poppy), user=alice)
    move_account(poppy, workspace_of(make_person()))

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("accounts.notifications.telling._copy_to", die)
        with pytest.raises(KeyboardInterrupt):
            hold_moved_away()
    publication.refresh_from_db()
    assert publication.state == State.SCHEDULED
    assert Notification.objects.count() == 0
    assert hold_moved_away() == 1
    assert Notification.objects.get().reason == "account_moved"


def test_what_a_person_stops_is_no_news(poppy: TikTokAccount, alice: User) -> None:
    publication = make_publication(make_post(poppy.workspace, account=poppy), user=alice)
    cancel_publication(publication, user=alice)
    assert Notification.objects.count() == 0


def test_a_consent_that_was_voided(
    simulator: Simulator, poppy: TikTokAccount, alice: User, path: Path
) -> None:
    publication = due(poppy, path, user=alice)
    void_consent(publication.post, now=database_now())
    run(publication)
    assert (told(publication).kind, told(publication).reason) == (Kind.HELD, "consent_voided")
