"""The media library's one way in: a received file is recognised, checked, and moved to its place or refused."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile

from accounts.models import User, Workspace
from composer.media.check import CheckResult, check_video
from composer.media.limits import Fault
from composer.models import MediaFile, MediaState
from composer.receiving import Received, remove_leftovers
from composer.upload_handler import StagedFile

LEFTOVER_AGE = timedelta(days=1)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the library, and whether it came just now: the same bytes are stored once per workspace."""

    media: MediaFile
    is_new: bool


def incoming_folder() -> Path:
    """Where files lie while they arrive: on the library's own disk, so that keeping one is a rename."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def store_file(
    workspace: Workspace, received: Received, *, name: str, user: User | None, is_sample: bool = False
) -> StoredFile:
    """Check a received video and take it over; afterwards `received.path` is gone.

    A file with faults is refused: its bytes are deleted, since they can never be posted, and a row stays that
    says what was wrong. Takes as long as the check does, at most MEDIA_CHECK_SECONDS; call it in no transaction.
    """
    try:
        known = MediaFile.objects.in_workspace(workspace).ready().filter(sha256=received.sha256).first()
        if known is not None:
            return StoredFile(known, is_new=False)
        result = check_video(received.path, timeout_s=settings.MEDIA_CHECK_SECONDS)
        media = _describe(received, result)
        media.workspace = workspace
        media.uploaded_by = user
        media.original_name = clean_name(name)
        media.is_sample = is_sample
        if result.is_ok:
            _keep(media, received, result)
        else:
            media.save()
        return StoredFile(media, is_new=True)
    finally:
        received.path.unlink(missing_ok=True)


def remove_old_leftovers(*, now: datetime) -> int:
    """Remove files that a killed program left in the incoming folder; returns how many.

    A day without a change is far beyond any pause of an upload and any check.
    """
    return remove_leftovers(incoming_folder(), before=(now - LEFTOVER_AGE).timestamp())


def clean_name(name: str) -> str:
    """The name a file had at home, without folders and control characters, at most 255 long."""
    clean = _CONTROL.sub(" ", PurePath(name.replace("\\", "/")).name).strip(" .")
    return clean[-255:] or "Video"


def _describe(received: Received, result: CheckResult) -> MediaFile:
    media = MediaFile(
        state=MediaState.READY if result.is_ok else MediaState.REFUSED,
        size_bytes=received.size,
        sha256=received.sha256,
        faults=[_to_json(fault) for fault in result.faults],
        warnings=[_to_json(warning) for warning in result.warnings],
    )
    facts = result.facts
    if facts is not None:
        media.content_type = facts.content_type
        media.container = facts.container
        media.video_codec = facts.video_codec
        media.audio_codec = facts.audio_codec
        media.width = facts.width
        media.height = facts.height
        media.frames_per_second = facts.fps
        media.duration_ms = facts.duration_ms
    return media


def _keep(media: MediaFile, received: Received, result: CheckResult) -> None:
    # A random name: whoever learns one address learns nothing about another.
    name = uuid4().hex
    storage = media.file.storage
    try:
        with StagedFile(received) as staged:
            media.file.save(f"{name}.{media.container}", staged, save=False)
        if result.poster_jpeg is not None:
            media.poster.save(f"{name}.jpg", ContentFile(result.poster_jpeg), save=False)
        media.save()
    except BaseException:
        for stored in (media.file, media.poster):
            if stored.name:
                storage.delete(stored.name)
        raise


def _to_json(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "text": fault.text, "advice": fault.advice}
