"""*Copy to…*: a draft with the same files and words for another account; what a creator chooses is chosen anew."""

from django.db import transaction

from accounts.models import TikTokAccount, User
from composer.drafts import DraftContent, content_of
from composer.judging import written_choices
from composer.models import MediaFile, MediaState, Post, PostPhoto
from composer.planning import plan_fields
from composer.rules import Choices


class AccountGoneError(Exception):
    """The account is not among those that this workspace can post to (any more)."""


def copyable_to(post: Post) -> list[TikTokAccount]:
    """The accounts a copy may be for, the post's own last: mostly it is another that is wanted."""
    accounts = TikTokAccount.objects.filter(workspace_id=post.workspace_id).connected()
    return sorted(accounts, key=lambda account: account.pk == post.account_id)


def copy_post(post: Post, *, account: TikTokAccount, author: User) -> Post:
    """Make a draft for `account` with the files, the words and the cover of a post, sent or not.

    Visibility, interactions, disclosure, music, the way it is sent and the time are left to be chosen, and there is
    no consent. The AI label goes along: it says something about the files. Files that were deleted stay away.
    Pressed twice, a copy that nobody has touched serves again. Raises AccountGoneError.
    """
    if account.pk not in {each.pk for each in copyable_to(post)}:
        raise AccountGoneError
    content = _content_for(post, account)
    with transaction.atomic():
        # One at a time per person, or two presses at once would both find none.
        User.objects.select_for_update().only("pk").get(pk=author.pk)
        untouched = Post.objects.filter(
            copied_from=post, author=author, account=account, version=1, locked_at__isnull=True
        )
        for earlier in untouched:
            if content_of(earlier) == content:
                return earlier
        return _make(post, content, author=author)


def _content_for(post: Post, account: TikTokAccount) -> DraftContent:
    written = written_choices(post)
    photo_ids = tuple(photo.media_id for photo in post.post_photos.all() if _is_there(photo.media))
    return DraftContent(
        choices=Choices(
            caption=written.caption,
            title=written.title,
            is_aigc=written.is_aigc,
            cover_timestamp_ms=written.cover_timestamp_ms,
        ),
        account_id=account.pk,
        media_id=post.media_id if post.media is not None and _is_there(post.media) else None,
        kind=post.kind,
        photo_ids=photo_ids,
        cover_photo_id=post.cover_photo_id if post.cover_photo_id in photo_ids else None,
    )


def _is_there(file: MediaFile) -> bool:
    return file.state != MediaState.DELETED


def _make(post: Post, content: DraftContent, *, author: User) -> Post:
    choices = content.choices
    copy = Post.objects.create(
        workspace_id=post.workspace_id,
        author=author,
        copied_from=post,
        account_id=content.account_id,
        media_id=content.media_id,
        kind=content.kind,
        cover_photo_id=content.cover_photo_id,
        title=choices.title,
        caption=choices.caption,
        is_aigc=choices.is_aigc,
        cover_timestamp_ms=choices.cover_timestamp_ms,
        **plan_fields(content.plan),
    )
    PostPhoto.objects.bulk_create(
        PostPhoto(post=copy, media_id=pk, position=position) for position, pk in enumerate(content.photo_ids)
    )
    return copy
