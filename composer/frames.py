"""Pictures out of videos for pages: decoded few at a time, and the latest of them kept in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from composer.media.frames import read_filmstrip, read_frame
from composer.models import MediaFile
from composer.storing import local_path

# Decoding takes a processor for a moment; the pages of everybody else go on meanwhile.
AT_ONCE = 2
WAIT_SECONDS = 4.0
# Some hundred frames: back and forth around one moment costs no decoding.
CACHE_BYTES = 12 * 1024 * 1024

STRIP_COUNT = 12
STRIP_SIDE = 160


class FramesBusyError(Exception):
    """Too many frames are being decoded right now: ask again in a second."""


class FrameCache:
    """The pictures used last, up to so many bytes together; may be used by many threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> bytes | None:
        """The picture of this key, which counts as used by that."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, picture: bytes) -> None:
        """Keep a picture, and forget those that were not used for the longest time."""
        with self._lock:
            self._bytes += len(picture) - len(self._kept.pop(key, b""))
            self._kept[key] = picture
            while self._bytes > self._max_bytes:
                _, forgotten = self._kept.popitem(last=False)
                self._bytes -= len(forgotten)


_cache = FrameCache(CACHE_BYTES)
_places = threading.BoundedSemaphore(AT_ONCE)


def clamp_moment(media: MediaFile, at_ms: int) -> int:
    """A moment within the video, in milliseconds."""
    return max(0, min(at_ms, media.duration_ms or 0))


def frame_tag(media: MediaFile, at_ms: int | None) -> str:
    """What names a frame's bytes: the file's own and the moment; None means the filmstrip."""
    return f"{media.sha256}-{'strip' if at_ms is None else at_ms}"


def frame_of(media: MediaFile, at_ms: int) -> bytes:
    """The frame at a moment of a video as JPEG, at most 960 pixels long.

    Raises FramesBusyError, FrameError for a file that shows none, FileNotFoundError, MediaUnreachableError.
    """
    return _picture(media, frame_tag(media, at_ms), lambda path: read_frame(path, at_ms))


def filmstrip_of(media: MediaFile) -> bytes:
    """Twelve frames of a video side by side as one JPEG. Raises as `frame_of` does."""
    return _picture(
        media,
        frame_tag(media, None),
        lambda path: read_filmstrip(path, count=STRIP_COUNT, max_side=STRIP_SIDE),
    )


def _picture(media: MediaFile, tag: str, read: Callable[[Path], bytes]) -> bytes:
    if (kept := _cache.get(tag)) is not None:
        return kept
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise FramesBusyError
    try:
        # Whoever had the place before may have been asked for the same.
        if (kept := _cache.get(tag)) is not None:
            return kept
        with local_path(media) as path:
            picture = read(path)
    finally:
        _places.release()
    _cache.put(tag, picture)
    return picture
