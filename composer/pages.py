"""What the composer page shows, made from a draft and one ruling: arranging and wording only, no rule of TikTok's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import TikTokAccount
from accounts.policy import MemberRequest
from composer.drafts import DraftContent, show_unsaved
from composer.judging import account_of, photos_of, rule_on_post, stored_answer
from composer.media.words import say_bytes
from composer.models import MediaFile, Post
from composer.rules import PRIVACY_PLACEHOLDER, Block, CreatorAnswer, Ruling

# The newest files are offered with their pictures, 3 KB each; older ones wait behind a click, so that the first visit
# stays below 100 KB. A file older than both is found by choosing it again: known bytes are not stored twice.
OFFERED_FILES = 6
OLDER_FILES = 12

# Where each reason leads: the control to look at, by the name of the field in `Block`.
_ANCHORS = {
    "account": "part-account",
    "media": "part-media",
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
    "What you agree to by posting reads differently with these choices. "
    "Read it, then press Post to TikTok again."
)


@dataclass(frozen=True, slots=True)
class VideoCard:
    """One file as the page shows it."""

    pk: int
    name: str
    facts: str
    length: str
    url: str
    poster_url: str
    is_sample: bool
    content_type: str
    warnings: tuple[str, ...]


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
class ComposerPage:
    """Everything the templates read. `editor` names this one showing of the page."""

    post: Post
    account: TikTokAccount | None
    other_accounts: tuple[TikTokAccount, ...]
    video: VideoCard | None
    offered: tuple[VideoCard, ...]
    older: tuple[VideoCard, ...]
    ruling: Ruling
    editor: str
    seq: int
    account_block: Block | None
    privacy_options: tuple[ListOption, ...]
    # A choice that is not in the list now: kept and sent along until the person chooses again.
    kept_privacy: str
    privacy_label: str
    # The reason all interactions share, said once instead of three times.
    interactions_note: str
    errors: dict[str, tuple[str, ...]]
    reasons: tuple[Reason, ...]
    # The person pressed *Post to TikTok*, and it was not sent.
    is_refused: bool = False
    # They pressed it below another declaration than the one their choices ask for.
    is_declaration_unread: bool = False
    # Somebody saved in another window since this page was made.
    is_outdated: bool = False
    refused_file: MediaFile | None = None
    max_bytes: int = field(default_factory=lambda: settings.MEDIA_MAX_BYTES)

    @property
    def refusal_reasons(self) -> tuple[Reason, ...]:
        """Why it was not sent, for the top of the page."""
        if self.reasons or not self.is_declaration_unread:
            return self.reasons
        return (Reason(_DECLARATION_UNREAD, "declaration"),)

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
    photos: Sequence[MediaFile] | None = None,
    editor: str = "",
    seq: int = 0,
    is_refused: bool = False,
    is_declaration_unread: bool = False,
    is_outdated: bool = False,
    refused_file: MediaFile | None = None,
) -> ComposerPage:
    """Arrange a draft for showing. Two queries: the accounts and the files to choose from."""
    photos = photos_of(post) if photos is None else photos
    ruling = rule_on_post(post, answer, photos=photos)
    account = account_of(post)
    accounts = TikTokAccount.objects.filter(workspace_id=post.workspace_id).connected()
    files = MediaFile.objects.in_workspace(post.workspace).ready()[: OFFERED_FILES + OLDER_FILES + 1]
    cards = tuple(_card_of(file) for file in files if file.pk != post.media_id)
    is_in_list = any(option.is_chosen for option in ruling.privacy_options)
    return ComposerPage(
        post=post,
        account=account,
        other_accounts=tuple(each for each in accounts if each != account),
        video=_card_of(post.media) if post.media else None,
        offered=cards[:OFFERED_FILES],
        older=cards[OFFERED_FILES : OFFERED_FILES + OLDER_FILES],
        ruling=ruling,
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
        errors=_errors_to_show(post, account, ruling, is_all=is_refused),
        reasons=tuple(Reason(block.text, _ANCHORS.get(block.field, "main")) for block in ruling.blocks),
        is_refused=is_refused,
        is_declaration_unread=is_declaration_unread,
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
    page = make_page(shown, stored_answer(shown), photos=photos, is_outdated=True)
    return render_page(request, page, status=409)


def _errors_to_show(
    post: Post, account: TikTokAccount | None, ruling: Ruling, *, is_all: bool
) -> dict[str, tuple[str, ...]]:
    """What is said at the controls themselves: nobody is reproached for what they have not come to yet."""
    untouched = {
        name
        for name, is_empty in (
            ("account", account is None),
            ("media", post.media_id is None),
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


def _card_of(file: MediaFile) -> VideoCard:
    length = _clock(file.duration_ms or 0)
    facts = [length, f"{file.width} × {file.height}", say_bytes(file.size_bytes)]  # noqa: RUF001
    return VideoCard(
        pk=file.pk,
        name=file.original_name,
        facts=" · ".join(facts if file.width else facts[::2]),
        length=length,
        url=reverse("composer:media-file", args=[file.pk]),
        poster_url=reverse("composer:media-poster", args=[file.pk]) if file.poster else "",
        is_sample=file.is_sample,
        content_type=file.content_type,
        warnings=tuple(f"{each['text']} {each['advice']}" for each in file.warnings),
    )


def _clock(duration_ms: int) -> str:
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"
