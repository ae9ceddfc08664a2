"""The site's logo in the sizes that browsers, phones and TikTok's portal ask for."""

import io
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import Image

# A tab, an iPhone, the two of a web manifest, and the icon of an app in TikTok's portal.
SIZES = (48, 180, 192, 512, 1024)
OUR_OWN = Path(settings.BASE_DIR) / "static" / "img" / "app-icon.png"


def logo_png(size: int) -> bytes:
    """The logo as a square PNG; what is not square is laid on a transparent square, whole."""
    path = Path(settings.PRODUCT_LOGO) if settings.PRODUCT_LOGO else OUR_OWN
    return _draw(path, path.stat().st_mtime_ns, size)


@lru_cache(maxsize=2 * len(SIZES))
def _draw(path: Path, _changed_ns: int, size: int) -> bytes:
    with Image.open(path) as picture:
        image = picture.convert("RGBA")
    image.thumbnail((size, size))
    square = Image.new("RGBA", (size, size))
    square.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True)
    return out.getvalue()
