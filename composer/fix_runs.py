"""A worker's side of fixes: takes one on under a lease, makes the derivative, and files it as a proposal."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path, PurePath
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.clock import database_now
from composer.arriving import require_workspace_room
from composer.leases import Heart, LeaseLostError, StoppedError
from composer.library import (
    DeletedMeanwhileError,
    Derivation,
    InconclusiveCheckError,
    find_same,
    take_in,
)
from composer.media.fixing import FixCancelledError, FixError, make_fix
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaState, WorkLease
from composer.receiving import NoSpaceError, Received, WorkspaceFullError, hash_file
from composer.storing import MediaUnreachableError, incoming_folder, local_path

logger = logging.getLogger(__name__)

# Work that ends its worker again and again is a fault of the file, or of ours: never begun without end.
MAX_TRIES = 3
# A worker that is gone is missed after this; renewed far more often.
LEASE_SECONDS = 20.0
# How often the row is asked whether somebody cancelled.
LOOK_SECONDS = 0.4
RETRY_AFTER = timedelta(seconds=5)
STORE_GAP = timedelta(seconds=30)
# When all places are taken, how soon to look again.
WAIT_FOR_A_PLACE = timedelta(seconds=1)
# Thousandths of the progress that making takes; the rest is hashing and the same check as for every file.
MAKING = 950

_SUFFIXES = {Recipe.PHOTO_JPEG: ".jpg", Recipe.VIDEO_MP4: ".mp4", Recipe.COVER_PICTURE: ".mp4"}
_GIVEN_UP = (
    f"It was begun {MAX_TRIES} times and never came to an end, so it was given up. The original is unchanged. "
    "Export the file again from your editing app, or try it once more."
)
_GONE = "The original is no longer there, so nothing could be made from it."
_SAME = "The result is the very same file, so there is nothing to change. Use the original."


def run_fix(pk: int, *, stopping: threading.Event | None = None) -> bool:
    """Make one derivative, if it is due and a place is free; False when there was nothing to do.

    At most MEDIA_FIXES_AT_ONCE run at a time in the whole installation. Killed at any point, the lease runs out
    and the next worker begins anew, three times at most. Setting `stopping` gives the work back uncounted.
    """
    if _running_beside(pk) >= settings.MEDIA_FIXES_AT_ONCE:
        return False
    lease = Fix.objects.claim(pk, seconds=LEASE_SECONDS)
    if lease is None:
        return False
    # Looked at after the claim too: of two that claimed the last place at once, the later one sees both.
    if _running_beside(pk) >= settings.MEDIA_FIXES_AT_ONCE:
        _give_back(lease, wait=WAIT_FOR_A_PLACE)
        return False
    fix = Fix.objects.select_related("media__workspace", "picture", "user").get(pk=pk)
    if fix.tries > MAX_TRIES:
        _fail(lease, _GIVEN_UP)
        return True
    try:
        _make(fix, lease, stopping)
    except LeaseLostError:
        logger.info("fix %s was cancelled, or is somebody else's now", pk)
    except StoppedError:
        _give_back(lease, wait=timedelta(0))
    except (FixError, NoSpaceError, WorkspaceFullError) as error:
        _fail(lease, str(error))
    except FileNotFoundError:
        _fail(lease, _GONE)
    except MediaUnreachableError:
        # No fault of the file: the store is waited for, however long that takes.
        _give_back(lease, wait=STORE_GAP)
    except (InconclusiveCheckError, DeletedMeanwhileError):
        Fix.objects.settle(lease, next_try_at=database_now() + RETRY_AFTER)
    return True


def _make(fix: Fix, lease: WorkLease, stopping: threading.Event | None) -> None:
    recipe = Recipe(fix.recipe)
    if recipe is Recipe.COVER_PICTURE and fix.picture is None:
        raise FileNotFoundError
    if not Fix.objects.renew(lease, state=FixState.RUNNING, progress=0, updated_at=Now()):
        raise LeaseLostError
    # How much it will be is not known yet; where nothing more fits there is no use in an hour of work.
    require_workspace_room(fix.media.workspace, 1)
    suffix = _SUFFIXES[recipe]
    with ExitStack() as stack:
        source = stack.enter_context(local_path(fix.media))
        picture = stack.enter_context(local_path(fix.picture)) if fix.picture else None
        target = stack.enter_context(_place_for(suffix))
        heart = stack.enter_context(Heart(Fix.objects.all(), lease, stopping=stopping))
        watch = _Watch(heart, lease)
        try:
            make_fix(
                recipe,
                source,
                target,
                picture=picture,
                on_progress=watch.note,
                is_cancelled=watch.is_over,
                timeout_s=settings.MEDIA_FIX_SECONDS,
            )
        except FixCancelledError:
            heart.check()
            raise LeaseLostError from None
        received = Received(
            path=target,
            size=target.stat().st_size,
            sha256=hash_file(target, on_progress=lambda _read: heart.check()),
        )
        if received.sha256 == fix.media.sha256:
            raise FixError(_SAME)
        known = find_same(fix.media.workspace, received.sha256)
        if known is not None:
            _settle_with(known, lease)
            return
        require_workspace_room(fix.media.workspace, received.size)
        take_in(
            fix.media.workspace,
            received,
            name=f"{PurePath(fix.media.original_name).stem}{suffix}",
            user=fix.user,
            derived=Derivation(fix.media, recipe),
            on_recorded=lambda media: _settle(lease, media),
            is_last_try=fix.tries >= MAX_TRIES,
        )


def _settle(lease: WorkLease, result: MediaFile) -> None:
    """Write the result down, in the transaction that makes its row; what is raised here undoes the row too."""
    if result.state != MediaState.READY:
        faults = " ".join(fault["text"] for fault in result.faults)
        raise FixError(f"The result still does not fit TikTok's limits. {faults}".strip())
    if not Fix.objects.settle(
        lease, state=FixState.DONE, progress=1000, result=result, error="", updated_at=Now()
    ):
        raise LeaseLostError


def _settle_with(known: MediaFile, lease: WorkLease) -> None:
    """The same for a file that the library has already; nobody may delete it before this is written down."""
    with transaction.atomic():
        kept = MediaFile.objects.select_for_update().filter(pk=known.pk).ready().first()
        if kept is None:
            raise InconclusiveCheckError
        _settle(lease, kept)


def _running_beside(pk: int) -> int:
    return Fix.objects.filter(lease_until__gt=database_now()).exclude(pk=pk).count()


def _give_back(lease: WorkLease, *, wait: timedelta) -> None:
    """As if it had never been begun."""
    Fix.objects.settle(
        lease, next_try_at=database_now() + wait, state=FixState.WAITING, progress=0, tries=F("tries") - 1
    )


def _fail(lease: WorkLease, text: str) -> None:
    Fix.objects.settle(lease, state=FixState.FAILED, error=text, updated_at=Now())


@contextmanager
def _place_for(suffix: str) -> Iterator[Path]:
    """A path in the incoming folder; whatever lies there at the end goes."""
    path = incoming_folder() / f"{uuid4().hex}{suffix}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


class _Watch:
    """What the making is told, and what it tells: progress to the heart, an end from the row.

    *Cancel* takes the lease away. The heart finds that out with its next beat; a person who pressed it waits for
    less.
    """

    def __init__(self, heart: Heart, lease: WorkLease) -> None:
        self._heart = heart
        self._lease = lease
        self._looked_at = time.monotonic()
        self._is_ours = True

    def note(self, share: float) -> None:
        """How much of the making is done, 0 to 1."""
        self._heart.fields["progress"] = round(MAKING * min(1.0, max(0.0, share)))

    def is_over(self) -> bool:
        """Whether somebody cancelled, another worker has taken over, or this one is asked to stop."""
        try:
            self._heart.check()
        except (LeaseLostError, StoppedError):
            return True
        now = time.monotonic()
        if self._is_ours and now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._is_ours = Fix.objects.filter(pk=self._lease.pk, lease_token=self._lease.token).exists()
        return not self._is_ours
