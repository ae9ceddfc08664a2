"""Gives a file of the library another name; its bytes, its address and what was posted stay."""

from composer.library import clean_name
from composer.models import MediaFile


def rename_media(media: MediaFile, name: str) -> bool:
    """Store the name without folders and control characters, at most 255 long; False when nothing is left of it."""
    if not name.strip(" ./\\"):
        return False
    MediaFile.objects.filter(pk=media.pk).update(original_name=clean_name(name))
    return True
