"""Photos made on the spot."""

import io
from typing import Any

from PIL import Image


def make_photo(
    width: int = 360, height: int = 480, *, colour: str = "red", kind: str = "JPEG", **options: Any
) -> bytes:
    """A picture of one colour; `options` go to Pillow's writer."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind, **options)
    return out.getvalue()


def make_animation(kind: str = "WEBP") -> bytes:
    """Two pictures that take turns."""
    second = Image.new("RGB", (360, 480), "blue")
    return make_photo(kind=kind, save_all=True, append_images=[second], duration=100)
