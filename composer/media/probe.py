"""Measures a video file with FFmpeg's libraries. Files are hostile: `check` calls it, nobody else."""

from contextlib import suppress
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.limits import is_readable_size
from composer.media.sniff import MEASURABLE, OTHER_VIDEOS, sniff
from composer.media.structure import Structure, read_structure

# The one reader of each kind. Nothing else opens, not even inside: a playlist must never pass for subtitles.
_READERS = {"webm": "matroska,webm", "mkv": "matroska,webm", "avi": "avi"}
_ISO_READER = "mov,mp4,m4a,3gp,3g2,mj2"

# AV1 goes by the name of its decoder.
_CODEC_NAMES = {"libdav1d": "av1", "libvpx": "vp8", "libvpx-vp9": "vp9"}
# How far the last packet may lie before the announced end of a complete file.
_END_TOLERANCE_MS = 1500
_TAIL_MS = 3000
# Some 24 days: whatever announces more has no end, and no number says how long it is.
_MAX_LENGTH_MS = 2**31 - 1


def probe_video(path: Path) -> VideoFacts:
    """Measure one file. Raises ProbeError when there is nothing to measure; judges no limit of TikTok's."""
    size = path.stat().st_size
    with path.open("rb") as file:
        kind = sniff(file)
        if kind == "empty":
            raise ProbeError(Refusal.EMPTY, kind)
        if kind not in MEASURABLE:
            refusal = Refusal.CONTAINER if kind in OTHER_VIDEOS else Refusal.NOT_MEDIA
            raise ProbeError(refusal, kind)
        structure = read_structure(file, kind, size)
    try:
        with open_video(path, kind) as container:
            return _measure(container, kind, size, structure)
    except FFmpegError as error:
        raise ProbeError(Refusal.UNREADABLE if structure.is_complete else Refusal.CUT_OFF, kind) from error


def open_video(path: Path, kind: str) -> InputContainer:
    """Open a file as exactly the container its first bytes named."""
    reader = _READERS.get(kind, _ISO_READER)
    return av.open(
        f"file:{path}",
        format=reader.partition(",")[0],
        options={"format_whitelist": reader, "protocol_whitelist": "file"},
        metadata_errors="ignore",
    )


def find_video_stream(container: InputContainer) -> VideoStream | None:
    """The first moving picture; a cover picture attached to a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def name_codec(name: str) -> str:
    return _CODEC_NAMES.get(name, name)


def _measure(container: InputContainer, kind: str, size: int, structure: Structure) -> VideoFacts:
    video = find_video_stream(container)
    if video is None or not video.codec_context.width:
        found = Refusal.NO_PICTURE if container.streams else Refusal.UNREADABLE
        raise ProbeError(found if structure.is_complete else Refusal.CUT_OFF, kind)
    width, height = video.codec_context.width, video.codec_context.height
    rotation, is_decodable = 0, True
    if is_readable_size(width, height):
        first = _decode_first(container, video)
        is_decodable = first is not None
        if first is not None:
            width, height, rotation = first
    if rotation % 180:
        width, height = height, width
    announced_ms = 0 if structure.is_fragmented else max(0, container.duration or 0) // 1000
    fps = float(video.average_rate or video.guessed_rate or 0)
    if announced_ms:
        is_complete = structure.is_complete and _reaches_its_end(container, video, announced_ms, size)
        duration_ms = announced_ms
    else:
        is_complete = structure.is_complete
        duration_ms, fps = _count(container, video, fps)
    audio = next(iter(container.streams.audio), None)
    return VideoFacts(
        container=kind,
        video_codec=name_codec(video.codec_context.name),
        audio_codec="" if audio is None else name_codec(audio.codec_context.name),
        width=width,
        height=height,
        rotation=rotation,
        fps=round(fps, 3),
        duration_ms=min(duration_ms, _MAX_LENGTH_MS),
        size_bytes=size,
        is_complete=is_complete,
        has_foreign_data=structure.has_foreign_data,
        is_decodable=is_decodable,
    )


def _decode_first(container: InputContainer, video: VideoStream) -> tuple[int, int, int] | None:
    """Real width, height and rotation of the first picture: what a file says of itself may be wrong."""
    video.codec_context.thread_count = 1
    try:
        for frame in container.decode(video):
            # Players turn by quarters only.
            return frame.width, frame.height, round(frame.rotation / 90) * 90 % 360
    except FFmpegError:
        return None
    return None


def _reaches_its_end(container: InputContainer, video: VideoStream, announced_ms: int, size: int) -> bool:
    """Whether the last packets of a file are really there."""
    entries = video.index_entries
    # A picture that its table of contents places behind the end of the file.
    if len(entries) and entries[-1].pos + entries[-1].size > size:
        return False
    container.seek((container.start_time or 0) + max(0, announced_ms - _TAIL_MS) * 1000)
    end_ms, _, _ = _read_to_the_end(container, video)
    return end_ms >= announced_ms - _END_TOLERANCE_MS


def _count(container: InputContainer, video: VideoStream, fps: float) -> tuple[int, float]:
    """Length and rate of a recording that announces neither: every packet is visited."""
    container.seek(0)
    end_ms, pictures, span_ms = _read_to_the_end(container, video)
    if pictures > 1 and span_ms > 0:
        fps = (pictures - 1) * 1000 / span_ms
    return end_ms, fps


def _read_to_the_end(container: InputContainer, video: VideoStream) -> tuple[int, int, float]:
    """The latest end of any packet (ms), the number of pictures, and the time they span (ms)."""
    end = 0.0
    pictures = 0
    first, last = None, 0.0
    start = (container.start_time or 0) / 1_000_000
    # What could be read counts: a missing rest shows in the end.
    with suppress(FFmpegError):
        for packet in container.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            time = float(packet.pts * packet.time_base) - start
            end = max(end, time + float((packet.duration or 0) * packet.time_base))
            if packet.stream.index == video.index:
                pictures += 1
                first = time if first is None else min(first, time)
                last = max(last, time)
    return round(end * 1000), pictures, (last - (first or 0.0)) * 1000
