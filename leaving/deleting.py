"""Deleting an account begins here: what would go is said, what forbids it is found, and the person is shut out.

The rest is a worker's (`leaving.removing`). From this commit on nobody can sign in as that person, every session of
theirs ends at its next request, what waits for its time is cancelled, and the row says what is to be removed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from accounts.models import Membership, TikTokAccount, User, Workspace
from composer.models import MediaFile, Post
from leaving.models import Deletion
from publishing.ending import ON_THEIR_WAY, cancel_waiting, count_waiting, find_unsettled
from publishing.models import Publication


class UnsettledError(Exception):
    """Posts are being sent, or may be on TikTok without anybody knowing: nothing was changed."""

    def __init__(self, publications: list[Publication]) -> None:
        super().__init__("Posts are being sent, or unconfirmed.")
        self.publications = publications


@dataclass(frozen=True)
class Foreseen:
    """What deleting would do now."""

    accounts: list[TikTokAccount]
    posts: int
    waiting: int
    files: int
    bytes: int
    # Others belong to these: they stay, without this person.
    shared: list[Workspace]
    # What forbids it as yet.
    unsettled: list[Publication]


def foresee_deletion(user: User) -> Foreseen:
    """Changes nothing."""
    own, shared = _sort_workspaces(user, list(Workspace.objects.of(user)))
    media = MediaFile.objects.filter(workspace__in=own).with_bytes()
    return Foreseen(
        accounts=list(TikTokAccount.objects.filter(workspace__in=own).connected()),
        posts=Post.objects.filter(workspace__in=own).count(),
        waiting=count_waiting(own),
        files=media.count(),
        bytes=media.aggregate(total=Sum("size_bytes"))["total"] or 0,
        shared=shared,
        unsettled=find_unsettled(own),
    )


def begin_deletion(user: User, *, now: datetime, even_unconfirmed: bool = False) -> Deletion:
    """Shut the person out and write down what is to go; pressed twice, the second press finds the first's row.

    Raises UnsettledError, with nothing changed. What is merely unconfirmed may be passed over for somebody who cannot
    sign in to settle it; what a worker is at is waited for in any case.
    """
    with transaction.atomic():
        # Rows that refer to these may still be added by whoever is at work: no key changes.
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        begun = Deletion.objects.filter(person=person).first()
        if begun is not None:
            return begun
        locked = Workspace.objects.select_for_update(no_key=True).filter(
            pk__in=list(Workspace.objects.of(person).values_list("pk", flat=True))
        )
        own, _shared = _sort_workspaces(person, list(locked.order_by("pk")))
        unsettled = cancel_waiting(own, person=person)
        if forbidding := [row for row in unsettled if not even_unconfirmed or row.state in ON_THEIR_WAY]:
            raise UnsettledError(forbidding)
        media = MediaFile.objects.filter(workspace__in=own).with_bytes()
        deletion = Deletion.objects.create(
            person=person,
            asked_at=now,
            next_try_at=now,
            posts=Post.objects.filter(workspace__in=own).count(),
            files=media.count(),
            bytes=media.aggregate(total=Sum("size_bytes"))["total"] or 0,
        )
        deletion.workspaces.set(own)
        Workspace.objects.filter(pk__in=[workspace.pk for workspace in own]).update(leaving_at=now)
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
    return deletion


def _sort_workspaces(user: User, workspaces: list[Workspace]) -> tuple[list[Workspace], list[Workspace]]:
    """Those that go with the person, and those where others stay. Whoever is leaving too counts for nobody."""
    others = set(
        Membership.objects.filter(workspace__in=workspaces, user__deletion__isnull=True)
        .exclude(user=user)
        .values_list("workspace", flat=True)
    )
    own = [workspace for workspace in workspaces if workspace.pk not in others]
    return own, [workspace for workspace in workspaces if workspace.pk in others]
