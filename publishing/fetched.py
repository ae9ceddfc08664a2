"""What TikTok has fetched from us for a post, file by file; reads only prefetched files."""

from dataclasses import dataclass
from datetime import datetime

from publishing.models import Attempt, PullFile
from publishing.presentation import bytes_words


@dataclass(frozen=True)
class FetchedFile:
    """One file of the newest attempt: how much of it went out, and when."""

    name: str
    figure: str
    is_whole: bool
    requests: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Fetched:
    """All files of an attempt together. `value` of `max` bytes went out."""

    files: tuple[FetchedFile, ...]
    value: int
    max: int
    figure: str

    @property
    def whole(self) -> int:
        """How many files went out whole."""
        return sum(file.is_whole for file in self.files)


def fetched_of(attempt: Attempt | None) -> Fetched | None:
    """None for what we send ourselves."""
    files = list(attempt.pull_files.all()) if attempt is not None and attempt.way.is_pulled else []
    if attempt is None or not files:
        return None
    value = sum(file.bytes_served for file in files)
    total = sum(file.size_bytes for file in files)
    return Fetched(
        files=tuple(_file(file, has_photos=attempt.way.has_photos) for file in files),
        value=value,
        max=total,
        figure=f"{bytes_words(value)} of {bytes_words(total)}",
    )


def _file(file: PullFile, *, has_photos: bool) -> FetchedFile:
    return FetchedFile(
        name=f"Photo {file.position + 1}" if has_photos else "Video",
        figure=f"{bytes_words(file.bytes_served)} of {bytes_words(file.size_bytes)}",
        is_whole=file.last_byte_at is not None,
        requests=file.requests,
        first_at=file.first_asked_at,
        last_at=file.last_byte_at or file.last_asked_at,
    )
