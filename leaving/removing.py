"""A worker's side of a deletion: TikTok is told, files go, then the rows that named them, then the person.

Every step may be cut short and is done again by whoever comes next: tokens are forgotten one account at a time, files
go while their rows still name them, and the last transaction takes the person and the workspaces and makes the row
anonymous. Before the first file goes some moments are waited, so that whoever was at work when the person was shut
out (a request, an upload, a check of a file) has ended and writes no file that nobody would name.
"""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from accounts.clock import database_now
from accounts.disconnecting import disconnect
from accounts.models import AccountMove, AccountState, TikTokAccount, User, Workspace
from accounts.moving import decline_move
from composer.ending import remove_bytes, stop_work
from composer.models import Consent, MediaFile, Post, WorkLease
from composer.storing import MediaUnreachableError, delete_stored
from leaving.holdings import HOLDINGS, deliveries_about
from leaving.models import Deletion
from publishing.ending import ON_THEIR_WAY, cancel_waiting, take_out_of_the_sweep
from publishing.models import Publication

logger = logging.getLogger(__name__)

# Renewed with every file and every batch of rows.
LEASE_SECONDS = 120.0
# Longer than a lease on a file that arrives or is made (20 s), and than any request that ends.
QUIET = timedelta(seconds=25)
BUSY_GAP = timedelta(seconds=3)
FAULT_GAP = timedelta(seconds=60)
BATCH = 500


class _NotYetError(Exception):
    """Come back at that time."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


class _LeaseLostError(Exception):
    """Another worker is at it."""


def remove_one(pk: UUID, *, stopping: threading.Event | None = None) -> bool:
    """Go on with one deletion as far as it goes now; False when it was not due or somebody is at it."""
    lease = Deletion.objects.claim(pk, seconds=LEASE_SECONDS)
    if lease is None:
        return False
    deletion = Deletion.objects.select_related("person").get(pk=pk)
    try:
        _Removal(deletion, lease, stopping or threading.Event()).go_on()
    except _NotYetError as not_yet:
        Deletion.objects.settle(lease, next_try_at=not_yet.at)
    except _LeaseLostError:
        logger.info("another worker goes on with deletion %s", pk)
    except MediaUnreachableError:
        logger.warning("deletion %s waits for the object store", pk)
        Deletion.objects.settle(lease, next_try_at=database_now() + FAULT_GAP)
    except Exception:
        logger.exception("deletion %s is gone on with later", pk)
        Deletion.objects.settle(lease, next_try_at=database_now() + FAULT_GAP)
    return True


class _Removal:
    """One go at a deletion under its lease."""

    def __init__(self, deletion: Deletion, lease: WorkLease, stopping: threading.Event) -> None:
        self._deletion = deletion
        self._lease = lease
        self._stopping = stopping
        self._workspaces: Sequence[Workspace] = list(deletion.workspaces.all())

    def go_on(self) -> None:
        person = self._deletion.person
        if person is None:
            raise RuntimeError("An unfinished deletion lost its person.")
        self._stop(person)
        self._tell_tiktok()
        self._wait_for_quiet()
        self._remove_files()
        self._remove_pictures()
        self._remove_rows(person)

    def _beat(self) -> None:
        if self._stopping.is_set():
            raise _NotYetError(database_now())
        if not Deletion.objects.renew(self._lease):
            raise _LeaseLostError

    def _stop(self, person: User) -> None:
        """Nothing is sent and nothing comes in any more; what had begun in the last moment is seen through."""
        now = database_now()
        unsettled = cancel_waiting(self._workspaces, person=person)
        stop_work(self._workspaces, now=now)
        if any(row.state in ON_THEIR_WAY for row in unsettled):
            raise _NotYetError(now + BUSY_GAP)
        take_out_of_the_sweep(self._workspaces)
        if self._deletion.stopped_at is None:
            self._deletion.stopped_at = now
            Deletion.objects.renew(self._lease, stopped_at=now)

    def _tell_tiktok(self) -> None:
        moves = AccountMove.objects.filter(
            Q(to_workspace__in=self._workspaces)
            | Q(from_workspace__in=self._workspaces)
            | Q(asked_by=self._deletion.person)
        )
        for move in moves.exclude(grant_sealed="").select_related("account"):
            self._beat()
            decline_move(move, now=database_now())
        for account in TikTokAccount.objects.filter(workspace__in=self._workspaces).connected():
            self._beat()
            is_told = disconnect(account, now=database_now())
            if is_told:
                Deletion.objects.renew(self._lease, accounts_told=F("accounts_told") + 1)
            elif account.state == AccountState.CONNECTED:
                Deletion.objects.renew(self._lease, accounts_not_told=F("accounts_not_told") + 1)

    def _wait_for_quiet(self) -> None:
        stopped_at = self._deletion.stopped_at
        if stopped_at is not None and database_now() < stopped_at + QUIET:
            raise _NotYetError(stopped_at + QUIET)

    def _remove_files(self) -> None:
        for _each in remove_bytes(self._workspaces):
            self._beat()

    def _remove_media(self) -> None:
        """The rows whose files are gone; one that a long upload has added meanwhile stays until its file is, too."""
        rows = MediaFile.objects.filter(workspace__in=self._workspaces)
        while rows.exists():
            self._remove_files()
            self._remove_in_batches(rows.filter(file="", poster=""))

    def _remove_pictures(self) -> None:
        for account in TikTokAccount.objects.filter(workspace__in=self._workspaces).exclude(avatar=""):
            self._beat()
            delete_stored(account.avatar)

    def _remove_rows(self, person: User) -> None:
        open_ids = TikTokAccount.objects.filter(workspace__in=self._workspaces).values_list(
            "open_id", flat=True
        )
        for deliveries in deliveries_about(list(open_ids)):
            self._beat()
            deliveries.delete()
        _leave_accounts_to_others(self._workspaces)
        # By then nothing refers to a row but rows that have gone.
        for holding in HOLDINGS:
            if holding.label == "composer.MediaFile":
                self._remove_media()
            elif holding.of_workspace and not holding.is_last:
                self._remove_in_batches(holding.in_workspaces(self._workspaces))
        sessions = sessions_of(person)
        with transaction.atomic():
            for holding in HOLDINGS:
                if holding.of_workspace and holding.is_last:
                    holding.in_workspaces(self._workspaces).delete()
            sessions.delete()
            person.delete()
            is_ours = Deletion.objects.settle(self._lease, finished_at=database_now())
            if not is_ours:
                raise _LeaseLostError

    def _remove_in_batches(self, rows: "QuerySet[models.Model]") -> None:
        while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            self._beat()
            with transaction.atomic():
                rows.model._default_manager.filter(pk__in=keys).delete()  # noqa: SLF001 - Django's documented API


def sessions_of(person: User) -> QuerySet[Session]:
    """Every session of this person; looks into all there are, because their table does not say whose they are."""
    key = str(person.pk)
    mine = [
        session.pk
        for session in Session.objects.iterator(chunk_size=500)
        if session.get_decoded().get("_auth_user_id") == key
    ]
    return Session.objects.filter(pk__in=mine)


def _leave_accounts_to_others(workspaces: Sequence[Workspace]) -> None:
    """An account that posted in somebody else's workspace before it came here stays there, as a row without a name.

    The history of those posts is theirs, and needs the row; who the account was goes.
    """
    for account in TikTokAccount.objects.filter(workspace__in=workspaces):
        heir = _other_workspace_of(account, workspaces)
        if heir is None:
            continue
        TikTokAccount.objects.filter(pk=account.pk).update(
            workspace=heir, state=AccountState.DISCONNECTED, state_reason="",
            open_id=f"left-{uuid4().hex}", granted_scopes=[], nickname="", username="", avatar="", avatar_source="",
            avatar_due_at=None, creator_info=None, creator_info_at=None, creator_block="", access_check_at=None,
            access_check_reason="", connected_by=None,
        )  # fmt: skip
        AccountMove.objects.filter(account=account).delete()


def _other_workspace_of(account: TikTokAccount, workspaces: Sequence[Workspace]) -> int | None:
    for found in (
        Publication.objects.filter(account=account)
        .exclude(workspace__in=workspaces)
        .values_list("workspace"),
        Post.objects.filter(account=account).exclude(workspace__in=workspaces).values_list("workspace"),
        Consent.objects.filter(account=account)
        .exclude(post__workspace__in=workspaces)
        .values_list("post__workspace"),
    ):
        first = found.first()
        if first is not None:
            return int(first[0])
    return None
