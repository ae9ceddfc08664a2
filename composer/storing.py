"""Where the library's bytes are kept: on this disk or in an object store, behind one way to read, keep and delete.

Which of the two is a setting (`STORAGES`); nothing else in the product knows. A file is read as a stream from any
place in it: never whole in memory, and never copied to this disk in order to be sent.
"""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from django.db.models.fields.files import FieldFile

from composer.models import MediaFile


class MediaUnreachableError(Exception):
    """The store did not answer, or broke off again and again. The file may well be there: try later."""

    code = "storage_unreachable"


class MediaReader(Protocol):
    """A stored file, open for reading: raw, so that what is read is what is fetched. Use it in a `with` block.

    `read` returns at most so many bytes, b"" at the end, and may raise MediaUnreachableError.
    """

    def read(self, size: int = -1, /) -> bytes: ...

    def readinto(self, buffer: bytearray, /) -> int: ...

    def readable(self) -> bool: ...

    def seek(self, position: int, /) -> int: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


def open_media(media: MediaFile) -> MediaReader:
    """Open a file of the library for reading, from its first byte.

    Raises FileNotFoundError when its bytes are gone, MediaUnreachableError when the store does not answer.
    """
    return open_stored(media.file)


def open_stored(stored: FieldFile) -> MediaReader:
    """The same for anything a row keeps in storage: a media file or its preview."""
    if not stored:
        raise FileNotFoundError("Nothing is stored for this row.")
    return Path(stored.path).open("rb", buffering=0)
