"""Turns a post, its publication and its attempts into what pages show, so that templates hold no logic."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import quote

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from accounts.models import AccountState, TikTokAccount
from composer.consents import choices_of
from composer.judging import written_choices
from composer.models import Destination, MediaKind, Post
from composer.rules import PRIVACY_LABELS
from publishing.caps import CAP_CODES
from publishing.due_words import due_words_of
from publishing.explanations import explain
from publishing.kinds import kind_of, words_of_draft
from publishing.models import Attempt, Publication
from publishing.naming import poster_url_of, title_of
from publishing.states import RESTING_STATES, State
from publishing.steps import Wait
from publishing.visibility import post_id_to_show, visibility_of
from tiktok.types import CreatorInfo, PrivacyLevel

# Pages ask as often as there can be something new, within these (seconds).
FASTEST_POLL = 2
SLOWEST_POLL = 30
# A draft is asked about for weeks: a page looks out for it while the next answer is near (seconds).
LONGEST_INBOX_WAIT = 600
# How long a page looks out for the link of a public post; TikTok may name it much later, or never.
LINK_WATCH = timedelta(minutes=30)


@dataclass(frozen=True)
class Chip:
    """Who a post goes out for; `avatar_url` is our own copy, empty when there is none for this workspace."""

    nickname: str
    username: str
    avatar_url: str = ""


@dataclass(frozen=True)
class Pill:
    """A state in a word; `progress` in whole percent while bytes are on their way."""

    state: str
    label: str
    progress: int | None = None

    @property
    def words(self) -> str:
        """The state as a sentence reads it, without the figure that changes all the time."""
        return self.label


@dataclass(frozen=True)
class Link:
    """Somewhere to go; `is_external` leads out to TikTok."""

    label: str
    url: str
    is_external: bool = False


@dataclass(frozen=True)
class PostCard:
    """One row of the list of posts."""

    pk: int
    title: str
    url: str
    chip: Chip | None
    poster_url: str
    kind: str
    length: str
    pill: Pill
    advice: str
    action: Link | None
    at: datetime
    at_words: str
    # When it goes out, for one that waits for its time; then `at` says nothing that anybody looks for.
    goes_out: str
    poll_seconds: int | None


STATE_WORDS: dict[str, str] = {
    State.DRAFT: "Draft",
    State.SCHEDULED: "Waiting to be sent",
    State.STARTING: "Getting ready",
    State.UPLOADING: "Sending",
    State.PROCESSING: "TikTok is processing",
    State.IN_INBOX: "In the creator's inbox",
    State.PUBLISHED: "Published",
    State.HELD: "Held",
    State.WAITING_RECONNECT: "Needs reconnecting",
    State.UNCONFIRMED: "Unconfirmed",
    State.FAILED: "Failed",
    State.CANCELLED: "Cancelled",
}


def card_of(post: Post, *, now: datetime, own_zone: str = "") -> PostCard:
    """The row of a post; reads nothing that `listing.posts_of` has not loaded. `own_zone` is the reader's."""
    publication = sent_publication(post)
    if publication is None:
        return _draft_card(post)
    media = publication.consent.media
    return PostCard(
        pk=post.pk,
        title=title_of(choices_of(publication.consent)),
        url=reverse("publishing:post-detail", args=[post.pk]),
        chip=chip_of(publication),
        poster_url=poster_url_of(media),
        kind=kind_of(publication, last_attempt(publication)).words,
        length=length_words(media.duration_ms),
        pill=pill_of(publication, now=now),
        advice=advice_for(publication, now=now),
        action=tiktok_link(publication) if publication.state == State.PUBLISHED else None,
        at=publication.published_at or publication.updated_at,
        at_words="Published" if publication.published_at else "Last change",
        goes_out=(
            due_words_of(publication, own_zone=own_zone, now=now).words
            if is_scheduled_ahead(publication, now=now)
            else ""
        ),
        poll_seconds=poll_seconds(publication, now=now),
    )


def _draft_card(post: Post) -> PostCard:
    edit_url = reverse("composer:post-edit", args=[post.pk])
    return PostCard(
        pk=post.pk,
        title=title_of(written_choices(post), empty="Draft without a caption"),
        url=edit_url,
        chip=_chip(post.account, post.workspace_id) if post.account else None,
        poster_url=_poster_of_draft(post),
        kind=words_of_draft(post),
        length=length_words(post.media.duration_ms) if post.media and post.kind == MediaKind.VIDEO else "",
        pill=Pill(State.DRAFT, STATE_WORDS[State.DRAFT]),
        advice=_what_a_draft_lacks(post),
        action=Link("Go on editing", edit_url),
        at=post.updated_at,
        at_words="Last change",
        goes_out="",
        poll_seconds=None,
    )


def _poster_of_draft(post: Post) -> str:
    if post.kind == MediaKind.VIDEO:
        return poster_url_of(post.media) if post.media else ""
    photos = [photo.media for photo in post.post_photos.all()]
    cover = next(
        (photo for photo in photos if photo.pk == post.cover_photo_id), photos[0] if photos else None
    )
    return poster_url_of(cover) if cover else ""


def _what_a_draft_lacks(post: Post) -> str:
    if post.kind == MediaKind.PHOTO and not post.post_photos.all():
        return "Choose photos."
    if post.kind == MediaKind.VIDEO and post.media is None:
        return "Choose a video."
    if post.account is None:
        return "Choose the account it goes out for."
    if not post.privacy_level and post.destination != Destination.INBOX:
        return "Choose who can view it."
    return "Look it over and post it."


def sent_publication(post: Post) -> Publication | None:
    """The publication of a post that was sent; None for a draft, also for one that was taken back."""
    publication: Publication | None = getattr(post, "publication", None)
    return None if publication is None or publication.state == State.DRAFT else publication


def chip_of(publication: Publication) -> Chip:
    """The account as it is now; once it has gone to another workspace, as it was when the person agreed."""
    account = publication.account
    if account.workspace_id == publication.workspace_id:
        return _chip(account, publication.workspace_id)
    shown = CreatorInfo.from_json(publication.consent.creator_shown)
    return Chip(shown.nickname or "TikTok account", shown.username)


def _chip(account: TikTokAccount, workspace_id: int) -> Chip:
    is_ours = account.workspace_id == workspace_id
    avatar_url = reverse("accounts:avatar", args=[account.pk]) if is_ours and account.avatar else ""
    return Chip(account.nickname or account.display_name, account.username, avatar_url)


def length_words(duration_ms: int | None) -> str:
    """A video's length as players write it, `1:05`; empty when it is not known."""
    if duration_ms is None:
        return ""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def last_attempt(publication: Publication) -> Attempt | None:
    """The newest attempt, from the prefetched ones."""
    return max(publication.attempts.all(), key=lambda attempt: attempt.number, default=None)


def percent_sent(attempt: Attempt | None) -> int | None:
    """Whole percent of the file on its way, never 100 before TikTok has it all; None before the start."""
    if attempt is None or attempt.upload_started_at is None:
        return None
    return min(99, attempt.bytes_sent * 100 // attempt.total_bytes)


def pill_of(publication: Publication, *, now: datetime) -> Pill:
    """The publication's state in words, with the percentage while it is being sent."""
    state = State(publication.state)
    if is_scheduled_ahead(publication, now=now):
        return Pill(state, "Scheduled")
    word = standing_word(state, reason=publication.reason, waiting_for=publication.waiting_for)
    return Pill(state, word, percent_sent(last_attempt(publication)) if state == State.UPLOADING else None)


def standing_word(state: State, *, reason: str, waiting_for: str) -> str:
    """The state in a word, or what it waits for there: the same on every page."""
    if _is_full(state, reason):
        return WAITING_WORDS[Wait.RATE]
    return WAITING_WORDS.get(waiting_for) or STATE_WORDS[state]


def waits_for_room(publication: Publication) -> bool:
    """Whether it waits because TikTok takes no more posts for now (publishing/caps.py)."""
    return _is_full(State(publication.state), publication.reason)


def _is_full(state: State, reason: str) -> bool:
    return state == State.STARTING and reason in CAP_CODES


def is_scheduled_ahead(publication: Publication, *, now: datetime) -> bool:
    """Whether it waits for its time, not for a worker."""
    return publication.state == State.SCHEDULED and publication.due_at > now + timedelta(minutes=1)


# What a post on its way waits for, instead of its state's word; and why nobody has to do anything.
WAITING_WORDS: dict[str, str] = {Wait.TIKTOK: "TikTok does not answer", Wait.RATE: "Waiting its turn"}
WAITING_SENTENCES: dict[str, str] = {
    Wait.TIKTOK: "TikTok does not answer at the moment. This goes on by itself as soon as it does.",
    Wait.RATE: "TikTok takes only a few posts a minute from one account. This one goes when there is room.",
}


def advice_for(publication: Publication, *, now: datetime) -> str:
    """What the person should do next, in a sentence or two."""
    if publication.waiting_for in WAITING_SENTENCES:
        return WAITING_SENTENCES[publication.waiting_for]
    match State(publication.state):
        case State.SCHEDULED if is_scheduled_ahead(publication, now=now):
            return "Nothing to do. It goes out at its time."
        case State.STARTING if waits_for_room(publication):
            return "TikTok takes no more posts for now. It goes out once there is room again."
        case State.SCHEDULED | State.STARTING | State.UPLOADING:
            return "Nothing to do. You can close this page; it goes on by itself."
        case State.PROCESSING:
            if publication.cancel_asked_at is not None and not publication.cancel_answer:
                return "TikTok is being asked to cancel it."
            return "Nothing to do. TikTok usually needs a few minutes."
        case State.IN_INBOX:
            return "The creator opens the notification in the TikTok app to finish and post it."
        case State.PUBLISHED if (seen := visibility_of(publication)) and not seen.is_public:
            return "TikTok says that it is no longer public."
        case State.PUBLISHED:
            return "" if tiktok_link(publication).label == POST_LINK else link_note(publication)
        case _ if may_be_out(publication):
            return "Look at the profile on TikTok, then say whether it is there."
        case _:
            return explain(publication.reason, has_photos=publication.consent.media.is_photo).what_to_do


POST_LINK = "See it on TikTok"
PROFILE_LINK = "See the profile on TikTok"


def tiktok_link(publication: Publication) -> Link:
    """The post itself once TikTok has named it, else the creator's profile."""
    profile = profile_link(publication)
    if post_id := post_id_to_show(publication):
        place = "photo" if publication.consent.media.is_photo else "video"
        return Link(POST_LINK, f"{profile.url}/{place}/{quote(post_id)}", is_external=True)
    return profile


def profile_link(publication: Publication) -> Link:
    """Where the creator's posts stand."""
    url = f"{settings.TIKTOK_AUTH_URL}/@{quote(chip_of(publication).username)}"
    return Link(PROFILE_LINK, url, is_external=True)


def link_note(publication: Publication) -> str:
    """Why a published post has no link of its own (yet)."""
    choices = choices_of(publication.consent)
    if choices.is_inbox:
        return "Who can view it, the creator chose in TikTok. A link comes only if that is everyone."
    level = choices.privacy_level
    if level == PrivacyLevel.PUBLIC_TO_EVERYONE:
        return "The link to the post comes once TikTok has looked it over, mostly within minutes."
    audience = PRIVACY_LABELS.get(level, level)
    return f"TikTok gives no link to posts that not everyone can view. This one is for: {audience}."


def is_account_ready(publication: Publication) -> bool:
    """Whether the account is connected and still belongs to the post's workspace."""
    account = publication.account
    return account.workspace_id == publication.workspace_id and account.state == AccountState.CONNECTED


def may_be_out(publication: Publication) -> bool:
    """Whether it rests although TikTok may have published it: only a look at the profile tells."""
    if publication.state == State.UNCONFIRMED:
        return True
    return publication.state in {State.HELD, State.WAITING_RECONNECT} and any(
        attempt.may_be_public for attempt in publication.attempts.all()
    )


def bytes_words(count: int) -> str:
    """A number of bytes for people, `43.0 MB`."""
    return filesizeformat(count)


def poll_seconds(publication: Publication, *, now: datetime) -> int | None:
    """In how many seconds the page should ask again; None when nothing will change by itself.

    While the engine has a step due, the page asks right after it.
    """
    if publication.state in RESTING_STATES or publication.next_try_at is None:
        return None
    if publication.state == State.PUBLISHED:
        published_at = publication.published_at or publication.updated_at
        if publication.post_ids or now - published_at > LINK_WATCH:
            return None
    wait = ceil((publication.next_try_at - now).total_seconds()) + 1
    if publication.state == State.IN_INBOX and wait > LONGEST_INBOX_WAIT:
        return None
    return min(max(wait, FASTEST_POLL), SLOWEST_POLL)


def soonest(polls: Iterable[int | None]) -> int | None:
    """When a list should ask again: with its liveliest row; None when all rows are still."""
    return min((seconds for seconds in polls if seconds is not None), default=None)
