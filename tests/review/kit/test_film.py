"""The film is what TikTok's forms take, says on every frame what it is, and leaves out what was not to be filmed."""

import time
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageColor

from review.kit.camera import Camera
from review.kit.desk import own_desk
from review.kit.pointer import Pointer
from review.kit.strips import BOTTOM, TOP, Words
from tests.review.kit.desks import needs_a_desk

pytestmark = [needs_a_desk, pytest.mark.slow]
WARN = ImageColor.getrgb("#8a4b12")


def test_a_rehearsal_says_so_on_every_frame(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with own_desk() as desk, Camera(desk, film, is_rehearsal=True) as camera:
        camera.words = Words("Part", "Words")
        camera.picture()
        time.sleep(1)
    # Faststart: what describes the film stands before the film.
    assert 0 < film.read_bytes().find(b"moov") < film.read_bytes().find(b"mdat")
    with av.open(str(film)) as played:
        [stream] = played.streams
        assert float(stream.duration * stream.time_base) >= 1
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        frames = [frame.to_image() for frame in played.decode(video=0)]
    assert {frame.size for frame in frames} == {(1440, TOP + 900 + BOTTOM)}
    assert len(frames) >= 2
    for frame in frames:
        assert frame.getpixel((20, TOP // 2)) == pytest.approx(WARN, abs=8)
        assert white_pixels(frame.crop((0, 0, 1440, TOP))) > 1000, "in words"


def white_pixels(picture: Image.Image) -> int:
    return sum(picture.convert("L").histogram()[220:])


def test_what_is_handed_in_is_the_window_as_it_is_with_nothing_above_or_over_it(tmp_path: Path) -> None:
    with own_desk() as desk, Camera(desk, tmp_path / "film.mp4", is_rehearsal=False) as camera:
        window = camera.picture()
    with av.open(str(tmp_path / "film.mp4")) as played:
        frame = next(played.decode(video=0)).to_image()
    assert frame.size == (1440, 900 + BOTTOM)
    apart = ImageChops.difference(frame.crop((0, 0, *window.size)), window).convert("L")
    # But for what the film's compression leaves around the pointer.
    assert sum(apart.histogram()[8:]) < 500


def test_the_pointer_is_in_the_picture() -> None:
    with own_desk() as desk, Camera(desk, None, is_rehearsal=False) as camera:
        pointer = Pointer(desk, is_quick=True)
        seen = {}
        for place in ((300, 200), (1100, 700)):
            pointer.glide(*place)
            seen[place] = ImageChops.difference(camera.picture(), Image.new("RGB", (1440, 900))).getbbox()
    for (x, y), box in seen.items():
        assert box is not None
        assert box[0] - 5 <= x <= box[2] + 5
        assert box[1] - 5 <= y <= box[3] + 5


def test_a_pause_is_not_in_the_film(tmp_path: Path) -> None:
    with own_desk() as desk, Camera(desk, tmp_path / "film.mp4", is_rehearsal=True) as camera:
        camera.pause()
        camera.picture()
        before = camera.seconds
        time.sleep(2)
        camera.picture()
        assert camera.seconds == before
        camera.go_on()
        camera.picture()
        camera.picture()
        assert before < camera.seconds < before + 1.5


def test_it_says_how_long_it_is_also_where_nothing_moves(tmp_path: Path) -> None:
    """A still page is one picture a second: with B-frames the file would call itself shorter than it is."""
    film = tmp_path / "film.mp4"
    with own_desk() as desk, Camera(desk, film, is_rehearsal=True) as camera:
        for number in range(12):
            camera.words = Words("Something moves", str(number))
            camera.picture()
        time.sleep(4.5)
    with av.open(str(film)) as played:
        said = played.duration / 1_000_000
        last = max(
            float(packet.pts * packet.time_base) for packet in played.demux(video=0) if packet.pts is not None
        )
    assert last < said <= last + 0.2
    assert said == pytest.approx(camera.seconds, abs=0.2)
