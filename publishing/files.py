"""The files of a consent in the order TikTok gets them, each with the hash it was agreed to under."""

from dataclasses import dataclass

from composer.consents import photos_agreed_to
from composer.models import Consent, MediaFile


@dataclass(frozen=True)
class AgreedFile:
    """One file; `sha256` (hex) is what stands in the consent, whatever its row says today."""

    media: MediaFile
    sha256: str


def files_of(consent: Consent) -> list[AgreedFile]:
    """The photos of a carousel, or the one video."""
    if consent.media.is_photo:
        return [AgreedFile(photo.media, photo.sha256) for photo in photos_agreed_to(consent)]
    return [AgreedFile(consent.media, consent.media_sha256)]
