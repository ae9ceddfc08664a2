"""Deleting an account: what it says, what forbids it, and that nothing of the person is left anywhere."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey
from django.test import Client

from accounts.clock import database_now
from accounts.models import AccountState, Membership, TikTokAccount, TokenPair, User, Workspace
from composer.models import Consent, MediaFile, Post
from config.celery import app
from leaving import removing
from leaving.deleting import UnsettledError, begin_deletion
from leaving.holdings import HOLDINGS
from leaving.models import Deletion
from leaving.removing import remove_one
from leaving.tasks import remove_due
from publishing.models import Event, Publication, WebhookDelivery
from publishing.states import State
from tests.factories import (
    PASSWORD,
    make_account,
    make_attempt,
    make_event,
    make_media,
    make_post,
    make_publication,
)
from tests.leaving.lives import live, stored_files
from tests.processes import Simulator

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
URL = "/your-data/delete/"
SURE = {"password": PASSWORD, "is_sure": "on"}


@pytest.fixture(autouse=True)
def no_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is at work in these tests; one of them says what the wait is for."""
    monkeypatch.setattr(removing, "QUIET", timedelta(0))


def counts(person: User, workspace: Workspace) -> dict[str, int]:
    return {
        each.label: each.held_on(person, [workspace]).count()
        for each in HOLDINGS
        if each.of_workspace or each.of_person
    }


def everything() -> list[tuple[str, str]]:
    """Every value of every row of every table, as text."""
    return [
        (
            f"{model._meta.label}.{name}",
            bytes(value).decode() if isinstance(value, bytes | memoryview) else str(value),
        )
        for model in apps.get_models()
        for row in model._default_manager.values()
        for name, value in row.items()
    ]


def traces(*words: str) -> list[str]:
    return [where for where, value in everything() if any(word in value for word in words)]


def dangling() -> list[str]:
    """Foreign keys that lead nowhere."""
    return [
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if isinstance(column, ForeignKey)
        and model._default_manager.filter(**{f"{column.name}__isnull": False})
        .exclude(**{f"{column.name}__in": column.related_model._default_manager.all()})
        .exists()
    ]


def finish(deletion: Deletion) -> Deletion:
    assert remove_one(deletion.pk)
    deletion.refresh_from_db()
    return deletion


def test_leaves_no_row_and_no_file(
    alice: User, bob: User, workspace: Workspace, bobs_workspace: Workspace, as_alice: Client, settings: Any
) -> None:
    live(bob, bobs_workspace)
    before = (counts(bob, bobs_workspace), stored_files(settings))
    account = live(alice, workspace)
    held = counts(alice, workspace)
    # Not made by living: a reviewer's link, and the deletion itself.
    assert {label for label, number in held.items() if not number} == {
        "accounts.ReviewerLink",
        "leaving.Deletion",
    }
    account.refresh_from_db()
    words = ("alice", account.open_id)
    assert len({where.rpartition(".")[0] for where in traces(*words)}) > 10

    deletion = finish(begin_deletion(alice, now=database_now()))

    assert traces(*words) == []
    assert dangling() == []
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert not User.objects.filter(pk=alice.pk).exists()
    assert (counts(bob, bobs_workspace), stored_files(settings)) == before
    assert deletion.finished_at is not None
    assert (deletion.person, deletion.workspaces.count()) == (None, 0)
    assert (deletion.posts, deletion.files, deletion.accounts_not_told) == (3, 3, 1)


def test_tells_tiktok(simulator: Simulator, poppy: TikTokAccount, alice: User) -> None:
    deletion = finish(begin_deletion(alice, now=database_now()))
    assert (deletion.accounts_told, deletion.accounts_not_told) == (1, 0)
    assert simulator.calls("revoke") == 1
    assert simulator.ledger()["connections"] == []


def test_forgets_the_keys_although_tiktok_cannot_be_told(
    simulator: Simulator, poppy: TikTokAccount, alice: User, client: Client
) -> None:
    simulator.fault("revoke", "http", times=1, status=503)
    deletion = finish(begin_deletion(alice, now=database_now()))
    assert (deletion.accounts_told, deletion.accounts_not_told) == (0, 1)
    assert TokenPair.objects.count() == 0
    page = client.get(f"/your-data/deleted/{deletion.pk}/").text
    assert "TikTok could not be told" in page
    assert "Apps and services permissions" in page


def test_the_page_says_what_goes_and_asks_for_the_password(
    as_alice: Client, alice: User, workspace: Workspace
) -> None:
    live(alice, workspace)
    page = as_alice.get(URL).text
    for words in (
        "alice on TikTok",
        "3 posts",
        "3 files",
        "1 post that waits to go out is cancelled",
        "stays there",
    ):
        assert words in page
    for wrong in ({}, {**SURE, "password": "wrong"}, {"password": PASSWORD}, {"is_sure": "on"}):
        assert as_alice.post(URL, wrong).status_code == 422
    assert Deletion.objects.count() == 0
    assert User.objects.get(pk=alice.pk).is_active


def test_shuts_the_person_out_at_once_and_shows_how_far_it_is(
    as_alice: Client, alice: User, client: Client
) -> None:
    elsewhere = Client()
    elsewhere.force_login(alice)
    response = as_alice.post(URL, SURE)
    deletion = Deletion.objects.get()
    assert response["Location"] == f"/your-data/deleted/{deletion.pk}/"
    assert elsewhere.get("/posts/").status_code == 302
    assert client.login(email=alice.email, password=PASSWORD) is False
    assert 'hx-trigger="every 3s"' in client.get(response["Location"]).text
    assert remove_due()
    page = client.get(response["Location"]).text
    assert "Everything was deleted" in page
    assert "hx-trigger" not in page
    assert not remove_due()


def test_the_sweep_goes_on_with_it() -> None:
    assert "leaving.tasks.remove_due" in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_pressed_twice_it_begins_once(alice: User) -> None:
    first = begin_deletion(alice, now=database_now())
    assert begin_deletion(alice, now=database_now()) == first


def test_cancels_what_waits(alice: User, workspace: Workspace) -> None:
    publication = make_publication(make_post(workspace), user=alice)
    begin_deletion(alice, now=database_now())
    publication.refresh_from_db()
    assert publication.state == State.CANCELLED


@pytest.mark.parametrize("state", [State.STARTING, State.UPLOADING, State.PROCESSING, State.UNCONFIRMED])
def test_refuses_while_tiktok_may_be_publishing(
    as_alice: Client, alice: User, workspace: Workspace, state: State
) -> None:
    waiting = make_publication(make_post(workspace), user=alice)
    busy = make_publication(make_post(workspace, caption="A busy one"), user=alice, state=state)
    response = as_alice.post(URL, SURE)
    assert response.status_code == 409
    assert "Not yet: TikTok may be publishing something of yours." in response.text
    assert f"/posts/{busy.post_id}/" in response.text
    waiting.refresh_from_db()
    assert waiting.state == State.SCHEDULED
    assert User.objects.get(pk=alice.pk).is_active
    assert Workspace.objects.get(pk=workspace.pk).leaving_at is None


def test_refuses_for_a_post_that_may_be_out_and_waits_for_its_account(
    alice: User, workspace: Workspace
) -> None:
    publication = make_publication(make_post(workspace), user=alice, state=State.WAITING_RECONNECT)
    make_attempt(publication, final_intent_at=database_now())
    with pytest.raises(UnsettledError):
        begin_deletion(alice, now=database_now())


def test_waits_for_what_a_worker_took_up_in_the_last_moment(alice: User, workspace: Workspace) -> None:
    deletion = begin_deletion(alice, now=database_now())
    late = make_publication(make_post(workspace), user=alice, state=State.UPLOADING)
    finish(deletion)
    assert deletion.finished_at is None
    assert deletion.next_try_at is not None
    Publication.objects.move(late.pk, State.UPLOADING, State.FAILED, reason="x")
    Deletion.objects.update(next_try_at=database_now())
    assert finish(deletion).finished_at is not None


def test_waits_for_whoever_was_at_work(
    alice: User, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    monkeypatch.setattr(removing, "QUIET", timedelta(seconds=25))
    live(alice, workspace)
    deletion = finish(begin_deletion(alice, now=database_now()))
    assert deletion.finished_at is None
    assert deletion.stopped_at is not None
    assert deletion.next_try_at == deletion.stopped_at + timedelta(seconds=25)
    assert MediaFile.objects.filter(workspace=workspace).count() == 3
    Deletion.objects.update(stopped_at=database_now() - timedelta(seconds=26), next_try_at=database_now())
    assert finish(deletion).finished_at is not None


def test_cut_short_anywhere_it_is_finished_by_whoever_comes_next(
    alice: User, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its first write, then before its second, and so on, until one go comes through."""
    live(alice, workspace)
    deletion = begin_deletion(alice, now=database_now())
    beat = removing._Removal._beat

    class KilledError(BaseException):
        pass

    killed = 0
    while deletion.finished_at is None:
        left = killed + 1

        def die(self: Any) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KilledError
            beat(self)

        monkeypatch.setattr(removing._Removal, "_beat", die)
        try:
            remove_one(deletion.pk)
        except KilledError:
            killed += 1
            # No file without a row that names it.
            named = {
                str(name) for media in MediaFile.objects.all() for name in (media.file, media.poster) if name
            }
            named |= {str(account.avatar) for account in TikTokAccount.objects.exclude(avatar="")}
            assert {name for name in stored_files(settings) if not name.startswith("incoming/")} <= named
        Deletion.objects.filter(finished_at=None).update(lease_until=database_now() - timedelta(seconds=1))
        deletion.refresh_from_db()
    assert killed > 5
    assert stored_files(settings) == []
    assert traces("alice") == []


def test_a_file_that_comes_in_after_the_files_were_removed_goes_too(
    alice: User, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload in one long request, begun before the deletion, is stored while the rows go."""
    removed = removing._Removal._remove_pictures

    def store_another(self: Any) -> None:
        removed(self)
        make_media(workspace, content=b"late")

    monkeypatch.setattr(removing._Removal, "_remove_pictures", store_another)
    assert finish(begin_deletion(alice, now=database_now())).finished_at is not None
    assert stored_files(settings) == []


def test_an_error_is_tried_again_and_loses_nothing(
    alice: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise OSError("the disk is away")

    deletion = begin_deletion(alice, now=database_now())
    live(alice, workspace)
    monkeypatch.setattr(removing, "remove_bytes", fail)
    assert finish(deletion).finished_at is None
    assert MediaFile.objects.count() == 3
    monkeypatch.undo()
    monkeypatch.setattr(removing, "QUIET", timedelta(0))
    Deletion.objects.update(next_try_at=database_now())
    assert finish(deletion).finished_at is not None


def test_a_workspace_of_others_keeps_everything_but_the_name(
    alice: User, bob: User, workspace: Workspace
) -> None:
    Membership.objects.create(workspace=workspace, user=bob)
    publication = make_publication(make_post(workspace, author=alice), user=alice, state=State.PUBLISHED)
    event = make_event(publication, State.PUBLISHED, person=alice)
    own = Workspace.objects.create(name="alice alone")
    Membership.objects.create(workspace=own, user=alice)
    finish(begin_deletion(alice, now=database_now()))
    assert set(Workspace.objects.all()) == {
        workspace,
        Workspace.objects.of(bob).exclude(pk=workspace.pk).get(),
    }
    assert Consent.objects.get().given_by is None
    assert Consent.objects.get().giver == "Somebody who has left"
    assert Post.objects.get().author is None
    event.refresh_from_db()
    assert event.person is None
    assert list(workspace.memberships.values_list("user", flat=True)) == [bob.pk]


def test_the_last_two_of_a_workspace_leave_nothing_behind(
    alice: User, bob: User, workspace: Workspace
) -> None:
    Membership.objects.create(workspace=workspace, user=bob)
    make_publication(make_post(workspace), user=alice, state=State.PUBLISHED)
    deletions = [begin_deletion(person, now=database_now()) for person in (alice, bob)]
    for deletion in deletions:
        finish(deletion)
    assert Workspace.objects.count() == 0
    assert Publication.objects.count() == 0


def test_an_account_that_posted_elsewhere_stays_there_without_a_name(
    alice: User, bob: User, workspace: Workspace, bobs_workspace: Workspace, settings: Any
) -> None:
    account = live(
        alice,
        workspace,
        account=make_account(workspace, username="alice.tiktok", nickname="alice", open_id="alice-id"),
    )
    theirs = make_publication(make_post(bobs_workspace, account=account), user=bob, state=State.PUBLISHED)
    finish(begin_deletion(alice, now=database_now()))
    kept = TikTokAccount.objects.get(pk=account.pk)
    assert (kept.workspace, kept.state, str(kept)) == (
        bobs_workspace,
        AccountState.DISCONNECTED,
        "TikTok account",
    )
    assert "alice" not in str(TikTokAccount.objects.values().get())
    assert TokenPair.objects.count() == 0
    theirs.refresh_from_db()
    assert stored_files(settings) == []


def test_an_event_of_tiktoks_about_somebody_who_left_is_kept_as_a_hash() -> None:
    from publishing.webhooks import hear_due_deliveries, store_delivery

    store_delivery(
        b'{"event":"post.publish.complete","user_openid":"gone-id","content":"{}"}', signed_at=database_now()
    )
    hear_due_deliveries(now=database_now() + timedelta(seconds=1))
    delivery = WebhookDelivery.objects.get()
    assert (delivery.outcome, bytes(delivery.body)) == ("unknown_publish_id", b"")


def test_a_history_goes_with_its_workspace_and_never_without(alice: User, workspace: Workspace) -> None:
    publication = make_publication(make_post(workspace), user=alice, state=State.PUBLISHED)
    make_event(publication, State.PUBLISHED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.all().delete()
    assert Event.objects.count() == 1
    Workspace.objects.filter(pk=workspace.pk).update(leaving_at=database_now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(name="other")
    Event.objects.all().delete()
    assert Event.objects.count() == 0


def test_a_reviewer_cannot_delete_the_login_others_share(client: Client) -> None:
    from accounts.reviewers import make_link

    link, _token = make_link(note="", days=1, made_by=None, now=database_now())
    client.force_login(link.user)
    assert client.get(URL).status_code == 403
    assert client.post(URL, {"is_sure": "on"}).status_code == 403
    assert "cannot be deleted" in client.get("/your-data/").text
    assert Deletion.objects.count() == 0


def test_an_operator_deletes_for_somebody_who_cannot_sign_in(alice: User, workspace: Workspace) -> None:
    make_publication(make_post(workspace), user=alice, state=State.UNCONFIRMED)
    out = StringIO()
    call_command("delete_account", "Alice@example.com", stdout=out)
    assert "1 posts, 1 files and 1 TikTok accounts would be deleted" in out.getvalue()
    for arguments in (["nobody@example.com"], ["alice@example.com", "--yes"]):
        with pytest.raises(CommandError):
            call_command("delete_account", *arguments, stdout=out)
    assert Deletion.objects.count() == 0
    call_command("delete_account", "alice@example.com", "--yes", "--unconfirmed-too", stdout=out)
    assert finish(Deletion.objects.get()).finished_at is not None


def test_strangers_learn_nothing(client: Client, as_bob: Client, alice: User) -> None:
    assert client.get("/your-data/").status_code == 302
    assert client.post(URL, SURE).status_code == 302
    assert client.get("/your-data/deleted/00000000-0000-4000-8000-000000000000/").status_code == 404
    as_bob.post(URL, SURE)
    assert User.objects.filter(pk=alice.pk, is_active=True).exists()
