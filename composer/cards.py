"""How the composer shows one file: its name and facts, its pictures, and what is wrong with it."""

from dataclasses import dataclass

from django.urls import reverse

from composer.media.words import say_bytes
from composer.models import MediaFile, MediaState
from composer.serving import INLINE_TYPES


@dataclass(frozen=True, slots=True)
class MediaCard:
    """One file as the page shows it. `url` is the very file, `poster_url` a small picture of it."""

    pk: int
    name: str
    facts: str
    length: str
    duration_ms: int
    url: str
    poster_url: str
    # The largest picture that any browser can show: of a photo TikTok takes, the photo itself.
    picture_url: str
    is_sample: bool
    content_type: str
    warnings: tuple[str, ...]
    # Why it cannot be posted as it is; `fix_url` is where that can be mended, if it can.
    fault: str
    fix_url: str
    is_chosen: bool = False
    is_cover: bool = False

    @property
    def is_bad(self) -> bool:
        return bool(self.fault)


def card_of(file: MediaFile, *, post_pk: int, is_chosen: bool = False, is_cover: bool = False) -> MediaCard:
    """Arrange a file for showing in the composer of one draft."""
    length = "" if file.is_photo else clock(file.duration_ms or 0)
    sides = f"{file.width} × {file.height}" if file.width else ""  # noqa: RUF001
    poster_url = reverse("composer:media-poster", args=[file.pk]) if file.poster else ""
    url = reverse("composer:media-file", args=[file.pk])
    is_shown_as_it_is = file.state == MediaState.READY and file.content_type in INLINE_TYPES
    return MediaCard(
        pk=file.pk,
        name=file.original_name,
        facts=" · ".join(filter(None, (length, sides, say_bytes(file.size_bytes)))),
        length=length,
        duration_ms=file.duration_ms or 0,
        url=url,
        poster_url=poster_url,
        picture_url=url if is_shown_as_it_is else poster_url,
        is_sample=file.is_sample,
        content_type=file.content_type,
        warnings=tuple(f"{each['text']} {each['advice']}" for each in file.warnings),
        fault=_fault_of(file),
        fix_url=_fix_url(file, post_pk),
        is_chosen=is_chosen,
        is_cover=is_cover,
    )


def clock(duration_ms: int) -> str:
    """A length as players show it: minutes and seconds."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _fault_of(file: MediaFile) -> str:
    match file.state:
        case MediaState.READY:
            return ""
        case MediaState.DELETED:
            return "It is no longer in the library."
        case MediaState.CHECKING:
            return "It is still being checked."
        case _:
            return " ".join(each["text"] for each in file.faults[:1]) or "TikTok would refuse it as it is."


def _fix_url(file: MediaFile, post_pk: int) -> str:
    if file.state != MediaState.FIXABLE:
        return ""
    return f"{reverse('composer:media-detail', args=[file.pk])}?post={post_pk}"
