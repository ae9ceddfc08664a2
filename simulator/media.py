"""What TikTok's media rules say about a file: a fail_reason, or nothing."""

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError

# Source: media transfer guide, video restrictions.
CODECS = frozenset({"h264", "hevc", "vp8", "vp9"})
MIN_FPS, MAX_FPS = Fraction(23), Fraction(60)
MIN_SIDE, MAX_SIDE = 360, 4096
MAX_VIDEO_BYTES = 4 * 1024 * 1024 * 1024

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# Frame rates are measured from time stamps, which round; durations likewise.
_FPS_SLACK = Fraction(1, 100)
_SECONDS_SLACK = 0.001
# A WebM whose last packet ends this much before its announced end was cut off.
_MISSING_SECONDS = 1.0


class _FormatError(Exception):
    """Not a file TikTok can read."""


@dataclass(frozen=True)
class VideoFacts:
    """What was measured. Seconds, pixels, frames a second."""

    seconds: float
    fps: Fraction
    width: int
    height: int


def why_refused(path: Path, *, max_seconds: float, min_seconds: float) -> str:
    """The fail_reason TikTok would give this file, "" when it is fine."""
    try:
        facts = _measure(path)
    except (_FormatError, FFmpegError, ValueError, struct.error):
        return "file_format_check_failed"
    if not MIN_FPS - _FPS_SLACK <= facts.fps <= MAX_FPS + _FPS_SLACK:
        return "frame_rate_check_failed"
    if min(facts.width, facts.height) < MIN_SIDE or max(facts.width, facts.height) > MAX_SIDE:
        return "picture_size_check_failed"
    if facts.seconds > max_seconds + _SECONDS_SLACK or facts.seconds < min_seconds - _SECONDS_SLACK:
        return "duration_check_failed"
    return ""


def _measure(path: Path) -> VideoFacts:
    is_webm = _is_webm(path)
    if not is_webm:
        _check_boxes(path)
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
    with av.open(str(path), options=options) as container:
        if not container.streams.video:
            raise _FormatError
        stream = container.streams.video[0]
        if stream.codec_context.codec.canonical_name not in CODECS or stream.average_rate is None:
            raise _FormatError
        seconds = _announced_seconds(container, stream)
        facts = VideoFacts(seconds, stream.average_rate, stream.width, stream.height)
        if next(container.decode(stream), None) is None:
            raise _FormatError
        if is_webm and _last_packet_seconds(container, stream) < seconds - _MISSING_SECONDS:
            raise _FormatError
    return facts


def _announced_seconds(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / av.time_base
    raise _FormatError


def _last_packet_seconds(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    """Where the pictures really end. Costs a seek near the end, not a read of the whole."""
    container.seek(max((container.duration or 0) - 10 * av.time_base, 0), backward=True)
    last = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return last


def _is_webm(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return False
    # The same container calls itself matroska in an .mkv, which TikTok does not take.
    if b"\x42\x82\x84webm" not in head:
        raise _FormatError
    return True


def _check_boxes(path: Path) -> None:
    """Walk the top-level boxes of an MP4 or MOV: one that ends after the file does was cut off."""
    size = path.stat().st_size
    kinds = set()
    position = 0
    with path.open("rb") as file:
        while position < size:
            file.seek(position)
            header = file.read(16)
            length, kind = struct.unpack(">I4s", header[:8])
            if length == 1:
                (length,) = struct.unpack(">Q", header[8:16])
            elif length == 0:
                length = size - position
            if length < 8 or position + length > size:
                raise _FormatError
            kinds.add(kind)
            position += length
    if not {b"moov", b"mdat"} <= kinds:
        raise _FormatError
