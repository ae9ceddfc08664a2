"""Keeping the library's bytes, reading them and deleting them, wherever the settings say they lie.

Nothing above asks whether that is a disk or an object store. A file is read as a stream from any place in it: never
whole in memory, and never copied to this disk in order to be sent.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from composer.copies import CopyFolder
from composer.models import MediaFile
from composer.receiving import UploadCutOffError, receive_body
from composer.storages import DiskStorage, MediaReader, MediaUnreachableError, ObjectStorage

__all__ = [
    "MediaReader",
    "MediaUnreachableError",
    "StagedFile",
    "copies_for_decoders",
    "delete_media_bytes",
    "delete_stored",
    "incoming_folder",
    "keep_file",
    "local_path",
    "open_media",
    "open_stored",
]

_STORE_ERRORS = (BotoCoreError, Boto3Error, ClientError)


def incoming_folder() -> Path:
    """Where files lie while they arrive: on the library's own disk, so that keeping one is a rename."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def copies_for_decoders() -> CopyFolder:
    """What was copied from the object store for a look, and stays for some minutes."""
    folder = Path(settings.MEDIA_ROOT) / "copies"
    folder.mkdir(parents=True, exist_ok=True)
    return CopyFolder(folder)


def open_media(media: MediaFile) -> MediaReader:
    """Open a file of the library for reading, from its first byte.

    Raises FileNotFoundError when its bytes are gone, MediaUnreachableError when the store does not answer.
    """
    return open_stored(media.file)


def open_stored(stored: FieldFile) -> MediaReader:
    """The same for anything a row keeps in storage: a media file or its preview."""
    if not stored:
        raise FileNotFoundError("Nothing is stored for this row.")
    return cast("DiskStorage | ObjectStorage", stored.storage).open_reader(str(stored.name))


class StagedFile(File):  # type: ignore[type-arg]
    """A whole file on this disk, for a storage to take over: moved on the disk, or sent from it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        """Where the bytes lie; its being there is what tells a storage that it may move them."""
        return str(self._path)


def keep_file(
    media: MediaFile, path: Path, *, key: str, suffix: str, poster_jpeg: bytes | None = None
) -> None:
    """Put a whole file of the incoming folder into the library's storage, and its preview with it.

    Names both in `media`, which the caller then saves. The bytes at `path` stay until the caller removes them: what
    is killed before the row is made can begin anew with the same `key`, a name nobody can guess, and replaces what
    it had stored. `suffix` is the kind of file without a dot. On the disk nothing is copied; to an object store the
    file is sent in parts. When anything fails nothing stays in the storage; raises MediaUnreachableError when the
    object store does not take it.
    """
    wanted = {f"{key}.{suffix}": media.file, f"{key}.jpg": media.poster}
    # The storage takes over a second name of the same bytes.
    twin = path.with_name(f"{path.name}.kept")
    try:
        with _told_plainly():
            for name, field_file in wanted.items():
                field_file.storage.delete(field_file.field.generate_filename(media, name))
            twin.unlink(missing_ok=True)
            os.link(path, twin)
            with StagedFile(twin) as staged:
                media.file.save(f"{key}.{suffix}", staged, save=False)
            if poster_jpeg is not None:
                media.poster.save(f"{key}.jpg", ContentFile(poster_jpeg), save=False)
    except BaseException:
        with suppress(MediaUnreachableError):
            delete_media_bytes(media)
        raise
    finally:
        twin.unlink(missing_ok=True)


def delete_media_bytes(media: MediaFile) -> None:
    """Delete a file's bytes and its preview; does nothing where they are gone already.

    The row keeps their names, so that a deletion that was interrupted can be repeated. Raises
    MediaUnreachableError.
    """
    if not isinstance(media.file.storage, DiskStorage):
        copies_for_decoders().forget(_copy_key(media))
    for stored in (media.file, media.poster):
        delete_stored(stored)


def delete_stored(stored: FieldFile) -> None:
    """The same for anything a row keeps in storage. Raises MediaUnreachableError."""
    if stored.name:
        with _told_plainly():
            stored.storage.delete(stored.name)


@contextmanager
def local_path(media: MediaFile) -> Iterator[Path]:
    """The file as a path on this machine, for decoders, which need one. Do not change what is there.

    On the disk it is the file itself. From an object store it is a copy that stays for some minutes, because one
    look is followed by others: use it for looking into a file, never for sending one. Raises FileNotFoundError,
    MediaUnreachableError, NoSpaceError.
    """
    storage = media.file.storage
    if isinstance(storage, DiskStorage):
        path = Path(media.file.path) if media.file else None
        if path is None or not path.exists():
            raise FileNotFoundError("Nothing is stored for this row.")
        yield path
        return
    with copies_for_decoders().hold(
        _copy_key(media), media.size_bytes, lambda path: _copy(media, path)
    ) as path:
        yield path


def _copy_key(media: MediaFile) -> str:
    """Of the row, so that a copy goes with it, and of the bytes: they never change, but numbers may come again."""
    return f"{media.pk}-{media.sha256}"


def _copy(media: MediaFile, path: Path) -> None:
    with open_media(media) as reader:
        try:
            received = receive_body(
                reader, expected_size=media.size_bytes, max_bytes=media.size_bytes, destination=path
            )
        except UploadCutOffError as error:
            raise FileNotFoundError("The stored file is shorter than its row says.") from error
    if received.sha256 != media.sha256:
        raise FileNotFoundError("The stored file is not the one that its row says.")


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except _STORE_ERRORS as error:
        raise MediaUnreachableError(
            f"The object store did not do what was asked ({type(error).__name__})."
        ) from error
