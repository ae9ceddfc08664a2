"""Writes drafts: makes them, saves what one open page sends, refuses what an outdated page sends, deletes them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import TikTokAccount, User, Workspace
from composer.consents import void_consent
from composer.judging import written_choices
from composer.models import Consent, MediaFile, MediaKind, Post, PostPhoto
from composer.planning import keep_plan, plan_fields, plan_of
from composer.plans import NOW, Plan
from composer.rules import Choices


@dataclass(frozen=True, slots=True)
class PageState:
    """Which open page sends, and what it was made from.

    `editor` is made anew for every page that is shown; `seq` grows with every save of that page; `version` is
    the post's version the page last showed.
    """

    editor: str
    seq: int
    version: int


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Everything a page may set on a draft.

    `kind` says whether the post is the video or the photos; what was chosen of the other kind is kept.
    `cover_photo_id` is one of `photo_ids`, or None for the first.
    """

    choices: Choices
    account_id: int | None
    media_id: int | None
    kind: str = MediaKind.VIDEO.value
    photo_ids: tuple[int, ...] = ()
    cover_photo_id: int | None = None
    plan: Plan = NOW


class SaveOutcome(StrEnum):
    """What became of a save."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    # An older save of the same page that was overtaken on its way: the newer one stands.
    LATE = "late"
    # Somebody saved in another window since this page was shown: nothing was changed.
    CONFLICT = "conflict"
    # The post is on its way to TikTok: nothing was changed.
    LOCKED = "locked"

    @property
    def is_kept(self) -> bool:
        """Whether what the page shows is what is stored."""
        return self in {SaveOutcome.SAVED, SaveOutcome.UNCHANGED}


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """The outcome of a save, and the post as it stands now."""

    outcome: SaveOutcome
    post: Post


def make_draft(workspace: Workspace, *, author: User, plan: Plan = NOW) -> Post:
    """Start an empty post. Every choice starts empty or off; only an account without alternatives is set.

    `plan` is the day, perhaps the time, from which a person began. A draft of this person that nobody has touched
    yet serves again: pressed twice, *New post* makes one.
    """
    accounts = list(TikTokAccount.objects.filter(workspace=workspace).connected()[:2])
    only_account = accounts[0] if len(accounts) == 1 else None
    untouched = Post.objects.filter(workspace=workspace, author=author, locked_at__isnull=True).untouched()
    with transaction.atomic():
        # One at a time per person, or two presses at once would both find none.
        User.objects.select_for_update().only("pk").get(pk=author.pk)
        draft = untouched.filter(account=only_account).first()
        if draft is None:
            own = {"workspace": workspace, "author": author, "account": only_account}
            return Post.objects.create(**own, **plan_fields(plan))
        keep_plan(draft, plan)
        draft.refresh_from_db()
        return draft


def save_draft(post: Post, content: DraftContent, *, page: PageState, now: datetime) -> SavedDraft:
    """Store what a page sends, if that page is the newest to have seen the post.

    Applied when the same page sends with a higher `seq`, or another page that was made from the version that is
    stored. A change voids a consent given before, and forgets TikTok's answer when the account is another one.
    """
    with transaction.atomic():
        stored = Post.objects.select_for_update().get(pk=post.pk)
        outcome = _judge(stored, content, page)
        if outcome.is_kept:
            _write(stored, content, page=page, is_changed=outcome is SaveOutcome.SAVED)
        if outcome is SaveOutcome.SAVED:
            void_consent(stored, now=now)
    return SavedDraft(outcome, Post.objects.select_related("account", "media").with_photos().get(pk=post.pk))


def show_unsaved(post: Post, content: DraftContent) -> tuple[Post, tuple[MediaFile, ...]]:
    """The post and its photos as the page has them, for showing them again; nothing is stored."""
    for name, value in asdict(content.choices).items():
        setattr(post, name, value)
    files = MediaFile.objects.in_bulk([*content.photo_ids, *filter(None, [content.media_id])])
    for name, value in plan_fields(content.plan).items():
        setattr(post, name, value)
    post.kind, post.cover_photo_id = content.kind, content.cover_photo_id
    post.media = files.get(content.media_id) if content.media_id else None
    return post, tuple(files[pk] for pk in content.photo_ids if pk in files)


def delete_draft(post: Post) -> bool:
    """Delete a draft with its text; its file stays in the library. False when it has ever been consented to."""
    with transaction.atomic():
        stored = Post.objects.select_for_update().get(pk=post.pk)
        if stored.locked_at is not None or Consent.objects.filter(post=stored).exists():
            return False
        stored.delete()
    return True


def _judge(stored: Post, content: DraftContent, page: PageState) -> SaveOutcome:
    is_same = content_of(stored) == content
    if stored.locked_at is not None:
        return SaveOutcome.LOCKED
    if page.editor == stored.editor:
        if page.seq <= stored.editor_seq:
            # A button pressed twice without scripts sends the same thing twice; that is no quarrel.
            return SaveOutcome.UNCHANGED if is_same else SaveOutcome.LATE
    elif page.version != stored.version and not is_same:
        return SaveOutcome.CONFLICT
    return SaveOutcome.UNCHANGED if is_same else SaveOutcome.SAVED


def _write(stored: Post, content: DraftContent, *, page: PageState, is_changed: bool) -> None:
    fields: dict[str, object] = {}
    # A save that changes nothing does not make its page the owner: another open page may be in the middle of a word.
    if is_changed or (page.editor == stored.editor and page.seq > stored.editor_seq):
        fields |= {"editor": page.editor, "editor_seq": page.seq}
    if is_changed:
        fields |= asdict(content.choices)
        fields |= {
            "account_id": content.account_id,
            "media_id": content.media_id,
            "kind": content.kind,
            "cover_photo_id": content.cover_photo_id,
            **plan_fields(content.plan),
            "version": F("version") + 1,
            "updated_at": Now(),
        }
    if content.account_id != stored.account_id:
        fields |= {"creator_info": None, "creator_refusal": "", "creator_asked_at": None}
    if fields:
        Post.objects.filter(pk=stored.pk).update(**fields)
    if is_changed and content.photo_ids != _photo_ids_of(stored):
        PostPhoto.objects.filter(post=stored).delete()
        PostPhoto.objects.bulk_create(
            PostPhoto(post=stored, media_id=pk, position=position)
            for position, pk in enumerate(content.photo_ids)
        )


def content_of(post: Post) -> DraftContent:
    """A draft as it is stored."""
    return DraftContent(
        choices=written_choices(post),
        account_id=post.account_id,
        media_id=post.media_id,
        kind=post.kind,
        photo_ids=_photo_ids_of(post),
        cover_photo_id=post.cover_photo_id,
        plan=plan_of(post),
    )


def _photo_ids_of(post: Post) -> tuple[int, ...]:
    return tuple(PostPhoto.objects.filter(post=post).values_list("media_id", flat=True))
