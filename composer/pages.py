"""What the composer page shows, made from a draft and one ruling: arranging and wording only, no rule of TikTok's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import TikTokAccount, User
from accounts.policy import MemberRequest
from composer.captions import CaptionCut, CaptionParts, parse_caption, suggest_cut
from composer.cards import MediaCard, card_of
from composer.drafts import DraftContent, show_unsaved
from composer.hashtag_groups import groups_of
from composer.judging import account_of, client_state, photos_of, rule_on_post, stored_answer
from composer.media.words import say_bytes
from composer.models import HashtagGroup, MediaFile, MediaKind, Post
from composer.planning import plan_of
from composer.preflight import find_repeats
from composer.rules import (
    AIGC_LABEL,
    MAX_PHOTOS,
    NO_PULL_YET,
    PRIVACY_PLACEHOLDER,
    Block,
    CreatorAnswer,
    Ruling,
)
from composer.when import When, when_of
from tiktok import Scope

# The newest files are offered with their pictures, 3 KB each; older ones wait behind a click, so that the first visit
# stays below 100 KB. A file older than both is found by choosing it again: known bytes are not stored twice.
OFFERED_FILES = 6
OLDER_FILES = 12
# Photos come in dozens.
OFFERED_PHOTOS = 12
OLDER_PHOTOS = 36
COVER_PHOTOS = 12

# Where each reason leads: the control to look at, by the name of the field in `Block`.
_ANCHORS = {
    "account": "part-account",
    "media": "part-media",
    "cover_timestamp_ms": "cover",
    "title": "title",
    "caption": "caption",
    "privacy_level": "visibility",
    "allow_comment": "allow_comment",
    "allow_duet": "allow_duet",
    "allow_stitch": "allow_stitch",
    "discloses": "discloses",
    "your_brand": "your_brand",
    "branded_content": "branded_content",
}

_DECLARATION_UNREAD = (
    "What you agree to by posting reads differently with these choices. Read it, then press the button again."
)
_TIME_UNREAD = "The button says anew when this goes out. Read it, then press it again."


@dataclass(frozen=True, slots=True)
class ListOption:
    """One line of a dropdown, in the words of ui/_listbox.html."""

    value: str
    label: str
    reason: str
    is_disabled: bool
    is_selected: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps the post back, with the id of the control that it is about."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover frame of a video; without one of the person's choice it is the first."""

    at_ms: int
    is_chosen: bool
    last_ms: int
    frame_url: str
    # Photos that a version of the video could open with.
    photos: tuple[MediaCard, ...]

    @property
    def picture_url(self) -> str:
        return f"{self.frame_url}?at={self.at_ms}"

    @property
    def at_said(self) -> str:
        minutes, rest = divmod(self.at_ms, 60_000)
        return f"{minutes}:{rest // 1000:02}.{rest % 1000:03}"


@dataclass(frozen=True, slots=True)
class ComposerPage:
    """Everything the templates read. `editor` names this one showing of the page."""

    post: Post
    account: TikTokAccount | None
    other_accounts: tuple[TikTokAccount, ...]
    is_photos: bool
    video: MediaCard | None
    photos: tuple[MediaCard, ...]
    cover: Cover | None
    offered: tuple[MediaCard, ...]
    older: tuple[MediaCard, ...]
    ruling: Ruling
    when: When
    editor: str
    seq: int
    account_block: Block | None
    privacy_options: tuple[ListOption, ...]
    # A choice that is not in the list now: kept and sent along until the person chooses again.
    kept_privacy: str
    privacy_label: str
    # The reason all interactions share, said once instead of three times.
    interactions_note: str
    caption_parts: CaptionParts
    caption_cut: CaptionCut
    hashtag_groups: tuple[HashtagGroup, ...]
    # What to know before posting; none of it keeps the post back.
    repeats: tuple[str, ...]
    # Why photos cannot be chosen here at all, and why this account cannot be sent drafts yet.
    photos_note: str
    inbox_note: str
    errors: dict[str, tuple[str, ...]]
    reasons: tuple[Reason, ...]
    # The person pressed *Post to TikTok*, and it was not sent.
    is_refused: bool = False
    # They pressed it below another declaration than the one their choices ask for.
    is_declaration_unread: bool = False
    # They pressed a button that named another time than the one that is written down.
    is_time_unread: bool = False
    # Somebody saved in another window since this page was made.
    is_outdated: bool = False
    refused_file: MediaFile | None = None
    max_bytes: int = field(default_factory=lambda: settings.MEDIA_MAX_BYTES)

    @property
    def refusal_reasons(self) -> tuple[Reason, ...]:
        """Why it was not sent, for the top of the page."""
        if self.reasons:
            return self.reasons
        if self.is_declaration_unread:
            return (Reason(_DECLARATION_UNREAD, "declaration"),)
        return (Reason(_TIME_UNREAD, "part-post"),) if self.is_time_unread else ()

    @property
    def can_post(self) -> bool:
        """Whether the button does what it says."""
        return self.ruling.can_post and self.when.ruling.is_clear

    @property
    def button_reason(self) -> str:
        """Why it does not, on hover."""
        return self.ruling.button_reason or self.when.ruling.reason

    @property
    def button_label(self) -> str:
        if self.when.plan.is_planned:
            what = "Schedule the draft" if self.ruling.inbox else "Schedule"
            return f"{what} for {self.when.ruling.words}" if self.when.ruling.words else what
        return "Send to TikTok inbox" if self.ruling.inbox else "Post to TikTok"

    @property
    def kept_note(self) -> str:
        """What is chosen of the other kind: kept with the draft, no part of the post."""
        if self.is_photos:
            return f"“{self.video.name}” stays with this draft and is not posted." if self.video else ""
        count = len(self.photos)
        if not count:
            return ""
        if count == 1:
            return "One photo stays with this draft and is not posted."
        return f"{count} photos stay with this draft and are not posted."

    @property
    def max_photos(self) -> int:
        return MAX_PHOTOS

    @property
    def aigc_label(self) -> str:
        return AIGC_LABEL

    @property
    def placeholder(self) -> str:
        return PRIVACY_PLACEHOLDER

    @property
    def max_bytes_said(self) -> str:
        return say_bytes(self.max_bytes)


def make_page(
    post: Post,
    answer: CreatorAnswer,
    *,
    reader: User,
    photos: Sequence[MediaFile] | None = None,
    editor: str = "",
    seq: int = 0,
    is_refused: bool = False,
    is_declaration_unread: bool = False,
    is_time_unread: bool = False,
    is_outdated: bool = False,
    refused_file: MediaFile | None = None,
    now: datetime | None = None,
) -> ComposerPage:
    """Arrange a draft for showing, in a number of queries that does not grow with what there is.

    `reader` is who looks at it: their zone is the one a time is first read by.
    """
    now = now or database_now()
    plan = plan_of(post)
    when = when_of(plan, own_zone=reader.time_zone, now=now, has_all_zones=plan.is_planned)
    photos = photos_of(post) if photos is None else photos
    ruling = rule_on_post(post, answer, photos=photos)
    account = account_of(post)
    accounts = TikTokAccount.objects.filter(workspace_id=post.workspace_id).connected()
    is_photos = post.kind == MediaKind.PHOTO
    offered, older = _offer(post, photos)
    has_media = bool(photos) if is_photos else post.media_id is not None
    is_in_list = any(option.is_chosen for option in ruling.privacy_options)
    return ComposerPage(
        post=post,
        account=account,
        other_accounts=tuple(each for each in accounts if each != account),
        is_photos=is_photos,
        video=card_of(post.media, post_pk=post.pk) if post.media else None,
        photos=tuple(
            card_of(file, post_pk=post.pk, is_chosen=True, is_cover=file.pk == post.cover_photo_id)
            for file in photos
        ),
        cover=_cover_of(post, ruling),
        offered=offered,
        older=older,
        ruling=ruling,
        when=when,
        editor=editor or uuid4().hex,
        seq=seq,
        account_block=next((block for block in ruling.blocks if block.field == "account"), None),
        privacy_options=tuple(
            ListOption(each.value, each.label, each.reason, each.is_disabled, each.is_chosen)
            for each in ruling.privacy_options
        ),
        kept_privacy="" if is_in_list else post.privacy_level,
        privacy_label=ruling.chosen_privacy_label if post.privacy_level else "",
        interactions_note=_shared_reason(ruling),
        caption_parts=parse_caption(post.caption),
        caption_cut=suggest_cut(post.caption, ruling.caption.limit),
        hashtag_groups=tuple(groups_of(post.workspace)),
        repeats=find_repeats(post, photos=photos, now=now),
        photos_note="" if client_state().can_pull else NO_PULL_YET,
        inbox_note=_inbox_note(account),
        errors=_errors_to_show(post, account, ruling, has_media=has_media, is_all=is_refused),
        reasons=(
            *(Reason(block.text, _ANCHORS.get(block.field, "main")) for block in ruling.blocks),
            *([Reason(when.ruling.reason, when.ruling.field)] if when.ruling.reason else []),
        ),
        is_refused=is_refused,
        is_declaration_unread=is_declaration_unread,
        is_time_unread=is_time_unread,
        is_outdated=is_outdated,
        refused_file=refused_file,
    )


def render_page(request: MemberRequest, page: ComposerPage, *, status: int = 200) -> HttpResponse:
    """The whole composer page."""
    return render(request, "composer/post_edit.html", {"page": page, "is_fragment": False}, status=status)


def render_form(request: MemberRequest, page: ComposerPage) -> HttpResponse:
    """The inside of the form, to be morphed into an open page."""
    return render(request, "composer/_post_form.html", {"page": page, "is_fragment": True})


def render_outdated(request: MemberRequest, post: Post, content: DraftContent) -> HttpResponse:
    """The whole page with what the person sent, unsaved, and the word that somebody saved in another window."""
    shown, photos = show_unsaved(post, content)
    page = make_page(shown, stored_answer(shown), reader=request.user, photos=photos, is_outdated=True)
    return render_page(request, page, status=409)


def _offer(post: Post, photos: Sequence[MediaFile]) -> tuple[tuple[MediaCard, ...], tuple[MediaCard, ...]]:
    """Files of the post's kind to choose from, the newest and some older ones.

    A chosen video is not offered again. A chosen photo is: pressed again it is taken out.
    """
    is_photos = post.kind == MediaKind.PHOTO
    newest, all_ = (
        (OFFERED_PHOTOS, OFFERED_PHOTOS + OLDER_PHOTOS)
        if is_photos
        else (OFFERED_FILES, OFFERED_FILES + OLDER_FILES)
    )
    chosen = {file.pk for file in photos} if is_photos else set()
    files = MediaFile.objects.in_workspace(post.workspace).kept().filter(kind=post.kind)[: all_ + 1]
    cards = tuple(
        card_of(file, post_pk=post.pk, is_chosen=file.pk in chosen)
        for file in files
        if is_photos or file.pk != post.media_id
    )
    return cards[:newest], cards[newest:all_]


def _cover_of(post: Post, ruling: Ruling) -> Cover | None:
    """The cover of a video that can be posted; a draft carries none, and photos have theirs among them."""
    video = post.media
    if post.kind == MediaKind.PHOTO or video is None or not video.is_ready or ruling.inbox:
        return None
    photos = MediaFile.objects.in_workspace(post.workspace).ready().filter(kind=MediaKind.PHOTO)
    return Cover(
        at_ms=post.cover_timestamp_ms or 0,
        is_chosen=post.cover_timestamp_ms is not None,
        last_ms=max((video.duration_ms or 0) - 1, 0),
        frame_url=reverse("composer:media-frame", args=[video.pk]),
        photos=tuple(card_of(file, post_pk=post.pk) for file in photos[:COVER_PHOTOS]),
    )


def _inbox_note(account: TikTokAccount | None) -> str:
    if account is None or account.has_scope(Scope.VIDEO_UPLOAD):
        return ""
    return "This account was connected without the permission to be sent drafts. Reconnect it to allow them."


def _errors_to_show(
    post: Post, account: TikTokAccount | None, ruling: Ruling, *, has_media: bool, is_all: bool
) -> dict[str, tuple[str, ...]]:
    """What is said at the controls themselves: nobody is reproached for what they have not come to yet."""
    untouched = {
        name
        for name, is_empty in (
            ("account", account is None),
            ("media", not has_media),
            ("privacy_level", not post.privacy_level),
        )
        if is_empty and not is_all
    }
    told = dict.fromkeys(_ANCHORS, ())
    return told | {name: texts for name, texts in ruling.field_errors.items() if name not in untouched}


def _shared_reason(ruling: Ruling) -> str:
    shown = [tick for tick in ruling.interactions if tick.is_shown]
    reasons = {tick.reason for tick in shown}
    is_shared = len(reasons) == 1 and not any(tick.name in ruling.field_errors for tick in shown)
    return reasons.pop() if is_shared else ""
