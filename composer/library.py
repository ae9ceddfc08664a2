"""The media library's one way in: a whole file is recognised, checked, and moved to its place or refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User, Workspace
from composer.media.check import CheckResult, check_media
from composer.media.facts import VideoFacts
from composer.media.limits import Fault
from composer.models import MediaFile, MediaState
from composer.receiving import Received, UploadError, remove_leftovers
from composer.storing import copies_for_decoders, delete_media_bytes, incoming_folder, keep_file

LEFTOVER_AGE = timedelta(days=1)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
# Characters that make the rest of a sentence run backwards, or show nothing at all.
# Halves of a character are none: no database stores them.
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A file of the library, and whether it came just now: the same bytes are kept once per workspace."""

    media: MediaFile
    is_new: bool


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a file was made from, and by which recipe."""

    original: MediaFile
    recipe: str


class InconclusiveCheckError(Exception):
    """The check itself ended early (time, a crash): nothing was decided, and looking again may help."""


class DeletedMeanwhileError(UploadError):
    """Somebody deleted the file in the moment in which the library took it over. Nothing was kept."""

    def __init__(self) -> None:
        super().__init__(
            "This file was deleted from the library while it was being stored. "
            "If that was not meant, upload it again."
        )


def lock_workspace(pk: int) -> None:
    """Let nobody else add to this workspace until the transaction ends.

    SQLite needs no more than the transaction itself: the product's are IMMEDIATE, so there is one at a time.
    """
    Workspace.objects.select_for_update().get(pk=pk)


def find_same(workspace: Workspace, sha256: str) -> MediaFile | None:
    """The file of the library with these very bytes, as it was a moment ago."""
    return _same(workspace, sha256).first()


def take_in(
    workspace: Workspace,
    received: Received,
    *,
    name: str,
    user: User | None,
    is_sample: bool = False,
    derived: Derivation | None = None,
    on_begun: Callable[[MediaFile], None] | None = None,
    on_recorded: Callable[[MediaFile], None] | None = None,
    is_last_try: bool = True,
) -> TakenIn:
    """Check a whole file and take it over; the one way from the incoming folder to a MediaFile.

    A file with faults that nothing mends is refused: its bytes go, and a row stays that says what was wrong. The
    same bytes are kept once, also when they come twice at the same moment. Takes as long as the check does, at most
    MEDIA_CHECK_SECONDS, and what the storage needs; call it in no transaction.

    What is `derived` is a proposal until somebody accepts it, and always a row of its own.

    `on_begun` is told the row under which the bytes are about to be stored, for `forget_half_stored` after a kill.
    `on_recorded` runs in the transaction that makes the row what it will stay; what it raises undoes all of it.
    `received.path` is gone afterwards, unless something was raised: then the work may begin anew with it. Raises
    InconclusiveCheckError when the check came to no end and `is_last_try` is false, otherwise that is a refusal;
    DeletedMeanwhileError; MediaUnreachableError.
    """
    taken = None if derived else _join_twin(workspace, received.sha256, on_recorded=on_recorded)
    if taken is None:
        result = check_media(received.path, timeout_s=settings.MEDIA_CHECK_SECONDS)
        if not result.is_conclusive and not is_last_try:
            raise InconclusiveCheckError
        media = _describe(received, result)
        media.workspace = workspace
        media.uploaded_by = user
        media.original_name = clean_name(name)
        media.is_sample = is_sample
        if derived is not None:
            media.original, media.recipe, media.is_proposal = derived.original, derived.recipe, True
        if media.state != MediaState.REFUSED:
            _store(media, received, result, on_begun=on_begun)
        taken = _record(media, on_recorded=on_recorded)
    received.path.unlink(missing_ok=True)
    return taken


def remove_old_leftovers(*, now: datetime, expected: set[str]) -> int:
    """Remove what a killed program left: files in the incoming folder, and bytes half stored; returns how many.

    Copies that no decoder has looked into for some minutes go too. A day without a change is far beyond any check.
    `expected` are the names of uploads, which may pause longer.
    """
    before = now - LEFTOVER_AGE
    half_stored = MediaFile.objects.filter(state=MediaState.CHECKING, created_at__lt=before)
    for media in half_stored:
        forget_media(media)
    files = remove_leftovers(incoming_folder(), before=before.timestamp(), kept=expected)
    return len(half_stored) + files + copies_for_decoders().sweep()


def clean_name(name: str) -> str:
    """The name a file had at home, without folders, control and invisible characters, at most 255 long."""
    shown = _INVISIBLE.sub("", _CONTROL.sub(" ", PurePath(name.replace("\\", "/")).name))
    return shown.strip(" .")[-255:] or "Video"


def _same(workspace: Workspace, sha256: str) -> QuerySet[MediaFile]:
    return MediaFile.objects.in_workspace(workspace).kept().filter(sha256=sha256)


def _join_twin(
    workspace: Workspace, sha256: str, *, on_recorded: Callable[[MediaFile], None] | None
) -> TakenIn | None:
    """Let the same bytes that are here already stand for those that came; None when there are none.

    Nobody may delete them before that is written down.
    """
    with transaction.atomic():
        twin = _same(workspace, sha256).select_for_update().first()
        if twin is None:
            return None
        if on_recorded is not None:
            on_recorded(twin)
    return TakenIn(twin, is_new=False)


def _describe(received: Received, result: CheckResult) -> MediaFile:
    media = MediaFile(
        kind=result.kind,
        state=_state_after(result),
        fix=result.fix or "",
        size_bytes=received.size,
        sha256=received.sha256,
        faults=[_to_json(fault) for fault in result.faults],
        warnings=[_to_json(warning) for warning in result.warnings],
    )
    facts = result.facts
    if facts is not None:
        media.content_type = facts.content_type
        media.container = facts.container
        media.width = facts.width
        media.height = facts.height
    if isinstance(facts, VideoFacts):
        media.video_codec = facts.video_codec
        media.audio_codec = facts.audio_codec
        media.frames_per_second = facts.fps
        media.duration_ms = facts.duration_ms
    return media


def _state_after(result: CheckResult) -> MediaState:
    if result.is_ok:
        return MediaState.READY
    return MediaState.FIXABLE if result.fix else MediaState.REFUSED


def _store(
    media: MediaFile,
    received: Received,
    result: CheckResult,
    *,
    on_begun: Callable[[MediaFile], None] | None,
) -> None:
    """Put the bytes where the library keeps them, under a row that says so before they are there.

    Whoever is killed in the middle leaves that row, still CHECKING, and the file where it came in.
    """
    key, state = uuid4().hex, media.state  # a random name: whoever learns one learns nothing about another
    media.state = MediaState.CHECKING
    media.file.name = media.file.field.generate_filename(media, f"{key}.{media.container}")
    if result.poster_jpeg is not None:
        media.poster.name = media.poster.field.generate_filename(media, f"{key}.jpg")
    media.save()
    try:
        if on_begun is not None:
            on_begun(media)
        keep_file(media, received.path, key=key, suffix=media.container, poster_jpeg=result.poster_jpeg)
    except BaseException:
        forget_media(media)
        raise
    media.state = state


def _record(media: MediaFile, *, on_recorded: Callable[[MediaFile], None] | None) -> TakenIn:
    """Make the row what it will stay, or find that the same bytes have come in the meantime."""
    # A refused file has no row yet; the number of an insert that is undone may be another row's a moment later.
    is_stored = media.pk is not None
    try:
        with transaction.atomic():
            lock_workspace(media.workspace_id)
            if is_stored:
                _require_still_checking(media)
            is_shared = media.state != MediaState.REFUSED and not media.is_proposal
            twin = _same(media.workspace, media.sha256).select_for_update().first() if is_shared else None
            if twin is None:
                media.save()
            if on_recorded is not None:
                on_recorded(twin or media)
    except BaseException:
        if is_stored:
            forget_media(media)
        raise
    if twin is None:
        return TakenIn(media, is_new=True)
    forget_media(media)
    return TakenIn(twin, is_new=False)


def _require_still_checking(media: MediaFile) -> None:
    """Raise DeletedMeanwhileError when somebody has deleted the row; nobody can until the transaction ends."""
    row = MediaFile.objects.select_for_update().filter(pk=media.pk, state=MediaState.CHECKING)
    if row.first() is None:
        raise DeletedMeanwhileError


def forget_half_stored(media: MediaFile | None) -> None:
    """Remove what a killed worker had begun to store, if it is still that. Raises MediaUnreachableError."""
    if media is not None and media.state == MediaState.CHECKING:
        forget_media(media)


def forget_media(media: MediaFile) -> None:
    """Remove a row that nothing refers to, and its bytes, wherever they are. Raises MediaUnreachableError."""
    delete_media_bytes(media)
    media.delete()


def _to_json(fault: Fault) -> dict[str, str]:
    return {"code": fault.code, "text": fault.text, "advice": fault.advice}
