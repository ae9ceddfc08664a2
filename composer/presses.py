"""What the composer's plain buttons do to a draft: take a file in, order the photos, step the cover frame."""

import re
from collections.abc import Mapping
from dataclasses import replace

from composer.drafts import DraftContent
from composer.models import MediaFile, MediaKind
from composer.rules import MAX_PHOTOS

_KEY = re.compile(r"[1-9][0-9]{0,17}\Z")
_STEP = re.compile(r"-?[0-9]{1,6}\Z")

MIXED = (
    "TikTok never mixes photos and a video in one post. “{name}” is in your library; choose {choice} above to post "
    "it instead."
)


class NotTakenError(Exception):
    """Why a file did not become part of the draft, for the person who sent it. Nothing was changed."""


def add_file(content: DraftContent, file: MediaFile) -> DraftContent:
    """The draft with this file: as its video, or as its last photo. An empty draft becomes of the file's kind.

    Raises NotTakenError when the post holds files of the other kind, or as many photos as TikTok takes.
    """
    if file.kind == MediaKind.VIDEO:
        if content.kind == MediaKind.PHOTO and content.photo_ids:
            raise NotTakenError(MIXED.format(name=file.original_name, choice="Video"))
        return replace(content, kind=MediaKind.VIDEO.value, media_id=file.pk)
    if content.kind == MediaKind.VIDEO and content.media_id is not None:
        raise NotTakenError(MIXED.format(name=file.original_name, choice="Photos"))
    content = replace(content, kind=MediaKind.PHOTO.value)
    if file.pk in content.photo_ids:
        return content
    if len(content.photo_ids) >= MAX_PHOTOS:
        raise NotTakenError(
            f"“{file.original_name}” is in your library. It was not added: TikTok takes at most {MAX_PHOTOS} photos "
            "in one post. Take one out first."
        )
    return replace(content, photo_ids=(*content.photo_ids, file.pk))


def press(content: DraftContent, sent: Mapping[str, str]) -> DraftContent:
    """The draft after the button that sent the form, where it was one of those that stand at photos and cover."""
    for name, move in (("photo_left", -1), ("photo_right", 1)):
        if _KEY.match(sent.get(name, "")):
            content = _move(content, int(sent[name]), move)
    if _KEY.match(sent.get("photo_remove", "")):
        content = _remove(content, int(sent["photo_remove"]))
    if "cover_step" in sent:
        content = _step_cover(content, sent["cover_step"])
    return content


def _move(content: DraftContent, pk: int, by: int) -> DraftContent:
    photos = list(content.photo_ids)
    if pk not in photos:
        return content
    place = photos.index(pk)
    photos.insert(min(max(place + by, 0), len(photos) - 1), photos.pop(place))
    return replace(content, photo_ids=tuple(photos))


def _remove(content: DraftContent, pk: int) -> DraftContent:
    return replace(
        content,
        photo_ids=tuple(each for each in content.photo_ids if each != pk),
        cover_photo_id=None if content.cover_photo_id == pk else content.cover_photo_id,
    )


def _step_cover(content: DraftContent, step: str) -> DraftContent:
    """`step` in milliseconds, or `first`: the frame that TikTok takes when none is named."""
    choices = content.choices
    if step == "first":
        return replace(content, choices=replace(choices, cover_timestamp_ms=None))
    if not _STEP.match(step):
        return content
    at = max((choices.cover_timestamp_ms or 0) + int(step), 0)
    return replace(content, choices=replace(choices, cover_timestamp_ms=at))
