"""A whole file in the incoming folder becomes a file of the library, or says why not: hashed, looked for, checked."""

import logging
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import F

from accounts.clock import database_now
from composer.arriving import fail_arrival, path_of
from composer.leases import Heart, LeaseLostError, StoppedError
from composer.library import DeletedMeanwhileError, InconclusiveCheckError, forget_half_stored, take_in
from composer.models import Arrival, ArrivalState, MediaFile, MediaState, WorkLease
from composer.parts import remove_file
from composer.receiving import Received, hash_file
from composer.storing import MediaUnreachableError

logger = logging.getLogger(__name__)

LEASE_SECONDS = 20.0
# A file that ends its worker each time must not be begun without end.
MAX_TRIES = 3
RETRY_AFTER = timedelta(seconds=5)
# An object store that does not answer is no fault of the file: it is waited for, however long that takes.
STORE_GAP = timedelta(seconds=30)

_GIVEN_UP = (
    "We could not look at this file: the check was begun {tries} times and did not come to an end. "
    "Export it again, or use another copy of it, and upload that."
)
_LOST = "The server has lost what had arrived of this file. Upload it again."


def check_arrival(pk: UUID, *, stopping: threading.Event | None = None) -> bool:
    """Take the lease on one arrival that is whole, and see it through; False when there was nothing to do.

    Killed at any point, the lease runs out and the next worker begins anew; a file that was begun three times
    without an end is given up. Setting `stopping` gives the work back without counting it, and so does a store
    that does not answer.
    """
    lease = Arrival.objects.claim(pk, seconds=LEASE_SECONDS)
    if lease is None:
        return False
    arrival = Arrival.objects.select_related("workspace", "user", "media").get(pk=pk)
    if arrival.state != ArrivalState.CHECKING:
        # A message from before the row changed: nothing of ours is due here.
        Arrival.objects.settle(lease, next_try_at=arrival.next_try_at, tries=F("tries") - 1)
        return False
    if arrival.tries > MAX_TRIES:
        fail_arrival(lease, _GIVEN_UP.format(tries=MAX_TRIES), now=database_now())
        return True
    try:
        _see_through(arrival, lease, stopping)
    except LeaseLostError:
        logger.info("arrival %s is somebody else's now, or was given up", pk)
    except StoppedError:
        Arrival.objects.settle(lease, next_try_at=database_now(), tries=F("tries") - 1)
    except InconclusiveCheckError:
        Arrival.objects.settle(lease, next_try_at=database_now() + RETRY_AFTER)
    except MediaUnreachableError as error:
        logger.warning("arrival %s waits for the object store: %s", pk, error)
        Arrival.objects.settle(lease, next_try_at=database_now() + STORE_GAP, tries=F("tries") - 1)
    except DeletedMeanwhileError:
        if Arrival.objects.settle(lease, state=ArrivalState.CANCELLED, url="", updated_at=database_now()):
            remove_file(path_of(pk))
    except Exception as error:
        if isinstance(error, FileNotFoundError) and not path_of(pk).exists():
            fail_arrival(lease, _LOST, now=database_now())
        else:
            logger.exception("arrival %s could not be taken in", pk)
            Arrival.objects.settle(lease, next_try_at=database_now() + RETRY_AFTER)
    return True


def _see_through(arrival: Arrival, lease: WorkLease, stopping: threading.Event | None) -> None:
    path = path_of(arrival.pk)
    with Heart(Arrival.objects.all(), lease, stopping=stopping) as heart:
        forget_half_stored(arrival.media)
        if path.stat().st_size != arrival.size_bytes:
            # A beginning is not the file; nothing says what was in the rest.
            remove_file(path)
            raise FileNotFoundError(path)
        received = _hash(path, heart)
        heart.check()

        def note(media: MediaFile) -> None:
            if not Arrival.objects.renew(lease, media=media):
                raise LeaseLostError

        def settle(media: MediaFile) -> None:
            if not _settle(arrival, lease, media):
                raise LeaseLostError

        take_in(
            arrival.workspace,
            received,
            name=arrival.name,
            user=arrival.user,
            on_begun=note,
            on_recorded=settle,
            is_last_try=arrival.tries >= MAX_TRIES,
        )
    remove_file(path)


def _hash(path: Path, heart: Heart) -> Received:
    def note(read: int) -> None:
        heart.fields["progress_bytes"] = read
        heart.check()

    return Received(path=path, size=path.stat().st_size, sha256=hash_file(path, on_progress=note))


def _settle(arrival: Arrival, lease: WorkLease, media: MediaFile) -> bool:
    is_refused = media.state == MediaState.REFUSED
    return Arrival.objects.settle(
        lease,
        state=ArrivalState.FAILED if is_refused else ArrivalState.DONE,
        media=media,
        error=" ".join(f"{fault['text']} {fault['advice']}" for fault in media.faults) if is_refused else "",
        updated_at=database_now(),
    )
