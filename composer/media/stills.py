"""Makes JPEG pictures of a video's frames: upright, small, and several side by side."""

from io import BytesIO

from av.video.frame import VideoFrame
from PIL import Image

QUALITY = 82


def to_picture(frame: VideoFrame, *, box: tuple[int, int]) -> Image.Image:
    """The frame upright, not larger than `box` (width, height) and never enlarged."""
    # Players turn by quarters only.
    rotation = round(frame.rotation / 90) * 90 % 360
    if rotation % 180:
        box = box[1], box[0]
    scale = min(1.0, box[0] / frame.width, box[1] / frame.height)
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    small = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call]
    return image.rotate(rotation, expand=True) if rotation else image


def to_jpeg(picture: Image.Image) -> bytes:
    """One picture as JPEG."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Pictures in one row, each as wide as the first; there must be one at least."""
    width, height = pictures[0].size
    strip = Image.new("RGB", (width * len(pictures), height))
    for number, picture in enumerate(pictures):
        strip.paste(
            picture.resize((width, height)) if picture.size != (width, height) else picture,
            (number * width, 0),
        )
    return strip
