"""What was agreed to, in words, and the very files of it as a viewer would see them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from composer.consents import choices_of
from composer.models import MediaFile, MediaState
from composer.rules import PRIVACY_LABELS, Choices
from publishing.kinds import Kind
from publishing.models import Publication
from publishing.naming import poster_url_of
from publishing.presentation import bytes_words, length_words


@dataclass(frozen=True)
class Agreement:
    """What was agreed to, by whom, and what was read on the way. `text_name` is what the text is called."""

    by: str
    at: datetime
    title: str
    text_name: str
    choices: tuple[tuple[str, str], ...]
    declaration: str


@dataclass(frozen=True)
class Picture:
    """One photo of a carousel; `url` is empty once its file was deleted from the library."""

    number: int
    name: str
    url: str
    is_cover: bool


@dataclass(frozen=True)
class Preview:
    """The very files that were, or will be, sent; without addresses once they were deleted."""

    video_url: str
    poster_url: str
    pictures: tuple[Picture, ...]
    is_deleted: bool
    title: str
    caption: str
    labels: tuple[str, ...]
    name: str
    length: str
    size: str


def agreement_of(publication: Publication, kind: Kind) -> Agreement:
    """Every choice as it stands in the consent; what a draft cannot carry is not called agreed to."""
    consent = publication.consent
    choices = choices_of(consent)
    return Agreement(
        by=consent.giver,
        at=consent.given_at,
        title=choices.title if kind.has_photos else "",
        text_name="Description" if kind.has_photos else "Caption",
        choices=tuple(_choices(choices, kind)),
        declaration=consent.declaration,
    )


def _choices(choices: Choices, kind: Kind) -> list[tuple[str, str]]:
    if kind.is_inbox:
        return [("Sent as", "A draft to the TikTok inbox; the creator chooses the rest in TikTok")]
    rows = [
        ("Who can view", PRIVACY_LABELS.get(choices.privacy_level, choices.privacy_level)),
        ("Allowed", _allowed_words(choices, kind)),
        ("Commercial content", _disclosure_words(choices)),
    ]
    if kind.has_photos:
        rows.append(("Music", "TikTok adds some" if choices.auto_add_music else "None added"))
    elif choices.cover_timestamp_ms is not None:
        rows.append(("Cover", f"The frame at {choices.cover_timestamp_ms / 1000:g} s"))
    if choices.is_labelled_aigc:
        rows.append(("AI-generated", "Labeled as AI-generated"))
    return rows


def _allowed_words(choices: Choices, kind: Kind) -> str:
    allowed = [
        word
        for word, is_allowed in (
            ("Comment", choices.allow_comment),
            ("Duet", choices.allow_duet and not kind.has_photos),
            ("Stitch", choices.allow_stitch and not kind.has_photos),
        )
        if is_allowed
    ]
    return ", ".join(allowed) or "Nothing"


def _disclosure_words(choices: Choices) -> str:
    kinds = [
        word
        for word, is_chosen in (
            ("Your brand", choices.is_your_brand),
            ("Branded content", choices.is_branded_content),
        )
        if is_chosen
    ]
    return ", ".join(kinds) or "Not disclosed"


def _labels(choices: Choices) -> tuple[str, ...]:
    """The labels TikTok puts on the post (points 3a-iv, 3a-vi and 3a-vii of the guideline, and `is_aigc`)."""
    labels = []
    if choices.is_branded_content:
        labels.append("Paid partnership")
    elif choices.is_your_brand:
        labels.append("Promotional content")
    if choices.is_labelled_aigc:
        labels.append("Creator labeled as AI-generated")
    return tuple(labels)


def preview_of(publication: Publication, kind: Kind) -> Preview:
    """The files as they were agreed to; reads prefetched photos."""
    consent = publication.consent
    media = consent.media
    choices = choices_of(consent)
    photos = list(consent.photos.all())
    files = [photo.media for photo in photos] or [media]
    return Preview(
        video_url="" if kind.has_photos else _file_url(media),
        poster_url=poster_url_of(media),
        pictures=tuple(
            Picture(
                number=photo.position + 1,
                name=photo.media.original_name,
                url=_file_url(photo.media),
                is_cover=photo.media_id == consent.media_id,
            )
            for photo in photos
        ),
        is_deleted=any(file.state == MediaState.DELETED for file in files),
        title=choices.title if kind.has_photos else "",
        caption=choices.caption if kind.has_photos or not kind.is_inbox else "",
        labels=_labels(choices),
        name=kind.words if kind.has_photos else media.original_name,
        length="" if kind.has_photos else length_words(media.duration_ms),
        size=bytes_words(sum(file.size_bytes for file in files)),
    )


def _file_url(media: MediaFile) -> str:
    is_there = media.state != MediaState.DELETED
    return reverse("composer:media-file", args=[media.pk]) if is_there else ""
