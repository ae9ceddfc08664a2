"""Our own copies of creators' pictures: TikTok's addresses for them end after two hours."""

import hashlib
import io
import logging
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image, UnidentifiedImageError

from accounts.fetching import FetchError, fetch_picture
from accounts.models import TikTokAccount

logger = logging.getLogger(__name__)

SIDE = 256
MAX_SOURCE_SIDE = 4096
FORMATS = ("JPEG", "PNG", "WEBP")


def copy_due_avatars(*, now: datetime, limit: int = 20) -> int:
    """Copy the pictures that wait and return how many were copied.

    Each is tried once per creator info: one that cannot be had leaves what was there, or the initials, and
    the next time TikTok shows it it is tried again.
    """
    copied = 0
    for account in TikTokAccount.objects.avatar_due(now)[:limit]:
        claimed = TikTokAccount.objects.filter(pk=account.pk, avatar_due_at=account.avatar_due_at).update(
            avatar_due_at=None
        )
        if claimed and _copy(account):
            copied += 1
    return copied


def to_small_picture(source: bytes) -> tuple[bytes, str]:
    """Decode a picture and write it anew, at most 256 pixels a side: its bytes and their file suffix.

    JPEG, or PNG where it is see-through; nothing of the source but its pixels survives. Raises FetchError for
    what is no picture, cut off, or larger than 4096 pixels a side.
    """
    try:
        with Image.open(io.BytesIO(source), formats=FORMATS) as image:
            if max(image.size) > MAX_SOURCE_SIDE:
                raise FetchError("The picture has too many pixels.")
            is_transparent = image.has_transparency_data
            small = image.convert("RGBA" if is_transparent else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise FetchError("It is not a picture that can be read.") from None
    small.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    if is_transparent:
        small.save(written, "PNG", optimize=True)
        return written.getvalue(), "png"
    small.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue(), "jpg"


def _copy(account: TikTokAccount) -> bool:
    try:
        picture, suffix = to_small_picture(
            fetch_picture(account.avatar_source, allow_loopback=settings.TIKTOK_IS_SIMULATED)
        )
    except FetchError as error:
        logger.info("The picture of account %s was not copied: %s", account.pk, error)
        TikTokAccount.objects.filter(pk=account.pk, avatar_source=account.avatar_source).update(
            avatar_source=""
        )
        return False
    storage, before = account.avatar.storage, account.avatar.name
    # Named by what is in it: TikTok's address changes all the time, the picture hardly ever, and pages that show
    # it already must not lose it.
    wanted = f"avatars/{account.pk}-{hashlib.sha256(picture).hexdigest()[:16]}.{suffix}"
    if before == wanted and storage.exists(wanted):
        return True
    name = storage.save(wanted, ContentFile(picture))
    if not TikTokAccount.objects.filter(pk=account.pk).update(avatar=name):
        # Deleted while TikTok sent the picture: nobody would know of this file.
        storage.delete(name)
        return False
    if before:
        storage.delete(before)
    return True
