"""The consent given by pressing the post button: stored whole, voided by any edit, held against the rules later."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from composer.judging import answer_about, client_state, media_of, photos_of, written_choices
from composer.models import Consent, ConsentPhoto, MediaFile, MediaKind, Post
from composer.rules import (
    Block,
    Choices,
    ConsentSnapshot,
    CreatorAnswer,
    Media,
    Ruling,
    carousel_of,
    check_send,
    photos_sha256,
    to_photo_post_info,
    to_photo_texts,
    to_post_info,
)
from tiktok import CreatorInfo, PhotoPostInfo, VideoPostInfo


class ConsentError(Exception):
    """Consent was asked for a post that cannot be posted as it stands: a fault of the caller, nothing was stored."""


def consent_to_post(
    post: Post, *, user: User, creator: CreatorInfo | None, ruling: Ruling, now: datetime
) -> Consent:
    """Store what the person agrees to: who, when, the creator as shown, every choice, the declaration, the files.

    `ruling` and `creator` come from TikTok's answer to this very submit; `creator` is None for a draft to an
    account that may not be asked about. Must run in the transaction that also locks the post (`lock_post`), so
    that nothing can change between the two. An older consent is voided.
    Raises ConsentError when the ruling does not let the post pass.
    """
    photos = photos_of(post) if post.kind == MediaKind.PHOTO else ()
    shown = _cover_of(post, photos) if photos else post.media
    if not ruling.can_post or post.account is None or shown is None or shown.is_photo != bool(photos):
        raise ConsentError("A post that its rules hold back cannot be consented to.")
    void_consent(post, now=now)
    consent = Consent.objects.create(
        post=post,
        given_by=user,
        given_at=now,
        account=post.account,
        creator_shown=creator.to_json() if creator else {},
        choices=written_choices(post).to_json(),
        declaration=ruling.declaration.text,
        media=shown,
        media_sha256=photos_sha256(each.sha256 for each in photos) if photos else shown.sha256,
    )
    ConsentPhoto.objects.bulk_create(
        ConsentPhoto(consent=consent, media=each, position=position, sha256=each.sha256)
        for position, each in enumerate(photos)
    )
    return consent


def _cover_of(post: Post, photos: tuple[MediaFile, ...]) -> MediaFile:
    return next((each for each in photos if each.pk == post.cover_photo_id), photos[0])


def void_consent(post: Post, *, now: datetime) -> bool:
    """End the valid consent of a post, if it has one; it stays on record. Returns whether there was one."""
    return bool(Consent.objects.filter(post=post, voided_at__isnull=True).update(voided_at=now))


def lock_post(post: Post, *, now: datetime) -> bool:
    """Close a post to edits while it is on its way. False when it was edited or locked since it was read: stop."""
    locked = Post.objects.filter(pk=post.pk, version=post.version, locked_at__isnull=True).update(
        locked_at=now, updated_at=Now()
    )
    if locked:
        post.locked_at = now
    return bool(locked)


def unlock_post(post: Post) -> None:
    """Open a post for edits again. Pages opened before count as outdated from now on."""
    Post.objects.filter(pk=post.pk).update(locked_at=None, version=F("version") + 1, updated_at=Now())
    post.refresh_from_db(fields=["locked_at", "version", "updated_at"])


def release_media(post: Post, *, now: datetime) -> None:
    """TikTok has everything for good: the library may let go of this post's files, although it stays locked."""
    Post.objects.filter(pk=post.pk, media_released_at__isnull=True).update(media_released_at=now)


def claim_media(post: Post) -> None:
    """The post is to be sent, or edited, once more: its files are needed again, if they are still there."""
    Post.objects.filter(pk=post.pk).update(media_released_at=None)


def choices_of(consent: Consent) -> Choices:
    """What was agreed to. Raises ValueError for a consent that is not whole."""
    return Choices.from_json(consent.choices)


def photos_agreed_to(consent: Consent) -> tuple[ConsentPhoto, ...]:
    """The photos of a carousel in their order, each with its file; none for a video."""
    return tuple(consent.photos.select_related("media"))


def cover_index_of(consent: Consent) -> int:
    """The place of the cover among the photos agreed to, counted from 0."""
    return next(
        place for place, each in enumerate(photos_agreed_to(consent)) if each.media_id == consent.media_id
    )


def check_consent(consent: Consent, answer: CreatorAnswer) -> tuple[Block, ...]:
    """What forbids sending a consented post now, judged by TikTok's newest answer; empty when nothing does."""
    choices = choices_of(consent)
    snapshot = ConsentSnapshot(
        choices=choices, declaration=consent.declaration, media_sha256=consent.media_sha256
    )
    answer = answer_about(consent.account, choices, answer)
    return check_send(snapshot, answer, _media_of_consent(consent), client_state())


def post_info_of(consent: Consent) -> VideoPostInfo:
    """What is told to TikTok with a video, in its terms, from the consent alone; ValueError for a draft."""
    return to_post_info(choices_of(consent), CreatorInfo.from_json(consent.creator_shown))


def photo_post_info_of(consent: Consent) -> PhotoPostInfo:
    """The same for photos; whether they are AI-generated is `choices_of(consent).is_labelled_aigc`."""
    return to_photo_post_info(choices_of(consent), CreatorInfo.from_json(consent.creator_shown))


def photo_texts_of(consent: Consent) -> tuple[str, str]:
    """Title and description of photos: all that goes along with a draft of them."""
    return to_photo_texts(choices_of(consent))


def _media_of_consent(consent: Consent) -> Media:
    photos = photos_agreed_to(consent)
    return carousel_of(media_of(each.media) for each in photos) if photos else media_of(consent.media)
