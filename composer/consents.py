"""The consent given by pressing *Post to TikTok*: stored whole, voided by any edit, held against the rules later."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from composer.judging import media_of, written_choices
from composer.models import Consent, Post
from composer.rules import Block, Choices, ClientState, ConsentSnapshot, Ruling, check_send, to_post_info
from tiktok import CreatorInfo, VideoPostInfo


class ConsentError(Exception):
    """Consent was asked for a post that cannot be posted as it stands: a fault of the caller, nothing was stored."""


def consent_to_post(
    post: Post, *, user: User, creator: CreatorInfo, ruling: Ruling, now: datetime
) -> Consent:
    """Store what the person agrees to: who, when, the creator as shown, every choice, the declaration, the file.

    `ruling` and `creator` come from TikTok's answer to this very submit. Must run in the transaction that also
    locks the post (`lock_post`), so that nothing can change between the two. An older consent is voided.
    Raises ConsentError when the ruling does not let the post pass.
    """
    if not ruling.can_post or post.account is None or post.media is None:
        raise ConsentError("A post that its rules hold back cannot be consented to.")
    void_consent(post, now=now)
    return Consent.objects.create(
        post=post,
        given_by=user,
        given_at=now,
        account=post.account,
        creator_shown=creator.to_json(),
        choices=written_choices(post).to_json(),
        declaration=ruling.declaration.text,
        media=post.media,
        media_sha256=post.media.sha256,
    )


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


def choices_of(consent: Consent) -> Choices:
    """What was agreed to. Raises ValueError for a consent that is not whole."""
    return Choices.from_json(consent.choices)


def check_consent(consent: Consent, creator: CreatorInfo, *, is_audited: bool) -> tuple[Block, ...]:
    """What forbids sending a consented post now, judged by TikTok's newest answer; empty when nothing does."""
    snapshot = ConsentSnapshot(
        choices=choices_of(consent), declaration=consent.declaration, media_sha256=consent.media_sha256
    )
    return check_send(snapshot, creator, media_of(consent.media), ClientState(is_audited=is_audited))


def post_info_of(consent: Consent) -> VideoPostInfo:
    """What is told to TikTok, in its terms, from the consent alone."""
    return to_post_info(choices_of(consent), CreatorInfo.from_json(consent.creator_shown))
