"""What a media file turned out to be, and why one could not be looked at: the words all of media speaks."""

from dataclasses import dataclass
from enum import StrEnum

# What the bytes must be called when they are sent or served.
CONTENT_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "3gp": "video/3gpp",
    "avi": "video/x-msvideo",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "png": "image/png",
    "heic": "image/heic",
    "avif": "image/avif",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
}


@dataclass(frozen=True)
class VideoFacts:
    """One readable video file as measured, without judging it.

    `container` is one of mp4, mov, webm, mkv, 3gp, avi; codecs carry FFmpeg's names (`h264`, `hevc`, `vp9`,
    `aac`), `audio_codec` is empty without sound. `width` and `height` are pixels as displayed: `rotation`, in
    degrees counter-clockwise, is already applied. `fps` is the average, 0 when the file does not tell.
    """

    container: str
    video_codec: str
    audio_codec: str
    width: int
    height: int
    rotation: int
    fps: float
    duration_ms: int
    size_bytes: int
    # False: the end of the file is missing.
    is_complete: bool
    # True: something that is not part of the video follows it in the file.
    has_foreign_data: bool
    # False: not even the first picture could be decoded.
    is_decodable: bool

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.container]


@dataclass(frozen=True)
class PhotoFacts:
    """One picture as measured, without judging it.

    `container` is one of jpeg, webp, png, heic, avif, gif, bmp, tiff. `width` and `height` are pixels as
    displayed: `orientation`, EXIF's 1 to 8, is already applied. A picture of more pixels than are ever read
    (`photo_limits.MAX_PIXELS`) is not decoded: then only its sides and size are known, the rest is a guess.
    """

    container: str
    width: int
    height: int
    orientation: int
    size_bytes: int
    # "srgb", "cmyk", or "other": a profile that makes other colours of the same numbers.
    colours: str
    # False: the end of the file is missing.
    is_complete: bool
    # False: a part of the picture cannot be decoded.
    is_decodable: bool
    # True: several pictures follow one another in time.
    is_animated: bool
    is_transparent: bool
    # True: it says where it was taken.
    has_location: bool
    # True: a camera's own additions stand behind the picture, such as the film of a moving photo.
    has_extras: bool
    # True: something that is not part of any picture follows it in the file.
    has_foreign_data: bool

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.container]


class Refusal(StrEnum):
    """Why a file could not be measured at all."""

    EMPTY = "empty"
    NOT_MEDIA = "not_media"
    CAMERA_RAW = "camera_raw"
    CONTAINER = "container"
    CUT_OFF = "cut_off"
    NO_PICTURE = "no_picture"
    UNREADABLE = "unreadable"
    TIMED_OUT = "check_timed_out"
    CHECK_FAILED = "check_failed"


class ProbeError(Exception):
    """A file could not be measured. `kind` is a key of `sniff.KINDS`: what its first bytes say it is."""

    def __init__(self, refusal: Refusal, kind: str) -> None:
        super().__init__(f"{refusal}: {kind}")
        self.refusal = refusal
        self.kind = kind
