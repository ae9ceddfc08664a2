"""TikTok's limits on a video file, each stated once, and what to tell people about a file that breaks one.

Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide ("Video restrictions").
How long a video may be depends on the creator and is judged in `composer.rules` (TikTok's rule 1c).
"""

from dataclasses import dataclass

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.sniff import KINDS, PHOTOS
from composer.media.words import say_bytes, say_bytes_beyond

CONTAINERS = {"mp4": "MP4", "mov": "MOV", "webm": "WebM"}
VIDEO_CODECS = {"h264": "H.264", "hevc": "H.265", "vp8": "VP8", "vp9": "VP9"}
MIN_FPS = 23
MAX_FPS = 60
MIN_SIDE = 360
MAX_SIDE = 4096
# Beyond this nothing is decoded, and nothing made smaller: 8K in either direction.
MAX_READ_SIDE = 8192
MAX_READ_PIXELS = 8192 * 4352
# TikTok says "4 GB" without a unit; its own examples count in steps of 1,024.
MAX_BYTES = 4 * 1024**3
# No page on posting states a least duration; other parts of TikTok's platform do, so this only warns.
SHORT_MS = 3000

# An average rate wanders in the second decimal (60.02 for a phone's "60"): one decimal is compared.
_FPS_DECIMALS = 1

_OTHER_CODECS = {
    "av1": "AV1",
    "mpeg4": "MPEG-4 Part 2",
    "mpeg2video": "MPEG-2",
    "mpeg1video": "MPEG-1",
    "prores": "ProRes",
    "mjpeg": "Motion JPEG",
    "dnxhd": "DNxHD",
    "h263": "H.263",
    "theora": "Theora",
    "gif": "GIF",
    "png": "PNG pictures",
}


def _one_of(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


CONTAINERS_SAID = _one_of(tuple(CONTAINERS.values()))
CODECS_SAID = _one_of(tuple(VIDEO_CODECS.values()))
_CHOOSE_MEDIA = f"Choose a video ({CONTAINERS_SAID}) or a photo (JPEG, WebP, PNG or HEIC)."
_EXPORT_AGAIN = "Export it again from your editing app as MP4 with H.264"


_PLAY_AGAIN = "Play it on your device. If it plays there, export it again; otherwise use another copy."
_OPEN_AGAIN = "Open it on your device. If it shows there, save it again as JPEG; otherwise use another copy."


@dataclass(frozen=True)
class Fault:
    """One thing about a file that people must know: what the limit is, what was found, what to do.

    `text` says what is wrong and holds limit and value; `advice` says what to do. Both are whole sentences.
    """

    code: str
    limit: str
    found: str
    text: str
    advice: str


def find_faults(facts: VideoFacts) -> tuple[Fault, ...]:
    """Everything for which TikTok would refuse this file, the most basic first; empty when it is fine."""
    found = (
        _fault_of_completeness(facts),
        _fault_of_foreign_data(facts),
        _fault_of_container(facts),
        _fault_of_codec(facts),
        _fault_of_decoding(facts),
        _fault_of_rate(facts),
        _fault_of_sides(facts),
        _fault_of_duration(facts),
        find_size_fault(facts.size_bytes),
    )
    return tuple(fault for fault in found if fault is not None)


def find_warnings(facts: VideoFacts) -> tuple[Fault, ...]:
    """What may go wrong at TikTok although no written limit is broken."""
    if 0 < facts.duration_ms < SHORT_MS:
        seconds = f"{facts.duration_ms / 1000:.1f} seconds"
        return (
            Fault(
                code="short",
                limit=f"{SHORT_MS // 1000} seconds",
                found=seconds,
                text=f"This video lasts {seconds}. TikTok sometimes refuses videos under 3 seconds.",
                advice="You can post it as it is. If TikTok refuses it, use a longer cut.",
            ),
        )
    return ()


def find_size_fault(size_bytes: int) -> Fault | None:
    """The fault of a file that is too large for TikTok, known before a byte of it is read."""
    if size_bytes <= MAX_BYTES:
        return None
    found = say_bytes_beyond(size_bytes, MAX_BYTES)
    return Fault(
        code="file_size",
        limit=say_bytes(MAX_BYTES),
        found=found,
        text=f"This file is {found}. TikTok takes at most {say_bytes(MAX_BYTES)}.",
        advice="Export it again with a lower bitrate or resolution, or cut it shorter.",
    )


def explain_refusal(error: ProbeError) -> Fault:
    """What to tell people about a file that could not be measured."""
    kind = KINDS.get(error.kind, KINDS["unknown"])
    match error.refusal:
        case Refusal.EMPTY:
            text, advice = (
                "This file is empty: it has 0 bytes.",
                "Choose the file again, or export it again if it is empty on your device too.",
            )
        case Refusal.NOT_MEDIA:
            text, advice = f"This is {kind}, not a video or a photo.", _CHOOSE_MEDIA
        case Refusal.CAMERA_RAW:
            text, advice = (
                "This is a camera's raw picture, which has to be developed first.",
                "Export it as JPEG from your camera's or photo app, and upload that file.",
            )
        case Refusal.CONTAINER:
            return _container_fault(kind)
        case Refusal.CUT_OFF:
            return CUT_OFF
        case Refusal.NO_PICTURE:
            text, advice = (
                "This file has no moving picture, only sound or other data.",
                f"Choose a video file: {CONTAINERS_SAID}.",
            )
        case Refusal.UNREADABLE:
            text = f"This looks like {kind}, but it cannot be read: the file is damaged."
            advice = _OPEN_AGAIN if error.kind in PHOTOS else _PLAY_AGAIN
        case Refusal.TIMED_OUT:
            text, advice = (
                "Checking this file took too long and was stopped.",
                f"Upload it once more. If it happens again: {_EXPORT_AGAIN}, a photo as JPEG.",
            )
        case Refusal.CHECK_FAILED:
            text, advice = (
                "We could not read this file: the check stopped in the middle of it.",
                f"Upload it once more. If it happens again: {_EXPORT_AGAIN}, a photo as JPEG.",
            )
    return Fault(code=error.refusal.value, limit="a video or a photo", found=kind, text=text, advice=advice)


CUT_OFF = Fault(
    code=Refusal.CUT_OFF.value,
    limit="a complete file",
    found="a file without its end",
    text="The end of this file is missing: it was cut off while it was copied, downloaded or recorded.",
    advice="Copy or export it again, then upload the complete file.",
)


def _fault_of_completeness(facts: VideoFacts) -> Fault | None:
    return None if facts.is_complete else CUT_OFF


def _fault_of_foreign_data(facts: VideoFacts) -> Fault | None:
    if not facts.has_foreign_data:
        return None
    return Fault(
        code="foreign_data",
        limit="a video and nothing else",
        found="other data after the video",
        text="There is something else in this file after the video.",
        advice=f"{_EXPORT_AGAIN}, so that the file holds only the video.",
    )


def _fault_of_container(facts: VideoFacts) -> Fault | None:
    return None if facts.container in CONTAINERS else _container_fault(KINDS[facts.container])


def _container_fault(kind: str) -> Fault:
    return Fault(
        code="container",
        limit=CONTAINERS_SAID,
        found=kind,
        text=f"This is {kind}. TikTok takes {CONTAINERS_SAID}.",
        advice=f"{_EXPORT_AGAIN}.",
    )


def _fault_of_codec(facts: VideoFacts) -> Fault | None:
    if facts.video_codec in VIDEO_CODECS:
        return None
    found = _OTHER_CODECS.get(facts.video_codec, facts.video_codec)
    return Fault(
        code="video_codec",
        limit=CODECS_SAID,
        found=found,
        text=f"The picture is stored as {found}. TikTok takes {CODECS_SAID}.",
        advice=f"{_EXPORT_AGAIN}.",
    )


def _fault_of_decoding(facts: VideoFacts) -> Fault | None:
    if facts.is_decodable:
        return None
    return Fault(
        code="undecodable",
        limit="a picture that can be shown",
        found="no picture could be decoded",
        text="No picture of this video can be shown: its picture data is damaged or protected.",
        advice=_PLAY_AGAIN,
    )


def _fault_of_rate(facts: VideoFacts) -> Fault | None:
    rate = round(facts.fps, _FPS_DECIMALS)
    if MIN_FPS <= rate <= MAX_FPS:
        return None
    found = f"{rate:g} frames per second" if rate else "no stated frame rate"
    what = f"This video has {found}" if rate else "This video does not say how many frames per second it has"
    target = "60" if rate > MAX_FPS else "30"
    return Fault(
        code="frame_rate",
        limit=f"{MIN_FPS} to {MAX_FPS} frames per second",
        found=found,
        text=f"{what}. TikTok takes {MIN_FPS} to {MAX_FPS}.",
        advice=f"{_EXPORT_AGAIN} at {target} frames per second.",
    )


def is_readable_size(width: int, height: int) -> bool:
    """Whether pictures of so many pixels are decoded at all."""
    return max(width, height) <= MAX_READ_SIDE and width * height <= MAX_READ_PIXELS


def _fault_of_sides(facts: VideoFacts) -> Fault | None:
    width, height = facts.width, facts.height
    if min(width, height) >= MIN_SIDE and max(width, height) <= MAX_SIDE:
        return None
    found = f"{width} x {height} pixels"
    if max(width, height) > MAX_SIDE:
        advice = f"Export it again smaller, for example {_EXAMPLE_SIZE}."
    else:
        advice = f"Export it again larger, for example {_EXAMPLE_SIZE}, from the original if you have it."
    return Fault(
        # A size that a fix can bring into bounds, or one that nothing here opens.
        code="picture_size" if is_readable_size(width, height) else "too_many_pixels",
        limit=f"{MIN_SIDE} to {MAX_SIDE} pixels on each side",
        found=found,
        text=f"The picture is {found}. TikTok takes {MIN_SIDE} to {MAX_SIDE} pixels on each side.",
        advice=advice,
    )


_EXAMPLE_SIZE = "1080 x 1920 pixels"


def _fault_of_duration(facts: VideoFacts) -> Fault | None:
    if facts.duration_ms > 0:
        return None
    return Fault(
        code="no_duration",
        limit="a video with a length",
        found="no length",
        text="This video has no length: it holds at most a single picture.",
        advice=f"{_EXPORT_AGAIN}.",
    )
