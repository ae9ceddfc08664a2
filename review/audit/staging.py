"""Puts the composer into the state of a step, by the services that every page of the product uses.

Nothing is posted and nothing is agreed to here: a state is a draft as anybody could have saved it.
"""

from dataclasses import dataclass, replace
from uuid import uuid4

from accounts.clock import database_now
from accounts.models import TikTokAccount, User, Workspace
from composer.drafts import DraftContent, PageState, content_of, make_draft, save_draft
from composer.models import MediaFile, MediaKind, Post
from composer.samples import add_long_sample, add_sample_media
from review.audit.casting import CannotStageError, find_player, invite, is_simulated
from review.audit.steps import Props, Step

_SHOWN_PHOTOS = 3


@dataclass(frozen=True, slots=True)
class Staged:
    """The draft that shows the step; with `move_pk`, the offer to move an account here must be answered first."""

    post: Post
    move_pk: int | None = None


def open_draft(post_pk: int | None, *, workspace: Workspace, user: User) -> Post:
    """The draft of this walk, or another where that one is gone or on its way."""
    drafts = Post.objects.in_workspace(workspace).filter(locked_at__isnull=True)
    draft = drafts.filter(pk=post_pk).first() if post_pk else None
    return draft or make_draft(workspace, author=user)


def stage(
    step: Step, post: Post, *, workspace: Workspace, user: User, session_key: str, next_path: str
) -> Staged:
    """Save the draft as this step wants it. Raises CannotStageError, with the draft as it was.

    May take seconds and talks to TikTok: call it in no transaction.
    """
    account = find_player(step.part, workspace)
    if account is None:
        invited = invite(
            step.part, user=user, workspace=workspace, session_key=session_key, next_path=next_path
        )
        if invited.account is None:
            return Staged(post, invited.move_pk)
        account = invited.account
    content = replace(
        _with_props(step, content_of(post), account, workspace=workspace, user=user),
        choices=replace(step.choices, caption=post.caption, title=post.title),
        account_id=account.pk,
    )
    page = PageState(editor=uuid4().hex, seq=0, version=post.version)
    saved = save_draft(post, content, page=page, now=database_now())
    if not saved.outcome.is_kept:
        raise CannotStageError("This draft was changed in another window. Press the step again.")
    return Staged(saved.post)


def _with_props(
    step: Step, content: DraftContent, account: TikTokAccount, *, workspace: Workspace, user: User
) -> DraftContent:
    if step.props is Props.PHOTOS:
        photos = _find_files(workspace, user, MediaKind.PHOTO)[:_SHOWN_PHOTOS]
        return replace(
            content,
            kind=MediaKind.PHOTO.value,
            photo_ids=tuple(each.pk for each in photos),
            cover_photo_id=None,
        )
    video = (
        _find_long_video(account, workspace, user)
        if step.props is Props.LONG_VIDEO
        else _find_files(workspace, user, MediaKind.VIDEO)[0]
    )
    return replace(content, kind=MediaKind.VIDEO.value, media_id=video.pk)


def _find_files(workspace: Workspace, user: User, kind: MediaKind) -> list[MediaFile]:
    """Files that can be posted, short ones first; while TikTok is simulated samples are made where there are none."""
    files = MediaFile.objects.in_workspace(workspace).ready().filter(kind=kind).order_by("duration_ms", "-pk")
    if not files.exists() and is_simulated():
        add_sample_media(workspace, user)
    if not files.exists():
        noun = "photo" if kind == MediaKind.PHOTO else "video"
        raise CannotStageError(f"This step needs a {noun}. Put one into the library first.")
    return list(files)


def _find_long_video(account: TikTokAccount, workspace: Workspace, user: User) -> MediaFile:
    info = account.latest_creator_info
    limit_ms = (info.max_video_post_duration_sec if info else 0) * 1000
    videos = MediaFile.objects.in_workspace(workspace).ready().filter(kind=MediaKind.VIDEO)
    longest = videos.filter(duration_ms__gt=limit_ms).order_by("duration_ms").first()
    if longest is None and is_simulated():
        longest = add_long_sample(workspace, user)
    if longest is None or (longest.duration_ms or 0) <= limit_ms:
        raise CannotStageError(
            f"This step needs a video longer than the {limit_ms // 1000} s that {account} may post. Put one into the "
            "library first."
        )
    return longest
