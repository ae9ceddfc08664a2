"""Holds a stored post against TikTok's rules: rows become what `composer.rules` reads; TikTok's answer is kept."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from accounts import creators
from accounts.models import TikTokAccount
from composer.models import MediaFile, MediaKind, Post
from composer.rules import (
    CannotPost,
    Choices,
    ClientState,
    CreatorAnswer,
    Media,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    PostKind,
    Readiness,
    Ruling,
    Unreachable,
    answer_of,
    carousel_of,
    refusal_code,
    rule_on,
)
from tiktok import CreatorInfo, Scope


def written_choices(post: Post) -> Choices:
    """What the person set, exactly as stored."""
    return Choices(
        caption=post.caption,
        privacy_level=post.privacy_level,
        allow_comment=post.allow_comment,
        allow_duet=post.allow_duet,
        allow_stitch=post.allow_stitch,
        discloses=post.discloses,
        your_brand=post.your_brand,
        branded_content=post.branded_content,
        title=post.title,
        auto_add_music=post.auto_add_music,
        is_aigc=post.is_aigc,
        destination=post.destination,
        cover_timestamp_ms=post.cover_timestamp_ms,
    )


def photos_of(post: Post) -> tuple[MediaFile, ...]:
    """The photos of a post in their order; chosen, whether or not the post is one of photos now."""
    return tuple(each.media for each in post.post_photos.all())


def media_of(file: MediaFile | None) -> Media:
    """What the rules need to know of a file."""
    if file is None:
        return Media()
    return Media(
        kind=PostKind(file.kind),
        readiness=Readiness(file.state),
        duration_ms=file.duration_ms,
        sha256=file.sha256,
        name=file.original_name,
    )


def account_of(post: Post) -> TikTokAccount | None:
    """The account that would post; none either when the chosen one has been moved to another workspace."""
    account = post.account
    return account if account is not None and account.workspace_id == post.workspace_id else None


def client_state() -> ClientState:
    """What this installation is to TikTok."""
    return ClientState(is_audited=settings.TIKTOK_CLIENT_AUDITED, can_pull=bool(settings.MEDIA_PULL_BASE_URL))


def rule_on_post(post: Post, answer: CreatorAnswer, *, photos: Sequence[MediaFile] | None = None) -> Ruling:
    """Apply TikTok's guideline to a post as it is stored, or with other `photos` than those stored."""
    media = media_of(post.media)
    if post.kind == MediaKind.PHOTO:
        media = carousel_of(media_of(file) for file in (photos_of(post) if photos is None else photos))
    choices = written_choices(post)
    return rule_on(answer_about(account_of(post), choices, answer), media, choices, client_state())


def answer_about(account: TikTokAccount | None, choices: Choices, answer: CreatorAnswer) -> CreatorAnswer:
    """The answer as far as it concerns the destination: whether drafts may be sent, TikTok is not asked."""
    if not choices.is_inbox or account is None or isinstance(answer, NeedsReconnect):
        return answer
    return answer if account.has_scope(Scope.VIDEO_UPLOAD) else MissingScope(Scope.VIDEO_UPLOAD)


def stored_answer(post: Post) -> CreatorAnswer:
    """What TikTok said when the page was last opened. Good for showing the page, never for sending."""
    if account_of(post) is None:
        return NoAccount()
    if post.creator_refusal:
        return answer_of(post.creator_refusal, asked_at=post.creator_asked_at)
    if post.creator_info:
        return CreatorInfo.from_json(post.creator_info)
    return Unreachable()


def ask_about(post: Post, *, now: datetime) -> CreatorAnswer:
    """Ask TikTok what the creator may post right now, and keep the answer with the draft.

    May take seconds: call it in no transaction.

    The answer is kept only while the post still has the account that was asked about, and is no edit: the
    post's version stays, so that two windows may both be opened without a quarrel.
    """
    account = account_of(post)
    if account is None:
        return NoAccount()
    answer = read_answer(creators.ask_creator(account, now=now), now=now)
    post.creator_info = answer.to_json() if isinstance(answer, CreatorInfo) else None
    post.creator_refusal = refusal_code(answer)[:100]
    post.creator_asked_at = now
    Post.objects.filter(pk=post.pk, account_id=post.account_id).update(
        creator_info=post.creator_info,
        creator_refusal=post.creator_refusal,
        creator_asked_at=now,
    )
    return answer


def read_answer(answer: creators.CreatorAnswer, *, now: datetime) -> CreatorAnswer:
    """What came of asking TikTok about a creator, in the words of the rules."""
    if answer.info is not None:
        return answer.info
    match answer.refusal:
        case "unreachable":
            return Unreachable()
        case "rate_limited":
            return Unreachable("rate_limit_exceeded")
        case "needs_reconnect":
            return NeedsReconnect()
        case "missing_scope":
            return MissingScope(Scope.VIDEO_PUBLISH)
        case code:
            return CannotPost(code, now)
