"""Files on their way in: begun within the limits, grown part by part, checked at the end, given up, put away.

Whether bytes come from a browser or from a link, an arrival ends in the same place: all of them lie in the incoming
folder, the row says CHECKING, and `composer.checking` does the rest.
"""

import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts.models import User, Workspace
from composer.library import clean_name, lock_workspace, take_in
from composer.models import Arrival, ArrivalSource, ArrivalState, MediaFile, WorkLease
from composer.parts import Checksum, append_part, read_offset, remove_file, start_file
from composer.receiving import (
    Readable,
    StoreAwayError,
    TooManyArrivalsError,
    UploadEmptyError,
    UploadTooLargeError,
    WorkspaceFullError,
    require_space,
)
from composer.storing import MediaUnreachableError, incoming_folder
from composer.upload_handler import DiskUploadHandler

# Far more than anybody drops onto a page at once; a flood of announcements ends here.
MOST_AT_ONCE = 200


def path_of(pk: UUID) -> Path:
    """Where the bytes of an arrival lie."""
    return incoming_folder() / pk.hex


def begin_arrival(
    workspace: Workspace,
    *,
    user: User | None,
    name: str,
    size: int | None,
    source: ArrivalSource,
    now: datetime,
    url: str = "",
) -> Arrival:
    """Open the way for one file of `size` bytes; None when a link has not said how many.

    An upload waits for its first byte; a link is due to be fetched at once. Raises an UploadError whose text is for
    the person: empty, too large for one file or for the workspace, too many at once, no room on the disk.
    """
    if size is not None:
        require_allowed_size(size)
        require_space(incoming_folder(), size)
    is_link = source == ArrivalSource.LINK
    with transaction.atomic():
        # Two announcements at once must not both take the last room.
        lock_workspace(workspace.pk)
        if Arrival.objects.in_workspace(workspace).under_way().count() >= MOST_AT_ONCE:
            raise TooManyArrivalsError(MOST_AT_ONCE)
        require_workspace_room(workspace, size or 0)
        arrival = Arrival.objects.create(
            workspace=workspace,
            user=user,
            name=clean_name(name),
            size_bytes=size,
            source=source,
            url=url,
            next_try_at=now if is_link else None,
        )
        start_file(path_of(arrival.pk))
    return arrival


def require_allowed_size(size: int) -> None:
    """Raise UploadEmptyError or UploadTooLargeError for a file that no way in takes."""
    if size == 0:
        raise UploadEmptyError
    if size > settings.MEDIA_MAX_BYTES:
        raise UploadTooLargeError(settings.MEDIA_MAX_BYTES, size)


def require_workspace_room(workspace: Workspace, size: int) -> None:
    """Raise WorkspaceFullError when so many bytes more are over the workspace's limit."""
    taken = taken_bytes(workspace)
    if taken + size > settings.WORKSPACE_MAX_BYTES:
        raise WorkspaceFullError(settings.WORKSPACE_MAX_BYTES, taken, size)


def taken_bytes(workspace: Workspace) -> int:
    """What the workspace's kept files take, and what those on their way have announced."""
    kept = MediaFile.objects.in_workspace(workspace).with_bytes().aggregate(sum=Sum("size_bytes"))["sum"]
    coming = Arrival.objects.in_workspace(workspace).under_way().aggregate(sum=Sum("size_bytes"))["sum"]
    return (kept or 0) + (coming or 0)


def form_upload(workspace: Workspace) -> DiskUploadHandler:
    """What takes the file of a plain form, field `upload`; what cannot fit is refused before it is on the disk."""
    return DiskUploadHandler(
        incoming_folder(),
        max_bytes=settings.MEDIA_MAX_BYTES,
        field="upload",
        require_room=lambda size: require_workspace_room(workspace, size),
    )


def take_in_form(workspace: Workspace, upload: DiskUploadHandler, *, user: User) -> MediaFile | None:
    """What came with a plain form, checked while the person waits; None when no file was chosen.

    Raises an UploadError whose text is for the person. The file may have been refused: see its state.
    """
    if upload.error is not None:
        raise upload.error
    if upload.received is None:
        return None
    require_workspace_room(workspace, upload.received.size)
    try:
        return take_in(workspace, upload.received, name=upload.filename, user=user).media
    except MediaUnreachableError as error:
        raise StoreAwayError from error


def received_bytes(arrival: Arrival) -> int:
    """How many bytes have come; everything, once it is being checked or done with."""
    if arrival.state != ArrivalState.RECEIVING:
        return arrival.size_bytes or 0
    try:
        return read_offset(path_of(arrival.pk))
    except FileNotFoundError:
        return 0


def expires_at(arrival: Arrival, *, now: datetime) -> datetime:
    """When an upload is given up unless another byte comes."""
    silent = seconds_since_last_byte(arrival) or 0
    return now + timedelta(seconds=settings.UPLOAD_EXPIRES_SECONDS - silent)


def seconds_since_last_byte(arrival: Arrival) -> float | None:
    """By this machine's clock, as the disk's is; None when there is no file."""
    try:
        return time.time() - path_of(arrival.pk).stat().st_mtime
    except FileNotFoundError:
        return None


def receive_part(
    arrival: Arrival, stream: Readable, *, offset: int, length: int, checksum: Checksum | None = None
) -> int:
    """Add one part; returns where the upload stands now. Raises as `append_part` does.

    Nothing is written to the database: of the thousands of parts of a large file only the last one is news.
    """
    total = arrival.size_bytes or 0
    return append_part(
        path_of(arrival.pk), stream, offset=offset, length=length, total=total, checksum=checksum
    )


def finish_receiving(pk: UUID, *, size: int, now: datetime, lease: WorkLease | None = None) -> bool:
    """Every byte is there: let it be checked. False when it was given up meanwhile, or this has been said before.

    Whoever holds the lease hands it in; the lease ends with this.
    """
    arrivals = Arrival.objects.filter(pk=pk, state=ArrivalState.RECEIVING)
    if lease is not None:
        arrivals = arrivals.filter(lease_token=lease.token)
    return bool(
        arrivals.update(
            state=ArrivalState.CHECKING, size_bytes=size, progress_bytes=0, url="", tries=0,
            next_try_at=now, lease_token=None, lease_until=None, handed_out_until=None, updated_at=now,
        )
    )  # fmt: skip


def fail_arrival(lease: WorkLease, error: str, *, now: datetime, media: MediaFile | None = None) -> bool:
    """Nothing comes of it, and `error` says why; its bytes go. False when the lease was lost."""
    is_ours = Arrival.objects.settle(
        lease, state=ArrivalState.FAILED, error=error, media=media, url="", updated_at=now
    )
    if is_ours:
        remove_file(path_of(lease.pk))
    return is_ours


def cancel_arrival(arrival: Arrival, *, now: datetime) -> bool:
    """Give it up, at whatever point it is; its bytes go. False when it had ended before."""
    return _end(arrival.pk, ArrivalState.CANCELLED, now=now)


def dismiss_arrival(arrival: Arrival, *, now: datetime) -> None:
    """The person has seen how it ended."""
    Arrival.objects.filter(pk=arrival.pk, dismissed_at__isnull=True).update(dismissed_at=now)


def look_after_uploads(*, now: datetime) -> int:
    """Give up uploads that have not gone on for too long, and let whole ones be checked; returns how many.

    An upload is whole and not being checked when the program was killed between the last byte and the row.
    """
    moved = 0
    uploads = Arrival.objects.filter(state=ArrivalState.RECEIVING, source=ArrivalSource.TUS)
    for arrival in uploads.iterator(chunk_size=200):
        if arrival.size_bytes is not None and received_bytes(arrival) == arrival.size_bytes:
            moved += finish_receiving(arrival.pk, size=arrival.size_bytes, now=now)
            continue
        silent = seconds_since_last_byte(arrival)
        if silent is None or silent > settings.UPLOAD_EXPIRES_SECONDS:
            moved += _end(arrival.pk, ArrivalState.EXPIRED, now=now)
    return moved


def expected_names() -> set[str]:
    """The names in the incoming folder that arrivals under way still need."""
    return {pk.hex for pk in Arrival.objects.under_way().values_list("pk", flat=True)}


def _end(pk: UUID, state: ArrivalState, *, now: datetime) -> bool:
    # Without its lease a worker that is at it learns at the next beat that it is over.
    ended = Arrival.objects.filter(pk=pk).under_way().update(
        state=state, url="", next_try_at=None, lease_token=None, lease_until=None, updated_at=now
    )  # fmt: skip
    if ended:
        remove_file(path_of(pk))
    return bool(ended)
