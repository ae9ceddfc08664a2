"""Writes any readable video as an MP4 that TikTok takes. Files are hostile: only child processes call this."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.error import FFmpegError, InvalidDataError
from av.packet import Packet
from av.video.frame import VideoFrame
from PIL import Image

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.limits import find_faults, is_readable_size
from composer.media.photo import BROKEN, TooManyPixelsError
from composer.media.photo_fix import NoPhotoError, read_photo
from composer.media.picture_track import Meaning, PictureTrack, meaning_of
from composer.media.probe import find_video_stream, open_video, probe_video
from composer.media.remux import MUXER, can_copy, copy_streams
from composer.media.sound_track import SoundTrack
from composer.media.streams import Reporter, find_audio_stream, find_start
from composer.media.targets import choose_rate, choose_sides

# How long a cover picture stays on the screen: long enough to be the frame at 0 for whoever looks, short enough
# not to be missed by a viewer.
COVER_MS = 300
# So many broken packets in one file are a broken file.
_MAX_BROKEN = 50


def write_video(
    source: Path, destination: Path, *, picture: Path | None, report: Callable[[float], None]
) -> None:
    """Write `source` as MP4 to `destination`, with `picture` as its first frames when there is one.

    When only the container is wrong the streams are copied as they are, unless the pictures are interlaced. Otherwise
    they become H.264 (High, 4:2:0, eight bits, an even rate from 23 to 60, sides from 360 to 4096) and the sound AAC.
    Nothing else of the file is kept: no place, no titles. Raises ProbeError, FFmpegError, OSError, or NoCoverError.
    """
    facts = probe_video(source)
    if not is_readable_size(facts.width, facts.height) or not facts.duration_ms:
        raise ProbeError(Refusal.UNREADABLE, facts.container)
    look = _look_at_first(source, facts)
    if picture is None and can_copy(facts) and not look.is_interlaced:
        try:
            copy_streams(source, destination, facts, reporter=Reporter(report, facts.duration_ms))
            if _is_the_same(facts, probe_video(destination)):
                return
        except (FFmpegError, ProbeError):
            # Streams that do not fit into an MP4 as they are: then they are made anew.
            destination.unlink(missing_ok=True)
    _convert(source, destination, facts, look, picture, Reporter(report, facts.duration_ms))


def _is_the_same(facts: VideoFacts, copy: VideoFacts) -> bool:
    return (
        not find_faults(copy)
        and (copy.width, copy.height, bool(copy.audio_codec))
        == (facts.width, facts.height, bool(facts.audio_codec))
        and abs(copy.duration_ms - facts.duration_ms) < 500
    )


def _convert(
    source: Path,
    destination: Path,
    facts: VideoFacts,
    look: "_Look",
    picture: Path | None,
    reporter: Reporter,
) -> None:
    frame, rate = choose_sides(*look.sides), choose_rate(facts.fps)
    cover = None if picture is None else _read_cover(picture, frame.outer)
    cover_slots = 0 if cover is None else math.ceil(rate * COVER_MS / 1000)
    with (
        open_video(source, facts.container) as container,
        av.open(str(destination), "w", format="mp4", options=MUXER) as out,
    ):
        video, audio = find_video_stream(container), find_audio_stream(container)
        if video is None:
            raise ProbeError(Refusal.NO_PICTURE, facts.container)
        video.codec_context.thread_count = 1
        pictures = PictureTrack(
            out,
            frame=frame,
            rate=rate,
            source_interval=Fraction(1) / Fraction(facts.fps or rate).limit_denominator(100_000),
            meaning=look.meaning,
            cover=cover,
            cover_slots=cover_slots,
        )
        sound = None if audio is None else SoundTrack(out)
        start = find_start(video, audio)
        shift = Fraction(cover_slots) / rate - start
        broken = 0
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            try:
                _take(packet, pictures, sound, start=start, shift=shift, reporter=reporter)
            except InvalidDataError:
                broken += 1
                if broken > _MAX_BROKEN:
                    raise
        if not pictures.finish():
            raise ProbeError(Refusal.NO_PICTURE, facts.container)
        if sound is not None:
            sound.finish()


def _take(
    packet: "Packet[Any]",
    pictures: PictureTrack,
    sound: SoundTrack | None,
    *,
    start: Fraction,
    shift: Fraction,
    reporter: Reporter,
) -> None:
    decoded: list[object] = list(packet.decode())
    for frame in decoded:
        if isinstance(frame, VideoFrame) and frame.pts is not None and frame.time_base is not None:
            at = frame.pts * Fraction(frame.time_base)
            reporter.tell(at - start)
            pictures.take(frame, at - start)
        elif (
            isinstance(frame, AudioFrame) and frame.pts is not None and frame.time_base is not None and sound
        ):
            sound.take(frame, frame.pts * Fraction(frame.time_base) + shift)


@dataclass(frozen=True)
class _Look:
    """What only the first picture tells: sides in square pixels (some old formats store narrow ones), and colours."""

    sides: tuple[int, int]
    meaning: Meaning
    is_interlaced: bool


def _look_at_first(source: Path, facts: VideoFacts) -> _Look:
    with open_video(source, facts.container) as container:
        video = find_video_stream(container)
        if video is None:
            raise ProbeError(Refusal.NO_PICTURE, facts.container)
        video.codec_context.thread_count = 1
        first = next(iter(container.decode(video)), None)
        if first is None:
            raise ProbeError(Refusal.NO_PICTURE, facts.container)
        aspect = video.sample_aspect_ratio
    width, height = facts.width, facts.height
    if aspect and Fraction(1, 4) <= aspect <= 4:
        if facts.rotation % 180:
            height = round(height * aspect)
        else:
            width = round(width * aspect)
    return _Look((width, height), meaning_of(first), bool(first.interlaced_frame))


class NoCoverError(Exception):
    """The picture that should become a cover cannot be read."""


def _read_cover(picture: Path, sides: tuple[int, int]) -> Image.Image:
    try:
        return fit_cover(read_photo(picture, fit=sides), sides)
    except (NoPhotoError, TooManyPixelsError, *BROKEN) as error:
        raise NoCoverError from error


def fit_cover(picture: Image.Image, sides: tuple[int, int]) -> Image.Image:
    """The whole picture in the middle of a black frame, enlarged or shrunk to touch its edges."""
    scale = min(sides[0] / picture.width, sides[1] / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    ground = Image.new("RGB", sides)
    ground.paste(
        picture.resize((width, height), Image.Resampling.LANCZOS),
        ((sides[0] - width) // 2, (sides[1] - height) // 2),
    )
    return ground
