"""Deletes files of the library: none that a post still needs, and none out of a draft that was not named first."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q

from composer.draft_media import take_out_of_draft
from composer.models import Fix, FixState, MediaFile, MediaState, Post
from composer.storing import MediaUnreachableError, delete_media_bytes
from composer.usage import Usage, posts_using, sort_uses, usage_of

logger = logging.getLogger(__name__)

# A worker stores a result and then its own row; one that was killed in between left a result nobody will be shown.
ORPHAN_AGE = timedelta(hours=1)
_OPEN_FIXES = (FixState.WAITING, FixState.RUNNING, FixState.DONE)
_LOOKS = 5


class Deletion(StrEnum):
    """What became of the wish to delete a file."""

    DONE = "done"
    # Nothing was changed: a post that is on its way needs the file.
    NEEDED = "needed"
    # Nothing was changed: drafts show the file that the person has not been told about.
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class DeletionResult:
    """The outcome, with the uses of the file that decided it."""

    outcome: Deletion
    usage: Usage


class _UsesMovedError(Exception):
    """A post took the file, or let it go, between the look and the lock."""


def foresee_deletion(media: MediaFile) -> DeletionResult:
    """What deleting would meet now, without changing anything: ASK for a file that drafts show."""
    if media.state == MediaState.DELETED:
        return DeletionResult(Deletion.DONE, Usage())
    usage = usage_of(media)
    return DeletionResult(_judge(usage, frozenset()), usage)


def delete_media(media: MediaFile, *, told_drafts: Collection[int], now: datetime) -> DeletionResult:
    """Delete a file: out of every draft in `told_drafts`, its bytes, and its row where no post's history names it.

    Safe to repeat. Locks the posts, then the file, then its fixes: the order in which a post is sent, so that a
    press on *Post to TikTok* at the same moment comes before this and is respected, or after it and finds the
    draft changed.
    """
    for _look in range(_LOOKS):
        try:
            with transaction.atomic():
                result, dead = _delete_under_locks(media, frozenset(told_drafts), now=now)
        except _UsesMovedError:
            continue
        for each in dead:
            bury(each)
        return result
    # Somebody adds it to drafts faster than we look: that is a use to be told about.
    return DeletionResult(Deletion.ASK, usage_of(media))


def bury(media: MediaFile) -> None:
    """Remove the bytes of a file that is marked as deleted, then its row, unless a post's history needs that.

    The mark is committed before: whatever ends this half way, `bury_what_is_left` does the rest.
    """
    stored = MediaFile.objects.filter(pk=media.pk, state=MediaState.DELETED).first()
    if stored is None:
        return
    try:
        delete_media_bytes(stored)
    except MediaUnreachableError:
        logger.warning("the bytes of deleted file %s are deleted later: its store did not answer", stored.pk)
        return
    try:
        with transaction.atomic():
            # A cover that is being decided upon names its picture.
            if not Fix.objects.filter(picture=stored, state__in=_OPEN_FIXES).exists():
                MediaFile.objects.get(pk=stored.pk).delete()
                return
    except (ProtectedError, MediaFile.DoesNotExist):
        pass
    MediaFile.objects.filter(pk=stored.pk).update(file="", poster="")


def bury_what_is_left(*, now: datetime) -> int:
    """Finish deletions that were cut short, and remove results of killed workers; returns how many files."""
    decided_upon = Fix.objects.filter(result=OuterRef("pk"), state=FixState.DONE)
    orphans = MediaFile.objects.filter(
        ~Exists(decided_upon), is_proposal=True, created_at__lt=now - ORPHAN_AGE
    ).exclude(state=MediaState.DELETED)
    MediaFile.objects.filter(pk__in=list(orphans.values_list("pk", flat=True))).update(
        state=MediaState.DELETED
    )
    left = MediaFile.objects.filter(state=MediaState.DELETED).exclude(file="", poster="")
    count = 0
    for media in left:
        bury(media)
        count += 1
    return count


def _judge(usage: Usage, told_drafts: frozenset[int]) -> Deletion:
    if usage.needing:
        return Deletion.NEEDED
    return Deletion.DONE if {draft.pk for draft in usage.drafts} <= told_drafts else Deletion.ASK


def _delete_under_locks(
    media: MediaFile, told_drafts: frozenset[int], *, now: datetime
) -> tuple[DeletionResult, list[MediaFile]]:
    """The outcome, and the files that are marked as deleted now."""
    users = posts_using([media.pk])
    posts = list(
        Post.objects.select_for_update()
        .filter(pk__in=list(users.values_list("pk", flat=True)))
        .order_by("pk")
    )
    stored = MediaFile.objects.select_for_update().filter(pk=media.pk).first()
    if stored is None or stored.state == MediaState.DELETED:
        return DeletionResult(Deletion.DONE, Usage()), []
    # From here on no other post can take the file: a row that points to it needs its lock.
    if set(users.values_list("pk", flat=True)) != {post.pk for post in posts}:
        raise _UsesMovedError
    usage = sort_uses(reversed(posts))
    outcome = _judge(usage, told_drafts)
    if outcome is not Deletion.DONE:
        return DeletionResult(outcome, usage), []
    for draft in usage.drafts:
        take_out_of_draft(draft, stored, now=now)
    dead = [*_end_fixes(stored), stored]
    MediaFile.objects.filter(pk__in=[each.pk for each in dead]).update(state=MediaState.DELETED)
    return DeletionResult(outcome, usage), dead


def _end_fixes(media: MediaFile) -> list[MediaFile]:
    """Stop what is being made of the file or with it; returns the results that nobody has accepted.

    A fix that found this file to be its result already has none any more.
    """
    fixes = Fix.objects.filter(
        Q(media=media)
        | Q(picture=media, state__in=[FixState.WAITING, FixState.RUNNING])
        | Q(result=media, state=FixState.DONE)
    )
    proposals = list(
        MediaFile.objects.filter(is_proposal=True, made_by__in=fixes.filter(state=FixState.DONE))
    )
    fixes.filter(state__in=_OPEN_FIXES).update(
        state=FixState.CANCELLED, next_try_at=None, lease_token=None, lease_until=None
    )
    return proposals
