"""The inside of the child process that makes one derivative of a hostile file.

Started by `composer.media.fixing` only. It tells its progress in lines of JSON on standard output, each an object
with `progress` (0 to 1), `failure` (a word of `fixing.FAILURES`) or `done`. Sentences for people are made outside.
"""

import json
import os
from pathlib import Path

from composer.media.confine import limit_oneself

# Address space, measured as the most that a source of 8K takes with room to spare: decoder, filters and encoder.
_MEMORY_BYTES = {"photo_jpeg": 2 * 1024**3, "video_mp4": 4 * 1024**3, "cover_picture": 4 * 1024**3}
_FILE_BYTES = {"photo_jpeg": 20 * 1024**2, "video_mp4": 4 * 1024**3, "cover_picture": 4 * 1024**3}
_CORES = 2
# The web and the senders of posts go first.
_NICENESS = 10


def make(recipe: str, source: Path, destination: Path, picture: Path | None) -> str:
    """Write the derivative; the failure's word, empty when all went well."""
    from av.error import FFmpegError

    from composer.media.facts import ProbeError
    from composer.media.photo import BROKEN, TooManyPixelsError
    from composer.media.photo_fix import NoPhotoError, write_photo
    from composer.media.video_fix import NoCoverError, write_video

    try:
        if recipe == "photo_jpeg":
            write_photo(source, destination)
        else:
            write_video(source, destination, picture=picture, report=_report)
    except MemoryError:
        return "memory"
    except NoCoverError:
        return "no_cover"
    except (ProbeError, NoPhotoError):
        return "unreadable"
    except TooManyPixelsError:
        return "too_many_pixels"
    except OSError as error:
        return _explain(error)
    except (FFmpegError, *BROKEN):
        return "unreadable"
    return ""


def _explain(error: OSError) -> str:
    import errno

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "disk_full"
    return "too_large" if error.errno == errno.EFBIG else "unreadable"


def _report(progress: float) -> None:
    # When the one who asked is gone, this fails and ends the work.
    print(json.dumps({"progress": round(progress, 4)}), flush=True)


def main(recipe: str, source: str, destination: str, seconds: str, picture: str) -> None:
    """Entry of the process; `picture` is a path or empty."""
    os.nice(_NICENESS)
    limit_oneself(
        int(seconds), memory_bytes=_MEMORY_BYTES[recipe], file_bytes=_FILE_BYTES[recipe], cores=_CORES
    )
    failure = make(recipe, Path(source), Path(destination), Path(picture) if picture else None)
    print(json.dumps({"failure": failure} if failure else {"done": True}), flush=True)
    # Nothing is left to tidy up, and a library's clean-up after a broken file may hang or crash.
    os._exit(0)
