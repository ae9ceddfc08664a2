"""What the upload zone has to know, so that every page can include it without a word of its own."""

from dataclasses import dataclass

from django import template
from django.conf import settings

from composer.media.words import say_bytes

register = template.Library()


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The largest file, the size of one part, both in bytes; and the first in words."""

    max_bytes: int
    part_bytes: int
    max_said: str


@register.simple_tag
def upload_limits() -> UploadLimits:
    """The limits of this installation."""
    return UploadLimits(
        max_bytes=settings.MEDIA_MAX_BYTES,
        part_bytes=settings.UPLOAD_PART_BYTES,
        max_said=say_bytes(settings.MEDIA_MAX_BYTES),
    )
