"""Samples for a first try, drawn and encoded on the spot: nothing is shipped, nothing is anybody's."""

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream

from composer.media.scenes import HEIGHT, WIDTH, Scene, draw_lamp, draw_sunrise, draw_waves

FPS = 30
_SAMPLE_RATE = 48_000
_FADE_SECONDS = 0.6
# Below a quarter of full scale: a tone to know that there is sound, not to be startled by.
_LOUDNESS = 3500


@dataclass(frozen=True)
class Sample:
    """One sample clip. `name` is a file name without its ending, `title` what people see in the library."""

    name: str
    title: str
    seconds: int
    # Whole numbers of hertz, so that one second of sound can be repeated without a click.
    chord: tuple[int, ...]
    set_up: Callable[[], Scene]
    # Shows one moment of the scene, in seconds, from beginning to end.
    held_at: float | None = None


SAMPLES: tuple[Sample, ...] = (
    Sample("lamp", "A lamp warming up", 5, (220, 277, 330), draw_lamp),
    Sample("sunrise", "Sunrise over a stage", 6, (196, 294, 392), draw_sunrise),
    Sample("waves", "Paper waves", 5, (174, 261, 349), draw_waves),
)
# A second more than the minute that some creators may post; one picture, so that it is quickly drawn.
LONG_SAMPLE = Sample("lamp-held", "A lamp, held for a minute", 61, (220, 277, 330), draw_lamp, held_at=4.5)


@dataclass(frozen=True)
class SamplePhoto:
    """One sample picture: a scene of the clips, stopped at a moment, in seconds."""

    name: str
    title: str
    set_up: Callable[[], Scene]
    moment: float


SAMPLE_PHOTOS: tuple[SamplePhoto, ...] = (
    SamplePhoto("lamp-lit", "A lamp, lit", draw_lamp, 4.5),
    SamplePhoto("stage-at-sunrise", "A stage at sunrise", draw_sunrise, 5.5),
    SamplePhoto("waves-still", "Paper waves, held still", draw_waves, 2.0),
)


def write_sample_photo(photo: SamplePhoto, path: Path) -> None:
    """Draw one picture as a JPEG of 540 x 960 pixels; the same file, byte for byte, every time."""
    photo.set_up()(photo.moment).convert("RGB").save(path, "JPEG", quality=90)


def write_sample(sample: Sample, path: Path) -> None:
    """Draw and encode one clip as an MP4 of 540 x 960 pixels, 30 frames per second, H.264 and AAC.

    Takes about two seconds; the same file, byte for byte, every time.
    """
    scene = sample.set_up()
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        # The number of threads is part of what makes two runs alike.
        video = out.add_stream(
            "libx264", rate=FPS, options={"preset": "superfast", "crf": "23", "threads": "2"}
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.gop_size = FPS
        video.codec_context.colorspace = Colorspace.ITU709
        sound = out.add_stream("aac", rate=_SAMPLE_RATE, bit_rate=96_000)
        sound.layout = "mono"
        _write_pictures(out, video, scene, sample)
        _write_sound(out, sound, sample.chord, sample.seconds)


def _write_pictures(out: OutputContainer, video: VideoStream, scene: Scene, sample: Sample) -> None:
    if sample.held_at is not None:
        _write_held(out, video, _draw(scene, sample.held_at), sample.seconds)
        return
    for number in range(sample.seconds * FPS):
        out.mux(video.encode(_at(_draw(scene, number / FPS), number)))
    out.mux(video.encode(None))


def _write_held(out: OutputContainer, video: VideoStream, frame: av.VideoFrame, seconds: int) -> None:
    """One second of the same picture, encoded once and written again for every second."""
    packets = [packet for number in range(FPS) for packet in video.encode(_at(frame, number))]
    packets += video.encode(None)
    second = [(bytes(each), each.pts or 0, each.dts or 0, each.is_keyframe) for each in packets]
    for passed in range(seconds):
        for data, pts, dts, is_keyframe in second:
            packet = av.Packet(data)
            packet.stream, packet.time_base = video, Fraction(1, FPS)
            packet.pts, packet.dts, packet.is_keyframe = pts + passed * FPS, dts + passed * FPS, is_keyframe
            out.mux(packet)


def _at(frame: av.VideoFrame, number: int) -> av.VideoFrame:
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


def _draw(scene: Scene, moment: float) -> av.VideoFrame:
    drawn = av.VideoFrame.from_image(scene(moment))  # type: ignore[no-untyped-call]
    frame: av.VideoFrame = drawn.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
    return frame


def _write_sound(out: OutputContainer, sound: AudioStream, chord: tuple[int, ...], seconds: int) -> None:
    samples = _hum(chord, seconds)
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.pts, frame.time_base = _SAMPLE_RATE, 0, Fraction(1, _SAMPLE_RATE)
    out.mux(sound.encode(frame))
    out.mux(sound.encode(None))


def _hum(chord: tuple[int, ...], seconds: int) -> "array[int]":
    """A soft chord that swells once a second and fades in and out at the ends of the clip."""
    turn = 2 * math.pi / _SAMPLE_RATE
    second = array("h", bytes(2 * _SAMPLE_RATE))
    for n in range(_SAMPLE_RATE):
        swell = 0.8 - 0.2 * math.cos(turn * n)
        second[n] = round(_LOUDNESS * swell * sum(math.sin(turn * n * hertz) for hertz in chord) / len(chord))
    samples = second * seconds
    fade = round(_FADE_SECONDS * _SAMPLE_RATE)
    for n in range(fade):
        samples[n] = samples[n] * n // fade
        samples[-1 - n] = samples[-1 - n] * n // fade
    return samples
