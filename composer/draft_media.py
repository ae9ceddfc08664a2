"""Changes the files of drafts from outside the composer: takes one out, puts another in its place, as a real edit."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from composer.consents import void_consent
from composer.models import MediaFile, Post, PostPhoto


def take_out_of_draft(draft: Post, media: MediaFile, *, now: datetime) -> None:
    """Remove a file from a draft: the video, or a picture, whose place the next ones move up to.

    Must run in a transaction that holds the draft's row (`select_for_update`). An edit like any other: the
    version grows, pages that are open count as outdated, and a consent ends.
    """
    fields: dict[str, object] = {}
    if draft.media_id == media.pk:
        fields |= {"media": None, "cover_timestamp_ms": None}
    if draft.cover_photo_id == media.pk:
        fields["cover_photo"] = None
    PostPhoto.objects.filter(post=draft, media=media).delete()
    _close_ranks(draft)
    _edit(draft, fields, now=now)


def put_in_place(
    draft: Post, old: MediaFile, new: MediaFile, *, now: datetime, opens_with_cover: bool
) -> bool:
    """Let a draft use `new` where it uses `old`; False when it does not use `old`, and nothing is changed.

    The same conditions as for `take_out_of_draft`. `opens_with_cover` says that the first frame of `new` is the
    cover, and points there. A picture that the draft holds already takes no second place.
    """
    fields: dict[str, object] = {}
    if draft.media_id == old.pk:
        fields["media"] = new
        if opens_with_cover:
            fields["cover_timestamp_ms"] = 0
    places = PostPhoto.objects.filter(post=draft, media=old)
    is_in_carousel = places.exists()
    if is_in_carousel:
        if PostPhoto.objects.filter(post=draft, media=new).exists():
            places.delete()
            _close_ranks(draft)
        else:
            places.update(media=new)
        if draft.cover_photo_id == old.pk:
            fields["cover_photo"] = new
    if not fields and not is_in_carousel:
        return False
    _edit(draft, fields, now=now)
    return True


def _close_ranks(draft: Post) -> None:
    for place, photo in enumerate(PostPhoto.objects.filter(post=draft).order_by("position")):
        if photo.position != place:
            PostPhoto.objects.filter(pk=photo.pk).update(position=place)


def _edit(draft: Post, fields: dict[str, object], *, now: datetime) -> None:
    # No page made this edit, so none may go on saving over it as its owner.
    Post.objects.filter(pk=draft.pk).update(
        **fields, editor="", editor_seq=0, version=F("version") + 1, updated_at=Now()
    )
    void_consent(draft, now=now)
