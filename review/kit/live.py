"""What must stand before the real TikTok is filmed: the site runs, with keys of the operator's own."""

import httpx
from django.conf import settings

from review.kit.errors import KitError

_ANSWER_SECONDS = 10


def require_live() -> None:
    """Raise KitError with what is missing and how to set it."""
    if settings.TIKTOK_IS_SIMULATED:
        raise KitError(
            "--live needs your TikTok app: set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET to your sandbox's. "
            "Until then TikTok is simulated, and a rehearsal without --live shows the same."
        )
    try:
        is_there = httpx.get(settings.PUBLIC_URL, timeout=_ANSWER_SECONDS).status_code == 200
    except httpx.TransportError:
        is_there = False
    if not is_there:
        raise KitError(
            f"{settings.PUBLIC_URL} does not answer. --live films the site that runs there: start it first."
        )
