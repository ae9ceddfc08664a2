"""What people do with fixes: ask for one, stop it, look at the result, and use it or discard it."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from composer.deleting import bury
from composer.draft_media import put_in_place
from composer.media.recipes import Recipe
from composer.models import Fix, FixState, MediaFile, MediaKind, MediaState, Post
from composer.usage import posts_using

UNDER_WAY = (FixState.WAITING, FixState.RUNNING)
_OPEN = (*UNDER_WAY, FixState.DONE)


class FixNotPossibleError(Exception):
    """Why this cannot be done now, as a sentence for the person who pressed the button."""


def recipe_for(media: MediaFile) -> Recipe | None:
    """The recipe that makes a file fit; for a video that TikTok takes and not every browser plays, a conversion."""
    if media.fix:
        return Recipe(media.fix)
    is_odd = media.is_ready and not media.is_photo and media.video_codec != "h264"
    return Recipe.VIDEO_MP4 if is_odd else None


def ask_fix(
    media: MediaFile, recipe: str, *, user: User, now: datetime, picture: MediaFile | None = None
) -> Fix:
    """Write down that a file shall be made fit; a worker begins within a second or two.

    Pressed twice it is one: the fix that is under way, waits to be decided upon, or whose result is in use is
    returned. `picture` is the photo of an own cover. Raises FixNotPossibleError for a recipe that does not help.
    """
    try:
        with transaction.atomic():
            stored = MediaFile.objects.select_for_update().filter(pk=media.pk).first()
            if stored is None:
                raise FixNotPossibleError("This file has been deleted.")
            _require_possible(stored, recipe, picture)
            known = _known(stored, recipe, picture).first()
            return known or Fix.objects.create(
                media=stored, recipe=recipe, picture=picture, user=user, next_try_at=now
            )
    except IntegrityError:
        # The other press was quicker, on another connection.
        known = _known(media, recipe, picture).first()
        if known is None:
            raise
        return known


def cancel_fix(fix: Fix) -> bool:
    """Stop a fix; its worker notices within a second and leaves nothing. False when it had ended before."""
    return bool(
        Fix.objects.filter(pk=fix.pk, state__in=UNDER_WAY).update(
            state=FixState.CANCELLED,
            next_try_at=None,
            # Without its lease a worker may write nothing more.
            lease_token=None,
            lease_until=None,
            updated_at=Now(),
        )
    )


def accept_fix(fix: Fix, *, drafts: Collection[int] = (), now: datetime) -> MediaFile:
    """Take the result into the library, and into those of `drafts` that use the original and can be edited.

    The original stays. Pressed twice it changes nothing more. Raises FixNotPossibleError when there is no result.
    """
    with transaction.atomic():
        # Posts, then files, then fixes: everybody locks in this order.
        chosen = list(
            Post.objects.select_for_update()
            .filter(pk__in=drafts, workspace_id=fix.media.workspace_id, locked_at__isnull=True)
            .order_by("pk")
        )
        files = MediaFile.objects.select_for_update().filter(pk__in=[fix.media_id, fix.result_id])
        by_pk = {media.pk: media for media in files.order_by("pk")}
        result = by_pk.get(fix.result_id or 0)
        if result is not None and result.state != MediaState.READY:
            # It was in the library before, and somebody has deleted it since.
            result = None
        taken = Fix.objects.filter(pk=fix.pk, state=FixState.DONE, result=result).update(
            state=FixState.ACCEPTED, updated_at=Now()
        )
        # Where the original was deleted the fix has gone with it.
        is_accepted = Fix.objects.filter(pk=fix.pk, state=FixState.ACCEPTED).exists()
        if result is None or not is_accepted:
            raise FixNotPossibleError("This result is no longer there. Start it again from the original.")
        if taken:
            MediaFile.objects.filter(pk=result.pk).update(is_proposal=False)
            result.is_proposal = False
            for draft in chosen:
                put_in_place(
                    draft,
                    by_pk[fix.media_id],
                    result,
                    now=now,
                    opens_with_cover=fix.recipe == Recipe.COVER_PICTURE,
                )
    return result


def discard_fix(fix: Fix) -> bool:
    """Put away how a fix ended; a result that nobody has accepted is deleted. False when it cannot be put away."""
    with transaction.atomic():
        # Files before fixes: everybody locks in this order.
        list(MediaFile.objects.select_for_update().filter(pk__in=[fix.result_id]))
        put_away = Fix.objects.filter(
            pk=fix.pk, state__in=[FixState.DONE, FixState.FAILED, FixState.CANCELLED]
        ).update(state=FixState.DISCARDED, updated_at=Now())
        if not put_away:
            return False
        dead = list(MediaFile.objects.filter(made_by=fix, is_proposal=True))
        MediaFile.objects.filter(pk__in=[each.pk for each in dead]).update(state=MediaState.DELETED)
    for each in dead:
        bury(each)
    return True


def drafts_to_switch(fix: Fix) -> QuerySet[Post]:
    """The drafts that use the original, and could use the result instead."""
    return posts_using([fix.media_id]).filter(locked_at__isnull=True).select_related("account")


def fix_to_show(media: MediaFile) -> Fix | None:
    """The newest fix of a file that a person has not put away or accepted yet."""
    newest = (
        Fix.objects.filter(media=media).select_related("media", "result", "picture").order_by("-pk").first()
    )
    is_shown = newest is not None and newest.state in {*_OPEN, FixState.FAILED}
    return newest if is_shown else None


def _known(media: MediaFile, recipe: str, picture: MediaFile | None) -> QuerySet[Fix]:
    same = Fix.objects.filter(media=media, recipe=recipe, picture=picture)
    in_use = same.filter(state=FixState.ACCEPTED, result__state=MediaState.READY)
    return (same.filter(state__in=_OPEN) | in_use).order_by("-pk")


def _require_possible(media: MediaFile, recipe: str, picture: MediaFile | None) -> None:
    if media.state not in {MediaState.READY, MediaState.FIXABLE} or media.is_proposal:
        raise FixNotPossibleError("This file is no longer in the library.")
    if recipe != Recipe.COVER_PICTURE:
        if recipe != recipe_for(media) or picture is not None:
            raise FixNotPossibleError("This file needs no such fix.")
        return
    if media.kind != MediaKind.VIDEO or not media.is_ready:
        raise FixNotPossibleError(
            "A cover of one's own needs a video that can be posted. Fix the video first."
        )
    is_photo = picture is not None and picture.kind == MediaKind.PHOTO and picture.is_ready
    if picture is None or not is_photo or picture.workspace_id != media.workspace_id:
        raise FixNotPossibleError("Choose a photo from your library for the cover.")
