"""Puts the streams of a video into an MP4 as they are; used inside the fixing child."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.video.stream import VideoStream

from composer.media.facts import ProbeError, Refusal, VideoFacts
from composer.media.limits import find_faults
from composer.media.probe import find_video_stream, open_video
from composer.media.sound_track import SoundTrack
from composer.media.streams import Reporter, find_audio_stream, find_start

# Containers that keep H.264 and H.265 in the form an MP4 wants; AVI does not.
_CONTAINERS = frozenset({"mkv", "3gp"})
_CODECS = frozenset({"h264", "hevc"})
# Pictures may wait for as many others as a decoder can hold.
_MAX_WAITING = 32
MUXER = {"movflags": "+faststart"}


def can_copy(facts: VideoFacts) -> bool:
    """Whether nothing but the container is wrong, and the pictures may be taken over without a loss."""
    return (
        facts.container in _CONTAINERS
        and facts.video_codec in _CODECS
        and {fault.code for fault in find_faults(facts)} == {"container"}
    )


def copy_streams(source: Path, destination: Path, facts: VideoFacts, *, reporter: Reporter) -> None:
    """Write the pictures as they are, AAC as it is, other sound as AAC. Raises FFmpegError, ProbeError."""
    with (
        open_video(source, facts.container) as container,
        av.open(str(destination), "w", format="mp4", options=MUXER) as out,
    ):
        video, audio = find_video_stream(container), find_audio_stream(container)
        if video is None:
            raise ProbeError(Refusal.NO_PICTURE, facts.container)
        start = find_start(video, audio)
        copies = {video.index: _Copy(out, video, facts.fps)}
        sound = None
        if audio is not None and audio.codec_context.name == "aac" and audio.codec_context.extradata:
            copies[audio.index] = _Copy(out, audio, 0)
        elif audio is not None:
            sound = SoundTrack(out)
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            # The empty packet at the end asks a decoder for what it holds back; there is none here.
            if not packet.size or packet.time_base is None:
                continue
            if packet.pts is not None:
                reporter.tell(packet.pts * Fraction(packet.time_base) - start)
            if packet.stream.index in copies:
                copies[packet.stream.index].take(packet, shift=round(start / Fraction(packet.time_base)))
            elif sound is not None:
                _encode(packet, sound, start)
        for copy in copies.values():
            copy.finish()
        if sound is not None:
            sound.finish()


class _Copy:
    """One stream carried over packet by packet.

    Matroska tells when a picture is shown, not when it is decoded; until that can be told from the first pictures
    they wait here.
    """

    def __init__(self, out: OutputContainer, source: VideoStream | AudioStream, fps: float) -> None:
        self._out = out
        self._stream = out.add_stream_from_template(source)
        if source.codec_context.name == "hevc":
            # Apple's players take no other name for it.
            self._stream.codec_context.codec_tag = "hvc1"
        base = Fraction(source.time_base or Fraction(1, 1000))
        self._step = max(1, int(1 / (Fraction(fps or 30) * base)))
        self._waiting: list[Packet[Any]] = []

    def take(self, packet: "Packet[Any]", *, shift: int) -> None:
        if packet.pts is not None:
            packet.pts -= shift
        self._waiting.append(packet)
        if packet.dts is not None:
            packet.dts -= shift
            self._release(packet.dts)
        elif len(self._waiting) > _MAX_WAITING:
            raise ProbeError(Refusal.UNREADABLE, "mkv")

    def finish(self) -> None:
        """Write what still waits, in a file of a few pictures."""
        known = [packet.pts for packet in self._waiting if packet.pts is not None]
        if known:
            self._release(min(known))

    def _release(self, last: int) -> None:
        for number, packet in enumerate(reversed(self._waiting)):
            packet.dts = last - number * self._step
        for packet in self._waiting:
            packet.stream = self._stream
            self._out.mux(packet)
        self._waiting.clear()


def _encode(packet: "Packet[Any]", sound: SoundTrack, start: Fraction) -> None:
    with suppress(InvalidDataError):
        decoded: list[object] = list(packet.decode())
        for frame in decoded:
            if isinstance(frame, AudioFrame) and frame.pts is not None and frame.time_base is not None:
                sound.take(frame, frame.pts * Fraction(frame.time_base) - start)
